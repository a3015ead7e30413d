"""Keeping a copy of the annotations beside each slide, without the user's doing and out of their way.

A copy is written once the hand has rested, and when the slide is closed; a large one the more seldom the
longer it takes. Where that is not possible the user is told once, with the way out, and it is tried again
quietly. A copy that lies beside a slide nobody has annotated here is offered: another workstation wrote it.
The journal, which holds the annotations themselves, knows nothing of it. GUI thread; the files are
written by the background pool.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop_app.errors import CoverslipError, ForeignFileError
from desktop_app.storage.folder_copy import FolderCopy
from desktop_app.storage.geojson_source import TransferWatch
from desktop_app.ui.actions.action_spec import Fact
from desktop_app.ui.annotation_files import geojson_offset
from desktop_app.ui.message_bar import Notice, Offer
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import marked, tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

REST_MS = 3_000
"""Without an edit before a copy is written."""

SHARE_OF_TIME = 20
"""A copy that takes a second is written every twenty at most."""

RETRY_MS = 60_000
"""Before another try where the last one failed."""

LONGEST_AT_QUITTING_S = 3.0
"""A copy that takes longer is given up, and written at the slide's next opening instead."""


@dataclass(slots=True)
class _Keeping:
    """What is known of one document's copy."""

    copy: FolderCopy
    timer: QTimer
    stop: Callable[[], object]
    lock: threading.Lock = field(default_factory=threading.Lock)
    unwritten: bool = False
    writing: bool = False
    took_s: float = 0.0
    ended: float = 0.0
    notice: Notice | None = None
    offer: Notice | None = None


class FolderCopies(QObject):
    """The copies of a window's slides.

    Parameters
    ----------
    window : MainWindow
        Has the slides, the settings, the pool and the message bar.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._kept: dict[SlideDocument, _Keeping] = {}
        self._told: set[Path] = set()
        self._give_up_at: float | None = None
        self.rest_ms = REST_MS
        self.retry_ms = RETRY_MS

    def facts(self) -> Iterator[Fact]:
        """Whether copies are kept, for the action table."""
        if self._window.settings.folder_copies:
            yield "folder_copies"

    def toggle(self) -> None:
        """Keep copies, or stop doing so; the files that are there stay."""
        wanted = not self._window.settings.folder_copies
        self._window.change_settings(replace(self._window.settings, folder_copies=wanted))
        for document, kept in self._kept.items():
            if not wanted:
                self._withdraw(kept)
            elif kept.unwritten:
                self._schedule(document)

    def add_view(self, view: SlideView) -> None:
        """Follow a slide that was opened; what a crash kept from being copied is copied now."""
        document = view.document
        if document in self._kept:
            return
        copy = FolderCopy(view.info.path, document.journal.folder, geojson_offset(view.info))
        timer = QTimer(self, singleShot=True)
        timer.timeout.connect(partial(self._write, document))
        follow = partial(self._follow, document)
        document.changed.connect(follow)
        self._kept[document] = _Keeping(copy, timer, partial(document.changed.disconnect, follow))
        if len(document.snapshot):
            state = _state(document)
            check = partial(self._checked, document)
            self._window.background.run(lambda: copy.is_current(state), check, self._ignore)
        elif document.journal.cursor is None and not document.read_only:
            self._window.background.run(copy.left_by_others, partial(self._offer, document), self._ignore)

    def remove_view(self, view: SlideView) -> None:
        """Write what is not written with a slide's last view; called before the view is gone."""
        document = view.document
        if self._window.views_of(document) or document not in self._kept:
            return
        kept = self._kept[document]
        kept.timer.stop()
        if kept.unwritten:
            self._write(document, at_once=True)
        kept.stop()
        kept.timer.deleteLater()
        self._withdraw(kept)
        del self._kept[document]

    def write_all(self) -> None:
        """Write what is not written; the window is closing and waits for it, so nothing that takes long."""
        self._give_up_at = time.monotonic() + LONGEST_AT_QUITTING_S
        for document, kept in self._kept.items():
            kept.timer.stop()
            if kept.unwritten and kept.took_s < LONGEST_AT_QUITTING_S:
                self._write(document, at_once=True)

    def _follow(self, document: SlideDocument, _change: object) -> None:
        self._kept[document].unwritten = True
        self._schedule(document)

    def _offer(self, document: SlideDocument, path: Path | None) -> None:
        """What another workstation left beside a slide that was never annotated here."""
        kept = self._kept.get(document)
        if path is None or kept is None or kept.notice is not None:
            return
        self._window.privacy.know([path])
        text = tr(
            "{slide} was annotated on another computer: {file} lies beside it.",
            slide=self._window.privacy.name(document.slide.info.path),
            file=self._window.privacy.file(path),
        )
        read = Offer(tr("Read it in"), partial(self._read, document, path))
        kept.offer = Notice(text, "info", (read,))
        self._window.messages.show_notice(kept.offer)

    def _checked(self, document: SlideDocument, current: bool) -> None:
        if document in self._kept and not current:
            self._kept[document].unwritten = True
            self._schedule(document)

    def _schedule(self, document: SlideDocument) -> None:
        """After a rest, and not before the last copy has been paid for."""
        kept = self._kept[document]
        due = kept.ended + SHARE_OF_TIME * kept.took_s - time.monotonic()
        kept.timer.start(max(self.rest_ms, round(1000 * due)))

    def _write(self, document: SlideDocument, *, over: bool = False, at_once: bool = False) -> None:
        kept = self._kept.get(document)
        if kept is None or not document.is_open or document.read_only:
            return
        if not self._window.settings.folder_copies or (kept.writing and not at_once):
            return
        kept.writing, kept.unwritten = True, False
        # The snapshot never changes, so another thread may read it while the user draws on.
        copy, snapshot, state = kept.copy, document.snapshot, _state(document)
        begun, watch = time.monotonic(), TransferWatch(cancelled=self._is_given_up)
        self._window.background.run(
            lambda: _written(kept.lock, lambda: copy.write(snapshot, state, replace=over, watch=watch)),
            lambda _path: self._written(document, begun),
            lambda error: self._failed(document, error),
        )

    def _is_given_up(self) -> bool:
        """Whether the window that is being closed has waited long enough; any thread."""
        return self._give_up_at is not None and time.monotonic() > self._give_up_at

    def _written(self, document: SlideDocument, begun: float) -> None:
        kept = self._kept.get(document)
        if kept is None:
            return
        kept.writing, kept.ended = False, time.monotonic()
        kept.took_s = kept.ended - begun
        self._withdraw(kept)
        self._told.discard(kept.copy.slide.parent)
        if kept.unwritten:
            self._schedule(document)

    def _failed(self, document: SlideDocument, error: CoverslipError) -> None:
        kept = self._kept.get(document)
        if kept is None:
            return
        kept.writing, kept.unwritten = False, True
        if not isinstance(error, ForeignFileError):  # that waits for the user's answer
            kept.timer.start(self.retry_ms)
        folder = kept.copy.slide.parent
        foreign = isinstance(error, ForeignFileError)
        if kept.notice is None and (foreign or folder not in self._told):
            self._withdraw(kept)
            kept.notice = self._notice(document, error)
            self._window.messages.show_notice(kept.notice)
        if not foreign:
            self._told.add(folder)

    def _notice(self, document: SlideDocument, error: CoverslipError) -> Notice:
        none = Offer(tr("Keep no copies"), self._stop)
        slide = self._window.privacy.name(document.slide.info.path)
        if isinstance(error, ForeignFileError):
            over = Offer(tr("Replace it"), partial(self._write, document, over=True))
            read = Offer(tr("Read it in"), partial(self._read, document, error.path))
            self._window.privacy.know([error.path])
            text = tr(
                "{file} beside {slide} was written or changed by somebody else; it is left as it is, and "
                "your annotations are kept on this computer only.",
                file=self._window.privacy.file(error.path),
                slide=slide,
            )
            return Notice(text, "warning", (read, over, none))
        elsewhere = Offer(tr("Save elsewhere…"), self._window.annotation_files.save_as)
        return Notice(tr(_reason(error), slide=slide), "warning", (elsewhere, none))

    def _read(self, document: SlideDocument, path: Path) -> None:
        """Add the file's annotations to ours; whether it may be replaced then is asked once more."""
        kept = self._kept.get(document)
        if kept is None:
            return
        if document.read_only:
            self._put_off(document, kept)
            return
        kept.notice = kept.offer = None
        self._window.area.activate(self._window.views_of(document)[0])
        self._window.annotation_files.read(path)

    def _put_off(self, document: SlideDocument, kept: _Keeping) -> None:
        """Ask again, since nothing can be read in while the slide can only be looked at."""
        asked = kept.notice or kept.offer
        if asked is not None:
            self._window.messages.show_notice(asked)
        slide = self._window.privacy.name(document.slide.info.path)
        self._window.messages.tell(
            tr("{slide} can only be looked at here now. Read the file in once you may annotate.", slide=slide)
        )

    def _stop(self) -> None:
        if self._window.settings.folder_copies:
            self.toggle()

    def _withdraw(self, kept: _Keeping) -> None:
        for notice in (kept.notice, kept.offer):
            if notice is not None:
                self._window.messages.withdraw(notice)
        kept.notice = kept.offer = None

    def _ignore(self, _error: CoverslipError) -> None:
        """Whether a copy is current could not be told: it is written after the next edit."""


def _written(lock: threading.Lock, write: Callable[[], Path | None]) -> Path | None:
    """Write after what is being written, so that the latest state is there in the end."""
    with lock:
        return write()


def _reason(error: CoverslipError) -> str:
    """Why there is no copy and what helps, untranslated."""
    cause = error.__cause__
    code = cause.errno if isinstance(cause, OSError) else None
    return _REASONS.get(code or 0, _READ_ONLY)


_READ_ONLY = marked(
    "No copy of the annotations can be kept beside {slide}: its folder cannot be written to. They are kept "
    "on this computer; save them elsewhere to pass them on."
)
_REASONS = {
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
    errno.ENOENT: marked(
        "The copy of the annotations beside {slide} cannot be written: its folder is not there. They are "
        "kept on this computer; the copy follows once the folder is there again."
    ),
    errno.ENOSPC: marked(
        "The copy of the annotations beside {slide} cannot be written: its disk is full. They are kept on "
        "this computer; the copy follows once there is room."
    ),
    errno.EDQUOT: marked(
        "The copy of the annotations beside {slide} cannot be written: your share of its disk is used up. "
        "They are kept on this computer; the copy follows once there is room."
    ),
}
"""By what the system said."""


def _state(document: SlideDocument) -> str:
    present = document.journal.cursor
    return "start" if present is None else present.edit_id.hex
