"""The edit of an import, from columns alone."""

from __future__ import annotations

from dataclasses import replace

from desktop_app.domain.annotation import AnnotationClass
from desktop_app.domain.annotation_chunk import EMPTY_CHUNK, AnnotationChunk
from desktop_app.domain.annotation_classes import DEFAULT_CLASSES
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edits import Edit, apply, inverse
from desktop_app.domain.importing import import_edit
from tests.support.annotation_samples import square, state


def edit_of(snapshot: AnnotationSnapshot, found: AnnotationChunk, *classes: AnnotationClass) -> Edit | None:
    return import_edit(snapshot, found, classes, label="Import", author="Mina")


def test_known_objects_are_refreshed_and_locked_ones_kept() -> None:
    known, locked = square(0, 0), square(500, 0, locked=True)
    many = [square(x * 9, 900, 5) for x in range(5000)]
    snapshot = AnnotationSnapshot.of([known, *many, locked])
    renamed = [replace(found, name="new") for found in (known, locked, many[77])]
    read = [*renamed, square(0, 500)]
    edit = edit_of(snapshot, AnnotationChunk.of(read))
    assert edit is not None
    assert {found.id for found in edit.before} == {known.id, many[77].id}
    after = apply(snapshot, edit)
    assert len(after) == len(snapshot) + 1
    assert (after.get(known.id).name, after.get(locked.id).name) == ("new", "")
    assert after.get(many[77].id).name == "new"
    assert state(apply(after, inverse(edit))) == state(snapshot)


def test_only_classes_in_use_are_added() -> None:
    gland, unused = AnnotationClass("Gland", (1, 2, 3)), AnnotationClass("Unused", (4, 5, 6))
    found = AnnotationChunk.of([square(0, 0, class_name="Gland")])
    edit = edit_of(AnnotationSnapshot.empty(), found, gland, unused)
    assert edit is not None
    assert edit.classes_before == DEFAULT_CLASSES
    assert edit.classes_after == (*DEFAULT_CLASSES, gland)


def test_nothing_to_add_is_no_edit() -> None:
    locked = square(0, 0, locked=True)
    assert edit_of(AnnotationSnapshot.of([locked]), AnnotationChunk.of([locked])) is None
    assert edit_of(AnnotationSnapshot.empty(), EMPTY_CHUNK) is None
