"""What is under the mouse, among a million nuclei and over a polygon of 200,000 vertices.

    .venv/bin/python tests/benchmarks/annotation/hits.py

Row 5. A thousand places on nuclei, and a thousand within and along the large polygon where no nucleus is,
each with a reach of 4 pixels, as the mouse has. The best median of three rounds; the first question about
the large polygon, which lists its edges, is reported beside. Prints JSON.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterable

import numpy as np
from crowd import LARGE_ID, crowd, large_polygon, some_ids

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.shapes import bounding_box

PLACES, REACH, ROUNDS = 1000, 4.0, 3

Point = tuple[float, float]


def hit_ms(snapshot: AnnotationSnapshot, places: Iterable[Point]) -> list[float]:
    """Milliseconds of each question."""
    taken = []
    for place in places:
        began = time.perf_counter()
        snapshot.hit(place, REACH)
        taken.append(1000 * (time.perf_counter() - began))
    return taken


def on_nuclei(snapshot: AnnotationSnapshot) -> list[Point]:
    """Middles of nuclei."""
    found = snapshot.iter_annotations(some_ids(snapshot, PLACES))
    boxes = (bounding_box(annotation) for annotation in found)
    return [((left + right) / 2, (top + bottom) / 2) for left, top, right, bottom in boxes]


def on_large_polygon() -> list[Point]:
    """Places on its border and inside it."""
    random = np.random.default_rng(3)
    ring = large_polygon().parts[0][0]
    chosen = ring[random.integers(0, len(ring), PLACES)]
    share = np.where(np.arange(PLACES) % 2, 1.0, random.uniform(0, 1, PLACES))[:, None]
    return [tuple(place) for place in (ring.mean(0) + (chosen - ring.mean(0)) * share).tolist()]


def main() -> None:
    """Measure and print."""
    figures = {}
    snapshots = {10**4: crowd(10**4), 10**6: crowd(10**6)}
    for count, snapshot in snapshots.items():
        places = on_nuclei(snapshot)
        rounds = [hit_ms(snapshot, places) for _ in range(ROUNDS)]
        figures[f"hit_{count}_ms"] = min(map(statistics.median, rounds))
        figures[f"hit_{count}_p99_ms"] = min(float(np.percentile(taken, 99)) for taken in rounds)
    many = snapshots[10**6]
    places = [place for place in on_large_polygon() if many.hit(place, REACH) in (None, LARGE_ID)]
    assert sum(many.hit(place, REACH) == LARGE_ID for place in places) > PLACES / 10
    fresh = crowd(10**4)
    figures["hit_large_first_ms"] = hit_ms(fresh, [tuple(large_polygon().parts[0][0][0].tolist())])[0]
    rounds = [hit_ms(many, places) for _ in range(ROUNDS)]
    figures["hit_large_ms"] = min(map(statistics.median, rounds))
    figures["hit_large_p99_ms"] = min(float(np.percentile(taken, 99)) for taken in rounds)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
