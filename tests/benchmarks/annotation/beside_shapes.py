"""napari's shapes layer (bermuda backend) beside our overlay: adding polygons, and frames of a panned view.

    .venv/bin/python tests/benchmarks/annotation/beside_shapes.py

Row 13; needs a display and the environment that ``tests/benchmarks/peers/setup.py`` makes. The same polygons
in a view of 1280 x 900 px. Adding runs from the finished arrays until the whole slide with its shapes is
sharp and painted; ours is stored in the journal in that time. A pan frame is a step of 10 pixels with the
whole slide in view, sharp and painted. Prints JSON.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from crowd import SIDE, VERTICES, nuclei
from desk import desk
from stage import VIEW, application, rest

from desktop_app.domain.edits import Edit
from desktop_app.domain.viewport import Viewport

PEERS = Path(__file__).resolve().parents[1] / "peers"
STEPS, STEP, THEIR_STEPS = 60, 10, {10**4: 20, 10**5: 6}
WHOLE = SIDE / min(VIEW)
"""Level-0 pixels per pixel with the whole slide in view."""

LIMIT_S = 280


def way(steps: int) -> list[tuple[float, float]]:
    """Middles of views along a pan."""
    return [
        (SIDE / 2 + WHOLE * 0.9 * STEP * (number % 12), SIDE / 2 + WHOLE * 0.4 * STEP * (number % 12))
        for number in range(steps)
    ]


def ours(count: int) -> tuple[float, float]:
    """Seconds to add, and the median pan frame in ms."""
    chunk = nuclei(count)
    with desk(1) as here:
        here.look(Viewport((SIDE / 2, SIDE / 2), WHOLE, 0.0, VIEW))
        began = time.perf_counter()
        here.document.commit(Edit.create("Add", "Mina", after=chunk))
        here.settle()
        added = time.perf_counter() - began
        places = way(STEPS)
        here.look(Viewport(places[0], WHOLE, 0.0, VIEW))
        rest(0.5)
        pans = [here.look(Viewport(place, WHOLE, 0.0, VIEW)) for place in places[1:]]
    return added, statistics.median(pans)


def theirs(python: Path, count: int, home: Path) -> tuple[float, float]:
    """The same in napari."""
    chunk = nuclei(count)
    corners = (chunk.offsets + chunk.origin).reshape(count, VERTICES, 2)
    np.save(home / "polygons.npy", corners.astype(np.float32))
    places = home / "way.json"
    places.write_text(json.dumps({"side": SIDE, "pan": way(THEIR_STEPS[count])}), encoding="utf-8")
    command = [str(python), str(PEERS / "napari_shapes.py"), str(home / "polygons.npy"), str(places)]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=LIMIT_S
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return found["add_s"], statistics.median(found["pan_ms"])


def main() -> None:
    """Measure and print."""
    sys.path.insert(0, str(PEERS))
    from setup import interpreter

    if not interpreter().exists():
        raise SystemExit(f"no peers: run {PEERS / 'setup.py'} first")
    _app = application()
    figures = {}
    with tempfile.TemporaryDirectory() as home:
        for name, count in (("10k", 10**4), ("100k", 10**5)):
            us, them = ours(count), theirs(interpreter(), count, Path(home))
            figures |= {f"napari_add_{name}": them[0] / us[0], f"napari_pan_{name}": them[1] / us[1]}
            figures |= {f"add_{name}_s": us[0], f"pan_{name}_ms": us[1]}
            figures |= {f"napari_add_{name}_s": them[0], f"napari_pan_{name}_ms": them[1]}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
