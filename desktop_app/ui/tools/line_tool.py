"""Line and arrow: drag from one end to the other.

Shift keeps the line to the slide's sides and diagonals, Alt takes the other kind for once. GUI thread.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.annotation import ShapeKind
from desktop_app.domain.drawn_lines import in_round_direction
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.tools.context import ToolContext, has_moved
from desktop_app.ui.tools.sketch import paint_line
from desktop_app.ui.translation import tr

OTHER: dict[ShapeKind, ShapeKind] = {"line": "arrow", "arrow": "line"}


class LineTool:
    """Draws straight lines; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    """

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._start: ToolEvent | None = None
        self._end: Point | None = None
        self._kind: ShapeKind = "line"

    @property
    def cursor(self) -> Cursor:
        """A cross."""
        return Qt.CursorShape.CrossCursor

    def press(self, event: ToolEvent) -> bool:
        """Begin at one end."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        kind = self._context.line_kind
        self._kind = OTHER[kind] if event.modifiers & Qt.KeyboardModifier.AltModifier else kind
        self._start, self._end = event, None
        return True

    def move(self, event: ToolEvent) -> bool:
        """Stretch to the other end."""
        if self._start is None:
            return False
        if self._end is not None or has_moved(event, self._start.view_position):
            straight = event.modifiers & Qt.KeyboardModifier.ShiftModifier
            here, start = event.position, self._start.position
            self._end = in_round_direction(start, here) if straight else here
        return True

    def release(self, event: ToolEvent) -> bool:
        """Finish the line; without a drag it was a click, which selects nothing."""
        if self._start is None or event.button != Qt.MouseButton.LeftButton:
            return False
        self.move(event)
        start, end = self._start.position, self._end
        self.cancel()
        if end is None:
            self._context.selection.clear()
        elif end != start:
            self._finish(start, end)
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """The second click of a double click begins a line like any press."""
        return self.press(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc gives the line up."""
        if key != Qt.Key.Key_Escape or self._start is None:
            return False
        self.cancel()
        return True

    def cancel(self) -> None:
        """Give the line up."""
        self._start = self._end = None

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the line as it would be now."""
        if self._start is not None and self._end is not None:
            line = np.array([self._start.position, self._end])
            paint_line(painter, viewport, line, self._context.color, arrow=self._kind == "arrow")

    def _finish(self, start: Point, end: Point) -> None:
        label = tr("Draw arrow") if self._kind == "arrow" else tr("Draw line")
        if self._context.add(self._kind, ((np.array([start, end]),),), label):
            self._context.options.shape_finished.emit()
