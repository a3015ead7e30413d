"""The panel of the history: every edit of the slide in front, the undone ones too, and a way to each state.

Enter or a double click restores a state. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from desktop_app.ui.models.history import WHAT, HistoryTable
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import tr

MARGIN = 8


class HistoryPanel(QWidget):
    """The table of edits and the button that restores.

    Notes
    -----
    ``restore_wanted()`` is emitted where the chosen state is to be restored, ``chosen_changed()`` when
    another is chosen.
    """

    restore_wanted = Signal()
    chosen_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = HistoryTable(self)
        self.tree = HistoryTree()
        self.restore_button = QPushButton(tr("Restore this state"))
        self.restore_button.setToolTip(
            tr("Show the annotations as this edit left them (Enter); nothing is lost by it")
        )
        self.empty = QLabel(tr("No slide is open."))
        self._build_tree()
        self._build_layout()
        self._build_connections()
        self.show_document(None)

    def _build_tree(self) -> None:
        tree = self.tree
        tree.setModel(self.model)
        tree.setObjectName("history")
        tree.setAccessibleName(tr("History"))
        tree.setMinimumHeight(52)
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)  # or a hundred thousand rows would be measured
        tree.setAlternatingRowColors(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(WHAT, QHeaderView.ResizeMode.Stretch)
        header.setResizeContentsPrecision(0)  # what is in sight counts

    def _build_layout(self) -> None:
        self.empty.setObjectName("faint")
        self.empty.setMargin(MARGIN)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, MARGIN)
        layout.setSpacing(6)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.tree, 1)
        row = QVBoxLayout()
        row.setContentsMargins(MARGIN, 0, MARGIN, 0)
        row.addWidget(self.restore_button)
        layout.addLayout(row)
        self.restore_button.setAutoDefault(False)

    def _build_connections(self) -> None:
        self.tree.doubleClicked.connect(self._want_restored)
        self.tree.entered_here.connect(self._want_restored)
        self.restore_button.clicked.connect(self._want_restored)
        self.tree.selectionModel().selectionChanged.connect(self.chosen_changed)
        self.model.dataChanged.connect(self.chosen_changed)

    def show_document(self, document: SlideDocument | None) -> None:
        """List a slide's history; None where no slide is open."""
        self.model.show_document(document)
        self.empty.setVisible(document is None)
        self.tree.setVisible(document is not None)
        self.chosen_changed.emit()

    def follow_action(self, action: QAction) -> None:
        """Let the button be usable while the action is."""
        action.changed.connect(lambda: self.restore_button.setEnabled(action.isEnabled()))
        self.restore_button.setEnabled(action.isEnabled())

    @property
    def chosen_row(self) -> int | None:
        """The chosen row; None for none, and for the present state, which needs no restoring."""
        rows = self.tree.selectionModel().selectedRows()
        return rows[0].row() if rows and rows[0].row() != self.model.present_row else None

    def choose(self, row: int) -> None:
        """Choose a row."""
        how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.tree.selectionModel().setCurrentIndex(self.model.index(row, WHAT), how)

    def take_keyboard(self) -> None:
        """Let the arrow keys choose."""
        if self.model.rowCount() and not self.tree.currentIndex().isValid():
            self.choose(self.model.present_row)
        self.tree.setFocus()

    def _want_restored(self) -> None:
        if self.chosen_row is not None:
            self.restore_wanted.emit()


class HistoryTree(QTreeView):
    """The table; it tells of Enter, which Qt's own does not do on every system."""

    entered_here = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter restores."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_here.emit()
        else:
            super().keyPressEvent(event)
