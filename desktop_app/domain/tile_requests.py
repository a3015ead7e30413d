"""Which tiles of a pyramid a view needs, in the order they are needed.

The canvas, the annotation overlay and later layers ask the same questions of different pyramids; here
they are answered without Qt and without pixels, so that they can be tested by the thousand. Pure; any
thread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from desktop_app.domain.arrays import FloatArray, MaskArray
from desktop_app.domain.slide_info import Level
from desktop_app.domain.viewport import Rect, Viewport

OVERVIEW_PIXELS = 512
"""The coarsest level of a pyramid is at most this wide and high: it serves minimap and first glance."""

PINNED_BYTES = 24 * 2**20
"""Levels that fit in this, from the coarsest on, stay in memory as the fallback of every view."""

LEVEL_TOLERANCE = 0.01
"""A level may be this much (relative) too coarse and still be shown as it is."""


class TileKey(NamedTuple):
    """The name of one tile.

    Attributes
    ----------
    level : int
        Index into the pyramid's levels, 0 the finest.
    column, row : int
        Place in the level's grid.
    generation : int
        What it was painted with: display settings, or the state of the annotations. A tile of an older
        generation may be shown until the new one is there, but never counts as sharp.
    """

    level: int
    column: int
    row: int
    generation: int = 0

    @property
    def place(self) -> tuple[int, int, int]:
        """``(level, column, row)``: the same place whatever the generation."""
        return self[:3]


@dataclass(frozen=True, slots=True)
class TileLevel:
    """One resolution that tiles are shown at.

    Attributes
    ----------
    size : tuple[int, int]
        Pixels, ``(width, height)``.
    downsample : float
        Level-0 pixels per pixel.
    read_level : int
        The slide's level that it is read from.
    shrink : int
        Power of two by which what was read is made smaller; 1 where the slide has this level itself.
    """

    size: tuple[int, int]
    downsample: float
    read_level: int
    shrink: int = 1


def tile_levels(levels: Sequence[Level]) -> tuple[TileLevel, ...]:
    """The slide's levels with halves filled in between, and coarser ones below the last.

    Painting a level at less than half its size skips pixels and shows what is not there; a pyramid of
    factor 4, or a slide of one level, therefore gets levels that the loader makes by area.

    Parameters
    ----------
    levels : Sequence[Level]
        Finest first, as ``SlideInfo`` has them.

    Returns
    -------
    tuple[TileLevel, ...]
        Finest first; neighbors differ by less than a factor of 2.9, the last is at most
        ``OVERVIEW_PIXELS`` wide and high.
    """
    made: list[TileLevel] = []
    for level, coarser in zip(levels, [*levels[1:], None], strict=True):
        made.append(TileLevel(level.size, level.downsample, level.index))
        shrink = 2
        while _has_room(made[-1], level, shrink, coarser):
            size = (-(-level.size[0] // shrink), -(-level.size[1] // shrink))
            made.append(TileLevel(size, level.downsample * shrink, level.index, shrink))
            shrink *= 2
    return tuple(made)


def _has_room(last: TileLevel, level: Level, shrink: int, coarser: Level | None) -> bool:
    if coarser is None:
        return max(last.size) > OVERVIEW_PIXELS
    # The next level of the slide itself is better than a made one close to it.
    return level.downsample * shrink * 1.4 < coarser.downsample


@dataclass(frozen=True)
class TilePyramid:
    """Levels cut into a grid of square tiles.

    Attributes
    ----------
    levels : tuple[TileLevel, ...]
        Finest first; never empty.
    tile_size : int
        Pixels of a level; the last column and row are narrower.
    """

    levels: tuple[TileLevel, ...]
    tile_size: int

    @property
    def coarsest(self) -> int:
        """Index of the last level."""
        return len(self.levels) - 1

    @cached_property
    def pinned(self) -> frozenset[int]:
        """Levels whose tiles stay in memory: the coarsest ones, up to ``PINNED_BYTES`` in all."""
        total = np.cumsum([4 * level.size[0] * level.size[1] for level in reversed(self.levels)])
        count = max(1, int((total <= PINNED_BYTES).sum()))
        return frozenset(range(len(self.levels) - count, len(self.levels)))

    def level_for(self, downsample: float) -> int:
        """The coarsest level that is fine enough for ``downsample`` (level-0 px per device px)."""
        limit = downsample * (1 + LEVEL_TOLERANCE)
        return max(
            (index for index, level in enumerate(self.levels) if level.downsample <= limit),
            key=lambda index: self.levels[index].downsample,
            default=0,
        )

    def grid(self, level: int) -> tuple[int, int]:
        """``(columns, rows)`` of a level."""
        width, height = self.levels[level].size
        return -(-width // self.tile_size), -(-height // self.tile_size)

    def pixel_rect(self, key: TileKey) -> tuple[int, int, int, int]:
        """``(x, y, width, height)`` in pixels of the tile's own level, cut off at the level's edge."""
        width, height = self.levels[key.level].size
        x, y = key.column * self.tile_size, key.row * self.tile_size
        return x, y, min(self.tile_size, width - x), min(self.tile_size, height - y)

    def slide_rect(self, key: TileKey) -> Rect:
        """``(x, y, width, height)`` in level-0 pixels."""
        x0, y0, x1, y1 = self.slide_edges(key)
        return x0, y0, x1 - x0, y1 - y0

    def slide_edges(self, key: TileKey) -> tuple[float, float, float, float]:
        """``(x0, y0, x1, y1)`` in level-0 pixels; neighbors have the very same number in common."""
        downsample = self.levels[key.level].downsample
        x, y, width, height = self.pixel_rect(key)
        return x * downsample, y * downsample, (x + width) * downsample, (y + height) * downsample

    def all_tiles(self, level: int) -> list[TileKey]:
        """Every tile of a level, by row."""
        columns, rows = self.grid(level)
        return [TileKey(level, column, row) for row in range(rows) for column in range(columns)]

    def tiles_in_rect(self, level: int, rect: Rect) -> list[TileKey]:
        """Tiles of a level that a level-0 rectangle touches, by row."""
        (x0, x1), (y0, y1) = self._ranges(level, rect)
        return [TileKey(level, column, row) for row in range(y0, y1) for column in range(x0, x1)]

    def tiles_in_view(self, level: int, viewport: Viewport, *, margin: int = 0) -> list[TileKey]:
        """Tiles of a level that the view shows, the nearest to its middle first.

        Parameters
        ----------
        level : int
            Index of the level.
        viewport : Viewport
            May be turned: tiles outside of the turned view are left out.
        margin : int
            Tiles added all around.
        """
        edge = margin * self.tile_size * self.levels[level].downsample
        x, y, width, height = viewport.slide_rect()
        rect = (x - edge, y - edge, width + 2 * edge, height + 2 * edge)
        (x0, x1), (y0, y1) = self._ranges(level, rect)
        columns, rows = (grid.ravel() for grid in np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)))
        extent = self.tile_size * self.levels[level].downsample
        centers = np.column_stack([columns + 0.5, rows + 0.5]) * extent
        distance = np.hypot(*(centers - viewport.center).T)
        distance[~_touches_view(viewport, centers, extent, edge)] = np.inf
        order = np.argsort(distance, kind="stable")[: int(np.isfinite(distance).sum())]
        places = zip(columns[order].tolist(), rows[order].tolist(), strict=True)
        return [TileKey(level, column, row) for column, row in places]

    def _ranges(self, level: int, rect: Rect) -> tuple[tuple[int, int], tuple[int, int]]:
        extent = self.tile_size * self.levels[level].downsample
        columns, rows = self.grid(level)
        x, y, width, height = rect
        across = _touched(x / extent, (x + width) / extent, columns)
        return across, _touched(y / extent, (y + height) / extent, rows)


def _touched(start: float, end: float, count: int) -> tuple[int, int]:
    # Plain arithmetic: this runs some hundred times per frame. An edge that lies on a tile's edge but for
    # rounding does not touch the next tile.
    first, last = math.floor(start + 1e-6), math.ceil(end - 1e-6)
    return min(max(first, 0), count), min(max(last, 0), count)


def _touches_view(viewport: Viewport, centers: FloatArray, extent: float, edge: float) -> MaskArray:
    m11, m12, *_ = viewport.matrix
    reach = extent * (abs(m11) + abs(m12)) / 2 + edge / viewport.downsample
    half = np.asarray(viewport.size) / 2
    offset = np.abs(viewport.to_view(centers) - half)
    touching: MaskArray = np.logical_and(offset[:, 0] < half[0] + reach, offset[:, 1] < half[1] + reach)
    return touching


@dataclass(frozen=True, slots=True)
class TileRequests:
    """What a view needs.

    Attributes
    ----------
    visible : tuple[TileKey, ...]
        What is seen, at the level it should be seen at; the view is sharp once these are there.
    ordered : tuple[TileKey, ...]
        Everything worth loading, the most urgent first; contains ``visible``.
    """

    visible: tuple[TileKey, ...]
    ordered: tuple[TileKey, ...]


def tile_requests(pyramid: TilePyramid, viewport: Viewport) -> TileRequests:
    """The tiles that a view needs, coarse before fine and the middle first.

    First the overview where the slide has it ready (it is small, and something is seen at once), then
    what is seen, then the pinned levels that every later view falls back on, last a ring around the view.

    Parameters
    ----------
    pyramid : TilePyramid
        The slide's, or an overlay's.
    viewport : Viewport
        Device pixels, so that a dense screen gets the finer level it can show.
    """
    level = pyramid.level_for(viewport.downsample)
    visible = pyramid.tiles_in_view(level, viewport)
    overview = pyramid.all_tiles(pyramid.coarsest)
    ready = pyramid.levels[pyramid.coarsest].shrink == 1
    fallback = [
        key
        for index in sorted(pyramid.pinned, reverse=True)
        # A level that has to be made reads as many pixels as the finest; only the overview is worth it.
        if pyramid.levels[index].shrink == 1
        for key in pyramid.all_tiles(index)
    ]
    ring = pyramid.tiles_in_view(level, viewport, margin=1)
    ordered = [*(overview if ready else []), *visible, *fallback, *overview, *ring]
    return TileRequests(tuple(visible), tuple(dict.fromkeys(ordered)))
