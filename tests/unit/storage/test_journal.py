from __future__ import annotations

import base64
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, replace
from operator import attrgetter
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest

from desktop_app.domain.annotation import AnnotationClass
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.annotation_classes import DEFAULT_CLASSES
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edits import Edit
from desktop_app.errors import AnnotationError, StorageError
from desktop_app.storage import annotation_codec
from desktop_app.storage import journal as journal_module
from desktop_app.storage.annotation_codec import (
    DamagedBytesError,
    decode_edit,
    decode_snapshot,
    encode_edit,
    encode_snapshot,
)
from desktop_app.storage.checkpoints import list_checkpoints
from desktop_app.storage.journal import Journal
from desktop_app.storage.journal_lock import Holder, JournalLock
from tests.support.annotation_samples import one_of_each, square, state
from tests.support.scripted_annotator import ScriptedAnnotator


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "슬라이드 1"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    opened = Journal.open(folder, author="Mina")
    yield opened
    opened.close()


def add(journal: Journal, *annotations: object) -> UUID:
    edit = Edit.create("Add", "Mina", after=annotations or (square(0, 0),))
    journal.append(edit)
    return edit.edit_id


def undo(journal: Journal) -> None:
    path = journal.undo_path
    journal.move_cursor(path[-2].edit_id if len(path) > 1 else None)


def redo(journal: Journal) -> None:
    journal.move_cursor(journal.redo_path[0].edit_id)


def reopened(journal: Journal) -> Journal:
    journal.close()
    return Journal.open(journal.folder, author="Mina")


def test_edits_and_snapshots_come_back_from_bytes() -> None:
    snapshot = AnnotationSnapshot.of(one_of_each())
    assert state(decode_snapshot(b"".join(encode_snapshot(snapshot)))) == state(snapshot)
    classes = (*DEFAULT_CLASSES, AnnotationClass("선", (1, 2, 3)))
    edit = replace(
        Edit.create("바꿈", "Mina", before=tuple(snapshot.iter_annotations())),
        classes_before=DEFAULT_CLASSES,
        classes_after=classes,
    )
    back = decode_edit(encode_edit(edit))
    assert (back.edit_id, back.label, back.author, back.utc) == (edit.edit_id, "바꿈", "Mina", edit.utc)
    assert (back.classes_before, back.classes_after) == (DEFAULT_CLASSES, classes)
    assert state(AnnotationSnapshot.of(back.before)) == state(snapshot)
    assert len(back.after) == 0


def test_bytes_of_before_there_were_rois_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = AnnotationSnapshot.of([square(1, 2, class_name="Tumor")])
    older = [column.name for column in fields(AnnotationChunk) if column.name not in ("hidden", "rois")]
    with monkeypatch.context() as patched:
        patched.setattr(annotation_codec, "_COLUMNS", older)
        patched.setattr(annotation_codec, "_columns_of", attrgetter(*older))
        data = b"".join(encode_snapshot(snapshot))
    header, _, _ = annotation_codec._unpacked(data)
    assert list(header["chunks"][0]) == older
    assert state(decode_snapshot(data)) == state(snapshot)


def test_few_objects_are_packed_as_many_are(monkeypatch: pytest.MonkeyPatch) -> None:
    few = [found for found in one_of_each()[2:] if not found.extra]
    edit = Edit.create("x", "Mina", before=few[:5], after=few[3:])
    annotation_codec._header_of.cache_clear()
    data = encode_edit(edit)
    assert encode_edit(edit) == data
    assert annotation_codec._header_of.cache_info().hits == 2
    monkeypatch.setattr(annotation_codec, "_FEW", 0)
    assert encode_edit(edit) == data


FORMER = base64.b85decode(
    "LsLO90vAk5cmb7DOODe(5bXgZu7PTadJzwkXeNpTNNm^)h+*fkMjg8oH?g~;b~_5nMB)G(fkp1X3AheifE`q|ZQ>6|q4TM(s#mXG"
    "|B^?H?I6xXQOE+OVF>Tb+*sh@`Dn!P6Gc3P8)r=}Fc^$SoDyh#;&q;vT0V(omKBtqjQAC1Csp=Z#?};yGFa!ozUqxjrEf7Fd$tPw"
    "PA-+vPZ3OwgUh<ZQX4BNiV=$b$-"
    "G5sr#2E(B<V<hEtjHBpcv9aToH#jE%l04xdUU>QfZj(AaNhp5~eU)Tmpw87378I(Vl}!5PU@3-"
    "vpBuBp}F2=^m&I`k2hbE17hd<^xcwl0<d{-"
    "48*r$&Br2nyHI^JFE1vhZ(FaH5nauYi+}38)==2yRexWP?^P|kgh{ETeL+z<9;*eX4~WHpaOnD`<Y8ol(xHDe`&fAS=nc6EAwYl#"
    "Hq|hS6OenI5;uS=)gnRLPQGuTe#CA@A3b$vVJjC`#)9RzaD;k{sdHJ<{xD2?&u<(s1}6Q#^EhD+A~;#udH>P{cCYtCzv%}GvC!ef"
    "fLK9KyIBqbvt2q3*r{0!5(|<qdoKE>P2N=)wc5R|M3IHe&J{WXU(Ls51R?gzA<*d-"
    "})tEUut{6c{@&iHO`uew?ChE+}ddx{|2!waJT"
)
"""What version 0.1 wrote for one triangle: the columns compressed, without padding."""


def test_bytes_of_the_former_layout_are_read() -> None:
    (found,) = decode_snapshot(FORMER).iter_annotations()
    assert (found.id, found.class_name, found.name, found.roi) == (UUID(int=7), "Tumor", "고대", "open")
    assert found.parts[0][0].tolist() == [[10.25, 20], [40, 20.5], [40, 60]]
    assert (found.measurements, found.extra) == ({"x": 1.5}, b'{"a":1}')
    assert decode_snapshot(FORMER).get(found.id) is not None


def test_large_columns_are_used_where_they_were_read() -> None:
    snapshot = AnnotationSnapshot.of([square(3.0 * at, 5.0 * (at % 7)) for at in range(12_000)])
    data = b"".join(encode_snapshot(snapshot))
    back = decode_snapshot(data)
    assert state(back) == state(snapshot)
    chunk = back.chunks[0]
    assert chunk.offsets.base is not None
    assert chunk.offsets.ctypes.data % 16 == 0
    assert chunk.hidden.strides == (0,)
    assert len(data) < 12_000 * (4 * 2 * 4 + 16 + 16 + 40)


def test_a_flipped_bit_is_noticed() -> None:
    data = bytearray(encode_edit(Edit.create("x", "Mina", after=(square(0, 0),))))
    data[len(data) // 2] ^= 4
    with pytest.raises(DamagedBytesError):
        decode_edit(bytes(data))


def test_everything_is_there_after_reopening(journal: Journal) -> None:
    add(journal, *one_of_each())
    journal.append(Edit.of_classes("Classes", "Mina", before=DEFAULT_CLASSES, after=DEFAULT_CLASSES[:3]))
    expected, history = state(journal.snapshot), journal.history
    with_everything = reopened(journal)
    assert state(with_everything.snapshot) == expected
    assert with_everything.history == history
    assert [record.label for record in with_everything.undo_path] == ["Add", "Classes"]
    assert with_everything.history[0].author == "Mina"
    assert with_everything.history[0].utc.endswith("+00:00")
    with_everything.close()


def test_undo_and_redo_go_on_after_reopening(journal: Journal) -> None:
    states = [state(journal.snapshot)]
    for place in range(4):
        add(journal, square(place * 500, 0))
        states.append(state(journal.snapshot))
    undo(journal)
    undo(journal)
    again = reopened(journal)
    assert state(again.snapshot) == states[2]
    redo(again)
    assert state(again.snapshot) == states[3]
    redo(again)
    assert again.redo_path == ()
    for expected in reversed(states[:-1]):
        undo(again)
        assert state(again.snapshot) == expected
    assert again.undo_path == ()
    again.close()


def test_an_undone_branch_stays_in_the_history(journal: Journal) -> None:
    first = add(journal, square(0, 0))
    abandoned = add(journal, square(500, 0))
    there = state(journal.snapshot)
    undo(journal)
    add(journal, square(0, 500))
    assert journal.undo_path[0].edit_id == first
    assert abandoned in [record.edit_id for record in journal.history]
    change = journal.move_cursor(abandoned)
    assert state(journal.snapshot) == there
    assert len(change.removed_ids) == len(change.added_ids) == 1
    undo(journal)
    assert journal.redo_path[0].edit_id != abandoned, "redo follows the latest branch"


def test_the_saved_signal_comes_from_another_thread_after_each_edit(journal: Journal) -> None:
    threads: list[int] = []
    journal.on_synced = lambda: threads.append(threading.get_ident())
    for _ in range(5):
        add(journal)
    journal.flush()
    assert len(threads) == 5
    assert threading.get_ident() not in threads


def test_the_next_edit_waits_for_a_pending_sync(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed, synced = threading.Event(), []

    def slow(path: Path) -> None:
        allowed.wait(10)
        synced.append(path)

    monkeypatch.setattr(journal_module, "sync_file", slow)
    add(journal)
    threading.Timer(0.05, allowed.set).start()
    add(journal)
    assert len(synced) >= 1
    assert synced[0].name.endswith("-wal")


def test_a_failed_sync_is_not_overlooked(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(path: Path) -> None:
        raise StorageError(path, "the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(journal_module, "sync_file", failing)
        add(journal)
        with pytest.raises(StorageError, match="the disk is gone"):
            add(journal)
    add(journal)
    assert len(journal.snapshot) == 2


def test_an_edit_that_does_not_fit_leaves_no_trace(journal: Journal) -> None:
    add(journal)
    with pytest.raises(AnnotationError):
        journal.append(Edit.create("Remove", "Mina", before=(square(0, 0),)))
    assert len(journal.history) == 1


def test_an_edit_for_which_memory_is_missing_is_taken_back(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = add(journal)
    before = state(journal.snapshot)

    def exhausted(*_: object) -> AnnotationSnapshot:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(journal_module, "apply", exhausted)
        with pytest.raises(MemoryError):
            add(journal, square(500, 0))
    assert state(journal.snapshot) == before
    journal.close()
    with closing(Journal.open(journal.folder, author="Mina")) as again:
        assert again.cursor is not None
        assert again.cursor.edit_id == kept
        assert state(again.snapshot) == before


def test_a_slow_disk_does_not_hold_up_an_edit(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    with monkeypatch.context() as patched:
        patched.setattr(journal_module, "sync_file", lambda _path: go_on.wait(20))
        began = time.monotonic()
        add(journal)
        assert time.monotonic() - began < 10
        assert len(journal.snapshot) == 1
        go_on.set()
        journal.flush()


def test_a_full_disk_leaves_the_state_as_it_was(journal: Journal) -> None:
    add(journal)
    before = state(journal.snapshot)
    store = journal._store
    assert store is not None
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError):
        add(journal, *(square(i, i) for i in range(20_000)))
    assert state(journal.snapshot) == before
    again = reopened(journal)
    assert state(again.snapshot) == before
    again.close()


def test_a_second_opener_reads_only_and_learns_who_writes(journal: Journal) -> None:
    add(journal, square(1, 2))
    second = Journal.open(journal.folder, author="Jun")
    assert second.read_only
    assert state(second.snapshot) == state(journal.snapshot)
    assert second.holder is not None
    assert second.holder.pid == os.getpid()
    with pytest.raises(StorageError, match=second.holder.user):
        add(second)
    second.close()
    assert not journal.read_only
    add(journal)


def test_the_lock_does_not_outlive_its_process(folder: Path) -> None:
    other = ScriptedAnnotator(folder, seed=1)
    other.wait_for_actions(1)
    second = Journal.open(folder, author="Mina")
    assert second.read_only
    assert second.holder is not None
    assert second.holder.pid == other.pid
    second.close()
    other.kill()
    third = Journal.open(folder, author="Mina")
    assert not third.read_only
    third.close()


def test_opening_uses_the_checkpoint_and_gives_the_same(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "CHECKPOINT_EVERY", 5)
    for place in range(23):
        add(journal, square(place * 10, 0))
    undo(journal)
    expected = state(journal.snapshot)
    read: list[int] = []
    original = Journal._edit
    monkeypatch.setattr(Journal, "_edit", lambda self, seq: (read.append(seq), original(self, seq))[1])
    again = reopened(journal)
    assert state(again.snapshot) == expected
    assert read == [21, 22]
    assert len(list_checkpoints(again.folder)) == 3
    for _ in range(22):
        undo(again)
    assert len(again.snapshot) == 0
    again.close()


def test_a_damaged_checkpoint_is_passed_over(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "CHECKPOINT_EVERY", 5)
    for place in range(12):
        add(journal, square(place * 10, 0))
    expected = state(journal.snapshot)
    journal.close()
    newest = list_checkpoints(journal.folder)[10]
    newest.write_bytes(newest.read_bytes()[:-20])
    again = Journal.open(journal.folder, author="Mina")
    assert state(again.snapshot) == expected
    assert again.recovery_note == ""
    again.close()


def _damage_payload(folder: Path, seq: int) -> None:
    with sqlite3.connect(folder / "journal.sqlite") as connection:
        connection.execute("UPDATE log SET payload = x'00112233445566778899' WHERE seq = ?", (seq,))
    connection.close()


def test_a_damaged_last_edit_loses_only_itself(journal: Journal) -> None:
    for place in range(3):
        add(journal, square(place * 500, 0))
    expected = state(journal.snapshot)
    add(journal, square(9000, 0))
    journal.close()
    _damage_payload(journal.folder, 4)
    again = Journal.open(journal.folder, author="Mina")
    assert state(again.snapshot) == expected
    assert "Edit 4" in again.recovery_note
    add(again, square(0, 9000))
    once_more = reopened(again)
    assert len(once_more.snapshot) == 4
    assert once_more.recovery_note == ""
    once_more.close()


def test_a_torn_write_ahead_log_loses_only_the_last_edit(folder: Path) -> None:
    # the process is gone without closing: what another connection saw is copied away with its log
    journal = Journal.open(folder, author="Mina")
    add(journal, square(0, 0))
    expected = state(journal.snapshot)
    size = (folder / "journal.sqlite-wal").stat().st_size
    add(journal, square(500, 0))
    copy = folder.with_name("copy")
    copy.mkdir()
    for name in ("journal.sqlite", "journal.sqlite-wal"):
        (copy / name).write_bytes((folder / name).read_bytes())
    journal.close()
    log = copy / "journal.sqlite-wal"
    log.write_bytes(log.read_bytes()[: size + 300])
    torn = Journal.open(copy, author="Mina")
    assert state(torn.snapshot) == expected
    assert torn.recovery_note == ""
    torn.close()


def test_a_ruined_database_is_put_aside_and_the_checkpoint_taken(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "CHECKPOINT_EVERY", 3)
    for place in range(3):
        add(journal, square(place * 500, 0))
    expected = state(journal.snapshot)
    journal.close()
    (journal.folder / "journal.sqlite").write_bytes(b"not a database at all" * 400)
    again = Journal.open(journal.folder, author="Mina")
    assert state(again.snapshot) == expected
    assert "damaged" in again.recovery_note
    assert any(path.name.startswith("damaged-") for path in again.folder.iterdir())
    add(again, square(0, 9000))
    once_more = reopened(again)
    assert len(once_more.snapshot) == 4
    once_more.close()


def test_a_ruined_page_keeps_the_edits_before_it(journal: Journal) -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        add(journal, *(square(*rng.uniform(0, 9999, 2)) for _ in range(40)))
    journal.close()
    path = journal.folder / "journal.sqlite"
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 8192 * 4] = b"\xff" * 8192 * 4
    path.write_bytes(data)
    again = Journal.open(journal.folder, author="Mina")
    assert 0 < len(again.snapshot) < 40 * 40
    assert again.recovery_note
    add(again, square(0, 0, id=uuid4()))
    again.close()


def test_the_slide_files_of_a_journal_are_remembered(journal: Journal) -> None:
    journal.remember_slide_path(Path("/data/a.svs"))
    journal.remember_slide_path(Path("/data/b.svs"))
    journal.remember_slide_path(Path("/data/a.svs"))
    again = reopened(journal)
    assert again.slide_paths == (str(Path("/data/a.svs")), str(Path("/data/b.svs")))
    again.close()


def test_a_large_log_is_folded_in_the_background(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    folded: list[Path] = []
    monkeypatch.setattr(journal_module, "FOLD_BYTES", 10_000)
    monkeypatch.setattr(journal_module, "fold_log", folded.append)
    add(journal, *(square(i, i) for i in range(300)))
    journal.flush()
    journal.close()
    assert folded == [journal.folder / "journal.sqlite"]


def test_a_log_once_large_is_not_folded_at_every_edit(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "FOLD_BYTES", 10_000)
    add(journal, *(square(i, i) for i in range(300)))
    log, until = journal.folder / "journal.sqlite-wal", time.monotonic() + 10
    journal.flush()
    assert log.stat().st_size > journal_module.FOLD_BYTES
    while log.stat().st_size > journal_module.FOLD_BYTES and time.monotonic() < until:
        time.sleep(0.05)  # folded in the background, it is small again with the next edit
        add(journal)
        journal.flush()
    assert 0 < log.stat().st_size < journal_module.FOLD_BYTES


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_does_not_keep_the_lock_from_being_taken(tmp_path: Path) -> None:
    path = tmp_path / "journal.lock"
    path.symlink_to("/dev/full")
    lock = JournalLock(path)
    assert lock.acquire(Holder.this_process("2026-01-02T03:04:05Z"))
    assert lock.held
    lock.release()


def test_opening_writes_nothing_so_that_a_full_disk_does_not_hinder_it(journal: Journal) -> None:
    add(journal)
    again = reopened(journal)
    log = again.folder / "journal.sqlite-wal"
    assert not log.exists() or log.stat().st_size == 0
    again.close()
