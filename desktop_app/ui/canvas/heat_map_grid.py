"""A heat map's tiles as a small picture: one cell per tile.

A grid of 100,000 tiles is painted as one image, so their locations are turned back into columns and rows.
Pure; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.domain.arrays import FloatArray, IntArray
from desktop_app.domain.viewport import Rect

MOST_CELLS = 4_000_000
"""Cells of a grid; separate regions with grids of their own need not fit one, and are blocked instead."""

BLOCKS = 4
"""Cells per tile side where tiles stand on no common grid."""


@dataclass(frozen=True, slots=True, eq=False)
class HeatMapGrid:
    """Values in cells.

    Attributes
    ----------
    values : FloatArray
        float32 ``(rows, columns)``; NaN where there is no tile.
    rect : Rect
        What the cells cover together, level-0 pixels.
    """

    values: FloatArray
    rect: Rect

    @classmethod
    def calculate(
        cls, locations: IntArray, tile_size: tuple[float, float], values: FloatArray
    ) -> HeatMapGrid:
        """Put each tile's value into its cell.

        Overlapping tiles are drawn as wide as their stride, so that each stays visible.

        Parameters
        ----------
        locations : IntArray
            int64 ``(n, 2)``, level-0 top left corners; rounded each on its own is fine. ``n`` at least 1.
        tile_size : tuple[float, float]
            Level-0 pixels.
        values : FloatArray
            float32 ``(n,)``.
        """
        columns = _Axis.fit(locations[:, 0].astype(np.float64), tile_size[0])
        rows = _Axis.fit(locations[:, 1].astype(np.float64), tile_size[1])
        if columns is None or rows is None or columns.count * rows.count > MOST_CELLS:
            return cls._blocked(locations, tile_size, values)
        cells = np.full((rows.count, columns.count), np.nan, dtype=np.float32)
        cells[rows.index, columns.index] = values
        rect = (columns.start, rows.start, columns.step * columns.count, rows.step * rows.count)
        return cls(cells, rect)

    @classmethod
    def _blocked(cls, locations: IntArray, tile_size: tuple[float, float], values: FloatArray) -> HeatMapGrid:
        start = locations.min(axis=0).astype(np.float64)
        extent = locations.max(axis=0) + np.asarray(tile_size) - start
        finest = np.asarray(tile_size) / BLOCKS
        cell = finest * max(1.0, float(np.sqrt((extent / finest).prod() / MOST_CELLS)))
        width, height = np.maximum(1, np.ceil(extent / cell)).astype(int)
        cells = np.full((height, width), np.nan, dtype=np.float32)
        first = np.round((locations - start) / cell).astype(int)
        side = np.maximum(1, np.round(np.asarray(tile_size) / cell)).astype(int)
        for dy in range(side[1]):
            for dx in range(side[0]):
                cells[np.minimum(first[:, 1] + dy, height - 1), np.minimum(first[:, 0] + dx, width - 1)] = (
                    values
                )
        return cls(cells, (float(start[0]), float(start[1]), float(width * cell[0]), float(height * cell[1])))


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    start: float
    step: float
    count: int
    index: IntArray

    @classmethod
    def fit(cls, positions: FloatArray, tile: float) -> _Axis | None:
        """The even spacing that positions stand on; None if they stand on none."""
        places, inverse = np.unique(positions, return_inverse=True)
        if places.size == 1:
            return cls(float(places[0]), tile, 1, np.zeros(positions.size, dtype=np.int64))
        gaps = np.diff(places)
        # Gaps differ by a pixel of rounding; counted gap by gap, the error of one does not add up.
        numbers = np.concatenate([[0], np.cumsum(np.round(gaps / gaps.min()))]).astype(np.int64)
        step = float((places[-1] - places[0]) / numbers[-1])
        off = np.abs(places[0] + numbers * step - places).max()
        if off > max(1.5, 0.05 * tile) or step < tile / 16:
            return None
        # Tiles with a gap between them keep their own size only where they touch; a wider stride shows
        # as wider cells, which is what one value for that stretch of tissue means.
        return cls(float(places[0]), step, int(numbers[-1]) + 1, numbers[inverse.ravel()])
