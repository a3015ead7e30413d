"""Each edit is on the disk before *Saved* is told: by the calls that are made, and by what they leave."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.edits import Edit
from desktop_app.storage import sync as sync_module
from desktop_app.storage.journal import Journal
from tests.support.annotation_samples import square, state

ROOT = Path(__file__).resolve().parents[3]
EDITS = 12

SCRIPT = """
import os, sys
from pathlib import Path
import numpy as np
from uuid import uuid4
from desktop_app.domain.annotation import Annotation
from desktop_app.domain.edits import Edit
from desktop_app.storage.journal import Journal

journal = Journal.open(Path(sys.argv[1]), author="Mina")
journal.on_synced = lambda: os.write(1, b"told saved\\n")
ring = np.array([(0, 0), (9, 0), (9, 9)], dtype=np.float64)
for number in range(int(sys.argv[2])):
    journal.append(Edit.create("Draw", "Mina", after=[Annotation(uuid4(), "polygon", ((ring,),))]))
    os.write(1, b"committed\\n")
    if number % 3 == 2:
        journal.move_cursor(journal.undo_path[-2].edit_id)
        os.write(1, b"committed\\n")
journal.flush()
os.write(1, b"end\\n")
"""


def traced(folder: Path) -> Iterator[str]:
    """What a process did, in order: ``write`` and ``sync`` of the log, ``committed``, ``told``, ``end``."""
    trace = folder / "trace.txt"
    calls = "fsync,fdatasync,write,pwrite64"
    command = ["strace", "-f", "-y", "-qq", "-e", f"trace={calls}", "-o", str(trace)]
    script = [sys.executable, "-c", SCRIPT, str(folder / "journal"), str(EDITS)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*command, *script], capture_output=True, text=True, env=environment, check=False)
    if done.returncode and "ptrace" in done.stderr.lower():
        pytest.skip("this system lets no process be traced")
    assert done.returncode == 0, done.stderr
    yield from _events(trace.read_text(errors="replace").splitlines())


def _events(lines: list[str]) -> Iterator[str]:
    clean: dict[str, bool] = {}  # threads within a sync of the log, and whether nothing was written since
    for line in lines:
        thread, call = line.split(maxsplit=1)
        word = re.match(r'write\(1<[^>]*>, "(committed|told|end)', call)
        if word:
            yield word[1]
        elif re.match(r"pwrite64\(\d+<[^>]*-wal>", call):
            clean = dict.fromkeys(clean, False)
            yield "write"
        elif re.match(r"f(data)?sync\(\d+<[^>]*-wal>", call):
            clean[thread] = True
        if re.search(r"f(data)?sync.*= 0$", call) and clean.pop(thread, False):
            yield "sync"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_log_is_synced_after_each_commit_and_before_saved_is_told(tmp_path: Path) -> None:
    events = list(traced(tmp_path))
    commits = EDITS + EDITS // 3
    assert events.count("committed") == events.count("told") == commits
    assert events.count("sync") >= commits
    synced = True
    for event in events:
        if event in ("write", "sync"):
            synced = event == "sync"
        elif event in ("told", "end"):
            assert synced, "told of what was not on the disk"


class Platter:
    """What a disk would keep through a power cut: each file's content at its last completed sync."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.kept: dict[str, bytes] = {}
        self.syncs = 0
        monkeypatch.setattr(sync_module.os, "fsync", self.fsync)

    def fsync(self, descriptor: int) -> None:
        """The real call is left out, which only shows that nothing but the kept bytes is looked at."""
        status = os.fstat(descriptor)
        for path in self.folder.glob("journal.sqlite*"):
            if path.stat().st_ino == status.st_ino:
                self.kept[path.name] = path.read_bytes()
                self.syncs += 1

    def after_power_cut(self, there: Path) -> Journal:
        there.mkdir()
        # SQLite made the database itself, and syncs it with calls of its own.
        kept = {"journal.sqlite": (self.folder / "journal.sqlite").read_bytes()[:4096], **self.kept}
        for name, content in kept.items():
            (there / name).write_bytes(content)
        return Journal.open(there, author="Mina")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="looks at the calls of Linux")
def test_what_saved_was_told_of_outlives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "journal"
    told: list[dict[str, bytes]] = []
    with monkeypatch.context() as patched:
        platter = Platter(folder, patched)
        journal = Journal.open(folder, author="Mina")
        journal.on_synced = lambda: told.append(dict(platter.kept))
        states = []
        for number in range(6):
            journal.append(Edit.create("Draw", "Mina", after=(square(500 * number, 0),)))
            journal.flush()
            states.append(state(journal.snapshot))
        journal.move_cursor(journal.undo_path[2].edit_id)
        journal.flush()
        states.append(state(journal.snapshot))
        assert platter.syncs == len(told) == len(states)
    for number, (kept, expected) in enumerate(zip(told, states, strict=True)):
        platter.kept = kept
        there = platter.after_power_cut(tmp_path / str(number))
        assert state(there.snapshot) == expected
        there.close()
    journal.close()
