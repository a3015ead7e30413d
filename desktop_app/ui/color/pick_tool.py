"""Pointing once at a place of the slide, in any mode; a drag still pans. GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.tools.context import PannedCanvas, has_moved


class PickTool:
    """A canvas tool that tells one click; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    canvas : PannedCanvas
        Panned by a drag, for the place may be out of view.
    picked : Callable[[Point | None], None]
        Told the level-0 place; None where it was given up with Esc.
    """

    def __init__(self, canvas: PannedCanvas, picked: Callable[[Point | None], None]) -> None:
        self._canvas = canvas
        self._picked = picked
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
            (x0, y0), (x1, y1) = before.view_position, event.view_position
            self._canvas.pan_by(x1 - x0, y1 - y0)
            self._last = event
        return True

    def release(self, event: ToolEvent) -> bool:
        """Tell the place where the button went down, unless the slide was dragged."""
        if self._pressed is None or event.button != Qt.MouseButton.LeftButton:
            return False
        pressed, dragged = self._pressed, self._last is not None
        self.cancel()
        if not dragged:
            self._picked(pressed.position)
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """As a click."""
        return self.press(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc gives up."""
        if key != Qt.Key.Key_Escape:
            return False
        self._picked(None)
        return True

    def cancel(self) -> None:
        """Forget the press."""
        self._pressed = self._last = None

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Nothing: the cursor says it."""
