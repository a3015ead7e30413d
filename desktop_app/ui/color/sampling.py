"""Pixels from all over a view, a region or a slide, for histograms and stain estimates.

Small blocks on a grid, so that the cost does not grow with the slide. Without Qt; on a pool thread.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.viewport import Rect

BLOCK = 48
"""Pixels of the level that is read, each side."""


class SampledSlide(Protocol):
    """What is read from: ``slides.Slide``."""

    @property
    def info(self) -> SlideInfo:
        """Metadata."""

    def read_region(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level, uint8 ``(H, W, 3)``."""


def whole_slide(info: SlideInfo) -> Rect:
    """The part of a slide that holds anything."""
    x, y, width, height = info.bounds or (0, 0, *info.size)
    return float(x), float(y), float(width), float(height)


def sample_places(
    info: SlideInfo, rect: Rect, *, downsample: float, grid: int
) -> tuple[int, list[tuple[int, int]]]:
    """Where blocks are read.

    Parameters
    ----------
    info : SlideInfo
        The slide.
    rect : Rect
        Level-0 pixels; cut off at the slide's edge.
    downsample : float
        Level-0 pixels per pixel wanted.
    grid : int
        Blocks in each direction, fewer where they would overlap.

    Returns
    -------
    tuple[int, list[tuple[int, int]]]
        The level, and the level-0 corners of the blocks; none if the rectangle misses the slide.
    """
    level = info.level_for_downsample(downsample)
    side = BLOCK * level.downsample
    x0, y0 = max(rect[0], 0.0), max(rect[1], 0.0)
    x1, y1 = min(rect[0] + rect[2], info.size[0]), min(rect[1] + rect[3], info.size[1])
    if x1 <= x0 or y1 <= y0:
        return level.index, []
    columns, rows = (_starts(start, end, side, grid) for start, end in ((x0, x1), (y0, y1)))
    return level.index, [(round(x), round(y)) for y in rows for x in columns]


def sample_pixels(
    slide: SampledSlide,
    rect: Rect,
    *,
    downsample: float,
    grid: int = 6,
    inside: BaseGeometry | None = None,
) -> RgbArray:
    """Stored pixels on a grid of blocks.

    Parameters
    ----------
    slide : SampledSlide
        Read from.
    rect : Rect
        Level-0 pixels.
    downsample : float
        Level-0 pixels per pixel wanted.
    grid : int
        Blocks in each direction.
    inside : BaseGeometry | None
        Level-0 polygons; pixels outside are left out.

    Returns
    -------
    RgbArray
        uint8 ``(N, 3)``; N may be 0.

    Raises
    ------
    SlideReadError
        If the slide cannot be read.
    """
    level, places = sample_places(slide.info, rect, downsample=downsample, grid=grid)
    scale = slide.info.levels[level].downsample
    if inside is not None:
        shapely.prepare(inside)
    parts = [np.empty((0, 3), np.uint8)]
    for place in places:
        block = slide.read_region(place, level, (BLOCK, BLOCK)).reshape(-1, 3)
        parts.append(block if inside is None else block[_within(inside, place, scale)])
    return np.concatenate(parts)


def _within(inside: BaseGeometry, place: tuple[int, int], scale: float) -> np.ndarray:
    steps = (np.arange(BLOCK) + 0.5) * scale
    x, y = np.meshgrid(place[0] + steps, place[1] + steps)
    return np.asarray(shapely.contains_xy(inside, x.ravel(), y.ravel()))


def _starts(start: float, end: float, side: float, grid: int) -> list[float]:
    count = max(1, min(grid, int((end - start) / side)))
    step = (end - start) / count
    # In the middle of its share, and not beyond the end where the whole is smaller than a block.
    return [max(start, start + step * (index + 0.5) - side / 2) for index in range(count)]
