"""Slides whose geometry has led viewers astray, each with a checkerboard of colors whose place is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.support.slide_factory import halved, write_bounded, write_levels, write_mosaic, write_pyramid

Pixels = NDArray[np.uint8]

BLOCK = 128
"""Level-0 pixels of a square of one color."""


@dataclass(frozen=True)
class Trap:
    """A slide, and what is where on it.

    Attributes
    ----------
    path : Path
        The file.
    colors : uint8 (rows, columns, 3)
        Color of each square.
    corner : tuple[int, int]
        Where the first square begins, level-0 pixels of the whole canvas.
    height : int
        Level-0 pixels of a row of squares.
    """

    path: Path
    colors: Pixels
    corner: tuple[int, int] = (0, 0)
    height: int = BLOCK

    def squares(self, count: int) -> Iterator[tuple[tuple[float, float], Pixels]]:
        """``(middle, color)`` of some squares, the outermost among them."""
        rows, columns = self.colors.shape[:2]
        chosen = [(0, 0), (rows - 1, columns - 1), (0, columns - 1), (rows - 1, 0)]
        random = np.random.default_rng(3)
        chosen += [(int(random.integers(rows)), int(random.integers(columns))) for _ in range(count)]
        for row, column in dict.fromkeys(chosen):
            middle = (self.corner[0] + (column + 0.5) * BLOCK, self.corner[1] + (row + 0.5) * self.height)
            yield middle, self.colors[row, column]


def checkerboard(columns: int, rows: int) -> Pixels:
    """Distinct, saturated colors; no two neighbors alike."""
    random = np.random.default_rng(columns * 1000 + rows)
    return random.choice([20, 90, 160, 230], (rows, columns, 3)).astype(np.uint8)


def _full(colors: Pixels) -> Pixels:
    return np.kron(colors, np.ones((BLOCK, BLOCK, 1), np.uint8))


def _resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _levels(path: Path, sizes: list[tuple[int, int]], *, order: list[int] | None = None) -> Trap:
    colors = checkerboard(20, 14)
    full = _full(colors)
    pictures = [full, *(_resized(full, size) for size in sizes)]
    return Trap(write_levels(path, [pictures[index] for index in order or range(len(pictures))]), colors)


def _bounded(path: Path) -> Trap:
    colors = checkerboard(6, 5)
    written = write_bounded(path, _full(colors), canvas=(1400, 1300), offset=(321, 255))
    return Trap(written, colors, (321, 255))


def _one_level(path: Path) -> Trap:
    colors = checkerboard(20, 14)
    return Trap(write_pyramid(path, _full(colors), levels=1), colors)


def _missing_levels(path: Path) -> Trap:
    """Full resolution and 64 times smaller, nothing between."""
    colors = checkerboard(40, 24)
    full = _full(colors)
    return Trap(write_levels(path, [full, _resized(full, (80, 48))]), colors)


def _ribbon(path: Path) -> Trap:
    """So narrow that rounding its height makes the coarse levels' two ratios differ by a third."""
    colors = checkerboard(90, 1)
    levels = [_full(colors)[:100]]
    while levels[-1].shape[1] > 200:
        levels.append(halved(levels[-1]))
    return Trap(write_levels(path, levels), colors, height=100)


def _large(path: Path) -> Trap:
    """Large enough for levels made in the background: each mosaic tile is two squares wide and high."""
    colors = np.kron(checkerboard(21, 18), np.ones((2, 2, 1), np.uint8))
    return Trap(write_mosaic(path, colors[::2, ::2]), colors)


TRAPS: Mapping[str, Callable[[Path], Trap]] = {
    "bounds": _bounded,
    "downsamples that are no whole numbers": lambda path: _levels(path, [(948, 664), (351, 245)]),
    "aspect off by a pixel": lambda path: _levels(path, [(1280, 895), (319, 224), (81, 55)]),
    "one level": _one_level,
    "missing levels": _missing_levels,
    "a ribbon": _ribbon,
    "levels out of order": lambda path: _levels(path, [(640, 448), (160, 112)], order=[0, 2, 1]),
    "levels made in the background": _large,
}
