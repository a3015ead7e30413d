"""Arrow keys that move what is in hand by screen pixels: a burst of them is one step.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer

from desktop_app.domain.viewport import Point, Viewport

BURST_MS = 500
"""Keys that follow each other within this belong together."""

FAR = 10
"""Screen pixels with Shift."""

WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Nudge:
    """The shift that a burst of arrow keys has come to.

    Parameters
    ----------
    finished : Callable[[], None]
        Called when no further key has come for a while.

    Attributes
    ----------
    shift : Point
        So far, level-0 pixels.
    """

    def __init__(self, finished: Callable[[], None]) -> None:
        self.shift: Point = (0.0, 0.0)
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(BURST_MS)
        self._timer.timeout.connect(finished)

    @property
    def under_way(self) -> bool:
        """Whether a burst has not ended yet."""
        return self._timer.isActive()

    def press(self, key: int, modifiers: Qt.KeyboardModifier, *, viewport: Viewport, dpr: float) -> bool:
        """Take a key; whether it was an arrow without Ctrl or Alt."""
        held = modifiers & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        way = WAYS.get(Qt.Key(key))
        if way is None or held:
            return False
        if not self.under_way:
            self.shift = (0.0, 0.0)
        steps = (FAR if modifiers & Qt.KeyboardModifier.ShiftModifier else 1) * dpr
        (x0, y0), (x1, y1) = (
            viewport.slide_point((0.0, 0.0)),
            viewport.slide_point((way[0] * steps, way[1] * steps)),
        )
        self.shift = self.shift[0] + x1 - x0, self.shift[1] + y1 - y0
        self._timer.start()
        return True

    def stop(self) -> None:
        """End the burst."""
        self._timer.stop()
