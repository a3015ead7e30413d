"""Mouse, wheel and keys of the canvas: who gets an event.

The middle button and Space always move the slide; other presses go to the tool, and a left press that it
does not use moves the slide, too. A lent tool (a box to zoom to, a turn) comes before the one in hand. The
wheel with Alt may be meant for the tool, with Ctrl for what lies over the slide. A pen and one finger come as
a mouse, which Qt makes of them; two fingers are a gesture. What becomes of a hand, a wheel and arrows is in
``hand``, ``touch`` and ``held_arrows``. GUI thread.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

from desktop_app.ui.canvas.hand import Hand
from desktop_app.ui.canvas.held_arrows import HeldArrows
from desktop_app.ui.canvas.layers import CanvasTool, Cursor, PausingTool, ToolEvent, WheelTool
from desktop_app.ui.canvas.touch import ZOOM_PER_NOTCH, Touch, whole_notches
from desktop_app.ui.canvas.turn_drag import TurnDrag
from desktop_app.ui.canvas.view_mover import ViewMover
from desktop_app.ui.canvas.zoom_box import ZoomBox

if TYPE_CHECKING:
    from desktop_app.ui.canvas.slide_canvas import SlideCanvas

ZOOM_KEYS = {
    Qt.Key.Key_Plus: ZOOM_PER_NOTCH,
    Qt.Key.Key_Equal: ZOOM_PER_NOTCH,
    Qt.Key.Key_Minus: 1 / ZOOM_PER_NOTCH,
    Qt.Key.Key_Underscore: 1 / ZOOM_PER_NOTCH,
}

PLAIN = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
"""Modifiers with which the canvas's keys still are its own; Ctrl and Alt belong to the window."""

TURNING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
"""With both of these a drag turns the slide, in any mode."""

STEPS = {Qt.MouseButton.BackButton: -1, Qt.MouseButton.ForwardButton: 1}
"""Buttons 4 and 5."""


class CanvasInput:
    """Turns events of one canvas into movements of its view and calls of its tool.

    Parameters
    ----------
    canvas : SlideCanvas
        The widget whose events these are.
    mover : ViewMover
        Moves its view.
    """

    def __init__(self, canvas: SlideCanvas, mover: ViewMover) -> None:
        self._canvas = canvas
        self._mover = mover
        self._hand = Hand(mover)
        self._arrows = HeldArrows(mover)
        self._touch = Touch(mover)
        self._tool: CanvasTool | None = None
        self._lent: CanvasTool | None = None
        self._space = False
        self._centering = False
        if sys.platform != "darwin":  # there the touchpad's own gestures come as native ones, too
            canvas.grabGesture(Qt.GestureType.PinchGesture)

    @property
    def tool(self) -> CanvasTool | None:
        """The tool chosen."""
        return self._tool

    @property
    def lent(self) -> CanvasTool | None:
        """The tool lent for one thing."""
        return self._lent

    @property
    def in_hand(self) -> CanvasTool | None:
        """The tool that gets the events."""
        return self._lent or self._tool

    @property
    def is_panning(self) -> bool:
        """Whether a button is held that drags the slide."""
        return self._hand.holds

    def set_tool(self, tool: CanvasTool | None) -> None:
        """Take another tool, cancelling what the old one had begun."""
        self.cancel()
        self._tool = tool
        self.refresh_cursor()

    def lend(self, tool: CanvasTool) -> None:
        """Take a tool for one thing; what the one in hand has begun waits."""
        self._hand.drop()
        self.take_back()
        self._lent = tool
        self.refresh_cursor()

    def take_back(self) -> None:
        """Put the lent tool down."""
        if self._lent is not None:
            lent, self._lent = self._lent, None
            lent.cancel()
        self.refresh_cursor()

    def cancel(self) -> None:
        """Give up what is unfinished, a pan and a lent tool included."""
        self._hand.drop()
        self.take_back()
        if self._tool is not None:
            self._tool.cancel()

    def forget_keys(self) -> None:
        """No key is held any more, as far as can be known."""
        self._space = False
        self._arrows.forget()
        self.refresh_cursor()

    def refresh_cursor(self) -> None:
        """Show the cursor that says what a press would do."""
        self._canvas.setCursor(self._cursor())

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom about the mouse, or pan with two fingers; with a key held, change something else."""
        if self._canvas.slide is not None and not self._adjusts(event):
            self._touch.wheel(event)
        event.accept()

    def gesture(self, event: QNativeGestureEvent | QGestureEvent) -> bool:
        """Zoom and turn by fingers; whether it was such a gesture."""
        if self._canvas.slide is None:
            return False
        if isinstance(event, QNativeGestureEvent):
            return self._touch.native(event)
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(pinch, QPinchGesture):
            return False
        if pinch.state() == Qt.GestureState.GestureStarted:
            self._forget_first_finger()
        self._touch.pinch(pinch, self._canvas.mapFromGlobal(pinch.centerPoint()))
        event.accept(pinch)
        return True

    def press(self, event: QMouseEvent) -> None:
        """Take hold of the slide, or let the tool have it."""
        if self._canvas.slide is None or self.is_panning:
            return
        self._mover.settle()
        if event.button() in STEPS:
            self._canvas.stepping.emit(STEPS[event.button()])
            return
        left = event.button() == Qt.MouseButton.LeftButton
        pans = event.button() == Qt.MouseButton.MiddleButton or (left and self._space)
        if not pans and left:
            self._lend_by_keys(event.modifiers())
        if pans or (not self._offer("press", event) and left):
            self._centering = False
            self._take_hold(event)
        else:
            self._hand.watch(self._tool_event(event), _seconds(event), began=True)

    def move(self, event: QMouseEvent) -> None:
        """Drag the slide, or let the tool have it; tell where the mouse is."""
        if self._canvas.slide is None:
            return
        if self.is_panning:
            self._hand.move(self._tool_event(event), _seconds(event))
        else:
            before = self._canvas.viewport
            self._offer("move", event)
            if self._canvas.viewport.center != before.center:
                self._hand.watch(self._tool_event(event), _seconds(event))
        here = self._canvas.device_point(event.position())
        self._canvas.cursor_moved.emit(self._canvas.viewport.slide_point(here))

    def release(self, event: QMouseEvent) -> None:
        """Let go of the slide, or let the tool have it."""
        if self.is_panning:
            if event.button() == self._hand.button:
                self._let_go(event)
        elif self._canvas.slide is not None:
            self._offer("release", event)
            self._hand.coast_after_tool(self._tool_event(event), _seconds(event))

    def double_click(self, event: QMouseEvent) -> None:
        """Let the tool have it; without one the place comes into the middle when the button is let go."""
        if self._canvas.slide is None or self.is_panning:
            return
        left = event.button() == Qt.MouseButton.LeftButton
        if self.in_hand is None or not left or self._space:
            self.press(event)
            self._centering = left and self.is_panning and not self._space
        else:
            self._mover.settle()
            self._offer("double_click", event)

    def key_press(self, event: QKeyEvent) -> bool:
        """Whether the key was used: by the tool, else to move or zoom."""
        if self._canvas.slide is None:
            return False
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self._space = True
            self.refresh_cursor()
            return True
        if self.in_hand is not None and self.in_hand.key_press(event.key(), event.modifiers()):
            self._after_tool()
            return True
        return self._own_key(event)

    def key_release(self, event: QKeyEvent) -> bool:
        """Whether the key was one that is held: Space or an arrow."""
        if event.key() != Qt.Key.Key_Space:
            return not event.isAutoRepeat() and self._arrows.release(Qt.Key(event.key()))
        if not event.isAutoRepeat():
            self._space = False
            self.refresh_cursor()
        return True

    def _adjusts(self, event: QWheelEvent) -> bool:
        """Whether a wheel was turned for the tool, or for what lies over the slide."""
        notches, held, tool = whole_notches(event), event.modifiers(), self.in_hand
        if not notches:
            return False
        if isinstance(tool, WheelTool) and tool.wheel(notches, held):
            self._canvas.update()
            return True
        if held == Qt.KeyboardModifier.ControlModifier:
            self._canvas.opacity_turned.emit(notches)
            return True
        return False

    def _forget_first_finger(self) -> None:
        """It counted as a mouse until the second came; a shape begun before stays."""
        if self._lent is None and isinstance(self._tool, PausingTool):
            self._hand.drop()
            self._tool.let_go()
        else:
            self.cancel()

    def _own_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if event.modifiers() & ~PLAIN:
            return False
        if key in ZOOM_KEYS:
            self._canvas.zoom_by(ZOOM_KEYS[key])
            return True
        fast = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        return self._arrows.press(key, fast=fast, repeated=event.isAutoRepeat())

    def _lend_by_keys(self, held: Qt.KeyboardModifier) -> None:
        if self._lent is not None:
            return
        if held & TURNING == TURNING:
            self.lend(TurnDrag(self._canvas))
        elif self._tool is None and held == Qt.KeyboardModifier.ShiftModifier:
            self.lend(ZoomBox(self._canvas))

    def _take_hold(self, event: QMouseEvent) -> None:
        self._hand.take(self._tool_event(event), _seconds(event))
        self.refresh_cursor()

    def _let_go(self, event: QMouseEvent) -> None:
        here = self._tool_event(event)
        clicked = self._hand.let_go(here, _seconds(event))
        if clicked and self._centering:
            self._canvas.jump_to(self._canvas.viewport.centered_on(here.position))
        elif clicked and event.button() == Qt.MouseButton.MiddleButton:
            self._canvas.middle_clicked.emit()
        self._centering = False
        self.refresh_cursor()

    def _offer(self, what: str, event: QMouseEvent) -> bool:
        tool = self.in_hand
        if tool is None:
            return False
        handle = {
            "press": tool.press,
            "move": tool.move,
            "release": tool.release,
            "double_click": tool.double_click,
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
        view_position = self._canvas.device_point(event.position())
        viewport = self._canvas.viewport
        modifiers = event.modifiers()
        if event.pointerType() == QPointingDevice.PointerType.Eraser:
            # The other end of a pen takes away what the first one draws.
            modifiers |= Qt.KeyboardModifier.AltModifier
        return ToolEvent(
            position=viewport.slide_point(view_position),
            view_position=view_position,
            button=event.button(),
            modifiers=modifiers,
            slide_px_per_view_px=viewport.downsample,
            buttons=event.buttons(),
            dpr=self._canvas.dpr,
        )

    def _cursor(self) -> Cursor:
        if self._canvas.slide is None:
            return Qt.CursorShape.ArrowCursor
        if self.is_panning:
            return Qt.CursorShape.ClosedHandCursor
        if self.in_hand is None or self._space:
            return Qt.CursorShape.OpenHandCursor
        return self.in_hand.cursor


def _seconds(event: QMouseEvent) -> float:
    return event.timestamp() / 1000
