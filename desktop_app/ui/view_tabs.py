"""The line of tabs above the slides: one for each open view, to call, move and close it. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QTabBar, QToolButton, QWidget

from desktop_app.ui.icons import IconSet
from desktop_app.ui.translation import as_data, tr

SIDE = QTabBar.ButtonPosition.RightSide

LEAST_LETTERS = 20
"""How much of a name and its button stays; where that is too much for all tabs, they are scrolled."""


class ViewTabs(QTabBar):
    """Tabs with a button to close each; the middle button of the mouse closes one, too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons: IconSet | None = None
        self.setObjectName("slides")
        self.setAccessibleName(tr("Slides"))
        self.setDocumentMode(True)
        self.setDrawBase(False)
        self.setMovable(True)
        self.setExpanding(False)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUsesScrollButtons(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        as_data(self)

    def add(self) -> None:
        """One more tab, without a name yet."""
        index = self.addTab("")
        button = QToolButton()
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setIconSize(QSize(12, 12))
        button.setToolTip(tr("Close this view"))
        button.setAccessibleName(tr("Close this view"))
        button.clicked.connect(lambda: self._close(button))
        self._dress(button)
        self.setTabButton(index, SIDE, button)

    def set_icons(self, icons: IconSet) -> None:
        """Dress the buttons in a theme's icons."""
        self._icons = icons
        for index in range(self.count()):
            button = self.tabButton(index, SIDE)
            if isinstance(button, QToolButton):
                self._dress(button)

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Wide enough that slides of one case can still be told apart."""
        whole, least = self.tabSizeHint(index), LEAST_LETTERS * self.fontMetrics().averageCharWidth()
        return QSize(min(whole.width(), least), whole.height())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close by the middle button."""
        index = self.tabAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton and index >= 0:
            self.tabCloseRequested.emit(index)
        else:
            super().mouseReleaseEvent(event)

    def _close(self, button: QToolButton) -> None:
        for index in range(self.count()):
            if self.tabButton(index, SIDE) is button:
                self.tabCloseRequested.emit(index)
                return

    def _dress(self, button: QToolButton) -> None:
        if self._icons is not None:
            button.setIcon(self._icons.icon("close"))
