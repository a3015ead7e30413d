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
from desktop_app.ui.canvas import ToolEvent
from desktop_app.ui.tools.drag_tool import ShapeDragTool
from desktop_app.ui.tools.sketch import paint_line
from desktop_app.ui.translation import tr

OTHER: dict[ShapeKind, ShapeKind] = {"line": "arrow", "arrow": "line"}


class LineTool(ShapeDragTool):
    """Draws straight lines."""

    def dragged(self, start: ToolEvent, end: ToolEvent) -> None:
        """Finish the line, unless it is a point."""
        first, last = start.position, _last(start, end)
        if first == last:
            return
        kind = self._kind(start)
        label = tr("Draw arrow") if kind == "arrow" else tr("Draw line")
        if self._context.add(kind, ((np.array([first, last]),),), label):
            self._context.options.shape_finished.emit()

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the line as it would be now."""
        if self._start is not None and self._end is not None:
            line = np.array([self._start.position, _last(self._start, self._end)])
            arrow = self._kind(self._start) == "arrow"
            paint_line(painter, viewport, line, self._context.color, arrow=arrow)
        super().paint(painter, viewport)

    def _kind(self, start: ToolEvent) -> ShapeKind:
        kind = self._context.line_kind
        return OTHER[kind] if start.modifiers & Qt.KeyboardModifier.AltModifier else kind


def _last(start: ToolEvent, end: ToolEvent) -> Point:
    straight = end.modifiers & Qt.KeyboardModifier.ShiftModifier
    return in_round_direction(start.position, end.position) if straight else end.position
