"""Signs that are painted rather than loaded: an eye, open or struck through, and a lock.

They follow the text color of whatever they stand in, in any theme and at any scale. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

LINE = 0.09
"""Width of a line as a share of the sign's side."""


def paint_eye(painter: QPainter, rect: QRectF, color: QColor, *, is_open: bool) -> None:
    """Paint an eye into a square; struck through where it is not open."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _use_pen(painter, rect, color)
    left, right = QPointF(rect.left(), rect.center().y()), QPointF(rect.right(), rect.center().y())
    outline = QPainterPath(left)
    outline.quadTo(QPointF(rect.center().x(), rect.top() - 0.05 * rect.height()), right)
    outline.quadTo(QPointF(rect.center().x(), rect.bottom() + 0.05 * rect.height()), left)
    painter.drawPath(outline)
    if is_open:
        painter.setBrush(color)
        painter.drawEllipse(rect.center(), 0.15 * rect.width(), 0.15 * rect.height())
    else:
        inner = rect.adjusted(0.12 * rect.width(), 0.06 * rect.height(), -0.12 * rect.width(), 0)
        painter.drawLine(inner.bottomLeft(), inner.topRight())
    painter.restore()


def paint_lock(painter: QPainter, rect: QRectF, color: QColor) -> None:
    """Paint a closed lock into a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _use_pen(painter, rect, color)
    side = rect.width()
    body = QRectF(rect.left() + 0.16 * side, rect.top() + 0.46 * side, 0.68 * side, 0.46 * side)
    painter.drawArc(
        QRectF(rect.left() + 0.3 * side, rect.top() + 0.08 * side, 0.4 * side, 0.7 * side), 0, 180 * 16
    )
    painter.setBrush(color)
    painter.drawRect(body)
    painter.restore()


def _use_pen(painter: QPainter, rect: QRectF, color: QColor) -> None:
    pen = QPen(color, max(1.0, LINE * rect.width()))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
