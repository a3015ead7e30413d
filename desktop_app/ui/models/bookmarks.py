"""The bookmarks of a slide, and as a table for the panel.

Others (the minimap) follow :attr:`BookmarkList.changed` and read :attr:`BookmarkList.bookmarks`. GUI thread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QDateTime,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from desktop_app.domain.bookmark import Bookmark, checked_name
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas.readout_text import angle_text, scale_text
from desktop_app.ui.translation import tr

Index: TypeAlias = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

SORT_ROLE = int(Role.UserRole) + 1
"""Under this role a cell gives what its column is sorted by."""

NAME, MAGNIFICATION, MADE = range(3)
NO_PARENT = QModelIndex()


class BookmarkList(QObject):
    """The bookmarks of one slide, in the order they were made."""

    changed = Signal()
    """Something was added, renamed, removed or read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bookmarks: tuple[Bookmark, ...] = ()

    @property
    def bookmarks(self) -> tuple[Bookmark, ...]:
        """All of them."""
        return self._bookmarks

    def add(self, bookmarks: Iterable[Bookmark]) -> None:
        """Add some, or bring back what was removed; those already there stay as they are."""
        known = {bookmark.key for bookmark in self._bookmarks}
        new = [bookmark for bookmark in bookmarks if bookmark.key not in known]
        self._set(sorted([*self._bookmarks, *new], key=lambda bookmark: bookmark.made))

    def remove(self, keys: Collection[str]) -> tuple[Bookmark, ...]:
        """Take some out, and return them."""
        gone = tuple(bookmark for bookmark in self._bookmarks if bookmark.key in keys)
        self._set(bookmark for bookmark in self._bookmarks if bookmark.key not in keys)
        return gone

    def rename(self, key: str, name: str) -> bool:
        """Give one another name; False (and no change) for an empty one."""
        name = checked_name(name)
        if name:
            self._set(
                replace(bookmark, name=name) if bookmark.key == key else bookmark
                for bookmark in self._bookmarks
            )
        return bool(name)

    def free_name(self) -> str:
        """A name that none has."""
        taken = {bookmark.name for bookmark in self._bookmarks}
        number = len(self._bookmarks) + 1
        while (name := tr("Bookmark {number}", number=number)) in taken:
            number += 1
        return name

    def _set(self, bookmarks: Iterable[Bookmark]) -> None:
        new = tuple(bookmarks)
        if new != self._bookmarks:
            self._bookmarks = new
            self.changed.emit()


class BookmarkTable(QAbstractTableModel):
    """Name, magnification and date of each bookmark."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._list: BookmarkList | None = None
        self._info: SlideInfo | None = None
        self._rows: tuple[Bookmark, ...] = ()

    def show_list(self, bookmarks: BookmarkList | None, info: SlideInfo | None) -> None:
        """Show a slide's bookmarks, or none."""
        if self._list is not None:
            self._list.changed.disconnect(self._follow)
        self._list, self._info = bookmarks, info
        if bookmarks is not None:
            bookmarks.changed.connect(self._follow)
        self._follow()

    def bookmark_at(self, index: Index) -> Bookmark:
        """The bookmark of a row."""
        return self._rows[index.row()]

    def row_of(self, key: str) -> int:
        """The row of a bookmark; -1 if it is gone."""
        return next((row for row, bookmark in enumerate(self._rows) if bookmark.key == key), -1)

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """The bookmarks."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        """Name, magnification, date."""
        return 0 if parent.isValid() else 3

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """What the columns are."""
        if orientation != Qt.Orientation.Horizontal or role != Role.DisplayRole:
            return None
        return (tr("Name"), tr("Magnification"), tr("Made"))[section]

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names can be edited."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else flags

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Texts, and under :data:`SORT_ROLE` what they are sorted by."""
        if not index.isValid():
            return None
        bookmark, column = self._rows[index.row()], index.column()
        if role == Role.DisplayRole:
            return self._text(bookmark, column)
        if role == Role.EditRole:
            return bookmark.name
        if role == Role.ToolTipRole:
            return self._tip(bookmark)
        if role == SORT_ROLE:
            return (bookmark.name.casefold(), bookmark.downsample, bookmark.made.timestamp())[column]
        return None

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """Rename."""
        if self._list is None or role != Role.EditRole or index.column() != NAME:
            return False
        return self._list.rename(self._rows[index.row()].key, str(value))

    def _text(self, bookmark: Bookmark, column: int) -> str:
        if column == NAME:
            return bookmark.name
        if column == MAGNIFICATION:
            return _magnification(bookmark, self._info)
        return QLocale().toString(_moment(bookmark).date(), QLocale.FormatType.ShortFormat)

    def _tip(self, bookmark: Bookmark) -> str:
        view = bookmark.applied_to(Viewport((0.0, 0.0), 1.0))
        place = tr("{x}, {y} px", x=round(bookmark.center[0]), y=round(bookmark.center[1]))
        scale = scale_text(view, self._info) if self._info is not None else ""
        made = QLocale().toString(_moment(bookmark), QLocale.FormatType.ShortFormat)
        return "\n".join(line for line in (bookmark.name, place, scale, angle_text(view), made) if line)

    def _follow(self) -> None:
        self.beginResetModel()
        self._rows = self._list.bookmarks if self._list is not None else ()
        self.endResetModel()


def _magnification(bookmark: Bookmark, info: SlideInfo | None) -> str:
    """``20×``, or how many slide pixels a screen's shows where the mpp is unknown."""
    if info is None or info.mpp is None:
        return f"1:{bookmark.downsample:.3g}"
    view = bookmark.applied_to(Viewport((0.0, 0.0), 1.0))
    return tr("{number}×", number=f"{view.magnification(info.mpp[0]):.3g}")


def _moment(bookmark: Bookmark) -> QDateTime:
    return QDateTime.fromSecsSinceEpoch(int(bookmark.made.timestamp()))
