"""The display lookup: what happens to a slide's colors between file and screen.

Color management, contrast and stain views are one table, applied by the loader threads tile by tile, so
that the GUI thread never touches a pixel and a later GPU canvas can use the same table. A table for every
color there is (16.7 million) is exact and, being indexed by the pixel itself, as fast as a small one. Any
thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import RgbArray

EXACT_BITS, SYNTHETIC_BITS, PREVIEW_BITS = 8, 7, 6
"""Bits of each color that index a table: all of them; what a picture of computed stains needs; and what a
slider in motion needs."""

CHUNK = 1 << 20
"""Colors computed at once: the temporaries of an exact table stay near 60 MB."""

PixelTable = NDArray[np.uint32]
ColorMap = Callable[[RgbArray], RgbArray]


@dataclass(frozen=True, slots=True, eq=False)
class DisplayLookup:
    """A map from RGB to RGB.

    Attributes
    ----------
    generation : int
        Grows with every change; part of each tile's key.
    table : PixelTable | None
        uint32 ``(8**bits,)`` of opaque ARGB32 pixels, indexed by ``red << 2 * bits | green << bits | blue``
        of the highest ``bits`` of each color; None leaves colors as they are.
    """

    generation: int = 0
    table: PixelTable | None = None

    @property
    def bits(self) -> int:
        """Bits of each color that index the table; 0 without a table."""
        return 0 if self.table is None else (self.table.size.bit_length() - 1) // 3

    def apply(self, argb: NDArray[np.uint8], out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
        """Map opaque pixels.

        Parameters
        ----------
        argb : NDArray[np.uint8]
            uint8 ``(H, W, 4)``, contiguous native-endian ARGB32.
        out : NDArray[np.uint8] | None
            Where the result goes: like ``argb``, and not ``argb`` itself.

        Returns
        -------
        NDArray[np.uint8]
            ``out`` where it is given; else the same array if there is no table, and a new one if there is.
        """
        if self.table is None:
            if out is None:
                return argb
            np.copyto(out, argb)
            return out
        mapped = np.empty_like(argb) if out is None else out
        pixels = argb.view(np.uint32)[..., 0]
        scratch = _Scratch.of_this_thread(pixels.size)
        index = scratch.index[: pixels.size].reshape(pixels.shape)
        if self.bits == EXACT_BITS:
            np.bitwise_and(pixels, 0xFFFFFF, out=index)
        else:
            np.copyto(index, _short_index(pixels, self.bits, scratch))
        # No index can be out of range; this mode looks at them in the least time.
        self.table.take(index, out=mapped.view(np.uint32)[..., 0], mode="wrap")
        return mapped


@dataclass(frozen=True, slots=True)
class _Scratch:
    """Memory for the indices of a tile: fresh memory for each would take as long as the lookup."""

    index: NDArray[np.intp]
    first: NDArray[np.uint32]
    second: NDArray[np.uint32]

    @classmethod
    def of_this_thread(cls, size: int) -> _Scratch:
        kept: _Scratch | None = getattr(_thread, "scratch", None)
        if kept is None or kept.index.size < size:
            kept = _thread.scratch = cls(
                np.empty(size, np.intp), np.empty(size, np.uint32), np.empty(size, np.uint32)
            )
        return kept


_thread = threading.local()


def build_table(
    colors: ColorMap, *, bits: int = EXACT_BITS, wanted: Callable[[], bool] = lambda: True
) -> PixelTable | None:
    """Ask a map for every color that a table holds.

    Parameters
    ----------
    colors : ColorMap
        uint8 ``(N, 3)`` RGB to the same.
    bits : int
        1 to 8; below 8 a cell stands for the color in its middle.
    wanted : Callable[[], bool]
        Asked between steps of some ten milliseconds.

    Returns
    -------
    PixelTable | None
        None if it was given up because it was not wanted any more.
    """
    table = np.empty(8**bits, np.uint32)
    for start in range(0, table.size, CHUNK):
        if not wanted():
            return None
        cells = np.arange(start, min(start + CHUNK, table.size), dtype=np.uint32)
        table[start : start + CHUNK] = _packed(colors(_cell_colors(cells, bits)))
    return table


def widened(table: PixelTable) -> PixelTable:
    """The same map indexed by all bits of each color: quicker than putting short indices together."""
    side = round(table.size ** (1 / 3))
    times = (1 << EXACT_BITS) // side
    if times == 1:
        return table
    cube = table.reshape(side, side, side)
    for axis in range(3):
        cube = cube.repeat(times, axis=axis)
    return cube.ravel()


def _short_index(pixels: NDArray[np.uint32], bits: int, scratch: _Scratch) -> NDArray[np.uint32]:
    index, part = (memory[: pixels.size].reshape(pixels.shape) for memory in (scratch.first, scratch.second))
    cell, low = (1 << bits) - 1, 8 - bits
    for place in range(3):
        target = part if place else index
        np.right_shift(pixels, np.uint32((place + 1) * low), out=target)
        np.bitwise_and(target, np.uint32(cell << place * bits), out=target)
        if place:
            np.bitwise_or(index, part, out=index)
    return index


def _cell_colors(cells: NDArray[np.uint32], bits: int) -> RgbArray:
    low = 8 - bits
    middle = (1 << low) // 2
    cell = (1 << bits) - 1
    colors = np.empty((cells.size, 3), np.uint8)
    for channel in range(3):
        colors[:, channel] = (((cells >> (2 - channel) * bits) & cell) << low) + middle
    return colors


def _packed(colors: RgbArray) -> PixelTable:
    wide = colors.astype(np.uint32)
    return np.asarray(0xFF000000 | wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2], np.uint32)
