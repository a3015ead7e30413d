"""A few thousand annotations in columns: the unit that snapshots share and copy.

Python objects with geometry cost ten times their vertices; columns cost little more than the vertices and
are read by the overlay, the index and the journal without making objects. A chunk never changes, so any
number of threads may read it.

Coordinates are kept on a grid of 1/128 px as float32 offsets from a whole-numbered float64 origin. Within
131072 px of the origin every such offset is exact, so that a chunk can be rebuilt any number of times
without drift, and every coordinate with two decimals (QuPath's grid of 0.01 px) comes back as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, get_args, overload
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation import Annotation, Color, Origin, RoiStatus, ShapeKind
from desktop_app.domain.annotation_columns import Interned, Ragged, Rows
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.memo import Memo
from desktop_app.errors import GeometryError

GRID = 1 / 128
"""Level-0 pixels between two places that are told apart."""

EXACT_RANGE = 131072.0
"""Offsets up to this many pixels are exact in float32 on the grid."""

KINDS: tuple[ShapeKind, ...] = get_args(ShapeKind)
_MIN_VERTICES: Mapping[ShapeKind, int] = {
    "rectangle": 3,
    "ellipse": 3,
    "polygon": 3,
    "line": 2,
    "points": 1,
    "arrow": 2,
    "note": 1,
}

_FEW = 4
"""Annotations up to which those that stay are copied by the stretch."""


@dataclass(frozen=True, slots=True, eq=False)
class AnnotationChunk(Memo, Sequence[Annotation]):
    """Annotations as columns; also a sequence that makes each annotation when it is asked for.

    What is worked out from the columns may be kept with them (:meth:`Memo.once`).

    Attributes
    ----------
    origin : FloatArray
        float64 ``(2,)``, whole numbers, level-0 pixels.
    ids : NDArray[np.bytes_]
        ``S16`` ``(N,)``, the 16 bytes of each UUID (numpy compares them exactly at this length).
    kinds : NDArray[np.uint8]
        ``(N,)`` into :data:`KINDS`.
    locked, hidden : NDArray[np.bool_]
        ``(N,)``.
    colors : NDArray[np.int32]
        ``(N,)``, ``0xRRGGBB``, -1 for the class's color.
    rings : Ragged
        The rings of each object.
    holes : NDArray[np.bool_]
        ``(R,)``, True for a hole of the part that the last ring with False began.
    vertices : Ragged
        The vertices of each ring.
    offsets : NDArray[np.float32]
        ``(V, 2)`` from ``origin``.
    boxes : NDArray[np.float32]
        ``(N, 4)``: left, top, right, bottom, from ``origin``.
    measured : Ragged
        The values of each object's measurements.
    values : FloatArray
        float64, the measured values.
    schemas : Interned[tuple[str, ...]]
        The names of each object's measurements.
    class_names, names, object_types : Interned[str]
        Columns of text.
    rois : Interned[RoiStatus]
        Which objects are ROIs.
    origins : Interned[Origin]
        Provenance.
    extras : Interned[bytes]
        Unknown GeoJSON members.
    """

    origin: FloatArray
    ids: NDArray[np.bytes_]
    kinds: NDArray[np.uint8]
    locked: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    colors: NDArray[np.int32]
    rings: Ragged
    holes: NDArray[np.bool_]
    vertices: Ragged
    offsets: NDArray[np.float32]
    boxes: NDArray[np.float32]
    measured: Ragged
    values: FloatArray
    schemas: Interned[tuple[str, ...]]
    class_names: Interned[str]
    names: Interned[str]
    object_types: Interned[str]
    rois: Interned[RoiStatus]
    origins: Interned[Origin]
    extras: Interned[bytes]

    @classmethod
    def of(cls, annotations: Sequence[Annotation]) -> AnnotationChunk:
        """Columns of the annotations; a chunk is returned as it is.

        Raises
        ------
        GeometryError
            If a ring has too few vertices or a coordinate is not finite.
        """
        return annotations if isinstance(annotations, AnnotationChunk) else _columns(annotations)

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, row: int) -> Annotation: ...
    @overload
    def __getitem__(self, row: slice) -> AnnotationChunk: ...
    def __getitem__(self, row: int | slice) -> Annotation | AnnotationChunk:
        if isinstance(row, slice):
            return self.take(np.arange(len(self), dtype=np.int64)[row])
        return self._annotation(range(len(self))[row])

    def __iter__(self) -> Iterator[Annotation]:
        return (self._annotation(row) for row in range(len(self)))

    def uuids(self) -> tuple[UUID, ...]:
        """The ids in row order."""
        return uuids_of(self.ids)

    def bounds(self) -> FloatArray:
        """float64 ``(N, 4)``: left, top, right, bottom in level-0 pixels."""
        return self.boxes + np.tile(self.origin, 2)

    def extent(self) -> FloatArray:
        """float64 ``(4,)``: the box around all of them, which must not be none."""
        left, top, right, bottom = self.boxes.T  # one by one they are ten times as quick
        edges = np.array([left.min(), top.min(), right.max(), bottom.max()])
        extent: FloatArray = edges + np.tile(self.origin, 2)
        return extent

    def vertices_of(self, row: int) -> slice:
        """The rows of ``offsets`` that belong to an object."""
        rings = self.rings[row]
        return slice(int(self.vertices.starts[rings.start]), int(self.vertices.starts[rings.stop]))

    def rings_of(self, row: int) -> tuple[FloatArray, ...]:
        """The rings of an object, float64 ``(M, 2)`` in level-0 pixels, outer rings and holes alike."""
        rings = self.rings[row]
        return tuple(
            self.offsets[self.vertices[ring]] + self.origin for ring in range(rings.start, rings.stop)
        )

    def row_of(self, annotation_id: UUID) -> int | None:
        """Where an annotation is, None if it is not in this chunk."""
        rows = np.flatnonzero(self.ids == np.bytes_(annotation_id.bytes))
        return int(rows[0]) if len(rows) else None

    def rows_of(self, ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
        """Where annotations are that are all in this chunk, int64 ``(M,)``; quick for many."""
        order = np.argsort(self.ids, kind="stable")
        rows: NDArray[np.int64] = order[np.searchsorted(self.ids, ids, sorter=order)]
        return rows

    def shown_rows(
        self, rows: NDArray[np.int64], hidden_classes: frozenset[str | None] = frozenset()
    ) -> NDArray[np.int64]:
        """Those of some rows that are shown: neither hidden themselves nor of a hidden class.

        Parameters
        ----------
        rows : NDArray[np.int64]
            Rows of this chunk.
        hidden_classes : frozenset[str | None]
            None stands for objects without a class.
        """
        shown = ~self.hidden[rows]
        if hidden_classes:
            names = (*self.class_names.table, None)  # an index of -1 is the last of them
            visible = np.array([name not in hidden_classes for name in names])
            shown &= visible[self.class_names.index[rows]]
        return rows[shown]

    def _annotation(self, row: int) -> Annotation:
        color = int(self.colors[row])
        schema = self.schemas[row] or ()
        return Annotation(
            id=UUID(bytes=self.ids[row].ljust(16, b"\0")),
            kind=KINDS[self.kinds[row]],
            parts=self._parts(row),
            class_name=self.class_names[row],
            name=self.names[row] or "",
            object_type=self.object_types[row] or "annotation",
            color=None if color < 0 else (color >> 16, color >> 8 & 0xFF, color & 0xFF),
            locked=bool(self.locked[row]),
            hidden=bool(self.hidden[row]),
            roi=self.rois[row],
            origin=self.origins[row],
            measurements=dict(zip(schema, self.values[self.measured[row]].tolist(), strict=True)),
            extra=self.extras[row] or b"",
        )

    def _parts(self, row: int) -> tuple[tuple[FloatArray, ...], ...]:
        parts: list[list[FloatArray]] = []
        for ring, hole in zip(self.rings_of(row), self.holes[self.rings[row]].tolist(), strict=True):
            if hole:
                parts[-1].append(ring)
            else:
                parts.append([ring])
        return tuple(tuple(part) for part in parts)

    def take(self, rows: Rows) -> AnnotationChunk:
        """The annotations of some rows, in that order; of a slice views, which cost nothing."""
        rings, ring_rows = self.rings.take(rows)
        vertices, vertex_rows = self.vertices.take(ring_rows)
        measured, value_rows = self.measured.take(rows)
        return AnnotationChunk(
            origin=self.origin,
            ids=self.ids[rows],
            kinds=self.kinds[rows],
            locked=self.locked[rows],
            hidden=self.hidden[rows],
            colors=self.colors[rows],
            rings=rings,
            holes=self.holes[ring_rows],
            vertices=vertices,
            offsets=self.offsets[vertex_rows],
            boxes=self.boxes[rows],
            measured=measured,
            values=self.values[value_rows],
            schemas=self.schemas.take(rows),
            class_names=self.class_names.take(rows),
            names=self.names.take(rows),
            object_types=self.object_types.take(rows),
            rois=self.rois.take(rows),
            origins=self.origins.take(rows),
            extras=self.extras.take(rows),
        )

    def without(self, ids: NDArray[np.bytes_]) -> list[AnnotationChunk]:
        """What is left without some annotations (``S16``), in parts that :meth:`joined` puts together.

        A few are left out by views of what lies between them, which copies nothing.
        """
        if len(ids) <= _FEW:
            rows = sorted(row for one in ids for row in np.flatnonzero(self.ids == one).tolist())
            ends = zip([-1, *rows], [*rows, len(self)], strict=True)
            runs = [self.take(slice(before + 1, row)) for before, row in ends if row > before + 1]
            if len(runs) > 1:  # a single view would hold on to everything
                return runs
        return [self.take(np.flatnonzero(~np.isin(self.ids, ids)))]

    def overwritten(self, others: AnnotationChunk) -> AnnotationChunk | None:
        """The same with a few annotations as ``others`` has them, all of them in this chunk.

        Columns in which nothing differs are shared. Returns None where the annotations are many, have other
        numbers of vertices or measurements than before, or are too far from this chunk's origin.
        """
        if not 0 < len(others) <= _FEW or _common_origin([self, others]) is not self.origin:
            return None
        rows = np.array([int((self.ids == one).argmax()) for one in others.ids], dtype=np.int64)
        (rings, ring_rows), (measured, value_rows) = self.rings.take(rows), self.measured.take(rows)
        vertices, vertex_rows = self.vertices.take(ring_rows)
        runs = ((rings, others.rings), (vertices, others.vertices), (measured, others.measured))
        if not all(np.array_equal(mine.starts, theirs.starts) for mine, theirs in runs):
            return None
        places = {"holes": ring_rows, "offsets": vertex_rows, "values": value_rows}
        new = others.moved_to(self.origin)
        columns: dict[str, Any] = {}
        for column in fields(self):
            name, mine = column.name, getattr(self, column.name)
            if isinstance(mine, Interned):
                columns[name] = mine.overwritten(rows, getattr(new, name))
            elif isinstance(mine, np.ndarray) and name != "origin":
                columns[name] = _overwritten(mine, places.get(name, rows), getattr(new, name))
        return replace(self, **columns)

    def moved_to(self, origin: FloatArray) -> AnnotationChunk:
        """The same annotations with offsets from another origin."""
        if np.array_equal(origin, self.origin):
            return self
        shift = self.origin - origin
        columns = {column.name: getattr(self, column.name) for column in fields(self)}
        columns["origin"] = origin
        columns["offsets"] = (self.offsets + shift).astype(np.float32)
        columns["boxes"] = (self.boxes + np.tile(shift, 2)).astype(np.float32)
        return AnnotationChunk(**columns)

    @classmethod
    def joined(cls, chunks: Sequence[AnnotationChunk]) -> AnnotationChunk:
        """Chunks one after the other, with the first one's origin as long as offsets stay exact."""
        parts = [chunk for chunk in chunks if len(chunk)]
        if len(parts) <= 1:
            return parts[0] if parts else EMPTY_CHUNK
        origin = _common_origin(parts)
        moved = [chunk.moved_to(origin) for chunk in parts]
        names = [column.name for column in fields(cls) if column.name != "origin"]
        columns: dict[str, Any] = {name: _joined_column(moved, name) for name in names}
        return cls(origin=origin, **columns)


@dataclass(slots=True)
class _Gathered:
    """Rings and measurements of annotations on their way into columns."""

    rings: list[FloatArray] = field(default_factory=list)
    holes: list[bool] = field(default_factory=list)
    ring_counts: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def add(self, annotation: Annotation) -> None:
        count = len(self.rings)
        for part in annotation.parts:
            for position, ring in enumerate(part):
                self.rings.append(_checked_ring(ring, annotation.kind))
                self.holes.append(position > 0)
        if len(self.rings) == count:
            raise GeometryError("An annotation needs a shape.")
        self.ring_counts.append(len(self.rings) - count)
        self.values.extend(annotation.measurements.values())


def ids_of(annotations: Sequence[Annotation]) -> NDArray[np.bytes_]:
    """``S16`` ``(N,)``: the ids of annotations, without making those that are still columns."""
    if isinstance(annotations, AnnotationChunk):
        return annotations.ids
    return id_array(annotation.id for annotation in annotations)


def id_array(uuids: Iterable[UUID]) -> NDArray[np.bytes_]:
    """``S16`` ``(N,)`` of some ids."""
    return np.array([key.bytes for key in uuids], dtype="S16")


def uuids_of(ids: NDArray[np.bytes_]) -> tuple[UUID, ...]:
    """The inverse of :func:`id_array`; a million of them take a second."""
    raw = ids.tobytes()
    return tuple(UUID(bytes=raw[start : start + 16]) for start in range(0, len(raw), 16))


def packed_color(color: Color | None) -> int:
    """``0xRRGGBB``, or -1 for None."""
    return -1 if color is None else color[0] << 16 | color[1] << 8 | color[2]


def snapped(points: FloatArray) -> FloatArray:
    """Coordinates as they will be stored: float64 on the grid of 1/128 px."""
    rounded: FloatArray = np.round(np.asarray(points, dtype=np.float64) / GRID) * GRID
    return rounded


def _checked_ring(ring: FloatArray, kind: ShapeKind) -> FloatArray:
    points = np.asarray(ring, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < _MIN_VERTICES[kind]:
        raise GeometryError(f"A {kind} needs at least {_MIN_VERTICES[kind]} vertices.")
    if not np.isfinite(points).all():
        raise GeometryError(f"A {kind} has a vertex that is not a number.")
    return points


def _columns(annotations: Sequence[Annotation]) -> AnnotationChunk:
    if not annotations:
        return EMPTY_CHUNK
    gathered = _Gathered()
    for annotation in annotations:
        gathered.add(annotation)
    rings, vertices = Ragged.of(gathered.ring_counts), Ragged.of(map(len, gathered.rings))
    points = snapped(np.concatenate(gathered.rings))
    origin = np.floor((points.min(0) + points.max(0)) / 2)
    offsets = (points - origin).astype(np.float32)
    firsts = vertices.starts[rings.starts[:-1]]
    return AnnotationChunk(
        origin=origin,
        ids=ids_of(annotations),
        kinds=np.array([KINDS.index(a.kind) for a in annotations], dtype=np.uint8),
        locked=np.array([a.locked for a in annotations], dtype=np.bool_),
        hidden=np.array([a.hidden for a in annotations], dtype=np.bool_),
        colors=np.array([packed_color(a.color) for a in annotations], dtype=np.int32),
        rings=rings,
        holes=np.array(gathered.holes, dtype=np.bool_),
        vertices=vertices,
        offsets=offsets,
        boxes=np.hstack([np.minimum.reduceat(offsets, firsts), np.maximum.reduceat(offsets, firsts)]),
        measured=Ragged.of(len(a.measurements) for a in annotations),
        values=np.array(gathered.values, dtype=np.float64),
        schemas=Interned.of(tuple(a.measurements) or None for a in annotations),
        class_names=Interned.of(a.class_name for a in annotations),
        names=Interned.of(a.name or None for a in annotations),
        object_types=Interned.of(a.object_type for a in annotations),
        rois=Interned.of(a.roi for a in annotations),
        origins=Interned.of(a.origin for a in annotations),
        extras=Interned.of(a.extra or None for a in annotations),
    )


def _joined_column(chunks: Sequence[AnnotationChunk], name: str) -> Any:
    columns = [getattr(chunk, name) for chunk in chunks]
    if isinstance(columns[0], np.ndarray):
        return np.concatenate(columns)
    return type(columns[0]).joined(columns)


def _overwritten(column: NDArray[Any], rows: NDArray[np.int64], values: NDArray[Any]) -> NDArray[Any]:
    """A column with other values in some rows; itself where they are the same."""
    if (column[rows] == values).all():
        return column
    changed = column.copy()
    changed[rows] = values
    return changed


def _common_origin(chunks: Sequence[AnnotationChunk]) -> FloatArray:
    """The first origin, or the middle of everything where that would leave the exact range."""
    origin = chunks[0].origin
    others = [chunk for chunk in chunks if not np.array_equal(chunk.origin, origin)]
    if all(np.abs(chunk.extent() - np.tile(origin, 2)).max() <= EXACT_RANGE for chunk in others):
        return origin
    extents = np.array([chunk.extent() for chunk in chunks])
    middle: FloatArray = np.floor((extents[:, :2].min(0) + extents[:, 2:].max(0)) / 2)
    return middle


def _empty() -> AnnotationChunk:
    none: Ragged = Ragged(np.zeros(1, dtype=np.int64))
    whole = np.zeros(0, dtype=np.int32)
    return AnnotationChunk(
        origin=np.zeros(2),
        ids=np.zeros(0, dtype="S16"),
        kinds=np.zeros(0, dtype=np.uint8),
        locked=np.zeros(0, dtype=np.bool_),
        hidden=np.zeros(0, dtype=np.bool_),
        colors=whole,
        rings=none,
        holes=np.zeros(0, dtype=np.bool_),
        vertices=none,
        offsets=np.zeros((0, 2), dtype=np.float32),
        boxes=np.zeros((0, 4), dtype=np.float32),
        measured=none,
        values=np.zeros(0),
        schemas=Interned(whole, ()),
        class_names=Interned(whole, ()),
        names=Interned(whole, ()),
        object_types=Interned(whole, ()),
        rois=Interned(whole, ()),
        origins=Interned(whole, ()),
        extras=Interned(whole, ()),
    )


EMPTY_CHUNK = _empty()
"""The chunk without annotations."""
