"""Ruler and angle: places clicked one after another, or the first two drawn in one drag.

They work in View mode too, since nothing of the document is changed. Ends that stand can be dragged. GUI
thread.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.drawn_lines import in_round_direction
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.canvas_layers.measurement_layer import MeasurementLayer
from desktop_app.ui.models.measurements import POINTS_OF, MeasureKind, Measurement, Measurements
from desktop_app.ui.tools.context import REACH, has_moved, slide_length
from desktop_app.ui.tools.sketch import device_ratio


class MeasureTool:
    """Measures; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    kind : MeasureKind
        What it measures.
    measurements : Measurements
        Gets what is finished.
    layer : MeasurementLayer
        Paints them.
    put_away : Callable[[], None]
        Called by Esc when nothing is left to clear.
    """

    def __init__(
        self,
        kind: MeasureKind,
        measurements: Measurements,
        *,
        layer: MeasurementLayer,
        put_away: Callable[[], None],
    ) -> None:
        self._kind = kind
        self._measurements = measurements
        self._layer = layer
        self._put_away = put_away
        self._points: tuple[Point, ...] = ()
        self._hover: Point | None = None
        self._pressed: ToolEvent | None = None
        self._held: tuple[int, int] | None = None
        self._over_end = False

    @property
    def cursor(self) -> Cursor:
        """A cross; a hand over an end that can be dragged."""
        if self._held is not None:
            return Qt.CursorShape.ClosedHandCursor
        return Qt.CursorShape.OpenHandCursor if self._over_end else Qt.CursorShape.CrossCursor

    def press(self, event: ToolEvent) -> bool:
        """Begin, go on, or take hold of an end."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        self._pressed = event
        if not self._points:
            self._held = self._measurements.end_at(event.position, slide_length(event, REACH))
            if self._held is None:
                self._points = (event.position,)
        self._hover = self._place(event)
        return True

    def move(self, event: ToolEvent) -> bool:
        """Follow the mouse."""
        if self._held is not None:
            self._drag_end(event)
            return True
        if not self._points:
            reach = slide_length(event, REACH)
            self._over_end = self._measurements.end_at(event.position, reach) is not None
            return False
        self._hover = self._place(event)
        return True

    def release(self, event: ToolEvent) -> bool:
        """Set the next place: after a drag, or where a click was."""
        if self._pressed is None or event.button != Qt.MouseButton.LeftButton:
            return False
        pressed, self._pressed = self._pressed, None
        if self._held is not None:
            self._held = None
            return True
        first = len(self._points) == 1 and self._points[0] == pressed.position
        if not first or has_moved(event, pressed.view_position):
            self._set_next(self._place(event))
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """The second click of a double click is a click."""
        return self.press(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc gives up what is unfinished, else clears the last, else puts the tool away; Del clears all."""
        if key == Qt.Key.Key_Delete and not modifiers:
            self.cancel()
            self._measurements.clear()
            return True
        if key != Qt.Key.Key_Escape:
            return False
        if self._points:
            self.cancel()
        elif len(self._measurements):
            self._measurements.remove_last()
        else:
            self._put_away()
        return True

    def cancel(self) -> None:
        """Give up what is unfinished; what stands stays."""
        self._points = ()
        self._hover = self._pressed = self._held = None
        self._over_end = False

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint what is being measured, with its value so far."""
        if self._points and self._hover is not None:
            unfinished = Measurement(self._kind, (*self._points, self._hover))
            self._layer.paint_one(painter, unfinished, viewport, device_ratio(painter))

    def _set_next(self, point: Point) -> None:
        if point == self._points[-1]:
            return
        self._points = (*self._points, point)
        if len(self._points) == POINTS_OF[self._kind]:
            finished = Measurement(self._kind, self._points)
            self.cancel()
            self._measurements.add(finished)

    def _drag_end(self, event: ToolEvent) -> None:
        if self._held is not None:
            index, number = self._held
            moved = self._measurements.items[index].with_point(number, event.position)
            self._measurements.replace(index, moved)

    def _place(self, event: ToolEvent) -> Point:
        """Where the mouse is; with Shift in a round direction from the place before."""
        if not self._points or not event.modifiers & Qt.KeyboardModifier.ShiftModifier:
            return event.position
        return in_round_direction(self._points[-1], event.position)
