"""Edits: what changes annotations, as values that can be applied, inverted, stored and shown.

A tool makes an :class:`Edit`; :func:`apply` is the only way from one snapshot to the next. Pure, on any
thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TypeAlias
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation import Annotation, AnnotationClass, ReviewState
from desktop_app.domain.annotation_chunk import AnnotationChunk, id_array, ids_of
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot, Box
from desktop_app.domain.arrays import FloatArray

Classes: TypeAlias = tuple[AnnotationClass, ...]

MANY_CHANGED = 10_000
"""Looking for ids among more than these would be felt on the GUI thread."""

NO_IDS = np.zeros(0, dtype="S16")

MAX_RECTS = 256
"""A change of more objects than this is reported as one box around all of them."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One finished action of a person or a merged result; only the objects it touches.

    Attributes
    ----------
    edit_id : UUID
        Its name in the journal and in the undo stack.
    label : str
        What the undo menu says.
    author : str
        Who did it.
    utc : str
        When, ISO 8601 UTC.
    before : Sequence[Annotation]
        The touched objects as they were; an object that is only here is removed.
    after : Sequence[Annotation]
        The touched objects as they are; an object that is only here is added. Both are usually an
        ``AnnotationChunk``, which is a sequence of annotations made on demand.
    classes_before, classes_after : tuple[AnnotationClass, ...] | None
        The whole class list, where the edit changes it.
    """

    edit_id: UUID
    label: str
    author: str
    utc: str
    before: Sequence[Annotation]
    after: Sequence[Annotation]
    classes_before: Classes | None = None
    classes_after: Classes | None = None

    @classmethod
    def create(
        cls, label: str, author: str, *, before: Sequence[Annotation] = (), after: Sequence[Annotation] = ()
    ) -> Edit:
        """An edit with a new id, made now; its annotations are put into columns once and for all.

        Raises
        ------
        GeometryError
            If a shape cannot be what it is said to be.
        """
        columns = AnnotationChunk.of(before), AnnotationChunk.of(after)
        return cls(uuid4(), label, author, utc_now(), *columns)

    @classmethod
    def of_classes(cls, label: str, author: str, *, before: Classes, after: Classes) -> Edit:
        """An edit of the class list alone, with a new id, made now."""
        return cls(uuid4(), label, author, utc_now(), (), (), before, after)


@dataclass(frozen=True, slots=True, eq=False)
class AnnotationChange:
    """What observers need to refresh after a step from one snapshot to the next.

    Attributes
    ----------
    snapshot : AnnotationSnapshot
        The new state.
    removed_ids, changed_ids, added_ids : NDArray[np.bytes_]
        ``S16`` each: the touched objects.
    rects : tuple[Box, ...]
        ``(left, top, right, bottom)`` in level-0 pixels of everything that looks different now.
    classes_changed : bool
        True if the class list changed, so any object may have another color.
    """

    snapshot: AnnotationSnapshot
    removed_ids: NDArray[np.bytes_] = field(default_factory=NO_IDS.copy)
    changed_ids: NDArray[np.bytes_] = field(default_factory=NO_IDS.copy)
    added_ids: NDArray[np.bytes_] = field(default_factory=NO_IDS.copy)
    rects: tuple[Box, ...] = ()
    classes_changed: bool = False

    def __len__(self) -> int:
        return len(self.removed_ids) + len(self.changed_ids) + len(self.added_ids)

    def touched(self, ids: Iterable[UUID]) -> set[UUID]:
        """Those of some annotations that were changed or are not there any more.

        Where very many were changed, it may be any of them, and all are returned.
        """
        wanted = tuple(ids)
        if not wanted or not (len(self.removed_ids) or len(self.changed_ids)):
            return set()
        if len(self.changed_ids) > MANY_CHANGED:
            return set(wanted)
        keys = id_array(wanted)
        touched = ~self.snapshot.holds(keys) | np.isin(keys, self.changed_ids)
        return {key for key, hit in zip(wanted, touched.tolist(), strict=True) if hit}


def apply(snapshot: AnnotationSnapshot, edit: Edit) -> AnnotationSnapshot:
    """The snapshot after an edit; the one given stays as it is.

    Raises
    ------
    AnnotationError
        If an object of ``before`` is not there, or a new one of ``after`` is there already.
    GeometryError
        If a shape cannot be what it is said to be.
    """
    changed = snapshot
    if len(edit.before) or len(edit.after):
        changed = snapshot.replaced(ids_of(edit.before), AnnotationChunk.of(edit.after))
    if edit.classes_after is not None:
        changed = changed.with_classes(edit.classes_after)
    return changed


def check(snapshot: AnnotationSnapshot, edit: Edit) -> None:
    """Whether an edit fits a snapshot, which costs less than :func:`apply` and raises the same.

    A shape that cannot be what it is said to be is found where the edit is put into columns.
    """
    snapshot.places(ids_of(edit.before), ids_of(edit.after))


def inverse(edit: Edit) -> Edit:
    """The edit that takes ``edit`` back; it keeps the id, since it is the same step seen from its end."""
    return replace(
        edit,
        before=edit.after,
        after=edit.before,
        classes_before=edit.classes_after,
        classes_after=edit.classes_before,
    )


def change_of(snapshot: AnnotationSnapshot, edit: Edit) -> AnnotationChange:
    """What ``edit`` changed, where ``snapshot`` is the state after it."""
    before = AnnotationChunk.of(edit.before)
    after = AnnotationChunk.of(edit.after)
    removed, changed, added = before.ids, NO_IDS, after.ids
    if len(before) and len(after):
        stays = np.isin(after.ids, before.ids)
        removed, changed, added = before.ids[~np.isin(before.ids, after.ids)], added[stays], added[~stays]
    return AnnotationChange(
        snapshot,
        removed_ids=removed,
        changed_ids=changed,
        added_ids=added,
        rects=_rects(np.concatenate([_boxes(before), _boxes(after)])),
        classes_changed=edit.classes_after is not None,
    )


def difference(
    before: AnnotationSnapshot, after: AnnotationSnapshot, edits: Sequence[Edit]
) -> AnnotationChange:
    """What a series of edits from ``before`` to ``after`` changed, as one change."""
    if len(edits) == 1:
        return change_of(after, edits[0])
    changes = [change_of(after, edit) for edit in edits]
    parts = [(change.removed_ids, change.changed_ids, change.added_ids) for change in changes]
    touched = np.unique(np.concatenate([NO_IDS, *chain.from_iterable(parts)]))
    old, new = before.holds(touched), after.holds(touched)
    rects = [rect for change in changes for rect in change.rects]
    return AnnotationChange(
        after,
        removed_ids=touched[old & ~new],
        changed_ids=touched[old & new],
        added_ids=touched[new & ~old],
        rects=_rects(np.asarray(rects, dtype=np.float64).reshape(-1, 4)),
        classes_changed=any(change.classes_changed for change in changes),
    )


def reviewed(annotation: Annotation, state: ReviewState, reviewer: str, utc: str) -> Annotation:
    """A model's object with a person's word on it; what a person drew is returned as it is."""
    if annotation.origin is None:
        return annotation
    origin = replace(annotation.origin, state=state, reviewer=reviewer, reviewed_at=utc)
    return replace(annotation, origin=origin)


def is_reworked(before: Annotation, after: Annotation) -> bool:
    """Whether a step changed what a model said: its geometry or its class."""
    if before.class_name != after.class_name or len(before.parts) != len(after.parts):
        return True
    rings_before = [ring for part in before.parts for ring in part]
    rings_after = [ring for part in after.parts for ring in part]
    return len(rings_before) != len(rings_after) or not all(
        np.array_equal(one, other) for one, other in zip(rings_before, rings_after, strict=True)
    )


def utc_now() -> str:
    """Now, as ISO 8601 UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _boxes(chunk: AnnotationChunk) -> FloatArray:
    """The boxes of annotations, one around all where they are many."""
    return chunk.bounds() if len(chunk) <= MAX_RECTS else chunk.extent()[None]


def _rects(boxes: np.ndarray) -> tuple[Box, ...]:
    if len(boxes) > MAX_RECTS:
        boxes = np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)])[None]
    return tuple((float(x0), float(y0), float(x1), float(y1)) for x0, y0, x1, y1 in boxes)
