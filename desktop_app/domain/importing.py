"""The edit that adds a file's annotations to those of a slide, worked out in columns.

A file may hold a million objects, and the slide as many of the same; none of them is made here. Pure, on any
thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from desktop_app.domain.annotation import AnnotationClass
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.annotation_classes import with_missing
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edits import Edit


def import_edit(
    snapshot: AnnotationSnapshot,
    found: AnnotationChunk,
    classes: Sequence[AnnotationClass],
    *,
    label: str,
    author: str,
) -> Edit | None:
    """One edit that adds annotations, and the classes they use.

    An object that is there already under its id is replaced by the file's, as QuPath's *refresh* does, unless
    it is locked.

    Parameters
    ----------
    snapshot : AnnotationSnapshot
        The present state.
    found : AnnotationChunk
        What was read, each id once.
    classes : Sequence[AnnotationClass]
        The file's classes.
    label, author : str
        Of the edit.

    Returns
    -------
    Edit | None
        None if there is nothing to add.
    """
    before = snapshot.columns(found.ids)
    after = found
    if before.locked.any():
        after = found.take(np.flatnonzero(~np.isin(found.ids, before.ids[before.locked])))
        before = before.take(np.flatnonzero(~before.locked))
    if not len(after):
        return None
    used = set(after.class_names.table)
    listed = with_missing(snapshot.classes, (entry for entry in classes if entry.name in used))
    edit = Edit.create(label, author, before=before, after=after)
    if listed == snapshot.classes:
        return edit
    return replace(edit, classes_before=snapshot.classes, classes_after=listed)
