"""Jumps to places that no cache knows, with a million annotations over the slide and without any.

    .venv/bin/python tests/benchmarks/annotation/cold_jumps.py

Row 1. A round is 20 jumps at 40x, until slide and overlay are sharp and painted; three rounds of both
kinds, interleaved, over the same places; the best median counts. Prints JSON.
"""

from __future__ import annotations

import json
import statistics

from crowd import places_on_tissue
from desk import desk
from stage import VIEW, application, rest

from desktop_app.domain.viewport import Viewport

JUMPS, ROUNDS, BETWEEN_S = 20, 3, 0.15


def jumps(seed: int, *, overlay: bool) -> float:
    """Median milliseconds of a round."""
    with desk(10**6, overlay=overlay) as ours:
        rest(1.0)
        taken = []
        for x, y in places_on_tissue(JUMPS, seed=seed):
            taken.append(ours.look(Viewport((float(x), float(y)), 1.0, 0.0, VIEW)))
            rest(BETWEEN_S)
    return statistics.median(taken)


def main() -> None:
    """Measure and print."""
    _app = application()
    rounds = [(jumps(seed, overlay=True), jumps(seed, overlay=False)) for seed in range(ROUNDS)]
    with_overlay, without = (min(kind) for kind in zip(*rounds, strict=True))
    print(json.dumps({"jump": with_overlay / without, "jump_ms": with_overlay, "jump_without_ms": without}))


if __name__ == "__main__":
    main()
