"""A part of a slide painted into a picture, away from the GUI thread.

It reads every tile it needs through a tile source like the canvas's, so that a picture looks as the screen
does and is always sharp; nothing waits for it but the closing of its slide. Made on the GUI thread, painted
on any other one.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.tile_requests import TileKey, TilePyramid
from desktop_app.domain.viewport import Viewport
from desktop_app.errors import OutOfMemoryError
from desktop_app.ui.canvas import TileCache, TileImage, TileSource
from desktop_app.ui.canvas.draw_list import DrawTile
from desktop_app.ui.canvas.layers import LegendLayer
from desktop_app.ui.canvas.tile_painter import PIXELS_FROM, paint_tiles

WHITE = (255, 255, 255)

BLOCK = 1024
"""Pixels of a picture's side that are painted at once: up to 40 MB of a finer level."""

CACHE_BYTES = 128 * 2**20
"""Tiles kept for the next block, whose ring has some of them."""


class Painted(Protocol):
    """What a canvas layer and its still have in common."""

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint it; ``painter`` in pixels of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class TilesOf:
    """Overlay tiles to be read and painted as the slide's are.

    Attributes
    ----------
    source : TileSource
        Not shared with a canvas.
    """

    source: TileSource


PictureLayer: TypeAlias = Painted | TilesOf


class SlidePicture:
    """A picture to be painted once.

    Parameters
    ----------
    source : TileSource
        The slide's tiles.
    viewport : Viewport
        Which part, how large and turned how far.
    layers : Sequence[PictureLayer]
        Painted above it in this order, their legends last; nobody else may change them from now on.
    dpr : float
        By how much lines and writing are larger than on a plain screen.
    background : tuple[int, int, int]
        RGB beyond the slide.

    Attributes
    ----------
    viewport : Viewport
        As given.
    unreadable : str
        A sentence if some of it could not be read and is hatched.
    is_unfinished : bool
        Whether some of it was not ready (a pyramid that is still being made).
    """

    def __init__(
        self,
        source: TileSource,
        viewport: Viewport,
        *,
        layers: Sequence[PictureLayer] = (),
        dpr: float = 1.0,
        background: tuple[int, int, int] = WHITE,
    ) -> None:
        self.viewport = viewport
        self.unreadable = ""
        self.is_unfinished = False
        self._source = source
        self._layers = layers
        self._dpr = dpr
        self._background = QColor(*background)
        self._reading = threading.Lock()
        self._cancelled = False
        self._cache = TileCache(CACHE_BYTES)

    @property
    def is_wanted(self) -> bool:
        """Whether nobody has cancelled it."""
        return not self._cancelled

    def cancel(self) -> None:
        """Read nothing more; waits for the one read that may be under way. GUI thread."""
        self._cancelled = True
        with self._reading:
            pass

    def paint(self, progress: Callable[[float], None] = lambda _share: None) -> QImage | None:
        """Paint it.

        Parameters
        ----------
        progress : Callable[[float], None]
            Called on this thread with the share of tiles that are done, 0 to 1.

        Returns
        -------
        QImage | None
            RGB32; None if it was cancelled.

        Raises
        ------
        OutOfMemoryError
            If there is no memory for it.
        """
        image = QImage(*self.viewport.size, QImage.Format.Format_RGB32)
        if image.isNull():
            width, height = self.viewport.size
            raise OutOfMemoryError(f"a picture of {width} × {height} pixels")
        image.fill(self._background)
        painter = QPainter(image)
        try:
            finished = self._paint_all(painter, progress)
        finally:
            painter.end()
        return image if finished else None

    def _paint_all(self, painter: QPainter, progress: Callable[[float], None]) -> bool:
        blocks = list(_blocks(self._source.pyramid, self.viewport))
        overlays = [layer.source for layer in self._layers if isinstance(layer, TilesOf)]
        total = len({key for block in blocks for key in block.tiles})
        total += sum(len(_tiles(source.pyramid, self.viewport)) for source in overlays)
        count = _Count(total, progress)
        if not all(self._paint_block(painter, block, count) for block in blocks):
            return False
        for layer in self._layers:
            if not isinstance(layer, TilesOf):
                self._call(painter, layer.paint)
            elif not self._paint_overlay(painter, layer.source, count):
                return False
        for layer in self._layers:
            if isinstance(layer, LegendLayer):
                self._call(painter, layer.paint_legend)
        return self.is_wanted

    def _call(self, painter: QPainter, paint: Callable[[QPainter, Viewport, float], None]) -> None:
        painter.save()
        paint(painter, self.viewport, self._dpr)
        painter.restore()

    def _paint_block(self, painter: QPainter, block: _Block, count: _Count) -> bool:
        """Paint the slide's tiles of one block."""
        for key in block.tiles:
            if not self._cache.is_there(key):
                read = self._read(self._source, key)
                if read is None:
                    return False
                self._cache.put(key, read.image)
                count.step()
        found = [tile for key in block.tiles if (tile := self._cache.find(key)) is not None]
        tiles = [(tile.key, tile.image) for tile in found if not tile.image.isNull()]
        painter.save()
        painter.setClipRect(QRectF(*block.rect))
        if _is_unscaled(self._source.pyramid, self.viewport):
            pieces = [(_whole(self._source.pyramid, key), image) for key, image in tiles]
            paint_tiles(painter, self.viewport, pieces)
        elif tiles:
            _paint_joined(painter, self.viewport, self._source.pyramid, tiles)
        painter.restore()
        return True

    def _paint_overlay(self, painter: QPainter, source: TileSource, count: _Count) -> bool:
        pyramid = source.pyramid
        for key in _tiles(pyramid, self.viewport):
            tile = self._read(source, key)
            if tile is None:
                return False
            paint_tiles(painter, self.viewport, [(_whole(pyramid, key), tile.image)])
            count.step()
        return True

    def _read(self, source: TileSource, key: TileKey) -> TileImage | None:
        with self._reading:
            tile = source.read(key, lambda: self.is_wanted) if self.is_wanted else None
        if tile is not None:
            self.unreadable = self.unreadable or tile.unreadable
            self.is_unfinished |= tile.version is not None
        return tile


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of a picture that is painted at once.

    Attributes
    ----------
    rect : tuple[int, int, int, int]
        Pixels of the picture.
    viewport : Viewport
        The block alone.
    tiles : list[TileKey]
        Those it shows, and a ring around them for smoothing.
    """

    rect: tuple[int, int, int, int]
    viewport: Viewport
    tiles: list[TileKey]


def _whole(pyramid: TilePyramid, key: TileKey) -> DrawTile:
    _, _, width, height = pyramid.pixel_rect(key)
    return DrawTile(key, pyramid.slide_edges(key), (0.0, 0.0, float(width), float(height)))


def _is_unscaled(pyramid: TilePyramid, viewport: Viewport) -> bool:
    """Whether a level's own pixels are the picture's, which are then not touched."""
    level = pyramid.levels[pyramid.level_for(viewport.downsample)]
    return viewport.rotation_deg % 90 == 0 and math.isclose(level.downsample, viewport.downsample)


def _paint_joined(
    painter: QPainter, viewport: Viewport, pyramid: TilePyramid, tiles: Sequence[tuple[TileKey, QImage]]
) -> None:
    """Paint tiles of one level side by side as one picture, so that smoothing sees across their edges."""
    rects = np.asarray([pyramid.pixel_rect(key) for key, _ in tiles])
    left, top = rects[:, :2].min(axis=0).tolist()
    right, bottom = (rects[:, :2] + rects[:, 2:]).max(axis=0).tolist()
    joined = QImage(right - left, bottom - top, QImage.Format.Format_ARGB32_Premultiplied)
    joined.fill(Qt.GlobalColor.transparent)
    beside = QPainter(joined)
    for (_, image), (x, y, *_size) in zip(tiles, rects.tolist(), strict=True):
        beside.drawImage(x - left, y - top, image)
    beside.end()
    downsample = pyramid.levels[tiles[0][0].level].downsample
    placed = QTransform(downsample, 0, 0, downsample, left * downsample, top * downsample)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.downsample > 1 / PIXELS_FROM)
    painter.setWorldTransform(placed * QTransform(*viewport.matrix) * painter.worldTransform())
    painter.drawImage(0, 0, joined)


class _Count:
    """Tells how far a picture is, at most a hundred times."""

    def __init__(self, total: int, tell: Callable[[float], None]) -> None:
        self._total = max(1, total)
        self._tell = tell
        self._done = 0

    def step(self) -> None:
        before, self._done = self._done, self._done + 1
        if 100 * before // self._total != 100 * self._done // self._total:
            self._tell(self._done / self._total)


def pixels_to_read(source: TileSource, viewport: Viewport) -> int:
    """How many pixels of the file a picture costs."""
    pyramid = source.pyramid
    level = pyramid.level_for(viewport.downsample)
    per_tile = (pyramid.tile_size * pyramid.levels[level].shrink) ** 2
    return int(len(pyramid.tiles_in_view(level, viewport)) * per_tile)


def rgb_of(image: QImage) -> RgbArray:
    """The pixels of an RGB32 picture: uint8 ``(H, W, 3)``, a copy."""
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return np.ascontiguousarray(rows[:, : image.width(), 2::-1])


def _tiles(pyramid: TilePyramid, viewport: Viewport, *, margin: int = 0) -> list[TileKey]:
    keys = pyramid.tiles_in_view(pyramid.level_for(viewport.downsample), viewport, margin=margin)
    # By row, so that neighbors in the file are read one after another.
    return sorted(keys, key=lambda key: (key.row, key.column))


def _blocks(pyramid: TilePyramid, viewport: Viewport) -> Iterator[_Block]:
    """A picture cut into blocks, so that memory does not grow with it; those off the slide are left out."""
    width, height = viewport.size
    for top in range(0, height, BLOCK):
        for left in range(0, width, BLOCK):
            size = (min(BLOCK, width - left), min(BLOCK, height - top))
            middle = viewport.slide_point((left + size[0] / 2, top + size[1] / 2))
            part = viewport.centered_on(middle).resized(size)
            if _tiles(pyramid, part):
                yield _Block((left, top, *size), part, _tiles(pyramid, part, margin=1))
