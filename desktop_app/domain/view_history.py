"""The places a view has been at, to go back and forward between.

Like a browser's: going somewhere new forgets what was ahead, and only places where the view rested or from
which it jumped are kept. Pure; any thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from desktop_app.domain.viewport import Viewport

LONGEST = 100
"""Places that are kept."""

SAME_SHARE, SAME_SCALE, SAME_ANGLE_DEG = 0.15, 1.15, 2.0
"""Places whose middles lie closer than this share of the view, at nearly the same scale and angle, are
one place that was looked at a little to and fro."""


@dataclass(slots=True)
class ViewHistory:
    """Where one view was, and where in that list it is now.

    Attributes
    ----------
    places : list[Viewport]
        The earliest first.
    index : int
        The place the view is at, or was at last; -1 before the first.
    """

    places: list[Viewport] = field(default_factory=list)
    index: int = -1

    def visit(self, place: Viewport) -> bool:
        """The view rests here, or leaves from here; whether that is another place than the last one."""
        if self.places and is_same_place(self.places[self.index], place):
            self.places[self.index] = place
            return False
        del self.places[self.index + 1 :]
        self.places.append(place)
        del self.places[: -LONGEST or None]
        self.index = len(self.places) - 1
        return True

    def can_step(self, step: int, here: Viewport) -> bool:
        """Whether there is a place before (-1) or after (1); away from the last place, it is before."""
        if step > 0:
            return self.index + 1 < len(self.places)
        return self.index > 0 or (self.index == 0 and not is_same_place(self.places[0], here))

    def step(self, step: int, here: Viewport) -> Viewport | None:
        """Go back (-1) or forward (1); None where there is nothing to go to.

        Parameters
        ----------
        step : int
            -1 or 1.
        here : Viewport
            Where the view is, which is kept to come back to.
        """
        if not self.can_step(step, here):
            return None
        if step < 0 and self.places:
            self.visit(here)
        self.index += step
        return self.places[self.index]


def is_same_place(one: Viewport, other: Viewport) -> bool:
    """Whether two views show so nearly the same that going from one to the other is no journey."""
    scale = max(one.downsample, other.downsample) / min(one.downsample, other.downsample)
    turn = abs((one.rotation_deg - other.rotation_deg + 180) % 360 - 180)
    if one.mirrored != other.mirrored or scale > SAME_SCALE or turn > SAME_ANGLE_DEG:
        return False
    reach = SAME_SHARE * min(one.size) * min(one.downsample, other.downsample)
    return math.dist(one.center, other.center) <= reach
