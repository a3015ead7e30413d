"""Outlines while they are edited: several vertices moved or removed, a stretch redrawn, the whole turned.

A selected outline is asked at every movement of the mouse which vertex or edge is near, so its vertices are
kept flat, ring after ring, and nothing goes through them one by one. Vertices that an edit does not mean stay
as they are, to the last bit. Pure, on any thread.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from desktop_app.domain.annotation import AREA_KINDS, OPEN_KINDS, POINT_KINDS, Annotation, ShapeKind
from desktop_app.domain.arrays import FloatArray, IntArray
from desktop_app.domain.shapes import vertices_of
from desktop_app.errors import GeometryError

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class OutlinePlace:
    """A place on an outline.

    Attributes
    ----------
    edge : int
        Number of the vertex at which the edge begins.
    position : Point
        On that edge, level-0 pixels.
    distance : float
        From what was asked for, level-0 pixels.
    """

    edge: int
    position: Point
    distance: float


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The vertices of one annotation and the edges between them, ready to be asked often.

    Attributes
    ----------
    annotation : Annotation
        Whose outline it is.
    vertices : FloatArray
        float64 ``(N, 2)``, level-0 pixels, ring after ring; their order numbers them.
    firsts : IntArray
        int64 ``(R + 1,)``: where each ring begins; the last entry is ``N``.
    edges : IntArray
        int64 ``(E,)``: the vertex at which each edge begins.
    ends : FloatArray
        float64 ``(E, 2)``: where each edge ends.
    columns : FloatArray
        float64 ``(2, N)``: the vertices again, x and y each in one piece, which is quicker to go through.
    boxes : FloatArray
        float64 ``(4, E)``: left, top, right, bottom of each edge.
    """

    annotation: Annotation
    vertices: FloatArray
    firsts: IntArray
    edges: IntArray
    ends: FloatArray
    columns: FloatArray
    boxes: FloatArray

    @classmethod
    def of(cls, annotation: Annotation) -> Outline:
        """The outline of an annotation; points have vertices and no edges."""
        vertices = vertices_of(annotation)
        lengths = [len(ring) for part in annotation.parts for ring in part]
        firsts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        following = np.arange(1, len(vertices) + 1)
        following[firsts[1:] - 1] = firsts[:-1]
        edges = np.arange(len(vertices))
        if annotation.kind in OPEN_KINDS:
            edges = np.delete(edges, firsts[1:] - 1)
        elif annotation.kind in POINT_KINDS:
            edges = edges[:0]
        ends, columns = vertices[following[edges]], np.ascontiguousarray(vertices.T)
        one, other = columns[:, edges], ends.T
        boxes = np.concatenate([np.minimum(one, other), np.maximum(one, other)])
        return cls(annotation, vertices, firsts, edges, ends, columns, boxes)

    @property
    def closed(self) -> bool:
        """Whether it goes around an area."""
        return self.annotation.kind in AREA_KINDS

    def ring_at(self, vertex: int) -> int:
        """The number of the ring that a vertex is in."""
        return int(np.searchsorted(self.firsts, vertex, side="right")) - 1

    def nearest_vertex(self, point: Point, reach: float) -> int | None:
        """The nearest vertex within ``reach`` (level-0 pixels), None if there is none."""
        x, y = self.columns
        near = np.flatnonzero((np.abs(x - point[0]) <= reach) & (np.abs(y - point[1]) <= reach))
        if not len(near):
            return None
        distances = np.hypot(*(self.vertices[near] - point).T)
        best = int(distances.argmin())
        return int(near[best]) if distances[best] <= reach else None

    def nearest_place(self, point: Point, reach: float = np.inf) -> OutlinePlace | None:
        """The nearest place on an edge within ``reach`` (level-0 pixels), None if there is none."""
        (x, y), (left, top, right, bottom) = point, self.boxes
        near = (left <= x + reach) & (right >= x - reach) & (top <= y + reach) & (bottom >= y - reach)
        rows, target = np.flatnonzero(near), np.asarray(point)
        if not len(rows):
            return None
        places = _nearest_on(self.vertices[self.edges[rows]], self.ends[rows], target)
        distances = np.hypot(*(places - target).T)
        best = int(distances.argmin())
        if distances[best] > reach:
            return None
        foot_x, foot_y = places[best].tolist()
        return OutlinePlace(int(self.edges[rows[best]]), (foot_x, foot_y), float(distances[best]))

    def with_vertices(self, vertices: FloatArray) -> Annotation:
        """The annotation with its vertices elsewhere; rings of which none has moved are the same arrays.

        A rectangle or ellipse becomes a polygon.
        """
        rings = iter(np.split(vertices, self.firsts[1:-1]))
        parts = tuple(tuple(_same_or(ring, next(rings)) for ring in part) for part in self.annotation.parts)
        return replace(self.annotation, kind=edited_kind(self.annotation), parts=parts)


def edited_kind(annotation: Annotation) -> ShapeKind:
    """What a shape is once its outline has been edited freely."""
    return "polygon" if annotation.kind in AREA_KINDS else annotation.kind


def with_moved_vertices(outline: Outline, numbers: IntArray, shift: Point) -> Annotation:
    """Some vertices moved by level-0 pixels; the others stay."""
    vertices = outline.vertices.copy()
    vertices[numbers] += np.asarray(shift)
    return outline.with_vertices(vertices)


def without_vertices(outline: Outline, numbers: IntArray) -> Annotation:
    """Some vertices removed; a hole, or a part among several, goes with its last but two.

    Raises
    ------
    GeometryError
        If too little would be left for the kind of shape.
    """
    least = {"line": 2, "arrow": 2, "points": 1, "note": 1}.get(outline.annotation.kind, 3)
    stays = np.ones(len(outline.vertices), dtype=np.bool_)
    stays[numbers] = False
    masks = iter(np.split(stays, outline.firsts[1:-1]))
    parts = []
    for part in outline.annotation.parts:
        outer, *holes = [ring if kept.all() else ring[kept] for ring, kept in zip(part, masks, strict=False)]
        if len(outer) >= least:
            parts.append((outer, *(hole for hole in holes if len(hole) >= least)))
    if not parts:
        raise GeometryError(f"At least {least} vertices must stay.")
    return replace(outline.annotation, kind=edited_kind(outline.annotation), parts=tuple(parts))


def redrawn(
    outline: Outline,
    stroke: FloatArray,
    *,
    start: OutlinePlace,
    end: OutlinePlace,
    longer: bool = False,
) -> Annotation:
    """The stretch of an outline between two places replaced by a drawn one.

    Parameters
    ----------
    outline : Outline
        Of an area or a line.
    stroke : FloatArray
        float64 ``(M, 2)``, level-0 pixels: what was drawn from ``start`` to ``end``, without these two.
    start, end : OutlinePlace
        On the same ring.
    longer : bool
        Whether the longer one of the two ways around an area is replaced; a line has one way only.

    Raises
    ------
    GeometryError
        If the places are not on one ring, or nothing would be enclosed.
    """
    number = outline.ring_at(start.edge)
    if number != outline.ring_at(end.edge):
        raise GeometryError("The drawn stretch must begin and end on the same outline.")
    first = int(outline.firsts[number])
    ring = outline.vertices[first : int(outline.firsts[number + 1])]
    bridge = np.concatenate([[start.position], np.reshape(stroke, (-1, 2)), [end.position]])
    places = (start.edge - first, start.position), (end.edge - first, end.position)
    made = _bridged_ring(ring, bridge, places, longer) if outline.closed else _bridged(ring, bridge, places)
    made = _without_repeats(made, closed=outline.closed)
    if len(made) < (3 if outline.closed else 2):
        raise GeometryError("The outline encloses nothing.")
    rings = iter(range(len(outline.firsts) - 1))
    parts = tuple(
        tuple(made if next(rings) == number else ring for ring in part) for part in outline.annotation.parts
    )
    return replace(outline.annotation, kind=edited_kind(outline.annotation), parts=parts)


def center_of(annotation: Annotation) -> Point:
    """The middle of the box around an annotation, about which it is turned."""
    vertices = vertices_of(annotation)
    x, y = ((vertices.min(0) + vertices.max(0)) / 2).tolist()
    return x, y


def rotated(annotation: Annotation, degrees: float, center: Point) -> Annotation:
    """Turned clockwise on the slide about a place; a rectangle or ellipse becomes a polygon.

    The nucleus of a cell, which GeoJSON keeps beside it, is turned along.
    """
    if degrees % 360 == 0:
        return annotation
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    parts = tuple(tuple((ring - center) @ turn + center for ring in part) for part in annotation.parts)
    extra = _turned_extra(annotation.extra, turn, center)
    return replace(annotation, kind=edited_kind(annotation), parts=parts, extra=extra)


def simplified_stroke(points: Sequence[Point], tolerance: float) -> FloatArray:
    """A drawn stretch without the vertices that nobody can see (Douglas and Peucker), float64 ``(M, 2)``."""
    from shapely import LineString

    if len(points) < 3:
        return np.array(points, dtype=np.float64).reshape(-1, 2)
    return np.array(LineString(points).simplify(tolerance).coords, dtype=np.float64)


def _nearest_on(starts: FloatArray, ends: FloatArray, target: FloatArray) -> FloatArray:
    """The place on each edge that is nearest to a point, ``(E, 2)``."""
    along = ends - starts
    squared = np.maximum((along**2).sum(1), 1e-12)
    share = np.clip(((target - starts) * along).sum(1) / squared, 0, 1)
    places: FloatArray = starts + share[:, None] * along
    return places


def _same_or(ring: FloatArray, other: FloatArray) -> FloatArray:
    return ring if np.array_equal(ring, other) else other


_Places: TypeAlias = tuple[tuple[int, Point], tuple[int, Point]]
"""Two places on one ring: the vertex before each, and where it is."""


def _bridged_ring(ring: FloatArray, bridge: FloatArray, places: _Places, longer: bool) -> FloatArray:
    """A closed ring with one of the two ways between two places replaced; it keeps its sense."""
    (i, _), (j, _) = places
    s, t, total = _along(ring, places)
    forward = (t - s) % total
    replaces_forward = (forward <= total - forward) != longer
    if replaces_forward:  # what is kept runs on from the end of the bridge to its beginning
        count = (i - j) % len(ring) or (len(ring) if t >= s else 0)
        kept = ring[(j + 1 + np.arange(count)) % len(ring)]
        return np.concatenate([bridge, kept])
    count = (j - i) % len(ring) or (len(ring) if t < s else 0)
    kept = ring[(i + 1 + np.arange(count)) % len(ring)]
    return np.concatenate([bridge[:1], kept, bridge[:0:-1]])


def _bridged(line: FloatArray, bridge: FloatArray, places: _Places) -> FloatArray:
    """An open line with what lies between two places replaced."""
    (i, _), (j, _) = places
    s, t, _ = _along(line, places)
    if t < s:
        i, j, bridge = j, i, bridge[::-1]
    return np.concatenate([line[: i + 1], bridge, line[j + 1 :]])


def _along(ring: FloatArray, places: _Places) -> tuple[float, float, float]:
    """How far along a ring two places are, and how long the closed ring is."""
    steps = np.hypot(*(np.roll(ring, -1, axis=0) - ring).T)
    before = np.concatenate([[0.0], np.cumsum(steps)])
    s, t = (float(before[at] + np.hypot(*(ring[at] - position))) for at, position in places)
    return s, t, float(before[-1])


def _without_repeats(ring: FloatArray, *, closed: bool) -> FloatArray:
    differs = np.ones(len(ring), dtype=np.bool_)
    differs[1:] = (ring[1:] != ring[:-1]).any(1)
    kept = ring[differs]
    return kept[:-1] if closed and len(kept) > 1 and (kept[0] == kept[-1]).all() else kept


def _turned_extra(extra: bytes, turn: FloatArray, center: Point) -> bytes:
    if b'"nucleusGeometry"' not in extra:
        return extra
    members = json.loads(extra)
    nucleus = members.get("feature", {}).get("nucleusGeometry")
    if isinstance(nucleus, dict):
        for position in _positions(nucleus.get("coordinates")):
            position[:2] = ((np.array(position[:2]) - center) @ turn + center).round(2).tolist()
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _positions(value: Any) -> Iterator[list[float]]:
    """Every position in nested GeoJSON coordinates."""
    if not isinstance(value, list):
        return
    if len(value) >= 2 and all(isinstance(entry, int | float) for entry in value):
        yield value
        return
    for entry in value:
        yield from _positions(entry)
