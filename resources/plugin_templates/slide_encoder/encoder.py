"""A slide as the mean and the largest value of each feature of its tiles."""

from __future__ import annotations

import numpy as np

from desktop_app.plugin_api import FloatArray, IntArray

N_TILE_FEATURES = 12
"""D: how many features the encoder of the tiles gives; more are left out, missing ones are 0."""


class SlideEncoder:
    """Means and maxima."""

    n_features = 2 * N_TILE_FEATURES

    def encode(self, features: FloatArray, locations: IntArray, tile_size: float) -> FloatArray:
        """One vector for the slide, float32 ``(E,)``."""
        used = np.zeros((len(features), N_TILE_FEATURES), np.float32)
        width = min(N_TILE_FEATURES, features.shape[1])
        used[:, :width] = features[:, :width]
        return np.concatenate([used.mean(axis=0), used.max(axis=0)])
