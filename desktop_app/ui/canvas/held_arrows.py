"""Arrow keys: a tap is a step of a tenth of the view, a held key moves ever faster and then coasts.

Two arrows together move along the diagonal. GUI thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt

from desktop_app.domain.movement import STEP_S
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas.view_mover import ViewMover

ARROW_SHARE, ARROW_SHARE_FAST = 0.1, 0.5
"""Share of the view that an arrow key moves it by, alone and with Shift."""

FAST = 2.5
"""A held arrow is so much faster with Shift."""

TAP_S = 0.14
"""A key released before this is a step of a fixed length."""

ARROWS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
"""The picture goes against the arrow: the view goes with it."""


class HeldArrows:
    """Moves a view by the arrow keys.

    Parameters
    ----------
    mover : ViewMover
        What moves the view.
    clock : Callable[[], float]
        Seconds that never go back.
    """

    def __init__(self, mover: ViewMover, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._mover = mover
        self._clock = clock
        self._held: list[Qt.Key] = []
        self._since = 0.0
        self._fast = False
        self._step_end: Viewport | None = None

    def press(self, key: Qt.Key, *, fast: bool, repeated: bool) -> bool:
        """An arrow went down, or is still down; whether it is an arrow at all."""
        if key not in ARROWS:
            return False
        if not self._mover.style.animated:
            self._mover.set(self._stepped(key, self._mover.target, fast=fast))
        elif not repeated:
            self._hold(key, fast=fast)
        return True

    def release(self, key: Qt.Key) -> bool:
        """An arrow went up; whether it was held."""
        if key not in self._held:
            return False
        self._held.remove(key)
        if self._held:
            self._drive()
        elif self._step_end is not None and self._clock() - self._since < TAP_S:
            self._mover.glide_to(self._step_end, STEP_S)
        else:
            self._mover.let_go()
        return True

    def forget(self) -> None:
        """The keys are released elsewhere, unseen."""
        if self._held:
            self._held.clear()
            self._mover.let_go()

    def _hold(self, key: Qt.Key, *, fast: bool) -> None:
        if not self._held:
            self._since, self._step_end = self._clock(), self._mover.target
        if key not in self._held:
            self._held.append(key)
        self._fast = fast
        if self._step_end is not None:
            self._step_end = self._stepped(key, self._step_end, fast=fast)
        self._drive()

    def _drive(self) -> None:
        across, down = (sum(ARROWS[key][axis] for key in self._held) for axis in (0, 1))
        age = self._clock() - self._since
        self._mover.drive((across, down), factor=FAST if self._fast else 1.0, age_s=age)

    def _stepped(self, key: Qt.Key, view: Viewport, *, fast: bool) -> Viewport:
        share = ARROW_SHARE_FAST if fast else ARROW_SHARE
        (across, down), (width, height) = ARROWS[key], view.size
        return view.panned(across * share * width, down * share * height)
