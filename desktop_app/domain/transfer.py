"""Annotations brought to another place or slide: a plane map, and objects carried through it.

A length of tissue keeps its length in µm; serial sections keep the place that two landmarks gave them. Pure,
on any thread.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import numpy as np

from desktop_app.domain.alignment import Alignment
from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import GRID
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.shapes import Box, bounding_box, ellipse_parts, rectangle_parts, valid
from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Point

SQUARE_TO_SIDES = 1e-9
"""So little of a side may run along the other axis for a rectangle to count as not turned."""


@dataclass(frozen=True, slots=True)
class PlaneMap:
    """An affine map of level-0 pixels to level-0 pixels.

    Attributes
    ----------
    columns : tuple[Point, Point]
        Where the steps (1, 0) and (0, 1) lead.
    shift : Point
        Where (0, 0) leads.
    """

    columns: tuple[Point, Point] = ((1.0, 0.0), (0.0, 1.0))
    shift: Point = (0.0, 0.0)

    @classmethod
    def by_um(cls, source: Mpp, target: Mpp, *, corners: tuple[Point, Point] | None = None) -> PlaneMap:
        """Between two slides by their pixel sizes: µm stay µm.

        Parameters
        ----------
        source, target : Mpp
            Of the two slides.
        corners : tuple[Point, Point] | None
            What the lengths are measured from on the first and on the second slide (the corner of the
            scanned part), level-0 pixels; None for the slides' own corners.
        """
        across, down = source[0] / target[0], source[1] / target[1]
        (x0, y0), (x1, y1) = corners or ((0.0, 0.0), (0.0, 0.0))
        return cls(((across, 0.0), (0.0, down)), (x1 - across * x0, y1 - down * y0))

    @classmethod
    def through(cls, alignment: Alignment) -> PlaneMap:
        """As two landmarks on each of two sections have them lie on each other."""
        origin = alignment.point((0.0, 0.0))
        across, down = alignment.point((1.0, 0.0)), alignment.point((0.0, 1.0))
        columns = (
            (across[0] - origin[0], across[1] - origin[1]),
            (down[0] - origin[0], down[1] - origin[1]),
        )
        return cls(columns, origin)

    @property
    def is_identity(self) -> bool:
        """Whether everything stays where it is."""
        return self == PlaneMap()

    @property
    def keeps_axes(self) -> bool:
        """Whether what lies along the sides still does: no turn but by quarters."""
        (a, b), (c, d) = self.columns
        least = SQUARE_TO_SIDES * max(map(abs, (a, b, c, d)))
        return max(abs(b), abs(c)) <= least or max(abs(a), abs(d)) <= least

    @property
    def keeps_circles(self) -> bool:
        """Whether a circle stays one: both axes are stretched alike and stay square to each other."""
        (a, b), (c, d) = self.columns
        across, down = math.hypot(a, b), math.hypot(c, d)
        return math.isclose(across, down) and abs(a * c + b * d) <= SQUARE_TO_SIDES * across * down

    def apply(self, points: FloatArray) -> FloatArray:
        """Points, float64 ``(N, 2)`` to the same."""
        moved: FloatArray = points @ np.asarray(self.columns) + np.asarray(self.shift)
        return moved

    def moved(self, dx: float, dy: float) -> PlaneMap:
        """The same map, and then a step."""
        return replace(self, shift=(self.shift[0] + dx, self.shift[1] + dy))


def carried(annotation: Annotation, plane_map: PlaneMap) -> Annotation:
    """A copy of an annotation in another place, under an id of its own.

    It can be seen and moved, whatever the first one could. Measurements are left behind where the place or
    the scale is another: they were taken on other pixels. A rectangle or an ellipse that is turned becomes
    a polygon, but a circle stays a circle.

    Raises
    ------
    GeometryError
        If nothing of an area is left (a scale so small that it vanishes).
    """
    copy = replace(annotation, id=uuid4(), locked=False, hidden=False)
    if plane_map.is_identity:
        return copy
    parts = tuple(tuple(plane_map.apply(ring) for ring in part) for part in annotation.parts)
    placed = replace(copy, parts=parts, measurements={}, extra=_carried_extra(copy.extra, plane_map))
    if annotation.kind == "rectangle":
        return _carried_rectangle(placed, plane_map)
    if annotation.kind == "ellipse":
        return _carried_ellipse(annotation, placed, plane_map)
    return valid(placed)


def box_around(annotations: Sequence[Annotation]) -> Box:
    """Left, top, right, bottom of everything that one or more annotations cover."""
    boxes = np.array([bounding_box(annotation) for annotation in annotations])
    left, top = boxes[:, :2].min(0).tolist()
    right, bottom = boxes[:, 2:].max(0).tolist()
    return left, top, right, bottom


def _carried_rectangle(placed: Annotation, plane_map: PlaneMap) -> Annotation:
    if plane_map.keeps_axes:
        return replace(placed, parts=rectangle_parts(bounding_box(placed)))
    return replace(placed, kind="polygon")


def _carried_ellipse(annotation: Annotation, placed: Annotation, plane_map: PlaneMap) -> Annotation:
    left, top, right, bottom = bounding_box(annotation)
    if plane_map.keeps_axes:
        return replace(placed, parts=ellipse_parts(bounding_box(placed)))
    # A circle that was stored is round up to the grid of its coordinates.
    is_circle = math.isclose(right - left, bottom - top, abs_tol=2 * GRID)
    if not (is_circle and plane_map.keeps_circles):
        return replace(placed, kind="polygon")
    (x, y) = plane_map.apply(np.array([[(left + right) / 2, (top + bottom) / 2]]))[0].tolist()
    radius = (right - left + bottom - top) / 4 * math.hypot(*plane_map.columns[0])
    return replace(placed, parts=ellipse_parts((x - radius, y - radius, x + radius, y + radius)))


def _carried_extra(extra: bytes, plane_map: PlaneMap) -> bytes:
    """The nucleus of a cell, which GeoJSON keeps beside it, goes along."""
    if b'"nucleusGeometry"' not in extra:
        return extra
    members = json.loads(extra)
    nucleus = members.get("feature", {}).get("nucleusGeometry")
    if isinstance(nucleus, dict):
        nucleus["coordinates"] = _carried_coordinates(nucleus.get("coordinates"), plane_map.apply)
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _carried_coordinates(value: Any, apply: Callable[[FloatArray], FloatArray]) -> Any:
    if not isinstance(value, list):
        return value
    if len(value) >= 2 and all(isinstance(entry, int | float) for entry in value):
        (x, y) = apply(np.array([value[:2]], dtype=np.float64))[0].tolist()
        return [round(x, 2), round(y, 2), *value[2:]]
    return [_carried_coordinates(entry, apply) for entry in value]
