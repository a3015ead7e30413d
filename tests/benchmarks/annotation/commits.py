"""An edit until it is on the disk itself, beside one fsync of 4 kB on the same disk.

    .venv/bin/python tests/benchmarks/annotation/commits.py

Row 9. A nucleus among a million is moved; the time runs until the journal says that the commit is synced;
the journal applies the edit to its snapshot after that, which row 3 counts.
The plain write appends 4 kB to a file, as the journal's log does, and syncs it. 48 of each, in turn;
medians. Prints JSON.
"""

from __future__ import annotations

import json
import os
import statistics
import threading
import time
from dataclasses import replace

from crowd import copied, some_ids

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.edits import Edit
from desktop_app.storage.journal import Journal

TIMES = 48
PAGE = bytes(4096)


def durable_ms(journal: Journal, found: Annotation) -> float:
    """Milliseconds from an edit to its sync."""
    parts = tuple(tuple(ring + 1.0 for ring in part) for part in found.parts)
    edit = Edit.create("Move", "Mina", before=[found], after=[replace(found, parts=parts)])
    synced = threading.Event()
    told: list[float] = []

    def tell() -> None:
        told.append(time.perf_counter())
        synced.set()

    journal.on_synced = tell
    began = time.perf_counter()
    journal.append(edit)
    synced.wait()
    return 1000 * (told[0] - began)


def plain_ms(handle: int) -> float:
    """Milliseconds to append a page and sync."""
    began = time.perf_counter()
    os.write(handle, PAGE)
    os.fsync(handle)
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    """Measure and print."""
    edits, plain = [], []
    with copied(10**6) as folder:
        journal = Journal.open(folder, author="Mina")
        handle = os.open(folder.parent / "plain", os.O_WRONLY | os.O_CREAT)
        for annotation_id in some_ids(journal.snapshot, TIMES):
            found = journal.snapshot.get(annotation_id)
            assert found is not None
            plain.append(plain_ms(handle))
            edits.append(durable_ms(journal, found))
        os.close(handle)
        journal.close()
    ours, theirs = statistics.median(edits), statistics.median(plain)
    print(json.dumps({"commit": ours / theirs, "commit_ms": ours, "fsync_ms": theirs}))


if __name__ == "__main__":
    main()
