"""The slide's tiles painted as pictures: the level that is seen, and beneath it what stands in for it.

While tiles of a newly chosen level are still missing, the picture of the level before it is painted beneath,
and where that ends, pieces of coarser tiles; each is a handful of paints, however many tiles are missing.
GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter

from desktop_app.domain.tile_requests import TileKey, TilePyramid
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas.draw_list import DrawTile, pieces_for, stand_ins
from desktop_app.ui.canvas.glaze import Coat, Glaze
from desktop_app.ui.canvas.mosaic_placing import Words
from desktop_app.ui.canvas.tile_buffers import READY_BYTES
from desktop_app.ui.canvas.tile_cache import CachedTile, TileCache
from desktop_app.ui.canvas.tile_mosaic import TileMosaic
from desktop_app.ui.canvas.tile_painter import device_rects, paint_tiles

LARGEST_AHEAD = 64 * 2**20
"""Bytes: a larger picture (of a screen of 4K) is not touched before it is needed."""

PREPARED_TILES = 12
"""So many tiles of a level to come are copied after a frame: some two milliseconds."""


STAND_INS = 8
"""So many tiles get a stand-in for their glaze in a frame: some two milliseconds."""

FEW_BARE = 6
"""Above so many tiles what stands in for their glaze is painted in every frame: it will soon be there."""

RENEWALS = 6
"""In so many tiles of a moving view a stand-in gives way to the glaze in a frame."""

HELD_TILES = 8
"""While more tiles than this have yet to be copied or coated, a moving view shows the level before."""


class MosaicPainter:
    """Paints one widget's views of one pyramid of opaque tiles.

    Two pictures take turns: one of the level that is seen, one of the level before it.

    Parameters
    ----------
    pyramid : TilePyramid
        Levels and tile size.
    cache : TileCache
        Where the tiles are.
    touch_later : Callable[[Words], None] | None
        Has fresh memory touched while nothing else is to be done.

    Attributes
    ----------
    glaze : Glaze | None
        What lies over the tiles, with nothing in between, and is blended into the pictures.
    """

    def __init__(
        self,
        pyramid: TilePyramid,
        cache: TileCache,
        touch_later: Callable[[Words], None] | None = None,
    ) -> None:
        self._pyramid = pyramid
        self._cache = cache
        self._touch_later = touch_later
        self.glaze: Glaze | None = None
        self._front, self._other = TileMosaic(pyramid), TileMosaic(pyramid)
        self._stands_in = False
        self._size = (0, 0)
        self._painted: Viewport | None = None
        self._is_behind = False
        self._frame = QImage()

    @property
    def nbytes(self) -> int:
        """Bytes of the pictures."""
        return self._front.nbytes + self._other.nbytes + self._frame.sizeInBytes()

    @property
    def is_behind(self) -> bool:
        """Whether the last view was painted from the level before, and would be sharper if painted again."""
        return self._is_behind

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the best there is time for; what there is nothing for is left as it is.

        While the view moves a new level of it, all of which would be too much for one frame, is made ready
        in parts, and the level before is painted until then.
        """
        if viewport.size != self._size:
            self._size = viewport.size
            self._make_room()
        self._is_behind = False
        self._paint(painter, viewport)
        self._painted = viewport
        # What else is held for this view is taken from the tiles: memory stays what the cache may hold.
        self._cache.reserve(self.nbytes + self._cache.bytes_pinned + READY_BYTES)

    def _make_room(self) -> None:
        tile = self._pyramid.tile_size
        columns, rows = (
            min(-(-2 * side // tile) + 1, count)
            for side, count in zip(self._size, self._pyramid.grid(0), strict=True)
        )
        for picture in (self._front, self._other):
            fresh = picture.make_room(columns * rows * tile * tile)
            if fresh is not None and self._touch_later is not None and fresh.nbytes <= LARGEST_AHEAD:
                self._touch_later(fresh)

    def take_in(self, viewport: Viewport, *, ahead: bool = False) -> None:
        """Copy the tiles that are there already, for a paint to come.

        Parameters
        ----------
        viewport : Viewport
            What will be painted.
        ahead : bool
            Also where the first paint needs no picture.
        """
        visible, there = self._found(viewport)
        if there and viewport.size == self._size and (ahead or not self._pyramid.shows_own_pixels(viewport)):
            self._front.fill(viewport, visible, there, self._coat(viewport))

    def prepare(self, viewport: Viewport) -> None:
        """Copy some tiles of another level that is about to be seen, so that its first frame need not.

        Parameters
        ----------
        viewport : Viewport
            Where the view is going.
        """
        level = self._pyramid.level_for(viewport.downsample)
        if level == self._front.level or self._stands_in or viewport.size != self._size:
            return
        self._other.show_level(level)
        visible = self._pyramid.tiles_in_view(level, viewport)
        new = (tile for tile in self._there(visible) if not self._other.has(tile))
        if some := list(islice(new, PREPARED_TILES)):
            self._other.fill(viewport, visible, some, self._coat(viewport))

    def _coat(self, viewport: Viewport) -> Coat | None:
        level = self._pyramid.level_for(viewport.downsample)
        return None if self.glaze is None else self.glaze.coat(self._pyramid, level, viewport)

    def _found(self, viewport: Viewport) -> tuple[list[TileKey], list[CachedTile]]:
        """The tiles that a view shows, and those that are there; the front picture is of their level."""
        level = self._pyramid.level_for(viewport.downsample)
        visible = self._pyramid.tiles_in_view(level, viewport)
        if visible and level != self._front.level:
            self._front, self._other = self._other, self._front
            self._front.show_level(level)
            self._stands_in = True
        return visible, list(self._there(visible))

    def _there(self, keys: Iterable[TileKey]) -> Iterator[CachedTile]:
        found = (self._cache.find(key) for key in keys)
        return (tile for tile in found if tile is not None and not tile.image.isNull())

    def _paint(self, painter: QPainter, viewport: Viewport) -> None:
        visible, there = self._found(viewport)
        if not visible:
            return
        coat = self._coat(viewport)
        if self._holds_on(viewport, visible, there, coat):
            self._is_behind = True
            self._other.paint(painter, viewport)
            if self.glaze is not None and coat is not None:
                self.glaze.leave([self._pyramid.slide_edges(key) for key in self._bare_before(viewport)])
            return
        if len(there) == len(visible):
            if self._pyramid.shows_own_pixels(viewport) and not self._front.holds_most(there):
                if coat is not None and coat.is_all_sketches(visible) and _is_inside(self._pyramid, viewport):
                    self._paint_with_sketches(painter, viewport, there, coat)
                    if self.glaze is not None:
                        self.glaze.leave([])
                else:
                    self._paint_own_pixels(painter, viewport, there)
                coat = None
            else:
                self._fill(viewport, visible, there, coat)
                self._front.paint(painter, viewport)
            self._stands_in = False
        else:
            self._paint_beneath(painter, viewport, visible)
            if there:
                self._fill(viewport, visible, there, coat)
                self._front.paint(painter, viewport, {tile.key[1:3] for tile in there})
        if coat is not None and self.glaze is not None:
            bare = [key for key in visible if not self._front.is_coated(key)]
            self.glaze.leave([self._pyramid.slide_edges(key) for key in bare])

    def _holds_on(
        self,
        viewport: Viewport,
        visible: Sequence[TileKey],
        there: Sequence[CachedTile],
        coat: Coat | None,
    ) -> bool:
        """Make a part of a new level ready; whether so much is left that the one before is to be painted."""
        before = self._other
        if not self._stands_in or self._painted in (None, viewport) or not before.fills(viewport):
            return False
        if coat is not None and len(self._bare_before(viewport)) > FEW_BARE:
            return False
        new = [tile for tile in there if not self._front.has(tile)]
        bare = [tile for tile in there if not self._front.is_coated(tile.key)] if coat is not None else []
        if max(len(new), len(bare)) <= HELD_TILES:
            return False
        some = [tile for tile in there if self._front.has(tile)] + new[:HELD_TILES]
        self._fill(viewport, visible, some, coat)
        return True

    def _bare_before(self, viewport: Viewport) -> list[TileKey]:
        """The tiles of the level before that are in view without their glaze."""
        return [key for key in self._other.keys_in_view(viewport) if not self._other.is_coated(key)]

    def _fill(
        self, viewport: Viewport, visible: Sequence[TileKey], there: Sequence[CachedTile], coat: Coat | None
    ) -> None:
        moves = self._painted not in (None, viewport)
        left = self._front.fill(viewport, visible, there, coat, RENEWALS if moves else None)
        self._is_behind = self._is_behind or left
        if coat is not None:
            self._stand_in(viewport, visible, coat)

    def _stand_in(self, viewport: Viewport, visible: Sequence[TileKey], coat: Coat) -> None:
        """Blend stand-ins into some tiles whose glaze is not there, for the frames to come.

        Painted above the picture in every frame they take longer than the slide itself.
        """
        assert self.glaze is not None
        front = self._front
        bare = [key for key in visible if key[1:3] in front.filled and not front.is_coated(key)]
        if len(bare) <= FEW_BARE:
            return
        pieces: dict[TileKey, list[tuple[DrawTile, QImage]]] = {}
        for key in bare:
            if len(pieces) < STAND_INS and (
                found := self.glaze.pieces(viewport, [self._pyramid.slide_edges(key)])
            ):
                pieces[key] = found
        if pieces:
            self._front.stand_in(coat, pieces)

    def _paint_with_sketches(
        self, painter: QPainter, viewport: Viewport, tiles: Sequence[CachedTile], coat: Coat
    ) -> None:
        """The same with the glaze drawn over it, in a picture of the view."""
        if self._frame.size() != QSize(*viewport.size):
            self._frame = QImage(*viewport.size, QImage.Format.Format_RGB32)
        on = QPainter(self._frame)
        self._paint_own_pixels(on, viewport, tiles)
        on.end()
        width, height = viewport.size
        pixels = np.frombuffer(self._frame.bits(), np.uint8).reshape(height, width, 4)
        first = tiles[0].key
        left, top, _, _ = device_rects(viewport, [self._pyramid.slide_edges(first)])[0].astype(int).tolist()
        x, y, _, _ = self._pyramid.pixel_rect(first)
        coat.draw_sketches(pixels, (x - left, y - top), [tile.key for tile in tiles])
        painter.drawImage(0, 0, self._frame)

    def _paint_own_pixels(self, painter: QPainter, viewport: Viewport, tiles: Sequence[CachedTile]) -> None:
        """Paint a new place straight from its tiles: as quick where nothing is resized, and a copy less."""
        pieces = []
        for tile in tiles:
            size = (float(tile.image.width()), float(tile.image.height()))
            piece = DrawTile(tile.key, self._pyramid.slide_edges(tile.key), (0.0, 0.0, *size))
            pieces.append((piece, tile.image))
        paint_tiles(painter, viewport, pieces)

    def _paint_beneath(self, painter: QPainter, viewport: Viewport, visible: Sequence[TileKey]) -> None:
        other = self._other if self._stands_in else None
        if other is not None:
            self._strip(other, [key for key in visible if not self._cache.is_there(key)])
        if other is not None and other.fills(viewport):
            other.paint(painter, viewport)
            return
        missing = visible
        # Between the parts of a turned picture single pixels stay open: all of the view needs a ground.
        if viewport.rotation_deg % 90 == 0:
            missing = [key for key in visible if not self._is_painted(key, other)]
        pieces = stand_ins(self._pyramid, missing, self._cache.is_there)
        tiles = [(piece, tile.image) for piece in pieces if (tile := self._cache.find(piece.key)) is not None]
        paint_tiles(painter, viewport, tiles)
        if other is not None:
            other.paint(painter, viewport, other.filled)

    def _strip(self, other: TileMosaic, places: Sequence[TileKey]) -> None:
        """Take the glaze out of what stands in for missing tiles: its layer paints it, as sharp as it is."""
        for key in places:
            for beneath in self._pyramid.tiles_in_rect(other.level, self._pyramid.slide_rect(key)):
                other.strip(beneath, self._cache.find(beneath))

    def _is_painted(self, key: TileKey, other: TileMosaic | None) -> bool:
        if self._cache.is_there(key):
            return True
        return other is not None and other.covers(self._pyramid.slide_rect(key))


class ClearPainter:
    """Paints one widget's views of one pyramid of transparent tiles, as one picture where that is possible.

    Until all tiles of a newly chosen level are there the picture of the level before it is painted, and only
    around that single tiles.

    Parameters
    ----------
    pyramid : TilePyramid
        Levels and tile size.
    cache : TileCache
        Where the tiles are.
    """

    def __init__(self, pyramid: TilePyramid, cache: TileCache) -> None:
        self._pyramid = pyramid
        self._cache = cache
        self._front, self._other = (TileMosaic(pyramid, opaque=False) for _ in range(2))

    def paint(self, painter: QPainter, viewport: Viewport) -> bool:
        """Paint a view; False (and nothing is painted) where it is better painted tile by tile."""
        level = self._pyramid.level_for(viewport.downsample)
        visible = self._pyramid.tiles_in_view(level, viewport)
        tiles = [tile for key in visible if (tile := self._cache.find(key)) is not None]
        if len(tiles) < len(visible):
            return self._paint_before(painter, viewport, visible)
        if all(tile.image.isNull() for tile in tiles):
            return True
        if level != self._front.level:
            self._front, self._other = self._other, self._front
            self._front.show_level(level)
        if self._pyramid.shows_own_pixels(viewport) and not self._front.holds_most(tiles):
            return False
        self._front.fill(viewport, visible, tiles)
        self._front.paint(painter, viewport)
        return True

    def _paint_before(self, painter: QPainter, viewport: Viewport, visible: Sequence[TileKey]) -> bool:
        """Paint the latest picture, where that has most of the view, and around it tile by tile."""
        picture = self._front
        bare = [key for key in visible if not picture.covers(self._pyramid.slide_rect(key))]
        if 2 * len(bare) > len(visible) or viewport.rotation_deg % 90:
            return False
        covered = [key for key in picture.keys_in_view(viewport) if key[1:3] in picture.filled]
        picture.paint(painter, viewport, [key[1:3] for key in covered])
        pieces = [piece for key in bare for piece in pieces_for(self._pyramid, key, self._cache.is_there)]
        tiles = [(piece, tile.image) for piece in pieces if (tile := self._cache.find(piece.key)) is not None]
        paint_tiles(painter, viewport, tiles)
        return True


def _is_inside(pyramid: TilePyramid, viewport: Viewport) -> bool:
    """Whether nothing but the slide is seen."""
    x, y, width, height = viewport.slide_rect()
    size = pyramid.levels[0].size
    return x >= 0 and y >= 0 and x + width <= size[0] and y + height <= size[1]
