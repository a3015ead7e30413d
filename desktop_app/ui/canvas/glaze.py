"""A transparent layer's tiles, blended into the slide's picture instead of painted above it in every frame.

Blending a view's worth of transparent pixels costs a frame as much as the slide itself. Where both layers
have a level of the same resolution the tiles are blended once, pixel by pixel, into the picture that outlives
the frame. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from desktop_app.domain.tile_requests import TileKey, TilePyramid
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas.draw_list import DrawTile, Edges, cut, joined, pieces_for, within
from desktop_app.ui.canvas.sketch import Argb, PixelRect, Sketch, draw_parts
from desktop_app.ui.canvas.tile_cache import CachedTile, TileCache

SAME_GRID = 0.5
"""Pixels by which two levels of the same resolution may differ at the far edge of the slide."""

Serial = tuple[float, ...]
"""What was blended into a tile: the opacity and the pictures' numbers; empty for nothing."""


STANDS_IN = -1.0
"""The number of no picture."""


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
        self._slide: TilePyramid | None = None
        self._bare: Sequence[Edges] | None = None

    def coat(self, slide: TilePyramid, level: int, viewport: Viewport) -> Coat | None:
        """What to blend into a level of the slide; None where the layer is shown at another resolution."""
        self._slide = slide
        own = self._pyramid.level_for(viewport.downsample)
        ratio = self._pyramid.levels[own].downsample / slide.levels[level].downsample
        if abs(ratio - 1) * max(slide.levels[level].size) >= SAME_GRID:
            return None
        return Coat(slide, self._pyramid, own, self._cache, self.opacity)

    def takes_sketches(self, viewport: Viewport, opacity: float) -> bool:
        """Whether a view's tiles can be drawn straight over the slide's own pixels, as far as is known."""
        if self._slide is None or opacity != 1 or not self._slide.shows_own_pixels(viewport):
            return False
        return self.coat(self._slide, self._slide.level_for(viewport.downsample), viewport) is not None

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
            if not tile.is_empty:
                numbers.append(tile.number)
        return (self.opacity, *numbers) if numbers else ()

    @property
    def standing_in(self) -> Serial:
        """What is noted of a tile of the slide into which a stand-in was blended."""
        return (self.opacity, STANDS_IN)

    @property
    def takes_sketches(self) -> bool:
        """Whether opaque lines are opaque in the slide's picture too."""
        return self.opacity == 1

    def is_all_sketches(self, keys: Iterable[TileKey]) -> bool:
        """Whether :meth:`draw_sketches` draws all that there is over tiles of the slide."""
        if not self.takes_sketches:
            return False
        over = [self.cache.find(found) for key in keys for found in self._over(key)]
        return all(tile is not None and (tile.sketch is not None or tile.is_empty) for tile in over)

    def blend(self, painter: QPainter, keys: Iterable[TileKey], *, sketches: bool = True) -> None:
        """Blend into tiles of the slide.

        Parameters
        ----------
        painter : QPainter
            In pixels of the slide's level.
        keys : Iterable[TileKey]
            The slide's tiles; :meth:`serial` must know them.
        sketches : bool
            False leaves the sketches to :meth:`draw_sketches`.
        """
        for key in keys:
            for tile, part in self._parts(key):
                if (sketches or tile.sketch is None) and not tile.image.isNull():
                    x, y, _, _ = self.pyramid.pixel_rect(tile.key)
                    place = QRectF(*part)
                    painter.drawImage(place, tile.image, place.translated(-x, -y))

    def draw_sketches(self, picture: Argb, origin: tuple[int, int], keys: Iterable[TileKey]) -> None:
        """Draw sketches into tiles of the slide.

        Parameters
        ----------
        picture : Argb
            uint8 ``(H, W, 4)``, upright pixels of the slide's level.
        origin : tuple[int, int]
            Where it begins, pixels of that level.
        keys : Iterable[TileKey]
            The slide's tiles; :meth:`serial` must know them.
        """
        parts: list[tuple[Sketch, PixelRect]] = [
            (tile.sketch.sketch, part)
            for key in keys
            for tile, part in self._parts(key)
            if tile.sketch is not None
        ]
        draw_parts(parts, picture, origin)

    def _parts(self, key: TileKey) -> Iterator[tuple[CachedTile, PixelRect]]:
        """The tiles over a tile of the slide that show something, and where they do, pixels of the level."""
        x, y, width, height = self.slide.pixel_rect(key)
        for over in self._over(key):
            tile = self.cache.find(over)
            if tile is not None and not tile.is_empty:
                left, top, across, down = self.pyramid.pixel_rect(over)
                x0, y0, x1, y1 = (
                    max(x, left),
                    max(y, top),
                    min(x + width, left + across),
                    min(y + height, top + down),
                )
                if x0 < x1 and y0 < y1:
                    yield tile, (x0, y0, x1 - x0, y1 - y0)

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
