from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.annotation import AnnotationClass, Origin
from desktop_app.domain.annotation_chunk import uuids_of
from desktop_app.domain.annotation_classes import DEFAULT_CLASSES
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edits import (
    MAX_RECTS,
    Edit,
    apply,
    change_of,
    difference,
    inverse,
    is_reworked,
    reviewed,
)
from desktop_app.errors import AnnotationError
from tests.support.annotation_samples import one_of_each, square, state


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["add", "change", "remove"]), st.integers(0, 10**6)), max_size=25))
def test_undoing_every_edit_leads_back_through_the_same_states(script: list[tuple[str, int]]) -> None:
    snapshot = AnnotationSnapshot.of(one_of_each())
    states, edits = [state(snapshot)], []
    for action, number in script:
        present = tuple(snapshot.iter_annotations())
        chosen = (present[number % len(present)],) if present else ()
        if action == "add" or not chosen:
            edit = Edit.create("add", "me", after=(square(number % 9999, 0),))
        elif action == "change":
            edit = Edit.create("change", "me", before=chosen, after=(replace(chosen[0], name=str(number)),))
        else:
            edit = Edit.create("remove", "me", before=chosen)
        snapshot = apply(snapshot, edit)
        edits.append(edit)
        states.append(state(snapshot))
    for edit, expected in zip(reversed(edits), reversed(states[:-1]), strict=True):
        snapshot = apply(snapshot, inverse(edit))
        assert state(snapshot) == expected


def test_the_old_snapshot_stays_as_it_was() -> None:
    snapshot = AnnotationSnapshot.of(one_of_each())
    before = state(snapshot)
    apply(snapshot, Edit.create("remove", "me", before=tuple(snapshot.iter_annotations())))
    assert state(snapshot) == before


def test_an_edit_that_does_not_fit_is_refused() -> None:
    with pytest.raises(AnnotationError):
        apply(AnnotationSnapshot.empty(), Edit.create("remove", "me", before=(square(0, 0),)))


def test_a_change_says_what_to_repaint() -> None:
    kept, moved, gone = square(0, 0), square(500, 0), square(900, 0)
    target = replace(moved, parts=((moved.parts[0][0] + 50,),))
    new = square(0, 900)
    edit = Edit.create("mixed", "me", before=(moved, gone), after=(target, new))
    after = apply(AnnotationSnapshot.of([kept, moved, gone]), edit)
    change = change_of(after, edit)
    assert uuids_of(change.removed_ids) == (gone.id,)
    assert uuids_of(change.changed_ids) == (moved.id,)
    assert uuids_of(change.added_ids) == (new.id,)
    assert change.touched([kept.id, moved.id, gone.id, new.id]) == {moved.id, gone.id}
    assert set(change.rects) == {
        (500.0, 0.0, 600.0, 100.0),
        (900.0, 0.0, 1000.0, 100.0),
        (550.0, 50.0, 650.0, 150.0),
        (0.0, 900.0, 100.0, 1000.0),
    }
    assert not change.classes_changed


def test_a_change_of_many_objects_is_one_box() -> None:
    many = [square(i, i * 2, 1) for i in range(MAX_RECTS + 1)]
    edit = Edit.create("many", "me", after=many)
    change = change_of(apply(AnnotationSnapshot.empty(), edit), edit)
    assert change.rects == ((0.0, 0.0, MAX_RECTS + 1.0, MAX_RECTS * 2 + 1.0),)


def test_several_edits_are_reported_as_one_change() -> None:
    one, two = square(0, 0), square(500, 0)
    before = AnnotationSnapshot.of([one])
    edits = [
        Edit.create("add", "me", after=(two,)),
        Edit.create("change", "me", before=(one,), after=(replace(one, name="x"),)),
        Edit.create("remove", "me", before=(two,)),
    ]
    after = before
    for edit in edits:
        after = apply(after, edit)
    change = difference(before, after, edits)
    found = [uuids_of(ids) for ids in (change.removed_ids, change.changed_ids, change.added_ids)]
    assert found == [(), (one.id,), ()]


def test_the_class_list_is_edited_like_anything_else() -> None:
    classes = (*DEFAULT_CLASSES, AnnotationClass("Gland", (1, 2, 3)))
    edit = Edit.of_classes("Add class", "me", before=DEFAULT_CLASSES, after=classes)
    after = apply(AnnotationSnapshot.empty(), edit)
    assert after.classes == classes
    assert change_of(after, edit).classes_changed
    assert apply(after, inverse(edit)).classes == DEFAULT_CLASSES


def test_a_review_is_kept_with_models_objects_only() -> None:
    drawn, made = square(0, 0), square(0, 0, origin=Origin("run", "model"))
    assert reviewed(drawn, "accepted", "Mina", "now") is drawn
    assert reviewed(made, "edited", "Mina", "now").origin == Origin("run", "model", "edited", "Mina", "now")


def test_a_name_is_not_a_rework_but_a_class_or_a_vertex_is() -> None:
    made = square(0, 0)
    assert not is_reworked(made, replace(made, name="x", locked=True))
    assert is_reworked(made, replace(made, class_name="Tumor"))
    assert is_reworked(made, replace(made, parts=((np.array(made.parts[0][0]) + 1,),)))
