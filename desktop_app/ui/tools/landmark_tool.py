"""Landmarks for aligning two slides: a click sets one, a drag pans, and the marks stand until it is over.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas import ToolEvent
from desktop_app.ui.tools.click_tool import ClickTool
from desktop_app.ui.tools.context import PannedCanvas

RADIUS, GAP = 11.0, 3.5
"""Logical pixels of a mark, and of the hole in its middle, through which the landmark is seen."""

MARK, HALO = QColor(255, 214, 0), QColor(20, 20, 20)


class LandmarkTool(ClickTool):
    """Gives a place to whoever asked for it.

    Parameters
    ----------
    canvas : PannedCanvas
        Is panned by drags.
    set_point : Callable[[Point], None]
        Gets the level-0 position of a click.
    put_away : Callable[[], None]
        Called by Esc, and when another tool is taken.
    """

    def __init__(
        self, canvas: PannedCanvas, set_point: Callable[[Point], None], put_away: Callable[[], None]
    ) -> None:
        super().__init__(canvas)
        self._set_point = set_point
        self._put_away = put_away

    def clicked(self, position: Point) -> None:
        """Set the landmark, level-0 pixels."""
        self._set_point(position)

    def double_click(self, event: ToolEvent) -> bool:
        """The second click of two quick ones sets nothing: it is meant for the same place."""
        return event.button == Qt.MouseButton.LeftButton

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc gives it up."""
        if key == Qt.Key.Key_Escape:
            self._put_away()
        return bool(key == Qt.Key.Key_Escape)

    def cancel(self) -> None:
        """Another tool was taken."""
        super().cancel()
        self._put_away()


class LandmarkLayer:
    """Numbered marks; see :class:`desktop_app.ui.canvas.CanvasLayer`."""

    def __init__(self) -> None:
        self.visible = True
        self.opacity = 1.0
        self._points: tuple[Point, ...] = ()

    def show_points(self, points: Sequence[Point]) -> None:
        """Mark these level-0 positions, numbered from 1."""
        self._points = tuple(points)

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint nothing below the legends."""

    def paint_legend(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint the marks above everything else."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(round(13 * dpr))
        font.setBold(True)
        painter.setFont(font)
        for number, point in enumerate(self._points, start=1):
            _paint_mark(painter, viewport.view_point(point), str(number), dpr)


def _paint_mark(painter: QPainter, center: Point, text: str, dpr: float) -> None:
    middle, radius, gap = QPointF(*center), RADIUS * dpr, GAP * dpr
    for color, width in ((HALO, 4.0), (MARK, 2.0)):
        painter.setPen(QPen(color, width * dpr))
        painter.drawEllipse(middle, radius, radius)
        for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(middle + QPointF(x, y) * gap, middle + QPointF(x, y) * radius)
    box = QRectF(middle.x() + radius, middle.y() - 2 * radius, 1.6 * radius, 1.6 * radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(HALO)
    painter.drawRoundedRect(box, 3 * dpr, 3 * dpr)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(MARK)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
