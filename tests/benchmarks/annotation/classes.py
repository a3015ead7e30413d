"""A class of a million annotations gets another color, or is hidden: how long until the view shows it.

    .venv/bin/python tests/benchmarks/annotation/classes.py

Row 6. At 40x and with the whole slide in view, which shows every one of them; the time runs until every
visible tile of the overlay is there again and painted. The worst zoom counts, the median of eight. Prints
JSON.
"""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import replace

from crowd import SIDE, places_on_tissue
from desk import Desk, desk
from stage import VIEW, application, rest

from desktop_app.domain.viewport import Viewport

ROUNDS = 8
CHANGED = "Tumor"


def recolored(ours: Desk, color: tuple[int, int, int]) -> float:
    """Milliseconds until a class has another color."""
    classes = tuple(
        replace(entry, color=color) if entry.name == CHANGED else entry
        for entry in ours.document.snapshot.classes
    )
    began = time.perf_counter()
    ours.document.set_classes(classes, "Color")
    called = 1000 * (time.perf_counter() - began)
    return called + ours.settle()


def hidden(ours: Desk, names: frozenset[str | None]) -> float:
    """Milliseconds until a class is gone, or there again."""
    assert ours.layer is not None
    began = time.perf_counter()
    ours.layer.set_hidden_classes(names)
    called = 1000 * (time.perf_counter() - began)
    return called + ours.settle()


def main() -> None:
    """Measure and print."""
    _app = application()
    x, y = places_on_tissue(1, seed=4)[0]
    views = {
        "near": Viewport((float(x), float(y)), 1.0, 0.0, VIEW),
        "whole": Viewport((SIDE / 2, SIDE / 2), SIDE / min(VIEW), 0.0, VIEW),
    }
    figures = {}
    with desk(10**6) as ours:
        for name, view in views.items():
            ours.look(view)
            colors, hides = [], []
            for number in range(ROUNDS):
                rest(0.6)
                colors.append(recolored(ours, (20 * number, 90, 200)))
                rest(0.6)
                hides.append(hidden(ours, frozenset() if number % 2 else frozenset({CHANGED})))
            figures[f"recolor_{name}_s"] = statistics.median(colors) / 1000
            figures[f"hide_{name}_s"] = statistics.median(hides) / 1000
    figures["class_s"] = max(figures.values())
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
