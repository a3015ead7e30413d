"""napari beside our canvas: first picture, jumps and pan frames of the same slide in a view of the same size.

    .venv/bin/python tests/benchmarks/canvas/beside_napari.py

Row 12; needs a display and the environment that ``tests/benchmarks/peers/setup.py`` makes. Three rounds,
interleaved; the best of each counts. A pan frame is a step of 10 pixels at 1:1 until it is sharp and painted.
Prints JSON.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from big_slide import big_slides, places_on_tissue
from stage import VIEW, application, cold_slide, jump_ms, rest, shown_canvas
from starts import CANVAS, seconds

from desktop_app.domain.viewport import Viewport

ROUNDS, JUMPS, STEPS, STEP = 3, 16, 200, 10
PEERS = Path(__file__).resolve().parents[1] / "peers"


def tour(seed: int) -> dict[str, list[tuple[float, float]]]:
    """Middles at 1:1 to jump to, then a way to pan along."""
    places = [(float(x), float(y)) for x, y in places_on_tissue(JUMPS, seed=seed)]
    x, y = places[-1]
    pan = [(x + STEP * index * 0.9, y + STEP * index * 0.4) for index in range(1, STEPS + 1)]
    return {"jumps": places, "pan": pan}


def ours(seed: int, home: str) -> dict[str, float]:
    """Our first picture in seconds, and medians in ms."""
    path = big_slides()[0]
    first = seconds(CANVAS, home, str(path))
    way = tour(seed)
    with cold_slide(path) as slide, shown_canvas(slide) as canvas:
        jumps = []
        for place in way["jumps"]:
            jumps.append(jump_ms(canvas, Viewport(place, 1.0, 0.0, VIEW)))
            rest(0.05)
        pans = [jump_ms(canvas, Viewport(place, 1.0, 0.0, VIEW)) for place in way["pan"]]
    return {"first": first, "jump": statistics.median(jumps), "pan": statistics.median(pans)}


def theirs(python: Path, seed: int, home: str) -> dict[str, float]:
    """napari's."""
    places = Path(home) / "tour.json"
    places.write_text(json.dumps(tour(seed)), encoding="utf-8")
    command = [str(python), str(PEERS / "napari_tour.py"), str(big_slides()[0]), str(places)]
    began = time.monotonic()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    found = json.loads(done.stdout.splitlines()[-1])
    if found["level"] != 0:
        raise SystemExit("napari did not show the finest level")
    return {
        "first": found["first_at"] - began,
        "jump": statistics.median(found["jump_ms"]),
        "pan": statistics.median(found["pan_ms"]),
    }


def main() -> None:
    """Measure and print."""
    sys.path.insert(0, str(PEERS))
    from setup import interpreter

    if not interpreter().exists():
        raise SystemExit(f"no peers: run {PEERS / 'setup.py'} first")
    _app = application()
    with tempfile.TemporaryDirectory() as home:
        rounds = [(ours(seed, home), theirs(interpreter(), seed, home)) for seed in range(ROUNDS)]
    figures = {}
    for name in ("first", "jump", "pan"):
        us, them = (min(found[index][name] for found in rounds) for index in (0, 1))
        figures |= {f"napari_{name}": them / us, f"napari_{name}_theirs": them, f"napari_{name}_ours": us}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
