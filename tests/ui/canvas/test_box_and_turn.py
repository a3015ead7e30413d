"""A box to zoom to and a turn by the mouse, as a hand with a key held draws them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas import SlideCanvas
from tests.support.watched_slide import WatchedSlide
from tests.ui.canvas.test_canvas_input import Recorder

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
TURNING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
START = Viewport((1000.0, 700.0), 1.0, 0.0, (600, 400))


@pytest.fixture
def view(canvas: SlideCanvas, slide: WatchedSlide) -> SlideCanvas:
    canvas.set_slide(slide)
    canvas.minimap.wanted = False
    canvas.set_viewport(START)
    return canvas


def drag(qtbot: QtBot, canvas: SlideCanvas, keys: Qt.KeyboardModifier, *places: tuple[int, int]) -> None:
    """The window's modifiers are those of the last event, as a keyboard's are."""
    qtbot.mousePress(canvas, LEFT, keys, QPoint(*places[0]))
    for place in places[1:]:
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(*place),
            canvas.mapToGlobal(QPointF(*place)),
            Qt.MouseButton.NoButton,
            LEFT,
            keys,
        )
        QApplication.sendEvent(canvas, event)
    qtbot.mouseRelease(canvas, LEFT, keys, QPoint(*places[-1]))


@pytest.mark.parametrize(("angle", "mirrored"), [(0.0, False), (17.0, False), (90.0, True)])
def test_a_box_drawn_with_shift_fills_the_view(
    view: SlideCanvas, qtbot: QtBot, angle: float, mirrored: bool
) -> None:
    view.set_viewport(replace(START, rotation_deg=angle, mirrored=mirrored))
    middle = view.viewport.slide_point((250, 150))
    drag(qtbot, view, SHIFT, (100, 100), (300, 150), (400, 200))
    assert view.viewport.center == pytest.approx(middle)
    assert view.viewport.downsample == pytest.approx(0.5)
    assert view.viewport.rotation_deg == angle
    assert view.viewport.mirrored == mirrored
    assert view.lent_tool is None


def test_the_box_is_painted_and_esc_gives_it_up(view: SlideCanvas, qtbot: QtBot) -> None:
    before = view.grab().toImage()
    qtbot.mousePress(view, LEFT, SHIFT, QPoint(100, 100))
    qtbot.mouseMove(view, QPoint(300, 250))
    assert view.cursor().shape() == Qt.CursorShape.CrossCursor
    assert view.grab().toImage() != before
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.lent_tool is None
    assert view.grab().toImage() == before
    qtbot.mouseRelease(view, LEFT, SHIFT, QPoint(300, 250))
    assert view.viewport == START


def test_a_click_is_no_box(view: SlideCanvas, qtbot: QtBot) -> None:
    drag(qtbot, view, SHIFT, (100, 100), (104, 180))
    assert view.viewport == START
    assert view.lent_tool is None


def test_shift_belongs_to_the_tool_where_there_is_one(view: SlideCanvas, qtbot: QtBot) -> None:
    tool = Recorder()
    view.set_tool(tool)
    drag(qtbot, view, SHIFT, (100, 100), (400, 200))
    assert view.viewport == START
    assert "press" in tool.names()


def test_ctrl_and_alt_turn_the_slide_about_the_middle(view: SlideCanvas, qtbot: QtBot) -> None:
    tool = Recorder()
    view.set_tool(tool)
    drag(qtbot, view, TURNING, (500, 200), (450, 330), (300, 390), (300, 200 + 150))
    assert view.viewport.rotation_deg == 90.0
    assert view.viewport.center == START.center
    assert "press" not in tool.names()
    assert tool.cancelled == 0
    assert view.lent_tool is None


def test_a_turn_locks_in_at_right_angles_and_steps_with_shift(view: SlideCanvas, qtbot: QtBot) -> None:
    drag(qtbot, view, TURNING, (500, 200), (300 + 200, 205))
    assert view.viewport.rotation_deg == 0.0
    drag(qtbot, view, TURNING, (500, 200), (400, 300))
    assert view.viewport.rotation_deg == pytest.approx(45.0)
    drag(qtbot, view, TURNING | SHIFT, (500, 200), (490, 240))
    assert view.viewport.rotation_deg == 60.0


def test_esc_turns_back(view: SlideCanvas, qtbot: QtBot) -> None:
    qtbot.mousePress(view, LEFT, TURNING, QPoint(500, 200))
    qtbot.mouseMove(view, QPoint(400, 300))
    assert view.viewport.rotation_deg == pytest.approx(45.0)
    view.grab()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.viewport.rotation_deg == 0.0
    qtbot.mouseRelease(view, LEFT, TURNING, QPoint(400, 300))
