"""Tools that want a click at one place, for which a drag still pans: the place may be out of view.

A press is nothing yet; only where it is let go without having been dragged is it a click. GUI thread.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.tools.context import PannedCanvas, has_moved


class ClickTool(ABC):
    """The part that such tools share; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    canvas : PannedCanvas
        Panned by a drag.
    """

    def __init__(self, canvas: PannedCanvas) -> None:
        self._canvas = canvas
        self._pressed: ToolEvent | None = None
        self._last: ToolEvent | None = None

    @abstractmethod
    def clicked(self, position: Point) -> None:
        """The user clicked at this place, level-0 pixels."""

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
        """Take the place where the button went down, unless the slide was dragged."""
        if self._pressed is None or event.button != Qt.MouseButton.LeftButton:
            return False
        pressed, dragged = self._pressed, self._last is not None
        self._forget_press()
        if not dragged:
            self.clicked(pressed.position)
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """Two quick clicks are two clicks."""
        return self.press(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """No keys."""
        return False

    def cancel(self) -> None:
        """Forget the press."""
        self._forget_press()

    def paint(self, painter: QPainter, viewport: Viewport) -> None:  # noqa: B027 - most have nothing to paint
        """Nothing: what a click makes is shown by others."""

    def _forget_press(self) -> None:
        self._pressed = self._last = None
