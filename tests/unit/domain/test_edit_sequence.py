from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_classes import DEFAULT_CLASSES
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edit_sequence import combined
from desktop_app.domain.edits import Edit, apply, inverse
from tests.support.annotation_samples import square, state

OBJECTS = [square(500.0 * place, 0) for place in range(4)]
CLASSES = ("Tumor", "Stroma", None)


def series(choices: list[tuple[int, int]]) -> tuple[list[Edit], AnnotationSnapshot]:
    """Edits that each add, change or remove one of four objects, and where they lead."""
    snapshot, edits = AnnotationSnapshot.empty(), []
    for which, how in choices:
        present = snapshot.get(OBJECTS[which].id)
        before: tuple[Annotation, ...] = () if present is None else (present,)
        after = () if before and how == 3 else (replace(OBJECTS[which], class_name=CLASSES[how % 3]),)
        edit = Edit.create("x", "Mina", before=before, after=after)
        snapshot = apply(snapshot, edit)
        edits.append(edit)
    return edits, snapshot


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12), st.integers(0, 12))
def test_one_edit_does_what_many_do(choices: list[tuple[int, int]], start: int) -> None:
    edits, end = series(choices)
    middle = AnnotationSnapshot.empty()
    for edit in edits[:start]:
        middle = apply(middle, edit)
    assert state(apply(middle, combined(edits[start:]))) == state(end)
    back = [inverse(edit) for edit in reversed(edits[start:])]
    assert state(apply(end, combined(back))) == state(middle)


def test_what_was_there_for_a_while_only_is_not_touched() -> None:
    edits, _ = series([(0, 0), (0, 1), (0, 3), (1, 0)])
    net = combined(edits)
    assert len(net.before) == 0
    assert [found.id for found in net.after] == [OBJECTS[1].id]


def test_the_class_list_goes_from_the_first_to_the_last() -> None:
    first, second, third = DEFAULT_CLASSES, DEFAULT_CLASSES[:3], DEFAULT_CLASSES[:1]
    net = combined(
        [
            Edit.of_classes("x", "Mina", before=first, after=second),
            Edit.create("y", "Mina", after=(OBJECTS[0],)),
            Edit.of_classes("x", "Mina", before=second, after=third),
        ]
    )
    assert (net.classes_before, net.classes_after) == (first, third)
