"""The panel of bookmarks: named places on the slide in front.

Enter or a double click goes there, F2 renames, Delete removes, and what was removed can be brought back.
GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.bookmark import Bookmark
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.ui.models.bookmarks import MADE, NAME, SORT_ROLE, BookmarkList, BookmarkTable
from desktop_app.ui.translation import tr

DELETING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
MARGIN = 8
SHOWN_NAME = 24
"""Characters of the name of what was deleted."""

EDITED_BY = QAbstractItemView.EditTrigger.EditKeyPressed


class BookmarksPanel(QWidget):
    """A table of places, and what can be done with them.

    Notes
    -----
    ``chosen(Bookmark)`` is emitted when the user wants to go to one, ``add_wanted()`` when the present view
    should become one.
    """

    chosen = Signal(object)
    add_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list: BookmarkList | None = None
        self._removed: tuple[Bookmark, ...] = ()
        self._current = ""
        self.table = BookmarkTable(self)
        self._sorted = QSortFilterProxyModel(self)
        self.tree = BookmarkTree()
        self.add_button = QPushButton(tr("Add…"))
        self.go_button = QPushButton(tr("Go there"))
        self.rename_button = QPushButton(tr("Rename"))
        self.remove_button = QPushButton(tr("Delete"))
        self.removed_text = QLabel()
        self.undo_button = QPushButton(tr("Bring back"))
        self.empty = QLabel(tr("No bookmarks yet. Add one to find a place again by its name."))
        self._build_tree()
        self._build_layout()
        self._build_connections()
        self.show_list(None, None)

    def _build_tree(self) -> None:
        self._sorted.setSourceModel(self.table)
        self._sorted.setSortRole(SORT_ROLE)
        tree = self.tree
        tree.setModel(self._sorted)
        tree.setObjectName("bookmarks")
        tree.setAccessibleName(tr("Bookmarks"))
        # A header and a line; more would keep the window from fitting a dense screen.
        tree.setMinimumHeight(52)
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAlternatingRowColors(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setEditTriggers(EDITED_BY)
        tree.setSortingEnabled(True)
        tree.sortByColumn(MADE, Qt.SortOrder.AscendingOrder)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)

    def _build_layout(self) -> None:
        self.empty.setObjectName("faint")
        self.empty.setWordWrap(True)
        self.empty.setMargin(MARGIN)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.removed_text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.add_button.setToolTip(tr("Keep what is seen now under a name"))
        self.rename_button.setToolTip(tr("Give it another name (F2)"))
        self.go_button.setToolTip(tr("Show the place as it was seen (Enter)"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, MARGIN)
        layout.setSpacing(6)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.tree, 1)
        layout.addLayout(_row(self.removed_text, self.undo_button, wide=(1, 0)))
        # Two rows: side by side they are wider than the narrowest panel.
        layout.addLayout(_row(self.add_button, self.go_button))
        layout.addLayout(_row(self.rename_button, self.remove_button))
        for button in (self.add_button, self.go_button, self.rename_button, self.remove_button):
            button.setAutoDefault(False)

    def _build_connections(self) -> None:
        self.add_button.clicked.connect(self.add_wanted)
        self.go_button.clicked.connect(self._go)
        self.rename_button.clicked.connect(self._rename)
        self.remove_button.clicked.connect(self._remove)
        self.undo_button.clicked.connect(self._bring_back)
        self.tree.doubleClicked.connect(self._go)
        self.tree.entered_here.connect(self._go)
        self.tree.delete_pressed.connect(self._remove)
        self.tree.selectionModel().selectionChanged.connect(self._refresh)
        self.table.modelAboutToBeReset.connect(self._remember)
        self._sorted.modelReset.connect(self._recall)

    def show_list(self, bookmarks: BookmarkList | None, info: SlideInfo | None) -> None:
        """Show a slide's bookmarks; None where no slide is open."""
        if bookmarks is not self._list:
            self._list, self._removed = bookmarks, ()
        self.table.show_list(bookmarks, info)

    def select(self, key: str) -> None:
        """Choose one."""
        row = self.table.row_of(key)
        if row >= 0:
            self._choose(self._sorted.mapFromSource(self.table.index(row, NAME)))

    def take_keyboard(self) -> None:
        """Let the arrow keys choose."""
        if not self.tree.currentIndex().isValid() and self._sorted.rowCount():
            self._choose(self._sorted.index(0, NAME))
        (self.tree if self._sorted.rowCount() else self.add_button).setFocus()

    @property
    def selected(self) -> tuple[Bookmark, ...]:
        """The chosen bookmarks."""
        rows = self.tree.selectionModel().selectedRows()
        return tuple(self.table.bookmark_at(self._sorted.mapToSource(row)) for row in rows)

    def _go(self) -> None:
        if len(self.selected) == 1:
            self.chosen.emit(self.selected[0])

    def _rename(self) -> None:
        if len(self.selected) == 1:
            self.tree.edit(self.tree.selectionModel().selectedRows()[0])

    def _remove(self) -> None:
        if self._list is not None and self.selected:
            row = self.tree.selectionModel().selectedRows()[0].row()
            self._removed = self._list.remove([bookmark.key for bookmark in self.selected])
            if left := self._sorted.rowCount():
                self._choose(self._sorted.index(min(row, left - 1), NAME))
            self._refresh()

    def _bring_back(self) -> None:
        if self._list is not None:
            back, self._removed = self._removed, ()
            self._list.add(back)
            self.select(back[0].key)
            self._refresh()

    def _remember(self) -> None:
        self._current = self.selected[0].key if self.selected else ""

    def _recall(self) -> None:
        self.select(self._current)
        self._refresh()

    def _choose(self, index: QModelIndex) -> None:
        # By the model: the view would look at the keys held, which are those of the shortcut.
        how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.tree.selectionModel().setCurrentIndex(index, how)

    def _refresh(self) -> None:
        chosen = len(self.selected)
        self.add_button.setEnabled(self._list is not None)
        self.go_button.setEnabled(chosen == 1)
        self.rename_button.setEnabled(chosen == 1)
        self.remove_button.setEnabled(chosen > 0)
        none_yet = self._list is not None and not self.table.rowCount()
        self.empty.setVisible(none_yet)
        self.tree.setVisible(not none_yet)  # the words take its room
        for widget in (self.removed_text, self.undo_button):
            widget.setVisible(bool(self._removed))
        self.removed_text.setText(removed_text(self._removed))


class BookmarkTree(QTreeView):
    """The table; it tells of Enter and Delete, which Qt's own treats otherwise or not at all."""

    entered_here = Signal()
    delete_pressed = Signal()

    def event(self, event: QEvent) -> bool:
        """Delete means the bookmark here, not the annotation that the window's shortcut would delete."""
        overrides = event.type() == QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and event.key() in DELETING:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes, Delete removes."""
        editing = self.state() == QAbstractItemView.State.EditingState
        if not editing and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_here.emit()
        elif not editing and event.key() in DELETING:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)


def removed_text(removed: tuple[Bookmark, ...]) -> str:
    """What was deleted last; empty for nothing."""
    if len(removed) == 1:
        name = removed[0].name
        shown = name if len(name) <= SHOWN_NAME else f"{name[: SHOWN_NAME - 1]}…"
        return tr("Deleted “{name}”", name=shown)
    return tr("Deleted {count} bookmarks", count=len(removed)) if removed else ""


def _row(first: QWidget, second: QWidget, *, wide: tuple[int, int] = (1, 1)) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(MARGIN, 0, MARGIN, 0)
    row.addWidget(first, wide[0])
    row.addWidget(second, wide[1])
    return row
