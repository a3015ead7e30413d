"""A journal on a disk without room for anything: what is there is seen, and nothing is stored."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from desktop_app.domain.edits import Edit
from desktop_app.errors import DiskFullError, StorageError
from desktop_app.storage.journal import Journal
from tests.support.annotation_samples import square
from tests.support.small_disk import small_disk

FULL = StorageError(Path("/"), "the disk is full")


def draw(journal: Journal, x: float) -> None:
    journal.append(Edit.create("Draw", "Mina", after=(square(x, 0, 10),)))


def test_the_log_that_a_crash_left_is_read_without_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        with closing(Journal.open(tmp_path / "first", author="Mina")) as first:
            for x in range(3):
                draw(first, 20.0 * x)
            first.flush()
            crashed = shutil.copytree(tmp_path / "first", disk.folder / "journal")
        for part in crashed.glob("*-shm"):
            part.unlink()
        assert (crashed / "journal.sqlite-wal").stat().st_size > 0
        disk.fill()
        with pytest.raises(DiskFullError):
            Journal.open(crashed, author="Mina")
        with closing(Journal.open_to_look(crashed, author="Mina", obstacle=FULL)) as journal:
            assert len(journal.snapshot) == 3
            assert journal.read_only
            assert journal.obstacle is FULL
            with pytest.raises(StorageError):
                draw(journal, 100)
        disk.make_room()
        with closing(Journal.open(crashed, author="Mina")) as journal:
            assert len(journal.snapshot) == 3
            draw(journal, 100)


def test_a_slide_without_annotations_has_none_to_look_at(tmp_path: Path) -> None:
    with closing(Journal.open_to_look(tmp_path / "none", author="Mina", obstacle=FULL)) as journal:
        assert journal.read_only
        assert len(journal.snapshot) == 0
        assert journal.history == ()
    assert not (tmp_path / "none").exists()
