"""The places of a slide that could not be read, with a way to each.

What has not been looked at has not been read either, so the list says what is known so far and grows while
it is open. GUI thread.
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.viewport import Rect
from desktop_app.slides.unreadable import UnreadablePlace
from desktop_app.ui.translation import as_data, tr

SHOWN_MARGIN = 0.3
"""Share of the view left around a place that is jumped to."""

LISTED = 2000
"""Rows; a file of which everything is damaged has no use for more."""


class UnreadableCanvas(Protocol):
    """What the dialog needs of a canvas."""

    unreadable_changed: SignalInstance

    @property
    def unreadable_places(self) -> tuple[UnreadablePlace, ...]:
        """What could not be read."""

    @property
    def slide_info(self) -> SlideInfo | None:
        """The slide's metadata."""

    def show_rect(self, rect: Rect, *, margin: float = 0.15) -> None:
        """Show a level-0 rectangle."""


class UnreadableTilesDialog(QDialog):
    """A table of places, and what can be done about them.

    Parameters
    ----------
    name : str
        What the slide is called on the screen.
    canvas : UnreadableCanvas
        Knows the places and goes to them.

    Notes
    -----
    ``try_again()`` says that the user wants them read again.
    """

    try_again = Signal()

    def __init__(self, name: str, canvas: UnreadableCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Unreadable places"))
        # The slide behind it is to be looked at, place by place.
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.resize(640, 420)
        self._canvas = canvas
        self._places: tuple[UnreadablePlace, ...] = ()
        self.heading = as_data(QLabel())
        self.heading.setWordWrap(True)
        self._name = name
        self.table = QTableWidget(0, 4)
        self.show_button = QPushButton(tr("Show on slide"))
        self.again_button = QPushButton(tr("Try again"))
        self.copy_button = QPushButton(tr("Copy list"))
        self._build()
        canvas.unreadable_changed.connect(self.refresh)
        self.refresh()

    def _build(self) -> None:
        self._build_table()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for button in (self.show_button, self.again_button, self.copy_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
            button.setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        self.show_button.clicked.connect(self.show_selected)
        self.again_button.clicked.connect(self.try_again)
        self.copy_button.clicked.connect(self.copy)
        self.table.itemActivated.connect(self.show_selected)
        self.table.itemSelectionChanged.connect(self._enable)
        layout = QVBoxLayout(self)
        layout.addWidget(self.heading)
        layout.addWidget(self.table)
        layout.addWidget(buttons)

    def _build_table(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels([tr("Position"), tr("Size"), tr("Level"), tr("Reason")])
        table.setAccessibleName(tr("Unreadable places"))
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in range(3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)

    def refresh(self) -> None:
        """Show what is known now; what was selected stays selected."""
        selected = self._selected()
        places = self._canvas.unreadable_places
        self.heading.setText(_heading(self._name, len(places)))
        self._places = places[:LISTED]
        self.table.setRowCount(len(self._places))
        mpp = self._canvas.slide_info.mpp if self._canvas.slide_info is not None else None
        for row, place in enumerate(self._places):
            for column, text in enumerate(_texts(place, mpp)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)
        if selected in self._places:
            self.table.selectRow(self._places.index(selected))
        self._enable()

    def show_selected(self) -> None:
        """Go to the selected place."""
        place = self._selected()
        if place is not None:
            self._canvas.show_rect(place.rect, margin=SHOWN_MARGIN)

    def copy(self) -> None:
        """Put the list on the clipboard, level-0 pixels, for whoever looks after the scanner."""
        lines = ["x\ty\twidth\theight\tlevel\treason"]
        for place in self._places:
            numbers = "\t".join(str(round(value)) for value in place.rect)
            lines.append(f"{numbers}\t{place.level}\t{place.reason}")
        QGuiApplication.clipboard().setText("\n".join(lines) + "\n")

    def _selected(self) -> UnreadablePlace | None:
        row = self.table.currentRow()
        chosen = bool(self.table.selectedItems()) and row < len(self._places)
        return self._places[row] if chosen else None

    def _enable(self) -> None:
        self.show_button.setEnabled(self._selected() is not None)
        self.again_button.setEnabled(bool(self._places))
        self.copy_button.setEnabled(bool(self._places))


def _heading(name: str, count: int) -> str:
    if not count:
        return tr("Everything that was looked at of {slide} can be read.", slide=name)
    if count == 1:
        return tr("One place of {slide} cannot be read. What was not looked at is not known.", slide=name)
    return tr(
        "{count} places of {slide} cannot be read. What was not looked at is not known.",
        count=f"{count:,}",
        slide=name,
    )


def _texts(place: UnreadablePlace, mpp: tuple[float, float] | None) -> tuple[str, str, str, str]:
    x, y, width, height = (round(value) for value in place.rect)
    position = tr("{x}, {y} px", x=f"{x:,}", y=f"{y:,}")
    if mpp is not None:
        across, down = (f"{value / 1000:.2f}" for value in (x * mpp[0], y * mpp[1]))
        position = tr("{place} ({x}, {y} mm)", place=position, x=across, y=down)
    size = tr("{width} × {height} px", width=f"{width:,}", height=f"{height:,}")
    return position, size, str(place.level), tr(place.reason)
