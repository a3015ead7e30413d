"""Steps of very many objects, applied and stored on the pool while the window goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edits import Edit
from desktop_app.errors import AnnotationError, CoverslipError, StorageError
from desktop_app.storage import journal_store
from desktop_app.storage.journal import Journal
from desktop_app.ui.background import Background
from desktop_app.ui.models import slide_document
from desktop_app.ui.models.slide_document import SlideDocument
from tests.support.annotation_bench import blank_slide, opened_slide
from tests.support.annotation_samples import square, state

__all__ = ["blank_slide"]

MANY = 6


@pytest.fixture
def background(qapp: Any) -> Iterator[Background]:
    crashes: list[BaseException] = []
    made = Background(crashes.append)
    yield made
    made.shutdown()
    made.deleteLater()
    assert crashes == []


@pytest.fixture
def document(
    background: Background, blank_slide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SlideDocument]:
    monkeypatch.setattr(slide_document, "LARGE_STEP", MANY - 1)
    monkeypatch.setattr(journal_store, "LARGE_BYTES", 100)
    journal = Journal.open(tmp_path / "journal", author="Mina")
    made = SlideDocument(opened_slide(blank_slide), journal, background=background)
    yield made
    made.close()
    made.deleteLater()


class Import:
    """A large edit; ``gate`` lets the pool go on, ``told`` is what came of it."""

    def __init__(self, document: SlideDocument, *, held: bool = False) -> None:
        self.document, self.told = document, []
        self.gate = threading.Event()
        self.begun = threading.Event()
        self.threads: list[threading.Thread] = []
        if not held:
            self.gate.set()
        document.commit_large(self._make, lambda: self.told.append("done"), self.told.append)

    def _make(self, _present: AnnotationSnapshot) -> Edit:
        self.threads.append(threading.current_thread())
        self.begun.set()
        assert self.gate.wait(20)
        return Edit.create("Import", "Mina", after=[square(200.0 * place, 0) for place in range(MANY)])


def texts(document: SlideDocument) -> list[str]:
    stack = document.undo_stack
    return [stack.text(place) for place in range(stack.count())]


def kept(document: SlideDocument) -> tuple[Any, list[str]]:
    """What another opening of the journal finds."""
    folder = document.journal.folder
    document.close()
    with closing(Journal.open(folder, author="Mina")) as journal:
        return state(journal.snapshot), [record.label for record in journal.undo_path]


def test_a_large_edit_arrives_when_the_pool_has_stored_it(document: SlideDocument, qtbot: QtBot) -> None:
    large = Import(document, held=True)
    assert len(document.snapshot) == 0
    large.gate.set()
    qtbot.waitUntil(lambda: large.told == ["done"])
    assert large.threads[0] is not threading.main_thread()
    assert len(document.snapshot) == MANY
    assert texts(document) == ["Import"]
    shown = state(document.snapshot)
    assert kept(document) == (shown, ["Import"])


def test_the_next_step_waits_for_it_and_is_made_on_its_result(document: SlideDocument) -> None:
    large = Import(document, held=True)
    assert large.begun.wait(20)
    threading.Timer(0.1, large.gate.set).start()
    document.add([square(0, 900)], "Draw")
    assert large.told == ["done"]
    assert texts(document) == ["Import", "Draw"]
    shown = state(document.snapshot)
    assert len(document.snapshot) == MANY + 1
    assert kept(document) == (shown, ["Import", "Draw"])


def test_closing_keeps_what_is_being_stored(document: SlideDocument) -> None:
    large = Import(document, held=True)
    large.gate.set()
    found, labels = kept(document)
    assert len(found[1]) == MANY
    assert labels == ["Import"]


def test_undo_while_it_is_stored_takes_nothing_back(document: SlideDocument, qtbot: QtBot) -> None:
    document.add([square(0, 900)], "Draw")
    large = Import(document)
    document.undo_stack.undo()
    assert large.told == ["done"]
    qtbot.waitUntil(lambda: document.undo_stack.index() == 2)
    assert texts(document) == ["Draw", "Import"]
    assert len(document.snapshot) == MANY + 1


def test_undo_and_redo_of_very_many_go_through_the_pool(document: SlideDocument, qtbot: QtBot) -> None:
    large = Import(document)
    qtbot.waitUntil(lambda: large.told == ["done"])
    document.undo_stack.undo()
    assert len(document.snapshot) == MANY  # not yet
    qtbot.waitUntil(lambda: len(document.snapshot) == 0)
    document.undo_stack.redo()
    document.undo_stack.undo()  # the first of them is gone before the second begins
    qtbot.waitUntil(lambda: len(document.snapshot) == 0)
    document.undo_stack.redo()
    document.add([square(0, 900)], "Draw")
    assert len(document.snapshot) == MANY + 1
    assert kept(document)[1] == ["Import", "Draw"]


def test_removing_very_many_leaves_what_is_locked(document: SlideDocument, qtbot: QtBot) -> None:
    fixed = square(0, 900, locked=True)
    document.add([fixed], "Draw")
    large = Import(document)
    qtbot.waitUntil(lambda: large.told == ["done"])
    assert document.remove(document.snapshot.ids()) is None
    qtbot.waitUntil(lambda: document.snapshot.ids() == (fixed.id,))
    assert texts(document) == ["Draw", "Import", "Delete"]


def test_an_edit_that_does_not_fit_changes_nothing_and_is_told(document: SlideDocument, qtbot: QtBot) -> None:
    there = square(0, 0)
    document.add([there], "Draw")
    told: list[CoverslipError] = []
    edit = Edit.create("Import", "Mina", after=[there])
    document.commit_large(lambda _present: edit, lambda: None, told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert isinstance(told[0], AnnotationError)
    document.undo_stack.undo()
    assert len(document.snapshot) == 0


def test_what_is_withheld_takes_no_large_edit(document: SlideDocument) -> None:
    document.withhold(None)
    large = Import(document)
    assert isinstance(large.told[0], StorageError)
    assert large.threads == []


def test_very_many_are_given_a_class_locked_and_reviewed_on_the_pool(
    document: SlideDocument, qtbot: QtBot
) -> None:
    Import(document)
    qtbot.waitUntil(lambda: len(document.snapshot) == MANY)
    drawn = square(0, 900, class_name="Stroma", locked=True)
    document.add([drawn], "Draw")
    everything = np.concatenate([chunk.ids for chunk in document.snapshot.chunks])
    assert document.set_class(everything, "Tumor") is None, "it arrives later"
    qtbot.waitUntil(lambda: texts(document)[-1] == "Set class")
    classes = [found.class_name for found in document.snapshot.iter_annotations()]
    assert sorted(map(str, classes)) == ["Stroma", *["Tumor"] * MANY], "what is locked keeps its class"
    document.set_locked(everything, True)
    document.set_locked(everything, False)
    document.set_review(everything, "accepted")
    document.finish()
    assert texts(document) == ["Import", "Draw", "Set class", "Lock", "Unlock"]
    assert not any(found.locked for found in document.snapshot.iter_annotations())
    shown = state(document.snapshot)
    assert kept(document) == (shown, ["Import", "Draw", "Set class", "Lock", "Unlock"])
