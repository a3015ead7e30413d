"""Point: each click is an annotation of its own, so that points are counted and classified one by one.

A drag pans, since a point is never meant by it. GUI thread.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.tools.context import ToolContext, has_moved
from desktop_app.ui.translation import tr


class PointTool:
    """Sets points; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    """

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._pressed: ToolEvent | None = None
        self._last: ToolEvent | None = None

    @property
    def cursor(self) -> Cursor:
        """A cross."""
        return Qt.CursorShape.CrossCursor

    def press(self, event: ToolEvent) -> bool:
        """Wait whether it is a click or a drag."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        self._pressed, self._last = event, None
        return True

    def move(self, event: ToolEvent) -> bool:
        """Pan by a drag."""
        if self._pressed is None:
            return False
        if self._last is not None or has_moved(event, self._pressed.view_position):
            before = self._last or self._pressed
            self._context.canvas.pan_by(
                event.view_position[0] - before.view_position[0],
                event.view_position[1] - before.view_position[1],
            )
            self._last = event
        return True

    def release(self, event: ToolEvent) -> bool:
        """Set the point where the button went down."""
        if self._pressed is None or event.button != Qt.MouseButton.LeftButton:
            return False
        pressed, dragged = self._pressed, self._last is not None
        self.cancel()
        if not dragged:
            self._context.add("points", ((np.array([pressed.position]),),), tr("Set point"))
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """Two quick clicks are two points."""
        return self.press(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """No keys."""
        return False

    def cancel(self) -> None:
        """Forget the press."""
        self._pressed = self._last = None

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Nothing: a point is there as soon as it is set."""
