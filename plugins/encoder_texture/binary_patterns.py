"""Rotation-invariant uniform local binary patterns of the hematoxylin and total density planes.

Neighbors between pixels are interpolated in whole sixteenths, so that equal values compare as equal and the
result does not depend on rounding. Safe on any thread.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from desktop_app.plugin_api import FloatArray, RgbArray

from .intensity import histogram
from .scale import TileScale
from .stains import StainPlanes

NEIGHBORS = 8
LABELS = NEIGHBORS + 2
RADII_UM = (0.5, 2.0)

BINARY_PATTERN_NAMES = tuple(
    f"lbp_{plane}_{radius:g}um_{label}"
    for plane in ("hematoxylin", "total")
    for radius in RADII_UM
    for label in (*(f"uniform{bits}" for bits in range(NEIGHBORS + 1)), "other")
)
"""Names of :func:`binary_pattern_features`."""


def _uniform_labels() -> NDArray[np.intp]:
    """Label of each 8-bit code: its number of ones if it changes at most twice around the circle, else 9."""
    bits = (np.arange(256)[:, None] >> np.arange(NEIGHBORS)) & 1
    changes = (bits != np.roll(bits, 1, axis=1)).sum(axis=1)
    return np.asarray(np.where(changes <= 2, bits.sum(axis=1), LABELS - 1))


_LABEL_OF_CODE = _uniform_labels()


def _blend(near: NDArray[np.uint16], far: NDArray[np.uint16], sixteenths: int) -> NDArray[np.uint16]:
    """Sixteen times the linear interpolation between two rows of values."""
    return np.asarray(near * np.uint16(16 - sixteenths) + far * np.uint16(sixteenths))


class _Circle:
    """Values at eight points of a circle about every pixel, times 256, as flat arrays.

    Flat arrays make every step one pass over contiguous memory. A neighbor beyond the left or right edge is
    then taken from the row before or after; the caller leaves those pixels out.
    """

    def __init__(self, plane: RgbArray, radius: int) -> None:
        self._values = plane.ravel().astype(np.uint16)
        self._scaled = self._values * np.uint16(256)
        self._width = plane.shape[1]
        self.margin = radius * (self._width + 1)
        self._radius = radius
        self._whole, self._sixteenths = divmod(round(radius * 2**0.5 * 8), 16)

    @property
    def center(self) -> NDArray[np.uint16]:
        """256 times the values of all pixels at least one margin from both ends."""
        return self._at(self._scaled, 0)

    def neighbors(self) -> list[NDArray[np.uint16]]:
        """256 times the values of the eight neighbors of :attr:`center`, counterclockwise from the right."""
        right, left = self._diagonals(1), self._diagonals(-1)
        across, down = self._radius, self._radius * self._width
        return [
            self._at(self._scaled, across),
            right[0],
            self._at(self._scaled, -down),
            left[0],
            self._at(self._scaled, -across),
            left[1],
            self._at(self._scaled, down),
            right[1],
        ]

    def _at(self, values: NDArray[np.uint16], shift: int) -> NDArray[np.uint16]:
        return values[self.margin + shift : len(values) - self.margin + shift]

    def _diagonals(self, side: int) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        """Upper and lower diagonal neighbor on the right (1) or left (-1)."""
        near, part, reach = self._whole, self._sixteenths, self._radius
        last = len(self._values) - reach

        def along(shift: int) -> NDArray[np.uint16]:
            return self._values[reach + shift : last + shift]

        rows = _blend(along(side * near), along(side * (near + 1)), part)
        first, end = reach * self._width, len(rows) - reach * self._width

        def across(lines: int) -> NDArray[np.uint16]:
            return rows[first + lines * self._width : end + lines * self._width]

        upper = _blend(across(-near), across(-near - 1), part)
        return upper, _blend(across(near), across(near + 1), part)


def uniform_pattern_histogram(plane: RgbArray, radius: int) -> FloatArray:
    """Share of each rotation-invariant uniform pattern.

    Parameters
    ----------
    plane : RgbArray
        uint8 ``(H, W)``, both above ``2 * radius``.
    radius : int
        Pixels, at least 1.

    Returns
    -------
    FloatArray
        float64 ``(10,)`` of sum 1: label k up to 8 is a uniform pattern of k neighbors that are not below the
        center, label 9 is every other pattern.

    Notes
    -----
    Source: Ojala, Pietikäinen and Mäenpää, *IEEE TPAMI* 24 (2002) 971, the operator LBP^riu2 with
    8 neighbors. Deviations: diagonal neighbors are interpolated at 1/16 pixel; only pixels whose whole circle
    is inside the tile are counted.
    """
    circle = _Circle(plane, radius)
    center = circle.center
    inner = np.zeros(len(center), dtype=np.uint8)
    for neighbor in circle.neighbors():
        inner += inner  # the bits so far move up by one; modulo rotation their order is free
        inner |= (neighbor >= center).view(np.uint8)
    height, width = plane.shape
    # Filled up by one margin at either end, the flat array is a picture again; its inner columns are wanted.
    code = np.empty(height * width, dtype=np.uint8)
    code[circle.margin : len(code) - circle.margin] = inner
    code = code.reshape(height, width)[radius : height - radius, radius : width - radius]
    counts = np.bincount(_LABEL_OF_CODE, weights=histogram(code), minlength=LABELS)
    return np.asarray(counts / code.size)


def binary_pattern_features(planes: StainPlanes, scale: TileScale) -> FloatArray:
    """The components of :data:`BINARY_PATTERN_NAMES` of one tile.

    Returns
    -------
    FloatArray
        float64 ``(40,)``.
    """
    return np.concatenate(
        [
            uniform_pattern_histogram(plane, scale.pixels(radius))
            for plane in (planes.hematoxylin, planes.total)
            for radius in RADII_UM
        ]
    )
