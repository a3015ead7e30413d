"""A journal of which only a part is left recovers what is there, and says what is gone."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edits import Edit
from desktop_app.storage import journal as journal_module
from desktop_app.storage.journal import Journal
from tests.support.annotation_samples import square, state

LOG, DATABASE, MARK = "journal.sqlite-wal", "journal.sqlite", "journal.mark"
FRAME = 4096 + 24
"""A page in the log with its header; the log begins with one of 32 bytes."""


class Session:
    """A journal as a process that is gone left it: its files, and every state there ever was."""

    def __init__(self, folder: Path, *, edits: int, objects: int = 1, folded: bool = False) -> None:
        self.folder = folder
        self.states = [state(AnnotationSnapshot.empty())]
        Journal.open(folder, author="Mina").close()
        self.ends = [0]
        with closing(Journal.open(folder, author="Mina")) as journal:
            for number in range(edits):
                shapes = [square(500.0 * number, 300.0 * at) for at in range(objects)]
                journal.append(Edit.create("Draw", "Mina", after=shapes))
                journal.flush()
                self.states.append(state(journal.snapshot))
                self.ends.append((folder / LOG).stat().st_size)
            self.bytes = self._read()
        if folded:
            self.bytes = self._read()
        shutil.rmtree(folder)

    def _read(self) -> dict[str, bytes]:
        paths = [self.folder / name for name in (LOG, DATABASE, MARK)]
        return {path.name: path.read_bytes() for path in paths if path.exists()}

    def recovered(self, cut: str, length: int) -> tuple[int, str]:
        """How many edits are there after one file was cut, and what is said of it; then it goes on."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name, content in self.bytes.items():
            (self.folder / name).write_bytes(content[:length] if name == cut else content)
        with closing(Journal.open(self.folder, author="Mina")) as journal:
            found, note = state(journal.snapshot), journal.recovery_note
            journal.append(Edit.create("Go on", "Mina", after=(square(-900, -900),)))
        return self.states.index(found), note

    def check_log_cut(self, length: int) -> None:
        """All edits that end before the cut are there, and what is gone is told."""
        there, note = self.recovered(LOG, length)
        assert there == sum(end <= length for end in self.ends) - 1, length
        gone = len(self.states) - 1 - there
        match gone:
            case 0:
                assert note == ""
            case 1:
                assert "The last edit of the journal is gone; it was made at 2" in note
            case _:
                assert f"The last {gone} edits of the journal are gone" in note


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many openings, each of which would sync."""
    monkeypatch.setattr(journal_module, "sync_file", lambda path: None)
    monkeypatch.setattr(journal_module, "sync_folder", lambda path: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "저널"


def test_a_log_cut_anywhere_recovers_its_prefix_and_says_what_is_gone(folder: Path) -> None:
    session = Session(folder, edits=2)
    size = len(session.bytes[LOG])
    # Around the ends of frames, where the outcome changes, and at bytes in between.
    near = {32 + FRAME * frame + off for frame in range(size // FRAME + 1) for off in (-1, 0, 1, 24)}
    for length in sorted({*range(0, size + 1, 409), *(place for place in near if place <= size), size}):
        session.check_log_cut(length)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_log_cut_at_every_byte_recovers_its_prefix_and_says_what_is_gone(folder: Path) -> None:
    session = Session(folder, edits=2)
    for length in range(len(session.bytes[LOG]) + 1):
        session.check_log_cut(length)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_long_log_cut_at_every_512th_byte_recovers_its_prefix(folder: Path) -> None:
    session = Session(folder, edits=60, objects=20)
    for length in range(0, len(session.bytes[LOG]) + 1, 512):
        session.check_log_cut(length)


def check_database_cut(session: Session, length: int) -> int:
    there, note = session.recovered(DATABASE, length)
    if there < len(session.states) - 1:
        assert f"The last {len(session.states) - 1 - there} edits of the journal are gone" in note or (
            "and what followed it were lost" in note or "The last edit of the journal is gone" in note
        )
    return there


@pytest.mark.parametrize("step", [3 * 4096 + 512, pytest.param(512, marks=pytest.mark.slow)])
def test_a_database_that_was_cut_keeps_the_edits_before_the_cut(folder: Path, step: int) -> None:
    session = Session(folder, edits=30, objects=20, folded=True)
    size = len(session.bytes[DATABASE])
    assert not session.bytes.get(LOG)
    found = [check_database_cut(session, length) for length in range(0, size + 1, step)]
    assert found == sorted(found), "the more is left, the more is there"
    assert check_database_cut(session, size) == 30
    assert check_database_cut(session, size * 3 // 4) > 15


def test_a_database_that_was_emptied_is_made_again_from_its_log(folder: Path) -> None:
    session = Session(folder, edits=3)
    shutil.rmtree(folder, ignore_errors=True)
    journal = Journal.open(folder, author="Mina")
    for number in range(3):
        journal.append(Edit.create("Draw", "Mina", after=(square(500.0 * number, 0.0),)))
    journal.flush()
    session.states = [*session.states[:1], state(journal.snapshot)]
    session.bytes = session._read()
    journal.close()
    for length in (0, 1, 100, 4095):
        assert session.recovered(DATABASE, length) == (1, "")


def test_moves_that_are_gone_are_told_as_well(folder: Path) -> None:
    journal = Journal.open(folder, author="Mina")
    journal.append(Edit.create("Draw", "Mina", after=(square(0, 0),)))
    journal.flush()
    size = (folder / LOG).stat().st_size
    journal.move_cursor(None)
    journal.flush()
    kept = {name: (folder / name).read_bytes() for name in (LOG, DATABASE, MARK)}
    journal.close()
    there = folder.with_name("there")
    there.mkdir()
    for name, content in kept.items():
        (there / name).write_bytes(content[:size] if name == LOG else content)
    with closing(Journal.open(there, author="Mina")) as cut:
        assert cut.recovery_note == "The last steps of undo and redo are gone from the journal."
        assert len(cut.snapshot) == 1
    with closing(Journal.open(there, author="Mina")) as again:
        assert again.recovery_note == "", "told once"


def test_a_damaged_mark_is_not_believed(folder: Path) -> None:
    session = Session(folder, edits=1)
    for content in (b"", b"\0" * 160, b"[1]", b'{"seq": "x"}', session.bytes[MARK][:30]):
        session.bytes[MARK] = content
        assert session.recovered(MARK, 999) == (1, "")


def test_a_damaged_file_is_put_aside_under_a_name_of_its_own_when_the_clock_stands(folder: Path) -> None:
    for _ in range(3):
        folder.mkdir(exist_ok=True)
        (folder / DATABASE).write_bytes(b"no database" * 1000)
        Journal.open(folder, author="Mina", clock=lambda: "2026-01-02T03:04:05+00:00").close()
    assert len(list(folder.glob("damaged-*"))) == 3
