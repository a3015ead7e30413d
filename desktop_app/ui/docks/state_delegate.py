"""The first cell of a row of annotations: its class, and whether the object is locked or hidden.

GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF
from PySide6.QtGui import QHelpEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from desktop_app.domain.annotation import Annotation
from desktop_app.ui.docks.state_signs import paint_eye, paint_lock
from desktop_app.ui.docks.swatch_delegate import SwatchDelegate
from desktop_app.ui.models.annotation_table import ID_ROLE
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import tr

SPACE = 4
"""Logical pixels between text and signs."""


class StateDelegate(SwatchDelegate):
    """Swatch and text, with a lock and a closed eye at their right where they apply.

    Parameters
    ----------
    document : SlideDocument
        Whose annotations the model lists under ``ID_ROLE``.
    """

    def __init__(self, document: SlideDocument, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the cell, its text in what the signs leave."""
        annotation = self._annotation(index)
        signs = 0 if annotation is None else int(annotation.locked) + int(annotation.hidden)
        if annotation is None or not signs:
            super().paint(painter, option, index)
            return
        side = option.fontMetrics.height() - 2
        text = QStyleOptionViewItem(option)
        self.initStyleOption(text, index)
        panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
        text.widget.style().drawPrimitive(panel, text, painter, text.widget)
        narrowed = QStyleOptionViewItem(option)
        narrowed.rect = option.rect.adjusted(0, 0, -signs * (side + SPACE) - SPACE, 0)
        super().paint(painter, narrowed, index)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
        color = option.palette.color(role)
        place = QRectF(narrowed.rect.right() + SPACE, option.rect.center().y() - side / 2 + 1, side, side)
        if annotation.locked:
            paint_lock(painter, place, color)
            place.translate(side + SPACE, 0)
        if annotation.hidden:
            paint_eye(painter, place, color, is_open=False)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Say in words what the signs mean, below the text that a narrow column may cut off."""
        annotation = self._annotation(index)
        if annotation is None or not (annotation.locked or annotation.hidden):
            return super().helpEvent(event, view, option, index)
        QToolTip.showText(event.globalPos(), "\n".join([str(index.data()), *states(annotation)]), view)
        return True

    def _annotation(self, index: QModelIndex | QPersistentModelIndex) -> Annotation | None:
        return self._document.snapshot.get(index.data(ID_ROLE))


def states(annotation: Annotation) -> list[str]:
    """What is special about an object, in words."""
    words = {tr("Locked"): annotation.locked, tr("Hidden"): annotation.hidden}
    return [word for word, true in words.items() if true]
