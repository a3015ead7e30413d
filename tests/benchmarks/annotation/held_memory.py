"""Memory of a document of a million annotations, beside its vertices as float32.

    .venv/bin/python tests/benchmarks/annotation/held_memory.py

Row 12. Resident memory of a process that holds the opened journal, the overlay with the whole slide sharp
and the table, less what the same process takes with an empty document. Prints JSON.
"""

from __future__ import annotations

import ctypes
import gc
import json
import subprocess
import sys
from pathlib import Path

from crowd import LARGE_VERTICES, VERTICES
from desk import desk
from memory import resident_bytes
from stage import application, rest

from desktop_app.ui.models.annotation_table import AnnotationTableModel


def held(count: int) -> int:
    """Bytes with so many nuclei on the desk."""
    with desk(count) as ours:
        table = AnnotationTableModel(ours.document)
        rest(3.0)
        gc.collect()
        if sys.platform == "linux":
            ctypes.CDLL("libc.so.6").malloc_trim(0)
        taken = resident_bytes()
        table.deleteLater()
    return taken


def main() -> None:
    """Measure and print; with a count as its argument, only that."""
    if len(sys.argv) > 1:
        _app = application()
        print(held(int(sys.argv[1])))
        return
    sizes = {}
    for count in (1, 10**6):
        command = [sys.executable, str(Path(__file__)), str(count)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        sizes[count] = int(done.stdout.split()[-1])
    vertices = 8 * (VERTICES * 10**6 + LARGE_VERTICES)
    grown = sizes[10**6] - sizes[1]
    figures = {"held": grown / vertices, "held_mb": grown / 2**20, "vertices_mb": vertices / 2**20}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
