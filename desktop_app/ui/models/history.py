"""The history of a slide's annotations as a table: a row for each edit, the newest first, and the start.

A row costs nothing until it is shown, and a step changes two rows, so that a hundred thousand edits are
listed as ten are. GUI thread.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, TypeAlias
from uuid import UUID

from PySide6.QtCore import (
    QAbstractTableModel,
    QDateTime,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QFont, QGuiApplication, QPalette

from desktop_app.domain.edits import AnnotationChange
from desktop_app.errors import StorageError
from desktop_app.storage.journal_store import START, EditRecord
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import marked, tr

Index: TypeAlias = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

WHAT, OBJECTS, WHO, WHEN = range(4)
HEADERS = (marked("Edit"), marked("Objects"), marked("Who"), marked("When"))
NO_PARENT = QModelIndex()


class HistoryTable(QAbstractTableModel):
    """What was done, how many objects it touched, who did it and when."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document: SlideDocument | None = None
        self._records: list[EditRecord] = []
        self._seqs: list[int] = []
        self._done: set[int] = set()
        self._counts: dict[int, int] = {}
        self._now = START

    def show_document(self, document: SlideDocument | None) -> None:
        """List a slide's history; None where no slide is open."""
        if self._document is document:
            return
        self.beginResetModel()
        if self._document is not None:
            self._document.changed.disconnect(self._follow)
        self._document = document
        self._records = [] if document is None else list(document.journal.history)
        self._seqs = [record.seq for record in self._records]
        self._counts.clear()
        self._done, self._now = set(), START
        self._find_present()
        self.endResetModel()
        if document is not None:
            document.changed.connect(self._follow)

    @property
    def present_row(self) -> int:
        """The row of the present state."""
        return self._row_of(self._now)

    def edit_id(self, row: int) -> UUID | None:
        """The edit of a row; None for the start."""
        record = self._record(row)
        return None if record is None else record.edit_id

    def is_undone(self, row: int) -> bool:
        """Whether the edit of a row is not part of the present state."""
        record = self._record(row)
        return record is not None and record.seq not in self._done

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """The edits and the start."""
        return 0 if parent.isValid() or self._document is None else len(self._records) + 1

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        """What, objects, who, when."""
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """The columns' names."""
        if orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return tr(HEADERS[section])
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Texts; what is undone is faint and slanted, the present state bold, and both say so."""
        row, column = index.row(), index.column()
        if role == Role.DisplayRole:
            return self._text(row, column)
        if role == Role.AccessibleTextRole:
            return self._spoken(row, column)
        if role == Role.ToolTipRole:
            return self._tip(row)
        if role == Role.FontRole:
            font = QFont()
            font.setBold(row == self.present_row)
            font.setItalic(self.is_undone(row))
            return font
        if role == Role.ForegroundRole and self.is_undone(row):
            return QGuiApplication.palette().color(QPalette.ColorRole.PlaceholderText)
        if role == Role.TextAlignmentRole and column == OBJECTS:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _text(self, row: int, column: int) -> str:
        record = self._record(row)
        if column == WHAT:
            return self._what(row, tr("Start") if record is None else record.label)
        if record is None:
            return ""
        if column == OBJECTS:
            count = self._count(record.seq)
            return QLocale().toString(count) if count else ""
        return record.author if column == WHO else moment_text(record.utc)

    def _what(self, row: int, label: str) -> str:
        if row == self.present_row:
            return f"● {label}"
        return f"↶ {label}" if self.is_undone(row) else label

    def _spoken(self, row: int, column: int) -> str:
        """What a screen reader says, where signs tell nothing."""
        record = self._record(row)
        label = tr("Start") if record is None else record.label
        if column != WHAT or not (row == self.present_row or self.is_undone(row)):
            return self._text(row, column)
        return tr("{edit} (undone)", edit=label) if self.is_undone(row) else tr("{edit} (now)", edit=label)

    def _tip(self, row: int) -> str:
        if row == self.present_row:
            return tr("The annotations are as this edit left them.")
        if self.is_undone(row):
            return tr("This edit is not part of the present state. Double-click to bring it back.")
        return tr("Double-click to see the annotations as this edit left them.")

    def _record(self, row: int) -> EditRecord | None:
        return self._records[-1 - row] if 0 <= row < len(self._records) else None

    def _row_of(self, seq: int) -> int:
        if seq == START:
            return len(self._records)
        return len(self._records) - 1 - bisect_left(self._seqs, seq)

    def _count(self, seq: int) -> int:
        if seq not in self._counts and self._document is not None:
            try:
                self._counts[seq] = self._document.journal.object_count(seq)
            except StorageError:
                return 0  # opening the state would tell
        return self._counts.get(seq, 0)

    def _follow(self, _change: AnnotationChange) -> None:
        if self._document is None:
            return
        new = self._document.journal.history_since(self._seqs[-1] if self._seqs else START)
        if new:
            self.beginInsertRows(NO_PARENT, 0, len(new) - 1)
            self._records += new
            self._seqs += [record.seq for record in new]
            self.endInsertRows()
        before = self._now
        self._find_present()
        if before in (self._parent_of(self._now), self._now) or self._parent_of(before) == self._now:
            self._tell_rows(before, self._now)
        else:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, WHEN))

    def _tell_rows(self, *seqs: int) -> None:
        for row in map(self._row_of, seqs):
            self.dataChanged.emit(self.index(row, 0), self.index(row, WHEN))

    def _find_present(self) -> None:
        """Where the cursor is, and which edits led there; from the state before where that is next to it."""
        present = None if self._document is None else self._document.journal.cursor
        before, now = self._now, START if present is None else present.seq
        self._now = now
        if present is not None and present.parent == before and (before == START or before in self._done):
            self._done.add(now)
        elif before in self._done and self._parent_of(before) == now:
            self._done.discard(before)
        elif self._document is not None:
            self._done = {record.seq for record in self._document.journal.undo_path}

    def _parent_of(self, seq: int) -> int | None:
        place = bisect_left(self._seqs, seq)
        found = place < len(self._seqs) and self._seqs[place] == seq
        return self._records[place].parent if found else None


def moment_text(utc: str) -> str:
    """A time of the journal on the user's clock, as short as it is telling."""
    moment = QDateTime.fromString(utc, Qt.DateFormat.ISODateWithMs).toLocalTime()
    if not moment.isValid():
        return utc
    if moment.date() == QDateTime.currentDateTime().date():
        return moment.toString("HH:mm:ss")
    return QLocale().toString(moment, QLocale.FormatType.ShortFormat)
