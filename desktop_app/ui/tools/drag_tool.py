"""Tools that want a drag from one place to another: a box, a line, a region of the screen.

GUI thread.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.tools.context import ToolContext, has_moved
from desktop_app.ui.tools.snapping import Snapper


class DragTool(ABC):
    """The part that such tools share; see :class:`desktop_app.ui.canvas.CanvasTool`."""

    def __init__(self) -> None:
        self._start: ToolEvent | None = None
        self._end: ToolEvent | None = None

    @abstractmethod
    def dragged(self, start: ToolEvent, end: ToolEvent) -> None:
        """The button was let go after a drag."""

    def clicked(self) -> None:  # noqa: B027 - to some a click means nothing
        """The button was let go where it went down."""

    def meant(self, event: ToolEvent) -> ToolEvent:
        """The event at the place that the hand is meant to be at."""
        return event

    @property
    def cursor(self) -> Cursor:
        """A cross."""
        return Qt.CursorShape.CrossCursor

    def press(self, event: ToolEvent) -> bool:
        """Begin at one end."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        self.cancel()
        self._start = self.meant(event)
        return True

    def move(self, event: ToolEvent) -> bool:
        """Stretch to the other end."""
        if self._start is None:
            return False
        if self._end is not None or has_moved(event, self._start.view_position):
            self._end = self.meant(event)
        return True

    def release(self, event: ToolEvent) -> bool:
        """Finish; without a drag it was a click."""
        if self._start is None or event.button != Qt.MouseButton.LeftButton:
            return False
        self.move(event)
        start, end = self._start, self._end
        self.cancel()
        if end is None:
            self.clicked()
        else:
            self.dragged(start, end)
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """The second click of a double click begins a drag like any press."""
        return self.press(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc gives the drag up."""
        if key != Qt.Key.Key_Escape or self._start is None:
            return False
        self.cancel()
        return True

    def cancel(self) -> None:
        """Give the drag up."""
        self._start = self._end = None


class ShapeDragTool(DragTool):
    """Draws a shape by a drag whose ends snap to the borders of neighbors.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    """

    def __init__(self, context: ToolContext) -> None:
        super().__init__()
        self._context = context
        self._snapper = Snapper(context)

    def clicked(self) -> None:
        """A click selects nothing."""
        self._context.selection.clear()

    def meant(self, event: ToolEvent) -> ToolEvent:
        """On a border near the mouse, unless Shift gives the shape its direction or form."""
        if self._start is not None and event.modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._snapper.clear()
            return event
        return replace(event, position=self._snapper.place(event))

    def move(self, event: ToolEvent) -> bool:
        """Stretch to the other end; without a button show where the shape would begin."""
        if self._start is not None:
            return super().move(event)
        self._snapper.place(event)
        return self._snapper.on

    def cancel(self) -> None:
        """Give the shape up."""
        super().cancel()
        self._snapper.clear()

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the mark of snapping."""
        self._snapper.paint(painter, viewport)
