"""What the history needs of the journal: numbers of objects, what is new, ways to far states, withholding."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.domain.edits import Edit
from desktop_app.errors import StorageError
from desktop_app.storage.annotation_codec import DamagedBytesError, count_objects, encode_edit
from desktop_app.storage.journal import Journal
from desktop_app.storage.journal_lock import Holder
from desktop_app.storage.journal_ways import FAR
from tests.support.annotation_samples import square, state


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(Journal.open(tmp_path / "저널", author="Mina")) as opened:
        yield opened


def draw(journal: Journal, place: int) -> None:
    journal.append(Edit.create("Draw", "Mina", after=(square(500.0 * place, 0),)))


@pytest.mark.parametrize(("before", "after"), [(0, 1), (3, 3), (5, 1), (0, 0), (0, 6000)])
def test_the_number_of_objects_is_told_from_the_header_alone(before: int, after: int) -> None:
    old, new = ([square(9.0 * at, 0) for at in range(count)] for count in (before, after))
    data = encode_edit(Edit.create("x", "Mina", before=old, after=new))
    read: list[int] = []

    def taken(count: int) -> bytes:
        read.append(count)
        return source.read(count)

    source = io.BytesIO(data)
    assert count_objects(taken) == max(before, after)
    if after > 1000:
        assert sum(read) < len(data) / 10


def test_what_is_no_edit_has_no_number() -> None:
    for data in (b"", b"CSA2", b"\0" * 999):
        with pytest.raises(DamagedBytesError):
            count_objects(io.BytesIO(data).read)


def test_the_history_tells_how_many_objects_and_what_is_new(journal: Journal) -> None:
    assert journal.cursor is None
    draw(journal, 0)
    journal.append(Edit.create("Draw", "Mina", after=[square(0, 300.0 * at) for at in range(7)]))
    first, second = journal.history
    assert [journal.object_count(record.seq) for record in journal.history] == [1, 7]
    assert journal.cursor == second
    journal.move_cursor(first.edit_id)
    assert journal.cursor == first
    draw(journal, 2)
    assert journal.history_since(0) == journal.history
    assert journal.history_since(second.seq) == journal.history[2:]
    assert journal.history_since(journal.history[-1].seq) == ()


def test_a_far_state_is_reached_in_one_move_computed_on_another_thread(journal: Journal) -> None:
    states = [state(journal.snapshot)]
    for place in range(FAR + 20):
        draw(journal, place)
        states.append(state(journal.snapshot))
    present = journal.undo_path[-1]
    found = []
    compute = journal.way_to(journal.undo_path[4].edit_id)
    thread = threading.Thread(target=lambda: found.append(compute()))
    thread.start()
    thread.join()
    change = journal.take(found[0])
    assert state(journal.snapshot) == states[5]
    assert len(change.removed_ids) == FAR + 15
    journal.take(journal.way_to(present.edit_id)())
    assert state(journal.snapshot) == states[-1]
    journal.take(journal.way_to(None)())
    assert state(journal.snapshot) == states[0]


def test_a_way_from_a_state_that_was_left_is_not_gone(journal: Journal) -> None:
    draw(journal, 0)
    draw(journal, 1)
    way = journal.way_to(journal.history[0].edit_id)()
    draw(journal, 2)
    with pytest.raises(StorageError, match="changed meanwhile"):
        journal.take(way)
    assert len(journal.snapshot) == 3


def test_a_journal_that_is_withheld_only_looks_and_says_who_writes(journal: Journal) -> None:
    draw(journal, 0)
    journal.withhold(Holder("jun", "lab-2", 1, "2026-01-02T03:04:05.000+00:00"))
    assert journal.read_only
    with pytest.raises(StorageError, match="jun on lab-2 has this slide open"):
        draw(journal, 1)
    with pytest.raises(StorageError):
        journal.move_cursor(None)
    journal.allow()
    assert not journal.read_only
    assert journal.holder is None
    draw(journal, 1)


def test_what_this_machine_locks_is_not_allowed_by_another(journal: Journal) -> None:
    with closing(Journal.open(journal.folder, author="Jun")) as second:
        second.withhold(replace(Holder.this_process(""), user="x"))
        second.allow()
        assert second.read_only


def test_a_sync_that_failed_is_told_at_once(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Exception] = []
    saved: list[bool] = []
    journal.on_sync_failed, journal.on_synced = told.append, lambda: saved.append(True)

    def failing(path: Path) -> None:
        raise StorageError(path, "the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr("desktop_app.storage.journal.sync_file", failing)
        draw(journal, 0)
        with pytest.raises(StorageError):
            journal.flush()
    assert [str(error) for error in told] == [str(told[0])]
    assert "the disk is gone" in str(told[0])
    assert not saved
