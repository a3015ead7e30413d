"""The table of annotations: a row each, made from the columns of the snapshot when it is shown.

Rows stay where they are when an annotation changes, and a new one takes its place in the present order, so
that the list never jumps under the mouse. GUI thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor
from shiboken6 import isValid

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import AnnotationChunk, id_array, uuids_of
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

FEW, MANY = 8, 256
"""Up to ``FEW`` rows come and go one by one; a change of more than ``MANY`` objects fills the table anew."""

LARGE = 20_000
"""A table of more rows is sorted on the pool, and stays as it is meanwhile."""

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


@dataclass(frozen=True, slots=True, eq=False)
class _Arranged:
    """Rows in a new order.

    Attributes
    ----------
    order : _Order
        Which order it is.
    snapshot : AnnotationSnapshot
        What the rows were put in order by.
    rows : AnnotationRows
        All of them.
    positions, before : NDArray[np.int64]
        ``(N,)`` each: where each row is in the snapshot's order, and which row it was before.
    texts : TextKeys
        Gives numbers to texts that come later.
    """

    order: _Order
    snapshot: AnnotationSnapshot
    rows: AnnotationRows
    positions: NDArray[np.int64]
    before: NDArray[np.int64]
    texts: TextKeys


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
        self._order = self._wanted = _Order()
        self._sorting: object = None
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
        """Sort by a column, a large table on the pool; -1 is the order in which they were made."""
        self._wanted = _Order(column, order == Qt.SortOrder.DescendingOrder)
        self._sort()

    def id_at(self, row: int) -> UUID:
        """The annotation of a row."""
        return self._rows.id_at(row)

    def ids_at(self, rows: NDArray[np.int64]) -> NDArray[np.bytes_]:
        """The annotations of some rows, ``S16``."""
        return self._rows.ids[rows]

    def row_of(self, annotation_id: UUID) -> int | None:
        """The row of an annotation; None if it is not listed."""
        return next(iter(self._rows.rows_of(id_array([annotation_id]))), None)

    def rows_of(self, ids: NDArray[np.bytes_]) -> list[int]:
        """The rows of those annotations (``S16``) that are listed, in ascending order."""
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

    def _sort(self) -> None:
        """Put the rows in the order that is wanted."""
        work, self._sorting = self._arranging(), object()
        background = self._document.background
        if background is None or len(self._rows) <= LARGE:
            self._take_sorted(self._sorting, work())
        else:
            background.run(work, partial(self._take_sorted, self._sorting), self._document.failed.emit)

    def _arranging(self) -> Callable[[], _Arranged]:
        """What puts the rows in the order that is wanted, on any thread."""
        snapshot, order = self._document.snapshot, self._wanted
        rows, placed = replace(self._rows), self._placed
        mpp, text = self._mpp, partial(self._sort_text, order.column)

        def arranged() -> _Arranged:
            ids = snapshot_ids(snapshot)
            positions = placed[1] if placed[0] is snapshot else rows.positions(ids)
            if order.column < 0:
                before = np.empty(len(positions), dtype=np.int64)
                before[positions] = np.arange(len(positions))
                made = np.arange(len(positions), dtype=np.int64)
                return _Arranged(order, snapshot, AnnotationRows.of(ids), made, before, TextKeys())
            keys, texts = _column_keys(snapshot, order.column, mpp, text)
            ordered, before = rows.sorted_by(keys[positions], descending=order.descending)
            return _Arranged(order, snapshot, ordered, positions[before], before, texts)

        return arranged

    def _take_sorted(self, token: object, arranged: _Arranged) -> None:
        """The rows are in order, unless something else was asked for meanwhile, or the table is gone."""
        if not isValid(self) or token is not self._sorting:
            return
        self._sorting = None
        self.layoutAboutToBeChanged.emit()
        self._order, self._rows, self._texts = arranged.order, arranged.rows, arranged.texts
        self._placed = (arranged.snapshot, arranged.positions)
        self._made = len(arranged.rows)
        held = self.persistentIndexList()
        if held:
            rows = np.empty(len(arranged.before), dtype=np.int64)
            rows[arranged.before] = np.arange(len(arranged.before))
            moved = [self.index(int(rows[index.row()]), index.column()) for index in held]
            self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def _key(self, annotation: Annotation) -> float:
        """What a new annotation is sorted by."""
        column = self._order.column
        if column < 0:
            self._made += 1
            return float(self._made)
        if column == AREA:
            return area_px(annotation)
        if column == PERIMETER:
            return self._perimeter(annotation)
        return self._texts.key(self._sort_text(column, annotation))

    def _sort_text(self, column: int, annotation: Annotation) -> str:
        return self._text(annotation, column).casefold()

    def _follow(self, change: AnnotationChange) -> None:
        if len(change) > MANY:
            self._fill()
        elif len(change.removed_ids) + len(change.added_ids) > FEW:
            self._replace(change)
        else:
            self._remove(change.removed_ids)
            for annotation_id in uuids_of(change.added_ids):
                self._insert(annotation_id)
            everything = range(len(self._rows)) if change.classes_changed else None
            self._show_changed(everything or self._rows.rows_of(change.changed_ids))
        if self._order != self._wanted or self._sorting is not None:
            self._sort()

    def _fill(self) -> None:
        """List all annotations in the order of making."""
        snapshot = self._document.snapshot
        self.beginResetModel()
        self._rows, self._order = AnnotationRows.of(snapshot_ids(snapshot)), _Order()
        self._made = len(self._rows)
        self._placed = (snapshot, np.arange(self._made, dtype=np.int64))
        self.endResetModel()

    def _replace(self, change: AnnotationChange) -> None:
        """Take several rows out and put others in, in the present order."""
        self.beginResetModel()
        self._rows.remove(self._rows.rows_of(change.removed_ids))
        added = change.snapshot.iter_annotations(uuids_of(change.added_ids))
        keys = np.array([self._key(found) for found in added], dtype=np.float64)
        self._rows.put(change.added_ids, keys, descending=self._order.descending)
        self.endResetModel()

    def _remove(self, ids: NDArray[np.bytes_]) -> None:
        for row in reversed(self._rows.rows_of(ids)):
            self.beginRemoveRows(QModelIndex(), row, row)
            self._rows.remove([row])
            self.endRemoveRows()

    def _insert(self, annotation_id: UUID) -> None:
        annotation = self._document.snapshot.get(annotation_id)
        if annotation is None:
            return
        key = self._key(annotation)
        row = self._rows.place(key, descending=self._order.descending)
        self.beginInsertRows(QModelIndex(), row, row)
        self._rows.insert(row, annotation_id, key)
        self.endInsertRows()

    def _show_changed(self, rows: Sequence[int]) -> None:
        if rows:
            last = self.columnCount() - 1
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), last))


def _column_keys(
    snapshot: AnnotationSnapshot, column: int, mpp: Mpp | None, text: Callable[[Annotation], str]
) -> tuple[FloatArray, TextKeys]:
    """What every annotation is sorted by, in the snapshot's order, and what gives numbers to later texts."""
    none = np.zeros(0)
    if column == AREA:
        return np.concatenate([none, *map(areas_px, snapshot.chunks)]), TextKeys()
    if column == PERIMETER:
        return np.concatenate([none, *(perimeters(chunk, mpp) for chunk in snapshot.chunks)]), TextKeys()
    return text_keys(snapshot, ALIKE[column], text)


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
