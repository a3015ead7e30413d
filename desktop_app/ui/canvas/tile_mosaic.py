"""The tiles of a view side by side in one picture, which is painted at once.

Painting a scaled or turned view tile by tile costs three to five times as much as painting one picture of
the same size: Qt sets up its sampling for every row of every tile. A tile is therefore copied, once, into
its place in a picture that outlives the frame; a frame copies what is new and paints the picture. The
picture already has the view's quarter turns and its mirroring, because rows that run down the memory are
slow to read; what is left to turn is at most 45 degrees. GUI thread.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

from desktop_app.domain.tile_requests import TileKey, TilePyramid
from desktop_app.domain.viewport import Point, Rect, Viewport
from desktop_app.ui.canvas.draw_list import Edges
from desktop_app.ui.canvas.tile_cache import CachedTile
from desktop_app.ui.canvas.tile_painter import PIXELS_FROM, ROUNDING, SMOOTH

SNAP = 0.75
"""Device pixels: a level whose width on the screen differs by less than this from its own is not resized."""

BEYOND = 2
"""Pixels of a level painted around the view, so that smoothing at its edge has its neighbors."""

Place = tuple[int, int]
"""``(column, row)`` of a tile."""

Places = tuple[int, int, int, int]
"""``(column, row, columns, rows)`` of tiles."""

Spans = tuple[tuple[int, int], tuple[int, int]]
"""Half-open spans of columns and of rows."""

Words = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Turn:
    """The quarter turns and the mirroring that a picture has in itself."""

    quarters: int
    mirrored: bool

    @classmethod
    def of(cls, viewport: Viewport) -> Turn:
        """What leaves at most 45 degrees to the painter."""
        return cls(math.floor(viewport.rotation_deg / 90 + 0.5) % 4, viewport.mirrored)

    @property
    def axes(self) -> tuple[int, int, int, int]:
        """``(xx, xy, yx, yy)``: level pixels to the picture's, ``x' = xx * x + xy * y``."""
        cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[self.quarters]
        side = -1 if self.mirrored else 1
        return side * cos, -sin, side * sin, cos

    def turned(self, rect: Edges, size: tuple[int, int]) -> Edges:
        """A rectangle of an upright picture of that size, in the picture turned."""
        xx, xy, yx, yy = self.axes
        dx, dy = self.shift(size)
        x0, x1 = sorted((xx * rect[0] + xy * rect[1] + dx, xx * rect[2] + xy * rect[3] + dx))
        y0, y1 = sorted((yx * rect[0] + yy * rect[1] + dy, yx * rect[2] + yy * rect[3] + dy))
        return x0, y0, x1, y1

    def shift(self, size: tuple[int, int]) -> tuple[int, int]:
        """What brings the turned picture's top left back to (0, 0)."""
        xx, xy, yx, yy = self.axes
        return -min(0, xx * size[0] + xy * size[1]), -min(0, yx * size[0] + yy * size[1])

    def pixels(self, pixels: Words) -> Words:
        """A tile's pixels, turned; a view, not a copy."""
        return np.rot90(pixels[:, ::-1] if self.mirrored else pixels, -self.quarters)


class TileMosaic:
    """One picture for one widget's view of one level at a time of a pyramid of opaque tiles.

    Parameters
    ----------
    pyramid : TilePyramid
        Whose tiles are shown.

    Attributes
    ----------
    level : int
        Which of its levels is in the picture; the coarsest at first.
    """

    def __init__(self, pyramid: TilePyramid) -> None:
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
            Those of them whose pixels are known; opaque.
        """
        self._make_room(viewport, visible)
        for tile in there:
            self._put(tile)

    def covers(self, rect: Rect) -> bool:
        """Whether all of a level-0 rectangle is in the picture."""
        return all(key[1:3] in self._held for key in self._pyramid.tiles_in_rect(self.level, rect))

    def fills(self, viewport: Viewport) -> bool:
        """Whether all of a view is in the picture."""
        keys = self._pyramid.tiles_in_view(self.level, viewport)
        return bool(keys) and all(key[1:3] in self._held for key in keys)

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
        image = QImage(self._picture.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        parts = [self.edges()] if shown is None else [self._part(run) for run in runs(shown)]
        painter.save()
        _Placing.of(viewport, self).paint(painter, image, viewport, parts)
        painter.restore()

    # ---- where things are in the picture ------------------------------------------------------------

    @property
    def turn(self) -> Turn:
        """How the picture lies."""
        return self._turn

    @property
    def origin(self) -> tuple[int, int]:
        """Pixels of the level at the top left of the upright picture."""
        return self._places[0] * self._tile, self._places[1] * self._tile

    @property
    def upright_size(self) -> tuple[int, int]:
        """``(width, height)`` of the picture before it was turned."""
        return self._places[2] * self._tile, self._places[3] * self._tile

    @property
    def downsample(self) -> float:
        """Level-0 pixels per pixel of the picture."""
        return self._pyramid.levels[self.level].downsample

    def edges(self) -> Edges:
        """The part of the picture that lies on the slide."""
        (x, y), (width, height) = self.origin, self.upright_size
        full = self._pyramid.levels[self.level].size
        part = (max(0, -x), max(0, -y), min(width, full[0] - x), min(height, full[1] - y))
        return self._turn.turned(part, self.upright_size)

    def _part(self, run: Places) -> Edges:
        (column, row, columns, rows), (left, top) = run, self._places[:2]
        rect = (column - left, row - top, column - left + columns, row - top + rows)
        x0, y0, x1, y1 = (self._tile * side for side in rect)
        return _within(self._turn.turned((x0, y0, x1, y1), self.upright_size), self.edges())

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
        extent = self._tile * self.downsample
        grid = self._pyramid.grid(self.level)
        columns, rows = (
            max(min(math.ceil(side / extent) + 1, count), end - start)
            for side, count, (start, end) in zip(sides, grid, spans, strict=True)
        )
        return columns, rows

    def _shape(self) -> None:
        width, height = self.upright_size
        if self._words.size < width * height:
            self._words = np.empty(width * height, np.uint32)
        shape = (width, height) if self._turn.quarters % 2 else (height, width)
        self._picture = self._words[: width * height].reshape(shape)

    def _put(self, tile: CachedTile) -> None:
        place, serial = tile.key[1:3], tile.image.cacheKey()
        if self._held.get(place) != serial:
            self._held[place] = serial
            pixels = self._turn.pixels(_words_of(tile.image))
            x, y = self._corner(place, (tile.image.width(), tile.image.height()))
            self._picture[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels

    def _corner(self, place: Place, size: tuple[int, int]) -> tuple[int, int]:
        x, y = (self._tile * (at - start) for at, start in zip(place, self._places[:2], strict=True))
        left, top, _, _ = self._turn.turned((x, y, x + size[0], y + size[1]), self.upright_size)
        return int(left), int(top)


@dataclass(frozen=True, slots=True)
class _Placing:
    """Where a mosaic's picture lies in a view: ``device = matrix * picture + shift``."""

    matrix: tuple[float, float, float, float]
    shift: Point
    view: tuple[int, int]

    @classmethod
    def of(cls, viewport: Viewport, mosaic: TileMosaic) -> _Placing:
        m11, m12, m21, m22, dx, dy = viewport.matrix
        xx, xy, yx, yy = mosaic.turn.axes
        scale = mosaic.downsample
        # The turn's inverse is its transpose.
        matrix = (
            scale * (m11 * xx + m21 * xy),
            scale * (m11 * yx + m21 * yy),
            scale * (m12 * xx + m22 * xy),
            scale * (m12 * yx + m22 * yy),
        )
        x, y = (scale * side for side in mosaic.origin)
        a, b = mosaic.turn.shift(mosaic.upright_size)
        shift = (
            m11 * x + m21 * y + dx - matrix[0] * a - matrix[1] * b,
            m12 * x + m22 * y + dy - matrix[2] * a - matrix[3] * b,
        )
        return cls(matrix, shift, viewport.size)

    def paint(self, painter: QPainter, image: QImage, viewport: Viewport, parts: Iterable[Edges]) -> None:
        painter.setRenderHint(SMOOTH, viewport.downsample > 1 / PIXELS_FROM)
        if viewport.rotation_deg % 90 == 0:
            placing = self._snapped(viewport.size)
            if placing is not self:
                painter.setRenderHint(SMOOTH, on=False)
            for part in parts:
                placing._paint_straight(painter, image, part)
        else:
            a, b, c, d = self.matrix
            transform = QTransform(a, c, b, d, *self.shift)
            seen = transform.inverted()[0].mapRect(QRectF(0, 0, *viewport.size))
            painter.setWorldTransform(transform * painter.worldTransform())
            for part in parts:
                _paint_turned(painter, image, _within(part, _around(seen)))

    def _snapped(self, view: tuple[int, int]) -> _Placing:
        """The level's own pixels, unchanged, where it is seen at its own scale or as good as that."""
        scale = self.matrix[0]
        if abs(scale - 1) * max(view) >= SNAP:
            return self
        # What is in the middle of the view stays there.
        moved = (side / 2 - (side / 2 - by) / scale for side, by in zip(view, self.shift, strict=True))
        x, y = (math.floor(by + 0.5 + ROUNDING) for by in moved)
        return _Placing((1.0, 0.0, 0.0, 1.0), (x, y), view)

    def _paint_straight(self, painter: QPainter, image: QImage, part: Edges) -> None:
        scale, shift = self.matrix[0], (*self.shift, *self.shift)
        device = [
            math.floor(edge * scale + by + 0.5 + ROUNDING) for edge, by in zip(part, shift, strict=True)
        ]
        x0, y0, x1, y1 = target = _within(device, (0, 0, *self.view))
        if x0 < x1 and y0 < y1:
            source = [(edge - by) / scale for edge, by in zip(target, shift, strict=True)]
            painter.drawImage(_rect(target), image, _rect(_within(source, part)))


def _paint_turned(painter: QPainter, image: QImage, part: Edges) -> None:
    if part[0] < part[2] and part[1] < part[3]:
        painter.drawImage(_rect(part), image, _rect(part))


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


def _within(rect: Sequence[float], edges: Edges) -> Edges:
    return max(rect[0], edges[0]), max(rect[1], edges[1]), min(rect[2], edges[2]), min(rect[3], edges[3])


def _rect(edges: Edges) -> QRectF:
    x0, y0, x1, y1 = edges
    return QRectF(x0, y0, x1 - x0, y1 - y0)


def _around(rect: QRectF) -> Edges:
    x0, y0 = math.floor(rect.left()) - BEYOND, math.floor(rect.top()) - BEYOND
    return x0, y0, math.ceil(rect.right()) + BEYOND, math.ceil(rect.bottom()) + BEYOND


def _words_of(image: QImage) -> Words:
    words = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    return words[:, : image.width()]
