"""Notes and names on the slide, and what is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.shapes import drawn, rectangle_parts
from desktop_app.ui.canvas_layers.label_layer import MOST, LabelLayer
from tests.support.annotation_bench import Bench


@pytest.fixture
def labels(bench: Bench) -> Iterator[LabelLayer]:
    layer = LabelLayer(lambda: bench.document.snapshot)
    bench.canvas.add_layer(layer)
    yield layer
    bench.canvas.remove_layer(layer)


def note(x: float, y: float, text: str) -> Annotation:
    return replace(drawn("note", ((np.array([(x, y)]),),)), name=text)


def box(left: float, top: float, side: float, name: str = "") -> Annotation:
    return replace(drawn("rectangle", rectangle_parts((left, top, left + side, top + side))), name=name)


def texts(bench: Bench, labels: LabelLayer) -> list[str]:
    return [label.text for label in labels.labels(bench.canvas.viewport)]


def dark_box(bench: Bench) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is written, device pixels."""
    y, x = np.nonzero((bench.picture() < 110).all(axis=2))
    return int(x.min()), int(y.min()), int(x.max()), int(y.max())


@pytest.mark.parametrize(("downsample", "rotation"), [(1.0, 0.0), (0.5, 0.0), (3.0, 120.0)])
def test_a_note_is_read_beside_its_place_upright_and_as_large_at_every_zoom(
    bench: Bench, labels: LabelLayer, downsample: float, rotation: float
) -> None:
    bench.look(downsample, rotation)
    bench.canvas.compass.wanted = False
    x, y = bench.canvas.viewport.center
    bench.document.add([note(x, y, "Mitosis?")], "Set note")
    bench.selection.clear()
    left, top, right, bottom = dark_box(bench)
    assert 310 < left < 330
    assert 40 < right - left < 90
    assert 6 < bottom - top < 18
    assert bottom < 190


def test_a_long_text_ends_in_an_ellipsis(bench: Bench, labels: LabelLayer) -> None:
    bench.document.add([note(300, 380, "perineural invasion " * 10)], "Set note")
    left, _, right, _ = dark_box(bench)
    assert right - left < 230


def test_names_are_a_choice_and_notes_are_not(bench: Bench, labels: LabelLayer) -> None:
    bench.document.add([note(300, 380, "a note"), box(350, 300, 80, "Area 1"), box(500, 300, 50)], "Draw")
    assert texts(bench, labels) == ["a note", "Area 1"]
    labels.names = False
    assert texts(bench, labels) == ["a note"]


def test_what_is_hidden_or_out_of_view_has_no_label(bench: Bench, labels: LabelLayer) -> None:
    hidden = replace(note(300, 380, "hidden"), hidden=True)
    bench.document.add([hidden, note(1900, 1300, "far away"), box(350, 300, 80, "Area 1")], "Draw")
    assert texts(bench, labels) == ["Area 1"]
    bench.selection.clear()
    bench.layer.visible = labels.visible = True
    assert bench.color_at(300, 380) == (255, 255, 255), "nor is it painted"


def test_a_hidden_area_is_not_painted(bench: Bench, labels: LabelLayer) -> None:
    shape = box(350, 300, 80)
    bench.document.add([shape], "Draw")
    assert bench.color_at(350, 340) == (255, 0, 0)
    bench.document.change("Hide", before=[shape], after=[replace(shape, hidden=True)])
    assert bench.color_at(350, 340) == (255, 255, 255)


def test_with_very_many_only_the_largest_are_named(bench: Bench, labels: LabelLayer) -> None:
    many = [
        box(210 + index % 100 * 5, 210 + index // 100 * 5, 1 + index / 64, f"{index}") for index in range(900)
    ]
    bench.document.add([*many, note(300, 300, "a note")], "Draw")
    shown = texts(bench, labels)
    assert len(shown) == MOST
    assert shown[0] == "a note"
    assert shown[1] == "899"
    assert set(map(int, shown[1:])) == set(range(601, 900))


def test_a_class_that_is_not_shown_has_no_labels(bench: Bench, labels: LabelLayer) -> None:
    tumor = replace(box(350, 300, 80, "Area 1"), class_name="Tumor")
    bench.document.add([tumor, note(300, 380, "a note")], "Draw")
    labels.hidden_classes = frozenset({"Tumor"})
    assert texts(bench, labels) == ["a note"]
    labels.hidden_classes = frozenset({None})
    assert texts(bench, labels) == ["Area 1"]


def test_a_still_stays_as_it_was(bench: Bench, labels: LabelLayer) -> None:
    bench.document.add([note(300, 380, "a note"), box(350, 300, 80, "Area 1")], "Draw")
    labels.names = False
    still = labels.still()
    labels.names = True
    bench.document.remove(bench.document.snapshot.ids())
    assert texts(bench, labels) == []
    assert texts(bench, still) == ["a note"]
