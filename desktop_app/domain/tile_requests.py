"""Which tiles of a pyramid a view needs, in the order they are needed.

The canvas, the annotation overlay and later layers ask the same questions of different pyramids; here
they are answered without Qt and without pixels, so that they can be tested by the thousand. Pure; any
thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from desktop_app.domain.slide_info import Level
from desktop_app.domain.viewport import Rect, Viewport

OVERVIEW_PIXELS = 512
"""The coarsest level of a pyramid is at most this wide and high: it serves minimap and first glance."""

PINNED_BYTES = 24 * 2**20
"""Levels that fit in this, from the coarsest on, stay in memory as the fallback of every view."""

LEVEL_TOLERANCE = 0.01
"""A level may be this much (relative) too coarse and still be shown as it is."""

FRAMES_AHEAD = 10
"""So many frames before it is seen a tile is asked for: a sixth of a second at 60 Hz."""

STEP_SHARE, STEP_ZOOM = 0.25, 1.25
"""A step of more than this share of the view, or beyond this factor, is a jump and not a movement."""


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

    def shows_own_pixels(self, viewport: Viewport) -> bool:
        """Whether a level's pixels reach the screen as they are, neither resized nor turned."""
        level = self.levels[self.level_for(viewport.downsample)]
        return viewport.is_upright and viewport.downsample == level.downsample

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

    def tiles_in_view(
        self, level: int, viewport: Viewport, *, margin: int = 0, generation: int = 0
    ) -> list[TileKey]:
        """Tiles of a level that the view shows, the nearest to its middle first.

        Parameters
        ----------
        level : int
            Index of the level.
        viewport : Viewport
            May be turned: tiles outside of the turned view are left out.
        margin : int
            Tiles added all around.
        generation : int
            Part of the keys.
        """
        extent = self.tile_size * self.levels[level].downsample
        edge = margin * extent
        x, y, width, height = viewport.slide_rect()
        columns, rows = self._ranges(level, (x - edge, y - edge, width + 2 * edge, height + 2 * edge))
        offsets = _offsets(columns, viewport.center[0], extent), _offsets(rows, viewport.center[1], extent)
        touches = _touching(viewport, extent, edge)
        # Plain arithmetic: for the some ten tiles of a view it beats numpy, and it runs in every frame.
        found = [
            (across * across + down * down, row, column)
            for row, down in zip(range(*rows), offsets[1], strict=True)
            for column, across in zip(range(*columns), offsets[0], strict=True)
            if touches(across, down)
        ]
        found.sort()
        return [TileKey(level, column, row, generation) for _, row, column in found]

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


def _offsets(tiles: tuple[int, int], middle: float, extent: float) -> list[float]:
    return [(tile + 0.5) * extent - middle for tile in range(*tiles)]


def _touching(viewport: Viewport, extent: float, edge: float) -> Callable[[float, float], bool]:
    """Whether a tile whose middle is so far from the view's (level-0 pixels) is seen in a turned view."""
    if viewport.rotation_deg % 90 == 0:
        return lambda across, down: True
    m11, m12, m21, m22, *_ = viewport.matrix
    reach = extent * (abs(m11) + abs(m12)) / 2 + edge / viewport.downsample
    wide, high = (side / 2 + reach for side in viewport.size)
    return lambda across, down: (
        abs(m11 * across + m21 * down) < wide and abs(m12 * across + m22 * down) < high
    )


@dataclass(frozen=True, slots=True)
class TileRequests:
    """What a view needs.

    Attributes
    ----------
    visible : tuple[TileKey, ...]
        What is seen, at the level it should be seen at; the view is sharp once these are there.
    ordered : tuple[TileKey, ...]
        Everything worth loading, the most urgent first; contains ``visible``.
    first : tuple[TileKey, ...]
        Where ``visible`` has to be made of many tiles: coarser ones that cover the view before.
    """

    visible: tuple[TileKey, ...]
    ordered: tuple[TileKey, ...]
    first: tuple[TileKey, ...] = ()


def tile_requests(
    pyramid: TilePyramid, viewport: Viewport, *, before: Viewport | None = None, generation: int = 0
) -> TileRequests:
    """The tiles that a view needs, coarse before fine and the middle first.

    First the overview where the slide has it ready (it is small, and something is seen at once); then, where
    the level that is seen has to be made of many tiles, a coarser one that is there; then what is seen; then
    what will be seen if the view goes on as it came; then the pinned levels that every later view falls back
    on; last a ring around the view.

    Parameters
    ----------
    pyramid : TilePyramid
        The slide's, or an overlay's.
    viewport : Viewport
        Device pixels, so that a dense screen gets the finer level it can show.
    before : Viewport | None
        The view of the frame before this one.
    generation : int
        Part of the keys.
    """
    level = pyramid.level_for(viewport.downsample)
    visible = pyramid.tiles_in_view(level, viewport, generation=generation)
    first = _first_picture(pyramid, level, viewport, generation)
    overview = _overview(pyramid, generation)
    ready = pyramid.levels[pyramid.coarsest].shrink == 1
    ring = pyramid.tiles_in_view(level, viewport, margin=1, generation=generation)
    ordered = [
        *(overview if ready else ()),
        *first,
        *visible,
        *_ahead(pyramid, before, viewport, generation),
        *_fallback(pyramid, generation),
        *overview,
        *ring,
    ]
    return TileRequests(tuple(visible), tuple(dict.fromkeys(ordered)), tuple(first))


@lru_cache(maxsize=16)
def _overview(pyramid: TilePyramid, generation: int) -> tuple[TileKey, ...]:
    return tuple(key._replace(generation=generation) for key in pyramid.all_tiles(pyramid.coarsest))


@lru_cache(maxsize=16)
def _fallback(pyramid: TilePyramid, generation: int) -> tuple[TileKey, ...]:
    return tuple(
        key._replace(generation=generation)
        for index in sorted(pyramid.pinned, reverse=True)
        # A level that has to be made reads as many pixels as the finest; only the overview is worth it.
        if pyramid.levels[index].shrink == 1
        for key in pyramid.all_tiles(index)
    )


def _first_picture(pyramid: TilePyramid, level: int, viewport: Viewport, generation: int) -> list[TileKey]:
    """The next coarser tiles that can be read as they are, where those that are seen have to be made."""
    if pyramid.levels[level].shrink == 1:
        return []
    ready = (index for index in range(level + 1, len(pyramid.levels)) if pyramid.levels[index].shrink == 1)
    coarser = next(ready, None)
    return [] if coarser is None else pyramid.tiles_in_view(coarser, viewport, generation=generation)


def _ahead(
    pyramid: TilePyramid, before: Viewport | None, viewport: Viewport, generation: int
) -> list[TileKey]:
    expected = None if before is None else expected_view(before, viewport)
    if expected is None:
        return []
    level = pyramid.level_for(expected.downsample)
    return pyramid.tiles_in_view(level, expected, generation=generation)


def expected_view(before: Viewport, now: Viewport) -> Viewport | None:
    """Where a view will be ``FRAMES_AHEAD`` frames later if it goes on as it came.

    Returns
    -------
    Viewport | None
        None if it rests, or if it jumped and its way says nothing.
    """
    dx, dy = (here - there for here, there in zip(now.center, before.center, strict=True))
    zoom = now.downsample / before.downsample
    jumped = math.hypot(dx, dy) > STEP_SHARE * min(now.size) * now.downsample
    if jumped or not 1 / STEP_ZOOM < zoom < STEP_ZOOM or (dx == dy == 0 and zoom == 1):
        return None
    x, y = now.center
    going = min(max(zoom**FRAMES_AHEAD, 0.5), 2.0)
    moved = (x + FRAMES_AHEAD * dx, y + FRAMES_AHEAD * dy)
    return now.centered_on(moved).with_downsample(now.downsample * going)
