"""One place in the grid of views: a frame that says which view is the active one, or how to fill it.

GUI thread.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from PySide6.QtCore import QEvent, QMimeData, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QIcon,
    QMouseEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.ui.icons import IconSet
from desktop_app.ui.slide_view import SlideView
from desktop_app.ui.translation import as_data, tr

MIME = "application/x-coverslip-cell"
"""What a view that is dragged to another cell is called; its content is the cell's number."""

ICON = QSize(16, 16)
"""Logical pixels."""

FRAME = 2
"""Logical pixels; the style sheet draws it."""

CellState: TypeAlias = Literal["plain", "idle", "next", "active"]
"""The only cell; one of several; the empty one that is filled next; the one whose view is active."""


class ElidedLabel(QLabel):
    """A line of text that gives way in the middle where it has no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setTextFormat(Qt.TextFormat.PlainText)

    @property
    def whole(self) -> str:
        """The text, with what may not be seen of it."""
        return self._whole

    def show_text(self, text: str) -> None:
        """Show another text."""
        self._whole = text
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As much of it as there is room for."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = self.contentsRect().width()
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, room))


class ViewCell(QFrame):
    """Holds one view, or asks for one.

    Notes
    -----
    ``chosen(ViewCell)`` says that it was clicked where there is no slide; ``detach_wanted(SlideView)`` and
    ``close_wanted(SlideView)`` come from the buttons of its header; ``dropped(ViewCell, list[Path])`` from
    files that were let go above it, ``view_dropped(ViewCell, number)`` from the header of another cell.

    Parameters
    ----------
    number : int
        Tells it from every other cell of the window.
    """

    chosen = Signal(object)
    detach_wanted = Signal(object)
    close_wanted = Signal(object)
    dropped = Signal(object, object)
    view_dropped = Signal(object, int)

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = number
        self._pressed: QPoint | None = None
        self.setObjectName("cell")
        self.setAcceptDrops(True)
        self._view: SlideView | None = None
        self._state: CellState = "plain"
        self._icons: IconSet | None = None
        self.title = as_data(ElidedLabel())
        self.linked = QLabel()
        self.hint = QLabel(tr("Drop a slide here, or click here and choose a tab."))
        self.detach_button = self._button(tr("Move to a window of its own"))
        self.close_button = self._button(tr("Close this view"))
        self.header = QWidget()
        self._build()
        self.set_state("plain")

    def _build(self) -> None:
        self.header.setObjectName("cell_header")
        self.header.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self.header)
        row.setContentsMargins(8, 1, 2, 1)
        row.setSpacing(6)
        self.linked.setToolTip(tr("Moves together with the other views"))
        self.linked.hide()
        row.addWidget(self.linked)
        row.addWidget(self.title, 1)
        row.addWidget(self.detach_button)
        row.addWidget(self.close_button)
        self.hint.setObjectName("faint")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setWordWrap(True)
        self.hint.setMargin(16)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self.header)
        self._layout.addWidget(self.hint, 1)
        self.detach_button.clicked.connect(lambda: self._tell(self.detach_wanted))
        self.close_button.clicked.connect(lambda: self._tell(self.close_wanted))

    def minimumSizeHint(self) -> QSize:
        """Small enough for nine on a small screen."""
        return QSize(120, 90)

    @property
    def view(self) -> SlideView | None:
        """The view it holds."""
        return self._view

    @property
    def state(self) -> CellState:
        """How it is framed."""
        return self._state

    def put(self, view: SlideView) -> None:
        """Hold a view; the cell must be empty."""
        self._view = view
        self._layout.addWidget(view, 1)
        view.show()
        self._refresh()

    def take(self) -> SlideView | None:
        """Let go of the view, hidden and without a parent in the grid, and return it."""
        view, self._view = self._view, None
        if view is not None:
            view.hide()
            self._layout.removeWidget(view)
            # A name must not stay behind, not even unseen.
            self.show_title("", "")
        self._refresh()
        return view

    def show_title(self, text: str, tip: str) -> None:
        """Name the view."""
        self.title.show_text(text)
        self.title.setToolTip(tip)

    def show_linked(self, linked: bool) -> None:
        """Show whether the view moves together with others."""
        self.linked.setVisible(linked)

    def set_state(self, state: CellState) -> None:
        """Frame it so that the eye finds the active view."""
        self._state = state
        frame = 0 if state == "plain" else FRAME
        self._layout.setContentsMargins(frame, frame, frame, frame)
        self._refresh()
        self._dress()
        for widget in (self, self.header, self.title):
            widget.setProperty("cell_state", state)
            widget.style().unpolish(widget)
            widget.style().polish(widget)

    def set_icons(self, icons: IconSet) -> None:
        """Dress the buttons in a theme's icons."""
        self._icons = icons
        self._dress()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Be the one that is active, or filled next."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()
            self.chosen.emit(self)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the view to another cell by its header."""
        if self._pressed is None or self._view is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        moved = event.position().toPoint() - self._pressed
        if moved.manhattanLength() >= QApplication.startDragDistance():
            self._pressed = None
            drag = QDrag(self)
            drag.setMimeData(self.as_mime())
            drag.setPixmap(self.header.grab())
            drag.exec(Qt.DropAction.MoveAction)

    def as_mime(self) -> QMimeData:
        """What is dragged when its view is."""
        data = QMimeData()
        data.setData(MIME, str(self.number).encode())
        return data

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick clicks are two clicks."""
        self.mousePressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files, and show where they would go."""
        if event.mimeData().hasUrls() or event.mimeData().hasFormat(MIME):
            self._mark_drop(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They go elsewhere."""
        self._mark_drop(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Have them opened here, or have the view."""
        self._mark_drop(False)
        event.acceptProposedAction()
        data = event.mimeData()
        if data.hasFormat(MIME):
            self.view_dropped.emit(self, int(bytes(data.data(MIME).data()).decode()))
        else:
            files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
            self.dropped.emit(self, files)

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs another cut."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.title.show_text(self.title.whole)

    def _refresh(self) -> None:
        self.header.setVisible(self._view is not None and self._state != "plain")
        self.hint.setVisible(self._view is None)

    def _mark_drop(self, marked: bool) -> None:
        self.setProperty("drop", marked)
        self.style().unpolish(self)
        self.style().polish(self)

    def _dress(self) -> None:
        if self._icons is None:
            return
        self.detach_button.setIcon(QIcon(self._picture(self._icons.icon("detach"))))
        self.close_button.setIcon(QIcon(self._picture(self._icons.icon("close"))))
        self.linked.setPixmap(self._picture(self._icons.icon("synchronize")))

    def _picture(self, icon: QIcon) -> QPixmap:
        # On the accent of the active cell an icon has the color of what is written there.
        ground = QIcon.State.On if self._state == "active" else QIcon.State.Off
        return icon.pixmap(ICON, self.devicePixelRatioF(), QIcon.Mode.Normal, ground)

    def _tell(self, signal: object) -> None:
        if self._view is not None:
            signal.emit(self._view)  # type: ignore[attr-defined]

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setIconSize(ICON)
        button.setToolTip(name)
        button.setAccessibleName(name)
        return button
