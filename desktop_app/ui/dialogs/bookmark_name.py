"""Asking for the name of a new bookmark."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop_app.domain.bookmark import LONGEST_NAME, checked_name
from desktop_app.ui.translation import tr


class BookmarkNameDialog(QDialog):
    """One line.

    Parameters
    ----------
    proposed : str
        Taken by Enter.
    place : str
        What is kept, in words.

    Notes
    -----
    ``chosen(str)`` is emitted when the user accepts.
    """

    chosen = Signal(str)

    def __init__(self, proposed: str, place: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Add bookmark"))
        self.name_line = QLineEdit(proposed)
        self.name_line.setMaxLength(LONGEST_NAME)
        self.name_line.setMinimumWidth(320)
        self.name_line.setAccessibleName(tr("Name"))
        self.name_line.selectAll()
        what = QLabel(place)
        what.setObjectName("faint")
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._buttons.accepted.connect(self._accept)
        self._buttons.rejected.connect(self.reject)
        self.name_line.textChanged.connect(self._refresh)
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel(tr("Name of this place")))
        layout.addWidget(self.name_line)
        layout.addWidget(what)
        layout.addWidget(self._buttons)

    def _refresh(self) -> None:
        named = bool(checked_name(self.name_line.text()))
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(named)

    def _accept(self) -> None:
        self.accept()
        self.chosen.emit(checked_name(self.name_line.text()))
