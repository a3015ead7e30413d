"""Tools that draw vertex by vertex: a click is a vertex, a drag is drawn freely, and both may be mixed.

A free drag from nothing is a whole shape and is finished when the button is let go; a free drag within a
clicked one is a stretch of it. Enter or a double click finishes. The slide can be panned meanwhile, since
every vertex is kept in slide coordinates. Vertices snap to the borders of neighbors. GUI thread.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from itertools import groupby

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.annotation import Color
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.tools.context import ToolContext, has_moved
from desktop_app.ui.tools.drawn_area import Way, way_of
from desktop_app.ui.tools.sketch import paint_dashed, paint_rings, paint_vertex
from desktop_app.ui.tools.snapping import Snapper

DOUBLE_CLICK = 12.0
"""Logical pixels within which two presses are one double click."""

SIMPLIFIED = 0.5
"""Device pixels that the finished shape may be from the drawn one."""


class VertexTool(ABC):
    """The part that such tools share; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    """

    least = 2
    """Vertices without which there is no such shape."""

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._snapper = Snapper(context)
        self._vertices: list[Point] = []
        self._stretches: list[int] = []
        self._pressed: ToolEvent | None = None
        self._presses: list[Point] = []
        self._held = False
        self._free = False
        self._mouse: Point | None = None
        self._scale = 1.0
        self._way: Way = "new"
        context.options.pointer_left.connect(self._forget_mouse)

    @abstractmethod
    def finished(self, points: FloatArray, tolerance: float) -> bool:
        """Make something of the vertices, float64 ``(M, 2)`` in level-0 pixels; whether that could be done.

        ``tolerance`` says how far the simplified shape may be from them, level-0 pixels.
        """

    @property
    def cursor(self) -> Cursor:
        """A cross."""
        return Qt.CursorShape.CrossCursor

    @property
    def color(self) -> Color:
        """What the shape will look like."""
        return self._context.color

    def closes(self, event: ToolEvent, place: Point) -> bool:
        """Whether a press here, which is meant for ``place`` (level-0 pixels), finishes the shape."""
        return False

    @property
    def vertices(self) -> tuple[Point, ...]:
        """What has been drawn, level-0 pixels."""
        return tuple(self._vertices)

    @property
    def unfinished(self) -> bool:
        """Whether a shape has been begun."""
        return bool(self._vertices)

    def press(self, event: ToolEvent) -> bool:
        """Set a vertex, or finish on a place that does so."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        self._scale = event.slide_px_per_view_px
        place = self._snapper.place(event)
        if self.closes(event, place):
            self._finish()
            return True
        if not self._vertices:
            self._way = way_of(event.modifiers, shift_joins=True)
        self._pressed, self._free, self._held = event, False, True
        self._presses = [*self._presses[-1:], event.view_position]
        self._stretches.append(len(self._vertices))
        self._vertices.append(place)
        return True

    def move(self, event: ToolEvent) -> bool:
        """Draw freely with the button held; else lead the open end to the mouse."""
        self._mouse = self._snapper.place(event)
        if self._pressed is None:
            return bool(self._vertices) or self._snapper.on
        if self._free or has_moved(event, self._pressed.view_position):
            self._free = True
            if math.dist(self._mouse, self._vertices[-1]) >= event.slide_px_per_view_px:
                self._vertices.append(self._mouse)
        return True

    def release(self, event: ToolEvent) -> bool:
        """End a free stretch; a shape that is one free stretch is finished by it."""
        self._held = False
        if self._pressed is None or event.button != Qt.MouseButton.LeftButton:
            return False
        drawn_freely = self._free and self._stretches == [0]
        self._pressed, self._free = None, False
        if drawn_freely:
            self._finish()
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """Finish; the first press of the double click has set the last vertex.

        Fingers that tap quickly at two places are told as a double click, too, besides their second press.
        """
        if event.button != Qt.MouseButton.LeftButton or not self._vertices:
            return self.press(event)
        told_before = self._held
        if not self._is_near_press(event, before_last=told_before):
            return told_before or self.press(event)
        if told_before:
            self._take_back()
        self._finish()
        return True

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Enter finishes, Backspace takes the last vertex or stretch back, Esc gives the shape up."""
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
        """Give the shape up."""
        self._vertices, self._stretches = [], []
        self._pressed, self._free, self._held, self._presses = None, False, False, []
        self._snapper.clear()

    def let_go(self) -> None:
        """The press was none after all (a second finger came): take back only what it did."""
        if self._held:
            self._pressed, self._free, self._held = None, False, False
            self._take_back()

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the shape so far, with its open end at the mouse."""
        if self._vertices:
            self._paint_shape(painter, viewport)
        self._snapper.paint(painter, viewport)

    def _paint_shape(self, painter: QPainter, viewport: Viewport) -> None:
        open_end = [] if self._mouse is None or self._free else [self._mouse]
        ring = np.array([*self._vertices, *open_end])
        dashed = self._way == "subtract" or self._context.options.selecting
        paint = paint_dashed if dashed else paint_rings
        paint(painter, viewport, [ring], self.color, closed=False)
        paint_vertex(painter, viewport, self._vertices[0], self.color)

    def _is_near_press(self, event: ToolEvent, *, before_last: bool) -> bool:
        """Whether a press is where the one before it was."""
        presses = self._presses[:-1] if before_last else self._presses
        near = DOUBLE_CLICK * event.dpr
        return bool(presses) and math.dist(presses[-1], event.view_position) <= near

    def _take_back(self) -> None:
        del self._vertices[self._stretches.pop() :]
        if not self._vertices:
            self.cancel()

    def _forget_mouse(self) -> None:
        self._mouse = None

    def _finish(self) -> None:
        """Finish the shape; one of too few vertices goes on being drawn."""
        points = np.array([point for point, _ in groupby(self._vertices)])
        self._pressed, self._free = None, False
        if len(set(self._vertices)) < self.least:
            return
        self.cancel()
        if self.finished(points, SIMPLIFIED * self._scale):
            self._context.options.shape_finished.emit()
