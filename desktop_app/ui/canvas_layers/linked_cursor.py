"""Where the mouse would be in the other views while views move together.

Pointing at a gland on one section marks the same place on its neighbors. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from desktop_app.domain.viewport import Point, Viewport

INNER, OUTER = 4.0, 11.0
"""Logical pixels from the place to where the cross begins and ends: the place itself stays free."""

CORE, HALO = QColor(255, 214, 0), QColor(20, 20, 20)


class LinkedCursorLayer:
    """A small open cross; see :class:`desktop_app.ui.canvas.CanvasLayer`."""

    def __init__(self) -> None:
        self.visible = True
        self.opacity = 1.0
        self._point: Point | None = None

    def show_point(self, point: Point | None) -> bool:
        """Mark this level-0 position, or none; whether anything changed."""
        changed, self._point = point != self._point, point
        return changed

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint nothing below the legends."""

    def paint_legend(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint the cross above everything else."""
        if self._point is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(*viewport.view_point(self._point))
        for color, width in ((HALO, 4.0), (CORE, 2.0)):
            painter.setPen(QPen(color, width * dpr))
            for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                arm = QPointF(x, y) * dpr
                painter.drawLine(middle + arm * INNER, middle + arm * OUTER)
