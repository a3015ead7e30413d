"""Turning the slide by the mouse, like a sheet of paper about the middle of the view.

Near a right angle it locks in, where the picture is exact to the byte; with Shift it goes by steps. GUI
thread.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas.layers import Cursor, ToolEvent
from desktop_app.ui.canvas.readout_text import angle_text
from desktop_app.ui.canvas.scale_bar import PLATE_TEXT, paint_plate

if TYPE_CHECKING:
    from desktop_app.ui.canvas.slide_canvas import SlideCanvas

LOCK, STEP = 1.5, 15.0
"""Degrees: how near a right angle locks in, and the steps with Shift."""

NEAR_MIDDLE = 16.0
"""Logical pixels; closer to the middle a hand has no angle."""

LINE, HALO = QColor(200, 0, 30), QColor(255, 255, 255, 220)


class TurnDrag:
    """A tool for one turn; see :class:`desktop_app.ui.canvas.layers.CanvasTool`.

    Parameters
    ----------
    canvas : SlideCanvas
        Whose view is turned, and to whom the tool goes back.
    """

    def __init__(self, canvas: SlideCanvas) -> None:
        self._canvas = canvas
        self._before: Viewport | None = None
        self._from: float | None = None
        self._hand: Point = (0.0, 0.0)

    @property
    def cursor(self) -> Cursor:
        """A closed hand."""
        return Qt.CursorShape.ClosedHandCursor

    def press(self, event: ToolEvent) -> bool:
        """Take hold of the slide."""
        if event.button == Qt.MouseButton.LeftButton:
            self._before, self._from = self._canvas.viewport, self._angle(event)
            self._hand = event.view_position
        return True

    def move(self, event: ToolEvent) -> bool:
        """Turn it with the hand."""
        if self._before is None:
            return False
        self._hand = event.view_position
        angle = self._angle(event)
        if angle is not None and self._from is None:
            self._from = angle
        elif angle is not None and self._from is not None:
            turned = self._before.rotation_deg + angle - self._from
            by_steps = bool(event.modifiers & Qt.KeyboardModifier.ShiftModifier)
            self._canvas.set_viewport(self._canvas.viewport.turned_to(locked(turned, by_steps=by_steps)))
        return True

    def release(self, event: ToolEvent) -> bool:
        """Let go."""
        if event.button == Qt.MouseButton.LeftButton:
            self._canvas.take_back_tool()
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """A press like any other."""
        return self.press(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc turns it back."""
        if key != Qt.Key.Key_Escape or self._before is None:
            return False
        self._canvas.set_viewport(self._canvas.viewport.turned_to(self._before.rotation_deg))
        self._canvas.take_back_tool()
        return True

    def cancel(self) -> None:
        """Let go where it is."""
        self._before = None

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the middle it turns about, a line to the hand, and the angle."""
        if self._before is None:
            return
        dpr = self._canvas.dpr
        middle = QPointF(viewport.size[0] / 2, viewport.size[1] / 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for color, width in ((HALO, 3.5), (LINE, 1.5)):
            painter.setPen(QPen(color, width * dpr))
            painter.drawLine(middle, QPointF(*self._hand))
            painter.drawEllipse(middle, 5 * dpr, 5 * dpr)
        font = QFont(painter.font())
        font.setPixelSize(round(13 * dpr))
        size = QFontMetricsF(font).size(Qt.TextFlag.TextSingleLine, angle_text(viewport))
        plate = QRectF(0, 0, size.width() + 16 * dpr, size.height() + 8 * dpr)
        plate.moveCenter(middle + QPointF(0, 26 * dpr))
        paint_plate(painter, plate, dpr)
        painter.setFont(font)
        painter.setPen(PLATE_TEXT)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, angle_text(viewport))

    def _angle(self, event: ToolEvent) -> float | None:
        """Degrees, clockwise on the screen; None too near to the middle."""
        width, height = self._canvas.viewport.size
        across, down = event.view_position[0] - width / 2, event.view_position[1] - height / 2
        if math.hypot(across, down) < NEAR_MIDDLE * event.dpr:
            return None
        return math.degrees(math.atan2(down, across))


def locked(degrees: float, *, by_steps: bool = False) -> float:
    """The angle meant by a hand that turned so far: 0 to below 360."""
    if by_steps:
        return round(degrees / STEP) * STEP % 360
    right = round(degrees / 90) * 90.0
    return (right if abs(degrees - right) <= LOCK else degrees) % 360
