"""The mean and the spread of each color of a tile: six features, for trying things out."""

from __future__ import annotations

import numpy as np

from desktop_app.plugin_api import FloatArray, RgbArray

CHANNELS = ("red", "green", "blue")


class Encoder:
    """Means and standard deviations.

    Parameters
    ----------
    spread : bool
        Whether the standard deviations are given, too.
    """

    def __init__(self, spread: bool = True) -> None:
        self._statistics = (np.mean, np.std) if spread else (np.mean,)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name per feature."""
        return tuple(f"{one.__name__}_{channel}" for one in self._statistics for channel in CHANNELS)

    @property
    def n_features(self) -> int:
        """How many features a tile has."""
        return len(self.feature_names)

    def encode(self, tiles: RgbArray, mpp: float) -> FloatArray:
        """Features of a batch, float32 ``(N, D)``."""
        pixels = tiles.reshape(len(tiles), tiles.shape[1] * tiles.shape[2], 3).astype(np.float32) / 255
        columns = [statistic(pixels, axis=1) for statistic in self._statistics]
        return np.concatenate(columns, axis=1).astype(np.float32)
