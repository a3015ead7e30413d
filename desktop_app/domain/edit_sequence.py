"""The net effect of a series of edits, for going far through the history at once.

A thousand steps that moved one object are one step that moves it; applied singly, each would copy a part of
the document. Pure, on any thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid4

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.edits import Classes, Edit


def combined(edits: Iterable[Edit]) -> Edit:
    """One edit that does what a series does, applied one after the other; its label says nothing.

    Parameters
    ----------
    edits : Iterable[Edit]
        In the order in which they are applied.
    """
    first: dict[UUID, Annotation | None] = {}
    last: dict[UUID, Annotation | None] = {}
    classes_before: Classes | None = None
    classes_after: Classes | None = None
    for edit in edits:
        for found in edit.before:
            first.setdefault(found.id, found)
            last[found.id] = None
        for found in edit.after:
            first.setdefault(found.id, None)
            last[found.id] = found
        if edit.classes_after is not None:
            classes_before = edit.classes_before if classes_after is None else classes_before
            classes_after = edit.classes_after
    before, after = (AnnotationChunk.of([*filter(None, side.values())]) for side in (first, last))
    return Edit(uuid4(), "", "", "", before, after, classes_before, classes_after)
