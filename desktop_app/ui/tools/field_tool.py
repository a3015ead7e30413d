"""Placing the high-power field's circle: a click drops it there, a drag moves it. GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent


class FieldTool:
    """Pins the circle; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    pin : Callable[[Point], None]
        Given the circle's new middle, level-0 pixels.
    put_away : Callable[[], None]
        Called by Esc.
    """

    def __init__(self, pin: Callable[[Point], None], put_away: Callable[[], None]) -> None:
        self._pin = pin
        self._put_away = put_away
        self._dragging = False

    @property
    def cursor(self) -> Cursor:
        """A cross."""
        return Qt.CursorShape.CrossCursor

    def press(self, event: ToolEvent) -> bool:
        """Drop the circle here."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        self._dragging = True
        self._pin(event.position)
        return True

    def move(self, event: ToolEvent) -> bool:
        """Take it along."""
        if self._dragging:
            self._pin(event.position)
        return self._dragging

    def release(self, event: ToolEvent) -> bool:
        """Let go."""
        was_dragging, self._dragging = self._dragging, False
        return was_dragging

    def double_click(self, event: ToolEvent) -> bool:
        """The second click is a click."""
        return self.press(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc puts the tool away; the circle stays."""
        if key != Qt.Key.Key_Escape:
            return False
        self._put_away()
        return True

    def cancel(self) -> None:
        """Let go."""
        self._dragging = False

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Nothing: the circle is a layer."""
