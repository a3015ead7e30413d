"""A cell with a color swatch before its text, the swatch in its true color even where the row is selected.

GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.ui.models.class_list import KEY_ROLE

MARGIN, KEY_WIDTH = 8, 22
"""Logical pixels."""


class SwatchDelegate(QStyledItemDelegate):
    """Swatch, text, and at the right the key that chooses the row, where the model gives one."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the cell."""
        filled = QStyleOptionViewItem(option)
        self.initStyleOption(filled, index)
        filled.widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, filled, painter, filled.widget
        )
        painter.save()
        rect = filled.rect.adjusted(MARGIN, 0, -MARGIN, 0)
        side = QFontMetrics(filled.font).height() - 2
        painter.setPen(filled.palette.color(QPalette.ColorRole.Mid))
        painter.setBrush(index.data(Qt.ItemDataRole.DecorationRole))
        painter.drawRect(QRect(rect.left(), rect.center().y() - side // 2, side, side))
        chosen = bool(filled.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
        painter.setPen(filled.palette.color(role))
        self._paint_texts(painter, filled, rect.adjusted(side + MARGIN, 0, 0, 0), index.data(KEY_ROLE))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """High enough to be hit with a stylus."""
        hint = super().sizeHint(option, index)
        height = max(hint.height(), QFontMetrics(option.font).height() + 10)
        return QSize(hint.width() + KEY_WIDTH + MARGIN, height)

    def _paint_texts(
        self, painter: QPainter, filled: QStyleOptionViewItem, rect: QRect, key: str | None
    ) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        name = rect if key is None else rect.adjusted(0, 0, -KEY_WIDTH, 0)
        text = QFontMetrics(filled.font).elidedText(filled.text, Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(name, middle | Qt.AlignmentFlag.AlignLeft, text)
        if key:
            painter.drawText(rect, middle | Qt.AlignmentFlag.AlignRight, key)
