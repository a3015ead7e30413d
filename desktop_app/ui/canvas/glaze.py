"""A transparent layer's tiles, blended into the slide's picture instead of painted above it in every frame.

Blending a view's worth of transparent pixels costs a frame as much as the slide itself. Where both layers
have a level of the same resolution the tiles are blended once, pixel by pixel, into the picture that outlives
the frame. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from desktop_app.domain.tile_requests import TileKey, TilePyramid
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas.draw_list import DrawTile, Edges, cut, joined, pieces_for, within
from desktop_app.ui.canvas.tile_cache import TileCache

SAME_GRID = 0.5
"""Pixels by which two levels of the same resolution may differ at the far edge of the slide."""

Serial = tuple[float, ...]
"""What was blended into a tile: the opacity and the pictures' numbers; empty for nothing."""


class Glaze:
    """What a transparent layer offers to the layer of the slide beneath it.

    Parameters
    ----------
    pyramid : TilePyramid
        The transparent layer's levels and tile size.
    cache : TileCache
        Where its tiles are.

    Attributes
    ----------
    opacity : float
        0 to 1; the layer's.
    """

    def __init__(self, pyramid: TilePyramid, cache: TileCache) -> None:
        self.opacity = 1.0
        self._pyramid = pyramid
        self._cache = cache
        self._bare: Sequence[Edges] | None = None

    def coat(self, slide: TilePyramid, level: int, viewport: Viewport) -> Coat | None:
        """What to blend into a level of the slide; None where the layer is shown at another resolution."""
        own = self._pyramid.level_for(viewport.downsample)
        ratio = self._pyramid.levels[own].downsample / slide.levels[level].downsample
        if abs(ratio - 1) * max(slide.levels[level].size) >= SAME_GRID:
            return None
        return Coat(slide, self._pyramid, own, self._cache, self.opacity)

    def leave(self, bare: Sequence[Edges] | None) -> None:
        """Tell where in the view now painted the layer has yet to be painted (level-0 pixels); None: all."""
        self._bare = bare

    def take_left(self) -> Sequence[Edges] | None:
        """What :meth:`leave` told; it holds for one paint."""
        bare, self._bare = self._bare, None
        return bare

    def pieces(self, viewport: Viewport, bare: Sequence[Edges]) -> list[tuple[DrawTile, QImage]]:
        """The layer's pieces that make up parts of a view as well as that is possible now."""
        level = self._pyramid.level_for(viewport.downsample)
        found = []
        for x0, y0, x1, y1 in bare:
            for key in self._pyramid.tiles_in_rect(level, (x0, y0, x1 - x0, y1 - y0)):
                for piece in pieces_for(self._pyramid, key, self._cache.is_there):
                    edges = within(piece.edges, (x0, y0, x1, y1))
                    if edges[0] < edges[2] and edges[1] < edges[3]:
                        found.append(cut(self._pyramid, piece.key, edges))
        whole = joined(self._pyramid, found)
        tiles = ((piece, self._cache.find(piece.key)) for piece in whole)
        return [(piece, tile.image) for piece, tile in tiles if tile is not None]


@dataclass(frozen=True, slots=True)
class Coat:
    """One level of a glaze, on the level of the slide that has its resolution.

    Attributes
    ----------
    slide, pyramid : TilePyramid
        The slide's and the transparent layer's.
    level : int
        The transparent layer's.
    cache : TileCache
        The transparent layer's tiles.
    opacity : float
        0 to 1.
    """

    slide: TilePyramid
    pyramid: TilePyramid
    level: int
    cache: TileCache
    opacity: float

    def serial(self, key: TileKey) -> Serial | None:
        """What is to be blended into a tile of the slide; None while some of it is missing."""
        numbers = []
        for over in self._over(key):
            tile = self.cache.find(over)
            if tile is None:
                return None
            if not tile.image.isNull():
                numbers.append(tile.image.cacheKey())
        return (self.opacity, *numbers) if numbers else ()

    def blend(self, painter: QPainter, key: TileKey) -> None:
        """Blend into a tile of the slide.

        Parameters
        ----------
        painter : QPainter
            In pixels of the slide's level.
        key : TileKey
            The slide's tile; :meth:`serial` must know it.
        """
        x, y, width, height = self.slide.pixel_rect(key)
        place = QRectF(x, y, width, height)
        for over in self._over(key):
            tile = self.cache.find(over)
            if tile is not None and not tile.image.isNull():
                whole = QRectF(*self.pyramid.pixel_rect(over))
                part = whole.intersected(place)
                painter.drawImage(part, tile.image, part.translated(-whole.topLeft()))

    def _over(self, key: TileKey) -> Iterator[TileKey]:
        """The tiles over a tile of the slide, by row."""
        if self.slide.tile_size == self.pyramid.tile_size:
            yield TileKey(self.level, key.column, key.row)
            return
        x, y, width, height = self.slide.pixel_rect(key)
        side = self.pyramid.tile_size
        for row in range(y // side, -(-(y + height) // side)):
            for column in range(x // side, -(-(x + width) // side)):
                yield TileKey(self.level, column, row)
