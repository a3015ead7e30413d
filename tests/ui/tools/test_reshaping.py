"""Stretches redrawn, borders snapped to, and areas that do not overlap, with real mouse events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.measure import area_px
from desktop_app.domain.shapes import bounding_box
from desktop_app.ui.canvas import ToolEvent
from tests.support.annotation_bench import Bench
from tests.support.annotation_samples import square

SHIFT = Qt.KeyboardModifier.ShiftModifier
BOX = ((300.0, 250.0), (500.0, 250.0), (500.0, 450.0), (300.0, 450.0))
VIEWS = [(1.0, 0.0, False), (0.5, 90.0, True), (1.5, 33.0, False)]


def polygon(*points: tuple[float, float], **fields: Any) -> Annotation:
    return Annotation(uuid4(), "polygon", ((np.array(points, dtype=np.float64),),), **fields)


def set_modes(bench: Bench, **modes: bool) -> None:
    options = bench.tools["move"]._context.options
    options.apply(replace(options.settings, **modes))


@pytest.fixture(params=VIEWS, ids=lambda view: f"{view[0]:g}x{view[1]:g}")
def seen(bench: Bench, request: pytest.FixtureRequest) -> Bench:
    """A bench that looks at ``BOX``."""
    downsample, angle, mirrored = request.param
    bench.canvas.set_viewport(
        replace(
            bench.canvas.viewport,
            center=(400, 300),
            downsample=downsample,
            rotation_deg=angle,
            mirrored=mirrored,
        )
    )
    bench.canvas.minimap.wanted = bench.canvas.compass.wanted = False
    return bench


def test_a_stretch_drawn_with_shift_replaces_the_shorter_way(seen: Bench) -> None:
    shape = polygon(*BOX)
    seen.document.add([shape], "Add")
    seen.take("move")
    seen.selection.set([shape.id])
    seen.drag((350, 250), (350, 220), (450, 220), (450, 250), keys=SHIFT)
    ring = seen.only().parts[0][0]
    assert bounding_box(seen.only())[1] == pytest.approx(220, abs=1.5)
    assert area_px(seen.only()) == pytest.approx(200 * 200 + 100 * 30, rel=0.02)
    assert {tuple(place) for place in BOX} <= {tuple(place) for place in ring.tolist()}
    assert seen.document.undo_stack.undoText() == "Reshape outline"
    seen.document.undo_stack.undo()
    assert seen.only().parts[0][0].tolist() == [list(place) for place in BOX]


def test_the_tool_redraws_without_a_key_and_selects_first(seen: Bench) -> None:
    shape = square(300, 250, 200)
    seen.document.add([shape], "Add")
    seen.take("reshape")
    seen.click(500, 400)
    assert seen.selection.ids == (shape.id,)
    seen.drag((500, 300), (470, 320), (470, 380), (500, 400))
    assert seen.only().kind == "polygon"
    assert area_px(seen.only()) == pytest.approx(40_000 - 30 * 80, rel=0.02)


def test_the_new_outline_is_seen_before_the_button_is_let_go(bench: Bench) -> None:
    shape = polygon(*BOX)
    bench.document.add([shape], "Add")
    bench.take("move")
    bench.selection.set([shape.id])
    bench.press(350, 250, SHIFT)
    for place in ((350, 220), (400, 220), (450, 220)):
        bench.move(*place)
    place = bench.at(400, 220)
    assert (bench.picture()[place.y(), place.x() - 10 : place.x() + 10] != 255).any(), "the stroke"
    assert bench.selection.in_hand == frozenset(), "the old outline is still there"
    bench.move(450, 252)
    assert bench.selection.in_hand == {shape.id}
    assert bench.color_at(400, 235) != (255, 255, 255), "filled up to the new outline"
    bench.key(Qt.Key.Key_Escape)
    bench.release(450, 250)
    assert bench.only().parts[0][0].tolist() == [list(place) for place in BOX]


def test_a_stretch_that_ends_nowhere_is_refused_with_a_sentence(bench: Bench) -> None:
    shape = polygon(*BOX)
    bench.document.add([shape], "Add")
    bench.take("move")
    bench.selection.set([shape.id])
    told: list[Exception] = []
    bench.document.failed.connect(told.append)
    bench.drag((350, 250), (350, 220), (400, 300), (400, 350), keys=SHIFT)
    assert "must end on the outline" in str(told[0])
    assert bench.only().parts[0][0].tolist() == [list(place) for place in BOX]
    assert not bench.selection.in_hand


def test_with_ctrl_the_longer_way_is_replaced(bench: Bench) -> None:
    shape = polygon(*BOX)
    bench.document.add([shape], "Add")
    tool = bench.take("reshape")
    bench.selection.set([shape.id])
    bench.press(350, 250)
    bench.move(400, 300)
    place = (450.0, 250.0)
    there = bench.canvas.viewport.view_point(place)
    with_ctrl = ToolEvent(place, there, Qt.MouseButton.NoButton, Qt.KeyboardModifier.ControlModifier, 1.0)
    tool.move(with_ctrl)
    bench.release(*place)
    assert area_px(bench.only()) == pytest.approx(50 * 100 / 2, rel=0.05)


def test_escape_gives_the_stretch_up_then_the_selection(bench: Bench) -> None:
    shape = polygon(*BOX)
    bench.document.add([shape], "Add")
    bench.take("reshape")
    bench.selection.set([shape.id])
    bench.press(350, 250)
    bench.move(400, 200)
    bench.key(Qt.Key.Key_Escape)
    bench.release(450, 250)
    assert bench.only().parts[0][0].tolist() == [list(place) for place in BOX]
    bench.key(Qt.Key.Key_Escape)
    assert not len(bench.selection)


@pytest.mark.parametrize("locked", [False, True])
def test_what_is_changed_meanwhile_is_let_go(bench: Bench, locked: bool) -> None:
    shape = polygon(*BOX)
    bench.document.add([shape], "Add")
    tool = bench.take("reshape")
    bench.selection.set([shape.id])
    bench.press(350, 250)
    bench.move(400, 200)
    bench.document.set_locked([shape.id], True)
    if not locked:
        bench.document.set_locked([shape.id], False)
    bench.move(450, 250)
    bench.release(450, 250)
    assert tool._grip is None
    assert bench.only().parts[0][0].tolist() == [list(place) for place in BOX]


# ---- snapping ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("downsample", [0.5, 1.0, 2.0])
def test_a_dragged_vertex_snaps_to_a_neighbor_within_eight_screen_pixels(
    bench: Bench, downsample: float
) -> None:
    shape, other = polygon((300, 300), (400, 300), (350, 400)), square(500, 300)
    bench.document.add([shape, other], "Add")
    bench.take("move")
    bench.selection.set([shape.id])
    bench.canvas.set_viewport(replace(bench.canvas.viewport, center=(450, 350), downsample=downsample))
    near = 500 - 6 * downsample
    bench.drag((400, 300), (450, 340), (near, 350))
    assert bench.document.snapshot.get(shape.id).parts[0][0][1, 0] == pytest.approx(near, abs=1)
    bench.document.undo_stack.undo()
    set_modes(bench, snap=True)
    bench.drag((400, 300), (450, 340), (near, 350))
    assert bench.document.snapshot.get(shape.id).parts[0][0][1].tolist()[0] == 500
    bench.document.undo_stack.undo()
    bench.drag((400, 300), (450, 340), (near, 300 + 3 * downsample))
    assert bench.document.snapshot.get(shape.id).parts[0][0][1].tolist() == [500, 300], "its vertex first"


def test_the_place_of_snapping_is_marked(bench: Bench) -> None:
    shape, other = polygon((300, 300), (400, 300), (350, 400)), square(500, 300)
    bench.document.add([shape, other], "Add")
    bench.take("move")
    bench.selection.set([shape.id])
    set_modes(bench, snap=True)
    bench.press(400, 300)
    bench.move(450, 340)
    bench.move(495, 350)
    assert bench.color_at(494, 349) != (255, 255, 255), "the diamond's edge, away from both outlines"
    bench.release(495, 350)
    assert not bench.selection.in_hand


# ---- no overlap -------------------------------------------------------------------------------------


def test_a_drawn_area_gives_way_to_its_neighbor_as_one_step(bench: Bench) -> None:
    other = square(400, 250, 200, class_name="Stroma")
    bench.document.add([other], "Add")
    bench.document.no_overlap = True
    bench.choice.choose_index(0)
    steps = bench.document.undo_stack.count()
    bench.take("rectangle")
    bench.drag((300, 300), (400, 350), (450, 400))
    assert bench.document.undo_stack.count() == steps + 1
    (new,) = (found for found in bench.annotations() if found.id != other.id)
    assert area_px(new) == pytest.approx(100 * 100, rel=0.02)
    assert bounding_box(bench.document.snapshot.get(other.id)) == bounding_box(other)
    bench.document.undo_stack.undo()
    assert len(bench.annotations()) == 1


def test_a_reshaped_area_gives_way_and_one_that_only_changes_its_class_does_not(bench: Bench) -> None:
    shape = polygon((300, 300), (380, 300), (380, 400), (300, 400), class_name="Tumor")
    other = square(400, 250, 200, class_name="Stroma")
    bench.document.add([shape, other], "Add")
    bench.document.no_overlap = True
    bench.take("move")
    bench.selection.set([shape.id])
    bench.drag((380, 300), (400, 300), (450, 300))
    changed = bench.document.snapshot.get(shape.id)
    assert bounding_box(changed)[2] == pytest.approx(400, abs=0.1)
    bench.document.no_overlap = False
    bench.drag((380, 400), (400, 400), (450, 400))
    wide = bench.document.snapshot.get(shape.id)
    bench.document.no_overlap = True
    bench.document.set_class([shape.id], "Necrosis")
    assert area_px(bench.document.snapshot.get(shape.id)) == area_px(wide)


def test_what_would_vanish_is_refused_with_a_sentence(bench: Bench) -> None:
    bench.document.add([square(300, 250, 250, class_name="Stroma")], "Add")
    bench.document.no_overlap = True
    bench.choice.choose_index(0)
    told: list[Exception] = []
    bench.document.failed.connect(told.append)
    bench.take("rectangle")
    bench.drag((350, 300), (400, 350), (450, 400))
    assert "nothing would be left" in str(told[0])
    assert len(bench.annotations()) == 1


def test_arrow_keys_still_move_the_slide_with_the_reshape_tool(bench: Bench) -> None:
    bench.take("reshape")
    before = bench.canvas.viewport.center
    QTest.keyClick(bench.canvas, Qt.Key.Key_Right)
    assert bench.canvas.viewport.center != before
