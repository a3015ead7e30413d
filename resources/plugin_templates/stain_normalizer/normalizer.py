"""The same mean optical density for every slide: makes pale slides darker and dark ones paler."""

from __future__ import annotations

import numpy as np

from desktop_app.plugin_api import FittedStain, RgbArray

INTENSITY = 240.0
"""Light that glass lets through, in gray levels."""

LEAST_PIXELS = 100
LEAST_DENSITY = 0.05
MOST_DENSITY = 4.0


class Normalizer:
    """Scales optical density.

    Parameters
    ----------
    target : float
        The mean optical density of tissue afterwards.
    """

    def __init__(self, target: float = 0.5) -> None:
        self.target = target

    def fit(self, pixels: RgbArray) -> FittedStain:
        """The map for a slide whose tissue has these pixels ``(N, 3)``."""
        if len(pixels) < LEAST_PIXELS:
            return FittedStain.unchanged("@ID@", f"Only {len(pixels)} pixels of tissue were found.")
        density = -np.log((pixels.astype(np.float64) + 1) / INTENSITY)
        mean = float(density.mean())
        if not LEAST_DENSITY < mean < MOST_DENSITY:
            return FittedStain.unchanged("@ID@", "The pixels are empty or black.")
        matrix = np.eye(3) * (self.target / mean)
        return FittedStain("@ID@", matrix, intensity=INTENSITY, diagnostics={"mean_density": mean})
