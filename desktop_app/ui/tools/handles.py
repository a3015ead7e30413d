"""The handles of the one selected annotation: its vertices, or the eight places of its box.

Pure functions; any thread.
"""

from __future__ import annotations

import numpy as np

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.shapes import Box, bounding_box, resized, vertices_of, with_vertex
from desktop_app.domain.viewport import Point

MAX_HANDLES = 2000
"""An outline of more vertices than this shows none; it can still be moved."""

_SIDES = ((0, 0), (0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5))
"""The eight places as shares of width and height."""


def has_box_handles(annotation: Annotation) -> bool:
    """Whether a shape is stretched by its box rather than by its vertices."""
    return annotation.kind in ("rectangle", "ellipse")


def handle_places(annotation: Annotation) -> FloatArray:
    """Where the handles are, float64 ``(M, 2)``, level-0 pixels; none for a locked or too fine outline."""
    if annotation.locked:
        return np.zeros((0, 2))
    if has_box_handles(annotation):
        left, top, right, bottom = bounding_box(annotation)
        return np.array([(left + x * (right - left), top + y * (bottom - top)) for x, y in _SIDES])
    vertices = vertices_of(annotation)
    return vertices if len(vertices) <= MAX_HANDLES else np.zeros((0, 2))


def handle_at(annotation: Annotation, point: Point, reach: float) -> int | None:
    """The number of the nearest handle within ``reach`` (level-0 pixels); None if there is none."""
    places = handle_places(annotation)
    if not len(places):
        return None
    distances = np.hypot(*(places - point).T)
    nearest = int(distances.argmin())
    return nearest if distances[nearest] <= reach else None


def pulled(annotation: Annotation, handle: int, point: Point) -> Annotation:
    """The annotation with a handle at another place.

    Raises
    ------
    GeometryError
        If the shape would vanish.
    """
    if has_box_handles(annotation):
        return resized(annotation, _pulled_box(bounding_box(annotation), handle, point))
    return with_vertex(annotation, handle, point)


def _pulled_box(box: Box, handle: int, point: Point) -> Box:
    """A box with one of its eight places moved; a side pulled over the other one turns it around."""
    left, top, right, bottom = box
    across, down = _SIDES[handle]
    if across == 0:
        left = point[0]
    elif across == 1:
        right = point[0]
    if down == 0:
        top = point[1]
    elif down == 1:
        bottom = point[1]
    return min(left, right), min(top, bottom), max(left, right), max(top, bottom)
