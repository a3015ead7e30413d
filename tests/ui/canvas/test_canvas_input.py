"""Mouse, wheel and keys, as a hand would use them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas import SlideCanvas, ToolEvent
from tests.support.watched_slide import WatchedSlide

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
START = Viewport((1000.0, 700.0), 1.0, 0.0, (600, 400))


class Recorder:
    """A tool that writes down what it is given, and uses it or not."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, *, uses: bool = True) -> None:
        self.uses = uses
        self.events: list[tuple[str, ToolEvent]] = []
        self.keys: list[int] = []
        self.cancelled = 0
        self.painted = 0

    def press(self, event: ToolEvent) -> bool:
        self.events.append(("press", event))
        return self.uses

    def move(self, event: ToolEvent) -> bool:
        self.events.append(("move", event))
        return self.uses

    def release(self, event: ToolEvent) -> bool:
        self.events.append(("release", event))
        return self.uses

    def double_click(self, event: ToolEvent) -> bool:
        self.events.append(("double_click", event))
        return self.uses

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        self.keys.append(key)
        return self.uses

    def cancel(self) -> None:
        self.cancelled += 1

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        self.painted += 1

    def names(self) -> list[str]:
        return [name for name, _ in self.events]


@pytest.fixture
def view(canvas: SlideCanvas, slide: WatchedSlide) -> SlideCanvas:
    canvas.set_slide(slide)
    canvas.minimap.wanted = False
    canvas.set_viewport(START)
    return canvas


def drag(qtbot: QtBot, canvas: SlideCanvas, button: Qt.MouseButton = LEFT) -> None:
    qtbot.mousePress(canvas, button, pos=QPoint(100, 100))
    qtbot.mouseMove(canvas, QPoint(130, 80))
    qtbot.mouseMove(canvas, QPoint(150, 60))
    qtbot.mouseRelease(canvas, button, pos=QPoint(150, 60))


def wheel(canvas: SlideCanvas, notches: float, at: tuple[int, int] = (100, 100)) -> None:
    event = QWheelEvent(
        QPointF(*at),
        canvas.mapToGlobal(QPointF(*at)),
        QPoint(),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_a_drag_moves_the_slide_with_the_hand(view: SlideCanvas, qtbot: QtBot) -> None:
    drag(qtbot, view)
    assert view.viewport.center == (950.0, 740.0)


def test_the_middle_button_pans_whatever_the_tool(view: SlideCanvas, qtbot: QtBot) -> None:
    tool = Recorder()
    view.set_tool(tool)
    drag(qtbot, view, MIDDLE)
    assert view.viewport.center == (950.0, 740.0)
    assert not {"press", "release"} & set(tool.names())


def test_space_pans_whatever_the_tool_until_it_is_released(view: SlideCanvas, qtbot: QtBot) -> None:
    tool = Recorder()
    view.set_tool(tool)
    qtbot.keyPress(view, Qt.Key.Key_Space)
    assert view.cursor().shape() == Qt.CursorShape.OpenHandCursor
    drag(qtbot, view)
    qtbot.keyRelease(view, Qt.Key.Key_Space)
    assert view.viewport.center == (950.0, 740.0)
    assert "press" not in tool.names()
    assert view.cursor().shape() == Qt.CursorShape.CrossCursor
    drag(qtbot, view)
    assert "press" in tool.names()
    assert view.viewport.center == (950.0, 740.0)


def test_a_tool_gets_positions_on_the_slide(view: SlideCanvas, qtbot: QtBot) -> None:
    tool = Recorder()
    view.set_viewport(Viewport((1000.0, 700.0), 2.0))
    view.set_tool(tool)
    qtbot.mousePress(view, LEFT, Qt.KeyboardModifier.ShiftModifier, QPoint(310, 205))
    name, event = tool.events[0]
    assert name == "press"
    assert event.position == (1020.0, 710.0)
    assert event.view_position == (310.0, 205.0)
    assert event.button == LEFT
    assert event.modifiers == Qt.KeyboardModifier.ShiftModifier
    assert event.slide_px_per_view_px == 2.0
    qtbot.mouseRelease(view, LEFT, pos=QPoint(310, 205))


def test_a_left_press_that_the_tool_does_not_use_pans(view: SlideCanvas, qtbot: QtBot) -> None:
    tool = Recorder(uses=False)
    view.set_tool(tool)
    drag(qtbot, view)
    assert view.viewport.center == (950.0, 740.0)
    assert tool.names().count("press") == 1
    assert "release" not in tool.names()


def test_a_double_click_reaches_the_tool(view: SlideCanvas, qtbot: QtBot) -> None:
    tool = Recorder()
    view.set_tool(tool)
    qtbot.mouseDClick(view, LEFT, pos=QPoint(50, 50))
    assert "double_click" in tool.names()


def test_changing_tool_or_slide_cancels_the_tool(view: SlideCanvas) -> None:
    tool = Recorder()
    view.set_tool(tool)
    view.set_slide(None)
    assert tool.cancelled == 1
    view.set_tool(None)
    assert tool.cancelled == 2


def test_the_tool_is_painted_above_the_slide(view: SlideCanvas) -> None:
    tool = Recorder()
    view.set_tool(tool)
    view.grab()
    assert tool.painted == 1


@pytest.mark.parametrize(("notches", "factor"), [(1, 1.25), (-1, 0.8), (2, 1.5625), (0.25, 1.25**0.25)])
def test_the_wheel_zooms_about_the_mouse(view: SlideCanvas, notches: float, factor: float) -> None:
    under_mouse = view.viewport.slide_point((100, 100))
    wheel(view, notches)
    assert view.viewport.downsample == pytest.approx(1 / factor)
    assert view.viewport.slide_point((100, 100)) == pytest.approx(under_mouse)


@pytest.mark.parametrize(
    ("key", "center"),
    [
        (Qt.Key.Key_Right, (1060, 700)),
        (Qt.Key.Key_Left, (940, 700)),
        (Qt.Key.Key_Down, (1000, 740)),
        (Qt.Key.Key_Up, (1000, 660)),
    ],
)
def test_arrows_move_the_view(
    view: SlideCanvas, qtbot: QtBot, key: Qt.Key, center: tuple[float, float]
) -> None:
    qtbot.keyClick(view, key)
    assert view.viewport.center == pytest.approx(center)


@pytest.mark.parametrize(("key", "factor"), [(Qt.Key.Key_Plus, 1.25), (Qt.Key.Key_Minus, 0.8)])
def test_plus_and_minus_zoom(view: SlideCanvas, qtbot: QtBot, key: Qt.Key, factor: float) -> None:
    qtbot.keyClick(view, key)
    assert view.viewport.downsample == pytest.approx(1 / factor)
    assert view.viewport.center == START.center


def test_a_tool_gets_keys_first(view: SlideCanvas, qtbot: QtBot) -> None:
    tool = Recorder()
    view.set_tool(tool)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.viewport == START
    tool.uses = False
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.viewport != START
    assert tool.keys == [Qt.Key.Key_Right] * 2


def test_keys_with_ctrl_or_alt_are_left_to_the_window(view: SlideCanvas, qtbot: QtBot) -> None:
    qtbot.keyClick(view, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert view.viewport == START


def test_the_cursor_position_is_told_and_taken_back(view: SlideCanvas, qtbot: QtBot) -> None:
    told: list[object] = []
    view.cursor_moved.connect(told.append)
    qtbot.mouseMove(view, QPoint(300, 200))
    view.leaveEvent(None)  # type: ignore[arg-type]
    assert told[-2] == (1000.0, 700.0)
    assert told[-1] is None


def test_the_slide_cannot_be_lost(view: SlideCanvas) -> None:
    view.pan_by(1e6, 1e6)
    assert view.viewport.center == (0.0, 0.0)
    view.zoom_by(1e-6)
    assert view.viewport.downsample < 100
    view.zoom_by(1e9)
    assert view.viewport.downsample == 1 / 32


def test_nothing_happens_without_a_slide(canvas: SlideCanvas, qtbot: QtBot) -> None:
    tool = Recorder()
    canvas.set_tool(tool)
    before = canvas.viewport
    drag(qtbot, canvas)
    wheel(canvas, 1)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    canvas.fit()
    canvas.zoom_by(2)
    assert canvas.viewport == before
    assert not tool.events
