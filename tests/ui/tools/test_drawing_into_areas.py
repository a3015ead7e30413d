"""Brush, Alt and Shift: drawing into the selected area; and drawing that selects."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.area_drawing import geometry_of
from desktop_app.domain.measure import area_px
from desktop_app.domain.shapes import drawn, rectangle_parts
from desktop_app.ui.models.class_choice import ClassChoice
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.tools.tool_options import ToolOptions
from tests.support.annotation_bench import Bench, opened_document

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
NO_KEYS, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def options_of(bench: Bench) -> ToolOptions:
    options: ToolOptions = bench.tools["brush"]._context.options
    return options


def add(bench: Bench, box: tuple[float, float, float, float], **members: object) -> Annotation:
    shape = replace(drawn("rectangle", rectangle_parts(box)), **members)  # type: ignore[arg-type]
    bench.document.add([shape], "Draw")
    bench.selection.set([shape.id])
    return shape


def told(bench: Bench) -> list[str]:
    sentences: list[str] = []
    bench.document.failed.connect(lambda error: sentences.append(str(error)))
    return sentences


def wheel(bench: Bench, notches: float, keys: Qt.KeyboardModifier) -> None:
    # With Alt some systems turn a wheel sideways.
    turned = QPoint(round(120 * notches), 0) if keys == ALT else QPoint(0, round(120 * notches))
    at = QPointF(300, 200)
    event = QWheelEvent(
        at,
        bench.canvas.mapToGlobal(at),
        QPoint(),
        turned,
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(bench.canvas, event)


@pytest.mark.parametrize(("downsample", "rotation"), [(1.0, 0.0), (0.25, 0.0), (4.0, 33.0)])
def test_a_stroke_is_as_wide_as_the_brush_is_on_the_screen(
    bench: Bench, downsample: float, rotation: float
) -> None:
    bench.look(downsample, rotation)
    x, y = bench.canvas.viewport.center
    bench.take("brush")
    bench.drag((x - 50 * downsample, y), (x, y), (x + 50 * downsample, y))
    shape = bench.only()
    assert shape.kind == "polygon"
    expected = (100 * 50 + math.pi * 25**2) * downsample**2
    assert area_px(shape) == pytest.approx(expected, rel=0.03)
    assert geometry_of(shape.parts).is_valid
    bench.document.undo_stack.undo()
    assert bench.annotations() == []


def test_strokes_join_the_selected_area_of_the_same_class(bench: Bench) -> None:
    bench.choice.choose("Tumor")
    bench.take("brush")
    bench.drag((300, 300), (350, 300), (400, 300))
    first = area_px(bench.only())
    bench.drag((400, 300), (400, 350), (400, 400))
    assert area_px(bench.only()) > first + 50 * 60
    assert len(bench.only().parts) == 1
    bench.document.undo_stack.undo()
    assert area_px(bench.only()) == pytest.approx(first), "one step for each stroke"
    bench.choice.choose("Stroma")
    bench.drag((400, 300), (400, 350), (400, 400))
    assert {found.class_name for found in bench.annotations()} == {"Tumor", "Stroma"}


def test_shift_paints_on_in_any_class_and_begins_nothing(bench: Bench) -> None:
    sentences = told(bench)
    before = add(bench, (300, 250, 400, 350), class_name="Tumor")
    bench.take("brush")
    bench.drag((380, 300), (420, 300), (460, 300), keys=SHIFT)
    assert area_px(bench.only()) > area_px(before) + 50 * 50
    bench.selection.clear()
    bench.drag((500, 450), (520, 450), keys=SHIFT)
    assert len(bench.annotations()) == 1
    assert "Select the one area" in sentences[0]


def test_alt_erases_and_erasing_all_deletes(bench: Bench) -> None:
    before = add(bench, (300, 280, 420, 320))
    bench.take("brush")
    bench.drag((360, 260), (360, 300), (360, 340), keys=ALT)
    assert len(bench.only().parts) == 2, "cut in two"
    assert area_px(bench.only()) == pytest.approx(area_px(before) - 50 * 40, rel=0.01)
    bench.drag((280, 300), (350, 300), (440, 300), keys=ALT)
    assert bench.annotations() == []
    bench.document.undo_stack.undo()
    bench.document.undo_stack.undo()
    assert area_px(bench.only()) == area_px(before)


def test_a_locked_area_is_not_painted_into(bench: Bench) -> None:
    sentences = told(bench)
    before = add(bench, (300, 280, 420, 320), locked=True)
    bench.take("brush")
    bench.drag((360, 260), (360, 300), (360, 340), keys=ALT)
    assert area_px(bench.only()) == area_px(before)
    assert "locked" in sentences[0]
    bench.drag((360, 260), (360, 300))
    assert len(bench.annotations()) == 2, "a stroke without keys begins a new one"


def test_a_stroke_beside_a_selected_roi_is_not_part_of_it(bench: Bench) -> None:
    add(bench, (300, 280, 420, 320), roi="open")
    bench.take("brush")
    bench.drag((360, 260), (360, 300))
    assert [found.roi for found in bench.annotations()] == ["open", None]


def test_brackets_and_alt_with_the_wheel_change_the_brush(bench: Bench) -> None:
    options, wanted = options_of(bench), []
    options.wanted.connect(wanted.append)
    bench.take("brush")
    bench.key(Qt.Key.Key_BracketRight)
    assert options.settings.brush_size == pytest.approx(57.5)
    bench.key(Qt.Key.Key_BracketLeft)
    assert options.settings.brush_size == pytest.approx(50)
    before = bench.canvas.viewport
    wheel(bench, 2, ALT)
    assert options.settings.brush_size == pytest.approx(50 * 1.15**2)
    assert bench.canvas.viewport == before
    for _ in range(40):
        bench.key(Qt.Key.Key_BracketLeft)
    assert options.settings.brush_size == 4
    assert len(wanted) > 3


def test_the_wheel_with_ctrl_is_for_what_lies_over_the_slide(bench: Bench) -> None:
    turned: list[float] = []
    bench.canvas.opacity_turned.connect(turned.append)
    before = bench.canvas.viewport
    wheel(bench, -2, CTRL)
    assert turned == [-2]
    assert bench.canvas.viewport == before
    wheel(bench, 1, NO_KEYS)
    assert bench.canvas.viewport.downsample < before.downsample


def test_the_brush_is_a_circle_around_the_mouse_until_it_leaves(bench: Bench) -> None:
    bench.take("brush")
    bench.move(450, 380)
    picture = bench.picture()
    y, x = np.nonzero((picture < 100).all(axis=2))
    assert (x.min(), x.max(), y.min(), y.max()) == pytest.approx((225, 275, 155, 205), abs=1)
    options_of(bench).pointer_left.emit()
    bench.canvas.update()
    assert (bench.picture() == 255).all()


def test_escape_gives_a_stroke_up(bench: Bench) -> None:
    bench.take("brush")
    bench.press(300, 300)
    bench.move(400, 300)
    bench.key(Qt.Key.Key_Escape)
    bench.release(400, 300)
    assert bench.annotations() == []


@pytest.mark.parametrize("name", ["rectangle", "ellipse"])
def test_alt_takes_a_box_away(bench: Bench, name: str) -> None:
    before = add(bench, (300, 250, 500, 400), class_name="Tumor")
    bench.take(name)
    bench.drag((350, 280), (400, 300), (450, 350), keys=ALT)
    after = bench.only()
    assert (after.id, after.class_name, after.kind) == (before.id, "Tumor", "polygon")
    hole = 100 * 70 * (1 if name == "rectangle" else math.pi / 4)
    assert area_px(after) == pytest.approx(area_px(before) - hole, rel=0.001)
    assert bench.document.undo_stack.undoText() == "Subtract from shape"


def test_alt_without_something_to_take_from_says_so(bench: Bench) -> None:
    sentences = told(bench)
    bench.take("rectangle")
    bench.drag((350, 280), (400, 300), (450, 350), keys=ALT)
    assert bench.annotations() == []
    assert "Select the one area that is to be subtracted from" in sentences[0]


def test_a_polygon_is_added_with_shift_and_taken_away_with_alt(bench: Bench) -> None:
    before = add(bench, (300, 250, 400, 350))
    bench.take("polygon")
    bench.click(350, 300, keys=SHIFT)
    for place in ((500, 300), (500, 320)):
        bench.click(*place)
    bench.double_click(350, 320)
    assert area_px(bench.only()) == pytest.approx(area_px(before) + 100 * 20)
    bench.click(310, 260, keys=ALT)
    for place in ((330, 260), (330, 280), (310, 280)):
        bench.click(*place)
    bench.key(Qt.Key.Key_Return)
    assert area_px(bench.only()) == pytest.approx(area_px(before) + 100 * 20 - 20 * 20)
    assert len(bench.only().parts[0]) == 2


@pytest.mark.parametrize("name", ["rectangle", "ellipse", "polygon", "brush"])
def test_what_is_drawn_selects_what_it_encloses(bench: Bench, name: str) -> None:
    inside = add(bench, (395, 325, 405, 335))
    add(bench, (395, 325, 700, 700))
    bench.selection.clear()
    options_of(bench).switch_selecting()
    bench.take(name)
    if name == "polygon":
        turn = np.linspace(0, 2 * np.pi, 40)
        bench.drag(*[(400 + 40 * math.cos(t), 330 + 40 * math.sin(t)) for t in turn])
    else:
        bench.drag((360, 290), (400, 330), (440, 370))
    assert len(bench.annotations()) == 2
    assert bench.selection.ids == (inside.id,)


def test_the_slide_pans_by_space_in_the_middle_of_an_outline(bench: Bench) -> None:
    bench.take("polygon")
    bench.click(300, 250)
    QTest.keyPress(bench.canvas, Qt.Key.Key_Space)
    bench.drag((500, 300), (480, 300), (450, 300))
    QTest.keyRelease(bench.canvas, Qt.Key.Key_Space)
    assert bench.canvas.viewport.center[0] == pytest.approx(550, abs=1)
    bench.click(500, 250)
    bench.click(500, 400)
    bench.key(Qt.Key.Key_Return)
    assert area_px(bench.only()) == pytest.approx(200 * 150 / 2, rel=0.02)


def test_drawing_on_annotations_that_another_holds_is_refused_with_a_sentence(
    document: SlideDocument, blank_slide: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    second = opened_document(blank_slide, tmp_path)
    assert second.read_only
    bench = Bench(second, AnnotationSelection(second), ClassChoice(second), qtbot)
    sentences = told(bench)
    for name in ("rectangle", "line", "brush", "point"):
        bench.take(name)
        bench.click(300, 250) if name == "point" else bench.drag((300, 250), (400, 300), (500, 400))
    assert bench.annotations() == []
    assert len(sentences) == 4
    assert all("open for annotation" in sentence for sentence in sentences)
    bench.close()
    second.close()
    second.deleteLater()
