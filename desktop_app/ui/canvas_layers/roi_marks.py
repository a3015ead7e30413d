"""What tells ROIs apart from other outlines, and the two kinds of them from each other, without color.

A ROI is dashed: in long dashes while it is open, in short ones and with a ticked badge at its topmost vertex
once it counts as annotated in full. ``painter`` is in device pixels. GUI thread, or the thread that paints a
picture.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from desktop_app.domain.annotation import RoiStatus
from desktop_app.domain.arrays import FloatArray

ROI_DASHES: Mapping[RoiStatus, tuple[float, float]] = {"open": (6.0, 4.0), "exhaustive": (2.0, 2.0)}
"""A dash and a gap, in line widths."""

BADGE = 7.0
"""Logical pixels from the badge's middle to its side."""

LIGHT = QColor(255, 255, 255, 235)


def paint_roi_badge(painter: QPainter, ring: FloatArray, color: QColor, dpr: float) -> None:
    """Paint the badge of a ROI that is annotated in full; ``ring`` in device pixels, ``(M, 2)``."""
    top = ring[ring[:, 1].argmin()]
    x, y, half = float(top[0]), float(top[1]), BADGE * dpr
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.5 * dpr))
    painter.setBrush(LIGHT)
    painter.drawRoundedRect(QRectF(x - half, y - half, 2 * half, 2 * half), 2 * dpr, 2 * dpr)
    painter.setPen(QPen(QColor(20, 20, 20), 2 * dpr))
    corners = ((-0.5, 0.05), (-0.12, 0.42), (0.5, -0.4))
    painter.drawPolyline([QPointF(x + across * half, y + down * half) for across, down in corners])
