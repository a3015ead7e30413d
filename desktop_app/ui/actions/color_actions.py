"""How colors are shown: profile, stain view, white balance; the panel has the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.domain.display_settings import StainView
from desktop_app.ui.actions.action_spec import ActionSpec, Handler, needs
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow

STAIN_VIEWS: tuple[tuple[StainView, str, str], ...] = (
    ("off", marked("&Off"), "Alt+Shift+0"),
    ("first", marked("&First stain alone"), "Alt+Shift+1"),
    ("second", marked("&Second stain alone"), "Alt+Shift+2"),
    ("residual", marked("&Residual"), "Alt+Shift+3"),
    ("false_color", marked("False &colors"), "Alt+Shift+4"),
)


def _profile(window: MainWindow) -> None:
    window.colors.switch_profile()


def _reset(window: MainWindow) -> None:
    window.colors.reset()


def _pick_white(window: MainWindow) -> None:
    window.colors.pick_white()


def _stain(view: StainView) -> Handler:
    return lambda window: window.colors.show_stain(view)


COLOR_ACTIONS = (
    ActionSpec(
        "color.profile",
        marked("Apply the slide's color &profile"),
        "view/color",
        _profile,
        shortcut="Ctrl+Shift+I",
        checked_when="color_managed",
        needs=needs("slide", "color_profile"),
        tip=marked("Changes the picture only, never the pixels that are analyzed."),
    ),
    ActionSpec(
        "color.pick_white",
        marked("&White balance from glass…"),
        "view/color",
        _pick_white,
        needs=needs("slide", "brightfield"),
        tip=marked("Then click on empty glass."),
    ),
    ActionSpec(
        "color.reset",
        marked("&Show as scanned"),
        "view/color",
        _reset,
        shortcut="Ctrl+Shift+R",
        needs=needs("slide", "color_adjusted"),
    ),
    *(
        ActionSpec(
            f"color.stain_{view}",
            text,
            "view/stain",
            _stain(view),
            shortcut=keys,
            checked_when=f"stain_{view}",
            needs=needs("slide", "brightfield"),
        )
        for view, text, keys in STAIN_VIEWS
    ),
)
