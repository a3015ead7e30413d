"""The handles of the one selected annotation: its vertices, the eight places of its box, and one to turn it.

Pure functions; any thread.
"""

from __future__ import annotations

import numpy as np

from desktop_app.domain.annotation import POINT_KINDS, Annotation
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.outline_editing import Outline
from desktop_app.domain.shapes import Box, bounding_box, resized
from desktop_app.domain.viewport import Point, Viewport

TURN_STEM = 26.0
"""Logical pixels from the top of a shape to the handle that turns it."""

_SIDES = ((0, 0), (0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5))
"""The eight places as shares of width and height."""


def has_box_handles(annotation: Annotation) -> bool:
    """Whether a shape is stretched by its box rather than by its vertices."""
    return annotation.kind in ("rectangle", "ellipse")


def box_places(annotation: Annotation) -> FloatArray:
    """The eight handles of a box, float64 ``(8, 2)``, level-0 pixels."""
    left, top, right, bottom = bounding_box(annotation)
    return np.array([(left + x * (right - left), top + y * (bottom - top)) for x, y in _SIDES])


def handle_at(outline: Outline, point: Point, reach: float) -> int | None:
    """The number of the nearest handle within ``reach`` (level-0 pixels).

    None if there is none, or if the annotation is locked.
    """
    if outline.annotation.locked:
        return None
    if not has_box_handles(outline.annotation):
        return outline.nearest_vertex(point, reach)
    distances = np.hypot(*(box_places(outline.annotation) - point).T)
    nearest = int(distances.argmin())
    return nearest if distances[nearest] <= reach else None


def turn_handle(outline: Outline, viewport: Viewport, dpr: float) -> tuple[Point, Point] | None:
    """The handle above a shape as it is seen, and the place on the shape's top that it belongs to.

    Device pixels; None for what cannot be turned, and where the handle would not be in view.
    """
    if outline.annotation.locked or outline.annotation.kind in POINT_KINDS:
        return None
    across, down = np.ascontiguousarray(viewport.to_view(outline.vertices).T)
    left, top, right = float(across.min()), float(down.min()), float(across.max())
    x, y = (left + right) / 2, top - TURN_STEM * dpr
    width, height = viewport.size
    return ((x, y), (x, top)) if 0 <= x <= width and 0 <= y <= height else None


def pulled(annotation: Annotation, handle: int, point: Point) -> Annotation:
    """A rectangle or ellipse with a handle of its box at another place.

    Raises
    ------
    GeometryError
        If the shape would vanish.
    """
    return resized(annotation, _pulled_box(bounding_box(annotation), handle, point))


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
