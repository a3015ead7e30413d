"""Which of a file's levels lie where they say they lie.

A level has one downsample for both axes, which readers take from the two ratios of its size to that of level
0. Rounding the small side of a long, narrow scan to whole pixels makes those ratios differ by several percent
in the coarse levels, and their mean then puts a pixel at the far end hundreds of pixels away from its
place. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from desktop_app.domain.slide_info import Level

MISPLACED_BY = 2.0
"""Pixels of the level itself; rounding alone gives less on a slide up to four times as long as wide."""


def well_placed(levels: Sequence[Level]) -> tuple[Level, ...]:
    """The levels, finest first, up to the first one that is misplaced.

    What is left out is made smaller from the others, as on a slide that never had it.

    Parameters
    ----------
    levels : Sequence[Level]
        As the reader gives them.

    Returns
    -------
    tuple[Level, ...]
        The first levels, with their numbers; never empty.
    """
    full = levels[0].size
    return (levels[0], *takewhile(lambda level: _error(level, full) <= MISPLACED_BY, levels[1:]))


def _error(level: Level, full: tuple[int, int]) -> float:
    """How far the level's far edges are from the slide's beyond rounding, in pixels of the level."""
    ends = (side / level.downsample for side in full)
    return max(abs(end - side) for end, side in zip(ends, level.size, strict=True))
