"""How deep two known stains are on a slide, and the map that brings them to a reference.

What the normalizers that keep two stain vectors share once they have them. Pure; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from desktop_app.domain.arrays import FloatArray, RgbArray
from desktop_app.domain.stain import FittedStain

DEPTH_PERCENTILE = 99.0
"""Of each stain's concentration: how deep a slide is stained."""

LEAST_DEPTH = 0.05
"""A stain that is paler cannot be seen; bringing it to the reference would amplify noise."""


@dataclass(frozen=True, slots=True, eq=False)
class StainDepths:
    """Two stain vectors and how deep each stains.

    Attributes
    ----------
    vectors : FloatArray
        float ``(3, 2)``: R, G and B optical density of hematoxylin and eosin, in columns.
    depths : FloatArray
        float ``(2,)``: 99th percentile of each stain's concentration.
    """

    vectors: FloatArray
    depths: FloatArray

    @classmethod
    def measure(cls, density: FloatArray, vectors: FloatArray) -> StainDepths:
        """Depths by least squares.

        Parameters
        ----------
        density : FloatArray
            float ``(N, 3)``, N at least 1.
        vectors : FloatArray
            float ``(3, 2)``.
        """
        unmix = np.linalg.pinv(vectors).astype(density.dtype)
        return cls(vectors, percentile(density @ unmix.T, DEPTH_PERCENTILE))

    @property
    def are_seen(self) -> bool:
        """Whether both stains are there."""
        return bool(self.depths.min() >= LEAST_DEPTH)

    @property
    def target(self) -> FloatArray:
        """Each vector ``(3, 2)`` as long as its stain is deep."""
        return self.vectors * self.depths

    def to_reference(self, reference: StainDepths) -> FloatArray:
        """float64 ``(3, 3)``: the map in optical density that brings these stains to those of a reference."""
        scale = np.diag(reference.depths / self.depths)
        return np.asarray(reference.vectors @ scale @ np.linalg.pinv(self.vectors), np.float64)

    def diagnostics(self) -> dict[str, Any]:
        """Plain containers for the run report."""
        return {
            "hematoxylin": self.vectors[:, 0].tolist(),
            "eosin": self.vectors[:, 1].tolist(),
            "concentrations": self.depths.tolist(),
        }


def density_of(pixels: RgbArray, intensity: float, dark: float = 1.0) -> FloatArray:
    """``-ln(max(pixel + dark, 1) / intensity)``, float32 ``(N, 3)``, as :class:`FittedStain` defines it."""
    light = np.maximum(np.arange(256) + dark, 1) / intensity
    table: FloatArray = -np.log(light).astype(np.float32)
    # No index can be out of range; this mode looks at them in the least time.
    return np.asarray(table.take(pixels.reshape(-1, 3), mode="wrap"))


def hardly_there(method: str) -> FittedStain:
    """The unchanged map of a slide on which one of two stains is too pale."""
    return FittedStain.unchanged(method, "One of the two stains is hardly there on this slide.")


def too_few(method: str, count: int) -> FittedStain:
    """The unchanged map of a slide with too few stained pixels."""
    return FittedStain.unchanged(method, f"Only {count} stained pixels were found to fit on.")


def percentile(values: FloatArray, percent: float) -> FloatArray:
    """Along the first axis, interpolated as ``numpy.percentile`` does, with one partition per column.

    Parameters
    ----------
    values : FloatArray
        float ``(N, K)``, N at least 1.

    Returns
    -------
    FloatArray
        float64 ``(K,)``.
    """
    place = (len(values) - 1) * percent / 100
    return np.array([_at_rank(np.array(column, copy=True), place) for column in values.T], np.float64)


def _at_rank(column: FloatArray, place: float) -> float:
    low = int(place)
    column.partition(low)
    above = column[low + 1 :]
    high = float(above.min()) if len(above) else float(column[low])
    return float(column[low]) + (place - low) * (high - float(column[low]))
