"""The tiles of a view side by side in one picture, which is painted at once.

Painting a scaled or turned view tile by tile costs three to five times as much as painting one picture of
the same size: Qt sets up its sampling for every row of every tile. A tile is therefore copied, once, into
its place in a picture that outlives the frame; a frame copies what is new and paints the picture. GUI thread.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np
from PySide6.QtGui import QImage, QPainter

from desktop_app.domain.tile_requests import TileKey, TilePyramid
from desktop_app.domain.viewport import Rect, Viewport
from desktop_app.ui.canvas.draw_list import DrawTile, Edges, within
from desktop_app.ui.canvas.glaze import Coat, Serial
from desktop_app.ui.canvas.mosaic_placing import UPRIGHT, Lie, Placing, Turn, Words
from desktop_app.ui.canvas.tile_cache import CachedTile
from desktop_app.ui.canvas.tile_painter import rect_of

Place = tuple[int, int]
"""``(column, row)`` of a tile."""

Places = tuple[int, int, int, int]
"""``(column, row, columns, rows)`` of tiles."""

Spans = tuple[tuple[int, int], tuple[int, int]]
"""Half-open spans of columns and of rows."""


STRIP_ROWS = 32
"""So many rows of a picture are moved at once: they stay in the processor's cache; at most a tile's."""


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
        self._turn = UPRIGHT
        self._places: Places = (0, 0, 0, 0)
        self._words: Words = np.empty(0, np.uint32)
        self._picture: Words = np.empty((0, 0), np.uint32)
        self._held: dict[Place, int] = {}
        self._coats: dict[Place, Serial] = {}

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
        self._forget()
        return self._words

    def show_level(self, level: int) -> None:
        """Begin anew with another level; nothing happens if it is this one."""
        if level != self.level:
            self.level = level
            self._places = (0, 0, 0, 0)
            self._forget()

    def fill(
        self,
        viewport: Viewport,
        visible: Sequence[TileKey],
        there: Iterable[CachedTile],
        coat: Coat | None = None,
        renewals: int | None = None,
    ) -> bool:
        """Copy what is new into the picture.

        Parameters
        ----------
        viewport : Viewport
            What is seen.
        visible : Sequence[TileKey]
            The tiles of this level that it shows; at least one.
        there : Iterable[CachedTile]
            Those of them whose pixels are known.
        coat : Coat | None
            What to blend into them.
        renewals : int | None
            In how many tiles at most a stand-in gives way to what it stands for; None for all.

        Returns
        -------
        bool
            Whether more stand-ins could have given way.
        """
        self._make_room(viewport, visible)
        to_coat = []
        left = len(visible) if renewals is None else renewals
        for tile in there:
            place = tile.key[1:3]
            serial = None if coat is None else coat.serial(tile.key)
            if coat is not None and self._coats.get(place) == coat.standing_in and self.has(tile):
                left -= serial is not None
                if serial is None or left < 0:
                    serial = coat.standing_in
            if self._coats.get(place, serial) != serial:
                # What was blended in cannot be taken out.
                del self._held[place]
            self._put(tile)
            if serial is not None and place not in self._coats:
                self._coats[place] = serial
                if serial:
                    to_coat.append(tile.key)
        if coat is not None and to_coat:
            self._blend(coat, to_coat)
        return left < 0

    def stand_in(self, coat: Coat, pieces: Mapping[TileKey, Sequence[tuple[DrawTile, QImage]]]) -> None:
        """Blend what stands in for the coat of some tiles into them, until that is there.

        Parameters
        ----------
        coat : Coat
            What is to come.
        pieces : Mapping[TileKey, Sequence[tuple[DrawTile, QImage]]]
            By tile of the level, which must be in the picture.
        """
        image = self._image()
        painter = QPainter(image)
        painter.setOpacity(coat.opacity)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setWorldTransform(self._turn.transform(self._origin, self._size))
        painter.scale(1 / self._downsample, 1 / self._downsample)
        for key, parts in pieces.items():
            self._coats[key[1:3]] = coat.standing_in
            for part, pixels in parts:
                painter.drawImage(rect_of(part.edges), pixels, rect_of(part.source))
        painter.end()

    def is_coated(self, key: TileKey) -> bool:
        """Whether a tile of the level is in the picture, with its coat or what stands in for that."""
        return key[1:3] in self._coats

    def has(self, tile: CachedTile) -> bool:
        """Whether the picture has a tile of its level as it is now, whatever was blended into it."""
        return self._held.get(tile.key[1:3]) == tile.image.cacheKey()

    def strip(self, key: TileKey, tile: CachedTile | None) -> None:
        """Have a tile's own pixels where something was blended into them; without the tile, nothing."""
        place = key[1:3]
        if self._coats.get(place):
            del self._held[place], self._coats[place]
            if tile is not None and not tile.image.isNull():
                self._put(tile)

    def holds_most(self, tiles: Sequence[CachedTile]) -> bool:
        """Whether the picture has more than half of some tiles of its level as they are now."""
        return 2 * sum(map(self.has, tiles)) > len(tiles)

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
        image = self._image()
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
        column, row, columns, rows = run
        rect = (column, row, column + columns, row + rows)
        return within(self._within(rect, self._places), self._edges())

    # ---- filling ------------------------------------------------------------------------------------

    def _make_room(self, viewport: Viewport, visible: Sequence[TileKey]) -> None:
        """Keep the picture if the visible tiles have places in it, else begin it anew around them."""
        turn = Turn.of(viewport)
        columns, rows = ([key[axis] for key in visible] for axis in (1, 2))
        spans = ((min(columns), max(columns) + 1), (min(rows), max(rows) + 1))
        if turn == self._turn and _contains(self._places, spans):
            return
        counts = self._counts(viewport, spans)
        if turn == self._turn and self._places[2:] == counts:
            x, y = map(_moved_start, self._places[:2], spans, counts)
            self._shift((x, y, *counts))
        else:
            x, y = map(_middle_start, spans, counts)
            self._turn, self._places = turn, (x, y, *counts)
            self._forget()
            self._shape()

    def _shift(self, places: Places) -> None:
        """Have other tiles in the picture; what it goes on having is moved within it."""
        (x, y, columns, rows), (left, top) = places, self._places[:2]
        x0, y0, x1, y1 = within((x, y, x + columns, y + rows), (left, top, left + columns, top + rows))
        kept = {place for place in self._held if x0 <= place[0] < x1 and y0 <= place[1] < y1}
        if kept:
            rect = (x0, y0, x1, y1)
            _move(self._picture, self._within(rect, self._places), self._within(rect, places))
        self._held = {place: self._held[place] for place in kept}
        self._coats = {place: coat for place, coat in self._coats.items() if place in kept}
        self._places = places

    def _within(self, rect: Edges, places: Places) -> Edges:
        """Tiles as a rectangle of a picture that has these places."""
        x0, y0, x1, y1 = rect
        left, top, _, _ = places
        upright = (x0 - left, y0 - top, x1 - left, y1 - top)
        a, b, c, d = (self._tile * side for side in upright)
        return self._turn.turned((a, b, c, d), self._size)

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
            self._coats.pop(place, None)
            _, _, *size = self._pyramid.pixel_rect(tile.key)
            x, y = self._corner(place, (size[0], size[1]))
            width, height = reversed(size) if self._turn.quarters % 2 else size
            pixels = 0 if tile.image.isNull() else self._turn.pixels(_words_of(tile.image))
            self._picture[y : y + height, x : x + width] = pixels

    def _blend(self, coat: Coat, keys: Sequence[TileKey]) -> None:
        straight = self._takes_sketches(coat)
        if straight:
            height, width = self._picture.shape
            coat.draw_sketches(self._picture.view(np.uint8).reshape(height, width, 4), self._origin, keys)
        image = self._image()
        painter = QPainter(image)
        painter.setOpacity(coat.opacity)
        painter.setWorldTransform(self._turn.transform(self._origin, self._size))
        coat.blend(painter, keys, sketches=not straight)
        painter.end()

    def _takes_sketches(self, coat: Coat) -> bool:
        return coat.takes_sketches and self._turn == UPRIGHT

    def _image(self) -> QImage:
        height, width = self._picture.shape
        return QImage(self._picture.data, width, height, 4 * width, self._format)

    def _forget(self) -> None:
        self._held.clear()
        self._coats.clear()

    def _corner(self, place: Place, size: tuple[int, int]) -> tuple[int, int]:
        x, y = (self._tile * (at - start) for at, start in zip(place, self._places[:2], strict=True))
        left, top, _, _ = self._turn.turned((x, y, x + size[0], y + size[1]), self._size)
        return int(left), int(top)


def _middle_start(span: tuple[int, int], count: int) -> int:
    """Where so many places begin that have a span in their middle."""
    start, end = span
    return start - (count - end + start) // 2


def _moved_start(before: int, span: tuple[int, int], count: int) -> int:
    """The same for places that began elsewhere: a view that leaves them at one end goes on that way."""
    start, end = span
    if before <= start and end <= before + count:
        return before
    if before - count < start < before:
        return end - count
    if before + count < end < before + 2 * count:
        return start
    return _middle_start(span, count)


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


def _move(picture: Words, old: Edges, new: Edges) -> None:
    """Copy a rectangle within a picture, in strips, so that what is still to be read is not written over."""
    left, top, right, bottom = (int(edge) for edge in old)
    x, y = int(new[0]) - left, int(new[1]) - top
    # What overlaps numpy would copy whole before, into memory that is new each time.
    aside = np.empty((STRIP_ROWS, right - left), np.uint32) if y == 0 else None
    strips = range(top, bottom, STRIP_ROWS)
    for row in strips if y <= 0 else reversed(strips):
        end = min(row + STRIP_ROWS, bottom)
        strip = picture[row:end, left:right]
        if aside is not None:
            aside[: end - row] = strip
            strip = aside[: end - row]
        picture[row + y : end + y, left + x : right + x] = strip


def _contains(places: Places, spans: Spans) -> bool:
    (x0, x1), (y0, y1) = spans
    x, y, columns, rows = places
    return x <= x0 and x1 <= x + columns and y <= y0 and y1 <= y + rows


def _words_of(image: QImage) -> Words:
    words = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    return words[:, : image.width()]
