"""Polygon: a click is a vertex, a drag is drawn freely, and both may be mixed in one outline.

A free drag from nothing is a whole outline and is finished when the button is let go; a free drag within a
clicked outline is a stretch of it. Enter, a double click or a click on the first vertex finishes. The slide
can be panned meanwhile, since every vertex is kept in slide coordinates. GUI thread.
"""

from __future__ import annotations

import math
from itertools import groupby

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.shapes import polygon_parts
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.tools.context import REACH, ToolContext, has_moved, slide_length
from desktop_app.ui.tools.sketch import paint_rings, paint_vertex
from desktop_app.ui.translation import tr

SIMPLIFIED = 0.5
"""Device pixels that the finished outline may be from the drawn one."""


class PolygonTool:
    """Draws polygons; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    """

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._vertices: list[Point] = []
        self._stretches: list[int] = []
        self._pressed: ToolEvent | None = None
        self._free = False
        self._mouse: Point | None = None
        self._scale = 1.0

    @property
    def cursor(self) -> Cursor:
        """A cross."""
        return Qt.CursorShape.CrossCursor

    @property
    def vertices(self) -> tuple[Point, ...]:
        """What has been drawn of the outline, level-0 pixels."""
        return tuple(self._vertices)

    def press(self, event: ToolEvent) -> bool:
        """Set a vertex, or close the outline on its first one."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        self._scale = event.slide_px_per_view_px
        if self._closes(event):
            self._finish()
            return True
        self._pressed, self._free = event, False
        self._stretches.append(len(self._vertices))
        self._vertices.append(event.position)
        return True

    def move(self, event: ToolEvent) -> bool:
        """Draw freely with the button held; else lead the open end to the mouse."""
        self._mouse = event.position
        if self._pressed is None:
            return bool(self._vertices)
        if self._free or has_moved(event, self._pressed.view_position):
            self._free = True
            if math.dist(event.position, self._vertices[-1]) >= event.slide_px_per_view_px:
                self._vertices.append(event.position)
        return True

    def release(self, event: ToolEvent) -> bool:
        """End a free stretch; an outline that is one free stretch is finished by it."""
        if self._pressed is None or event.button != Qt.MouseButton.LeftButton:
            return False
        drawn_freely = self._free and self._stretches == [0]
        self._pressed, self._free = None, False
        if drawn_freely:
            self._finish()
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """Finish; the first press of the double click has set the last vertex."""
        if event.button != Qt.MouseButton.LeftButton or not self._vertices:
            return self.press(event)
        self._finish()
        return True

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Enter finishes, Backspace takes the last vertex or stretch back, Esc gives the outline up."""
        if not self._vertices:
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish()
        elif key == Qt.Key.Key_Backspace:
            self._take_back()
        elif key == Qt.Key.Key_Escape:
            self.cancel()
        else:
            return False
        return True

    def cancel(self) -> None:
        """Give the outline up."""
        self._vertices, self._stretches = [], []
        self._pressed, self._free = None, False

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the outline so far, with its open end at the mouse."""
        if not self._vertices:
            return
        open_end = [] if self._mouse is None or self._free else [self._mouse]
        ring = np.array([*self._vertices, *open_end])
        paint_rings(painter, viewport, [ring], self._context.color, closed=False)
        paint_vertex(painter, viewport, self._vertices[0], self._context.color)

    def _closes(self, event: ToolEvent) -> bool:
        if len(self._vertices) < 3:
            return False
        return math.dist(event.position, self._vertices[0]) <= slide_length(event, REACH)

    def _take_back(self) -> None:
        del self._vertices[self._stretches.pop() :]
        if not self._vertices:
            self.cancel()

    def _finish(self) -> None:
        """Add the polygon; an outline of fewer than three vertices goes on being drawn."""
        points = np.array([point for point, _ in groupby(self._vertices)])
        self._pressed, self._free = None, False
        if len(set(self._vertices)) < 3:
            return
        self.cancel()
        tolerance = SIMPLIFIED * self._scale
        self._context.attempt(lambda: self._add(points, tolerance))

    def _add(self, points: np.ndarray, tolerance: float) -> None:
        self._context.add("polygon", polygon_parts(points, tolerance), tr("Draw polygon"))
