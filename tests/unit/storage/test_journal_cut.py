"""A journal of which only a part is left recovers what is there, and says what is gone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edits import Edit
from desktop_app.storage import journal as journal_module
from desktop_app.storage.journal import Journal
from tests.support.annotation_samples import square, state

FILES = ("journal.sqlite", "journal.sqlite-wal", "journal.mark")


class Session:
    """A journal as a process that is gone left it: its files, and every state there ever was."""

    def __init__(self, folder: Path, *, edits: int, objects: int = 1) -> None:
        self.folder = folder
        self.states = [state(AnnotationSnapshot.empty())]
        self.ends = [0]
        journal = Journal.open(folder, author="Mina")
        log = folder / "journal.sqlite-wal"
        for number in range(edits):
            shapes = [square(500.0 * number, 300.0 * at) for at in range(objects)]
            journal.append(Edit.create("Draw", "Mina", after=shapes))
            journal.flush()
            self.states.append(state(journal.snapshot))
            self.ends.append(log.stat().st_size)
        self.bytes = {name: (folder / name).read_bytes() for name in FILES}
        journal.close()
        shutil.rmtree(folder)

    def recovered(self, cut: str, length: int) -> tuple[int, str]:
        """How many edits are there after one file was cut, and what is said of it; then it goes on."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name, content in self.bytes.items():
            (self.folder / name).write_bytes(content[:length] if name == cut else content)
        journal = Journal.open(self.folder, author="Mina")
        found, note = state(journal.snapshot), journal.recovery_note
        journal.append(Edit.create("Go on", "Mina", after=(square(-900, -900),)))
        journal.close()
        return self.states.index(found), note


def assert_told(session: Session, there: int, note: str) -> None:
    """Everything there and nothing said, or the number of edits that are gone."""
    gone = len(session.states) - 1 - there
    if not gone:
        assert note == ""
    elif gone == 1:
        assert "The last edit of the journal is gone" in note
    else:
        assert f"The last {gone} edits of the journal are gone" in note


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of openings, each of which would sync."""
    monkeypatch.setattr(journal_module, "sync_file", lambda path: None)
    monkeypatch.setattr(journal_module, "sync_folder", lambda path: None)


def expected_edits(session: Session, length: int) -> int:
    return sum(end <= length for end in session.ends) - 1


@pytest.mark.parametrize("residue", range(16))
def test_a_log_cut_every_sixteenth_byte_recovers_its_prefix_and_says_what_is_gone(
    tmp_path: Path, residue: int
) -> None:
    session = Session(tmp_path / "저널", edits=2)
    size = len(session.bytes["journal.sqlite-wal"])
    # With the residues every byte is a cut once, shared among the tests; here a sixteenth of them.
    for length in range(residue * 16 + residue, size + 1, 256):
        there, note = session.recovered("journal.sqlite-wal", length)
        assert there == expected_edits(session, length), length
        assert_told(session, there, note)
