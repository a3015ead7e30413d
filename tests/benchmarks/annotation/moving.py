"""Frames of a moving view over a million annotations: ten seconds of panning and zooming at 60 Hz.

    .venv/bin/python tests/benchmarks/annotation/moving.py

Row 2. The ride of the canvas benchmark, from 1:32 to 1:1 and back, with the overlay and without it, each
over a slide just opened; three interleaved rounds, the best counts. Prints JSON.
"""

from __future__ import annotations

import json

from desk import desk
from frames import SECONDS, straight
from stage import Frames, application, rest, ride


def moved(*, overlay: bool) -> Frames:
    """One ride."""
    with desk(10**6, overlay=overlay) as ours:
        rest(1.0)
        return ride(ours.canvas, straight, SECONDS)


def main() -> None:
    """Measure and print."""
    _app = application()
    rounds = [(moved(overlay=True), moved(overlay=False)) for _ in range(3)]
    laden, bare = zip(*rounds, strict=True)
    p50, bare_p50 = (min(frames.paint(50) for frames in rides) for rides in (laden, bare))
    figures = {
        "paint_p99_ms": min(frames.paint(99) for frames in laden),
        "paint_bare_p99_ms": min(frames.paint(99) for frames in bare),
        "paint_p50_ms": p50,
        "paint_bare_p50_ms": bare_p50,
        "paint_p50_ratio": p50 / bare_p50,
        "late_percent": min(frames.late_percent for frames in laden),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
