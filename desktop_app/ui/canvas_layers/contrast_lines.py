"""Thin lines that can be seen on tissue, on glass and in the dark alike: a dark line on a wider light one.

``painter`` is in device pixels everywhere. GUI thread, or the thread that paints a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.viewport import Viewport

DARK, LIGHT = QColor(10, 20, 40, 210), QColor(255, 255, 255, 150)
EDGE = 2.0
"""Logical pixels by which the light line is wider."""


def paint_twice(painter: QPainter, dpr: float, draw: Callable[[], object], *, width: float = 1.0) -> None:
    """Call ``draw`` with the light pen, then with the dark one; ``width`` in logical pixels."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, wide in ((LIGHT, width + EDGE), (DARK, width)):
        pen = QPen(color, wide * dpr)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        draw()


def paint_segments(painter: QPainter, segments: FloatArray, viewport: Viewport, dpr: float) -> None:
    """Paint straight lines.

    Parameters
    ----------
    painter : QPainter
        In device pixels.
    segments : FloatArray
        float64 ``(N, 2, 2)``: both ends of each, level-0 pixels.
    viewport : Viewport
        At right angles lines are put on whole device pixels, which keeps them crisp.
    dpr : float
        Device pixels per logical pixel.
    """
    placed = viewport.to_view(segments.reshape(-1, 2))
    turned = viewport.rotation_deg % 90 != 0
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, turned)
    if not turned:
        placed = np.floor(placed) + 0.5
    lines = [QLineF(*ends) for ends in placed.reshape(-1, 4).tolist()]
    paint_twice(painter, dpr, lambda: painter.drawLines(lines))


def polygon_in_view(viewport: Viewport, points: FloatArray) -> QPolygonF:
    """Level-0 positions, float64 ``(N, 2)``, as a polygon in device pixels."""
    return QPolygonF([QPointF(x, y) for x, y in viewport.to_view(points).tolist()])


def lines_between(points: Sequence[tuple[float, float]]) -> list[QLineF]:
    """The lines from each device pixel position to the next."""
    return [QLineF(QPointF(*start), QPointF(*end)) for start, end in pairwise(points)]
