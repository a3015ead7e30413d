"""The manual, its page on keys, and what this program is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_spec import ActionSpec
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


def _manual(window: MainWindow) -> None:
    window.guidance.show_manual()


def _shortcuts(window: MainWindow) -> None:
    window.guidance.show_keys()


def _about(window: MainWindow) -> None:
    window.dialogs.show_about()


HELP_ACTIONS = (
    ActionSpec("help.manual", marked("&Manual"), "help", _manual, shortcut="F1", icon="manual"),
    ActionSpec("help.shortcuts", marked("&Keys and mouse"), "help", _shortcuts, shortcut="Shift+F1"),
    ActionSpec("help.about", marked("&About Coverslip"), "help", _about),
)
