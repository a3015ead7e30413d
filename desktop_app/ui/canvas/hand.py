"""The hand that holds the slide: what it took hold of stays under it, and a flick lets the slide coast.

The speed is that of the mouse's own time stamps, so that a busy moment of the program is no slow hand. GUI
thread.
"""

from __future__ import annotations

from PySide6.QtCore import Qt

from desktop_app.domain.movement import HandSpeed
from desktop_app.domain.viewport import Point
from desktop_app.ui.canvas.layers import ToolEvent
from desktop_app.ui.canvas.view_mover import ViewMover

SLOP = 4.0
"""Logical pixels by which a click may tremble."""


class Hand:
    """Drags the view of a canvas.

    Parameters
    ----------
    mover : ViewMover
        What moves the view.

    Attributes
    ----------
    button : Qt.MouseButton
        The button that holds the slide; ``NoButton`` while nothing does.
    """

    def __init__(self, mover: ViewMover) -> None:
        self._mover = mover
        self._speed = HandSpeed()
        self._held: Point = (0.0, 0.0)
        self._from: Point = (0.0, 0.0)
        self._moved = False
        self.button = Qt.MouseButton.NoButton

    @property
    def holds(self) -> bool:
        """Whether a button is held that drags the slide."""
        return self.button != Qt.MouseButton.NoButton

    def take(self, event: ToolEvent, at_s: float) -> None:
        """Take hold of what is under the mouse."""
        self.button = event.button
        self._held, self._from, self._moved = event.position, event.view_position, False
        self._speed.forget()
        self._speed.add(at_s, event.view_position)

    def move(self, event: ToolEvent, at_s: float) -> None:
        """Bring it to where the mouse is."""
        across, down = (b - a for a, b in zip(self._from, event.view_position, strict=True))
        self._moved = self._moved or across**2 + down**2 > (SLOP * event.dpr) ** 2
        self._speed.add(at_s, event.view_position)
        self._mover.hold(self._held, event.view_position)

    def let_go(self, event: ToolEvent, at_s: float) -> bool:
        """Let it lie, or coast; whether it was a click, the mouse having stayed where it was."""
        self.button = Qt.MouseButton.NoButton
        self._coast(at_s, event.dpr)
        return not self._moved

    def drop(self) -> None:
        """Let it lie."""
        self.button = Qt.MouseButton.NoButton

    def watch(self, event: ToolEvent, at_s: float, *, began: bool = False) -> None:
        """A tool is dragging the slide by itself; remember how fast."""
        if began:
            self._speed.forget()
        self._speed.add(at_s, event.view_position)

    def coast_after_tool(self, event: ToolEvent, at_s: float) -> None:
        """A tool let go of the slide."""
        self._coast(at_s, event.dpr)
        self._speed.forget()

    def _coast(self, at_s: float, dpr: float) -> None:
        velocity = self._speed.velocity(at_s, dpr=dpr)
        if velocity is not None:
            self._mover.coast(velocity)
