"""The table of keys and the field that records one. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QKeySequenceEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from desktop_app.ui.translation import tr

ACTION, MENU, FIRST_KEY = 0, 1, 2
"""Columns; the keys in View and in Annotate are the third and the fourth."""

Index = QModelIndex | QPersistentModelIndex


class KeyTable(QTableWidget):
    """Rows whose key cells take the next key pressed in them.

    Notes
    -----
    ``cleared(row, column)`` says that Del was pressed on a key.
    """

    cleared = Signal(int, int)

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__(rows, columns)
        self.recorder = KeyRecorder(self)
        for column in range(FIRST_KEY, columns):
            self.setItemDelegateForColumn(column, self.recorder)
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.DoubleClicked | trigger.EditKeyPressed)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for column, letters in ((MENU, 20), (FIRST_KEY, 20), (FIRST_KEY + 1, 20)):
            self.setColumnWidth(column, letters * self.fontMetrics().averageCharWidth())

    def put(self, row: int, column: int, text: str, *, faint: bool = False, editable: bool = False) -> None:
        """Make a cell."""
        item = QTableWidgetItem(text)
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if editable else flags)
        if faint:
            item.setForeground(self.palette().placeholderText())
        self.setItem(row, column, item)

    def show_key(self, row: int, column: int, text: str, *, bold: bool) -> None:
        """Write a key; bold where it is not the table's."""
        item = self._cell(row, column)
        item.setText(text)
        font = item.font()
        font.setBold(bold)
        item.setFont(font)

    def texts(self, row: int) -> list[str]:
        """What stands in a row."""
        return [self._cell(row, column).text() for column in range(self.columnCount())]

    def _cell(self, row: int, column: int) -> QTableWidgetItem:
        item = self.item(row, column)
        assert item is not None
        return item

    def _first_key(self) -> QModelIndex:
        """The first cell of the row that can hold a key: not that of a mode without the action."""
        cells = [self.currentIndex().siblingAtColumn(column) for column in range(self.columnCount())]
        editable = (cell for cell in cells if cell.flags() & Qt.ItemFlag.ItemIsEditable)
        return next(editable, self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter records, Del clears, on an action's name for its first key; the rest moves."""
        index = self._first_key() if self.currentColumn() < FIRST_KEY else self.currentIndex()
        editable = bool(index.flags() & Qt.ItemFlag.ItemIsEditable)
        if editable and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.setCurrentIndex(index)
            self.edit(index)
        elif editable and event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.cleared.emit(index.row(), index.column())
        else:
            super().keyPressEvent(event)


class KeyRecorder(QStyledItemDelegate):
    """Takes one key.

    Notes
    -----
    ``recorded(row, column, keys)`` has it in Qt's portable text.
    """

    recorded = Signal(int, int, str)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A field that waits for a key."""
        field = QKeySequenceEdit(parent)
        field.setMaximumSequenceLength(1)
        field.setAccessibleName(tr("Press the new key"))
        field.editingFinished.connect(lambda: self._finish(field))
        return field

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Begin with nothing."""
        assert isinstance(editor, QKeySequenceEdit)
        editor.clear()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Hand on what was pressed; leaving the field without a key changes nothing."""
        assert isinstance(editor, QKeySequenceEdit)
        keys = editor.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if keys:
            self.recorded.emit(index.row(), index.column(), keys)

    def _finish(self, field: QKeySequenceEdit) -> None:
        if not field.isVisible():
            # The view has closed it already because the keyboard went elsewhere.
            return
        self.commitData.emit(field)
        self.closeEditor.emit(field, QStyledItemDelegate.EndEditHint.NoHint)
