"""The texture encoder: 116 documented components per tile, without weights.

It works tile by tile with vectorized passes over the tile's pixels, so a row depends on its own tile alone
and memory does not grow with the batch. Safe on any thread; OpenCV releases the interpreter lock.
"""

from __future__ import annotations

import math

import numpy as np

from desktop_app.plugin_api import FloatArray, PluginRunError, RgbArray

from .arrangement import LUMEN_NAMES, NUCLEI_NAMES, lumen_features, nuclei_features
from .binary_patterns import BINARY_PATTERN_NAMES, binary_pattern_features
from .cooccurrence import COOCCURRENCE_NAMES, cooccurrence_features
from .intensity import INTENSITY_NAMES, intensity_features
from .nuclei import measure_nuclei
from .scale import TileScale
from .stains import StainSeparator

LEAST_TILE_PX = 16
FEATURE_NAMES = (
    *INTENSITY_NAMES,
    *COOCCURRENCE_NAMES,
    *BINARY_PATTERN_NAMES,
    *NUCLEI_NAMES,
    *LUMEN_NAMES,
)
"""Names of all components in order; the plugin's README describes each."""


class TextureEncoder:
    """Hand-made features of hematoxylin and eosin tiles.

    Parameters
    ----------
    stains : str
        Which fixed stain vectors separate the tiles: ``"qupath"``, ``"ruifrok"`` or ``"macenko"``.
    nucleus_od : float
        Least hematoxylin density of a nucleus, optical density.
    """

    def __init__(self, *, stains: str = "qupath", nucleus_od: float = 0.7) -> None:
        self._separator = StainSeparator(stains)
        self._nucleus_od = nucleus_od

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the 116 components in order."""
        return FEATURE_NAMES

    @property
    def n_features(self) -> int:
        """116."""
        return len(FEATURE_NAMES)

    def encode(self, tiles: RgbArray, mpp: float) -> FloatArray:
        """Encode a batch.

        Parameters
        ----------
        tiles : RgbArray
            uint8 ``(N, H, W, 3)``, edges of at least 16 px, N may be 0.
        mpp : float
            µm per pixel of the tiles.

        Returns
        -------
        FloatArray
            float32 ``(N, 116)``, finite; row i depends on tile i alone.

        Raises
        ------
        PluginRunError
            If the tiles are not such an array, or the mpp is not a positive number.
        """
        scale = _checked_scale(tiles, mpp)
        rows = np.empty((len(tiles), self.n_features), dtype=np.float32)
        for row, tile in zip(rows, tiles, strict=True):
            row[:] = self._encode_tile(np.ascontiguousarray(tile), scale)
        return rows

    def _encode_tile(self, tile: RgbArray, scale: TileScale) -> FloatArray:
        """The components of one tile, float64 ``(116,)``."""
        planes = self._separator.separate(tile)
        nuclei = measure_nuclei(planes.hematoxylin, scale, self._nucleus_od)
        return np.concatenate(
            [
                intensity_features(planes),
                cooccurrence_features(planes, scale),
                binary_pattern_features(planes, scale),
                nuclei_features(nuclei, scale),
                lumen_features(planes.total, scale),
            ]
        )


def _checked_scale(tiles: RgbArray, mpp: float) -> TileScale:
    """The scale of a batch that can be encoded."""
    if tiles.dtype != np.uint8 or tiles.ndim != 4 or tiles.shape[3] != 3:
        raise PluginRunError(
            "encoder_texture", f"tiles must be uint8 (N, H, W, 3), not {tiles.dtype} {tiles.shape}"
        )
    height, width = tiles.shape[1:3]
    if min(height, width) < LEAST_TILE_PX:
        raise PluginRunError(
            "encoder_texture", f"tiles of {width} x {height} px are too small: at least {LEAST_TILE_PX} px"
        )
    if not (math.isfinite(mpp) and mpp > 0):
        raise PluginRunError("encoder_texture", f"{mpp} µm per pixel is not a pixel size")
    return TileScale(float(mpp), height, width)
