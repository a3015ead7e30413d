"""Lines as a hand draws them: simplified, or held to the slide's sides and diagonals. Pure; any thread."""

from __future__ import annotations

import math

import numpy as np

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.shapes import Parts
from desktop_app.domain.viewport import Point

STEP_DEG = 45.0
"""Between two round directions."""


def line_parts(points: FloatArray, tolerance: float) -> Parts:
    """A line through drawn places.

    Parameters
    ----------
    points : FloatArray
        float64 ``(M, 2)``, level-0 pixels, two different ones at least.
    tolerance : float
        How far the simplified line may be from them, level-0 pixels (Douglas and Peucker).
    """
    from shapely import LineString

    simplified = LineString(points).simplify(tolerance)
    return ((np.array(simplified.coords, dtype=np.float64)[:, :2],),)


def in_round_direction(start: Point, point: Point) -> Point:
    """The place nearest to ``point`` that is straight beside, above or diagonal of ``start``."""
    across, down = point[0] - start[0], point[1] - start[1]
    step = math.radians(STEP_DEG)
    turned = round(math.atan2(down, across) / step) * step
    length = across * math.cos(turned) + down * math.sin(turned)
    return start[0] + length * math.cos(turned), start[1] + length * math.sin(turned)
