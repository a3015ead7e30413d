"""Pointing once at a place of the slide, in any mode; a drag still pans. GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent


class PickTool:
    """A canvas tool that tells one click; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    picked : Callable[[Point | None], None]
        Told the level-0 place; None where it was given up with Esc.
    """

    def __init__(self, picked: Callable[[Point | None], None]) -> None:
        self._picked = picked

    @property
    def cursor(self) -> Cursor:
        """A cross."""
        return Qt.CursorShape.CrossCursor

    def press(self, event: ToolEvent) -> bool:
        """Tell the place."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        self._picked(event.position)
        return True

    def move(self, event: ToolEvent) -> bool:
        """Nothing."""
        return False

    def release(self, event: ToolEvent) -> bool:
        """Nothing."""
        return False

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
        """Nothing is begun."""

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Nothing: the cursor says it."""
