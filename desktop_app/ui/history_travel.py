"""Restoring earlier states of a slide's annotations, near or far in its history.

The way there is read and applied on the background pool, since it may be thousands of edits; what the window
does is one move of the journal's cursor. Nothing is lost by it, and a button leads back. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.errors import CoverslipError
from desktop_app.storage.journal_ways import Way
from desktop_app.ui.actions.action_spec import Fact
from desktop_app.ui.docks.history import HistoryPanel
from desktop_app.ui.error_text import sentence
from desktop_app.ui.message_bar import Notice, Offer
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow

RESTORE = "edit.restore_state"


class HistoryTravel:
    """What the history panel does.

    Parameters
    ----------
    window : MainWindow
        Its view in front is what is restored.
    panel : HistoryPanel
        Shows the history of that view.
    """

    def __init__(self, window: MainWindow, panel: HistoryPanel) -> None:
        self._window = window
        self._panel = panel
        action = window.actions_by_key[RESTORE]
        panel.restore_wanted.connect(action.trigger)
        panel.chosen_changed.connect(window.refresh_actions)
        panel.follow_action(action)

    def facts(self) -> Iterator[Fact]:
        """What is true of the history, for the action table."""
        if self._panel.chosen_row is not None:
            yield "history_chosen"

    def show(self) -> None:
        """Bring the panel to the front, and let the arrow keys choose."""
        self._window.panels.show("history")
        self._panel.take_keyboard()

    def restore_chosen(self) -> None:
        """Restore the state of the row chosen in the panel."""
        row, view = self._panel.chosen_row, self._window.front
        if row is not None and view is not None:
            self.restore(view.document, self._panel.model.edit_id(row))

    def restore(self, document: SlideDocument, edit_id: UUID | None) -> None:
        """Show the state after an edit, None for the empty start."""
        if not document.is_open or document.read_only:
            return
        present = document.journal.cursor
        former = None if present is None else present.edit_id
        try:
            way = document.journal.way_to(edit_id)
        except CoverslipError as error:
            self._tell(error)
            return
        self._window.status.showMessage(tr("Restoring an earlier state…"))
        self._window.background.run(way, partial(self._arrive, document, former), self._tell)

    def _arrive(self, document: SlideDocument, former: UUID | None, way: Way) -> None:
        self._window.status.clearMessage()
        if not document.is_open:
            return
        try:
            document.arrive(way)
        except CoverslipError as error:
            self._tell(error)
            return
        back = Offer(tr("Go back"), partial(self.restore, document, former))
        text = tr("An earlier state was restored. What came after it stays in the history.")
        self._window.messages.show_notice(Notice(text, "info", (back,)))

    def _tell(self, error: CoverslipError) -> None:
        self._window.status.clearMessage()
        self._window.messages.tell(sentence(error), "error")
