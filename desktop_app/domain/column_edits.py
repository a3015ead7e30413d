"""Annotations made different a column at a time, so that a million are changed in one step.

Pure, on any thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from desktop_app.domain.annotation import Origin, ReviewState
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.annotation_columns import Interned


def of_other_class(annotations: AnnotationChunk, class_name: str | None) -> AnnotationChunk:
    """Those that are of another class than this one; None is no class."""
    names = annotations.class_names
    number = -1 if class_name is None else names.table.index(class_name) if class_name in names.table else -2
    return annotations.take(np.flatnonzero(names.index != number))


def unlocked(annotations: AnnotationChunk) -> AnnotationChunk:
    """Those that are not locked."""
    return annotations.take(np.flatnonzero(~annotations.locked))


def made_by_models(annotations: AnnotationChunk) -> AnnotationChunk:
    """Those that a model made."""
    return annotations.take(np.flatnonzero(annotations.origins.index >= 0))


def with_class(annotations: AnnotationChunk, class_name: str | None) -> AnnotationChunk:
    """All of them of one class; None is no class."""
    count = len(annotations)
    if class_name is None:
        names: Interned[str] = Interned(np.full(count, -1, np.int32), ())
    else:
        names = Interned(np.zeros(count, np.int32), (class_name,) if count else ())
    return replace(annotations, class_names=names)


def with_locked(annotations: AnnotationChunk, locked: bool) -> AnnotationChunk:
    """All of them locked, or none."""
    return replace(annotations, locked=np.full(len(annotations), locked, np.bool_))


def with_review(annotations: AnnotationChunk, state: ReviewState, reviewer: str, utc: str) -> AnnotationChunk:
    """With a person's word on what a model made; see :func:`desktop_app.domain.edits.reviewed`."""

    def reviewed(origin: Origin) -> Origin:
        return replace(origin, state=state, reviewer=reviewer, reviewed_at=utc)

    return replace(annotations, origins=_mapped(annotations.origins, reviewed))


def _mapped(column: Interned[Origin], function: Callable[[Origin], Origin]) -> Interned[Origin]:
    """A column with another value for each of its values."""
    table: dict[Origin, int] = {}
    numbers = [table.setdefault(function(value), len(table)) for value in column.table]
    return Interned(np.array([*numbers, -1], dtype=np.int32)[column.index], tuple(table))
