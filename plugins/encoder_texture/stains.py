"""Separation of a tile into hematoxylin, eosin, residual and total optical density.

Each plane is quantized to uint8 once, in steps of 1/80: every later component works on small integers, which
is exact, whatever the order of the sums, and many times faster than floating point. Safe on any thread.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from desktop_app.plugin_api import FloatArray, RgbArray

STEP = 1.0 / 80.0
"""Optical density (natural logarithm) per quantization step; densities up to 3.19 are told apart."""

RESIDUAL_ZERO = 128
"""Quantized value of a residual density of zero: the residual may be negative, down to -1.6."""

STAIN_VECTORS: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "qupath": ((0.651, 0.701, 0.290), (0.216, 0.801, 0.558)),
    "ruifrok": ((0.650, 0.704, 0.286), (0.072, 0.990, 0.105)),
    "macenko": ((0.5626, 0.7201, 0.4062), (0.2159, 0.8012, 0.5581)),
}
"""Hematoxylin and eosin directions in (R, G, B) optical density; normalized to length 1 before use."""


_NOTHING: Any = (0.0, 0.0, 0.0, 0.0)


class StainPlanes(NamedTuple):
    """One tile's quantized densities, each uint8 ``(H, W)``.

    Attributes
    ----------
    hematoxylin, eosin : ndarray
        Density over :data:`STEP`, negative densities at 0.
    residual : ndarray
        Density over :data:`STEP` plus :data:`RESIDUAL_ZERO`.
    total : ndarray
        Mean optical density of R, G and B over :data:`STEP`.
    """

    hematoxylin: RgbArray
    eosin: RgbArray
    residual: RgbArray
    total: RgbArray


def unmixing_matrix(stains: str) -> FloatArray:
    """The map from (R, G, B) optical density to (H, E, residual) density.

    Parameters
    ----------
    stains : str
        A key of :data:`STAIN_VECTORS`.

    Returns
    -------
    FloatArray
        float64 ``(3, 3)``, acting on column vectors. The residual direction is the unit vector at right
        angles to both stains.

    Notes
    -----
    Source: Ruifrok and Johnston, *Anal Quant Cytol Histol* 23 (2001) 291. Deviation: the residual is the
    cross product of the two stains, not a third measured stain.
    """
    vectors = np.array(STAIN_VECTORS[stains], dtype=np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    residual = np.cross(vectors[0], vectors[1])
    columns = np.vstack([vectors, residual / np.linalg.norm(residual)]).T
    return np.asarray(np.linalg.inv(columns))


class StainSeparator:
    """Separates tiles with one fixed set of stain vectors."""

    def __init__(self, stains: str) -> None:
        density = -np.log((np.arange(256) + 1.0) / 256.0)
        self._density = density.astype(np.float32)
        zero = np.array([[0.0], [0.0], [RESIDUAL_ZERO]])
        self._stains = np.hstack([unmixing_matrix(stains) / STEP, zero]).astype(np.float32)
        self._total = np.full((1, 3), 1.0 / (3.0 * STEP), dtype=np.float32)

    def separate(self, tile: RgbArray) -> StainPlanes:
        """Separate one tile.

        Parameters
        ----------
        tile : RgbArray
            uint8 ``(H, W, 3)``. Optical density is ``-ln((value + 1) / 256)``, so that white is exactly 0.

        Returns
        -------
        StainPlanes
            Four uint8 planes.
        """
        density = cv2.LUT(tile, self._density)
        # Two products, because OpenCV is fast for up to three rows and twenty times slower for four.
        stains = _quantized(cv2.transform(density, self._stains))
        hematoxylin, eosin, residual = cv2.split(stains)
        total = _quantized(cv2.transform(density, self._total))
        return StainPlanes(
            np.asarray(hematoxylin), np.asarray(eosin), np.asarray(residual), total.reshape(tile.shape[:2])
        )


def _quantized(values: NDArray[Any]) -> RgbArray:
    """Values rounded and held to 0..255; a saturating sum does both in one pass."""
    return np.asarray(cv2.add(values, _NOTHING, dtype=cv2.CV_8U), dtype=np.uint8)
