"""What the window says of saving: on its way, on the disk, or refused by it, with the way out.

Where the disk refuses, the document tries again by itself. GUI thread.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop_app.errors import StorageError
from desktop_app.ui.error_text import sentence
from desktop_app.ui.message_bar import Notice
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.errors import CoverslipError
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView


class Saving(QObject):
    """Follows the documents of a window; the status bar shows the one in front.

    Parameters
    ----------
    window : MainWindow
        Has the views, the status bar and the message bar.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._notices: dict[SlideDocument, Notice] = {}

    def add_view(self, view: SlideView) -> None:
        """Follow a view that was opened."""
        view.edited.connect(partial(self._edited, view.document))
        view.saved.connect(partial(self._saved, view.document))
        view.unsaved.connect(partial(self._refused, view.document))

    def remove_view(self, view: SlideView) -> None:
        """Forget a slide with its last view."""
        if not self._window.views_of(view.document):
            self._withdraw(view.document)

    def show_front(self) -> None:
        """Another view is in front."""
        front = self._window.front
        self._window.status.forget_saved()
        if front is not None and front.document.refusal is not None:
            self._window.status.mark_refused(_reason(front.document.refusal))

    def _edited(self, document: SlideDocument) -> None:
        if self._is_front(document):
            self._window.status.mark_unsaved()

    def _saved(self, document: SlideDocument) -> None:
        self._withdraw(document)
        if self._is_front(document):
            self._window.status.mark_saved()

    def _refused(self, document: SlideDocument, error: CoverslipError) -> None:
        if self._is_front(document):
            self._window.status.mark_refused(_reason(error))
        if document not in self._notices:
            text = tr(
                "The last steps are not safe on the disk yet: {reason} It is tried again every few seconds; "
                "free some room or connect the drive, and leave the program open.",
                reason=sentence(error),
            )
            self._notices[document] = Notice(text, "error")
            self._window.messages.show_notice(self._notices[document])

    def _is_front(self, document: SlideDocument) -> bool:
        return self._window.front is not None and self._window.front.document is document

    def _withdraw(self, document: SlideDocument) -> None:
        notice = self._notices.pop(document, None)
        if notice is not None:
            self._window.messages.withdraw(notice)


def _reason(error: CoverslipError) -> str:
    """In a few words."""
    return error.reason if isinstance(error, StorageError) else sentence(error)
