"""An outline as far as a view can tell its vertices apart: what keeps a preview of any size quick.

Painting 200,000 vertices at each movement of the mouse would hold the window up; those that fall on the same
device pixel as the one before, or lie on a long way outside the view, change no pixel. Pure; any thread.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import FloatArray, IntArray

FEW = 500
"""Outlines of fewer vertices are painted as they are."""

MARGIN = 16.0
"""Device pixels around the view that still count as seen, for thick lines."""


def seen(points: FloatArray, size: tuple[int, int], cell: float = 1.0) -> FloatArray:
    """A line through some of the points that looks the same in a view.

    Parameters
    ----------
    points : FloatArray
        float64 ``(N, 2)``, device pixels.
    size : tuple[int, int]
        Width and height of the view, device pixels.
    cell : float
        Device pixels; places within one such cell need not be told apart.
    """
    if len(points) < FEW:
        return points
    outside = _sides(points, size)
    passes_by = np.zeros(len(points), dtype=np.bool_)
    # Between neighbors beyond the same side, or the same corner, no line can come into view.
    same = (outside[1:-1] == outside[:-2]) & (outside[1:-1] == outside[2:])
    passes_by[1:-1] = same & (outside[1:-1] != 0)
    near = points[~passes_by]
    across, down = np.floor(near.T / cell)
    kept = np.ones(len(near), dtype=np.bool_)
    kept[1:-1] = (across[1:-1] != across[:-2]) | (down[1:-1] != down[:-2])
    return near[kept]


def spaced(points: FloatArray, size: tuple[int, int], spacing: float) -> IntArray:
    """Numbers of points in view that are at least ``spacing`` from each other; never none if one is in view.

    Parameters
    ----------
    points : FloatArray
        float64 ``(N, 2)``, device pixels.
    size : tuple[int, int]
        Width and height of the view, device pixels.
    spacing : float
        Device pixels.
    """
    inside = np.flatnonzero(_sides(points, size) == 0)
    cells = np.floor(points[inside] / spacing).astype(np.int64)
    if not len(inside):
        return inside
    _, firsts = np.unique(cells[:, 0] * (1 << 32) + cells[:, 1], return_index=True)
    firsts.sort()
    return inside[firsts[_apart(points[inside[firsts]], cells[firsts], spacing)]]


def _apart(points: FloatArray, cells: IntArray, spacing: float) -> list[int]:
    """Those of some points, one in each cell, that keep their distance from the ones taken before."""
    taken: dict[tuple[int, int], tuple[float, float]] = {}
    rows = []
    for row, ((x, y), (column, line)) in enumerate(zip(points.tolist(), cells.tolist(), strict=True)):
        around = ((column + dx, line + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        near = (taken[cell] for cell in around if cell in taken)
        if all((x - a) ** 2 + (y - b) ** 2 >= spacing**2 for a, b in near):
            taken[column, line] = x, y
            rows.append(row)
    return rows


def _sides(points: FloatArray, size: tuple[int, int]) -> NDArray[np.int8]:
    """Beyond which sides of the view each point lies, as bits; 0 in view (Cohen and Sutherland)."""
    x, y = points.T
    sides = (x < -MARGIN) + 2 * (x > size[0] + MARGIN) + 4 * (y < -MARGIN) + 8 * (y > size[1] + MARGIN)
    bits: NDArray[np.int8] = sides.astype(np.int8)
    return bits
