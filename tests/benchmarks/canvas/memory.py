"""Memory with a full tile cache, over what the cache may hold and what the window holds without a slide.

    .venv/bin/python tests/benchmarks/canvas/memory.py

Row 11. Views at 1:1 over tissue until the cache has been full for a while. Prints JSON.
"""

from __future__ import annotations

import json
from pathlib import Path

from big_slide import big_slides, places_on_tissue
from stage import VIEW, application, cold_slide, jump_ms, rest, shown_canvas

from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas.tile_cache import DEFAULT_CAPACITY

VIEWS_WHEN_FULL = 15


def resident_bytes() -> int:
    """Memory of this process, Linux."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def main() -> None:
    """Measure and print."""
    _app = application()
    with shown_canvas(None):
        base = resident_bytes()
    with cold_slide(big_slides()[0]) as slide, shown_canvas(slide) as canvas:
        layer = canvas.slide_layer
        assert layer is not None
        left, largest = VIEWS_WHEN_FULL, 0
        for place in places_on_tissue(400, seed=3, apart=False):
            jump_ms(canvas, Viewport((float(place[0]), float(place[1])), 1.0 + 0.9 * (left % 2), 0.0, VIEW))
            rest(0.05)
            if layer.cache.bytes_held > 0.98 * layer.cache.limit:
                left -= 1
                largest = max(largest, resident_bytes())
            if left == 0:
                break
        held = layer.cache.bytes_held
    figures = {
        "memory": largest / (DEFAULT_CAPACITY + base),
        "memory_mb": largest / 2**20,
        "base_mb": base / 2**20,
        "held_mb": held / 2**20,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
