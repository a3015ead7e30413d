"""The table of annotations: a row each, made from the columns of the snapshot when it is shown.

Rows stay where they are when an annotation changes, and a new one takes its place in the present order, so
that the list never jumps under the mouse. GUI thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import AnnotationChunk, uuids_of
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.edits import AnnotationChange
from desktop_app.domain.measure import area_mm2, area_px, perimeter_px, perimeter_um
from desktop_app.domain.measure_columns import areas_px, perimeters
from desktop_app.domain.shapes import author_of
from desktop_app.domain.slide_info import Mpp
from desktop_app.errors import CoverslipError
from desktop_app.ui.models.annotation_rows import AnnotationRows, TextKeys, snapshot_ids, text_keys
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import marked, tr

Index: TypeAlias = QModelIndex | QPersistentModelIndex
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
        self._rows = AnnotationRows.of(snapshot_ids(document.snapshot))
        self._made = len(self._rows)
        self._order = _Order()
        self._texts = TextKeys()
        self._placed = (document.snapshot, np.arange(self._made, dtype=np.int64))
        self._latest: tuple[AnnotationSnapshot, UUID, Annotation | None] | None = None
        document.changed.connect(self._follow)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """One row per annotation."""
        return 0 if parent.isValid() else len(self._rows)

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
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        if role == ID_ROLE:
            return self._rows.id_at(index.row())
        if role == Role.TextAlignmentRole and index.column() in (AREA, PERIMETER):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        annotation = self._annotation_at(index.row())
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
        annotation = self._document.snapshot.get(self._rows.id_at(index.row()))
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
        self._order = _Order(column, order == Qt.SortOrder.DescendingOrder)
        before = self._arrange()
        held = self.persistentIndexList()
        if held:
            rows = np.empty(len(before), dtype=np.int64)
            rows[before] = np.arange(len(before))
            moved = [self.index(int(rows[index.row()]), index.column()) for index in held]
            self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def id_at(self, row: int) -> UUID:
        """The annotation of a row."""
        return self._rows.id_at(row)

    def row_of(self, annotation_id: UUID) -> int | None:
        """The row of an annotation; None if it is not listed."""
        return next(iter(self._rows.rows_of([annotation_id])), None)

    def rows_of(self, ids: Iterable[UUID]) -> list[int]:
        """The rows of those annotations that are listed, in no particular order."""
        return self._rows.rows_of(ids)

    def refresh_measures(self) -> None:
        """The slide's pixel size was set: show areas and perimeters in their new units."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, AREA, PERIMETER)
        self._show_changed(range(len(self._rows)))

    def _annotation_at(self, row: int) -> Annotation | None:
        """The annotation of a row; the latest one is remembered, since its cells are asked for in turn."""
        snapshot, annotation_id = self._document.snapshot, self._rows.id_at(row)
        if self._latest is None or self._latest[:2] != (snapshot, annotation_id):
            self._latest = snapshot, annotation_id, snapshot.get(annotation_id)
        return self._latest[2]

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

    def _arrange(self) -> NDArray[np.int64]:
        """Put the rows in order; returns which row each of them was before."""
        snapshot, column = self._document.snapshot, self._order.column
        positions = self._positions_in(snapshot)
        self._made = len(positions)
        if column < 0:
            before = np.empty(len(positions), dtype=np.int64)
            before[positions] = np.arange(len(positions))
            self._rows = AnnotationRows.of(snapshot_ids(snapshot))
            self._placed = (snapshot, np.arange(len(positions), dtype=np.int64))
            return before
        keys = self._column_keys(snapshot)[positions]
        self._rows, before = self._rows.sorted_by(keys, descending=self._order.descending)
        self._placed = (snapshot, positions[before])
        return before

    def _positions_in(self, snapshot: AnnotationSnapshot) -> NDArray[np.int64]:
        """Where each row is in the snapshot's order."""
        placed_in, positions = self._placed
        return positions if placed_in is snapshot else self._rows.positions(snapshot_ids(snapshot))

    def _column_keys(self, snapshot: AnnotationSnapshot) -> FloatArray:
        """What every annotation is sorted by, in the snapshot's order."""
        column, none = self._order.column, np.zeros(0)
        if column == AREA:
            return np.concatenate([none, *map(areas_px, snapshot.chunks)])
        if column == PERIMETER:
            return np.concatenate([none, *(perimeters(chunk, self._mpp) for chunk in snapshot.chunks)])
        keys, self._texts = text_keys(snapshot, ALIKE[column], self._sort_text)
        return keys

    def _key(self, annotation: Annotation) -> float:
        """What a new annotation is sorted by."""
        column = self._order.column
        if column < 0:
            return float(self._made)
        if column == AREA:
            return area_px(annotation)
        if column == PERIMETER:
            return self._perimeter(annotation)
        return self._texts.key(self._sort_text(annotation))

    def _sort_text(self, annotation: Annotation) -> str:
        return self._text(annotation, self._order.column).casefold()

    def _follow(self, change: AnnotationChange) -> None:
        if len(change) > MANY:
            self.beginResetModel()
            ids = snapshot_ids(change.snapshot)
            self._rows, self._made = AnnotationRows.of(ids), len(ids)
            self._placed = (change.snapshot, np.arange(self._made, dtype=np.int64))
            if self._order.column >= 0:
                self._arrange()
            self.endResetModel()
            return
        self._remove(uuids_of(change.removed_ids))
        for annotation_id in uuids_of(change.added_ids):
            self._insert(annotation_id)
        everything = change.classes_changed
        rows = range(len(self._rows)) if everything else self._rows.rows_of(uuids_of(change.changed_ids))
        self._show_changed(rows)

    def _remove(self, ids: Sequence[UUID]) -> None:
        for row in sorted(self._rows.rows_of(ids), reverse=True) if ids else ():
            self.beginRemoveRows(QModelIndex(), row, row)
            self._rows.remove(row)
            self.endRemoveRows()

    def _insert(self, annotation_id: UUID) -> None:
        annotation = self._document.snapshot.get(annotation_id)
        if annotation is None:
            return
        key = self._key(annotation)
        row = self._rows.place(key, descending=self._order.descending)
        self.beginInsertRows(QModelIndex(), row, row)
        self._rows.insert(row, annotation_id, key)
        self._made += 1
        self.endInsertRows()

    def _show_changed(self, rows: Sequence[int]) -> None:
        if rows:
            last = self.columnCount() - 1
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), last))


def _alike_in_class(chunk: AnnotationChunk) -> NDArray[np.int64]:
    return chunk.class_names.index.astype(np.int64)


def _alike_in_name(chunk: AnnotationChunk) -> NDArray[np.int64]:
    return chunk.names.index.astype(np.int64) * len(KINDS) + chunk.kinds


def _alike_in_origin(chunk: AnnotationChunk) -> NDArray[np.int64]:
    """Who drew what no model made stands among the unknown members."""
    return chunk.origins.index.astype(np.int64) * (len(chunk.extras.table) + 1) + chunk.extras.index


ALIKE = {CLASS: _alike_in_class, NAME: _alike_in_name, ORIGIN: _alike_in_origin}
"""What objects must have in common to have the same text in a column."""


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
