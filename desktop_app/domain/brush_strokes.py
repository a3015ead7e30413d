"""The area that a brush has passed over, grown step by step.

A stroke takes up only the piece that is new, so that a step costs the same however long the stroke has
become; the annotation painted into is touched once, when the stroke ends. Pure, on any thread.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from desktop_app.domain.shapes import Parts, parts_of, polygons_of
from desktop_app.domain.viewport import Point

SMOOTH = 0.15
"""Device pixels lost in each of three places: the path, the circle's chords, the finished outline. Together
the outline stays within half a pixel of the circle that was passed along the stroke."""


class BrushStroke:
    """One stroke of a round brush.

    Parameters
    ----------
    start : Point
        Where it begins, level-0 pixels.
    radius : float
        Of the brush, level-0 pixels.
    pixel : float
        Level-0 pixels per device pixel: what is finer than that is not kept.
    """

    def __init__(self, start: Point, radius: float, *, pixel: float) -> None:
        self._radius = radius
        self._pixel = pixel
        self._waiting: list[Point] = [start]
        self._last: Point | None = None
        self._shape: Any = None

    @property
    def crumb(self) -> float:
        """Square level-0 pixels: what is smaller was not painted on purpose."""
        return 4 * self._pixel**2

    def add(self, point: Point) -> None:
        """Go on to a place, level-0 pixels."""
        self._waiting.append(point)

    def parts(self) -> Parts:
        """The area so far, as it is shown while the stroke goes on."""
        self._take_up()
        return parts_of(polygons_of(self._shape))

    def finished(self) -> Parts:
        """The area without vertices that nobody could see."""
        self._take_up()
        return parts_of(polygons_of(self._shape.simplify(SMOOTH * self._pixel)))

    def _take_up(self) -> None:
        """Add what is new to the area."""
        from shapely import LineString, buffer, get_coordinates, linestrings, union_all
        from shapely import Point as Place

        if not self._waiting:
            return
        path = self._waiting if self._last is None else [self._last, *self._waiting]
        self._last, self._waiting = path[-1], []
        apart = len(set(path)) > 1
        if apart:
            corners = get_coordinates(LineString(path).simplify(SMOOTH * self._pixel))
            # Stretch by stretch: GEOS loses parts of a path that goes back over itself.
            stretches = linestrings(np.stack([corners[:-1], corners[1:]], axis=1))
            step = union_all(buffer(stretches, self._radius, quad_segs=self._quarter()))
        else:
            step = Place(path[0]).buffer(self._radius, quad_segs=self._quarter())
        self._shape = step if self._shape is None else self._shape.union(step)

    def _quarter(self) -> int:
        """Vertices of a quarter circle, so that the chords stay within ``SMOOTH`` of it."""
        ratio = min(1.0, SMOOTH * self._pixel / self._radius)
        return max(4, int(np.ceil(np.pi / 4 / np.arccos(1 - ratio))))
