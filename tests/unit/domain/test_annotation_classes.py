from __future__ import annotations

import pytest

from desktop_app.domain.annotation import AnnotationClass
from desktop_app.domain.annotation_classes import (
    DEFAULT_CLASSES,
    checked_class_name,
    color_for,
    with_class,
    with_missing,
)
from desktop_app.errors import AnnotationError


def test_adding_a_known_class_changes_its_color_in_place() -> None:
    changed = with_class(DEFAULT_CLASSES, AnnotationClass("Stroma", (1, 2, 3)))
    assert [entry.name for entry in changed] == [entry.name for entry in DEFAULT_CLASSES]
    assert changed[1].color == (1, 2, 3)
    assert with_class(DEFAULT_CLASSES, AnnotationClass("Gland", (1, 2, 3)))[-1].name == "Gland"


def test_a_file_colors_only_classes_that_are_new() -> None:
    found = [AnnotationClass("Tumor", (0, 0, 0)), AnnotationClass("Gland", (4, 5, 6))]
    merged = with_missing(DEFAULT_CLASSES, found)
    assert merged[: len(DEFAULT_CLASSES)] == DEFAULT_CLASSES
    assert merged[len(DEFAULT_CLASSES) :] == (found[1],)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a:b", "A: ", ": B"])
def test_names_that_qupath_cannot_hold_are_refused(name: str) -> None:
    with pytest.raises(AnnotationError):
        checked_class_name(name)


def test_derived_and_ignored_names_are_accepted() -> None:
    assert checked_class_name(" Immune cells: CD3 ") == "Immune cells: CD3"
    assert checked_class_name("Ignore*") == "Ignore*"


def test_a_color_belongs_to_the_name() -> None:
    assert color_for("Tumor") == (200, 0, 0)
    assert color_for("종양") == color_for("종양")
    assert all(0 <= channel <= 255 for channel in color_for("종양"))
