"""Changing what is selected, and saying how much of it stays as it is because it is locked.

GUI thread.
"""

from __future__ import annotations

import numpy as np

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.id_set import IdSet
from desktop_app.errors import AnnotationError
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import tr


def delete_selected(document: SlideDocument, selection: AnnotationSelection) -> None:
    """Delete what is selected, as one step; what is locked stays selected, and the document tells how much.

    Raises
    ------
    AnnotationError
        If all of it is locked.
    StorageError
        As :meth:`SlideDocument.commit`.
    """
    count, locked = len(selection), locked_count(document.snapshot, selection.chosen)
    if 1 < count == locked:
        raise AnnotationError(
            tr(
                "All {count} selected annotations are locked. To delete them, unlock them first: Edit, Lock "
                "and hide, Unlock.",
                count=count,
            )
        )
    selection.delete()
    if locked:
        stays = tr(
            "Locked annotations that were not deleted: {count}. They are still selected: unlock them by "
            "Edit, Lock and hide, Unlock.",
            count=locked,
        )
        document.failed.emit(AnnotationError(stays))


def set_class_of_selected(document: SlideDocument, selection: AnnotationSelection, name: str | None) -> None:
    """Give what is selected a class, as one step; the document tells how much is locked.

    Raises as :meth:`SlideDocument.set_class`.
    """
    document.set_class(selection.chosen.ids, name)
    tell_of_locked(document, selection)


def tell_of_locked(document: SlideDocument, selection: AnnotationSelection) -> None:
    """Say how much of what is selected was not changed because it is locked, if there is any."""
    if locked := locked_count(document.snapshot, selection.chosen):
        stays = tr(
            "Locked annotations that were not changed: {count}. To change them, unlock them first: Edit, "
            "Lock and hide, Unlock.",
            count=locked,
        )
        document.failed.emit(AnnotationError(stays))


def locked_count(snapshot: AnnotationSnapshot, chosen: IdSet) -> int:
    """How many annotations of a set are locked; quick where few of a million are."""
    chunks = (chunk for chunk in snapshot.chunks if chunk.locked.any())
    return sum(int(np.count_nonzero(chosen.holds(chunk.ids[chunk.locked]))) for chunk in chunks)
