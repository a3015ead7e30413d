"""The heads of arrows, as large on the screen at every zoom.

``painter`` is in device pixels everywhere. GUI thread, or the thread that paints a picture.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from desktop_app.domain.arrays import FloatArray

LENGTH, HALF_WIDTH = 14.0, 5.5
"""Logical pixels."""


def arrow_head(line: FloatArray, dpr: float) -> QPolygonF:
    """The triangle at the last place of a line, in the frame of the line: device pixels, ``(M, 2)``.

    A line shorter than a head gets a head of half its length. Empty where the line has no direction.
    """
    tip = line[-1]
    away = np.hypot(*(line - tip).T)
    behind = np.flatnonzero(away > 0)
    if not len(behind):
        return QPolygonF()
    # Vertices nearer than the head say nothing of where the line comes from.
    far = np.flatnonzero(away >= LENGTH * dpr)
    start = line[far[-1] if len(far) else behind[int(away[behind].argmax())]]
    span = float(np.hypot(*(tip - start)))
    along = (tip - start) / span
    length = min(LENGTH * dpr, span / 2 if span < LENGTH * dpr else span)
    half = HALF_WIDTH * dpr * length / (LENGTH * dpr)
    across = np.array([-along[1], along[0]])
    base = tip - along * length
    corners = (tip, base + across * half, base - across * half)
    return QPolygonF([QPointF(float(x), float(y)) for x, y in corners])


def paint_arrow_head(painter: QPainter, line: FloatArray, color: QColor, dpr: float) -> None:
    """Paint the head of a line, given in device pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(color, dpr)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.setBrush(color)
    painter.drawPolygon(arrow_head(line, dpr))
