"""The tiles of a view side by side in one picture, which is painted at once.

Painting a scaled or turned view tile by tile costs three to five times as much as painting one picture of
the same size: Qt sets up its sampling for every row of every tile. A tile is therefore copied, once, into
its place in a picture that outlives the frame; a frame copies what is new and paints the picture. GUI thread.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np
from PySide6.QtGui import QImage, QPainter

from desktop_app.domain.tile_requests import TileKey, TilePyramid
from desktop_app.domain.viewport import Rect, Viewport
from desktop_app.ui.canvas.draw_list import Edges
from desktop_app.ui.canvas.mosaic_placing import Lie, Placing, Turn, Words, within
from desktop_app.ui.canvas.tile_cache import CachedTile

Place = tuple[int, int]
"""``(column, row)`` of a tile."""

Places = tuple[int, int, int, int]
"""``(column, row, columns, rows)`` of tiles."""

Spans = tuple[tuple[int, int], tuple[int, int]]
"""Half-open spans of columns and of rows."""


class TileMosaic:
    """One picture for one widget's view of one level at a time of a pyramid.

    Parameters
    ----------
    pyramid : TilePyramid
        Whose tiles are shown.
    opaque : bool
        Nothing shines through them; else a tile's picture may also be null, for nothing at all.

    Attributes
    ----------
    level : int
        Which of its levels is in the picture; the coarsest at first.
    """

    def __init__(self, pyramid: TilePyramid, *, opaque: bool = True) -> None:
        form = QImage.Format
        self._format = form.Format_RGB32 if opaque else form.Format_ARGB32_Premultiplied
        self.level = pyramid.coarsest
        self._pyramid = pyramid
        self._tile = pyramid.tile_size
        self._turn = Turn(0, mirrored=False)
        self._places: Places = (0, 0, 0, 0)
        self._words: Words = np.empty(0, np.uint32)
        self._picture: Words = np.empty((0, 0), np.uint32)
        self._held: dict[Place, int] = {}

    @property
    def nbytes(self) -> int:
        """Bytes of the picture."""
        return int(self._words.nbytes)

    @property
    def filled(self) -> Collection[Place]:
        """The tiles in the picture."""
        return self._held.keys()

    def make_room(self, count: int) -> Words | None:
        """Have memory for so many pixels; returns it if it is new, and then the picture begins anew."""
        if self._words.size >= count:
            return None
        self._words = np.empty(count, np.uint32)
        self._places = (0, 0, 0, 0)
        self._held.clear()
        return self._words

    def show_level(self, level: int) -> None:
        """Begin anew with another level; nothing happens if it is this one."""
        if level != self.level:
            self.level = level
            self._places = (0, 0, 0, 0)
            self._held.clear()

    def fill(self, viewport: Viewport, visible: Sequence[TileKey], there: Iterable[CachedTile]) -> None:
        """Copy what is new into the picture.

        Parameters
        ----------
        viewport : Viewport
            What is seen.
        visible : Sequence[TileKey]
            The tiles of this level that it shows; at least one.
        there : Iterable[CachedTile]
            Those of them whose pixels are known.
        """
        self._make_room(viewport, visible)
        for tile in there:
            self._put(tile)

    def holds_most(self, tiles: Sequence[CachedTile]) -> bool:
        """Whether the picture has more than half of some tiles of its level as they are now."""
        held = sum(self._held.get(tile.key[1:3]) == tile.image.cacheKey() for tile in tiles)
        return 2 * held > len(tiles)

    def covers(self, rect: Rect) -> bool:
        """Whether all of a level-0 rectangle is in the picture."""
        return all(key[1:3] in self._held for key in self._pyramid.tiles_in_rect(self.level, rect))

    def fills(self, viewport: Viewport) -> bool:
        """Whether all of a view is in the picture."""
        keys = self.keys_in_view(viewport)
        return bool(keys) and all(key[1:3] in self._held for key in keys)

    def keys_in_view(self, viewport: Viewport) -> list[TileKey]:
        """The tiles of the picture's level that a view shows, filled in or not."""
        return self._pyramid.tiles_in_view(self.level, viewport)

    def paint(self, painter: QPainter, viewport: Viewport, shown: Collection[Place] | None = None) -> None:
        """Paint what was filled in, also in another view than it was filled for.

        Parameters
        ----------
        painter : QPainter
            In device pixels; its transform is restored.
        viewport : Viewport
            What is seen.
        shown : Collection[Place] | None
            The tiles to paint; None where every tile in view was filled in, which is one paint.
        """
        height, width = self._picture.shape
        image = QImage(self._picture.data, width, height, 4 * width, self._format)
        parts = [self._edges()] if shown is None else [self._part(run) for run in runs(shown)]
        painter.save()
        lie = Lie(self._turn, self._origin, self._size, self._downsample)
        Placing.of(viewport, lie).paint(painter, image, viewport, parts)
        painter.restore()

    # ---- where things are in the picture ------------------------------------------------------------

    @property
    def _size(self) -> tuple[int, int]:
        """``(width, height)`` of the picture before it was turned."""
        return self._places[2] * self._tile, self._places[3] * self._tile

    @property
    def _origin(self) -> tuple[int, int]:
        return self._places[0] * self._tile, self._places[1] * self._tile

    @property
    def _downsample(self) -> float:
        return self._pyramid.levels[self.level].downsample

    def _edges(self) -> Edges:
        """The part of the picture that lies on the slide."""
        (x, y), (width, height) = self._origin, self._size
        full = self._pyramid.levels[self.level].size
        part = (max(0, -x), max(0, -y), min(width, full[0] - x), min(height, full[1] - y))
        return self._turn.turned(part, self._size)

    def _part(self, run: Places) -> Edges:
        (column, row, columns, rows), (left, top) = run, self._places[:2]
        rect = (column - left, row - top, column - left + columns, row - top + rows)
        x0, y0, x1, y1 = (self._tile * side for side in rect)
        return within(self._turn.turned((x0, y0, x1, y1), self._size), self._edges())

    # ---- filling ------------------------------------------------------------------------------------

    def _make_room(self, viewport: Viewport, visible: Sequence[TileKey]) -> None:
        """Keep the picture if the visible tiles have places in it, else begin it anew around them."""
        turn = Turn.of(viewport)
        columns, rows = ([key[axis] for key in visible] for axis in (1, 2))
        spans = ((min(columns), max(columns) + 1), (min(rows), max(rows) + 1))
        if turn == self._turn and _contains(self._places, spans):
            return
        counts = self._counts(viewport, spans)
        x, y = (start - (count - end + start) // 2 for (start, end), count in zip(spans, counts, strict=True))
        self._turn, self._places = turn, (x, y, *counts)
        self._held.clear()
        self._shape()

    def _counts(self, viewport: Viewport, spans: Spans) -> tuple[int, int]:
        """Columns and rows that suffice until another level takes over: zooming does not begin it anew."""
        coarser = self._pyramid.levels[min(self.level + 1, self._pyramid.coarsest)].downsample
        _, _, *sides = viewport.with_downsample(max(coarser, viewport.downsample)).slide_rect()
        extent = self._tile * self._downsample
        grid = self._pyramid.grid(self.level)
        columns, rows = (
            max(min(math.ceil(side / extent) + 1, count), end - start)
            for side, count, (start, end) in zip(sides, grid, spans, strict=True)
        )
        return columns, rows

    def _shape(self) -> None:
        width, height = self._size
        if self._words.size < width * height:
            self._words = np.empty(width * height, np.uint32)
        shape = (width, height) if self._turn.quarters % 2 else (height, width)
        self._picture = self._words[: width * height].reshape(shape)

    def _put(self, tile: CachedTile) -> None:
        place, serial = tile.key[1:3], tile.image.cacheKey()
        if self._held.get(place) != serial:
            self._held[place] = serial
            _, _, *size = self._pyramid.pixel_rect(tile.key)
            x, y = self._corner(place, (size[0], size[1]))
            width, height = reversed(size) if self._turn.quarters % 2 else size
            pixels = 0 if tile.image.isNull() else self._turn.pixels(_words_of(tile.image))
            self._picture[y : y + height, x : x + width] = pixels

    def _corner(self, place: Place, size: tuple[int, int]) -> tuple[int, int]:
        x, y = (self._tile * (at - start) for at, start in zip(place, self._places[:2], strict=True))
        left, top, _, _ = self._turn.turned((x, y, x + size[0], y + size[1]), self._size)
        return int(left), int(top)


def runs(places: Collection[Place]) -> list[Places]:
    """Tiles put together to few rectangles, none of them twice: along the rows, then down."""
    rows: dict[tuple[int, int], list[int]] = {}
    by_row = sorted((row, column) for column, row in places)
    for _, group in groupby(enumerate(by_row), key=lambda item: (item[1][0], item[1][1] - item[0])):
        run = [place for _, place in group]
        rows.setdefault((run[0][1], len(run)), []).append(run[0][0])
    return [
        (column, span[0], columns, len(span))
        for (column, columns), starts in rows.items()
        for span in _unbroken(starts)
    ]


def _unbroken(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Ascending numbers, parted where one is left out."""
    for _, group in groupby(enumerate(numbers), key=lambda item: item[1] - item[0]):
        yield [number for _, number in group]


def _contains(places: Places, spans: Spans) -> bool:
    (x0, x1), (y0, y1) = spans
    x, y, columns, rows = places
    return x <= x0 and x1 <= x + columns and y <= y0 and y1 <= y + rows


def _words_of(image: QImage) -> Words:
    words = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    return words[:, : image.width()]
