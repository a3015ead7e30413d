"""The table of annotations: a row each, made from the columns of the snapshot when it is shown.

Rows stay where they are when an annotation changes, and a new one takes its place in the present order, so
that the list never jumps under the mouse. GUI thread.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from uuid import UUID

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.edits import AnnotationChange
from desktop_app.domain.measure import area_mm2, area_px, perimeter_px, perimeter_um
from desktop_app.domain.shapes import author_of
from desktop_app.domain.slide_info import Mpp
from desktop_app.errors import CoverslipError
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import marked, tr

Index: TypeAlias = QModelIndex | QPersistentModelIndex
Key: TypeAlias = tuple[Any, ...]
Role = Qt.ItemDataRole

CLASS, NAME, AREA, PERIMETER, ORIGIN = range(5)
ID_ROLE = int(Role.UserRole) + 1
"""Role under which every cell gives its annotation's id."""

MANY = 256
"""A change of more objects than this fills the table anew."""

KINDS = {
    "rectangle": marked("Rectangle"),
    "ellipse": marked("Ellipse"),
    "polygon": marked("Polygon"),
    "line": marked("Line"),
    "points": marked("Point"),
    "arrow": marked("Arrow"),
    "note": marked("Note"),
}
STATES = {
    "unreviewed": marked("unreviewed"),
    "accepted": marked("accepted by {who}"),
    "edited": marked("edited by {who}"),
    "rejected": marked("rejected by {who}"),
}


@dataclass(frozen=True, slots=True)
class _Order:
    """What the rows are sorted by; the order of making by default."""

    column: int = -1
    descending: bool = False


class AnnotationTableModel(QAbstractTableModel):
    """Class, name, area, perimeter and origin of every annotation.

    Parameters
    ----------
    document : SlideDocument
        Whose annotations are listed.
    """

    def __init__(self, document: SlideDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._ids: list[UUID] = list(document.snapshot.ids())
        self._keys: list[Key] = [(number,) for number in range(len(self._ids))]
        self._made = len(self._ids)
        self._rows: dict[UUID, int] | None = None
        self._order = _Order()
        document.changed.connect(self._follow)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """One row per annotation."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Class, name, area, perimeter, origin."""
        return 0 if parent.isValid() else 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """The column titles; their units depend on whether the slide's pixel size is known."""
        if orientation != Qt.Orientation.Horizontal or role not in (Role.DisplayRole, Role.ToolTipRole):
            return None
        known = self._mpp is not None
        titles = {
            CLASS: tr("Class"),
            NAME: tr("Name"),
            AREA: tr("Area (mm²)") if known else tr("Area (px)"),
            PERIMETER: tr("Perimeter (µm)") if known else tr("Perimeter (px)"),
            ORIGIN: tr("Made by"),
        }
        return titles.get(section)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Text, color swatch, alignment, and the id under :data:`ID_ROLE`."""
        if not index.isValid() or index.row() >= len(self._ids):
            return None
        if role == ID_ROLE:
            return self._ids[index.row()]
        if role == Role.TextAlignmentRole and index.column() in (AREA, PERIMETER):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        annotation = self._document.snapshot.get(self._ids[index.row()])
        if annotation is None:
            return None
        if role == Role.DecorationRole and index.column() == CLASS:
            return QColor(*self._document.snapshot.color_of(annotation))
        if role == Role.EditRole and index.column() == NAME:
            return annotation.name
        shown = role in (Role.DisplayRole, Role.ToolTipRole, Role.AccessibleTextRole)
        return self._text(annotation, index.column()) if shown else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names can be edited where the document can."""
        flags = super().flags(index)
        editable = index.isValid() and index.column() == NAME and not self._document.read_only
        return flags | Qt.ItemFlag.ItemIsEditable if editable else flags

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """Rename an annotation, as one undo step."""
        if role != Role.EditRole or not index.isValid() or index.column() != NAME:
            return False
        annotation = self._document.snapshot.get(self._ids[index.row()])
        name = str(value).strip()
        if annotation is None or annotation.name == name:
            return False
        try:
            self._document.change(tr("Rename"), before=[annotation], after=[replace(annotation, name=name)])
        except CoverslipError as error:
            self._document.failed.emit(error)
            return False
        return True

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 is the order in which they were made."""
        self.layoutAboutToBeChanged.emit()
        old = {index: self._ids[index.row()] for index in self.persistentIndexList()}
        self._order = _Order(column, order == Qt.SortOrder.DescendingOrder)
        self._arrange(self._document.snapshot.ids() if column < 0 else self._ids)
        rows = self._row_numbers()
        for index, annotation_id in old.items():
            self.changePersistentIndex(index, self.index(rows[annotation_id], index.column()))
        self.layoutChanged.emit()

    def id_at(self, row: int) -> UUID:
        """The annotation of a row."""
        return self._ids[row]

    def row_of(self, annotation_id: UUID) -> int | None:
        """The row of an annotation; None if it is not listed."""
        return self._row_numbers().get(annotation_id)

    def refresh_measures(self) -> None:
        """The slide's pixel size was set: show areas and perimeters in their new units."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, AREA, PERIMETER)
        self._show_changed(range(len(self._ids)))

    @property
    def _mpp(self) -> Mpp | None:
        return self._document.slide.info.mpp

    def _text(self, annotation: Annotation, column: int) -> str:
        if column == CLASS:
            return annotation.class_name or tr("No class")
        if column == NAME:
            return annotation.name or tr(KINDS[annotation.kind])
        if column == ORIGIN:
            return _origin_text(annotation)
        value = self._area(annotation) if column == AREA else self._perimeter(annotation)
        return "" if value == 0 else _number_text(value)

    def _area(self, annotation: Annotation) -> float:
        return area_px(annotation) if self._mpp is None else area_mm2(annotation, self._mpp)

    def _perimeter(self, annotation: Annotation) -> float:
        return perimeter_px(annotation) if self._mpp is None else perimeter_um(annotation, self._mpp)

    def _sort_value(self) -> Callable[[Annotation], Any]:
        column = self._order.column
        if column == AREA:
            return self._area
        if column == PERIMETER:
            return self._perimeter
        return lambda annotation: self._text(annotation, column).casefold()

    def _arrange(self, ids: Iterable[UUID]) -> None:
        """Put ids in order and remember the keys by which they are in order."""
        if self._order.column >= 0:
            value, snapshot = self._sort_value(), self._document.snapshot
            keyed = [(value(found), found.id) for found in snapshot.iter_annotations(ids)]
            keyed.sort(key=lambda entry: entry[0], reverse=self._order.descending)
            self._ids = [key for _, key in keyed]
            self._keys = [(entry[0],) for entry in keyed]
        else:
            self._ids = list(ids)
            self._keys = [(number,) for number in range(len(self._ids))]
        self._made = len(self._ids)
        self._rows = None

    def _row_numbers(self) -> dict[UUID, int]:
        if self._rows is None:
            self._rows = {key: row for row, key in enumerate(self._ids)}
        return self._rows

    def _follow(self, change: AnnotationChange) -> None:
        touched = len(change.removed_ids) + len(change.added_ids) + len(change.changed_ids)
        if touched > MANY:
            self.beginResetModel()
            self._arrange(change.snapshot.ids())
            self.endResetModel()
            return
        self._remove(change.removed_ids)
        for annotation_id in change.added_ids:
            self._insert(annotation_id)
        rows = self._row_numbers()
        changed = [rows[key] for key in change.changed_ids if key in rows]
        self._show_changed(range(len(self._ids)) if change.classes_changed else changed)

    def _remove(self, ids: Iterable[UUID]) -> None:
        rows = self._row_numbers()
        for row in sorted((rows[key] for key in ids if key in rows), reverse=True):
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._ids[row], self._keys[row]
            self._rows = None
            self.endRemoveRows()

    def _insert(self, annotation_id: UUID) -> None:
        annotation = self._document.snapshot.get(annotation_id)
        if annotation is None:
            return
        key: Key = (self._made,) if self._order.column < 0 else (self._sort_value()(annotation),)
        row = self._place(key)
        self.beginInsertRows(QModelIndex(), row, row)
        self._ids.insert(row, annotation_id)
        self._keys.insert(row, key)
        self._made += 1
        self._rows = None
        self.endInsertRows()

    def _place(self, key: Key) -> int:
        """Where a new row goes: behind its equals."""
        if not self._order.descending:
            return bisect_right(self._keys, key)
        return len(self._keys) - bisect_right(self._keys[::-1], key)

    def _show_changed(self, rows: Iterable[int]) -> None:
        numbers = sorted(rows)
        if numbers:
            self.dataChanged.emit(self.index(numbers[0], 0), self.index(numbers[-1], self.columnCount() - 1))


def _origin_text(annotation: Annotation) -> str:
    origin = annotation.origin
    if origin is None:
        return author_of(annotation)
    state = tr(STATES[origin.state], who=origin.reviewer)
    model = origin.model or tr("a model")
    return tr("{model}, {state}", model=model, state=state)


def _number_text(value: float) -> str:
    """Four significant digits, never as a power of ten; large numbers whole."""
    if value >= 1000:
        return f"{value:,.0f}".replace(",", "\u202f")
    text = f"{value:.{max(0, 3 - math.floor(math.log10(value)))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
