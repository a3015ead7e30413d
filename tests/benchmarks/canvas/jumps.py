"""Jumps to places that no cache knows: how long until the view is sharp, and how long the window stood still.

    .venv/bin/python tests/benchmarks/canvas/jumps.py

Rows 4, 5 and the first half of row 8. A round is 20 jumps at 40×, each beside OpenSlide decoding the same
tiles with the same number of threads; three rounds of every kind, interleaved; the best median counts. The
gap is the longest time between two ticks of a 2-ms timer in any jump of a round. Prints JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np
from big_slide import big_slides, places_on_tissue
from looks import full_display
from stage import (
    VIEW,
    GapWatch,
    application,
    cold_slide,
    jump_ms,
    openslide_ms,
    rest,
    shown_canvas,
)

from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas import DisplayLookup

JUMPS, ROUNDS, BETWEEN_S = 20, 3, 0.15


@dataclass
class Kind:
    """One way to show the slide, and what was measured of it: a list per round."""

    direct: bool = True
    display: DisplayLookup | None = None
    beside_openslide: bool = True
    ours_ms: list[list[float]] = field(default_factory=list)
    theirs_ms: list[list[float]] = field(default_factory=list)
    gaps_ms: list[list[float]] = field(default_factory=list)

    def run(self, seed: int) -> None:
        """One round."""
        path, _ = big_slides()
        with cold_slide(path, direct=self.direct) as slide, shown_canvas(slide) as canvas:
            if self.display is not None:
                canvas.set_display(self.display)
                rest(0.5)
            watch, ours, theirs = GapWatch(), [], []
            for place in places_on_tissue(JUMPS, seed=seed):
                view = Viewport((float(place[0]), float(place[1])), 1.0, 0.0, VIEW)
                if self.beside_openslide:
                    theirs.append(openslide_ms(path, slide, view))
                with watch.watching():
                    ours.append(jump_ms(canvas, view))
                rest(BETWEEN_S)
            watch.stop()
        self.ours_ms.append(ours)
        self.theirs_ms.append(theirs)
        self.gaps_ms.append(watch.gaps_ms)

    def ratios(self) -> list[list[float]]:
        """Ours over OpenSlide's, jump by jump."""
        pairs = zip(self.ours_ms, self.theirs_ms, strict=True)
        return [list(np.divide(ours, theirs)) for ours, theirs in pairs]


def empty_gaps() -> list[float]:
    """The same jumps on a canvas without a slide."""
    with shown_canvas(None) as canvas:
        watch = GapWatch()
        for place in places_on_tissue(JUMPS, seed=1):
            with watch.watching():
                jump_ms(canvas, Viewport((float(place[0]), float(place[1])), 1.0, 0.0, VIEW))
                rest(0.02)
        watch.stop()
    return watch.gaps_ms


def best(rounds: list[list[float]], percent: float = 50) -> float:
    """A percentile of each round; the lowest."""
    return min(float(np.percentile(values, percent)) for values in rounds)


def main() -> None:
    """Measure and print."""
    _app = application()
    direct, left = Kind(), Kind(direct=False)
    plain, dyed = Kind(beside_openslide=False), Kind(beside_openslide=False, display=full_display())
    for seed in range(ROUNDS):
        for kind in (direct, left, plain, dyed):
            kind.run(seed)
    figures = {
        "jump_direct": best(direct.ratios()),
        "jump_direct_p90": best(direct.ratios(), 90),
        "jump_direct_ms": best(direct.ours_ms),
        "jump_openslide_ms": best(direct.theirs_ms),
        "jump_other": best(left.ratios()),
        "jump_other_p90": best(left.ratios(), 90),
        "gap_ms": best([*direct.gaps_ms, *plain.gaps_ms], 100),
        "gap_median_ms": best([*direct.gaps_ms, *plain.gaps_ms]),
        "gap_other_ms": best(left.gaps_ms, 100),
        "gap_empty_ms": max(empty_gaps()),
        "display_jump": best(dyed.ours_ms) / best(plain.ours_ms),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
