"""Jumps to places that no cache knows, with a million annotations over the slide and without any.

    .venv/bin/python tests/benchmarks/annotation/cold_jumps.py

Row 1. A round is 20 jumps at 40x, until slide and overlay are sharp and painted, on a slide whose JPEG tiles
are read directly and on one read through OpenSlide; three rounds of each kind, interleaved, over the same
places; the best median counts. Prints JSON.
"""

from __future__ import annotations

import json
import statistics

from crowd import places_on_tissue
from desk import desk
from stage import VIEW, application, rest

from desktop_app.domain.viewport import Viewport

JUMPS, ROUNDS, BETWEEN_S = 20, 3, 0.15


def jumps(seed: int, *, overlay: bool, direct: bool) -> float:
    """Median milliseconds of a round."""
    with desk(10**6, overlay=overlay, direct=direct) as ours:
        rest(1.0)
        taken = []
        for x, y in places_on_tissue(JUMPS, seed=seed):
            taken.append(ours.look(Viewport((float(x), float(y)), 1.0, 0.0, VIEW)))
            rest(BETWEEN_S)
    return statistics.median(taken)


def main() -> None:
    """Measure and print."""
    _app = application()
    kinds = [(overlay, direct) for direct in (True, False) for overlay in (True, False)]
    rounds = [
        [jumps(seed, overlay=overlay, direct=direct) for overlay, direct in kinds] for seed in range(ROUNDS)
    ]
    laden, bare, laden_slow, bare_slow = (min(kind) for kind in zip(*rounds, strict=True))
    figures = {
        "jump": laden / bare,
        "jump_ms": laden,
        "jump_without_ms": bare,
        "jump_openslide": laden_slow / bare_slow,
        "jump_openslide_ms": laden_slow,
        "jump_openslide_without_ms": bare_slow,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
