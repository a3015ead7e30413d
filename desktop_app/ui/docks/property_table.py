"""The raw properties of a slide, as the reader gives them: searched, copied, and masked where they identify.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.identifying import may_identify
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.ui.translation import tr

NAME, VALUE = 0, 1
HEIGHT = 260
LONGEST_TIP = 2000

Index = QModelIndex | QPersistentModelIndex


class PropertyTable(QWidget):
    """A search field, the table, and the box that shows what was masked.

    Parameters
    ----------
    info : SlideInfo
        Whose properties.
    may_reveal : bool
        False while names are hidden.
    """

    def __init__(self, info: SlideInfo, *, may_reveal: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = PropertyModel(info)
        self.reveal = QCheckBox(tr("Show values that can name a patient"), self)
        self.reveal.setVisible(self.model.masked_count > 0)
        self.reveal.setEnabled(may_reveal)
        if not may_reveal:
            self.reveal.setToolTip(tr("Not in privacy mode"))
        self.reveal.toggled.connect(self.model.set_revealed)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search {count} properties", count=self.model.rowCount()))
        self.search.setAccessibleName(tr("Search the properties"))
        self.search.setClearButtonEnabled(True)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self.model)
        self._found.setFilterKeyColumn(-1)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search.textChanged.connect(self._found.setFilterFixedString)
        self.table = QTableView()
        self._build_table()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.search, self.table, self.reveal):
            layout.addWidget(widget)

    def copy(self) -> None:
        """Copy the chosen rows, or all that are listed, as lines of name and value."""
        chosen = self.table.selectionModel().selectedRows()
        rows = sorted(index.row() for index in chosen) or range(self._found.rowCount())
        QGuiApplication.clipboard().setText("\n".join(self._lines(rows)))

    def _lines(self, rows: Iterable[int]) -> Iterable[str]:
        for row in rows:
            name, value = (self._found.index(row, column).data() for column in (NAME, VALUE))
            yield f"{name}\t{value}"

    def _build_table(self) -> None:
        table = self.table
        table.setModel(self._found)
        table.setAccessibleName(tr("Properties"))
        table.setFixedHeight(HEIGHT)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.resizeSection(NAME, 24 * table.fontMetrics().averageCharWidth())
        header.setStretchLastSection(True)
        copy = QAction(tr("Copy"), table)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy)
        table.addAction(copy)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)


class PropertyModel(QAbstractTableModel):
    """Names and values, by name.

    Parameters
    ----------
    info : SlideInfo
        Whose properties.
    """

    def __init__(self, info: SlideInfo) -> None:
        super().__init__()
        self._rows = [
            (name, value, may_identify(name, value, info.path))
            for name, value in sorted(info.properties.items())
        ]
        self._revealed = False

    @property
    def masked_count(self) -> int:
        """How many values can identify somebody."""
        return sum(masked for _, _, masked in self._rows)

    def set_revealed(self, revealed: bool) -> None:
        """Show what can identify, or mask it again."""
        self._revealed = revealed
        if self._rows:
            self.dataChanged.emit(self.index(0, VALUE), self.index(len(self._rows) - 1, VALUE))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """One for each property."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Name and value."""
        return 0 if parent.isValid() else 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """The titles."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (tr("Property"), tr("Value"))[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, tooltip and color."""
        name, value, identifying = self._rows[index.row()]
        masked = identifying and not self._revealed and index.column() == VALUE
        if role == Qt.ItemDataRole.DisplayRole:
            shown = tr("masked") if masked else " ".join(value.split())
            return name if index.column() == NAME else shown
        if role == Qt.ItemDataRole.ToolTipRole:
            if masked:
                return tr("It can name a patient; the box below shows it.")
            return (name if index.column() == NAME else value)[:LONGEST_TIP]
        if role == Qt.ItemDataRole.ForegroundRole and masked:
            return QGuiApplication.palette().color(QPalette.ColorRole.PlaceholderText)
        return None
