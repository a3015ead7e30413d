"""A document of a million annotations opened from its journal, beside reading its arrays from a file.

    .venv/bin/python tests/benchmarks/annotation/opening.py

Row 10. Each opening is a process of its own that has imported what it needs; the page cache is warm. Opened
means that the present state is there and the undo list known. The arrays are the columns of the same
snapshot as numpy wrote them, one file for each. Five interleaved rounds; medians. Prints JSON.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

import numpy as np
from crowd import cache_folder, copied

from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.annotation_columns import Interned, Ragged
from desktop_app.storage.journal import Journal

ROUNDS = 5

OPEN = """
import sys, time
sys.path[:0] = {paths!r}
from pathlib import Path
from desktop_app.storage.journal import Journal
import sqlite3, numpy, orjson
began = time.perf_counter()
journal = Journal.open(Path(sys.argv[1]), author="Mina")
taken = time.perf_counter() - began
assert len(journal.snapshot) > 10**6 and len(journal.undo_path) == 2
print(taken)
journal.close()
"""

READ = """
import sys, time
import numpy
from pathlib import Path
files = sorted(Path(sys.argv[1]).glob("*.npy"))
began = time.perf_counter()
arrays = [numpy.load(file) for file in files]
print(time.perf_counter() - began)
"""


def write_arrays(journal_folder: Path, folder: Path) -> int:
    """Write the columns of the journal's snapshot; how many bytes they take."""
    journal = Journal.open(journal_folder, author="Mina")
    whole = AnnotationChunk.joined(journal.snapshot.chunks)
    journal.close()
    folder.mkdir()
    for column in fields(whole):
        value = getattr(whole, column.name)
        if isinstance(value, Ragged):
            value = value.starts
        elif isinstance(value, Interned):
            value = value.index
        np.save(folder / f"{column.name}.npy", np.ascontiguousarray(value))
    return sum(file.stat().st_size for file in folder.iterdir())


def seconds(script: str, folder: Path) -> float:
    """What a script of its own process measured."""
    script = script.format(paths=sys.path)
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], check=True, capture_output=True, text=True
    )
    return float(done.stdout.split()[-1])


def main() -> None:
    """Measure and print."""
    opened, read = [], []
    with copied(10**6) as folder, tempfile.TemporaryDirectory(dir=cache_folder()) as home:
        size = write_arrays(folder, Path(home) / "arrays")
        for script, where in ((OPEN, folder), (READ, Path(home) / "arrays")):
            seconds(script, where)
        for _ in range(ROUNDS):
            opened.append(seconds(OPEN, folder))
            read.append(seconds(READ, Path(home) / "arrays"))
    ours, theirs = statistics.median(opened), statistics.median(read)
    figures = {"open": ours / theirs, "open_s": ours, "read_s": theirs, "arrays_mb": size / 1e6}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
