"""A level-0 rectangle at an exact size, read block by block.

Tiles at an exact mpp, thumbnails and tissue detection all read through here. Memory is that of the result
plus one block, also on a slide of one level, because blocks are bounded in the pixels of the level that is
read. Any thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from desktop_app.domain.arrays import FloatArray, RgbArray
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.slides.resample import resample

BLOCK = 2048
"""Pixels: longest side of a block, both of the level that is read and of the result."""

_NOISE = 1e-6

ReadRegion: TypeAlias = Callable[[tuple[int, int], int, tuple[int, int]], RgbArray]
"""``SlidePixels.read_region``."""


@dataclass(frozen=True, slots=True)
class _Axis:
    """What to read along one axis for a run of result pixels.

    Attributes
    ----------
    location : int
        Where reading starts, level-0 pixels.
    length : int
        Pixels of the level.
    edges : FloatArray
        float64 ``(count + 1,)``: the result pixels' edges in the pixels read.
    """

    location: int
    length: int
    edges: FloatArray

    @classmethod
    def planned(cls, start: float, step: float, *, count: int, downsample: float) -> _Axis:
        """Enclose ``count`` result pixels of ``step`` level-0 pixels each, from ``start`` on."""
        first, scale = start / downsample, step / downsample
        margin = 1 if scale < 1 - _NOISE else 0  # linear interpolation looks at the neighbors
        lowest = math.floor(first - margin + _NOISE)
        location = round(lowest * downsample)
        if location > (first - margin) * downsample + _NOISE:
            location = round((lowest - 1) * downsample)
        # OpenSlide takes whole level-0 pixels only; where that is inside a level pixel is accounted for here.
        offset = first - location / downsample
        edges = offset + scale * np.arange(count + 1)
        return cls(location, math.ceil(edges[-1] + margin - _NOISE), edges)


def read_scaled(
    read_region: ReadRegion,
    info: SlideInfo,
    *,
    location: tuple[float, float],
    extent: tuple[float, float],
    size: tuple[int, int],
) -> RgbArray:
    """Resample a level-0 rectangle to an exact size.

    Parameters
    ----------
    read_region : ReadRegion
        Gives RGB pixels of one level.
    info : SlideInfo
        Of the same slide.
    location, extent : tuple[float, float]
        Top left and ``(width, height)`` in level-0 pixels.
    size : tuple[int, int]
        ``(width, height)`` of the result.

    Returns
    -------
    RgbArray
        uint8 ``(height, width, 3)``. Relative to the pixels of the level that was read, positions are exact
        to 1e-4 of its pixels and values to 0.5; where the level's downsample is not an integer, OpenSlide
        itself interpolates the level at a shift of at most a quarter of a pixel.

    Raises
    ------
    ValueError
        If the extent or the size is not positive.
    """
    if min(*extent, *size) <= 0:
        raise ValueError(f"nothing to read: extent {extent}, size {size}")
    step_x, step_y = extent[0] / size[0], extent[1] / size[1]
    level = info.level_for_downsample(min(step_x, step_y))
    result = np.empty((size[1], size[0], 3), np.uint8)
    columns, rows = (max(1, int(BLOCK / max(1.0, step / level.downsample))) for step in (step_x, step_y))
    for top in range(0, size[1], rows):
        down = _Axis.planned(
            location[1] + top * step_y, step_y, count=min(rows, size[1] - top), downsample=level.downsample
        )
        for left in range(0, size[0], columns):
            across = _Axis.planned(
                location[0] + left * step_x,
                step_x,
                count=min(columns, size[0] - left),
                downsample=level.downsample,
            )
            pixels = read_region((across.location, down.location), level.index, (across.length, down.length))
            part = resample(pixels, across.edges, down.edges)
            result[top : top + part.shape[0], left : left + part.shape[1]] = part
    return result
