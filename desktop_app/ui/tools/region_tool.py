"""Drawing the region of a picture: a rectangle of the screen, however the slide is turned. GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from desktop_app.domain.viewport import Point, Rect, Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.canvas_layers.contrast_lines import paint_twice
from desktop_app.ui.tools.context import has_moved
from desktop_app.ui.tools.sketch import device_ratio

SHADE = QColor(0, 0, 0, 70)
"""Over everything that will not be in the picture."""


class RegionTool:
    """Asks for a rectangle; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    chosen : Callable[[Rect], None]
        Given the rectangle in device pixels of the view.
    put_away : Callable[[], None]
        Called by Esc.
    """

    def __init__(self, chosen: Callable[[Rect], None], put_away: Callable[[], None]) -> None:
        self._chosen = chosen
        self._put_away = put_away
        self._start: ToolEvent | None = None
        self._end: Point | None = None

    @property
    def cursor(self) -> Cursor:
        """A cross."""
        return Qt.CursorShape.CrossCursor

    def press(self, event: ToolEvent) -> bool:
        """Begin at a corner."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        self._start, self._end = event, None
        return True

    def move(self, event: ToolEvent) -> bool:
        """Stretch to the opposite corner."""
        if self._start is None:
            return False
        if self._end is not None or has_moved(event, self._start.view_position):
            self._end = event.view_position
        return True

    def release(self, event: ToolEvent) -> bool:
        """Take the rectangle; a click without a drag is none."""
        if self._start is None or event.button != Qt.MouseButton.LeftButton:
            return False
        self.move(event)
        rect = self._rect()
        self.cancel()
        if rect is not None and min(rect[2:]) >= 1:
            self._chosen(rect)
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """The second click begins a rectangle like any press."""
        return self.press(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc gives the rectangle up, else puts the tool away."""
        if key != Qt.Key.Key_Escape:
            return False
        if self._start is None:
            self._put_away()
        self.cancel()
        return True

    def cancel(self) -> None:
        """Give the rectangle up."""
        self._start = self._end = None

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the rectangle, and shade what is outside."""
        rect = self._rect()
        if rect is None:
            return
        outside = QPainterPath()
        outside.addRect(QRectF(0, 0, *viewport.size))
        outside.addRect(QRectF(*rect))
        painter.fillPath(outside, SHADE)
        paint_twice(painter, device_ratio(painter), lambda: painter.drawRect(QRectF(*rect)))

    def _rect(self) -> Rect | None:
        if self._start is None or self._end is None:
            return None
        (x0, y0), (x1, y1) = self._start.view_position, self._end
        return min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)
