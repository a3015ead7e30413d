"""A journal without room, in a folder that cannot be written, and under a clock that goes back."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from desktop_app.domain.edits import Edit
from desktop_app.errors import DiskFullError, StorageError
from desktop_app.storage.journal import Journal
from tests.support.annotation_samples import square, state
from tests.support.small_disk import small_disk

ROOT = Path(__file__).resolve().parents[3]


def draw(journal: Journal, place: int, *, objects: int = 1) -> None:
    shapes = [square(500.0 * place, 10.0 * at) for at in range(objects)]
    journal.append(Edit.create("Draw", "Mina", after=shapes))


def test_a_full_disk_refuses_an_edit_and_takes_it_when_there_is_room(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk") as disk,
        closing(Journal.open(disk.folder / "j", author="Mina")) as journal,
    ):
        draw(journal, 0)
        draw(journal, 1)
        journal.move_cursor(journal.undo_path[0].edit_id)
        before, history = state(journal.snapshot), journal.history
        journal.flush()
        disk.fill()
        with pytest.raises(DiskFullError, match=r"is full, so nothing was changed\. Free some room"):
            draw(journal, 2, objects=20_000)  # more than SQLite may have room for in its files yet
        assert state(journal.snapshot) == before
        assert journal.history == history
        disk.make_room()
        draw(journal, 500)
        journal.flush()
        expected = state(journal.snapshot)
        journal.close()
        with closing(Journal.open(disk.folder / "j", author="Mina")) as again:
            assert state(again.snapshot) == expected
            assert again.recovery_note == ""


def test_a_disk_that_is_full_at_opening_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        with closing(Journal.open(disk.folder / "j", author="Mina")) as journal:
            draw(journal, 0)
            expected = state(journal.snapshot)
        disk.fill()
        with pytest.raises(DiskFullError):
            Journal.open(disk.folder / "j", author="Mina")
        disk.make_room()
        with closing(Journal.open(disk.folder / "j", author="Mina")) as again:
            assert state(again.snapshot) == expected
            draw(again, 1)


def test_a_disk_that_cannot_be_written_is_told_at_opening(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        Journal.open(disk.folder / "j", author="Mina").close()
        disk.set_writable(False)
        with pytest.raises(StorageError):
            Journal.open(disk.folder / "j", author="Mina")
        with pytest.raises(StorageError):
            Journal.open(disk.folder / "new", author="Mina")


LIMITED = """
import resource, sys
from pathlib import Path
from uuid import uuid4
import numpy as np
from desktop_app.domain.annotation import Annotation
from desktop_app.domain.edits import Edit
from desktop_app.errors import StorageError
from desktop_app.storage.journal import Journal

journal = Journal.open(Path(sys.argv[1]), author="Mina")
ring = np.array([(0, 0), (9, 0), (9, 9)], dtype=np.float64)


def draw(count):
    shapes = [Annotation(uuid4(), "polygon", ((ring,),)) for _ in range(count)]
    journal.append(Edit.create("Draw", "Mina", after=shapes))


draw(1)
journal.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    draw(5_000)
except StorageError as error:
    print("refused", len(journal.snapshot), len(journal.history))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
draw(1)
journal.close()
journal = Journal.open(Path(sys.argv[1]), author="Mina")
print("reopened", len(journal.snapshot), journal.recovery_note)
journal.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as Unix does")
def test_a_file_that_may_not_grow_refuses_an_edit_and_takes_it_later(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "저널")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == ["refused 1 1", "reopened 2 ", ""]


def test_a_clock_that_goes_back_changes_no_order(tmp_path: Path) -> None:
    times = iter([f"20{year}-01-01T00:00:00.000+00:00" for year in range(60, 10, -1)])
    with closing(Journal.open(tmp_path, author="Mina", clock=lambda: next(times))) as journal:
        for place in range(4):
            draw(journal, place)
            if place:
                journal.move_cursor(journal.undo_path[-2].edit_id)
                journal.move_cursor(journal.redo_path[0].edit_id)
        expected, order = state(journal.snapshot), [record.seq for record in journal.undo_path]
    with closing(Journal.open(tmp_path, author="Mina", clock=lambda: next(times))) as again:
        assert state(again.snapshot) == expected
        assert [record.seq for record in again.undo_path] == order == sorted(order)
        assert again.recovery_note == ""
