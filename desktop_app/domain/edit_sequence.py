"""The net effect of a series of edits, for going far through the history at once.

A thousand steps that moved one object are one step that moves it; applied singly, each would copy a part of
the document. Pure, on any thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias
from uuid import UUID, uuid4

from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.edits import Classes, Edit

_Row: TypeAlias = tuple[AnnotationChunk, int]


def combined(edits: Iterable[Edit]) -> Edit:
    """One edit that does what a series does, applied one after the other; its label says nothing.

    Parameters
    ----------
    edits : Iterable[Edit]
        In the order in which they are applied.
    """
    first: dict[UUID, _Row | None] = {}
    last: dict[UUID, _Row | None] = {}
    classes_before: Classes | None = None
    classes_after: Classes | None = None
    for edit in edits:
        before, after = AnnotationChunk.of(edit.before), AnnotationChunk.of(edit.after)
        for row, key in enumerate(before.uuids()):
            first.setdefault(key, (before, row))
            last[key] = None
        for row, key in enumerate(after.uuids()):
            first.setdefault(key, None)
            last[key] = (after, row)
        if edit.classes_after is not None:
            classes_before = edit.classes_before if classes_after is None else classes_before
            classes_after = edit.classes_after
    return Edit(uuid4(), "", "", "", _taken(first), _taken(last), classes_before, classes_after)


def _taken(rows: dict[UUID, _Row | None]) -> AnnotationChunk:
    """The annotations that are there at one end; those in between were never made."""
    return AnnotationChunk.of([found[0][found[1]] for found in rows.values() if found is not None])
