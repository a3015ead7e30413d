"""The proof that tiles read directly are the pixels OpenSlide gives.

A wrong table, color model or tile order would change what a pathologist sees and what a model is shown,
without any error; so nothing is read directly that was not compared first, byte by byte, on this very
file. Costs a few tiles of each level, when the level is first used. Any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from desktop_app.domain.arrays import RgbArray
from desktop_app.errors import SlideReadError
from desktop_app.slides.tiff_tiles import TiffTiles

Window: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""Corner and size in pixels of the level."""

Reference: TypeAlias = Callable[[tuple[int, int], tuple[int, int]], RgbArray]
"""OpenSlide's pixels: level-0 location and size to premultiplied ARGB32; raises ``SlideReadError``."""

TEXTURED = 2
"""Tiles to compare, besides the one at the edge."""

_ATTEMPTS = 6


def why_not_equal(tiles: TiffTiles, downsample: float, reference: Reference) -> str:
    """Compare an image with the level that it is taken for.

    With a whole-number downsample two textured tiles and the last one are compared, the last one as
    far as it reaches beyond the level. With any other OpenSlide itself interpolates between pixels, except at
    (0, 0): a block of four tiles from there is compared.

    Parameters
    ----------
    tiles : TiffTiles
        What is to be proven.
    downsample : float
        Of the level, as OpenSlide states it.
    reference : Reference
        Reads the same level.

    Returns
    -------
    str
        Empty if every byte compared is equal; else the reason, for a log.

    Raises
    ------
    OSError
        If the file is out of reach at present; nothing is known then.
    """
    compared = 0
    for corner, size in _windows(tiles, downsample):
        location = (round(corner[0] * downsample), round(corner[1] * downsample))
        found, wanted = _found(tiles, corner, size), _wanted(reference, location, size)
        if wanted is None:
            continue  # damaged for OpenSlide too, which says nothing about the other tiles
        if found is None:
            return "a tile cannot be read directly"
        if not np.array_equal(found, wanted):
            return "pixels read directly differ from those that OpenSlide gives"
        compared += 1
        if compared > TEXTURED:
            return ""
    return "" if compared else "no tile could be compared"


def _found(tiles: TiffTiles, corner: tuple[int, int], size: tuple[int, int]) -> RgbArray | None:
    try:
        return tiles.read(corner, size)
    except ValueError:
        return None


def _wanted(reference: Reference, location: tuple[int, int], size: tuple[int, int]) -> RgbArray | None:
    try:
        return reference(location, size)
    except SlideReadError:
        return None


def _windows(tiles: TiffTiles, downsample: float) -> Iterator[Window]:
    tile, size = tiles.image.tile, tiles.image.size
    if not downsample.is_integer():
        yield (0, 0), (min(2 * tile[0], size[0]), min(2 * tile[1], size[1]))
        return
    counts = tiles.image.byte_counts.ravel()
    # What takes most bytes to encode has most detail.
    first = max(0, counts.size - _ATTEMPTS)
    textured = np.argpartition(counts, first)[first:]
    for index in (counts.size - 1, *textured[np.argsort(counts[textured])[::-1]].tolist()):
        row, column = divmod(index, tiles.image.byte_counts.shape[1])
        if counts[index]:
            yield (column * tile[0], row * tile[1]), tile
