"""All annotations of a slide at one moment, in columns, shared by copy-on-write.

A snapshot never changes: an edit makes a new one that shares every chunk it did not touch, so that undo,
the overlay's worker thread and a save in the background can each hold their own state at no cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation import AREA_KINDS, POINT_KINDS, Annotation, AnnotationClass, Color
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk, id_array
from desktop_app.domain.annotation_classes import DEFAULT_CLASSES, NO_CLASS_COLOR, color_for
from desktop_app.domain.annotation_index import AnnotationIndex
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.id_set import halves
from desktop_app.domain.rings import BandedEdges, distance_to_rings, even_odd_inside, rings_area
from desktop_app.errors import AnnotationError

CHUNK_SIZE = 2048
"""Objects in a chunk; the unit that an edit copies."""

LONE_VERTICES = 4096
"""An object of more vertices than this has a chunk of its own."""

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom in level-0 pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class AnnotationSnapshot:
    """The annotations of a slide and the classes they can have.

    Attributes
    ----------
    classes : tuple[AnnotationClass, ...]
        The class list in the order the user sees.
    chunks : tuple[AnnotationChunk, ...]
        The annotations; a chunk may be empty.
    index : AnnotationIndex
        Chunk numbers by id.
    boxes : FloatArray
        float64 ``(chunks, 4)``: what each chunk covers, so that a query skips most of them.
    """

    classes: tuple[AnnotationClass, ...]
    chunks: tuple[AnnotationChunk, ...]
    index: AnnotationIndex
    boxes: FloatArray

    @classmethod
    def empty(cls, classes: tuple[AnnotationClass, ...] = DEFAULT_CLASSES) -> AnnotationSnapshot:
        """No annotations yet."""
        return cls.of_chunks((), classes)

    @classmethod
    def of(
        cls, annotations: Sequence[Annotation], classes: tuple[AnnotationClass, ...] = DEFAULT_CLASSES
    ) -> AnnotationSnapshot:
        """A snapshot of given annotations.

        Raises
        ------
        AnnotationError
            If an id occurs twice.
        GeometryError
            If a shape cannot be what it is said to be.
        """
        return cls.empty(classes).replaced(np.zeros(0, dtype="S16"), AnnotationChunk.of(annotations))

    @classmethod
    def of_chunks(
        cls, chunks: Sequence[AnnotationChunk], classes: tuple[AnnotationClass, ...]
    ) -> AnnotationSnapshot:
        """A snapshot of chunks that were stored before."""
        boxes = np.array([_box(chunk) for chunk in chunks]).reshape(-1, 4)
        return cls(classes, tuple(chunks), AnnotationIndex.of([chunk.ids for chunk in chunks]), boxes)

    def __len__(self) -> int:
        return sum(map(len, self.chunks))

    def __contains__(self, annotation_id: object) -> bool:
        return isinstance(annotation_id, UUID) and self._chunk_of(annotation_id) is not None

    def get(self, annotation_id: UUID) -> Annotation | None:
        """The annotation with this id, None if there is none."""
        chunk = self._chunk_of(annotation_id)
        row = None if chunk is None else chunk.row_of(annotation_id)
        return None if chunk is None or row is None else chunk[row]

    def holds(self, ids: NDArray[np.bytes_]) -> NDArray[np.bool_]:
        """Which of some ids (``S16``) are there, bool ``(M,)``; quick for many."""
        there: NDArray[np.bool_] = self.index.locate(ids) >= 0
        return there

    def columns(self, ids: NDArray[np.bytes_]) -> AnnotationChunk:
        """Those of some ids (``S16``) that are there, in columns and in no particular order."""
        numbers = self.index.locate(ids)
        order = np.argsort(numbers, kind="stable")
        ids, numbers = ids[order], numbers[order]
        edges = np.searchsorted(numbers, np.arange(len(self.chunks) + 1)).tolist()
        parts = [
            chunk.take(chunk.rows_of(ids[start:stop]))
            for chunk, start, stop in zip(self.chunks, edges[:-1], edges[1:], strict=True)
            if stop > start
        ]
        return AnnotationChunk.joined(parts)

    def ids(self) -> tuple[UUID, ...]:
        """All ids, in the order of :meth:`bounds` and :meth:`iter_annotations`."""
        return tuple(key for chunk in self.chunks for key in chunk.uuids())

    def iter_annotations(self, ids: Iterable[UUID] | None = None) -> Iterator[Annotation]:
        """Annotations one at a time: all, or those of ``ids`` that are there, in their order."""
        if ids is None:
            return (annotation for chunk in self.chunks for annotation in chunk)
        return self._found(id_array(ids))

    def bounds(self) -> FloatArray:
        """float64 ``(N, 4)``: left, top, right, bottom of every annotation in level-0 pixels."""
        return np.concatenate([np.zeros((0, 4)), *(chunk.bounds() for chunk in self.chunks)])

    def rows_in(
        self, box: Box, *, among: NDArray[np.bool_] | None = None
    ) -> Iterator[tuple[AnnotationChunk, NDArray[np.int64]]]:
        """The rows of each chunk whose bounding box touches ``box``; what a painter goes through.

        Parameters
        ----------
        box : Box
        among : NDArray[np.bool_] | None
            ``(chunks,)``: which chunks to look into; None for all.
        """
        left, top, right, bottom = box
        touches = _touches(self.boxes, box)
        if among is not None:
            touches &= among
        for number in touches.nonzero()[0].tolist():
            chunk = self.chunks[number]
            x, y = chunk.origin.tolist()
            # Plain numbers: numpy's own would have every column converted before it is compared.
            rows = _touches(chunk.boxes, (left - x, top - y, right - x, bottom - y)).nonzero()[0]
            if len(rows):
                yield chunk, rows

    def crowd_at(self, box: Box) -> int:
        """How many annotations :meth:`rows_in` would look at."""
        touches = _touches(self.boxes, box).nonzero()[0].tolist()
        return sum(len(self.chunks[number]) for number in touches)

    def in_rect(self, box: Box) -> list[UUID]:
        """Annotations whose bounding box touches ``(left, top, right, bottom)``."""
        return [key for chunk, rows in self.rows_in(box) for key in chunk.take(rows).uuids()]

    def hit(
        self,
        point: tuple[float, float],
        tolerance: float,
        *,
        hidden_classes: frozenset[str | None] = frozenset(),
    ) -> UUID | None:
        """The annotation at a point, None if there is none; hidden ones are not there.

        Where several are, the smallest is meant: what lies inside a large region stays within reach.

        Parameters
        ----------
        point : tuple[float, float]
            Level-0 pixels.
        tolerance : float
            How far from its outline (or its line, or its point) an annotation still counts, level-0 pixels.
        hidden_classes : frozenset[str | None]
            Classes that are not shown; None among them stands for no class.
        """
        found = self.hits(point, tolerance, hidden_classes=hidden_classes)
        return found[0] if found else None

    def hits(
        self,
        point: tuple[float, float],
        tolerance: float,
        *,
        hidden_classes: frozenset[str | None] = frozenset(),
    ) -> list[UUID]:
        """All annotations at a point, the smallest first; parameters as for :meth:`hit`."""
        x, y = point
        found: list[tuple[float, UUID]] = []
        for chunk, rows in self.rows_in((x - tolerance, y - tolerance, x + tolerance, y + tolerance)):
            for row in chunk.shown_rows(rows, hidden_classes).tolist():
                area = _hit_area(chunk, row, point, tolerance)
                if area is not None:
                    found.append((area, UUID(bytes=chunk.ids[row].ljust(16, b"\0"))))
        return [key for _, key in sorted(found, key=lambda entry: entry[0])]

    def class_color(self, class_name: str | None) -> Color:
        """The color of a class; one that is not in the list has the color it would get there."""
        if class_name is None:
            return NO_CLASS_COLOR
        colors = (entry.color for entry in self.classes if entry.name == class_name)
        return next(colors, None) or color_for(class_name)

    def color_of(self, annotation: Annotation) -> Color:
        """What an annotation is drawn in: its own color, else its class's."""
        return annotation.color or self.class_color(annotation.class_name)

    def with_classes(self, classes: tuple[AnnotationClass, ...]) -> AnnotationSnapshot:
        """The same annotations with another class list."""
        return replace(self, classes=classes)

    def replaced(self, removed: NDArray[np.bytes_], added: AnnotationChunk) -> AnnotationSnapshot:
        """A snapshot without ``removed`` and with ``added``; an id in both stays in its chunk.

        Raises
        ------
        AnnotationError
            If an id of ``removed`` is not there, or a new one is there already, or one occurs twice.
        """
        located, stays = self.places(removed, added.ids)
        newcomers = added.ids[~stays]
        pieces: dict[int, list[AnnotationChunk]] = defaultdict(list)
        changed = added if not len(newcomers) else added.take(np.flatnonzero(stays))
        _group(pieces, changed, self.index)
        if len(newcomers):
            self._place(pieces, added if not len(changed) else added.take(np.flatnonzero(~stays)))
        gone = {number: removed[rows] for number, rows in _by_chunk(located).items()}
        return self._rebuilt(gone, pieces)

    def places(
        self, removed: NDArray[np.bytes_], added: NDArray[np.bytes_]
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """The chunks of ``removed``, and which of ``added`` stay in theirs (ids, ``S16``).

        Raises what :meth:`replaced` raises, without doing it.
        """
        located = self.index.locate(removed)
        if (located < 0).any() or _has_twice(removed):
            raise AnnotationError("An annotation to change is not there.")
        if np.array_equal(removed, added):  # most edits change some objects, and nothing else
            return located, np.ones(len(added), dtype=np.bool_)
        either_none = not len(added) or not len(removed)
        stays = np.zeros(len(added), dtype=np.bool_) if either_none else np.isin(added, removed)
        if (self.index.locate(added[~stays]) >= 0).any() or _has_twice(added):
            raise AnnotationError("An annotation to add is there already.")
        return located, stays

    def _found(self, ids: NDArray[np.bytes_]) -> Iterator[Annotation]:
        """The annotations of ids that are there; their rows are looked up once for each chunk."""
        numbers = self.index.locate(ids)
        rows = np.zeros(len(ids), dtype=np.int64)
        # A painter asks for none at first; numpy.unique then imports masked arrays, which takes 50 ms.
        for number in sorted(set(numbers[numbers >= 0].tolist())):
            wanted = numbers == number
            rows[wanted] = self.chunks[number].rows_of(ids[wanted])
        pairs = zip(numbers.tolist(), rows.tolist(), strict=True)
        return (self.chunks[number][row] for number, row in pairs if number >= 0)

    def _chunk_of(self, annotation_id: UUID) -> AnnotationChunk | None:
        number = int(self.index.locate(id_array([annotation_id]))[0])
        return None if number < 0 else self.chunks[number]

    def _place(self, pieces: dict[int, list[AnnotationChunk]], new: AnnotationChunk) -> None:
        """Put few new objects into the last chunk, many into new chunks of neighbors.

        One of very many vertices gets a chunk of its own: it is not copied when a neighbor is edited.
        """
        large = _vertex_counts(new) > LONE_VERTICES
        lone = [new.take(np.array([row])) for row in np.flatnonzero(large).tolist()]
        rest = new.take(np.flatnonzero(~large)) if lone else new
        last = self._last_shared()
        parts = lone
        if last is not None and len(self.chunks[last]) + len(rest) <= CHUNK_SIZE:
            pieces[last].append(rest)
        else:
            parts = [*_neighbors(rest), *lone]
        for number, part in enumerate(parts, start=len(self.chunks)):
            pieces[number].append(part)

    def _last_shared(self) -> int | None:
        """The last chunk that is not one large object's own."""
        numbers = reversed(range(len(self.chunks)))
        return next((number for number in numbers if not _is_lone(self.chunks[number])), None)

    def _rebuilt(
        self, gone: dict[int, NDArray[np.bytes_]], pieces: dict[int, list[AnnotationChunk]]
    ) -> AnnotationSnapshot:
        count = max([len(self.chunks), *(number + 1 for number in pieces)])
        chunks = list(self.chunks)
        boxes = np.concatenate([self.boxes, np.zeros((count - len(chunks), 4))])
        for number in sorted({*gone, *pieces}):
            chunk = self._changed_chunk(number, gone.get(number), pieces.get(number, []))
            chunks[number : number + 1] = [chunk]
            boxes[number] = _box(chunk)
        removed = np.concatenate([np.zeros(0, dtype="S16"), *gone.values()])
        added = [(number, part.ids) for number, parts in pieces.items() for part in parts]
        index = self.index.changed(removed, added) or AnnotationIndex.of([chunk.ids for chunk in chunks])
        return AnnotationSnapshot(self.classes, tuple(chunks), index, boxes)

    def _changed_chunk(
        self, number: int, gone: NDArray[np.bytes_] | None, pieces: Sequence[AnnotationChunk]
    ) -> AnnotationChunk:
        kept = self.chunks[number : number + 1]
        if gone is not None and len(pieces) == 1 and set(gone.tolist()) == set(pieces[0].ids.tolist()):
            changed = kept[0].overwritten(pieces[0])
            if changed is not None:
                return changed
        if gone is not None:
            kept = tuple(kept[0].without(gone)) if len(gone) < len(kept[0]) else ()
        return AnnotationChunk.joined([*kept, *pieces])


def _group(
    pieces: dict[int, list[AnnotationChunk]], changed: AnnotationChunk, index: AnnotationIndex
) -> None:
    """Sort changed objects by the chunk they are in."""
    numbers = index.locate(changed.ids)
    different = set(numbers.tolist())
    for number in different:
        several = len(different) > 1
        pieces[number].append(changed.take(np.flatnonzero(numbers == number)) if several else changed)


def _by_chunk(numbers: NDArray[np.int32]) -> dict[int, NDArray[np.int64]]:
    """Which rows have each of the numbers, in their order; quick for a million of them."""
    order = np.argsort(numbers, kind="stable")
    starts = np.flatnonzero(np.diff(numbers[order])) + 1
    return {int(numbers[rows[0]]): rows for rows in np.split(order, starts) if len(rows)}


def _has_twice(ids: NDArray[np.bytes_]) -> bool:
    """Whether an id is there twice; sorted without the interpreter's lock, since they may be a million."""
    if len(ids) < 2:
        return False
    firsts = np.sort(halves(ids)[:, 0])
    return bool((firsts[1:] == firsts[:-1]).any()) and len(np.unique(ids)) != len(ids)


def _vertex_counts(chunk: AnnotationChunk) -> NDArray[np.int64]:
    return np.diff(chunk.vertices.starts[chunk.rings.starts])


def _is_lone(chunk: AnnotationChunk) -> bool:
    return len(chunk) == 1 and len(chunk.offsets) > LONE_VERTICES


def _neighbors(new: AnnotationChunk) -> list[AnnotationChunk]:
    """Chunks of at most ``CHUNK_SIZE`` objects; more than one chunk is sorted so that each stays compact.

    Slices across x, each sorted by y (sort-tile-recursive packing, Leutenegger et al. 1997).
    """
    if len(new) <= CHUNK_SIZE:
        return [new] if len(new) else []
    centers = (new.boxes[:, :2] + new.boxes[:, 2:]) / 2
    slices = int(np.ceil(np.sqrt(len(new) / CHUNK_SIZE)))
    columns = np.array_split(np.argsort(centers[:, 0], kind="stable"), slices)
    rows = np.concatenate([column[np.argsort(centers[column, 1], kind="stable")] for column in columns])
    return [new.take(rows[start : start + CHUNK_SIZE]) for start in range(0, len(rows), CHUNK_SIZE)]


def _box(chunk: AnnotationChunk) -> FloatArray:
    """What a chunk covers; an empty one covers nothing that a query could touch."""
    if not len(chunk):
        return np.array([np.inf, np.inf, -np.inf, -np.inf])
    return chunk.extent()


def _touches(boxes: FloatArray, box: Box) -> NDArray[np.bool_]:
    left, top, right, bottom = box
    touches: NDArray[np.bool_] = boxes[:, 0] <= right
    touches &= boxes[:, 2] >= left
    touches &= boxes[:, 1] <= bottom
    touches &= boxes[:, 3] >= top
    return touches


def _hit_area(chunk: AnnotationChunk, row: int, point: tuple[float, float], tolerance: float) -> float | None:
    """The area of an object if the point is on it, else None; a line or point has none to speak of."""
    kind = KINDS[chunk.kinds[row]]
    closed = kind in AREA_KINDS
    if kind not in POINT_KINDS and _vertices(chunk, row) > LONE_VERTICES:
        edges = banded_edges(chunk, row)
        near = (closed and edges.contains(point)) or edges.distance(point, tolerance) <= tolerance
        return _area(chunk, row) if near else None
    rings = chunk.rings_of(row)
    near = closed and even_odd_inside(rings, point)
    joined = kind not in POINT_KINDS
    if near or distance_to_rings(rings, point, closed=closed, joined=joined) <= tolerance:
        return rings_area(rings) if closed else 0.0
    return None


def _area(chunk: AnnotationChunk, row: int) -> float:
    """What the rings of an object of very many vertices enclose, worked out once."""
    if KINDS[chunk.kinds[row]] not in AREA_KINDS:
        return 0.0
    return chunk.once(("area", row), lambda: rings_area(chunk.rings_of(row)))


def banded_edges(chunk: AnnotationChunk, row: int) -> BandedEdges:
    """The edges of an object by bands, level-0 pixels; made once, for objects of very many vertices."""
    closed = KINDS[chunk.kinds[row]] in AREA_KINDS
    return chunk.once(("edges", row), lambda: BandedEdges.of(chunk.rings_of(row), closed=closed))


def _vertices(chunk: AnnotationChunk, row: int) -> int:
    covered = chunk.vertices_of(row)
    return int(covered.stop - covered.start)
