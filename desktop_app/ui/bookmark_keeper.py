"""The bookmarks of the window's slides: read when a slide opens, written after every change.

Reading and writing is done on the background pool; whichever write comes last writes the latest state, in
whatever order they run. GUI thread.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.bookmark import Bookmark
from desktop_app.errors import CoverslipError
from desktop_app.storage.slide_memory import SlideMemory
from desktop_app.ui.error_text import sentence
from desktop_app.ui.models.bookmarks import BookmarkList

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

FILE = "bookmarks"


class BookmarkKeeper(QObject):
    """Has one list per slide, shared by all its views.

    Parameters
    ----------
    window : MainWindow
        Whose slides these are.
    """

    changed = Signal(str)
    """A slide's bookmarks are different now; its ``document_id``."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._lists: dict[str, BookmarkList] = {}

    def of(self, view: SlideView) -> BookmarkList:
        """The bookmarks of a view's slide; empty until they are read, a moment after the first call."""
        document = view.document_id
        if document not in self._lists:
            self._lists[document] = bookmarks = BookmarkList(self)
            memory = self._window.memory_of(view)
            self._window.background.run(
                lambda: memory.read(FILE), partial(self._read, document, memory), self._failed
            )
            bookmarks.changed.connect(partial(self.changed.emit, document))
        return self._lists[document]

    def _read(self, document: str, memory: SlideMemory, content: dict[str, Any]) -> None:
        bookmarks = self._lists[document]
        early = bool(bookmarks.bookmarks)
        bookmarks.add(bookmarks_in(content))
        file = _BookmarkFile(memory, bookmarks.bookmarks)
        bookmarks.changed.connect(partial(self._save, bookmarks, file))
        if early:
            self._save(bookmarks, file)

    def _save(self, bookmarks: BookmarkList, file: _BookmarkFile) -> None:
        file.latest = bookmarks.bookmarks
        self._window.background.run(file.write, lambda _nothing: None, self._failed)

    def _failed(self, error: CoverslipError) -> None:
        self._window.messages.tell(sentence(error), "warning")


class _BookmarkFile:
    """One slide's file; ``latest`` is set on the GUI thread and written on the pool's."""

    def __init__(self, memory: SlideMemory, latest: tuple[Bookmark, ...]) -> None:
        self.latest = latest
        self._memory = memory
        self._lock = threading.Lock()

    def write(self) -> None:
        """Write what is the latest now."""
        with self._lock:
            self._memory.write(FILE, {"bookmarks": [bookmark.as_record() for bookmark in self.latest]})


def bookmarks_in(content: dict[str, Any]) -> list[Bookmark]:
    """The bookmarks of a file that are whole."""
    records = content.get("bookmarks")
    if not isinstance(records, list):
        return []
    found = (Bookmark.from_record(record) for record in records if isinstance(record, dict))
    return [bookmark for bookmark in found if bookmark is not None]
