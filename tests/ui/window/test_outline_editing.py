"""Editing outlines in the window: what the actions and their keys do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.measure import area_px
from desktop_app.domain.shapes import bounding_box, drawn
from desktop_app.errors import GeometryError, StorageError
from desktop_app.ui.dialogs.rotate_shapes import RotateShapesDialog
from tests.support.window_driver import WindowDriver, pixels


def draw(driver: WindowDriver, *points: tuple[float, float], kind: str = "polygon") -> Annotation:
    ring = np.array(points, dtype=np.float64)
    shape = drawn(kind, ((ring,),), class_name=None, author="me")  # type: ignore[arg-type]
    driver.view.document.add([shape], "Draw")
    driver.view.selection.set([shape.id])
    return shape


@pytest.fixture
def editing(driver: WindowDriver, slide: Path) -> WindowDriver:
    driver.open(slide)
    driver.window.set_mode("annotate")
    driver.view.choose_tool("move")
    return driver


def ring_of(driver: WindowDriver) -> list[list[float]]:
    (found,) = driver.view.document.snapshot.iter_annotations()
    ring: list[list[float]] = found.parts[0][0].tolist()
    return ring


def test_the_delete_key_and_action_take_vertices_before_the_annotation(editing: WindowDriver) -> None:
    draw(editing, (100, 100), (300, 100), (350, 200), (300, 250), (100, 250))
    editing.click(350, 200)
    editing.key(Qt.Key.Key_Delete)
    assert ring_of(editing) == [[100, 100], [300, 100], [300, 250], [100, 250]]
    editing.click(300, 250)
    editing.trigger("edit.delete")
    assert ring_of(editing) == [[100, 100], [300, 100], [100, 250]]
    editing.trigger("edit.delete")
    assert not len(editing.view.document.snapshot)


def test_what_is_selected_is_turned_by_an_angle_each_about_its_middle(editing: WindowDriver) -> None:
    first = draw(editing, (100, 100), (200, 100), (200, 140), (100, 140), kind="rectangle")
    second = draw(editing, (300, 100), (310, 100), (310, 150), (300, 150))
    editing.view.selection.set([first.id, second.id])
    editing.trigger("annotate.rotate")
    dialog = editing.window.dialogs.shown
    assert isinstance(dialog, RotateShapesDialog)
    dialog.angle_box.setValue(90)
    dialog.accept()
    snapshot = editing.view.document.snapshot
    assert bounding_box(snapshot.get(first.id)) == pytest.approx((130, 70, 170, 170), abs=0.01)
    assert bounding_box(snapshot.get(second.id)) == pytest.approx((280, 120, 330, 130), abs=0.01)
    assert editing.view.document.undo_stack.undoText() == "Rotate"
    editing.view.document.undo_stack.undo()
    assert editing.view.document.snapshot.get(first.id).kind == "rectangle"


def test_modes_are_kept_and_followed(editing: WindowDriver) -> None:
    other = draw(editing, (100, 100), (300, 100), (300, 250), (100, 250))
    editing.view.document.set_class([other.id], "Stroma")
    editing.view.select_none()
    editing.key(Qt.Key.Key_X)
    assert editing.window.status.currentMessage().startswith("No overlap")
    editing.key(Qt.Key.Key_J)
    assert editing.window.status.currentMessage() == "Snapping to neighbors is on"
    drawing = editing.window.settings.drawing
    assert (drawing.no_overlap, drawing.snap, drawing.move_whole) == (True, True, False)
    assert {"no_overlap", "snap"} <= editing.view.facts()
    editing.view.choose_class(0)
    editing.view.choose_tool("rectangle")
    editing.drag((200, 150), (400, 200))
    (new,) = (found for found in editing.view.document.snapshot.iter_annotations() if found.id != other.id)
    assert area_px(new) == pytest.approx(100 * 50, rel=0.05)
    editing.trigger("annotate.no_overlap")
    assert not editing.view.document.no_overlap
    assert editing.window.status.currentMessage() == "Areas may overlap"


def test_what_is_refused_goes_from_the_screen_by_itself_and_trouble_stays(editing: WindowDriver) -> None:
    folder = editing.view.document.journal.folder
    for error, severity in ((GeometryError("No."), "info"), (StorageError(folder, "gone"), "error")):
        editing.view.failed.emit(error)
        assert editing.window.messages.notices[-1].severity == severity


def test_ctrl_y_redoes_as_ctrl_shift_z_does(editing: WindowDriver) -> None:
    draw(editing, (100, 100), (300, 100), (300, 250), (100, 250))
    for modifiers, key in ((Qt.KeyboardModifier.NoModifier, "Y"), (Qt.KeyboardModifier.ShiftModifier, "Z")):
        editing.view.document.undo_stack.undo()
        assert not len(editing.view.document.snapshot)
        editing.key(Qt.Key[f"Key_{key}"], Qt.KeyboardModifier.ControlModifier | modifiers)
        assert len(editing.view.document.snapshot) == 1


def test_the_reshape_tool_has_a_key(editing: WindowDriver) -> None:
    draw(editing, (100, 100), (300, 100), (300, 250), (100, 250))
    editing.key(Qt.Key.Key_E)
    assert editing.view.drawing_tool == "reshape"
    editing.drag((150, 100), (150, 60), (250, 60), (250, 100))
    ring = ring_of(editing)
    assert min(y for _, y in ring) == pytest.approx(60, abs=2)
    assert [300.0, 250.0] in ring


def test_the_place_of_a_new_vertex_is_shown_under_the_mouse(editing: WindowDriver) -> None:
    draw(editing, (100, 100), (300, 110), (300, 250), (100, 250))
    canvas = editing.view.canvas
    QTest.mouseMove(canvas, editing.at(200, 180))
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor
    editing.sharpen()
    plain = pixels(canvas)
    QTest.mouseMove(canvas, editing.at(200, 105))
    assert canvas.cursor().shape() == Qt.CursorShape.CrossCursor
    place = editing.at(200, 105)
    around = np.s_[place.y() - 6 : place.y() + 7, place.x() - 6 : place.x() + 7]
    assert (pixels(canvas)[around] != plain[around]).any()
