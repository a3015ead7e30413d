"""How a view moves from one place to the next: as functions of the time since it began.

A movement answers where the view is after so many seconds, however often it is asked, so that a slow
machine shows fewer steps of the same movement and the last step is exact. Pure; any thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from desktop_app.domain.viewport import Point, Viewport

ZOOM_S, JUMP_S, TURN_S, STEP_S = 0.16, 0.26, 0.2, 0.14
"""Seconds that a notch of the wheel, a jump, a turn and an arrow's step take."""

NEAR_VIEWS = 2.0
"""Places further apart than so many views (of the coarser scale) are not glided between: what lies in
between would only be read to be thrown away."""

COAST_DECAY_S = 0.2
"""A view let go loses all but 1/e of its speed in this time."""

COAST_FROM, COAST_UNTIL, COAST_LIMIT = 120.0, 15.0, 6000.0
"""Logical pixels per second: slower hands leave the slide where it is, coasting ends, and no hand is
faster."""

FLICK_S, PAUSE_S = 0.08, 0.05
"""The hand's speed is taken over the last 80 ms; a hand that paused for 50 ms has put the slide down."""

DRIVE_FROM, DRIVE_TO, DRIVE_RAMP_S = 0.6, 2.2, 1.2
"""Views per second that a held arrow moves by: at first, at most, and the time between."""


class Movement(Protocol):
    """Where a view is, by the time since it began to move.

    Attributes
    ----------
    duration_s : float
        When it comes to rest; infinite for one that somebody ends.
    """

    @property
    def duration_s(self) -> float:
        """When it comes to rest."""

    def at(self, elapsed_s: float) -> Viewport:
        """The view after so many seconds; its last from ``duration_s`` on."""

    def wanted(self, elapsed_s: float) -> Viewport:
        """The view whose tiles are worth loading at that moment."""


@dataclass(frozen=True, slots=True)
class Glide:
    """From one view to another, fast at first and slow at the end.

    A device pixel that shows the same place in both views shows it all the way: zooming about the mouse
    keeps what is under the mouse.

    Attributes
    ----------
    start, end : Viewport
        Of one size.
    duration_s : float
        Above 0.
    """

    start: Viewport
    end: Viewport
    duration_s: float = JUMP_S

    def at(self, elapsed_s: float) -> Viewport:
        """The view after so many seconds."""
        if elapsed_s >= self.duration_s:
            return self.end
        share = 1 - (1 - max(elapsed_s, 0.0) / self.duration_s) ** 3
        start, end = self.start, self.end
        downsample = start.downsample * (end.downsample / start.downsample) ** share
        along = self._along(downsample, share)
        x, y = (a + (b - a) * along for a, b in zip(start.center, end.center, strict=True))
        turn = (end.rotation_deg - start.rotation_deg + 180) % 360 - 180
        angle = (start.rotation_deg + share * turn) % 360
        return Viewport((x, y), downsample, angle, end.size, end.mirrored)

    def wanted(self, elapsed_s: float) -> Viewport:
        """Where it ends: what is passed on the way is gone before it is read."""
        return self.end

    def _along(self, downsample: float, share: float) -> float:
        # With the scale the middle of the view moves in proportion to it; only then does one pixel stay.
        change = self.end.downsample - self.start.downsample
        if abs(change) < 1e-6 * self.start.downsample:
            return share
        return (downsample - self.start.downsample) / change


@dataclass(frozen=True, slots=True)
class Coast:
    """A view that was let go while it moved, and slows down.

    Attributes
    ----------
    start : Viewport
        Where it was let go.
    velocity : Point
        Device pixels per second of the picture, not both 0.
    dpr : float
        Device pixels per logical pixel.
    """

    start: Viewport
    velocity: Point
    dpr: float = 1.0

    @property
    def duration_s(self) -> float:
        """Until it is so slow that nobody sees it move."""
        speed = math.hypot(*self.velocity) / self.dpr
        return COAST_DECAY_S * math.log(max(speed / COAST_UNTIL, 1.0))

    def at(self, elapsed_s: float) -> Viewport:
        """The view after so many seconds."""
        elapsed = min(max(elapsed_s, 0.0), self.duration_s)
        way = COAST_DECAY_S * -math.expm1(-elapsed / COAST_DECAY_S)
        return self.start.panned(self.velocity[0] * way, self.velocity[1] * way)

    def wanted(self, elapsed_s: float) -> Viewport:
        """Where it is: it is slow enough to be looked at on the way."""
        return self.at(elapsed_s)


@dataclass(frozen=True, slots=True)
class Drive:
    """A view that moves ever faster while arrows are held.

    Attributes
    ----------
    start : Viewport
        Where it began.
    direction : tuple[int, int]
        Which way the picture goes, each -1, 0 or 1.
    factor : float
        Times as fast (with Shift).
    age_s : float
        How long arrows had been held before this one began (another arrow joined).
    """

    start: Viewport
    direction: tuple[int, int]
    factor: float = 1.0
    age_s: float = 0.0
    duration_s: float = field(default=math.inf, init=False)

    def at(self, elapsed_s: float) -> Viewport:
        """The view after so many seconds."""
        views = self.factor * (_driven(self.age_s + max(elapsed_s, 0.0)) - _driven(self.age_s))
        return self.start.panned(*self._scaled(views))

    def velocity(self, elapsed_s: float) -> Point:
        """Device pixels per second of the picture."""
        held = min((self.age_s + elapsed_s) / DRIVE_RAMP_S, 1.0)
        return self._scaled(self.factor * (DRIVE_FROM + (DRIVE_TO - DRIVE_FROM) * held))

    def wanted(self, elapsed_s: float) -> Viewport:
        """Where it is."""
        return self.at(elapsed_s)

    def _scaled(self, views: float) -> Point:
        # The same speed in both directions, so that a diagonal is one.
        side = min(self.start.size)
        return self.direction[0] * views * side, self.direction[1] * views * side


def _driven(held_s: float) -> float:
    """Views passed after arrows were held for so long."""
    ramp = min(held_s, DRIVE_RAMP_S)
    return DRIVE_FROM * held_s + (DRIVE_TO - DRIVE_FROM) * (ramp**2 / 2 / DRIVE_RAMP_S + held_s - ramp)


def is_near(start: Viewport, end: Viewport) -> bool:
    """Whether gliding from one view to the other shows anything worth seeing."""
    if start.mirrored != end.mirrored:
        return False
    apart = math.dist(start.center, end.center)
    reach = max(start.downsample, end.downsample) * max(end.size)
    return apart <= NEAR_VIEWS * reach


@dataclass(slots=True)
class HandSpeed:
    """The speed of the hand that drags, from where it was and when.

    Attributes
    ----------
    samples : list[tuple[float, Point]]
        ``(seconds, device pixels)``, the latest last.
    """

    samples: list[tuple[float, Point]] = field(default_factory=list)

    def forget(self) -> None:
        """Another drag begins."""
        self.samples.clear()

    def add(self, at_s: float, position: Point) -> None:
        """The hand was there."""
        self.samples.append((at_s, position))
        del self.samples[:-32]

    def velocity(self, released_s: float, *, dpr: float = 1.0) -> Point | None:
        """Device pixels per second at the moment of letting go; None for a hand that had come to rest.

        Parameters
        ----------
        released_s : float
            When the button was let go, on the clock of the samples.
        dpr : float
            Device pixels per logical pixel.
        """
        if not self.samples or released_s - self.samples[-1][0] > PAUSE_S:
            return None
        recent = [sample for sample in self.samples if released_s - sample[0] <= FLICK_S]
        (first_s, first), (last_s, last) = recent[0], recent[-1]
        if last_s <= first_s:
            return None
        speed = math.dist(first, last) / (last_s - first_s) / dpr
        if speed < COAST_FROM or _turned_back(position for _, position in recent):
            return None
        scale = min(1.0, COAST_LIMIT / speed) / (last_s - first_s)
        return (last[0] - first[0]) * scale, (last[1] - first[1]) * scale


def _turned_back(places: Iterable[Point]) -> bool:
    """Whether the last step went against the whole: the hand shook, or stopped with a jerk."""
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(places)]
    across, down = (sum(step[axis] for step in steps) for axis in (0, 1))
    return steps[-1][0] * across + steps[-1][1] * down < 0
