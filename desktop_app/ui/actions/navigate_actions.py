"""Finding one's way on the slide (back and forward, positions, bookmarks, turning), and how it moves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_spec import ActionSpec, Handler, needs
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow

QUARTER, FINE = 90.0, 5.0
"""Degrees of a turn by keys, and with Shift."""


def _step(step: int) -> Handler:
    return lambda window: window.current.travel.step(step)


def _go_to(window: MainWindow) -> None:
    window.navigation.ask_position()


def _copy_position(window: MainWindow) -> None:
    window.navigation.copy_position()


def _zoom_box(window: MainWindow) -> None:
    window.navigation.zoom_to_box()


def _add_bookmark(window: MainWindow) -> None:
    window.navigation.ask_bookmark()


def _bookmarks(window: MainWindow) -> None:
    window.navigation.focus_bookmarks()


def _turn(degrees: float) -> Handler:
    return lambda window: window.current.canvas.rotate_by(degrees)


def _flip(*, upside_down: bool) -> Handler:
    return lambda window: window.current.canvas.flip(upside_down=upside_down)


def _angle(window: MainWindow) -> None:
    window.navigation.ask_angle()


def _upright(window: MainWindow) -> None:
    window.current.canvas.set_upright()


def _animate(window: MainWindow) -> None:
    settings = window.settings
    window.change_settings(replace(settings, animate_movement=not settings.animate_movement))


def _touchpad(window: MainWindow) -> None:
    window.change_settings(replace(window.settings, touchpad_pans=not window.settings.touchpad_pans))


def _wheel(window: MainWindow) -> None:
    window.change_settings(replace(window.settings, wheel_reversed=not window.settings.wheel_reversed))


NAVIGATE_ACTIONS = (
    ActionSpec(
        "navigate.back",
        marked("&Back"),
        "navigate",
        _step(-1),
        shortcut="Alt+Left",
        needs=needs("slide", "can_go_back"),
        tip=marked("To where the slide was looked at before; the mouse's back button does it, too."),
    ),
    ActionSpec(
        "navigate.forward",
        marked("&Forward"),
        "navigate",
        _step(1),
        shortcut="Alt+Right",
        needs=needs("slide", "can_go_forward"),
    ),
    ActionSpec(
        "navigate.go_to",
        marked("&Go to position…"),
        "navigate",
        _go_to,
        shortcut="Ctrl+G",
        needs=needs("slide"),
        starts_group=True,
    ),
    ActionSpec(
        "navigate.copy_position",
        marked("&Copy position"),
        "navigate",
        _copy_position,
        shortcut="Ctrl+Shift+C",
        needs=needs("slide"),
        tip=marked("Of the mouse, or of the middle of the view where the mouse is elsewhere."),
    ),
    ActionSpec(
        "navigate.zoom_box",
        marked("&Zoom to a box"),
        "navigate",
        _zoom_box,
        shortcut="Z",
        needs=needs("slide"),
        tip=marked("Then draw it with the mouse; in View, Shift and drag does the same."),
    ),
    ActionSpec(
        "navigate.add_bookmark",
        marked("&Add bookmark…"),
        "navigate",
        _add_bookmark,
        shortcut="Ctrl+Shift+B",
        needs=needs("slide"),
        starts_group=True,
    ),
    ActionSpec(
        "navigate.bookmarks",
        marked("Book&marks"),
        "navigate",
        _bookmarks,
        shortcut="Ctrl+B",
        needs=needs("slide"),
        tip=marked("Shows their panel and gives it the keyboard."),
    ),
    ActionSpec(
        "navigate.turn_right",
        marked("90° &right"),
        "navigate/turn",
        _turn(QUARTER),
        shortcut="Ctrl+Right",
        canvas_only=True,
        needs=needs("slide"),
        starts_group=True,
    ),
    ActionSpec(
        "navigate.turn_left",
        marked("90° &left"),
        "navigate/turn",
        _turn(-QUARTER),
        shortcut="Ctrl+Left",
        canvas_only=True,
        needs=needs("slide"),
    ),
    ActionSpec(
        "navigate.turn_right_little",
        marked("5° r&ight"),
        "navigate/turn",
        _turn(FINE),
        shortcut="Ctrl+Shift+Right",
        canvas_only=True,
        needs=needs("slide"),
    ),
    ActionSpec(
        "navigate.turn_left_little",
        marked("5° l&eft"),
        "navigate/turn",
        _turn(-FINE),
        shortcut="Ctrl+Shift+Left",
        canvas_only=True,
        needs=needs("slide"),
    ),
    ActionSpec(
        "navigate.turn_to",
        marked("&By an angle…"),
        "navigate/turn",
        _angle,
        shortcut="Ctrl+Shift+T",
        needs=needs("slide"),
        tip=marked("On the slide itself: hold Ctrl and Alt, and drag."),
    ),
    ActionSpec(
        "navigate.flip",
        marked("&Mirror left and right"),
        "navigate/turn",
        _flip(upside_down=False),
        shortcut="Ctrl+Shift+H",
        needs=needs("slide"),
        starts_group=True,
    ),
    ActionSpec(
        "navigate.flip_upside_down",
        marked("Mirror &top and bottom"),
        "navigate/turn",
        _flip(upside_down=True),
        # In Annotate mode Ctrl+Shift+V pastes at the mouse.
        mode_shortcuts={"view": "Ctrl+Shift+V", "annotate": "Ctrl+Alt+V"},
        needs=needs("slide"),
    ),
    ActionSpec(
        "navigate.upright",
        marked("&As scanned"),
        "navigate/turn",
        _upright,
        shortcut="Ctrl+Shift+U",
        needs=needs("slide", "turned"),
        starts_group=True,
        tip=marked("Neither turned nor mirrored; a click on the compass does it, too."),
    ),
    ActionSpec(
        "view.animate",
        marked("&Animate movement"),
        "view/movement",
        _animate,
        checked_when="animate_movement",
        tip=marked("The slide glides to where it is sent and coasts when it is let go."),
    ),
    ActionSpec(
        "view.touchpad_pans",
        marked("&Two fingers move the slide"),
        "view/movement",
        _touchpad,
        checked_when="touchpad_pans",
        tip=marked("On touchpads that the system tells from a wheel; else they zoom."),
    ),
    ActionSpec(
        "view.wheel_reversed",
        marked("&Reverse the wheel"),
        "view/movement",
        _wheel,
        checked_when="wheel_reversed",
        tip=marked("Turning it towards you zooms in."),
    ),
)
