"""Lengths and angles between places on a slide, for the ruler.

Pixels need not be square: everything is measured after scaling by ``(mpp_x, mpp_y)``. Pure; any thread.
"""

from __future__ import annotations

import math

from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Point

UNCALIBRATED: Mpp = (1.0, 1.0)
"""Measures in level-0 pixels."""


def distance(one: Point, other: Point, mpp: Mpp | None) -> float:
    """From one level-0 position to another: µm, or level-0 pixels without an mpp."""
    across, down = _vector(one, other, mpp)
    return math.hypot(across, down)


def angle_deg(first: Point, vertex: Point, second: Point, mpp: Mpp | None) -> float:
    """The angle at ``vertex``, 0 to 180 degrees; 0 where an arm has no length."""
    one, other = _vector(vertex, first, mpp), _vector(vertex, second, mpp)
    cross = one[0] * other[1] - one[1] * other[0]
    along = one[0] * other[0] + one[1] * other[1]
    # Unlike the arc cosine this is exact near 0 and 180 degrees too.
    return math.degrees(math.atan2(abs(cross), along))


def _vector(start: Point, end: Point, mpp: Mpp | None) -> Point:
    across, down = mpp or UNCALIBRATED
    return (end[0] - start[0]) * across, (end[1] - start[1]) * down
