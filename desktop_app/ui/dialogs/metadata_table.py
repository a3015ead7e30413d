"""The metadata and the measurements of annotations, as two tables of their properties dialog.

Metadata are edited; what this program wrote itself, and what was measured, is only looked at. GUI thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.annotation import AREA_KINDS, POINT_KINDS, Annotation
from desktop_app.domain.annotation_metadata import DESCRIPTION_KEY, is_own, metadata_of
from desktop_app.domain.annotation_properties import KEPT, common
from desktop_app.domain.measure import area_mm2, area_px, perimeter_px, perimeter_um
from desktop_app.domain.slide_info import Mpp
from desktop_app.ui.translation import as_data, tr

KEY, VALUE = 0, 1
KEY_LETTERS = 22
ROWS_SHOWN = 5
FEW = 500
"""Areas of more objects are not added up here; the panel has each of them."""

WAS_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""Under this role a key's cell gives the key as it was; a new row has none."""


class MetadataTable(QWidget):
    """Keys and values that can be changed, added and removed.

    Parameters
    ----------
    annotations : Sequence[Annotation]
        A key is listed if any of them has it; its value where all have the same.
    """

    def __init__(self, annotations: Sequence[Annotation], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._was = _common_metadata(annotations)
        self.table = _table(tr("Metadata"))
        trigger = QAbstractItemView.EditTrigger
        self.table.setEditTriggers(trigger.DoubleClicked | trigger.EditKeyPressed | trigger.AnyKeyPressed)
        self.add_button = QPushButton(tr("Add a row"))
        self.remove_button = QPushButton(tr("Remove the row"))
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._problem.hide()
        for button in (self.add_button, self.remove_button):
            button.setAutoDefault(False)
        self.add_button.clicked.connect(self.add_row)
        self.remove_button.clicked.connect(self.remove_row)
        self.table.itemSelectionChanged.connect(self._refresh)
        self._build_layout()
        self._fill()
        self._refresh()

    def changes(self) -> dict[str, str | None]:
        """Texts by key that are other than they were; None for a key that is gone."""
        said = {key: value for key, value in self._rows() if key}
        changed: dict[str, str | None] = {
            key: value for key, value in said.items() if value is not None and self._was.get(key) != value
        }
        return {**{key: None for key in self._was if key not in said}, **changed}

    def problem(self) -> str:
        """Why it cannot be kept as it stands, translated; empty if it can."""
        keys = [key for key, _ in self._rows()]
        if "" in [key for key, value in self._rows() if value]:
            return tr("A row of metadata needs a key.")
        double = next((key for key in keys if key and keys.count(key) > 1), "")
        if double:
            return tr("The key {key} is there twice.", key=double)
        own = next((key for key in keys if is_own(key) and key not in self._was), "")
        if own or DESCRIPTION_KEY in keys:
            return tr("The key {key} is this program's own; choose another.", key=own or DESCRIPTION_KEY)
        return ""

    def show_problem(self, text: str) -> None:
        """Say below the table what is wrong."""
        self._problem.setText(text)
        self._problem.show()

    def finish_editing(self) -> None:
        """Take over what is being typed into a cell."""
        self.table.setFocus()

    def add_row(self) -> None:
        """Add an empty row and begin to type its key."""
        self._add("", "", editable=True)
        cell = self._cell(self.table.rowCount() - 1, KEY)
        self.table.setCurrentItem(cell)
        self.table.editItem(cell)

    def remove_row(self) -> None:
        """Remove the present row."""
        row = self.table.currentRow()
        if row >= 0 and self._is_editable(row):
            self.table.removeRow(row)
        self._refresh()

    def _fill(self) -> None:
        for key, value in self._was.items():
            self._add(key, value, editable=not is_own(key))

    def _add(self, key: str, value: str | None, *, editable: bool) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column, text in (
            (KEY, key),
            (VALUE, tr("several values, which stay") if value is None else value),
        ):
            cell = QTableWidgetItem(text)
            cell.setData(WAS_ROLE, text if value is None else None)
            if not editable or (value is None and column == KEY):
                cell.setFlags(cell.flags() & ~Qt.ItemFlag.ItemIsEditable)
            if not editable:
                cell.setForeground(self.palette().placeholderText())
                cell.setToolTip(tr("Written by this program, and read only"))
            self.table.setItem(row, column, cell)

    def _rows(self) -> Iterator[tuple[str, str | None]]:
        """Key and value of each row; None for a value that stays in each object as it is."""
        for row in range(self.table.rowCount()):
            key, value = self._cell(row, KEY), self._cell(row, VALUE)
            untouched = value.data(WAS_ROLE) == value.text() and key.text().strip() in self._was
            yield key.text().strip(), None if untouched else value.text()

    def _cell(self, row: int, column: int) -> QTableWidgetItem:
        cell = self.table.item(row, column)
        assert cell is not None
        return cell

    def _is_editable(self, row: int) -> bool:
        return bool(self._cell(row, VALUE).flags() & Qt.ItemFlag.ItemIsEditable)

    def _refresh(self) -> None:
        row = self.table.currentRow()
        self.remove_button.setEnabled(row >= 0 and self._is_editable(row))

    def _build_layout(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)
        layout.addWidget(self._problem)


class MeasurementTable(QWidget):
    """Area and perimeter, and whatever else was measured; read only.

    Parameters
    ----------
    annotations : Sequence[Annotation]
        Of one all is listed; of several area and outlines, added up.
    mpp : Mpp | None
        The slide's pixel size.
    """

    def __init__(
        self, annotations: Sequence[Annotation], mpp: Mpp | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.table = _table(tr("Measurements"))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        rows = [*_sizes(annotations, mpp)]
        if len(annotations) == 1:
            rows.extend((name, _number(value)) for name, value in annotations[0].measurements.items())
        self.table.setRowCount(len(rows))
        for row, (name, value) in enumerate(rows):
            self.table.setItem(row, KEY, QTableWidgetItem(name))
            self.table.setItem(row, VALUE, QTableWidgetItem(value))
        layout = QVBoxLayout(self)
        layout.addWidget(self.table)


def _table(name: str) -> QTableWidget:
    table = QTableWidget(0, 2)
    as_data(table)
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels([tr("Name"), tr("Value")])
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setWordWrap(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.verticalHeader().hide()
    row = table.fontMetrics().height() + 8
    table.verticalHeader().setDefaultSectionSize(row)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.resizeSection(KEY, KEY_LETTERS * table.fontMetrics().averageCharWidth())
    header.setStretchLastSection(True)
    table.setMinimumHeight(row * (ROWS_SHOWN + 1))
    return table


def _common_metadata(annotations: Sequence[Annotation]) -> dict[str, str | None]:
    """Every key but the description's; None for a value that is not the same in all."""
    listed = [metadata_of(annotation) for annotation in annotations]
    keys = dict.fromkeys(key for metadata in listed for key in metadata if key != DESCRIPTION_KEY)
    values = {key: common(metadata.get(key) for metadata in listed) for key in keys}
    return {key: None if value is KEPT else value for key, value in values.items()}


def _sizes(annotations: Sequence[Annotation], mpp: Mpp | None) -> Iterator[tuple[str, str]]:
    """Area and outline, of several together; nothing of what has none, or where they are very many."""
    if len(annotations) > FEW:
        return
    areas = [found for found in annotations if found.kind in AREA_KINDS]
    lined = [found for found in annotations if found.kind not in POINT_KINDS]
    if areas and mpp is not None:
        yield tr("Area"), tr("{value} µm²", value=_number(sum(area_mm2(found, mpp) for found in areas) * 1e6))
    elif areas:
        yield tr("Area"), tr("{value} px", value=_number(sum(map(area_px, areas))))
    title = tr("Perimeter") if areas else tr("Length")
    if lined and mpp is not None:
        yield title, tr("{value} µm", value=_number(sum(perimeter_um(found, mpp) for found in lined)))
    elif lined:
        yield title, tr("{value} px", value=_number(sum(map(perimeter_px, lined))))


def _number(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else str(value)
