"""What a fitted normalizer does to a color where it is no linear map in optical density.

Each is a value of few numbers, defined here in float64; what faster appliers are tested against. Pure; any
thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from desktop_app.domain.arrays import FloatArray, RgbArray
from desktop_app.domain.lab import lab_from_rgb, rgb_from_lab


@dataclass(frozen=True, slots=True, eq=False)
class LabMap:
    """Each channel of CIELAB stretched and moved: ``lab' = slope * lab + offset``.

    Attributes
    ----------
    slope, offset : FloatArray
        float64 ``(3,)`` for L in 0 to 100, a and b.

    Notes
    -----
    LAB has 8 bits before and after, as OpenCV keeps it: L by 2.55, a and b plus 128, rounded.
    """

    slope: FloatArray
    offset: FloatArray

    def tables(self) -> RgbArray:
        """uint8 ``(3, 256)``: what becomes of each 8-bit value of L, a and b."""
        levels = np.arange(256.0)
        values = np.stack([levels / 2.55, levels - 128, levels - 128])
        moved = values * self.slope[:, None] + self.offset[:, None]
        stored = np.stack([moved[0] * 2.55, moved[1] + 128, moved[2] + 128])
        return np.asarray(np.clip(np.rint(stored), 0, 255), np.uint8)

    def apply(self, rgb: RgbArray) -> RgbArray:
        """uint8 ``(..., 3)`` to the same."""
        tables, lab = self.tables(), lab_from_rgb(rgb)
        return rgb_from_lab(np.stack([tables[channel][lab[..., channel]] for channel in range(3)], axis=-1))

    def to_json(self) -> dict[str, Any]:
        """Plain containers."""
        return {"kind": "lab", "slope": self.slope.tolist(), "offset": self.offset.tolist()}


@dataclass(frozen=True, slots=True, eq=False)
class LevelCurves:
    """Each gray level of red, green and blue replaced by another.

    Attributes
    ----------
    curves : RgbArray
        uint8 ``(3, 256)``.
    """

    curves: RgbArray

    def apply(self, rgb: RgbArray) -> RgbArray:
        """uint8 ``(..., 3)`` to the same."""
        return np.stack([self.curves[channel][rgb[..., channel]] for channel in range(3)], axis=-1)

    def to_json(self) -> dict[str, Any]:
        """Plain containers."""
        return {"kind": "curves", "curves": self.curves.tolist()}


@dataclass(frozen=True, slots=True, eq=False)
class SparseMap:
    """Two stains taken apart with a price on each, and put together as two others.

    ``c = argmin |od - vectors @ c|² / 2 + price * (c₁ + c₂)``, ``c ≥ 0``; ``od' = target @ c``.

    Attributes
    ----------
    vectors, target : FloatArray
        float64 ``(3, 2)``; unit columns, and the target's stains as deep as they shall come out.
    price : float
        In optical density.
    intensity : float
        Transmitted light of an empty pixel, in gray levels.
    dark : float
        Gray levels added before the logarithm.
    """

    vectors: FloatArray
    target: FloatArray
    price: float
    intensity: float = 240.0
    dark: float = 1.0

    def apply(self, rgb: RgbArray) -> RgbArray:
        """uint8 ``(..., 3)`` to the same."""
        light = np.maximum(rgb + np.float64(self.dark), 1) / self.intensity
        amounts = sparse_amounts(-np.log(light), self.vectors, self.price)
        return np.asarray(
            np.rint(np.clip(self.intensity * np.exp(-amounts @ self.target.T), 0, 255)), np.uint8
        )

    def to_json(self) -> dict[str, Any]:
        """Plain containers."""
        numbers = {"price": self.price, "intensity": self.intensity, "dark": self.dark}
        return {"kind": "sparse", "vectors": self.vectors.tolist(), "target": self.target.tolist(), **numbers}


ColorMap: TypeAlias = LabMap | LevelCurves | SparseMap


def color_map_from_json(data: Mapping[str, Any]) -> ColorMap:
    """The inverse of each map's ``to_json``.

    Raises
    ------
    KeyError
        If the kind is not known or a value is missing.
    """
    values = {name: value for name, value in data.items() if name != "kind"}
    arrays = {name: np.asarray(value, float) for name, value in values.items() if isinstance(value, list)}
    if data["kind"] == "curves":
        return LevelCurves(np.asarray(data["curves"], np.uint8))
    if data["kind"] == "lab":
        return LabMap(arrays["slope"], arrays["offset"])
    if data["kind"] == "sparse":
        numbers = (float(values[name]) for name in ("price", "intensity", "dark"))
        return SparseMap(arrays["vectors"], arrays["target"], *numbers)
    raise KeyError(data["kind"])


def sparse_amounts(density: FloatArray, vectors: FloatArray, price: float) -> FloatArray:
    """How much of each of two stains, none negative, where each costs.

    Parameters
    ----------
    density : FloatArray
        float ``(..., 3)``.
    vectors : FloatArray
        float ``(3, 2)``, independent columns.
    price : float
        0 for non-negative least squares.

    Returns
    -------
    FloatArray
        float ``(..., 2)``, the exact minimum: with two stains it lies inside, or on one of the two axes.
    """
    gram = vectors.T @ vectors
    pull = density @ vectors - np.asarray(price, density.dtype)
    both = pull @ np.linalg.inv(gram).T.astype(density.dtype)
    alone = np.maximum(pull, 0) / np.diag(gram).astype(density.dtype)
    first = alone[..., 0] * pull[..., 0] >= alone[..., 1] * pull[..., 1]
    single = np.where(np.stack([first, ~first], axis=-1), alone, 0)
    return np.asarray(np.where((both >= 0).all(axis=-1, keepdims=True), both, single))
