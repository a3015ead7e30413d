"""A fitted stain applied to tiles, fast.

The same arithmetic as ``FittedStain`` describes, done by OpenCV in float32 with a table for the
logarithm; at most one gray level from the float64 definition. Any thread; no state but the tables.
"""

from __future__ import annotations

import cv2
import numpy as np

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.stain import FittedStain


class StainApplier:
    """Applies one fitted stain to batches of tiles.

    Parameters
    ----------
    fitted : FittedStain
        ``rgb' = clip(intensity * exp(-matrix @ od))`` with ``od = -ln((rgb + 1) / intensity)``.
    """

    def __init__(self, fitted: FittedStain) -> None:
        self._identity = fitted.identity
        levels = np.arange(256, dtype=np.float64)
        self._negative_od = np.log((levels + 1) / fitted.intensity).astype(np.float32)
        self._matrix = np.asarray(fitted.matrix, dtype=np.float32)
        self._intensity = float(fitted.intensity)

    def apply(self, tiles: RgbArray) -> RgbArray:
        """Normalized tiles, uint8 ``(N, H, W, 3)``; the input itself where the fit is the identity."""
        if self._identity:
            return tiles
        result = np.empty_like(tiles)
        for tile, target in zip(tiles, result, strict=True):
            density = cv2.transform(cv2.LUT(tile, self._negative_od), self._matrix)
            # convertScaleAbs saturates at 255 and rounds; the exponential is never negative.
            cv2.convertScaleAbs(cv2.exp(density), dst=target, alpha=self._intensity)
        return result
