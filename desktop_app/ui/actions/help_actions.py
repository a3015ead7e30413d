"""Keyboard shortcuts and what this program is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_spec import ActionSpec
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


def _shortcuts(window: MainWindow) -> None:
    window.dialogs.show_shortcuts()


def _about(window: MainWindow) -> None:
    window.dialogs.show_about()


HELP_ACTIONS = (
    ActionSpec(
        "help.shortcuts", marked("&Keyboard shortcuts"), "help", _shortcuts, shortcut="F1", icon="keyboard"
    ),
    ActionSpec("help.about", marked("&About Coverslip"), "help", _about),
)
