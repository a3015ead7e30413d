"""A fitted stain applied to tiles, fast.

The same arithmetic as ``FittedStain`` describes, done by OpenCV with tables; at most one gray level from
the float64 definition, or what OpenCV's fixed-point CIELAB differs from it. Any thread; no state but the
tables.
"""

from __future__ import annotations

import cv2
import numpy as np

from desktop_app.domain.arrays import FloatArray, RgbArray
from desktop_app.domain.color_maps import LabMap, LevelCurves, SparseMap, sparse_amounts
from desktop_app.domain.stain import FittedStain


class StainApplier:
    """Applies one fitted stain to batches of tiles.

    Parameters
    ----------
    fitted : FittedStain
        What is done to each color.
    """

    def __init__(self, fitted: FittedStain) -> None:
        self._identity = fitted.identity
        self._step = _step_of(fitted)

    def apply(self, tiles: RgbArray) -> RgbArray:
        """Normalized tiles, uint8 ``(N, H, W, 3)``; the input itself where the fit is the identity."""
        if self._identity:
            return tiles
        result = np.empty_like(tiles)
        for tile, target in zip(tiles, result, strict=True):
            self._step.apply(tile, target)
        return result


class _InDensity:
    """A 3 × 3 map in optical density."""

    def __init__(self, matrix: FloatArray, intensity: float, dark: float) -> None:
        self._negative_density = -density_table(intensity, dark)
        self._matrix = np.asarray(matrix, dtype=np.float32)
        self._intensity = intensity

    def apply(self, tile: RgbArray, target: RgbArray) -> None:
        """Write the normalized tile."""
        density = cv2.transform(cv2.LUT(tile, self._negative_density), self._matrix)
        # convertScaleAbs saturates at 255 and rounds; the exponential is never negative.
        cv2.convertScaleAbs(cv2.exp(density, dst=density), dst=target, alpha=self._intensity)


class _InLab:
    def __init__(self, color_map: LabMap) -> None:
        self._tables = np.ascontiguousarray(color_map.tables().T[None])

    def apply(self, tile: RgbArray, target: RgbArray) -> None:
        lab = cv2.cvtColor(tile, cv2.COLOR_RGB2LAB)
        cv2.cvtColor(cv2.LUT(lab, self._tables), cv2.COLOR_LAB2RGB, dst=target)


class _ByCurves:
    def __init__(self, color_map: LevelCurves) -> None:
        self._tables = np.ascontiguousarray(color_map.curves.T[None])

    def apply(self, tile: RgbArray, target: RgbArray) -> None:
        cv2.LUT(tile, self._tables, dst=target)


class _Sparse:
    def __init__(self, color_map: SparseMap) -> None:
        self._map = color_map
        self._density = density_table(color_map.intensity, color_map.dark)
        self._target = np.asarray(-color_map.target, dtype=np.float32)

    def apply(self, tile: RgbArray, target: RgbArray) -> None:
        vectors = np.asarray(self._map.vectors, np.float32)
        density = np.asarray(cv2.LUT(tile, self._density), np.float32)
        amounts = sparse_amounts(density, vectors, self._map.price)
        light = cv2.exp(cv2.transform(np.ascontiguousarray(amounts), self._target))
        cv2.convertScaleAbs(light, dst=target, alpha=self._map.intensity)


def density_table(intensity: float, dark: float) -> FloatArray:
    """float32 ``(256,)``: the optical density of each gray level, as ``FittedStain`` defines it."""
    light = np.maximum(np.arange(256) + dark, 1) / intensity
    return np.asarray(-np.log(light), np.float32)


def _step_of(fitted: FittedStain) -> _InDensity | _InLab | _ByCurves | _Sparse:
    match fitted.color_map:
        case LabMap() as color_map:
            return _InLab(color_map)
        case LevelCurves() as color_map:
            return _ByCurves(color_map)
        case SparseMap() as color_map:
            return _Sparse(color_map)
        case None:
            return _InDensity(fitted.matrix, fitted.intensity, fitted.dark)
