from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest
from PySide6.QtCore import Qt

from desktop_app.domain.annotation import Annotation, Origin
from desktop_app.domain.shapes import bounding_box
from desktop_app.ui.tools import grips
from tests.support.annotation_bench import Bench
from tests.support.annotation_samples import circle, square

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def polygon(*points: tuple[float, float]) -> Annotation:
    return Annotation(uuid4(), "polygon", ((np.array(points, dtype=np.float64),),))


def test_a_click_selects_and_a_click_on_glass_lets_go(bench: Bench) -> None:
    one, other = square(300, 250), square(500, 250)
    bench.document.add([one, other], "Add")
    bench.take("move")
    bench.click(350, 300)
    assert bench.selection.ids == (one.id,)
    bench.click(550, 300, SHIFT)
    assert bench.selection.ids == (one.id, other.id)
    bench.click(350, 300, SHIFT)
    assert bench.selection.ids == (other.id,)
    bench.click(700, 500)
    assert bench.selection.ids == ()


def test_a_trembling_click_is_still_a_click(bench: Bench) -> None:
    one = square(300, 250)
    bench.document.add([one], "Add")
    bench.take("move")
    bench.drag((350, 300), (352, 301), (352, 302))
    assert bench.selection.ids == (one.id,)
    bench.drag((350, 300), (352, 301), (352, 302))
    assert bounding_box(bench.only()) == bounding_box(one)


def test_what_is_not_selected_cannot_be_dragged_away(bench: Bench) -> None:
    one = square(300, 250)
    bench.document.add([one], "Add")
    bench.take("move")
    bench.drag((350, 300), (380, 330), (400, 350))
    assert bounding_box(bench.only()) == bounding_box(one)
    assert bench.canvas.viewport.center == pytest.approx((450, 350), abs=1)


def test_a_drag_inside_a_selected_shape_moves_the_slide_and_not_the_shape(bench: Bench) -> None:
    one = square(300, 250)
    bench.document.add([one], "Add")
    bench.take("move")
    bench.selection.set([one.id])
    bench.drag((350, 300), (380, 330), (400, 350))
    assert bounding_box(bench.only()) == bounding_box(one)
    assert bench.canvas.viewport.center == pytest.approx((450, 350), abs=1)
    assert bench.selection.ids == (one.id,)


def test_a_shape_is_moved_by_its_outline(bench: Bench) -> None:
    one, other = square(300, 250), square(500, 250)
    bench.document.add([one, other], "Add")
    bench.take("move")
    bench.selection.set([one.id])
    bench.drag((325, 250), (340, 270), (345, 280))
    assert bounding_box(bench.document.snapshot.get(one.id)) == (320, 280, 420, 380)
    bench.selection.set([one.id, other.id])
    bench.drag((500, 325), (510, 330), (520, 345))
    assert bounding_box(bench.document.snapshot.get(one.id)) == (340, 300, 440, 400)
    assert bounding_box(bench.document.snapshot.get(other.id)) == (520, 270, 620, 370)


def test_a_shape_is_moved_by_its_inside_in_the_mode_for_it(bench: Bench) -> None:
    one = square(300, 250)
    bench.document.add([one], "Add")
    bench.take("move")
    bench.selection.set([one.id])
    options = bench.tools["move"]._context.options
    options.apply(replace(options.settings, move_whole=True))
    bench.drag((350, 300), (360, 310), (390, 360))
    assert bounding_box(bench.only()) == (340, 310, 440, 410)


def test_the_selection_is_moved_as_one_step(bench: Bench) -> None:
    one, other, locked = square(300, 250), square(500, 250), square(300, 400, locked=True)
    bench.document.add([one, other, locked], "Add")
    bench.take("move")
    bench.selection.set([one.id, other.id, locked.id])
    bench.drag((350, 300), (360, 310), (390, 360), keys=CTRL)
    moved = bench.document.snapshot
    assert bounding_box(moved.get(one.id)) == (340, 310, 440, 410)
    assert bounding_box(moved.get(other.id)) == (540, 310, 640, 410)
    assert bounding_box(moved.get(locked.id)) == (300, 400, 400, 500)
    bench.document.undo_stack.undo()
    assert bounding_box(bench.document.snapshot.get(one.id)) == (300, 250, 400, 350)


def test_a_drag_is_seen_and_escape_puts_it_back(bench: Bench) -> None:
    one = square(300, 250, color=(0, 0, 255))
    bench.document.add([one], "Add")
    bench.take("move")
    bench.selection.set([one.id])
    bench.press(350, 300, CTRL)
    bench.move(370, 300)
    bench.move(450, 300)
    assert bench.color_at(400, 280) != (255, 255, 255)
    assert bench.color_at(300, 280) == (255, 255, 255), "it has left its place"
    bench.key(Qt.Key.Key_Escape)
    bench.release(450, 300)
    assert bounding_box(bench.only()) == bounding_box(one)
    assert bench.color_at(300, 280) != (255, 255, 255)


def test_all_of_a_large_selection_is_moved(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grips, "SHOWN_IN_HAND", 2)
    squares = [square(300 + 60 * number, 250, 50) for number in range(4)]
    bench.document.add(squares, "Add")
    bench.take("move")
    bench.selection.select_all()
    bench.drag((320, 270), (330, 280), (340, 300), keys=CTRL)
    for one in squares:
        left, top, _, _ = bounding_box(one)
        assert bounding_box(bench.document.snapshot.get(one.id))[:2] == (left + 20, top + 30)


def test_what_changes_while_it_is_dragged_is_let_go(bench: Bench) -> None:
    one = square(300, 250)
    bench.document.add([one], "Add")
    bench.take("move")
    bench.selection.set([one.id])
    bench.press(350, 300, CTRL)
    bench.move(370, 300)
    bench.move(450, 300)
    bench.document.set_class([one.id], "Tumor")
    bench.release(450, 300)
    assert bench.only().class_name == "Tumor"
    assert bounding_box(bench.only()) == bounding_box(one)
    assert not bench.selection.in_hand


def test_a_vertex_is_dragged(bench: Bench) -> None:
    one = polygon((300, 250), (500, 250), (400, 400))
    bench.document.add([one], "Add")
    bench.take("move")
    bench.selection.set([one.id])
    bench.drag((400, 400), (410, 410), (440, 450))
    assert bench.only().parts[0][0].tolist() == [[300, 250], [500, 250], [440, 450]]
    assert bench.document.undo_stack.undoText() == "Reshape"


def test_a_vertex_dragged_across_an_edge_parts_the_polygon(bench: Bench) -> None:
    one = polygon((300, 250), (500, 250), (500, 400), (300, 400))
    bench.document.add([one], "Add")
    bench.take("move")
    bench.selection.set([one.id])
    bench.drag((300, 250), (400, 300), (600, 300))
    assert len(bench.only().parts) > 1


def test_a_vertex_is_put_in_and_taken_out(bench: Bench) -> None:
    one = polygon((300, 250), (500, 250), (400, 400))
    bench.document.add([one], "Add")
    bench.take("move")
    bench.selection.set([one.id])
    bench.double_click(400, 251)
    assert bench.only().parts[0][0].tolist() == [[300, 250], [400, 250], [500, 250], [400, 400]]
    bench.click(400, 251, ALT)
    assert bench.only().parts[0][0].tolist() == [[300, 250], [500, 250], [400, 400]]
    bench.click(400, 400, ALT)
    assert len(bench.only().parts[0][0]) == 3, "a polygon keeps three"


@pytest.mark.parametrize("shape", [square(300, 250), circle(350, 300, 50)])
def test_boxes_are_stretched_by_their_sides_and_stay_what_they_are(bench: Bench, shape: Annotation) -> None:
    shape = replace(shape, id=uuid4())
    bench.document.add([shape], "Add")
    bench.take("move")
    bench.selection.set([shape.id])
    bench.drag((400, 350), (450, 360), (500, 450))
    assert bench.only().kind == shape.kind
    assert bounding_box(bench.only()) == pytest.approx((300, 250, 500, 450))
    bench.drag((500, 350), (450, 360), (420, 380))
    assert bounding_box(bench.only()) == pytest.approx((300, 250, 420, 450))


def test_a_locked_object_shows_no_handles_and_does_not_change(bench: Bench) -> None:
    one = square(300, 250, locked=True)
    bench.document.add([one], "Add")
    bench.take("move")
    bench.click(350, 300)
    assert bench.selection.ids == (one.id,)
    bench.drag((400, 350), (450, 360), (500, 450))
    bench.drag((350, 300), (380, 330), (400, 350), keys=CTRL)
    bench.key(Qt.Key.Key_Delete)
    assert bounding_box(bench.only()) == bounding_box(one)


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_the_selection_is_deleted_and_comes_back(bench: Bench, key: Qt.Key) -> None:
    one, other = square(300, 250), square(500, 250)
    bench.document.add([one, other], "Add")
    bench.take("move")
    bench.selection.set([one.id])
    bench.key(key)
    assert bench.document.snapshot.ids() == (other.id,)
    assert bench.selection.ids == ()
    bench.document.undo_stack.undo()
    assert len(bench.annotations()) == 2


def test_a_models_object_that_is_reshaped_is_marked_as_edited(bench: Bench) -> None:
    one = square(300, 250, origin=Origin("run", "model"))
    bench.document.add([one], "Add")
    bench.take("move")
    bench.selection.set([one.id])
    bench.drag((350, 300), (360, 310), (390, 360), keys=CTRL)
    origin = bench.only().origin
    assert origin is not None
    assert (origin.state, origin.reviewer, origin.run_id) == ("edited", "Mina", "run")
    assert origin.reviewed_at.endswith("+00:00")
