"""Brush: paint into the selected area of the class in hand, or begin a new one; Alt takes away.

With Shift a stroke always adds to what is selected and begins nothing new. Nothing is computed while the
brush moves but the stroke itself; the annotation is changed once, when the button is let go. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.brush_strokes import BrushStroke
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.canvas_layers.contrast_lines import paint_twice
from desktop_app.ui.tools.context import ToolContext
from desktop_app.ui.tools.drawn_area import DrawnArea, Way, finish_area, paintable, way_of
from desktop_app.ui.tools.sketch import device_ratio, paint_dashed, paint_rings
from desktop_app.ui.translation import tr

SIZE_KEYS = {Qt.Key.Key_BracketLeft: -1.0, Qt.Key.Key_BracketRight: 1.0}


class BrushTool:
    """Paints areas; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    """

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._stroke: BrushStroke | None = None
        self._way: Way = "new"
        self._mouse: Point | None = None
        context.options.pointer_left.connect(self._forget_mouse)

    @property
    def cursor(self) -> Cursor:
        """A small cross; the brush's circle is painted around it."""
        return Qt.CursorShape.CrossCursor

    def press(self, event: ToolEvent) -> bool:
        """Begin a stroke."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        self._mouse = event.position
        self._way = self._meant(event)
        radius = self._context.options.settings.brush_size / 2 * event.dpr * event.slide_px_per_view_px
        self._stroke = BrushStroke(event.position, radius, pixel=event.slide_px_per_view_px)
        return True

    def move(self, event: ToolEvent) -> bool:
        """Go on with the stroke, or show the brush's size."""
        self._mouse = event.position
        if self._stroke is not None:
            self._stroke.add(event.position)
        return True

    def release(self, event: ToolEvent) -> bool:
        """Change the annotation, as one step for each stroke."""
        if self._stroke is None or event.button != Qt.MouseButton.LeftButton:
            return False
        self._stroke.add(event.position)
        stroke, self._stroke = self._stroke, None
        area = DrawnArea("polygon", stroke.finished, tr("Paint"), way=self._way, crumb=stroke.crumb)
        finish_area(self._context, area)
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """Two quick dabs are two strokes."""
        return self.press(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Brackets change the size, Esc gives the stroke up."""
        if key == Qt.Key.Key_Escape and self._stroke is not None:
            self.cancel()
            return True
        step = SIZE_KEYS.get(Qt.Key(key))
        if step is not None:
            self._context.options.resize_brush(step)
        return step is not None

    def wheel(self, notches: float, modifiers: Qt.KeyboardModifier) -> bool:
        """With Alt the wheel changes the size; see :class:`desktop_app.ui.canvas.WheelTool`."""
        if modifiers != Qt.KeyboardModifier.AltModifier:
            return False
        self._context.options.resize_brush(notches)
        return True

    def cancel(self) -> None:
        """Give the stroke up."""
        self._stroke = None

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the stroke so far, and the brush around the mouse."""
        if self._stroke is not None:
            dashed = self._way == "subtract" or self._context.options.selecting
            rings = _rings(self._stroke.parts())
            paint = paint_dashed if dashed else paint_rings
            paint(painter, viewport, rings, self._context.color, closed=True)
        if self._mouse is not None:
            self._paint_brush(painter, viewport, self._mouse)

    def _paint_brush(self, painter: QPainter, viewport: Viewport, mouse: Point) -> None:
        dpr = device_ratio(painter)
        center = QPointF(*viewport.view_point(mouse))
        radius = self._context.options.settings.brush_size / 2 * dpr
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_twice(painter, dpr, lambda: painter.drawEllipse(center, radius, radius))

    def _meant(self, event: ToolEvent) -> Way:
        """Keys first; else the stroke joins the selected area of the class in hand, but never a ROI."""
        way, target = way_of(event.modifiers, shift_joins=True), paintable(self._context)
        if way != "new" or target is None or self._context.options.selecting:
            return way
        same = target.class_name == self._context.choice.name and target.roi is None
        return "join" if same else "new"

    def _forget_mouse(self) -> None:
        self._mouse = None


def _rings(parts: Sequence[Sequence[FloatArray]]) -> list[FloatArray]:
    return [ring for part in parts for ring in part]
