"""How the slide follows: gliding, coasting, arrows, fingers, and what stops it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QInputDevice,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QPointingDeviceUniqueId,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.movement import Coast, Drive, Glide
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas import SlideCanvas
from desktop_app.ui.canvas.view_mover import MovementStyle
from tests.support.watched_slide import WatchedSlide
from tests.ui.canvas.test_canvas_input import Recorder

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
START = Viewport((1000.0, 700.0), 1.0, 0.0, (600, 400))
ANIMATED = MovementStyle(animated=True)


@pytest.fixture
def view(canvas: SlideCanvas, slide: WatchedSlide) -> SlideCanvas:
    """A canvas that moves at once."""
    canvas.set_slide(slide)
    canvas.minimap.wanted = False
    canvas.set_viewport(START)
    return canvas


@pytest.fixture
def moving(view: SlideCanvas) -> SlideCanvas:
    """The same, gliding and coasting."""
    view.set_movement_style(ANIMATED)
    return view


@pytest.fixture
def rest(qtbot: QtBot) -> Callable[[SlideCanvas], Viewport]:
    """Waits until a view has come to rest, and returns it."""

    def wait(canvas: SlideCanvas) -> Viewport:
        qtbot.waitUntil(lambda: canvas.is_at_rest, timeout=5_000)
        return canvas.viewport

    return wait


Rest = Callable[[SlideCanvas], Viewport]


def mouse(canvas: SlideCanvas, kind: QEvent.Type, at: tuple[float, float], at_ms: int) -> None:
    """A mouse event of a given time, with the left button."""
    released = kind == QEvent.Type.MouseButtonRelease
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
    held = Qt.MouseButton.NoButton if released else LEFT
    event = QMouseEvent(
        kind, QPointF(*at), canvas.mapToGlobal(QPointF(*at)), button, held, Qt.KeyboardModifier.NoModifier
    )
    event.setTimestamp(at_ms)
    QApplication.sendEvent(canvas, event)


def flick(canvas: SlideCanvas, *, pause_ms: int = 5) -> None:
    """200 pixels to the right in 100 ms, then let go."""
    mouse(canvas, QEvent.Type.MouseButtonPress, (200, 200), 1000)
    for step in range(1, 11):
        mouse(canvas, QEvent.Type.MouseMove, (200 + 20 * step, 200), 1000 + 10 * step)
    mouse(canvas, QEvent.Type.MouseButtonRelease, (400, 200), 1100 + pause_ms)


def wheel(
    canvas: SlideCanvas,
    *,
    notches: float = 0.0,
    pixels: tuple[int, int] = (0, 0),
    at: tuple[float, float] = (100, 100),
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    phase: Qt.ScrollPhase = Qt.ScrollPhase.NoScrollPhase,
) -> None:
    event = QWheelEvent(
        QPointF(*at),
        canvas.mapToGlobal(QPointF(*at)),
        QPoint(*pixels),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        keys,
        phase,
        False,
    )
    QApplication.sendEvent(canvas, event)


# ---- gliding ----------------------------------------------------------------------------------------


def test_quick_notches_add_up_and_the_place_under_the_mouse_stays(moving: SlideCanvas, rest: Rest) -> None:
    under_mouse = moving.viewport.slide_point((100, 100))
    seen: list[Viewport] = []
    moving.viewport_changed.connect(seen.append)
    for _ in range(3):
        wheel(moving, notches=1)
    assert not moving.is_at_rest
    end = rest(moving)
    assert end.downsample == pytest.approx(1.25**-3, rel=1e-12)
    for step in seen:
        assert math.dist(step.view_point(under_mouse), (100, 100)) < 1e-6
    scales = [step.downsample for step in seen]
    assert scales == sorted(scales, reverse=True)


def test_fifty_zooms_at_random_places_lose_nothing(moving: SlideCanvas, rest: Rest, qtbot: QtBot) -> None:
    chance = random.Random(3)
    for _ in range(50):
        at = (chance.uniform(150, 450), chance.uniform(100, 300))
        under_mouse = moving.viewport.slide_point(at)
        before = moving.mover.target.downsample
        notches = 1 if before > 0.5 else -1
        wheel(moving, notches=notches, at=at)
        assert moving.mover.target.downsample == pytest.approx(before * 1.25**-notches)
        qtbot.wait(chance.choice((0, 0, 20)))
        # Where the mouse was when the wheel turned is where that place still is.
        if not moving.is_at_rest or moving.viewport == moving.mover.target:
            assert math.dist(moving.viewport.view_point(under_mouse), at) < 0.5
    rest(moving)


def test_at_the_limit_the_place_under_the_mouse_stays_too(view: SlideCanvas) -> None:
    view.set_viewport(Viewport((1000.0, 700.0), 1 / 31))
    under_mouse = view.viewport.slide_point((100, 100))
    for _ in range(3):
        wheel(view, notches=4)
    assert view.viewport.downsample == 1 / 32
    assert view.viewport.view_point(under_mouse) == pytest.approx((100, 100))


def test_a_glide_ends_at_its_target_to_the_bit(moving: SlideCanvas, rest: Rest) -> None:
    target = replace(START, center=(1111.25, 633.5), downsample=0.3, rotation_deg=17.0)
    moving.glide_to(target)
    assert moving.viewport == START
    assert isinstance(moving.mover._motion.movement, Glide)
    assert rest(moving) == target


def test_a_view_is_sharp_only_at_rest(moving: SlideCanvas, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: moving.is_sharp)
    moving.zoom_by(1.25)
    assert not moving.is_sharp
    with qtbot.waitSignal(moving.sharpened, timeout=5_000):
        pass
    assert moving.is_at_rest
    assert moving.viewport.downsample == pytest.approx(0.8)


def test_a_glide_asks_once_for_the_tiles_of_its_end(moving: SlideCanvas, rest: Rest) -> None:
    layer = moving.slide_layer
    assert layer is not None
    wanted: list[Viewport | None] = []
    moving.viewport_changed.connect(lambda _view: wanted.append(layer._viewport))
    moving.zoom_by(4.0)
    end = rest(moving)
    assert len(wanted) > 2
    assert set(wanted) == {end}


def test_far_places_are_jumped_to(moving: SlideCanvas) -> None:
    moving.set_viewport(Viewport((100.0, 100.0), 1 / 16))
    moving.glide_to(Viewport((1900.0, 1300.0), 1 / 16))
    assert moving.is_at_rest
    assert moving.viewport.center == (1900.0, 1300.0)


def test_without_animation_everything_is_there_at_once(view: SlideCanvas) -> None:
    for move in (
        lambda: view.zoom_by(2),
        lambda: view.rotate_by(30),
        lambda: view.set_magnification(10),
        view.fit,
        view.flip,
        lambda: wheel(view, notches=2),
        lambda: flick(view),
    ):
        before = view.viewport
        move()
        assert view.is_at_rest
        assert view.viewport != before


def test_a_press_ends_a_zoom_at_its_target_and_holds_what_is_under_the_mouse(
    moving: SlideCanvas, qtbot: QtBot
) -> None:
    moving.set_magnification(40)
    qtbot.mousePress(moving, LEFT, pos=QPoint(100, 100))
    assert moving.is_at_rest
    assert moving.magnification == 40
    held = moving.viewport.slide_point((100, 100))
    qtbot.mouseMove(moving, QPoint(130, 90))
    assert moving.viewport.view_point(held) == pytest.approx((130, 90))
    qtbot.mouseRelease(moving, LEFT, pos=QPoint(130, 90))


def test_zooming_while_the_hand_holds_the_slide_keeps_what_it_holds(
    moving: SlideCanvas, qtbot: QtBot, rest: Rest
) -> None:
    qtbot.mousePress(moving, LEFT, pos=QPoint(100, 100))
    held = moving.viewport.slide_point((100, 100))
    wheel(moving, notches=2, at=(100, 100))
    qtbot.mouseMove(moving, QPoint(300, 200))
    assert moving.viewport.downsample == pytest.approx(1.25**-2)
    assert moving.viewport.view_point(held) == pytest.approx((300, 200))
    mouse(moving, QEvent.Type.MouseButtonRelease, (300, 200), 10**9)
    rest(moving)


def test_a_turn_adds_up_and_a_fitted_slide_stays_fitted(moving: SlideCanvas, rest: Rest) -> None:
    moving.fit()
    rest(moving)
    moving.rotate_by(90)
    moving.rotate_by(90)
    end = rest(moving)
    assert end.rotation_deg == 180.0
    moving.resize(500, 300)
    corners = np.asarray([(0, 0), (2000, 0), (2000, 1400), (0, 1400)])
    seen = moving.viewport.to_view(corners)
    assert (seen >= 0).all()
    assert (seen <= (500, 300)).all()


def test_resizing_on_the_way_does_not_lose_the_target(moving: SlideCanvas, rest: Rest) -> None:
    moving.glide_to(START.zoomed(3))
    moving.resize(500, 300)
    end = rest(moving)
    assert end.size == (500, 300)
    assert end.downsample == pytest.approx(1 / 3)
    assert end.center == START.center


def test_another_slide_stops_what_moves(moving: SlideCanvas) -> None:
    moving.glide_to(START.zoomed(3))
    moving.set_slide(None)
    assert moving.is_at_rest


# ---- the hand ---------------------------------------------------------------------------------------


def test_a_flick_lets_the_slide_coast_and_stop(moving: SlideCanvas, rest: Rest) -> None:
    flick(moving)
    held = moving.viewport.center[0]
    assert held == pytest.approx(800)
    assert isinstance(moving.mover._motion.movement, Coast)
    end = rest(moving)
    assert 350 < end.center[0] < held - 100
    assert end.center[1] == START.center[1]


def test_a_hand_that_pauses_leaves_the_slide_where_it_is(moving: SlideCanvas) -> None:
    flick(moving, pause_ms=120)
    assert moving.is_at_rest
    assert moving.viewport.center == (800.0, 700.0)


@pytest.mark.parametrize("stop", ["press", "wheel", "key", "set"])
def test_whatever_is_done_next_stops_coasting(
    moving: SlideCanvas, qtbot: QtBot, stop: str, rest: Rest
) -> None:
    flick(moving)
    qtbot.wait(40)
    before = moving.viewport
    if stop == "press":
        mouse(moving, QEvent.Type.MouseButtonPress, (10, 10), 2000)
        assert moving.is_at_rest
        mouse(moving, QEvent.Type.MouseButtonRelease, (10, 10), 2300)
        assert moving.viewport == before
    elif stop == "wheel":
        under_mouse = before.slide_point((100, 100))
        wheel(moving, notches=1)
        assert rest(moving).view_point(under_mouse) == pytest.approx((100, 100))
    elif stop == "key":
        moving.set_magnification(10)
        assert rest(moving).center == before.center
    else:
        moving.set_viewport(START)
        qtbot.wait(40)
        assert moving.viewport == START


def test_the_edge_of_the_slide_stops_coasting(moving: SlideCanvas, qtbot: QtBot) -> None:
    moving.set_viewport(Viewport((205.0, 700.0), 1.0))
    flick(moving)
    qtbot.waitUntil(lambda: moving.is_at_rest, timeout=400)
    assert moving.viewport.center == (0.0, 700.0)


def test_a_tool_that_pans_lets_the_slide_coast_too(moving: SlideCanvas, rest: Rest) -> None:
    class Pans(Recorder):
        last = (0.0, 0.0)

        def press(self, event):  # type: ignore[no-untyped-def]
            self.last = event.view_position
            return True

        def move(self, event):  # type: ignore[no-untyped-def]
            if event.buttons:
                moving.pan_by(event.view_position[0] - self.last[0], 0)
            self.last = event.view_position
            return True

    moving.set_tool(Pans())
    flick(moving)
    assert not moving.is_at_rest
    assert rest(moving).center[0] < 700


def test_a_tool_that_draws_does_not_move_the_slide(moving: SlideCanvas) -> None:
    moving.set_tool(Recorder())
    flick(moving)
    assert moving.is_at_rest
    assert moving.viewport == START


def test_beyond_the_edge_the_hand_keeps_what_it_holds(view: SlideCanvas, qtbot: QtBot) -> None:
    view.set_viewport(Viewport((100.0, 700.0), 1.0))
    held = view.viewport.slide_point((300, 200))
    qtbot.mousePress(view, LEFT, pos=QPoint(300, 200))
    qtbot.mouseMove(view, QPoint(590, 200))
    assert view.viewport.center[0] == 0.0
    qtbot.mouseMove(view, QPoint(320, 200))
    assert view.viewport.view_point(held) == pytest.approx((320, 200))
    qtbot.mouseRelease(view, LEFT, pos=QPoint(320, 200))


def test_a_double_click_brings_the_place_into_the_middle(view: SlideCanvas, qtbot: QtBot) -> None:
    place = view.viewport.slide_point((450, 90))
    left: list[Viewport] = []
    view.leaving.connect(left.append)
    qtbot.mouseClick(view, LEFT, pos=QPoint(450, 90))
    qtbot.mouseDClick(view, LEFT, pos=QPoint(450, 90))
    qtbot.mouseRelease(view, LEFT, pos=QPoint(450, 90))
    assert view.viewport.center == pytest.approx(place)
    assert left == [START]


def test_a_second_quick_drag_is_a_drag(view: SlideCanvas, qtbot: QtBot) -> None:
    double = QEvent.Type.MouseButtonDblClick
    mouse(view, double, (300, 200), 100)
    mouse(view, QEvent.Type.MouseMove, (340, 200), 110)
    mouse(view, QEvent.Type.MouseButtonRelease, (340, 200), 300)
    assert view.viewport.center == (960.0, 700.0)


def test_the_mouses_buttons_for_back_and_forward_are_told(view: SlideCanvas, qtbot: QtBot) -> None:
    told: list[int] = []
    view.stepping.connect(told.append)
    tool = Recorder()
    view.set_tool(tool)
    qtbot.mouseClick(view, Qt.MouseButton.BackButton, pos=QPoint(50, 50))
    qtbot.mouseClick(view, Qt.MouseButton.ForwardButton, pos=QPoint(50, 50))
    assert told == [-1, 1]
    assert "press" not in tool.names()


# ---- arrows -----------------------------------------------------------------------------------------


def test_a_tap_is_a_tenth_of_the_view_and_taps_add_up(moving: SlideCanvas, qtbot: QtBot, rest: Rest) -> None:
    qtbot.keyClick(moving, Qt.Key.Key_Right)
    assert rest(moving).center == (1060.0, 700.0)
    for _ in range(3):
        qtbot.keyClick(moving, Qt.Key.Key_Down)
    assert rest(moving).center == pytest.approx((1060.0, 820.0))
    qtbot.keyClick(moving, Qt.Key.Key_Left, SHIFT)
    assert rest(moving).center == pytest.approx((760.0, 820.0))


def test_a_held_arrow_moves_ever_faster_and_coasts_when_released(
    moving: SlideCanvas, qtbot: QtBot, rest: Rest
) -> None:
    qtbot.keyPress(moving, Qt.Key.Key_Right)
    assert isinstance(moving.mover._motion.movement, Drive)
    qtbot.wait(300)
    held = moving.viewport.center[0]
    assert held > 1060
    qtbot.keyRelease(moving, Qt.Key.Key_Right)
    assert isinstance(moving.mover._motion.movement, Coast)
    assert rest(moving).center[0] > held + 10


def test_two_arrows_go_along_the_diagonal(moving: SlideCanvas, qtbot: QtBot, rest: Rest) -> None:
    qtbot.keyPress(moving, Qt.Key.Key_Right)
    qtbot.keyPress(moving, Qt.Key.Key_Down)
    qtbot.wait(200)
    qtbot.keyRelease(moving, Qt.Key.Key_Right)
    qtbot.keyRelease(moving, Qt.Key.Key_Down)
    x, y = rest(moving).center
    assert x > 1020
    assert y > 720


def test_an_arrow_released_elsewhere_does_not_move_on(moving: SlideCanvas, qtbot: QtBot, rest: Rest) -> None:
    qtbot.keyPress(moving, Qt.Key.Key_Right)
    qtbot.wait(30)
    moving._input.forget_keys()
    rest(moving)
    qtbot.keyClick(moving, Qt.Key.Key_Left)
    rest(moving)


# ---- wheels and fingers -----------------------------------------------------------------------------


def test_a_reversed_wheel_zooms_the_other_way(view: SlideCanvas) -> None:
    view.set_movement_style(MovementStyle(wheel_reversed=True))
    wheel(view, notches=1)
    assert view.viewport.downsample == pytest.approx(1.25)


def test_two_fingers_on_a_touchpad_move_the_slide(view: SlideCanvas) -> None:
    wheel(view, notches=0.25, pixels=(12, -30), phase=Qt.ScrollPhase.ScrollUpdate)
    assert view.viewport.center == (988.0, 730.0)
    assert view.viewport.downsample == 1.0


def test_two_fingers_zoom_where_the_user_wants_that_and_with_ctrl(view: SlideCanvas) -> None:
    ctrl = Qt.KeyboardModifier.ControlModifier
    wheel(view, notches=0.25, pixels=(0, 50), phase=Qt.ScrollPhase.ScrollUpdate, keys=ctrl)
    assert view.viewport.downsample == pytest.approx(0.8)
    view.set_movement_style(MovementStyle(touchpad_pans=False))
    wheel(view, notches=0.25, pixels=(0, -50), phase=Qt.ScrollPhase.ScrollUpdate)
    assert view.viewport.downsample == pytest.approx(1.0)


def gesture(canvas: SlideCanvas, kind: Qt.NativeGestureType, value: float) -> None:
    pad = QPointingDevice(
        "pad",
        7,
        QInputDevice.DeviceType.TouchPad,
        QPointingDevice.PointerType.Finger,
        QInputDevice.Capability.Position,
        5,
        0,
        "",
        QPointingDeviceUniqueId(),
    )
    at = QPointF(100, 100)
    event = QNativeGestureEvent(kind, pad, 2, at, at, canvas.mapToGlobal(at), value, QPointF())
    QApplication.sendEvent(canvas, event)


def test_pinching_a_touchpad_zooms_about_the_mouse(view: SlideCanvas) -> None:
    under_mouse = view.viewport.slide_point((100, 100))
    gesture(view, Qt.NativeGestureType.ZoomNativeGesture, 0.25)
    assert view.viewport.downsample == pytest.approx(0.8)
    assert view.viewport.view_point(under_mouse) == pytest.approx((100, 100))


def test_fingers_turn_the_slide_once_they_clearly_mean_to(view: SlideCanvas) -> None:
    turn = Qt.NativeGestureType.RotateNativeGesture
    gesture(view, Qt.NativeGestureType.BeginNativeGesture, 0)
    for _ in range(3):
        gesture(view, turn, 3.0)
    assert view.viewport.rotation_deg == 0.0
    gesture(view, turn, 5.0)
    gesture(view, turn, 4.0)
    assert view.viewport.rotation_deg == pytest.approx(6.0)
    gesture(view, Qt.NativeGestureType.EndNativeGesture, 0)
    gesture(view, turn, 3.0)
    assert view.viewport.rotation_deg == pytest.approx(6.0)


def test_two_fingers_on_a_screen_pinch(view: SlideCanvas, qtbot: QtBot) -> None:
    screen = QTest.createTouchDevice()
    fingers = QTest.touchEvent(view, screen)
    fingers.press(0, QPoint(250, 200), view).press(1, QPoint(350, 200), view).commit()
    for step in range(1, 11):
        fingers.move(0, QPoint(250 - 10 * step, 200), view).move(
            1, QPoint(350 + 10 * step, 200), view
        ).commit()
        qtbot.wait(2)
    fingers.release(0, QPoint(150, 200), view).release(1, QPoint(450, 200), view).commit()
    assert 1 / 3.5 < view.viewport.downsample < 1 / 2
    assert view.viewport.rotation_deg == 0.0
    assert view.viewport.view_point((1000.0, 700.0)) == pytest.approx((300, 200), abs=3)
