"""The panel of annotations: their table, kept in step with the selection on the slide.

GUI thread; it observes the document and the selection, and edits through the document alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QMenu,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.edits import AnnotationChange
from desktop_app.domain.shapes import Box, bounding_box
from desktop_app.domain.viewport import Rect
from desktop_app.errors import CoverslipError
from desktop_app.ui.docks.state_delegate import StateDelegate
from desktop_app.ui.models.annotation_table import AREA, CLASS, NAME, ORIGIN, PERIMETER, AnnotationTableModel
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.models.slide_document import Ids, SlideDocument
from desktop_app.ui.translation import as_data, tr

SHOWN_SELECTED = 1000
"""So many selected rows are marked in the table, or all of them; more would only stop the window."""

LEAST_SHOWN = 400.0
"""Level-0 pixels around a small annotation that was asked for."""

COLUMN_LETTERS = {CLASS: 20, NAME: 14, AREA: 10, PERIMETER: 12}
"""Widths of the columns at first, in letters."""


class AnnotationsPanel(QWidget):
    """A sortable table of a slide's annotations.

    Parameters
    ----------
    document : SlideDocument
        Whose annotations are listed.
    selection : AnnotationSelection
        Shared with the canvas.

    Notes
    -----
    ``show_requested(rect)`` asks for a level-0 rectangle ``(x, y, width, height)`` to be shown: a row was
    double-clicked. ``properties_requested()`` says that Enter was pressed, for the properties of what is
    selected.
    """

    show_requested = Signal(object)
    properties_requested = Signal()

    def __init__(
        self, document: SlideDocument, selection: AnnotationSelection, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._selection = selection
        self._following = False
        self._editable = True
        self.model = AnnotationTableModel(document, self)
        self.table = QTableView()
        self._count = QLabel()
        self._pages = QStackedLayout()
        self._build_table()
        self._build_pages()
        self._connect()
        self._refresh_count()

    def set_editable(self, editable: bool) -> None:
        """Whether annotations can be renamed and changed from here (in Annotate mode only)."""
        self._editable = editable and not self._document.read_only
        trigger = QAbstractItemView.EditTrigger
        self.table.setEditTriggers(trigger.EditKeyPressed if self._editable else trigger.NoEditTriggers)

    def menu_for(self, ids: Ids) -> QMenu:
        """The menu of what can be done with some annotations."""
        menu = QMenu(self)
        self.add_class_menu(menu, ids)
        menu.addSeparator()
        self._add(menu, tr("Accept"), lambda: self._document.set_review(ids, "accepted"))
        self._add(menu, tr("Reject"), lambda: self._document.set_review(ids, "rejected"))
        menu.addSeparator()
        self._add(menu, tr("Lock"), lambda: self._document.set_locked(ids, True))
        self._add(menu, tr("Unlock"), lambda: self._document.set_locked(ids, False))
        self._add(menu, tr("Delete"), lambda: self._document.remove(ids))
        menu.addSeparator()
        menu.addAction(tr("Properties…")).triggered.connect(self.properties_requested)
        return menu

    def add_class_menu(self, menu: QMenu, ids: Ids) -> None:
        """Add the submenu that gives some annotations another class."""
        classes = menu.addMenu(tr("Set class"))
        self._add(classes, tr("No class"), partial(self._document.set_class, ids, None))
        for entry in self._document.snapshot.classes:
            as_data(self._add(classes, entry.name, partial(self._document.set_class, ids, entry.name)))

    def _build_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setObjectName("annotation_table")
        table.setAccessibleName(tr("Annotations"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
        header = table.horizontalHeader()
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorClearable(True)
        header.setHighlightSections(False)
        # A header that knows of the selection asks every row whether its whole column is selected.
        header.setSelectionModel(QItemSelectionModel(self.model, header))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        letter = table.fontMetrics().averageCharWidth()
        for column, letters in COLUMN_LETTERS.items():
            header.resizeSection(column, max(letters * letter, header.sectionSizeHint(column)))
        # What is looked for most is seen without scrolling: class, area, perimeter.
        header.moveSection(NAME, PERIMETER)
        table.setItemDelegateForColumn(CLASS, StateDelegate(self._document, table))
        header.setStretchLastSection(True)
        table.setSortingEnabled(True)

    def _build_pages(self) -> None:
        empty = QLabel(tr("No annotations yet. Switch to Annotate and draw one on the slide."))
        empty.setObjectName("faint")
        empty.setWordWrap(True)
        empty.setContentsMargins(10, 10, 10, 10)
        empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._count.setObjectName("faint")
        self._count.setContentsMargins(8, 4, 8, 4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        # Pages are added to a layout that has a parent; else the first would be shown as a window of its own.
        layout.addLayout(self._pages, 1)
        layout.addWidget(self._count)
        self._pages.addWidget(empty)
        self._pages.addWidget(self.table)

    def _connect(self) -> None:
        self.table.selectionModel().selectionChanged.connect(self._take_selection)
        self.table.doubleClicked.connect(self._show_row)
        self.table.customContextMenuRequested.connect(self._open_menu)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shortcut = QShortcut(QKeySequence(key), self.table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self.properties_requested)
        self._selection.changed.connect(self._mark_selection)
        self._document.changed.connect(self._follow)

    def _take_selection(self, _chosen: QItemSelection, _dropped: QItemSelection) -> None:
        """Select on the slide what was selected in the table."""
        if not self._following:
            self._following = True
            self._selection.set_ids(self.model.ids_at(self._selected_rows()))
            self._following = False
            self._refresh_count()

    def _selected_rows(self) -> NDArray[np.int64]:
        """The rows that are selected in the table, each once, the latest last."""
        ranges = self.table.selectionModel().selection()
        found = [ranges.at(number) for number in range(ranges.count())]
        runs = [np.arange(run.top(), run.bottom() + 1, dtype=np.int64) for run in found]
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *runs])
        _, first = np.unique(rows, return_index=True)
        return rows[np.sort(first)]

    def _mark_selection(self) -> None:
        """Mark in the table what is selected on the slide, and bring the latest of a few into view."""
        self._refresh_count()
        if self._following:
            return
        chosen = QItemSelection()
        for first, last in self._runs():
            chosen.select(self.model.index(first, 0), self.model.index(last, ORIGIN))
        self._following = True
        self.table.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._following = False
        latest = self._selection.latest if len(self._selection) <= SHOWN_SELECTED else None
        row = None if latest is None else self.model.row_of(latest)
        if row is not None:
            self.table.scrollTo(self.model.index(row, 0))

    def _runs(self) -> Iterator[tuple[int, int]]:
        """The first and the last of neighboring rows to be marked."""
        ids, count = self._selection.chosen.ids, self.model.rowCount()
        if count and len(ids) == count:
            yield 0, count - 1
            return
        rows = np.array(self.model.rows_of(ids[-SHOWN_SELECTED:]), dtype=np.int64)
        ends = np.flatnonzero(np.diff(rows) != 1)
        firsts, lasts = np.insert(ends + 1, 0, 0), np.append(ends, len(rows) - 1)
        if len(rows):
            yield from zip(rows[firsts].tolist(), rows[lasts].tolist(), strict=True)

    def _follow(self, _change: AnnotationChange) -> None:
        self._mark_selection()

    def _refresh_count(self) -> None:
        total, chosen = len(self._document.snapshot), len(self._selection)
        self._pages.setCurrentIndex(1 if total else 0)
        text = tr("Annotations: {total}", total=total)
        if chosen:
            text = tr("Annotations: {total}, selected: {chosen}", total=total, chosen=chosen)
        self._count.setText(text if total else "")
        self._count.setVisible(bool(total))

    def _show_row(self, index: QModelIndex) -> None:
        annotation = self._document.snapshot.get(self.model.id_at(index.row()))
        if annotation is not None:
            self.show_requested.emit(shown_rect(bounding_box(annotation)))

    def _open_menu(self, place: QPoint) -> None:
        if self._editable and len(self._selection):
            menu = self.menu_for(self._selection.chosen.ids)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.table.viewport().mapToGlobal(place))

    def _add(self, menu: QMenu, text: str, action: Callable[[], object]) -> QAction:
        added = menu.addAction(text.replace("&", "&&"))
        added.triggered.connect(lambda: self._attempt(action))
        return added

    def _attempt(self, action: Callable[[], object]) -> None:
        try:
            action()
        except CoverslipError as error:
            self._document.failed.emit(error)


def shown_rect(box: Box) -> Rect:
    """What to show of an annotation: all of it, and a point or nucleus with its surroundings."""
    left, top, right, bottom = box
    width, height = max(right - left, LEAST_SHOWN), max(bottom - top, LEAST_SHOWN)
    return (left + right - width) / 2, (top + bottom - height) / 2, width, height
