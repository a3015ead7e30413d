from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.annotation import AnnotationClass, Origin
from desktop_app.domain.annotation_chunk import uuids_of
from desktop_app.domain.annotation_classes import DEFAULT_CLASSES, with_class
from desktop_app.errors import StorageError
from desktop_app.storage.geojson import read_geojson, write_geojson
from desktop_app.ui.models.slide_document import SlideDocument
from tests.support.annotation_bench import opened_document
from tests.support.annotation_samples import one_of_each, square, state
from tests.support.slide_factory import write_pyramid

CLASSES = {entry.name: entry.color for entry in DEFAULT_CLASSES}


def test_a_commit_is_seen_and_then_saved(document: SlideDocument, qtbot: QtBot) -> None:
    one = square(0, 0)
    with qtbot.waitSignal(document.saved), qtbot.waitSignal(document.changed) as seen:
        document.add([one], "Draw")
    assert uuids_of(seen.args[0].added_ids) == (one.id,)
    assert seen.args[0].snapshot is document.snapshot
    assert document.undo_stack.undoText() == "Draw"


def test_undo_and_redo_go_through_the_same_states(document: SlideDocument) -> None:
    states = [state(document.snapshot)]
    for place in range(3):
        document.add([square(place * 500, 0)], "Draw")
        states.append(state(document.snapshot))
    document.remove(document.snapshot.ids())
    states.append(state(document.snapshot))
    for expected in reversed(states[:-1]):
        document.undo_stack.undo()
        assert state(document.snapshot) == expected
    assert not document.undo_stack.canUndo()
    for expected in states[1:]:
        document.undo_stack.redo()
        assert state(document.snapshot) == expected


def test_undo_goes_on_where_the_slide_was_closed(
    document: SlideDocument, blank_slide: Path, tmp_path: Path
) -> None:
    for place in range(4):
        document.add([square(place * 500, 0)], f"Draw {place}")
    document.undo_stack.undo()
    expected = state(document.snapshot)
    document.close()
    again = opened_document(blank_slide, tmp_path)
    assert state(again.snapshot) == expected
    assert (again.undo_stack.undoText(), again.undo_stack.redoText()) == ("Draw 2", "Draw 3")
    again.undo_stack.redo()
    assert len(again.snapshot) == 4
    for _ in range(4):
        again.undo_stack.undo()
    assert len(again.snapshot) == 0
    again.close()
    again.deleteLater()


def test_an_edit_after_undo_starts_a_branch_and_the_history_keeps_both(document: SlideDocument) -> None:
    document.add([square(0, 0)], "One")
    document.add([square(500, 0)], "Two")
    document.undo_stack.undo()
    document.add([square(0, 500)], "Three")
    assert not document.undo_stack.canRedo()
    assert [record.label for record in document.journal.history] == ["One", "Two", "Three"]
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert len(document.snapshot) == 0


def test_an_undo_that_fails_is_told_and_the_stack_stays_right(
    document: SlideDocument, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    document.add([square(0, 0)], "One")
    document.add([square(500, 0)], "Two")

    def failing(*_arguments: Any) -> Any:
        raise StorageError(document.journal.folder, "the disk is gone")

    with monkeypatch.context() as patched, qtbot.waitSignal(document.failed) as told:
        patched.setattr(document.journal, "move_cursor", failing)
        document.undo_stack.undo()
    assert isinstance(told.args[0], StorageError)
    qtbot.waitUntil(lambda: document.undo_stack.index() == 2)
    assert len(document.snapshot) == 2
    document.undo_stack.undo()
    assert len(document.snapshot) == 1


def test_a_second_window_can_only_look(document: SlideDocument, blank_slide: Path, tmp_path: Path) -> None:
    document.add([square(0, 0)], "One")
    second = opened_document(blank_slide, tmp_path)
    assert second.read_only
    assert state(second.snapshot) == state(document.snapshot)
    with pytest.raises(StorageError):
        second.add([square(500, 0)], "Two")
    second.close()
    second.deleteLater()


def test_locked_objects_keep_their_class_and_stay(document: SlideDocument) -> None:
    free, locked = square(0, 0), square(500, 0)
    document.add([free, locked], "Draw")
    document.set_locked([locked.id], True)
    document.set_class([free.id, locked.id], "Tumor")
    document.remove([free.id, locked.id])
    (left,) = document.snapshot.iter_annotations()
    assert (left.id, left.class_name) == (locked.id, None)
    assert document.remove([locked.id]) is None


def test_reviewing_marks_a_models_objects_only(document: SlideDocument) -> None:
    made, drawn = square(0, 0, origin=Origin("run", "model")), square(500, 0)
    document.add([made, drawn], "Draw")
    document.set_review([made.id, drawn.id], "accepted")
    assert document.snapshot.get(made.id).origin.state == "accepted"
    assert document.snapshot.get(made.id).origin.reviewer == "Mina"
    assert document.snapshot.get(drawn.id).origin is None
    document.set_class([made.id], "Tumor")
    assert document.snapshot.get(made.id).origin.state == "edited"


def result_of(tmp_path: Path, run_id: str, *, count: int = 2) -> Path:
    origin = Origin(run_id, "demonstration")
    regions = [square(i * 300, 700, class_name="Synthetic pattern", origin=origin) for i in range(count)]
    tiles = [square(i, i, 256, object_type="tile", origin=origin) for i in range(5)]
    path = tmp_path / f"{run_id}.geojson"
    write_geojson(path, [*regions, *tiles], {"Synthetic pattern": (9, 8, 7)})
    return path


def test_a_result_is_merged_as_one_step_without_its_tiles(document: SlideDocument, tmp_path: Path) -> None:
    document.add([square(0, 0)], "Draw")
    change = document.merge_result(result_of(tmp_path, "run-1"), "run-1")
    assert change is not None
    assert len(change.added_ids) == 2
    assert change.classes_changed
    assert document.snapshot.class_color("Synthetic pattern") == (9, 8, 7)
    document.undo_stack.undo()
    assert len(document.snapshot) == 1
    assert document.snapshot.classes == DEFAULT_CLASSES


def test_a_second_run_is_a_layer_of_its_own(document: SlideDocument, tmp_path: Path) -> None:
    first = result_of(tmp_path, "run-1")
    document.merge_result(document.read_result(first), "run-1")
    touched = next(document.snapshot.iter_annotations())
    document.set_class([touched.id], "Tumor")
    document.merge_result(result_of(tmp_path, "run-2"), "run-2")
    assert len(document.snapshot) == 4
    assert document.snapshot.get(touched.id).class_name == "Tumor"
    assert document.snapshot.get(touched.id).origin.state == "edited"
    assert document.merge_result(first, "run-1") is None, "nothing of it is missing"


def test_a_result_without_provenance_gets_its_run(document: SlideDocument, tmp_path: Path) -> None:
    path = tmp_path / "plain.geojson"
    write_geojson(path, [square(0, 0)], {})
    document.merge_result(path, "run-9")
    assert next(document.snapshot.iter_annotations()).origin == Origin("run-9", "")


def test_an_import_refreshes_what_it_knows_and_keeps_what_is_locked(
    document: SlideDocument, tmp_path: Path
) -> None:
    known, locked = square(0, 0), square(500, 0, locked=True)
    document.add([known, locked], "Draw")
    path = tmp_path / "in.geojson"
    renamed = [replace(known, name="new"), replace(locked, name="new"), square(0, 500, class_name="Gland")]
    write_geojson(path, renamed, {"Gland": (1, 2, 3)})
    edit = document.import_edit(read_geojson(path), "in.geojson")
    assert edit is not None
    document.commit(edit)
    assert len(edit.after) == 2
    assert len(document.snapshot) == 3
    assert document.snapshot.get(known.id).name == "new"
    assert document.snapshot.get(locked.id).name == ""
    assert AnnotationClass("Gland", (1, 2, 3)) in document.snapshot.classes
    assert document.undo_stack.undoText() == "Import in.geojson"


def test_results_of_a_slide_with_bounds_come_back_to_their_place(qapp: Any, tmp_path: Path) -> None:
    slide = write_pyramid(tmp_path / "경계.tiff", None)
    document = opened_document(slide, tmp_path)
    info = replace(document.slide.info, bounds=(100, 200, 300, 200))
    document.slide._info = info
    path = tmp_path / "run.geojson"
    write_geojson(path, [square(150, 250, 50)], {}, offset=(100, 200))
    corner = json.loads(path.read_text())["features"][0]["geometry"]["coordinates"][0][0]
    assert corner == [50, 50]
    document.merge_result(path, "run")
    assert next(document.snapshot.iter_annotations()).parts[0][0].min(0).tolist() == [150, 250]
    document.close()
    document.deleteLater()


def test_the_class_list_is_undone_like_anything_else(document: SlideDocument) -> None:
    document.set_classes(with_class(DEFAULT_CLASSES, AnnotationClass("Gland", (1, 2, 3))), "Add class")
    document.undo_stack.undo()
    assert document.snapshot.classes == DEFAULT_CLASSES


def test_every_kind_of_annotation_goes_through(document: SlideDocument) -> None:
    samples = one_of_each()
    document.add(samples, "All")
    document.set_class([a.id for a in samples], "Stroma")
    assert len(document.snapshot) == len(samples)
    assert document.snapshot.get(uuid4()) is None
