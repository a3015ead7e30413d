"""Cells in rows and columns, with handles between them.

Columns stay in line over all rows; a double click on a handle makes them equal again. Growing and shrinking
leaves the cells that stay, and what is in them, where they are. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QVBoxLayout, QWidget

from desktop_app.ui.translation import tr
from desktop_app.ui.view_cell import ViewCell

MOST = 3
"""Rows, and columns."""

HANDLE = 5
"""Logical pixels."""

EQUAL_SHARE = 10_000
"""A splitter shares its room in proportion to what it is told; the same for each is equal."""


class _Handle(QSplitterHandle):
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Give every cell the same room."""
        splitter = self.splitter()
        if isinstance(splitter, _CellSplitter):
            splitter.reset.emit()


class _CellSplitter(QSplitter):
    reset = Signal()

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(HANDLE)

    def createHandle(self) -> QSplitterHandle:
        """One that answers to a double click."""
        handle = _Handle(self.orientation(), self)
        handle.setToolTip(tr("Drag to resize; double-click for equal sizes"))
        return handle

    def share_equally(self) -> None:
        """The same room for each."""
        self.setSizes([EQUAL_SHARE] * self.count())


class ViewGrid(QWidget):
    """Up to three rows of up to three cells.

    Parameters
    ----------
    make_cell : Callable[[], ViewCell]
        Makes a cell that is connected to whoever looks after it.
    """

    def __init__(self, make_cell: Callable[[], ViewCell], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make_cell = make_cell
        self._rows: list[list[ViewCell]] = []
        self._outer = _CellSplitter(Qt.Orientation.Vertical)
        self._inner: list[_CellSplitter] = []
        self._outer.reset.connect(self._outer.share_equally)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._outer)
        self.resize_to(1, 1)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return len(self._rows[0])

    @property
    def cells(self) -> tuple[ViewCell, ...]:
        """Every cell, row by row."""
        return tuple(cell for row in self._rows for cell in row)

    def resize_to(self, rows: int, columns: int) -> None:
        """Have so many rows and columns, 1 to 3; the cells that go must be empty."""
        while len(self._rows) > rows:
            self._drop_row()
        while len(self._rows) < rows:
            self._add_row()
        for row, splitter in zip(self._rows, self._inner, strict=True):
            while len(row) > columns:
                _discard(row.pop())
            while len(row) < columns:
                row.append(self._make_cell())
                splitter.addWidget(row[-1])
        self.share_equally()

    def surplus(self, rows: int, columns: int) -> tuple[ViewCell, ...]:
        """The cells that would go, row by row."""
        return tuple(
            cell
            for y, row in enumerate(self._rows)
            for x, cell in enumerate(row)
            if y >= rows or x >= columns
        )

    def share_equally(self) -> None:
        """Give every cell the same room."""
        self._outer.share_equally()
        for splitter in self._inner:
            splitter.share_equally()

    def _add_row(self) -> None:
        splitter = _CellSplitter(Qt.Orientation.Horizontal)
        splitter.splitterMoved.connect(lambda *_place: self._line_up(splitter))
        splitter.reset.connect(self._share_columns)
        self._rows.append([])
        self._inner.append(splitter)
        self._outer.addWidget(splitter)

    def _drop_row(self) -> None:
        self._rows.pop()
        _discard(self._inner.pop())

    def _share_columns(self) -> None:
        for splitter in self._inner:
            splitter.share_equally()

    def _line_up(self, moved: _CellSplitter) -> None:
        for splitter in self._inner:
            if splitter is not moved:
                splitter.setSizes(moved.sizes())


def _discard(widget: QWidget) -> None:
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()
