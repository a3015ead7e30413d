"""A view between two levels of a pyramid of factor 4, beside the same view on a pyramid of factor 2.

    .venv/bin/python tests/benchmarks/canvas/between_levels.py

Row 9. The view shows three level-0 pixels in one. On factor 2 a level of the file serves it; on factor 4 it
lies between 1:1 and 1:4, so what is seen has to be made of four times the tiles. Measured are the time until
a picture of at least half the resolution covers the view, and the time until it is sharp, both over the time
until the factor-2 slide is sharp. 16 jumps a round, three rounds interleaved, the best median. Prints JSON.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
from big_slide import big_slides, places_on_tissue
from PySide6.QtCore import QEventLoop
from stage import VIEW, TimedCanvas, application, cold_slide, rest, shown_canvas, wait_until_sharp

from desktop_app.domain.viewport import Viewport

DOWNSAMPLE, HALF = 3.0, 2.0
JUMPS, ROUNDS = 16, 3


def half_and_sharp_ms(canvas: TimedCanvas, viewport: Viewport) -> tuple[float, float]:
    """Milliseconds until half the resolution covers the view, and until it is sharp; both painted."""
    layer = canvas.slide_layer
    assert layer is not None
    pyramid = layer.source.pyramid
    # Half the resolution that the factor-2 slide shows: a level of 1:4, or any finer one that is there.
    fine, half = (pyramid.level_for(viewport.downsample * factor) for factor in (1.0, HALF))
    seen = [pyramid.tiles_in_view(level, viewport) for level in (half, fine)]
    loop, halfway, began = QEventLoop(), 0.0, time.perf_counter()

    def look() -> None:
        nonlocal halfway
        if not halfway and any(all(layer.cache.is_there(key) for key in keys) for keys in seen):
            canvas.repaint()
            halfway = time.perf_counter()
        if canvas.is_sharp:
            loop.quit()

    # Looked at whenever tiles have come, which is when there may be something new to see.
    layer.updated.connect(look)
    canvas.sharpened.connect(look)
    canvas.set_viewport(viewport)
    if not canvas.is_sharp:
        loop.exec()
    layer.updated.disconnect(look)
    canvas.sharpened.disconnect(look)
    canvas.repaint()
    return 1000 * (halfway - began), 1000 * (time.perf_counter() - began)


def run(path: Path, seed: int) -> list[tuple[float, float]]:
    """One round of jumps on a slide just opened."""
    times = []
    with cold_slide(path) as slide, shown_canvas(slide) as canvas:
        for x, y in places_on_tissue(JUMPS, seed=seed, view=(3 * VIEW[0], 3 * VIEW[1])):
            times.append(half_and_sharp_ms(canvas, Viewport((float(x), float(y)), DOWNSAMPLE, 0.0, VIEW)))
            rest(0.25)
            canvas.fit()
            wait_until_sharp(canvas)
            rest(0.05)
    return times


def main() -> None:
    """Measure and print."""
    _app = application()
    by2, by4 = big_slides()
    rounds = [
        [np.median(np.asarray(run(path, seed)), axis=0) for path in (by2, by4)] for seed in range(ROUNDS)
    ]
    two, four = np.min(np.asarray(rounds), axis=0)
    print(json.dumps({"between_first": four[0] / two[1], "between_sharp": four[1] / two[1]}))


if __name__ == "__main__":
    main()
