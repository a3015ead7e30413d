"""The list in the class panel: a swatch, a name, a key, and an eye that hides the class on the slide.

The eye is pressed without taking the class in hand; Space does the same for the present row. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import QListView, QStyle, QStyleOptionViewItem, QWidget

from desktop_app.ui.docks.state_signs import paint_eye
from desktop_app.ui.docks.swatch_delegate import SwatchDelegate
from desktop_app.ui.models.class_visibility import ClassVisibility

EYE = 16
EYE_WIDTH = 28
"""Logical pixels of the eye and of what is pressed for it, at the left of a row."""


class ClassDelegate(SwatchDelegate):
    """A row of the class panel: the eye before what the swatch delegate paints.

    Parameters
    ----------
    visibility : ClassVisibility
        Which eyes are open.
    """

    def __init__(self, visibility: ClassVisibility, parent: QWidget) -> None:
        super().__init__(parent)
        self._visibility = visibility

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the row; a hidden class is pale."""
        shown = self._visibility.is_shown(name_of(index))
        panel = QStyleOptionViewItem(option)
        self.initStyleOption(panel, index)
        panel.widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, panel, painter, panel.widget
        )
        painter.save()
        painter.setOpacity(1.0 if shown else 0.5)
        moved = QStyleOptionViewItem(option)
        moved.rect = option.rect.adjusted(EYE_WIDTH, 0, 0, 0)
        super().paint(painter, moved, index)
        painter.restore()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
        place = QRectF(0, 0, EYE, EYE)
        place.moveCenter(eye_rect(option.rect).toRectF().center())
        paint_eye(painter, place, option.palette.color(role), is_open=shown)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Wider by the eye."""
        return super().sizeHint(option, index) + QSize(EYE_WIDTH, 0)


class ClassListView(QListView):
    """The list.

    Notes
    -----
    ``eye_pressed(int)`` gives the row whose class is to be shown or hidden.
    """

    eye_pressed = Signal(int)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on an eye is that and nothing else."""
        row = self._eye_at(event)
        if row is None:
            super().mousePressEvent(event)
        else:
            self.eye_pressed.emit(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick presses on an eye are two presses."""
        row = self._eye_at(event)
        if row is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.eye_pressed.emit(row)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """What was pressed on an eye ends there."""
        if self._eye_at(event) is None:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space is the eye of the present row."""
        if event.key() == Qt.Key.Key_Space and not event.modifiers() and self.currentIndex().isValid():
            self.eye_pressed.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def _eye_at(self, event: QMouseEvent) -> int | None:
        if event.button() != Qt.MouseButton.LeftButton:
            return None
        place: QPoint = event.position().toPoint()
        index = self.indexAt(place)
        hit = index.isValid() and eye_rect(self.visualRect(index)).contains(place)
        return index.row() if hit else None


def eye_rect(row: QRect) -> QRect:
    """What is pressed for the eye of a row."""
    return QRect(row.left(), row.top(), EYE_WIDTH, row.height())


def name_of(index: QModelIndex | QPersistentModelIndex) -> str | None:
    """The class of a row of the class list; None for the first, which is no class."""
    return str(index.data()) if index.row() else None
