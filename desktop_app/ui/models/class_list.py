"""The list of classes with *no class* first, as the class panel shows it.

GUI thread.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from desktop_app.domain.annotation_classes import NO_CLASS_COLOR
from desktop_app.domain.edits import AnnotationChange, Classes
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import tr

Index: TypeAlias = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

KEY_ROLE = int(Role.UserRole) + 2
"""Role under which a row gives its digit key; empty where it has none."""

DIGITS = 9


class ClassListModel(QAbstractListModel):
    """Row 0 is *no class*, row n the n-th class of the document.

    Parameters
    ----------
    document : SlideDocument
        Whose classes are listed.
    """

    def __init__(self, document: SlideDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._classes: Classes = document.snapshot.classes
        document.changed.connect(self._follow)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """The classes and *no class*."""
        return 0 if parent.isValid() else len(self._classes) + 1

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Name, color swatch, and the digit under :data:`KEY_ROLE`."""
        row = index.row()
        if not index.isValid() or row > len(self._classes):
            return None
        if role == KEY_ROLE:
            return str(row) if row <= DIGITS else ""
        if role in (Role.DisplayRole, Role.AccessibleTextRole):
            return self.name_at(row) or tr("No class")
        if role == Role.DecorationRole:
            return QColor(*(self._classes[row - 1].color if row else NO_CLASS_COLOR))
        if role == Role.ToolTipRole and row <= DIGITS:
            return tr("Key {digit}", digit=row)
        return None

    def name_at(self, row: int) -> str | None:
        """The class of a row; None for *no class*."""
        return self._classes[row - 1].name if row else None

    def row_of(self, name: str | None) -> int:
        """The row of a class; 0 for none or one that is not listed."""
        names = [None, *(entry.name for entry in self._classes)]
        return names.index(name) if name in names else 0

    def _follow(self, change: AnnotationChange) -> None:
        if change.classes_changed:
            self.beginResetModel()
            self._classes = change.snapshot.classes
            self.endResetModel()
