from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.domain.measure import area_px
from desktop_app.domain.shapes import author_of, bounding_box
from desktop_app.errors import StorageError
from tests.support.annotation_bench import Bench

SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_a_rectangle_is_drawn_in_the_class_in_hand(bench: Bench) -> None:
    bench.choice.choose("Stroma")
    bench.take("rectangle")
    bench.drag((300, 250), (350, 300), (500, 400))
    drawn = bench.only()
    assert (drawn.kind, drawn.class_name, author_of(drawn)) == ("rectangle", "Stroma", "Mina")
    assert bounding_box(drawn) == (300, 250, 500, 400)
    assert bench.selection.ids == (drawn.id,)
    assert bench.document.undo_stack.undoText() == "Draw rectangle"
    bench.selection.clear()
    assert bench.color_at(300, 330) == (150, 200, 150)
    assert bench.color_at(400, 330) == (255, 255, 255)


def test_a_rectangle_drawn_backwards_and_with_shift(bench: Bench) -> None:
    bench.take("rectangle")
    bench.drag((500, 400), (400, 380), (350, 370), keys=SHIFT)
    left, top, right, bottom = bounding_box(bench.only())
    assert (right, bottom) == (500, 400)
    assert right - left == bottom - top == 150


def test_an_ellipse_fills_its_box(bench: Bench) -> None:
    bench.take("ellipse")
    bench.drag((300, 250), (310, 260), (500, 350))
    drawn = bench.only()
    assert drawn.kind == "ellipse"
    assert bounding_box(drawn) == pytest.approx((300, 250, 500, 350))
    assert area_px(drawn) == pytest.approx(math.pi * 100 * 50)
    bench.selection.clear()
    assert bench.color_at(300, 300) == (255, 0, 0)
    assert bench.color_at(302, 252) == (255, 255, 255)


@pytest.mark.parametrize("name", ["rectangle", "ellipse"])
def test_a_trembling_click_draws_nothing(bench: Bench, name: str) -> None:
    bench.take(name)
    bench.drag((300, 250), (302, 251), (302, 252))
    assert bench.annotations() == []


def test_escape_gives_a_shape_up(bench: Bench) -> None:
    bench.take("rectangle")
    bench.press(300, 250)
    bench.move(400, 350)
    before = bench.picture()
    assert (before != 255).any()
    bench.key(Qt.Key.Key_Escape)
    bench.move(450, 350)
    bench.release(450, 350)
    assert bench.annotations() == []
    assert (bench.picture() == 255).all()


def test_a_polygon_by_clicks_and_a_double_click(bench: Bench) -> None:
    bench.take("polygon")
    for place in ((300, 250), (500, 250), (500, 400)):
        bench.click(*place)
    bench.double_click(300, 400)
    drawn = bench.only()
    assert drawn.kind == "polygon"
    assert area_px(drawn) == pytest.approx(200 * 150)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_a_polygon_is_finished_by_enter(bench: Bench, key: Qt.Key) -> None:
    bench.take("polygon")
    for place in ((300, 250), (500, 250), (500, 400)):
        bench.click(*place)
    bench.key(key)
    assert area_px(bench.only()) == pytest.approx(200 * 150 / 2)


def test_a_polygon_is_finished_on_its_first_vertex(bench: Bench) -> None:
    bench.take("polygon")
    for place in ((300, 250), (500, 250), (500, 400), (302, 252)):
        bench.click(*place)
    assert area_px(bench.only()) == pytest.approx(200 * 150 / 2)


def test_backspace_takes_vertices_back_and_enter_needs_three(bench: Bench) -> None:
    tool = bench.take("polygon")
    for place in ((300, 250), (500, 250), (500, 400), (350, 390)):
        bench.click(*place)
    bench.key(Qt.Key.Key_Backspace)
    assert tool.vertices == ((300, 250), (500, 250), (500, 400))
    bench.key(Qt.Key.Key_Backspace)
    bench.key(Qt.Key.Key_Return)
    assert bench.annotations() == []
    assert len(tool.vertices) == 2
    bench.key(Qt.Key.Key_Escape)
    assert tool.vertices == ()


def test_a_free_drag_is_a_whole_outline(bench: Bench) -> None:
    bench.take("polygon")
    turn = np.linspace(0, 2 * np.pi, 90)
    circle = [(450 + 100 * math.cos(t), 380 + 100 * math.sin(t)) for t in turn]
    bench.drag(*circle)
    drawn = bench.only()
    assert area_px(drawn) == pytest.approx(math.pi * 100**2, rel=0.02)
    assert len(drawn.parts[0][0]) < 90, "it was simplified"


def test_an_outline_may_come_back_to_a_vertex(bench: Bench) -> None:
    bench.take("polygon")
    for place in ((300, 250), (400, 300), (500, 250), (500, 350), (400, 300), (300, 350)):
        bench.click(*place)
    bench.key(Qt.Key.Key_Return)
    assert len(bench.only().parts) == 2, "two triangles that touch"
    assert area_px(bench.only()) == pytest.approx(2 * 100 * 100 / 2)


def test_a_free_stretch_within_clicks(bench: Bench) -> None:
    tool = bench.take("polygon")
    bench.click(300, 250)
    bench.drag((500, 250), (510, 300), (520, 350), (500, 400))
    assert len(tool.vertices) == 5
    bench.key(Qt.Key.Key_Backspace)
    assert tool.vertices == ((300, 250),), "a stretch goes as a whole"
    bench.drag((500, 250), (510, 300), (520, 350), (500, 400))
    bench.key(Qt.Key.Key_Return)
    assert bench.only().kind == "polygon"


def test_an_outline_that_crosses_itself_becomes_what_is_painted(bench: Bench) -> None:
    bench.take("polygon")
    for place in ((300, 250), (400, 350), (400, 250), (300, 350)):
        bench.click(*place)
    bench.key(Qt.Key.Key_Return)
    drawn = bench.only()
    assert len(drawn.parts) == 2
    assert area_px(drawn) == pytest.approx(5000)


def test_the_slide_can_be_panned_while_a_polygon_is_drawn(bench: Bench) -> None:
    bench.take("polygon")
    bench.click(300, 250)
    start = bench.at(500, 300)
    QTest.mousePress(bench.canvas, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(bench.canvas, start + bench.at(250, 250) - bench.at(300, 250))
    QTest.mouseRelease(bench.canvas, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier, start)
    assert bench.canvas.viewport.center[0] == pytest.approx(550, abs=1)
    bench.click(500, 250)
    bench.click(500, 400)
    bench.key(Qt.Key.Key_Return)
    assert area_px(bench.only()) == pytest.approx(200 * 150 / 2, rel=0.02)


def test_points_are_counted_one_by_one(bench: Bench) -> None:
    bench.take("point")
    bench.click(300, 250)
    bench.click(400, 250)
    bench.drag((500, 300), (470, 300), (450, 300))
    assert [a.kind for a in bench.annotations()] == ["points", "points"]
    assert bench.canvas.viewport.center[0] == pytest.approx(550, abs=1), "a drag pans"
    bench.selection.clear()
    assert bench.color_at(300, 250) == (255, 0, 0)


def test_shapes_land_where_the_mouse_was_on_a_turned_slide(bench: Bench) -> None:
    bench.look(2.0, rotation=90)
    bench.take("rectangle")
    bench.drag((600, 500), (700, 600), (900, 800))
    assert bounding_box(bench.only()) == pytest.approx((600, 500, 900, 800), abs=2.1)


def test_a_journal_that_cannot_be_written_leaves_the_slide_as_it_was(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    bench.document.failed.connect(told.append)

    def full(*_arguments: object) -> None:
        raise StorageError(bench.document.journal.folder, "the disk is full")

    monkeypatch.setattr(bench.document.journal, "append", full)
    bench.take("rectangle")
    bench.drag((300, 250), (350, 300), (500, 400))
    assert bench.annotations() == []
    assert isinstance(told[0], StorageError)
    assert not bench.document.undo_stack.canUndo()
