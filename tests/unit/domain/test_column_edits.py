from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_app.domain.annotation import Annotation, Origin
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.column_edits import (
    made_by_models,
    of_other_class,
    unlocked,
    with_class,
    with_locked,
    with_review,
)
from desktop_app.domain.edits import reviewed
from tests.support.annotation_samples import square

SHAPES = (
    square(0, 0, class_name="Tumor", locked=True),
    square(200, 0, class_name="Stroma", origin=Origin("run", "one")),
    square(400, 0, origin=Origin("run", "other", "accepted", "Mina", "2026-01-01")),
    square(600, 0, class_name="Tumor", origin=Origin("run", "one")),
)


def as_told(annotations: AnnotationChunk) -> list[tuple[object, ...]]:
    return [(one.id, one.class_name, one.locked, one.origin) for one in annotations]


def told(annotations: list[Annotation]) -> list[tuple[object, ...]]:
    return [(one.id, one.class_name, one.locked, one.origin) for one in annotations]


@pytest.mark.parametrize("name", ["Tumor", "Stroma", "Necrosis", None])
def test_all_get_a_class(name: str | None) -> None:
    chunk = AnnotationChunk.of(SHAPES)
    assert as_told(with_class(chunk, name)) == told([replace(one, class_name=name) for one in SHAPES])
    others = [one for one in SHAPES if one.class_name != name]
    assert as_told(of_other_class(chunk, name)) == told(others)


def test_all_are_locked_or_none() -> None:
    chunk = AnnotationChunk.of(SHAPES)
    assert as_told(unlocked(chunk)) == told(list(SHAPES[1:]))
    for locked in (True, False):
        expected = [replace(one, locked=locked) for one in SHAPES]
        assert as_told(with_locked(chunk, locked)) == told(expected)


def test_a_review_is_as_of_each_annotation_alone() -> None:
    chunk = AnnotationChunk.of(SHAPES)
    assert as_told(made_by_models(chunk)) == told(list(SHAPES[1:]))
    expected = [reviewed(one, "edited", "Ada", "2026-02-02") for one in SHAPES]
    assert as_told(with_review(chunk, "edited", "Ada", "2026-02-02")) == told(expected)


def test_no_annotations_stay_none() -> None:
    nothing = AnnotationChunk.of(())
    assert len(with_class(nothing, "Tumor")) == len(with_locked(nothing, True)) == 0
    assert len(with_review(nothing, "edited", "Ada", "")) == len(of_other_class(nothing, "Tumor")) == 0
