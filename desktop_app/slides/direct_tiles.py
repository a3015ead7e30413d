"""The levels of a slide whose tiles are read without OpenSlide.

libjpeg-turbo decodes about five times as fast as OpenSlide delivers; most slides are tiled JPEG in a TIFF
file, so most of the waiting for pixels goes away here. Whatever is not plainly of that kind, or was not
proven equal, is answered with None and left to OpenSlide. Any number of threads may read at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.slide_info import Level, SlideInfo
from desktop_app.slides.positioned_file import PositionedFile
from desktop_app.slides.self_check import why_not_equal
from desktop_app.slides.tiff_structure import TiledImage, tiled_images
from desktop_app.slides.tiff_tiles import TiffTiles, is_direct
from desktop_app.slides.tile_memory import TileMemory

VENDORS = frozenset({"aperio", "generic-tiff"})
"""OpenSlide's names of the formats whose levels are plain grids of tiles."""

MEMORY_BYTES = 64 * 2**20
"""Decoded tiles kept per slide for reads across tiles: a row of them along a large slide."""

_log = logging.getLogger(__name__)


ReadLevel: TypeAlias = Callable[[tuple[int, int], int, tuple[int, int]], RgbArray]
"""Level-0 location, level and size to OpenSlide's own pixels; raises ``SlideReadError``."""


class _ProvenLevel:
    """One level, compared with OpenSlide's pixels when it is first asked for."""

    def __init__(self, tiles: TiffTiles, level: Level, read: ReadLevel) -> None:
        self._tiles = tiles
        self._level = level
        self._read = read
        self._lock = threading.Lock()
        self._proven: bool | None = None

    @property
    def tiles(self) -> TiffTiles | None:
        """The tiles, or None if they are not the level's pixels."""
        with self._lock:
            if self._proven is None:
                self._proven = self._is_equal()
        return self._tiles if self._proven else None

    def _is_equal(self) -> bool | None:
        """The proof's outcome; None if the file is out of reach, so that it is tried again."""
        index = self._level.index
        try:
            reason = why_not_equal(
                self._tiles, self._level.downsample, lambda location, size: self._read(location, index, size)
            )
        except OSError:
            return None
        if reason:
            _log.info("Level %d of a slide is left to OpenSlide: %s", index, reason)
        return not reason


class DirectTiles:
    """The directly readable levels of one slide.

    Parameters
    ----------
    file : PositionedFile
        Is this object's to close.
    levels : dict[int, _ProvenLevel]
        By index.
    memory : TileMemory
        What the levels share.
    """

    def __init__(self, file: PositionedFile, levels: dict[int, _ProvenLevel], memory: TileMemory) -> None:
        self._file = file
        self._levels = levels
        self._memory = memory

    @classmethod
    def opened(
        cls,
        path: Path,
        info: SlideInfo,
        *,
        read: ReadLevel,
        memory_bytes: int,
    ) -> DirectTiles | None:
        """Look for levels that can be read directly.

        Parameters
        ----------
        path : Path
            The file.
        info : SlideInfo
            As OpenSlide describes it.
        read : ReadLevel
            What the levels are compared with.
        memory_bytes : int
            Bytes of decoded tiles to keep.

        Returns
        -------
        DirectTiles | None
            None where there is no such level.
        """
        if info.vendor not in VENDORS:
            return None
        try:
            file = PositionedFile(path)
            images = tiled_images(file)
        except (OSError, ValueError) as error:
            _log.info("A slide is read through OpenSlide alone: %s", type(error).__name__)
            return None
        memory = TileMemory(min(memory_bytes, MEMORY_BYTES))
        levels: dict[int, _ProvenLevel] = {}
        for level in info.levels:
            tiles = _tiles_of(level, images, file, memory)
            if tiles is not None:
                levels[level.index] = _ProvenLevel(tiles, level, read)
        return cls(file, levels, memory) if levels else None

    def read(self, corner: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray | None:
        """A window of a level.

        Parameters
        ----------
        corner : tuple[int, int]
            Top left ``(x, y)`` in pixels of the level.
        level : int
            0 is full resolution.
        size : tuple[int, int]
            ``(width, height)`` in pixels of the level.

        Returns
        -------
        RgbArray | None
            uint8 ``(height, width, 4)`` as ``SlideSource.read_argb`` gives it; None if OpenSlide has to be
            asked: for this level, or because a tile is missing, damaged or out of reach at present.
        """
        return self._read(level, lambda tiles: tiles.read(corner, size))

    def read_shrunk(
        self, corner: tuple[int, int], level: int, size: tuple[int, int], shrink: int
    ) -> RgbArray | None:
        """A window of a level made smaller by 2, 4 or 8, for the screen only; see ``TiffTiles``.

        None as for :meth:`read`, and for any other factor.
        """
        return self._read(level, lambda tiles: tiles.read_shrunk(corner, size, shrink))

    def close(self) -> None:
        """Give the file back as soon as no read is under way."""
        self._file.close()
        self._memory.clear()

    def _read(self, level: int, read: Callable[[TiffTiles], RgbArray | None]) -> RgbArray | None:
        tiles = self._levels[level].tiles if level in self._levels else None
        if tiles is None:
            return None
        try:
            return read(tiles)
        except (OSError, ValueError):
            return None  # what OpenSlide says of the same pixels is the answer


def _tiles_of(
    level: Level, images: tuple[TiledImage, ...], file: PositionedFile, memory: TileMemory
) -> TiffTiles | None:
    """The image of a level; None if there is none, or more than one that it could be."""
    candidates = [image for image in images if image.size == level.size]
    if len(candidates) != 1 or not is_direct(candidates[0]):
        return None
    try:
        return TiffTiles(file, candidates[0], memory, name=level.index)
    except ValueError:
        _log.info("Level %d of a slide is left to OpenSlide: its tables are damaged", level.index)
        return None
