"""Where the tiles of a TIFF file lie.

What is taken from here is held against OpenSlide's pixels before it is used (``self_check``). Any thread.

Source: TIFF Revision 6.0 (Adobe, 1992), section 15; TIFF Technical Note 2 (JPEG).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.slides.tiff_directories import Bytes, TiffDirectory, tiff_directories

JPEG = 7
"""TIFF compression: a JPEG stream per tile, its tables possibly shared (Technical Note 2)."""

RGB, YCBCR = 2, 6
"""TIFF photometric interpretation of the samples."""

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_SAMPLES, _PLANAR, _TILE_WIDTH, _TILE_HEIGHT, _OFFSETS, _COUNTS, _TABLES = 277, 284, 322, 323, 324, 325, 347


@dataclass(frozen=True, slots=True)
class TiledImage:
    """One tiled image of a TIFF file.

    Attributes
    ----------
    size : tuple[int, int]
        Pixels, ``(width, height)``.
    tile : tuple[int, int]
        Pixels, ``(width, height)``, of every tile; those at the right and bottom edge are filled up.
    offsets, byte_counts : NDArray[np.uint64]
        ``(rows, columns)``: where each encoded tile lies in the file. A count of 0 means there is none.
    compression, photometric : int
        TIFF's numbers for them.
    samples : tuple[int, ...]
        Bits of each sample of a pixel.
    interleaved : bool
        Whether a pixel's samples lie together.
    jpeg_tables : bytes
        The JPEG stream with the tables that all tiles share; empty if each has its own.
    """

    size: tuple[int, int]
    tile: tuple[int, int]
    offsets: NDArray[np.uint64]
    byte_counts: NDArray[np.uint64]
    compression: int
    photometric: int
    samples: tuple[int, ...]
    interleaved: bool
    jpeg_tables: bytes


def tiled_images(file: Bytes) -> tuple[TiledImage, ...]:
    """The tiled images of the file's main directories, in their order.

    Raises
    ------
    ValueError
        If it is no TIFF file, or its directories are damaged.
    OSError
        If it cannot be read, or ends too early.
    """
    images = (_tiled_image(tags) for tags in tiff_directories(file))
    return tuple(image for image in images if image is not None)


def _tiled_image(tags: TiffDirectory) -> TiledImage | None:
    """The image of one directory; None if it is made of strips."""
    if _OFFSETS not in tags or _COUNTS not in tags:
        return None
    size = (tags.one(_WIDTH), tags.one(_HEIGHT))
    tile = (tags.one(_TILE_WIDTH), tags.one(_TILE_HEIGHT))
    if min(*size, *tile) <= 0:
        raise ValueError(f"an image of {size} pixels in tiles of {tile}")
    samples = tuple(int(bits) for bits in tags.values(_BITS))
    interleaved = tags.one(_PLANAR, 1) == 1
    grid = (-(-size[1] // tile[1]), -(-size[0] // tile[0]))
    if not interleaved:
        grid = (grid[0] * max(1, tags.one(_SAMPLES, 1)), grid[1])
    return TiledImage(
        size=size,
        tile=tile,
        offsets=_in_grid(tags.values(_OFFSETS), grid),
        byte_counts=_in_grid(tags.values(_COUNTS), grid),
        compression=tags.one(_COMPRESSION, 1),
        photometric=tags.one(_PHOTOMETRIC),
        samples=samples,
        interleaved=interleaved,
        jpeg_tables=tags.values(_TABLES).tobytes(),
    )


def _in_grid(values: NDArray[np.unsignedinteger], grid: tuple[int, int]) -> NDArray[np.uint64]:
    if len(values) != grid[0] * grid[1]:
        raise ValueError(f"{len(values)} tiles where there should be {grid[0]} × {grid[1]}")
    return values.astype(np.uint64).reshape(grid)
