"""A window of its own for one view, for a second screen.

Every shortcut of the main window works in it; closing it gives the view back. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QIcon
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.ui.slide_view import SlideView
from desktop_app.ui.translation import as_data

FIRST_SIZE = QSize(900, 700)
"""Logical pixels; the user's own size is remembered."""


class DetachedWindow(QWidget):
    """Holds one view.

    Parameters
    ----------
    view : SlideView
        Shown until :meth:`take`.
    actions : Iterable[QAction]
        What the main window can do.
    icon : QIcon
        The application's.

    Notes
    -----
    ``closed(DetachedWindow)`` says that the user wants the view back in the main window, ``entered(view)``
    that the window has come to the front, ``dropped(list[Path])`` that files were let go above it.
    """

    closed = Signal(object)
    entered = Signal(object)
    dropped = Signal(object)

    def __init__(self, view: SlideView, actions: Iterable[QAction], icon: QIcon) -> None:
        super().__init__()
        self.setWindowIcon(icon)
        self.setAcceptDrops(True)
        self._view: SlideView | None = view
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(view)
        view.show()
        self.addActions(list(actions))
        self.resize(FIRST_SIZE)

    @property
    def view(self) -> SlideView | None:
        """The view it holds; None once it was taken."""
        return self._view

    def show_title(self, title: str) -> None:
        """Name the window."""
        as_data(self).setWindowTitle(title)

    def restore(self, geometry: str) -> None:
        """Stand where such a window stood last; ``geometry`` as :meth:`geometry_text` gave it."""
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))

    def geometry_text(self) -> str:
        """Where it stands, for :meth:`restore`."""
        return bytes(self.saveGeometry().toBase64().data()).decode()

    def take(self) -> SlideView | None:
        """Let go of the view, hidden, and return it; the window is of no use afterwards."""
        view, self._view = self._view, None
        layout = self.layout()
        if view is not None and layout is not None:
            view.hide()
            layout.removeWidget(view)
        return view

    def toggle_full_screen(self) -> None:
        """Fill its screen, or stop doing so."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def changeEvent(self, event: QEvent) -> None:
        """Tell when it comes to the front."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self._view is not None:
            self._view.canvas.setFocus()
            self.entered.emit(self._view)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Have them opened."""
        self.dropped.emit([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Give the view back."""
        event.accept()
        if self._view is not None:
            self.closed.emit(self)
