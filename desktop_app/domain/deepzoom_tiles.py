"""The tiles of a slide's Deep Zoom pyramid: which pixels each is read from and how large it becomes.

Pure; any thread.

Source: openslide-python's ``DeepZoomGenerator``, whose rounding is followed to the pixel; tests compare every
tile with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from desktop_app.domain.deepzoom import TILE_SIZE, DeepZoomLevel, deep_zoom_levels
from desktop_app.domain.slide_info import SlideInfo

OVERLAP = 1
"""Pixels that a tile shows of each neighbor."""


@dataclass(frozen=True, slots=True)
class DeepZoomTile:
    """One tile.

    Attributes
    ----------
    level : int
        Deep Zoom level, 0 the 1 × 1 one.
    column, row : int
        Its address.
    size : tuple[int, int]
        Pixels it should have, ``(width, height)``, overlap included.
    location : tuple[int, int]
        Where it is read, level-0 pixels.
    read_level : int
        The slide's level that is read.
    read_size : tuple[int, int]
        Pixels of that level.
    """

    level: int
    column: int
    row: int
    size: tuple[int, int]
    location: tuple[int, int]
    read_level: int
    read_size: tuple[int, int]


@dataclass(frozen=True)
class DeepZoomTiling:
    """A slide cut for Deep Zoom.

    Attributes
    ----------
    info : SlideInfo
        The slide.
    tile_size : int
        Pixels without overlap.
    overlap : int
        Pixels.
    limit_bounds : bool
        Only the scanned part, where the format states one.
    """

    info: SlideInfo
    tile_size: int = TILE_SIZE
    overlap: int = OVERLAP
    limit_bounds: bool = False

    @cached_property
    def level_sizes(self) -> tuple[tuple[int, int], ...]:
        """Pixels of each of the slide's own levels that take part."""
        sizes = [level.size for level in self.info.levels]
        if not self.limit_bounds or self.info.bounds is None:
            return tuple(sizes)
        shares = [part / whole for part, whole in zip(self.info.bounds[2:], sizes[0], strict=True)]
        return tuple((math.ceil(width * shares[0]), math.ceil(height * shares[1])) for width, height in sizes)

    @property
    def size(self) -> tuple[int, int]:
        """Pixels of the whole picture at full resolution."""
        return self.level_sizes[0]

    @property
    def offset(self) -> tuple[int, int]:
        """Where the picture begins, level-0 pixels."""
        if not self.limit_bounds or self.info.bounds is None:
            return 0, 0
        return self.info.bounds[:2]

    @cached_property
    def levels(self) -> tuple[DeepZoomLevel, ...]:
        """The Deep Zoom levels, coarsest first."""
        return deep_zoom_levels(self.size, self.info.levels, tile_size=self.tile_size)

    def tiles(self, levels: Sequence[int] | None = None) -> Iterator[DeepZoomTile]:
        """Every tile of the given levels (all if None), coarsest level first and by row."""
        chosen = range(len(self.levels)) if levels is None else levels
        for index in chosen:
            columns, rows = self.levels[index].tiles
            yield from (self.tile(index, column, row) for row in range(rows) for column in range(columns))

    def tile(self, level: int, column: int, row: int) -> DeepZoomTile:
        """One tile by its address."""
        of = self.levels[level]
        across = self._axis(of, 0, column)
        down = self._axis(of, 1, row)
        return DeepZoomTile(
            level,
            column,
            row,
            size=(across[0], down[0]),
            location=(across[1], down[1]),
            read_level=of.level,
            read_size=(across[2], down[2]),
        )

    def _axis(self, of: DeepZoomLevel, axis: int, address: int) -> tuple[int, int, int]:
        """``(pixels, level-0 start, pixels to read)`` along one axis: starts round down, sizes round up."""
        before = self.overlap if address > 0 else 0
        after = self.overlap if address < of.tiles[axis] - 1 else 0
        start = self.tile_size * address
        pixels = min(self.tile_size, of.size[axis] - start) + before + after
        first = of.scale * (start - before)
        location = int(self.info.levels[of.level].downsample * first + self.offset[axis])
        limit = self.level_sizes[of.level][axis] - math.ceil(first)
        # On a scan a few pixels high, rounding can leave nothing; a picture cannot be empty.
        return pixels, location, max(1, min(math.ceil(of.scale * pixels), limit))


def dzi_text(size: tuple[int, int], *, tile_size: int, overlap: int, picture_format: str) -> str:
    """The descriptor of a Deep Zoom picture, as the ``.dzi`` file holds it.

    Parameters
    ----------
    size : tuple[int, int]
        Pixels of the whole picture.
    tile_size, overlap : int
        Pixels.
    picture_format : str
        ``"jpeg"`` or ``"png"``, which is also the ending of the tiles' names.
    """
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f'<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" TileSize="{tile_size}" '
        f'Overlap="{overlap}" Format="{picture_format}">'
        f'<Size Width="{size[0]}" Height="{size[1]}" /></Image>'
    )
