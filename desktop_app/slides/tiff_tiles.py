"""The pixels of one tiled JPEG image of a TIFF file, read without OpenSlide.

Between the file and the result there is nothing but libjpeg-turbo where a window is a tile, and one copy of
the rows where it is not. Positions are pixels of the image itself. Any number of threads may read at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from desktop_app.domain.arrays import RgbArray
from desktop_app.slides.jpeg_tiles import SHRINKS, JpegTileDecoder
from desktop_app.slides.positioned_file import PositionedFile
from desktop_app.slides.tiff_structure import JPEG, RGB, YCBCR, TiledImage
from desktop_app.slides.tile_memory import TileMemory

_SIDES = range(16, 4097, 16)
"""Pixels: TIFF wants multiples of 16; larger tiles than these are not what is meant by a tile."""

_MOST_BYTES = 2**26
"""Of one encoded tile."""

_SCRATCH_BYTES = 2**22
"""Larger tiles than this (1,024 px) are decoded into memory of their own, given back at once."""

_thread = threading.local()


def is_direct(image: TiledImage) -> bool:
    """Whether :class:`TiffTiles` can read an image: 8-bit RGB or YCbCr, JPEG, sensible tiles."""
    return (
        image.compression == JPEG
        and image.photometric in {RGB, YCBCR}
        and image.samples == (8, 8, 8)
        and image.interleaved
        and all(side in _SIDES for side in image.tile)
        and int(image.byte_counts.max()) <= _MOST_BYTES
    )


class _Piece(NamedTuple):
    """What one tile contributes to a window; pixels of the (possibly shrunk) image.

    Attributes
    ----------
    column, row : int
        The tile.
    left, top, right, bottom : int
        The part of the image that comes from it.
    """

    column: int
    row: int
    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        """``(width, height)``."""
        return self.right - self.left, self.bottom - self.top


class TiffTiles:
    """One image's tiles as windows of pixels.

    Parameters
    ----------
    file : PositionedFile
        Stays open as long as this is used.
    image : TiledImage
        One that :func:`is_direct` accepts; ``ValueError`` if its shared tables are damaged.
    memory : TileMemory
        Keeps tiles of which a window needs a part only.
    name : int
        Tells this image from others in the same memory.
    """

    def __init__(self, file: PositionedFile, image: TiledImage, memory: TileMemory, *, name: int) -> None:
        self._file = file
        self._image = image
        self._memory = memory
        self._name = name
        self._decoder = JpegTileDecoder(image.tile, image.jpeg_tables, is_rgb=image.photometric == RGB)

    @property
    def image(self) -> TiledImage:
        """Where its tiles lie."""
        return self._image

    def read(self, corner: tuple[int, int], size: tuple[int, int]) -> RgbArray:
        """A window of pixels.

        Parameters
        ----------
        corner : tuple[int, int]
            Top left ``(x, y)``; may lie outside the image.
        size : tuple[int, int]
            ``(width, height)``.

        Returns
        -------
        RgbArray
            uint8 ``(height, width, 4)``, premultiplied native-endian ARGB32, transparent beyond the image.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If a tile is missing or damaged.
        """
        pixels = _empty(corner, size, self._image.size)
        for piece in _pieces(corner, size, tile=self._image.tile, limit=self._image.size):
            if piece.size == size == self._image.tile:
                self._decoder.decode(self._encoded(piece), pixels)
            else:
                _paste(self._tile_down_to(piece), self._image.tile, piece, pixels=pixels, corner=corner)
        return pixels

    def read_shrunk(self, corner: tuple[int, int], size: tuple[int, int], shrink: int) -> RgbArray | None:
        """A window of the image made smaller by 2, 4 or 8, for the screen only.

        Whole tiles are made smaller by the decoder, tiles that the image's edge cuts by area, because what
        lies beyond the edge must not show. Corner and size are pixels of the smaller image, whose sides are
        rounded up; result and errors otherwise as :meth:`read`. None for other factors.
        """
        if shrink not in SHRINKS:
            return None
        tile = (self._image.tile[0] // shrink, self._image.tile[1] // shrink)
        limit = (-(-self._image.size[0] // shrink), -(-self._image.size[1] // shrink))
        pixels = _empty(corner, size, limit)
        for piece in _pieces(corner, size, tile=tile, limit=limit):
            _paste(self._shrunk_tile(piece, shrink, tile), tile, piece, pixels=pixels, corner=corner)
        return pixels

    def _shrunk_tile(self, piece: _Piece, shrink: int, tile: tuple[int, int]) -> RgbArray:
        width, height = self._inside(piece)
        if (width, height) == self._image.tile:
            small = _scratch(tile)
            self._decoder.decode_shrunk(self._encoded(piece), shrink, small)
            return small
        whole = _scratch(self._image.tile)
        self._decoder.decode_top(self._encoded(piece), height, whole)
        return _block_means(whole[:height, :width], shrink)

    def _tile_down_to(self, piece: _Piece) -> RgbArray:
        """A tile's pixels, whole or as far down as the piece goes."""
        if piece.size != self._inside(piece) and self._memory.limit:
            return self._remembered(piece)
        pixels = _scratch(self._image.tile)
        self._decoder.decode_top(self._encoded(piece), piece.bottom - piece.row * self._image.tile[1], pixels)
        return pixels

    def _remembered(self, piece: _Piece) -> RgbArray:
        key = (self._name, piece.column, piece.row)
        pixels = self._memory.get(key)
        if pixels is None:
            pixels = np.empty((self._image.tile[1], self._image.tile[0], 4), np.uint8)
            self._decoder.decode(self._encoded(piece), pixels)
            self._memory.put(key, pixels)
        return pixels

    def _inside(self, piece: _Piece) -> tuple[int, int]:
        """Width and height of the part of a tile that lies inside the image."""
        place = (piece.column, piece.row)
        width, height = (
            min(side, limit - index * side)
            for side, limit, index in zip(self._image.tile, self._image.size, place, strict=True)
        )
        return width, height

    def _encoded(self, piece: _Piece) -> bytes:
        count = int(self._image.byte_counts[piece.row, piece.column])
        if not count:
            raise ValueError("the file has no such tile")
        return self._file.read(int(self._image.offsets[piece.row, piece.column]), count)


def _pieces(
    corner: tuple[int, int], size: tuple[int, int], *, tile: tuple[int, int], limit: tuple[int, int]
) -> Iterator[_Piece]:
    """The tiles that a window touches, row by row."""
    left, top = max(corner[0], 0), max(corner[1], 0)
    right, bottom = min(corner[0] + size[0], limit[0]), min(corner[1] + size[1], limit[1])
    if left >= right or top >= bottom:
        return
    for row in range(top // tile[1], -(-bottom // tile[1])):
        y = (max(top, row * tile[1]), min(bottom, (row + 1) * tile[1]))
        for column in range(left // tile[0], -(-right // tile[0])):
            x = (max(left, column * tile[0]), min(right, (column + 1) * tile[0]))
            yield _Piece(column, row, x[0], y[0], x[1], y[1])


def _empty(corner: tuple[int, int], size: tuple[int, int], limit: tuple[int, int]) -> RgbArray:
    """Memory for a window; transparent where it reaches beyond the image, else whatever was there."""
    inside = all(
        start >= 0 and start + side <= end for start, side, end in zip(corner, size, limit, strict=True)
    )
    return (np.empty if inside else np.zeros)((size[1], size[0], 4), np.uint8)


def _scratch(size: tuple[int, int]) -> RgbArray:
    """Memory that is this thread's until its next call, uint8 ``(height, width, 4)``."""
    count = 4 * size[0] * size[1]
    if count > _SCRATCH_BYTES:
        return np.empty((size[1], size[0], 4), np.uint8)
    buffer: RgbArray | None = getattr(_thread, "buffer", None)
    if buffer is None or buffer.size < count:
        buffer = _thread.buffer = np.empty(count, np.uint8)
    return buffer[:count].reshape(size[1], size[0], 4)


def _paste(
    source: RgbArray, tile: tuple[int, int], piece: _Piece, *, pixels: RgbArray, corner: tuple[int, int]
) -> None:
    """Copy the piece out of its tile, a pixel being one number."""
    x, y = piece.left - piece.column * tile[0], piece.top - piece.row * tile[1]
    left, top, (width, height) = piece.left - corner[0], piece.top - corner[1], piece.size
    part = source.view(np.uint32)[y : y + height, x : x + width]
    pixels.view(np.uint32)[top : top + height, left : left + width] = part


def _block_means(pixels: RgbArray, step: int) -> RgbArray:
    """Means of squares; those at the right and bottom are of the pixels that are there."""
    rows, columns = (np.arange(0, length, step) for length in pixels.shape[:2])
    sums = np.add.reduceat(np.add.reduceat(pixels, rows, axis=0, dtype=np.uint32), columns, axis=1)
    heights, widths = (
        np.minimum(step, length - starts)
        for length, starts in zip(pixels.shape[:2], (rows, columns), strict=True)
    )
    counts = np.outer(heights, widths).astype(np.uint32)[..., None]
    return ((sums + counts // 2) // counts).astype(np.uint8)
