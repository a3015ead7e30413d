"""Operations on whole shapes, through the actions and dialogs of a real window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox
from shapely import MultiPolygon, Polygon

from desktop_app.domain.annotation import Annotation, Origin
from desktop_app.domain.measure import area_px
from desktop_app.storage.settings import read_settings
from desktop_app.ui.canvas_layers.shape_preview import PREVIEW_COLOR
from desktop_app.ui.dialogs.shape_amount import ShapeAmountDialog
from desktop_app.ui.models.shape_operations import MOST_OBJECTS
from desktop_app.ui.shape_desk import AmountQuestion
from tests.support.annotation_samples import square, state
from tests.support.pictures import pixels_of
from tests.support.window_driver import WindowDriver

SHAPE_KEYS = (
    "merge",
    "subtract",
    "subtract_from_last",
    "intersect",
    "exclusive",
    "split",
    "separate",
    "fill",
    "ring",
    "grow",
    "hull",
    "inverse",
    "simplify",
    "smooth",
)


def line(*points: tuple[float, float], **fields: object) -> Annotation:
    return Annotation(uuid4(), "line", ((np.array(points, float),),), **fields)  # type: ignore[arg-type]


def wheel(count: int, radius: float = 180.0) -> Annotation:
    """A cogged outline around (350, 250)."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    reach = radius + 6 * np.sin(60 * turn)
    points = np.column_stack([350 + reach * np.cos(turn), 250 + reach * np.sin(turn)])
    return Annotation(uuid4(), "polygon", ((points,),), class_name="Tumor")


class Shapes:
    """A window with shapes on its slide."""

    def __init__(self, driver: WindowDriver, slide: Path) -> None:
        self.driver = driver
        self.view = driver.open(slide)
        driver.window.set_mode("annotate")

    def draw(self, *shapes: Annotation) -> None:
        """Draw shapes and select them in their order."""
        self.view.document.add(shapes, "Draw")
        self.view.selection.set(shape.id for shape in shapes)

    def enabled(self) -> set[str]:
        actions = self.driver.window.actions_by_key
        return {name for name in SHAPE_KEYS if actions[f"shape.{name}"].isEnabled()}

    def do(self, name: str) -> None:
        self.driver.trigger(f"shape.{name}")
        self.driver.settle()

    def there(self) -> list[Annotation]:
        return list(self.view.document.snapshot.iter_annotations())

    def areas(self) -> list[float]:
        return sorted(area_px(shape) for shape in self.there())

    def question(self) -> AmountQuestion:
        question = self.driver.window.shapes.question
        assert question is not None
        self.driver.wait(lambda: question.is_settled)
        return question

    def ask(self, name: str, amount: float | None = None, variant: str = "") -> AmountQuestion:
        """Open a dialog and type into it."""
        self.driver.trigger(f"shape.{name}")
        question = self.question()
        dialog = question.dialog
        dialog.activateWindow()
        self.driver.wait(dialog.isActiveWindow)
        if variant:
            dialog.variant_box.setCurrentIndex(dialog.variant_box.findData(variant))
        if amount is not None:
            dialog.amount_box.setFocus()
            dialog.amount_box.selectAll()
            QTest.keyClicks(dialog.amount_box, f"{amount:g}")
            QTest.keyClick(dialog.amount_box, Qt.Key.Key_Tab)
        return self.question()

    def press(self, dialog: ShapeAmountDialog, button: QDialogButtonBox.StandardButton) -> None:
        pressed = dialog.findChild(QDialogButtonBox).button(button)
        QTest.mouseClick(pressed, Qt.MouseButton.LeftButton)
        self.driver.settle()

    def accept(self, question: AmountQuestion) -> None:
        self.press(question.dialog, QDialogButtonBox.StandardButton.Ok)

    def picture(self) -> np.ndarray:
        self.driver.sharpen()
        image: QImage = self.view.canvas.grab().toImage()
        return pixels_of(image)

    def preview_pixels(self) -> int:
        return int((np.abs(self.picture().astype(int) - PREVIEW_COLOR).max(-1) < 12).sum())


@pytest.fixture
def shapes(driver: WindowDriver, slide: Path) -> Shapes:
    return Shapes(driver, slide)


# ---- which actions there are ------------------------------------------------------------------------


def test_actions_ask_for_what_they_need(shapes: Shapes) -> None:
    of_areas = {"separate", "fill", "ring", "grow", "hull", "inverse", "simplify", "smooth"}
    of_two = {"merge", "subtract", "subtract_from_last", "intersect", "exclusive"}
    assert shapes.enabled() == set()
    shapes.draw(square(0, 0))
    assert shapes.enabled() == of_areas
    shapes.draw(square(0, 0), square(50, 50))
    assert shapes.enabled() == of_areas | of_two
    shapes.draw(square(0, 0), line((0, 0), (90, 90)))
    assert shapes.enabled() == of_areas | {"split"}
    shapes.draw(line((0, 0), (90, 90)))
    assert shapes.enabled() == {"hull", "simplify", "smooth"}
    shapes.draw(Annotation(uuid4(), "points", ((np.array([[1.0, 2]]),),)))
    assert shapes.enabled() == {"hull"}
    shapes.driver.window.set_mode("view")
    assert shapes.enabled() == set()


# ---- what needs no amount ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "areas"),
    [
        ("merge", [17_500]),
        ("subtract", [7_500]),
        ("subtract_from_last", [7_500]),
        ("intersect", [2_500]),
        ("exclusive", [15_000]),
    ],
)
def test_combining_is_one_step_and_undone_to_the_bit(shapes: Shapes, name: str, areas: list[float]) -> None:
    first, second = square(100, 100, class_name="Tumor", name="a"), square(150, 150, class_name="Stroma")
    shapes.draw(first, second)
    before, steps = state(shapes.view.document.snapshot), shapes.view.document.undo_stack.count()
    shapes.do(name)
    assert shapes.areas() == areas
    (result,) = shapes.there()
    kept = second if name == "subtract_from_last" else first
    assert (result.id, result.class_name, result.name) == (kept.id, kept.class_name, kept.name)
    assert shapes.view.selected_ids == (result.id,)
    assert shapes.view.document.undo_stack.count() == steps + 1
    after = state(shapes.view.document.snapshot)
    shapes.driver.trigger("edit.undo")
    assert state(shapes.view.document.snapshot) == before
    shapes.driver.trigger("edit.redo")
    assert state(shapes.view.document.snapshot) == after


def test_a_selected_line_splits_and_goes(shapes: Shapes) -> None:
    shapes.draw(square(100, 100, class_name="Tumor"), line((90, 125), (210, 125)))
    before = state(shapes.view.document.snapshot)
    shapes.do("split")
    assert shapes.areas() == [2_500, 7_500]
    assert {shape.class_name for shape in shapes.there()} == {"Tumor"}
    assert len(shapes.view.selected_ids) == 2
    shapes.driver.trigger("edit.undo")
    assert state(shapes.view.document.snapshot) == before


def test_parts_are_separated_and_a_hull_has_no_dents(shapes: Shapes) -> None:
    shapes.draw(square(100, 100), square(300, 100, 50))
    shapes.do("merge")
    assert len(shapes.there()) == 1
    shapes.do("hull")
    # From (100, 100) to (350, 150) and, slanting, down to the square's bottom at (200, 200).
    assert shapes.areas() == [250 * 50 + 100 * 50 + 150 * 50 / 2]
    shapes.driver.trigger("edit.undo")
    shapes.do("separate")
    assert shapes.areas() == [2_500, 10_000]


def test_the_inverse_is_a_new_object_within_the_tissue_or_the_slide(shapes: Shapes) -> None:
    shapes.view.choose_class(0)
    shapes.draw(square(100, 100))
    shapes.do("inverse")
    assert shapes.areas() == [10_000, 700 * 500 - 10_000]
    (made,) = shapes.view.selection.annotations()
    assert made.class_name == shapes.view.classes[0].name
    assert made.origin is None
    shapes.driver.trigger("edit.undo")
    tissue = square(50, 50, 200, class_name="Tissue", origin=Origin("run", "otsu"), locked=True)
    shapes.view.document.add([tissue], "Run")
    shapes.view.selection.set([shape.id for shape in shapes.there() if shape.class_name != "Tissue"])
    shapes.do("inverse")
    assert shapes.areas() == [10_000, 30_000, 40_000]


@pytest.mark.parametrize(
    ("drawn", "name", "said"),
    [
        ((square(0, 0), square(300, 300)), "intersect", "Nothing would be left"),
        ((square(0, 0), square(50, 50, locked=True)), "merge", "locked"),
        ((square(0, 0, locked=True), square(50, 50)), "subtract", "locked"),
        ((square(0, 0),), "separate", "in one piece"),
        ((square(0, 0), line((300, 300), (400, 300))), "split", "edge to edge"),
        ((square(0, 0), square(50, 50), line((0, 0), (9, 9))), "merge", "no area"),
    ],
)
def test_a_refusal_is_a_sentence_and_changes_nothing(
    shapes: Shapes, drawn: tuple[Annotation, ...], name: str, said: str
) -> None:
    shapes.draw(*drawn)
    before = shapes.view.document.snapshot
    shapes.do(name)
    assert said in shapes.driver.notices[-1]
    assert shapes.view.document.snapshot is before
    assert shapes.view.selected_ids == tuple(shape.id for shape in drawn)


def test_more_than_can_be_committed_at_once_is_refused(shapes: Shapes) -> None:
    many = [square(0, 0, 5) for _ in range(MOST_OBJECTS + 1)]
    shapes.view.document.add(many, "Import")
    shapes.view.selection.select_all()
    before = shapes.view.document.snapshot
    for name in ("merge", "grow"):
        shapes.do(name)
        assert "20,000" in shapes.driver.notices[-1]
    assert shapes.view.document.snapshot is before


# ---- with an amount ---------------------------------------------------------------------------------


def test_a_square_grows_by_um_and_is_seen_before(shapes: Shapes) -> None:
    shapes.draw(square(200, 200))
    assert shapes.preview_pixels() == 0
    question = shapes.ask("grow", 10)
    expected = 10_000 + 400 * 20 + np.pi * 400
    assert question.dialog.outcome == f"Area afterwards: {expected * 0.25e-6:.4g} mm²"
    assert shapes.preview_pixels() > 100
    canvas = shapes.view.canvas
    shown = {canvas.mapToGlobal(shapes.driver.at(x, y)) for x in (200, 300) for y in (200, 300)}
    assert not [place for place in shown if question.dialog.frameGeometry().contains(place)]
    assert shapes.areas() == [10_000]
    shapes.accept(question)
    assert shapes.areas() == pytest.approx([expected], abs=4)
    assert shapes.preview_pixels() == 0
    assert shapes.driver.window.shapes.question is None


def test_cancel_changes_nothing_and_what_vanishes_cannot_be_accepted(shapes: Shapes) -> None:
    shapes.draw(square(200, 200))
    before = shapes.view.document.snapshot
    question = shapes.ask("grow", 30, "shrink")
    ok = question.dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok)
    assert "would vanish" in question.dialog.outcome
    assert not ok.isEnabled()
    assert shapes.preview_pixels() == 0
    question.dialog.amount_box.setValue(10)
    shapes.question()
    assert ok.isEnabled()
    shapes.press(question.dialog, QDialogButtonBox.StandardButton.Cancel)
    assert shapes.view.document.snapshot is before
    assert shapes.preview_pixels() == 0


def test_the_last_amount_is_remembered_in_um_and_in_px(
    shapes: Shapes, slide_without_mpp: Path, driver: WindowDriver
) -> None:
    shapes.draw(square(200, 200))
    shapes.accept(shapes.ask("grow", 7, "shrink"))
    assert shapes.areas() == [72 * 72]
    question = shapes.ask("grow")
    assert (question.dialog.amount, question.dialog.variant) == (7, "shrink")
    assert question.dialog.amount_box.suffix() == " µm"
    question.dialog.reject()
    driver.window._write_settings()
    assert read_settings(driver.locations.user_config / "settings.json").shape_amounts == {"grow": 7}
    other = Shapes(driver, slide_without_mpp)
    other.draw(square(200, 200))
    question = other.ask("grow", 4, "expand")
    assert question.dialog.amount_box.suffix() == " px"
    assert "px²" in question.dialog.outcome
    other.accept(question)
    assert other.areas() == pytest.approx([10_000 + 400 * 4 + np.pi * 16], abs=1)
    assert driver.window.settings.shape_amounts == {"grow": 7, "grow_px": 4}


def test_a_question_ends_with_annotate_mode(shapes: Shapes) -> None:
    shapes.draw(square(200, 200))
    shapes.ask("grow", 10)
    shapes.driver.window.set_mode("view")
    assert shapes.driver.window.shapes.question is None
    assert shapes.preview_pixels() == 0
    assert shapes.areas() == [10_000]


def test_a_ring_is_a_new_object_of_the_class_in_hand(shapes: Shapes) -> None:
    tumor = square(200, 200, class_name="Tumor", locked=True)
    shapes.draw(tumor)
    shapes.accept(shapes.ask("ring", 5, "inside"))
    assert shapes.areas() == [10_000 - 80 * 80, 10_000]
    (ring,) = shapes.view.selection.annotations()
    assert ring.id != tumor.id
    assert ring.class_name is None


def test_holes_are_filled_all_or_the_small_ones(shapes: Shapes) -> None:
    shapes.draw(square(200, 200), square(210, 210, 10), square(250, 250, 30))
    shapes.do("subtract")
    question = shapes.ask("fill", 30, "small")  # a hole of 25 µm²
    assert question.dialog.amount_box.isEnabled()
    shapes.accept(question)
    assert shapes.areas() == [9_100]
    question = shapes.ask("fill", None, "all")
    assert not question.dialog.amount_box.isEnabled()
    shapes.accept(question)
    assert shapes.areas() == [10_000]


def test_simplify_says_what_it_reached(shapes: Shapes) -> None:
    shapes.draw(wheel(2_000))
    question = shapes.ask("simplify", 1)
    said = question.dialog.outcome
    assert said.startswith("2,000 vertices become ")
    assert "µm at most" in said
    shapes.accept(question)
    assert shapes.driver.notices[-1] == said
    (after,) = shapes.there()
    assert len(after.parts[0][0]) < 500
    assert f"{len(after.parts[0][0]):,}" in said


def test_smoothing_takes_the_cogs(shapes: Shapes) -> None:
    shapes.draw(wheel(2_000))
    shapes.accept(shapes.ask("smooth", 15))
    (after,) = shapes.there()
    assert area_px(after) == pytest.approx(np.pi * 180**2, rel=0.01)
    reach = np.hypot(*(after.parts[0][0] - (350, 250)).T)
    assert np.ptp(reach) < 2


# ---- in the background ------------------------------------------------------------------------------


def test_large_shapes_are_worked_on_beside_the_window(shapes: Shapes) -> None:
    shapes.draw(wheel(20_000), square(300, 200))
    shapes.driver.trigger("shape.subtract")
    assert len(shapes.there()) == 2
    assert "Working" in shapes.driver.window.status.currentMessage()
    shapes.driver.settle()
    (result,) = shapes.there()
    assert MultiPolygon([Polygon(part[0], part[1:]) for part in result.parts]).is_valid
    assert area_px(result) == pytest.approx(np.pi * 180**2 + 18 * np.pi * 1 - 10_000, rel=0.01)
    assert "Working" not in shapes.driver.window.status.currentMessage()


def test_what_was_changed_meanwhile_is_not_overwritten(shapes: Shapes) -> None:
    large, small = wheel(20_000), square(300, 200)
    shapes.draw(large, small)
    shapes.driver.trigger("shape.subtract")
    present = shapes.view.document.snapshot.get(small.id)
    assert present is not None
    shapes.view.document.change("Name", before=[present], after=[replace(present, name="mine")])
    before = shapes.view.document.snapshot
    shapes.driver.settle()
    assert "changed meanwhile" in shapes.driver.notices[-1]
    assert shapes.view.document.snapshot is before


def test_what_was_removed_meanwhile_is_not_brought_back(shapes: Shapes) -> None:
    large, small = wheel(20_000), square(300, 200)
    shapes.draw(large, small)
    shapes.driver.trigger("shape.subtract")
    shapes.view.document.remove([small.id])
    shapes.driver.settle()
    assert "changed meanwhile" in shapes.driver.notices[-1]
    assert [shape.id for shape in shapes.there()] == [large.id]


def test_many_objects_grow_in_one_step(shapes: Shapes) -> None:
    many = [square(x, y, 4) for x in range(0, 700, 50) for y in range(0, 500, 50)]
    shapes.draw(*many)
    before = state(shapes.view.document.snapshot)
    shapes.accept(shapes.ask("grow", 0.5, "shrink"))
    assert shapes.areas() == [4.0] * len(many)
    shapes.driver.trigger("edit.undo")
    assert state(shapes.view.document.snapshot) == before


def test_what_is_changed_beside_the_selection_does_not_matter(shapes: Shapes) -> None:
    other = square(0, 0, 20)
    shapes.draw(other)
    shapes.draw(wheel(20_000), square(300, 200))
    shapes.driver.trigger("shape.subtract")
    shapes.view.document.remove([other.id])
    shapes.driver.settle()
    assert len(shapes.there()) == 1


def test_the_preview_of_a_large_shape_comes_later_and_the_latest_amount_wins(shapes: Shapes) -> None:
    shapes.draw(wheel(20_000))
    shapes.driver.trigger("shape.simplify")
    question = shapes.driver.window.shapes.question
    assert question is not None
    assert "Working" in question.dialog.outcome
    for amount in (0.1, 0.2, 0.4):
        question.dialog.amount_box.setValue(amount)
    shapes.question()
    last = question.dialog.outcome
    shapes.accept(question)
    assert shapes.driver.notices[-1] == last


def test_a_slide_may_be_closed_while_something_is_asked_or_worked_on(shapes: Shapes) -> None:
    shapes.draw(wheel(20_000), square(300, 200))
    shapes.driver.trigger("shape.grow")
    question = shapes.driver.window.shapes.question
    assert question is not None
    shapes.driver.trigger("shape.subtract")
    shapes.driver.window.close_slide()
    shapes.driver.settle()
    assert shapes.driver.window.shapes.question is None
    assert shapes.driver.window.front is None
    assert shapes.driver.notices == []
