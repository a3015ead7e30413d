"""What makes a view move by itself: a movement, a clock and the screen's rhythm.

Each step asks the movement where the view is at this very moment, so a late step is no slower movement,
and the last step is the movement's end to the bit. One movement at a time: a new one, or any hand on the
slide, takes the place of the old. GUI thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer

from desktop_app.domain.movement import Coast, Movement
from desktop_app.domain.viewport import Viewport

FASTEST_MS, SLOWEST_MS, USUAL_HZ = 4, 33, 60.0
"""Between two steps, and the rhythm of a screen that does not tell its own."""


class Moved(Protocol):
    """What a motion moves: a canvas."""

    def show_step(self, viewport: Viewport, wanted: Viewport | None) -> bool:
        """Show a step; ``wanted`` is worth loading in its place, None after the last. Whether it moved."""


class Motion(QObject):
    """Carries out one movement at a time.

    Parameters
    ----------
    target : Moved
        Told every step.
    clock : Callable[[], float]
        Seconds that never go back.
    parent : QObject | None
        Owner.
    """

    def __init__(
        self, target: Moved, *, clock: Callable[[], float] = time.perf_counter, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._target = target
        self._clock = clock
        self._movement: Movement | None = None
        self._began = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._step)

    @property
    def movement(self) -> Movement | None:
        """What is under way; None at rest."""
        return self._movement

    @property
    def elapsed_s(self) -> float:
        """Since the movement began."""
        return self._clock() - self._began

    def begin(self, movement: Movement, *, screen_hz: float = USUAL_HZ) -> None:
        """Move; what was under way stops where it is.

        Parameters
        ----------
        movement : Movement
            Begins now.
        screen_hz : float
            Pictures per second of the screen.
        """
        self._movement = movement
        self._began = self._clock()
        interval = round(1000 / screen_hz) if screen_hz > 0 else SLOWEST_MS
        self._timer.start(min(max(interval, FASTEST_MS), SLOWEST_MS))

    def stop(self) -> None:
        """Stay where the view is now."""
        self._movement = None
        self._timer.stop()

    def finish(self) -> None:
        """Be where the movement ends; one without an end stops."""
        movement = self._movement
        self.stop()
        if movement is not None and movement.duration_s < float("inf"):
            self._target.show_step(movement.at(movement.duration_s), None)

    def _step(self) -> None:
        movement, elapsed = self._movement, self.elapsed_s
        if movement is None:
            return
        if elapsed >= movement.duration_s:
            self.finish()
            return
        moved = self._target.show_step(movement.at(elapsed), movement.wanted(elapsed))
        if not moved and isinstance(movement, Coast):
            # The slide's edge has stopped it.
            self.stop()
            self._target.show_step(movement.at(elapsed), None)
