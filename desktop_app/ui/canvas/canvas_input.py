"""Mouse, wheel and keys of the canvas: panning, zooming, and who gets an event.

The middle button and Space always pan; other presses go to the tool, and a left press that it does not
use pans. GUI thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent

from desktop_app.domain.viewport import Point
from desktop_app.ui.canvas.layers import CanvasTool, Cursor, ToolEvent

if TYPE_CHECKING:
    from desktop_app.ui.canvas.slide_canvas import SlideCanvas

ZOOM_PER_NOTCH = 1.25
NOTCH = 120
"""Eighths of a degree in one notch of a wheel; touchpads send fractions."""

ARROW_SHARE, ARROW_SHARE_FAST = 0.1, 0.5
"""Share of the view that an arrow key moves it by, alone and with Shift."""

ARROWS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
"""The picture goes against the arrow: the view goes with it."""

ZOOM_KEYS = {
    Qt.Key.Key_Plus: ZOOM_PER_NOTCH,
    Qt.Key.Key_Equal: ZOOM_PER_NOTCH,
    Qt.Key.Key_Minus: 1 / ZOOM_PER_NOTCH,
    Qt.Key.Key_Underscore: 1 / ZOOM_PER_NOTCH,
}

PLAIN = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
"""Modifiers with which the canvas's keys still are its own; Ctrl and Alt belong to the window."""


class CanvasInput:
    """Turns events of one canvas into movements of its view and calls of its tool.

    Parameters
    ----------
    canvas : SlideCanvas
        The widget whose events these are.
    """

    def __init__(self, canvas: SlideCanvas) -> None:
        self._canvas = canvas
        self._tool: CanvasTool | None = None
        self._pan_button = Qt.MouseButton.NoButton
        self._pan_from: Point = (0.0, 0.0)
        self._space = False

    @property
    def tool(self) -> CanvasTool | None:
        """The tool in hand."""
        return self._tool

    @property
    def is_panning(self) -> bool:
        """Whether a button is held that drags the slide."""
        return self._pan_button != Qt.MouseButton.NoButton

    def set_tool(self, tool: CanvasTool | None) -> None:
        """Take another tool, cancelling what the old one had begun."""
        self.cancel()
        self._tool = tool
        self.refresh_cursor()

    def cancel(self) -> None:
        """Give up what is unfinished, a pan included."""
        self._pan_button = Qt.MouseButton.NoButton
        if self._tool is not None:
            self._tool.cancel()

    def forget_keys(self) -> None:
        """Space is held no more, as far as can be known."""
        self._space = False
        self.refresh_cursor()

    def refresh_cursor(self) -> None:
        """Show the cursor that says what a press would do."""
        self._canvas.setCursor(self._cursor())

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom about the mouse: up is closer."""
        notches = event.angleDelta().y() / NOTCH
        if notches and self._canvas.slide is not None:
            self._canvas.zoom_by(ZOOM_PER_NOTCH**notches, self._canvas.device_point(event.position()))
        event.accept()

    def gesture(self, event: QNativeGestureEvent) -> bool:
        """Zoom by pinching; whether it was that gesture."""
        pinched = event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        if pinched:
            self._canvas.zoom_by(max(0.1, 1 + event.value()), self._canvas.device_point(event.position()))
        return pinched

    def press(self, event: QMouseEvent) -> None:
        """Begin to pan, or let the tool have it."""
        if self._canvas.slide is None or self.is_panning:
            return
        left = event.button() == Qt.MouseButton.LeftButton
        pans = event.button() == Qt.MouseButton.MiddleButton or (left and self._space)
        if pans or (not self._offer("press", event) and left):
            self._begin_pan(event)

    def move(self, event: QMouseEvent) -> None:
        """Pan, or let the tool have it; tell where the mouse is."""
        if self._canvas.slide is None:
            return
        here = self._canvas.device_point(event.position())
        if self.is_panning:
            self._canvas.pan_by(here[0] - self._pan_from[0], here[1] - self._pan_from[1])
            self._pan_from = here
        else:
            self._offer("move", event)
        self._canvas.cursor_moved.emit(self._canvas.viewport.slide_point(here))

    def release(self, event: QMouseEvent) -> None:
        """End the pan, or let the tool have it."""
        if self.is_panning:
            if event.button() == self._pan_button:
                self._pan_button = Qt.MouseButton.NoButton
                self.refresh_cursor()
        elif self._canvas.slide is not None:
            self._offer("release", event)

    def double_click(self, event: QMouseEvent) -> None:
        """Let the tool have it; panning buttons pan on a second press too."""
        if self._canvas.slide is None or self.is_panning:
            return
        left = event.button() == Qt.MouseButton.LeftButton
        if self._tool is None or not left or self._space:
            self.press(event)
        else:
            self._offer("double_click", event)

    def key_press(self, event: QKeyEvent) -> bool:
        """Whether the key was used: by the tool, else to pan or zoom."""
        if self._canvas.slide is None:
            return False
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self._space = True
            self.refresh_cursor()
            return True
        if self._tool is not None and self._tool.key_press(event.key(), event.modifiers()):
            self._after_tool()
            return True
        return self._own_key(event)

    def key_release(self, event: QKeyEvent) -> bool:
        """Whether the key was Space, which ends its panning."""
        if event.key() != Qt.Key.Key_Space:
            return False
        if not event.isAutoRepeat():
            self.forget_keys()
        return True

    def _own_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if event.modifiers() & ~PLAIN:
            return False
        if key in ARROWS:
            fast = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            share = ARROW_SHARE_FAST if fast else ARROW_SHARE
            width, height = self._canvas.viewport.size
            self._canvas.pan_by(ARROWS[key][0] * share * width, ARROWS[key][1] * share * height)
        elif key in ZOOM_KEYS:
            self._canvas.zoom_by(ZOOM_KEYS[key])
        return key in ARROWS or key in ZOOM_KEYS

    def _begin_pan(self, event: QMouseEvent) -> None:
        self._pan_button = event.button()
        self._pan_from = self._canvas.device_point(event.position())
        self.refresh_cursor()

    def _offer(self, what: str, event: QMouseEvent) -> bool:
        if self._tool is None:
            return False
        handle = {
            "press": self._tool.press,
            "move": self._tool.move,
            "release": self._tool.release,
            "double_click": self._tool.double_click,
        }[what]
        used = handle(self._tool_event(event))
        if used:
            self._after_tool()
        else:
            self.refresh_cursor()
        return used

    def _after_tool(self) -> None:
        self.refresh_cursor()
        self._canvas.update()

    def _tool_event(self, event: QMouseEvent) -> ToolEvent:
        view_position = self._canvas.device_point(QPointF(event.position()))
        viewport = self._canvas.viewport
        return ToolEvent(
            position=viewport.slide_point(view_position),
            view_position=view_position,
            button=event.button(),
            modifiers=event.modifiers(),
            slide_px_per_view_px=viewport.downsample,
            buttons=event.buttons(),
            dpr=self._canvas.dpr,
        )

    def _cursor(self) -> Cursor:
        if self._canvas.slide is None:
            return Qt.CursorShape.ArrowCursor
        if self.is_panning:
            return Qt.CursorShape.ClosedHandCursor
        if self._tool is None or self._space:
            return Qt.CursorShape.OpenHandCursor
        return self._tool.cursor
