"""Finding actions, changing keys, hiding names: what concerns the whole window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_spec import ActionSpec
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


def _privacy(window: MainWindow) -> None:
    window.change_settings(replace(window.settings, privacy=not window.settings.privacy))


def _key_map(window: MainWindow) -> None:
    window.guidance.show_key_map()


def _palette(window: MainWindow) -> None:
    window.guidance.toggle_palette()


PRIVACY_ACTIONS = (
    ActionSpec(
        "view.privacy",
        marked("Hide na&mes (privacy mode)"),
        "view",
        _privacy,
        shortcut="F9",
        checked_when="privacy",
        icon="privacy",
        tip=marked("Hides file names, labels and macro pictures; what is opened now is not remembered."),
    ),
)

KEY_ACTIONS = (
    ActionSpec(
        "help.key_map",
        marked("&Keyboard map…"),
        "edit",
        _key_map,
        icon="keyboard",
        tip=marked("Other keys, or those of QuPath or ASAP."),
        starts_group=True,
    ),
)

PALETTE_ACTIONS = (
    ActionSpec(
        "help.palette",
        marked("&Find an action…"),
        "help",
        _palette,
        shortcut="Ctrl+L",
        tip=marked("Every action by a few letters of its name."),
    ),
)
