"""Plain geometry of rings: areas, lengths, distances, inside or outside.

Rings are float64 ``(M, 2)``, not closed. Inside is judged by the even-odd rule over all rings of a shape,
which is how holes, several parts and self-crossing outlines are also painted. Pure, on any thread.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from desktop_app.domain.arrays import FloatArray


def ring_area(ring: FloatArray) -> float:
    """The area a ring encloses (shoelace formula), positive whichever way it runs."""
    shifted = ring - ring[0]  # large coordinates would cancel digits
    x, y = shifted[:, 0], shifted[:, 1]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def rings_area(rings: Sequence[FloatArray]) -> float:
    """The summed area of rings; a quick measure of size for objects that lie over each other."""
    return sum(ring_area(ring) for ring in rings)


def ring_length(ring: FloatArray, *, closed: bool) -> float:
    """The length of a ring, or of an open line."""
    steps = np.diff(np.concatenate([ring, ring[:1]]) if closed else ring, axis=0)
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum())


def even_odd_inside(rings: Sequence[FloatArray], point: tuple[float, float]) -> bool:
    """Whether a point is inside, by counting the edges that a ray to the right crosses."""
    x, y = point
    crossings = 0
    for ring in rings:
        x0, y0 = ring[:, 0], ring[:, 1]
        x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
        spans = (y0 > y) != (y1 > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            at = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
        crossings += int(np.count_nonzero(spans & (x < at)))
    return crossings % 2 == 1


def distance_to_rings(
    rings: Sequence[FloatArray], point: tuple[float, float], *, closed: bool, joined: bool
) -> float:
    """The distance of a point to the nearest edge (``joined``) or vertex of rings."""
    target = np.asarray(point, dtype=np.float64)
    distances = []
    for ring in rings:
        if not joined or len(ring) == 1:
            distances.append(float(np.hypot(*(ring - target).T).min()))
            continue
        start = ring if closed else ring[:-1]
        distances.append(_segment_distance(start, np.roll(ring, -1, axis=0)[: len(start)], target))
    return min(distances)


def _segment_distance(start: FloatArray, end: FloatArray, target: FloatArray) -> float:
    along = end - start
    squared = np.maximum((along**2).sum(1), 1e-12)
    share = np.clip(((target - start) * along).sum(1) / squared, 0.0, 1.0)
    nearest = start + share[:, None] * along - target
    return float(np.hypot(nearest[:, 0], nearest[:, 1]).min())
