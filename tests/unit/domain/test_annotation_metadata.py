from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.annotation_metadata import (
    DESCRIPTION_KEY,
    description_of,
    is_own,
    metadata_of,
    with_description,
    with_metadata,
)
from desktop_app.domain.annotation_properties import KEPT, PropertyEdit, common
from desktop_app.domain.shapes import author_of, drawn, rectangle_parts
from desktop_app.storage.geojson_features import annotations_of, feature_of
from tests.support.annotation_samples import content, one_of_each, square

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(metadata=st.dictionaries(TEXTS.filter(lambda key: not is_own(key)), TEXTS, max_size=5))
def test_metadata_pass_through_an_annotation_and_through_geojson(metadata: dict[str, str]) -> None:
    annotation = with_metadata(square(0, 0), metadata)
    assert metadata_of(annotation) == metadata
    (read,) = annotations_of(feature_of(annotation, {}, (0, 0)), 1, (0, 0)).annotations
    assert metadata_of(read) == metadata


def test_other_members_and_the_author_stay() -> None:
    made = drawn("rectangle", rectangle_parts((0, 0, 9, 9)), author="Mina")
    described = with_description(made, "solid")
    assert (author_of(described), description_of(described)) == ("Mina", "solid")
    assert author_of(with_description(described, "")) == "Mina"
    unknown = square(0, 0, extra=b'{"properties":{"x":1},"metadata":{"n":3}}')
    assert metadata_of(unknown) == {"n": "3"}
    bare = with_metadata(unknown, {})
    assert json.loads(bare.extra) == {"properties": {"x": 1}}
    assert with_metadata(square(0, 0), {}).extra == b""


def test_the_description_is_the_one_of_qupath() -> None:
    described = with_description(square(0, 0), "two lines\nof text")
    properties = feature_of(described, {}, (0, 0))["properties"]
    assert properties["metadata"][DESCRIPTION_KEY] == "two lines\nof text"


def test_nothing_said_changes_nothing() -> None:
    for annotation in one_of_each():
        assert content(PropertyEdit().applied_to(annotation)) == content(annotation)


def test_an_edit_says_what_changes() -> None:
    first = with_metadata(square(0, 0, name="a", class_name="Tumor"), {"k": "1", "gone": "x"})
    edit = PropertyEdit(
        description="d",
        class_name=None,
        color=(1, 2, 3),
        hidden=True,
        roi="open",
        metadata={"k": "2", "gone": None},
    )
    changed = edit.applied_to(first)
    assert (changed.name, changed.class_name, changed.color, changed.hidden) == ("a", None, (1, 2, 3), True)
    assert metadata_of(changed) == {"k": "2", DESCRIPTION_KEY: "d"}
    assert changed.roi == "open"


def test_a_locked_class_stays_unless_it_is_unlocked_with_it() -> None:
    locked = square(0, 0, class_name="Tumor", locked=True)
    assert PropertyEdit(class_name="Stroma").applied_to(locked).class_name == "Tumor"
    assert PropertyEdit(class_name="Stroma", locked=False).applied_to(locked).class_name == "Stroma"


def test_only_areas_are_rois() -> None:
    kinds = {found.kind: PropertyEdit(roi="exhaustive").applied_to(found).roi for found in one_of_each()}
    assert kinds["rectangle"] == kinds["polygon"] == "exhaustive"
    assert kinds["line"] is kinds["note"] is None


def test_what_is_common() -> None:
    assert common(["a", "a"]) == "a"
    assert common(["a", "b"]) is KEPT
    assert common([None, None]) is None
    assert common(()) is KEPT
