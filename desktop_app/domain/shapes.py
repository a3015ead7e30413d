"""Shapes as tools make and change them: what is drawn, moved, stretched or given another vertex.

Pure, on any thread; every function returns a new value.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias
from uuid import uuid4

import numpy as np

from desktop_app.domain.annotation import OPEN_KINDS, Annotation, ShapeKind
from desktop_app.domain.arrays import FloatArray
from desktop_app.errors import GeometryError

Point: TypeAlias = tuple[float, float]
Parts: TypeAlias = tuple[tuple[FloatArray, ...], ...]
Box: TypeAlias = tuple[float, float, float, float]

ELLIPSE_VERTICES = 64
"""The outline that stands for an ellipse."""

AUTHOR_KEY = "coverslip:author"
"""Under this key of its GeoJSON metadata an annotation says who drew it."""


def box_of(one: Point, other: Point, *, square: bool = False) -> Box:
    """Left, top, right, bottom from two opposite corners; ``square`` takes the longer side from ``one``."""
    (x0, y0), (x1, y1) = one, other
    if square:
        side = max(abs(x1 - x0), abs(y1 - y0))
        x1, y1 = x0 + (side if x1 >= x0 else -side), y0 + (side if y1 >= y0 else -side)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def rectangle_parts(box: Box) -> Parts:
    """A rectangle's outline, clockwise from the top left."""
    left, top, right, bottom = box
    return ((np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float64),),)


def ellipse_parts(box: Box) -> Parts:
    """The outline of the ellipse that fills a box; its vertices touch all four sides."""
    left, top, right, bottom = box
    turn = np.arange(ELLIPSE_VERTICES) * (2 * np.pi / ELLIPSE_VERTICES)
    x = (left + right) / 2 + np.cos(turn) * (right - left) / 2
    y = (top + bottom) / 2 + np.sin(turn) * (bottom - top) / 2
    return ((np.column_stack([x, y]),),)


def polygon_parts(points: FloatArray, tolerance: float) -> Parts:
    """The polygon of a drawn outline, simplified and made valid.

    An outline that crosses itself becomes the area that the even-odd rule paints, in several parts where
    it falls apart.

    Parameters
    ----------
    points : FloatArray
        float64 ``(M, 2)``, level-0 pixels, as drawn.
    tolerance : float
        How far the simplified outline may be from the drawn one, level-0 pixels (Douglas and Peucker).

    Raises
    ------
    GeometryError
        If it encloses nothing.
    """
    from shapely import Polygon, make_valid

    if len(points) < 3:
        raise GeometryError("A polygon needs at least 3 vertices.")
    shape = Polygon(points).simplify(tolerance)
    pieces = polygons_of(shape if shape.is_valid else make_valid(shape))
    return parts_of(pieces)


def drawn(kind: ShapeKind, parts: Parts, *, class_name: str | None = None, author: str = "") -> Annotation:
    """A new annotation of a person."""
    extra = json.dumps({"metadata": {AUTHOR_KEY: author}}, ensure_ascii=False).encode() if author else b""
    return Annotation(uuid4(), kind, parts, class_name=class_name, extra=extra)


def author_of(annotation: Annotation) -> str:
    """Who drew an annotation; empty where it does not say."""
    if AUTHOR_KEY.encode() not in annotation.extra:
        return ""
    metadata = json.loads(annotation.extra).get("metadata", {})
    return str(metadata.get(AUTHOR_KEY, ""))


def bounding_box(annotation: Annotation) -> Box:
    """Left, top, right, bottom of everything an annotation covers."""
    points = np.concatenate([ring for part in annotation.parts for ring in part])
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return float(left), float(top), float(right), float(bottom)


def translated(annotation: Annotation, dx: float, dy: float) -> Annotation:
    """Moved by level-0 pixels; the nucleus of a cell, which GeoJSON keeps beside it, moves along."""
    shift = np.array([dx, dy])
    parts = tuple(tuple(ring + shift for ring in part) for part in annotation.parts)
    return replace(annotation, parts=parts, extra=_moved_extra(annotation.extra, (dx, dy)))


def resized(annotation: Annotation, box: Box) -> Annotation:
    """Stretched to fill another box; a rectangle or ellipse stays one.

    Raises
    ------
    GeometryError
        If the box is empty.
    """
    if box[2] <= box[0] or box[3] <= box[1]:
        raise GeometryError("A shape cannot be made that small.")
    if annotation.kind == "rectangle":
        return replace(annotation, parts=rectangle_parts(box))
    if annotation.kind == "ellipse":
        return replace(annotation, parts=ellipse_parts(box))
    left, top, right, bottom = bounding_box(annotation)
    scale = np.array([box[2] - box[0], box[3] - box[1]]) / np.maximum([right - left, bottom - top], 1e-9)
    parts = tuple(tuple((ring - (left, top)) * scale + box[:2] for ring in part) for part in annotation.parts)
    return replace(annotation, parts=parts)


def vertices_of(annotation: Annotation) -> FloatArray:
    """All vertices, ring after ring, float64 ``(M, 2)``; their order numbers them."""
    return np.concatenate([ring for part in annotation.parts for ring in part])


def with_vertex(annotation: Annotation, number: int, position: Point) -> Annotation:
    """One vertex moved; a rectangle or ellipse becomes a polygon by it."""
    return _with_ring(annotation, number, lambda ring, at: _set(ring, at, position))


def with_new_vertex(annotation: Annotation, number: int, position: Point) -> Annotation:
    """A vertex put in after another one of the same ring."""
    return _with_ring(annotation, number, lambda ring, at: np.insert(ring, at + 1, position, axis=0))


def without_vertex(annotation: Annotation, number: int) -> Annotation:
    """One vertex removed.

    Raises
    ------
    GeometryError
        If too few would be left for the kind of shape.
    """
    least = {"line": 2, "arrow": 2, "points": 1, "note": 1}.get(annotation.kind, 3)
    return _with_ring(annotation, number, lambda ring, at: _shortened(ring, at, least))


def nearest_edge(annotation: Annotation, point: Point) -> tuple[int, float]:
    """The vertex at which the nearest edge begins, and the distance to that edge in level-0 pixels."""
    best, first = (0, np.inf), 0
    for ring in (ring for part in annotation.parts for ring in part):
        start = ring[:-1] if annotation.kind in OPEN_KINDS else ring
        along = np.roll(ring, -1, axis=0)[: len(start)] - start
        squared = np.maximum((along**2).sum(1), 1e-12)
        share = np.clip(((np.asarray(point) - start) * along).sum(1) / squared, 0, 1)
        distances = np.hypot(*(start + share[:, None] * along - point).T)
        nearest = int(distances.argmin())
        if distances[nearest] < best[1]:
            best = (first + nearest, float(distances[nearest]))
        first += len(ring)
    return best


def valid(annotation: Annotation) -> Annotation:
    """A polygon whose outline crosses itself as the area that is painted; anything else as it is."""
    from shapely import MultiPolygon, Polygon, make_valid

    if annotation.kind != "polygon":
        return annotation
    shape = MultiPolygon([Polygon(part[0], part[1:]) for part in annotation.parts])
    if shape.is_valid:
        return annotation
    pieces = polygons_of(make_valid(shape))
    return replace(annotation, parts=parts_of(pieces))


def polygons_of(shape: Any) -> list[Any]:
    """The polygons of a shapely geometry that enclose something, the largest first."""
    found, waiting = [], [shape]
    while waiting:
        piece = waiting.pop()
        if piece.geom_type == "Polygon" and piece.area > 0:
            found.append(piece)
        waiting.extend(getattr(piece, "geoms", ()))
    return sorted(found, key=lambda piece: -piece.area)


def parts_of(polygons: Sequence[Any]) -> Parts:
    """Shapely polygons, level-0 pixels, as the parts of an annotation; rings are not closed.

    Raises
    ------
    GeometryError
        If there are none.
    """
    if not polygons:
        raise GeometryError("The outline encloses nothing.")
    return tuple(
        tuple(np.array(ring.coords, dtype=np.float64)[:-1, :2] for ring in (piece.exterior, *piece.interiors))
        for piece in polygons
    )


def _with_ring(annotation: Annotation, number: int, change: Any) -> Annotation:
    parts: list[tuple[FloatArray, ...]] = []
    first = 0
    for part in annotation.parts:
        rings = []
        for ring in part:
            inside = first <= number < first + len(ring)
            rings.append(change(ring, number - first) if inside else ring)
            first += len(ring)
        parts.append(tuple(rings))
    kind: ShapeKind = "polygon" if annotation.kind in ("rectangle", "ellipse") else annotation.kind
    return replace(annotation, kind=kind, parts=tuple(parts))


def _set(ring: FloatArray, at: int, position: Point) -> FloatArray:
    changed = ring.copy()
    changed[at] = position
    return changed


def _shortened(ring: FloatArray, at: int, least: int) -> FloatArray:
    if len(ring) <= least:
        raise GeometryError(f"At least {least} vertices must stay.")
    shortened: FloatArray = np.delete(ring, at, axis=0)
    return shortened


def _moved_extra(extra: bytes, shift: Point) -> bytes:
    if b'"nucleusGeometry"' not in extra:
        return extra
    members = json.loads(extra)
    nucleus = members.get("feature", {}).get("nucleusGeometry")
    if isinstance(nucleus, dict):
        nucleus["coordinates"] = _moved_coordinates(nucleus.get("coordinates"), shift)
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _moved_coordinates(value: Any, shift: Point) -> Any:
    if not isinstance(value, list):
        return value
    if len(value) >= 2 and all(isinstance(entry, int | float) for entry in value):
        return [round(value[0] + shift[0], 2), round(value[1] + shift[1], 2), *value[2:]]
    return [_moved_coordinates(entry, shift) for entry in value]
