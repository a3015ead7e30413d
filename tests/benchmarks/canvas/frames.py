"""Frames of a moving view: ten seconds of panning and zooming at 60 Hz.

    .venv/bin/python tests/benchmarks/canvas/frames.py [--rounds N]

Rows 6, 7, 10 and the second half of row 8. The ride pans over tissue while it zooms from 1:32 to 1:1 and
back; every round opens the slide anew. The kinds are interleaved; the best round counts. Row 7 rides while a
real analysis, begun anew in every round, runs in its niced worker process, and while it is held. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from big_slide import SIDE, big_slides
from looks import full_display
from stage import VIEW, Frames, application, cold_slide, rest, ride, shown_canvas

from desktop_app.domain.viewport import Viewport
from desktop_app.engine.job import Job
from desktop_app.storage.locations import Locations
from desktop_app.storage.recipes import find_recipe
from desktop_app.ui.canvas import DisplayLookup
from desktop_app.ui.engine.job_engine import JobEngine

SECONDS = 10.0
TURN = 17.0


def panning_and_zooming(seconds: float, *, turned: float = 0.0) -> Viewport:
    """Where the view is after so many seconds: never at rest, in and out again within ``SECONDS``."""
    phase = 2 * math.pi * seconds / SECONDS
    x = 0.45 * SIDE + 4000 * math.sin(1.7 * phase) + 900 * seconds
    y = 0.45 * SIDE + 3000 * math.cos(phase)
    return Viewport((x, y), 2 ** (2.5 + 2.5 * math.cos(phase)), turned, VIEW)


def straight(seconds: float) -> Viewport:
    """As the slide was scanned."""
    return panning_and_zooming(seconds)


def turned(seconds: float) -> Viewport:
    """Turned by ``TURN``."""
    return panning_and_zooming(seconds, turned=TURN)


def cold_ride(path: Callable[[float], Viewport], display: DisplayLookup | None = None) -> Frames:
    """A ride over a slide just opened."""
    with cold_slide(big_slides()[0]) as slide, shown_canvas(slide) as canvas:
        if display is not None:
            canvas.set_display(display)
            rest(0.5)
        return ride(canvas, path, SECONDS)


def empty_ride() -> Frames:
    """The same script on a canvas without a slide, painted in every frame."""
    with shown_canvas(None) as canvas:

        def step(seconds: float) -> Viewport:
            canvas.update()
            return straight(seconds)

        return ride(canvas, step, SECONDS)


@contextmanager
def analysis(folder: Path) -> Iterator[JobEngine]:
    """An analysis of the slide under way in the worker process, past its start."""
    engine = JobEngine(Locations.default())
    recipe = find_recipe("default", Locations.default().recipes)
    engine.submit(Job("0" * 32, big_slides()[1], recipe, folder / "out"))
    try:
        while not _is_reading_tiles(engine):
            rest(0.2)
            if engine.is_idle:
                raise SystemExit(f"the analysis ended early: {engine.records}")
        yield engine
        if not _is_reading_tiles(engine):
            raise SystemExit("the analysis ended before the ride did")
    finally:
        engine.shutdown()


def _is_reading_tiles(engine: JobEngine) -> bool:
    running = engine.running
    progress = None if running is None else running.progress
    return progress is not None and progress.stage == "features" and progress.done > 0


def beside_an_analysis(rounds: int) -> float:
    """Paint p95 with the analysis running over paint p95 with it held, the best round of each."""
    alone, beside = [], []
    with tempfile.TemporaryDirectory() as home:
        os.environ["COVERSLIP_HOME"] = home
        for number in range(rounds):
            with analysis(Path(home) / str(number)) as engine:
                engine.set_paused(True)
                rest(2.0)
                alone.append(cold_ride(straight))
                engine.set_paused(False)
                rest(0.5)
                beside.append(cold_ride(straight))
    return best_p95(beside) / best_p95(alone)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    rounds = range(parser.parse_args().rounds)
    _app = application()
    display = full_display()
    plain, dyed, askew = [], [], []
    for _ in rounds:
        plain.append(cold_ride(straight))
        dyed.append(cold_ride(straight, display))
        askew.append(cold_ride(turned))
    empty = empty_ride()
    figures = {
        "paint_p50_ms": min(frames.paint(50) for frames in plain),
        "paint_p99_ms": min(frames.paint(99) for frames in plain),
        "late_percent": min(frames.late_percent for frames in plain),
        "paint_empty_p99_ms": empty.paint(99),
        "late_empty_percent": empty.late_percent,
        "display_frame": best_p95(dyed) / best_p95(plain),
        "turned": best_p95(askew) / best_p95(plain),
        "analysis": beside_an_analysis(len(rounds)),
    }
    print(json.dumps(figures))


def best_p95(rides: list[Frames]) -> float:
    """Paint p95 of the best round, ms."""
    return min(frames.paint(95) for frames in rides)


if __name__ == "__main__":
    main()
