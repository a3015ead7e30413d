"""A box drawn with the mouse that fills the view when it is let go.

The box is upright on the screen however the slide is turned. GUI thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas.layers import Cursor, ToolEvent
from desktop_app.ui.canvas.readout_text import scale_text
from desktop_app.ui.canvas.scale_bar import PLATE_TEXT, paint_plate

if TYPE_CHECKING:
    from desktop_app.ui.canvas.slide_canvas import SlideCanvas

LEAST = 8.0
"""Logical pixels; a smaller box was a click."""

LINE, HALO, SHADE = QColor(20, 20, 20), QColor(255, 255, 255, 220), QColor(0, 0, 0, 70)


class ZoomBox:
    """A tool for one box; see :class:`desktop_app.ui.canvas.layers.CanvasTool`.

    Parameters
    ----------
    canvas : SlideCanvas
        Whose view is moved, and to whom the tool goes back.
    """

    def __init__(self, canvas: SlideCanvas) -> None:
        self._canvas = canvas
        self._from: Point | None = None
        self._to: Point = (0.0, 0.0)

    @property
    def cursor(self) -> Cursor:
        """A cross."""
        return Qt.CursorShape.CrossCursor

    def press(self, event: ToolEvent) -> bool:
        """The first corner."""
        if event.button == Qt.MouseButton.LeftButton:
            self._from = self._to = event.view_position
        return True

    def move(self, event: ToolEvent) -> bool:
        """The other corner."""
        self._to = event.view_position
        return self._from is not None

    def release(self, event: ToolEvent) -> bool:
        """Zoom to the box, unless it was a click."""
        if event.button != Qt.MouseButton.LeftButton or self._from is None:
            return True
        self._to = event.view_position
        box = self._box()
        self._canvas.take_back_tool()
        if min(box.width(), box.height()) >= LEAST * event.dpr:
            self._canvas.jump_to(self._target(self._canvas.viewport, box))
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """A press like any other."""
        return self.press(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc gives it up."""
        if key != Qt.Key.Key_Escape:
            return False
        self._canvas.take_back_tool()
        return True

    def cancel(self) -> None:
        """Forget the box."""
        self._from = None

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the box, what is left out darker, and the magnification it leads to."""
        box = self._box()
        if self._from is None or box.isEmpty():
            return
        dpr = self._canvas.dpr
        whole = QRectF(0, 0, *viewport.size)
        for part in (
            QRectF(whole.left(), whole.top(), whole.width(), box.top()),
            QRectF(whole.left(), box.bottom(), whole.width(), whole.bottom() - box.bottom()),
            QRectF(whole.left(), box.top(), box.left(), box.height()),
            QRectF(box.right(), box.top(), whole.right() - box.right(), box.height()),
        ):
            painter.fillRect(part, SHADE)
        for color, width, style in (
            (HALO, 3.0, Qt.PenStyle.SolidLine),
            (LINE, 1.5, Qt.PenStyle.DashLine),
        ):
            painter.setPen(QPen(color, width * dpr, style))
            painter.drawRect(box)
        self._paint_scale(painter, viewport, box)

    def _paint_scale(self, painter: QPainter, viewport: Viewport, box: QRectF) -> None:
        info, dpr = self._canvas.slide_info, self._canvas.dpr
        if info is None:
            return
        text = scale_text(self._canvas.on_slide(self._target(viewport, box)), info)
        font = QFont(painter.font())
        font.setPixelSize(round(12 * dpr))
        metrics = QFontMetricsF(font)
        size = metrics.size(Qt.TextFlag.TextSingleLine, text)
        plate = QRectF(box.left(), box.top() - size.height() - 10 * dpr, size.width() + 12 * dpr, 0)
        plate.setHeight(size.height() + 4 * dpr)
        if plate.top() < 0:
            plate.moveTop(box.top() + 6 * dpr)
            plate.moveLeft(box.left() + 6 * dpr)
        paint_plate(painter, plate, dpr)
        painter.setFont(font)
        painter.setPen(PLATE_TEXT)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    def _box(self) -> QRectF:
        (x0, y0), (x1, y1) = self._from or self._to, self._to
        width, height = self._canvas.viewport.size
        box = QRectF(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
        return box.intersected(QRectF(0, 0, width, height))

    def _target(self, viewport: Viewport, box: QRectF) -> Viewport:
        return viewport.enlarging((box.x(), box.y(), box.width(), box.height()))
