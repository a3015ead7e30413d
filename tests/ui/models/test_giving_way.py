"""Large areas that give way to their neighbors on the pool, once they are stored as they were drawn."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.no_overlap import step_kept_apart
from desktop_app.domain.shapes import bounding_box, translated
from desktop_app.errors import CoverslipError
from desktop_app.storage.journal import Journal
from desktop_app.ui.background import Background
from desktop_app.ui.models.giving_way import QUICK_VERTICES
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.models.slide_document import SlideDocument
from tests.support.annotation_bench import blank_slide, opened_slide
from tests.support.annotation_samples import square

__all__ = ["blank_slide"]


class Pool:
    """Lets the sums go on when a test says so, and counts those that are done aside."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.cut_aside = 0

    def cut(self, *step: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            self.cut_aside += 1
            assert self.gate.wait(20)
        return step_kept_apart(*step)


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    made = Pool()
    monkeypatch.setattr("desktop_app.ui.models.giving_way.step_kept_apart", made.cut)
    return made


@pytest.fixture
def background(qapp: Any, pool: Pool) -> Iterator[Background]:
    crashes: list[BaseException] = []
    made = Background(crashes.append)
    yield made
    pool.gate.set()
    made.shutdown()
    made.deleteLater()
    assert crashes == []


@pytest.fixture
def document(background: Background, blank_slide: Path, tmp_path: Path) -> Iterator[SlideDocument]:
    slide = opened_slide(blank_slide)
    made = SlideDocument(slide, Journal.open(tmp_path / "journal", author="Mina"), background=background)
    made.add([square(500, 0, 1000, class_name="Stroma")], "Add")
    made.no_overlap = True
    yield made
    made.close()
    made.deleteLater()


def disk(x: float, radius: float = 400.0, class_name: str = "Tumor") -> Annotation:
    """Around (x, 500), of very many vertices."""
    turns = np.linspace(0, 2 * np.pi, QUICK_VERTICES + 100, endpoint=False)
    ring = np.column_stack([x + radius * np.cos(turns), 500 + radius * np.sin(turns)])
    return Annotation(uuid4(), "polygon", ((ring,),), class_name=class_name)


def right_of(document: SlideDocument, shape: Annotation) -> float:
    found = document.snapshot.get(shape.id)
    assert found is not None
    return bounding_box(found)[2]


def labels(document: SlideDocument) -> list[str]:
    stack = document.undo_stack
    return [stack.text(number) for number in range(stack.index())]


def test_it_is_there_at_once_and_cut_as_the_same_step(
    document: SlideDocument, background: Background, pool: Pool, qtbot: QtBot
) -> None:
    selection, shape = AnnotationSelection(document), disk(400)
    document.add([shape], "Draw polygon")
    selection.set([shape.id])
    assert right_of(document, shape) == pytest.approx(800, abs=1), "as drawn"
    with closing(Journal.open(document.journal.folder, author="Jun")) as copy:
        assert shape.id in copy.snapshot, "stored before it is cut"
    pool.gate.set()
    qtbot.waitUntil(lambda: background.is_idle)
    assert right_of(document, shape) == pytest.approx(500, abs=0.1)
    assert pool.cut_aside == 1
    assert labels(document) == ["Add", "Draw polygon"]
    assert selection.ids == (shape.id,)
    document.undo_stack.undo()
    assert document.snapshot.get(shape.id) is None
    document.undo_stack.redo()
    assert right_of(document, shape) == pytest.approx(500, abs=0.1)
    document.journal.flush()
    with closing(Journal.open(document.journal.folder, author="Jun")) as copy:
        assert [record.label for record in copy.undo_path] == ["Add", "Draw polygon"]
        assert len(copy.history) == 3, "as it was drawn stays in the history"
        found = copy.snapshot.get(shape.id)
        assert found is not None
        assert bounding_box(found)[2] == pytest.approx(500, abs=0.1)


def test_closing_waits_for_the_cut(document: SlideDocument, background: Background, pool: Pool) -> None:
    shape, folder = disk(400), document.journal.folder
    document.add([shape], "Draw polygon")
    threading.Timer(0.2, pool.gate.set).start()
    document.close()
    assert not document.is_open
    with closing(Journal.open(folder, author="Jun")) as copy:
        found = copy.snapshot.get(shape.id)
        assert found is not None
        assert bounding_box(found)[2] == pytest.approx(500, abs=0.1)
        assert [record.label for record in copy.undo_path] == ["Add", "Draw polygon"]


def test_after_something_else_it_is_a_step_of_its_own(
    document: SlideDocument, background: Background, pool: Pool, qtbot: QtBot
) -> None:
    shape, other = disk(400), square(0, 1200, 20)
    document.add([shape], "Draw polygon")
    document.add([other], "Draw rectangle")
    pool.gate.set()
    qtbot.waitUntil(lambda: background.is_idle)
    assert right_of(document, shape) == pytest.approx(500, abs=0.1)
    assert labels(document) == ["Add", "Draw polygon", "Draw rectangle", "No overlap"]
    document.undo_stack.undo()
    assert right_of(document, shape) == pytest.approx(800, abs=1)
    assert other.id in document.snapshot


def test_neighbors_that_came_meanwhile_count(
    document: SlideDocument, background: Background, pool: Pool, qtbot: QtBot
) -> None:
    shape = disk(400)
    document.add([shape], "Draw polygon")
    document.no_overlap = False
    document.add([square(300, 0, 1000, class_name="Necrosis")], "Draw rectangle")
    pool.gate.set()
    qtbot.waitUntil(lambda: background.is_idle)
    assert right_of(document, shape) == pytest.approx(300, abs=0.1)


@pytest.mark.parametrize("meanwhile", ["undone", "moved"])
def test_what_is_not_as_it_was_is_left_alone(
    document: SlideDocument, background: Background, pool: Pool, qtbot: QtBot, meanwhile: str
) -> None:
    shape = disk(400)
    document.add([shape], "Draw polygon")
    document.no_overlap = False
    if meanwhile == "undone":
        document.undo_stack.undo()
    else:
        now = document.snapshot.get(shape.id)
        assert now is not None
        document.change("Move", before=[now], after=[translated(now, 0, 50)])
    state = document.snapshot
    pool.gate.set()
    qtbot.waitUntil(lambda: background.is_idle)
    assert document.snapshot is state


@pytest.mark.parametrize("more", [False, True], ids=["last", "not last"])
def test_what_would_vanish_is_taken_back_and_told(
    document: SlideDocument, background: Background, pool: Pool, qtbot: QtBot, more: bool
) -> None:
    told: list[CoverslipError] = []
    document.failed.connect(told.append)
    shape, other = disk(1000, radius=300), square(0, 1200, 20)
    document.add([shape], "Draw polygon")
    if more:
        document.add([other], "Draw rectangle")
    pool.gate.set()
    qtbot.waitUntil(lambda: background.is_idle)
    assert document.snapshot.get(shape.id) is None
    assert (other.id in document.snapshot) is more
    assert "nothing would be left" in str(told[0])


def test_small_areas_are_cut_at_once(document: SlideDocument, pool: Pool) -> None:
    shape = square(450, 300, 100, class_name="Tumor")
    document.add([shape], "Draw rectangle")
    assert pool.cut_aside == 0
    assert right_of(document, shape) == 500
