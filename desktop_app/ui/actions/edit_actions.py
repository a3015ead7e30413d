"""Undoing, redoing, deleting and selecting annotations; in Annotate mode only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_spec import ANNOTATE, ActionSpec, needs
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


def _undo(window: MainWindow) -> None:
    window.current.document.undo_stack.undo()


def _redo(window: MainWindow) -> None:
    window.current.document.undo_stack.redo()


def _show_history(window: MainWindow) -> None:
    window.history.show()


def _restore_state(window: MainWindow) -> None:
    window.history.restore_chosen()


def _delete(window: MainWindow) -> None:
    window.current.delete_selected()


def _select_all(window: MainWindow) -> None:
    window.current.select_all()


def _select_none(window: MainWindow) -> None:
    window.current.select_none()


HISTORY_ACTIONS = (
    ActionSpec(
        "edit.undo",
        marked("&Undo"),
        "edit",
        _undo,
        shortcut="Ctrl+Z",
        modes=ANNOTATE,
        needs=needs("slide", "writable", "undo"),
        icon="undo",
    ),
    ActionSpec(
        "edit.redo",
        marked("&Redo"),
        "edit",
        _redo,
        shortcut="Ctrl+Shift+Z",
        second_shortcut="Ctrl+Y",
        modes=ANNOTATE,
        needs=needs("slide", "writable", "redo"),
        icon="redo",
        tip=marked("Ctrl+Y does it, too."),
    ),
    ActionSpec(
        "edit.history",
        marked("&History…"),
        "edit",
        _show_history,
        shortcut="Ctrl+Alt+H",
        modes=ANNOTATE,
        needs=needs("slide"),
        tip=marked("Every edit of this slide, and a way back to each."),
    ),
    ActionSpec(
        "edit.restore_state",
        marked("Restore the chosen &state"),
        "edit",
        _restore_state,
        modes=ANNOTATE,
        needs=needs("slide", "writable", "history_chosen"),
        tip=marked("Chosen in the panel History; nothing is lost by it."),
    ),
)
EDIT_ACTIONS = (
    ActionSpec(
        "edit.delete",
        marked("&Delete"),
        "edit",
        _delete,
        shortcut="Del",
        modes=ANNOTATE,
        needs=needs("slide", "writable", "selection"),
        icon="delete",
        starts_group=True,
    ),
    ActionSpec(
        "edit.select_all",
        marked("Select &all"),
        "edit",
        _select_all,
        shortcut="Ctrl+A",
        modes=ANNOTATE,
        needs=needs("slide", "annotations"),
        starts_group=True,
    ),
    ActionSpec(
        "edit.select_none",
        marked("Select &none"),
        "edit",
        _select_none,
        shortcut="Ctrl+Shift+A",
        modes=ANNOTATE,
        needs=needs("slide", "selection"),
    ),
)
