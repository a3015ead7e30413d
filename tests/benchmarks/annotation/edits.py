"""One of a million nuclei is changed, and the change taken back: how long until the screen shows it.

    .venv/bin/python tests/benchmarks/annotation/edits.py

Rows 3 and 4. A nucleus in the middle of the view is moved by one pixel and stored in the journal; the time
runs until the overlay is sharp again and painted, beside the same with 10,000 nuclei. The table of
annotations observes the document as in the window. Undo is timed until the new state is there and is shown.
Three interleaved rounds of 24 edits; the best median counts. Prints JSON.
"""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import replace

from crowd import some_ids
from desk import Desk, desk
from stage import VIEW, application, rest

from desktop_app.domain.shapes import bounding_box
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.models.annotation_table import AnnotationTableModel

EDITS, ROUNDS = 24, 3


def edited(count: int, seed: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of edits, of undoing them, and of the document's share of the undoing."""
    edits, undos, states = [], [], []
    with desk(count) as ours:
        table = AnnotationTableModel(ours.document)
        for annotation_id in some_ids(ours.document.snapshot, EDITS, seed=seed):
            found = ours.document.snapshot.get(annotation_id)
            assert found is not None
            left, top, right, bottom = bounding_box(found)
            ours.look(Viewport(((left + right) / 2, (top + bottom) / 2), 1.0, 0.0, VIEW))
            rest(0.4)
            parts = tuple(tuple(ring + 1.0 for ring in part) for part in found.parts)
            edits.append(_edit(ours, found, replace(found, parts=parts)))
            rest(0.3)
            began = time.perf_counter()
            ours.document.undo_stack.undo()
            states.append(1000 * (time.perf_counter() - began))
            undos.append(states[-1] + ours.settle())
            rest(0.1)
        table.deleteLater()
    return edits, undos, states


def _edit(ours: Desk, before: object, after: object) -> float:
    began = time.perf_counter()
    ours.document.change("Move", before=[before], after=[after])
    return 1000 * (time.perf_counter() - began) + ours.settle()


def main() -> None:
    """Measure and print."""
    _app = application()
    rounds = {count: [edited(count, seed) for seed in range(ROUNDS)] for count in (10**4, 10**6)}
    best = {
        count: [min(statistics.median(found[part]) for found in found_rounds) for part in range(3)]
        for count, found_rounds in rounds.items()
    }
    many, few = best[10**6], best[10**4]
    figures = {
        "edit_ms": many[0],
        "edit_few_ms": few[0],
        "edit_ratio": many[0] / few[0],
        "undo_ratio": many[2] / few[2],
        "undo_shown_ratio": many[1] / few[1],
        "undo_ms": many[1],
        "undo_state_ms": many[2],
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
