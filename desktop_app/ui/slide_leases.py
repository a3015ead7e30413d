"""Telling who annotates a slide on another workstation, and keeping this window from doing so as well.

Each slide that is annotated has one lease (see ``storage.lease``), whose thread reads and writes beside the
slide. What it finds makes the document read-only or writable here, with one sentence each time. A slide that
is only looked at leaves no file in its folder. GUI thread.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, QObject, Qt, Signal

from desktop_app.domain.edits import utc_now
from desktop_app.storage.journal_lock import Holder
from desktop_app.storage.lease import (
    BEAT_S,
    WRITABLE,
    LeaseRecord,
    LeaseState,
    LeaseThread,
    SlideLease,
    lease_path,
    station_id,
)
from desktop_app.ui.message_bar import Notice, Offer, Severity
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import marked, tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView


class SlideLeases(QObject):
    """The leases of a window's slides.

    Parameters
    ----------
    window : MainWindow
        Shows what is to be told.
    station : Callable[[], str] | None
        Names this workstation; called once. None for the one kept in the user's folder.
    """

    _heard = Signal(object, str, object)

    def __init__(self, window: MainWindow, station: Callable[[], str] | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._make_station = station or self._own_station
        self._station = ""
        self._threads: dict[SlideDocument, LeaseThread] = {}
        self._states: dict[SlideDocument, LeaseState] = {}
        self._notices: dict[SlideDocument, Notice] = {}
        self.beat_s = BEAT_S
        self._heard.connect(self._follow, Qt.ConnectionType.QueuedConnection)

    def add_view(self, view: SlideView) -> None:
        """Follow a view: its slide's lease is asked for in Annotate mode, and at the first edit in any."""
        view.edited.connect(partial(self._ask, view))
        if self._window.mode == "annotate":
            self._ask(view)

    def follow_mode(self) -> None:
        """Ask for the leases of all open slides where the window has come to annotate."""
        for view in self._window.views if self._window.mode == "annotate" else ():
            self._ask(view)

    def _ask(self, view: SlideView) -> None:
        document = view.document
        if document in self._threads or document.read_only:
            return
        self._station = self._station or self._make_station()
        record = LeaseRecord.of(Holder.this_process(utc_now()), self._station)
        lease = SlideLease(lease_path(view.info.path), record, beat_s=self.beat_s)
        tell = partial(self._heard.emit, document)
        self._threads[document] = LeaseThread(lease, tell, beat_s=self.beat_s)

    def remove_view(self, view: SlideView) -> None:
        """Give the lease back with the last view of a slide; called before the view is gone."""
        document = view.document
        thread = None if self._window.views_of(document) else self._threads.pop(document, None)
        if thread is not None:
            thread.close()
            self._withdraw(document)
            self._states.pop(document, None)

    def take_over(self, document: SlideDocument) -> None:
        """Annotate here, whoever's file is there; the user has been asked."""
        if document in self._threads:
            self._threads[document].take_over()

    def _follow(self, document: SlideDocument, state: LeaseState, other: Holder | None) -> None:
        if document not in self._threads:
            return
        before = self._states.get(document, "none")
        self._states[document] = state
        if state in WRITABLE and before not in WRITABLE:
            document.allow()
        elif state not in WRITABLE:
            document.withhold(other)
        self._withdraw(document)
        notice = self._notice(document, state, other)
        if notice is None and before not in ("none", state) and state == "held":
            self._tell(document, before)
        if notice is not None:
            self._notices[document] = notice
            self._window.messages.show_notice(notice)

    def _tell(self, document: SlideDocument, before: LeaseState) -> None:
        slide = self._name(document)
        if before == "away":
            self._window.messages.tell(tr("The folder of {slide} is there again.", slide=slide))
        else:
            self._window.messages.tell(tr("{slide} can be annotated here now.", slide=slide))

    def _notice(self, document: SlideDocument, state: LeaseState, other: Holder | None) -> Notice | None:
        who = _who(other)
        text, severity = _TEXTS.get(state, ("", "info"))
        if not text:
            return None
        take = Offer(tr("Annotate here"), partial(self.take_over, document))
        offers = (take,) if state in ("stale", "free") else ()
        return Notice(tr(text, slide=self._name(document), who=who), severity, offers)

    def _name(self, document: SlideDocument) -> str:
        return self._window.privacy.name(document.slide.info.path)

    def _withdraw(self, document: SlideDocument) -> None:
        notice = self._notices.pop(document, None)
        if notice is not None:
            self._window.messages.withdraw(notice)

    def _own_station(self) -> str:
        return station_id(self._window.locations.user_data, socket.gethostname())


_TEXTS: dict[LeaseState, tuple[str, Severity]] = {
    "elsewhere": (
        marked("{slide} is being annotated on another workstation ({who}); here it can only be looked at."),
        "warning",
    ),
    "stale": (
        marked(
            "{slide} was being annotated on another workstation ({who}), which has not been heard of for a "
            "while. Annotate here only if nobody works there: what is drawn there is not shown here."
        ),
        "warning",
    ),
    "free": (marked("{slide} has been closed on the other workstation ({who})."), "info"),
    "lost": (
        marked(
            "{slide} is now annotated on another workstation ({who}); here it can only be looked at. "
            "What you drew here is kept."
        ),
        "warning",
    ),
    "away": (
        marked(
            "The folder of {slide} cannot be reached. You can go on: what you draw is kept on this computer. "
            "Connect the drive or network again, so that others see that you annotate."
        ),
        "warning",
    ),
}
"""What is said in a state; nothing in the others."""


def _who(holder: Holder | None) -> str:
    if holder is None:
        return tr("somebody")
    when = QDateTime.fromString(holder.since, Qt.DateFormat.ISODateWithMs).toLocalTime()
    since = QLocale().toString(when, QLocale.FormatType.ShortFormat)
    return tr("{user} on {machine}, since {time}", user=holder.user, machine=holder.host, time=since)
