"""Drawing the region of a picture: a rectangle of the screen, however the slide is turned. GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from desktop_app.domain.viewport import Rect, Viewport
from desktop_app.ui.canvas import ToolEvent
from desktop_app.ui.canvas_layers.contrast_lines import paint_twice
from desktop_app.ui.tools.drag_tool import DragTool
from desktop_app.ui.tools.sketch import device_ratio

SHADE = QColor(0, 0, 0, 70)
"""Over everything that will not be in the picture."""


class RegionTool(DragTool):
    """Asks for a rectangle.

    Parameters
    ----------
    chosen : Callable[[Rect], None]
        Given the rectangle in device pixels of the view.
    put_away : Callable[[], None]
        Called by Esc.
    """

    def __init__(self, chosen: Callable[[Rect], None], put_away: Callable[[], None]) -> None:
        super().__init__()
        self._chosen = chosen
        self._put_away = put_away

    def dragged(self, start: ToolEvent, end: ToolEvent) -> None:
        """Take the rectangle, unless it is empty."""
        rect = _rect(start, end)
        if min(rect[2:]) >= 1:
            self._chosen(rect)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc gives the rectangle up, else puts the tool away."""
        given_up = super().key_press(key, modifiers)
        if not given_up and key == Qt.Key.Key_Escape:
            self._put_away()
        return key == Qt.Key.Key_Escape

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the rectangle, and shade what is outside."""
        if self._start is None or self._end is None:
            return
        rect = QRectF(*_rect(self._start, self._end))
        outside = QPainterPath()
        outside.addRect(QRectF(0, 0, *viewport.size))
        outside.addRect(rect)
        painter.fillPath(outside, SHADE)
        paint_twice(painter, device_ratio(painter), lambda: painter.drawRect(rect))


def _rect(start: ToolEvent, end: ToolEvent) -> Rect:
    (x0, y0), (x1, y1) = start.view_position, end.view_position
    return min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)
