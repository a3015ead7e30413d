"""Vertices of the selected outline: put in, taken out, selected, dragged, nudged, in views of every kind."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop, Qt, QTimer

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.shapes import bounding_box
from tests.support.annotation_bench import Bench
from tests.support.annotation_samples import square

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier
VIEWS = [(1.0, 0.0, False), (0.25, 0.0, True), (1.5, 90.0, False), (1.0, 17.0, True), (0.5, 213.0, False)]
FIVE = ((300, 250), (500, 250), (560, 330), (450, 420), (300, 380))


def polygon(*points: tuple[float, float], **fields: Any) -> Annotation:
    return Annotation(uuid4(), "polygon", ((np.array(points, dtype=np.float64),),), **fields)


def show(bench: Bench, *shapes: Annotation) -> Any:
    """The shapes, the first of them selected, and the select tool."""
    bench.document.add(shapes, "Add")
    tool = bench.take("move")
    bench.selection.set([shapes[0].id])
    return tool


def ring_of(bench: Bench) -> list[list[float]]:
    rings = [ring for part in bench.only().parts for ring in part]
    assert len(rings) == 1
    return [[float(x), float(y)] for x, y in rings[0]]


def set_modes(bench: Bench, **modes: bool) -> None:
    options = bench.tools["move"]._context.options
    options.apply(replace(options.settings, **modes))


def wait(ms: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


@pytest.fixture(params=VIEWS, ids=lambda view: f"{view[0]:g}x{view[1]:g}{'m' if view[2] else ''}")
def seen(bench: Bench, request: pytest.FixtureRequest) -> Bench:
    """A bench that looks at the polygon ``FIVE`` at some zoom, angle and side."""
    downsample, angle, mirrored = request.param
    viewport = bench.canvas.viewport
    changed = replace(
        viewport, center=(430, 330), downsample=downsample, rotation_deg=angle, mirrored=mirrored
    )
    bench.canvas.set_viewport(changed)
    bench.canvas.minimap.wanted = bench.canvas.compass.wanted = False
    return bench


def test_a_click_on_an_edge_puts_in_a_vertex_and_leaves_the_others(seen: Bench) -> None:
    show(seen, polygon(*FIVE))
    seen.click(400, 250)
    ring = ring_of(seen)
    assert ring[1] == pytest.approx([400, 250], abs=1)
    assert [ring[0], *ring[2:]] == [list(map(float, place)) for place in FIVE]
    assert seen.document.undo_stack.undoText() == "Add vertex"


def test_a_vertex_is_dragged_to_where_the_mouse_lets_go(seen: Bench) -> None:
    show(seen, polygon(*FIVE))
    seen.drag((450, 420), (455, 400), (440, 390))
    ring = ring_of(seen)
    assert ring[3] == pytest.approx([440, 390], abs=1)
    assert ring[:3] == [list(map(float, place)) for place in FIVE[:3]]


def test_vertices_in_a_box_are_dragged_together(seen: Bench) -> None:
    tool = show(seen, polygon(*FIVE))
    view = seen.canvas.viewport
    places = view.to_view(np.array(FIVE[2:4], dtype=np.float64))
    low, high = places.min(0) - 9, places.max(0) + 9
    first, last = view.slide_point(tuple(low)), view.slide_point(tuple(high))
    seen.drag(first, last, last, keys=SHIFT)
    inside = [
        number
        for number, place in enumerate(view.to_view(np.array(FIVE, dtype=np.float64)))
        if (place > low).all() and (place < high).all()
    ]
    assert tool.vertices.numbers.tolist() == inside
    assert {2, 3} <= set(inside)
    seen.drag((450, 420), (455, 400), (440, 390))
    before, after = np.array(FIVE), np.array(ring_of(seen))
    moved = after - before
    assert moved[inside] == pytest.approx(np.tile([-10, -30], (len(inside), 1)), abs=1)
    assert not np.delete(moved, inside, axis=0).any()
    assert tool.vertices.numbers.tolist() == inside, "they stay selected where they are now"


def test_ctrl_click_selects_several_vertices_and_delete_removes_them_as_one_step(bench: Bench) -> None:
    tool = show(bench, polygon(*FIVE))
    bench.click(500, 250)
    bench.click(560, 330, CTRL)
    bench.click(300, 380, CTRL)
    bench.click(300, 380, CTRL)
    assert tool.vertices.numbers.tolist() == [1, 2]
    bench.key(Qt.Key.Key_Backspace)
    assert ring_of(bench) == [[300, 250], [450, 420], [300, 380]]
    assert bench.document.undo_stack.undoText() == "Remove vertices"
    bench.document.undo_stack.undo()
    assert len(ring_of(bench)) == 5
    bench.click(500, 250)
    bench.click(560, 330, CTRL)
    bench.click(300, 380, CTRL)
    told: list[Exception] = []
    bench.document.failed.connect(told.append)
    bench.key(Qt.Key.Key_Delete)
    assert "At least 3" in str(told[0])
    assert len(ring_of(bench)) == 5


def test_a_double_click_on_a_vertex_removes_it(bench: Bench) -> None:
    show(bench, polygon(*FIVE))
    bench.double_click(560, 330)
    assert ring_of(bench) == [[300, 250], [500, 250], [450, 420], [300, 380]]


def test_escape_lets_go_of_vertices_first(bench: Bench) -> None:
    tool = show(bench, polygon(*FIVE))
    bench.click(500, 250)
    assert tool.vertices.numbers.tolist() == [1]
    bench.key(Qt.Key.Key_Escape)
    assert not len(tool.vertices.numbers)
    assert len(bench.selection) == 1
    bench.key(Qt.Key.Key_Escape)
    assert not len(bench.selection)


def test_an_undo_lets_go_of_a_vertex_that_is_there_no_more(bench: Bench) -> None:
    tool = show(bench, polygon(*FIVE))
    bench.drag((500, 250), (510, 240), (520, 230))
    assert tool.vertices.numbers.tolist() == [1]
    bench.document.undo_stack.undo()
    assert not len(tool.vertices.numbers)


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_burst_of_arrows_nudges_vertices_by_screen_pixels_as_one_step(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, mirrored: bool
) -> None:
    tool = show(bench, polygon(*FIVE))
    tool._nudge._timer.setInterval(30)
    bench.canvas.set_viewport(replace(bench.canvas.viewport, downsample=2.0, mirrored=mirrored))
    bench.click(500, 250)
    steps = bench.document.undo_stack.count()
    for _ in range(3):
        bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_Down, SHIFT)
    assert bench.document.undo_stack.count() == steps, "still going on"
    wait(120)
    assert bench.document.undo_stack.count() == steps + 1
    assert ring_of(bench)[1] == [500 + (-6 if mirrored else 6), 270]
    assert tool.vertices.numbers.tolist() == [1]


def test_arrows_move_shapes_only_in_the_mode_for_it(bench: Bench) -> None:
    tool = show(bench, square(300, 250))
    before, center = bench.only(), bench.canvas.viewport.center
    bench.key(Qt.Key.Key_Right)
    assert bench.canvas.viewport.center != center, "the slide moved"
    assert bounding_box(bench.only()) == bounding_box(before)
    set_modes(bench, move_whole=True)
    bench.key(Qt.Key.Key_Left)
    tool.cancel()
    assert bounding_box(bench.only()) == (299, 250, 399, 350)


def test_a_burst_is_given_up_by_escape_and_ended_by_another_tool(bench: Bench) -> None:
    show(bench, polygon(*FIVE))
    bench.click(500, 250)
    bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_Escape)
    assert ring_of(bench)[1] == [500, 250]
    bench.key(Qt.Key.Key_Right)
    bench.take("polygon")
    assert ring_of(bench)[1] == [501, 250]


def test_a_nudge_is_what_ctrl_z_takes_back_at_once(bench: Bench) -> None:
    show(bench, polygon(*FIVE))
    bench.click(500, 250)
    steps = bench.document.undo_stack.count()
    bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_Control)
    assert bench.document.undo_stack.count() == steps + 1
    bench.document.undo_stack.undo()
    assert ring_of(bench)[1] == [500, 250]


def test_vertices_deleted_in_a_burst_of_arrows_leave_the_annotation_in_sight(bench: Bench) -> None:
    tool = show(bench, polygon(*FIVE))
    bench.click(500, 250)
    steps = bench.document.undo_stack.count()
    bench.key(Qt.Key.Key_Right)
    assert tool.remove_vertices(), "as the action does, whose key never comes to the tool"
    assert bench.document.undo_stack.count() == steps + 2, "the nudge is a step of its own"
    assert [501, 250] not in ring_of(bench)
    assert not bench.selection.in_hand
    bench.document.undo_stack.undo()
    assert ring_of(bench)[1] == [501, 250]


def test_what_changes_in_a_burst_of_arrows_is_shown_as_it_is(bench: Bench) -> None:
    show(bench, square(300, 250))
    set_modes(bench, move_whole=True)
    bench.key(Qt.Key.Key_Right)
    bench.selection.delete()
    bench.document.undo_stack.undo()
    assert not bench.selection.in_hand


def test_the_ghost_goes_with_the_selection(bench: Bench) -> None:
    tool = show(bench, polygon(*FIVE))
    bench.move(400, 251)
    assert tool._hot.edge is not None
    bench.selection.clear()
    assert tool._hot.edge is None


def test_the_place_of_a_new_vertex_is_seen_before_the_click(bench: Bench) -> None:
    show(bench, polygon(*FIVE))
    bench.move(400, 300)
    plain = bench.picture()
    bench.move(400, 251)
    ghost = bench.picture()
    place = bench.at(400, 250)
    around = np.s_[place.y() - 6 : place.y() + 7, place.x() - 6 : place.x() + 7]
    assert (plain[around] != ghost[around]).any()
    assert bench.canvas.cursor().shape() == Qt.CursorShape.CrossCursor


def test_an_outline_of_very_many_vertices_shows_handles_apart_and_is_edited(bench: Bench) -> None:
    turn = np.linspace(0, 2 * np.pi, 200_000, endpoint=False)
    ring = np.column_stack([500 + 180 * np.cos(turn), 400 + 150 * np.sin(turn)])
    tool = show(bench, Annotation(uuid4(), "polygon", ((ring,),)))
    bench.layer.visible = False
    viewport = bench.canvas.viewport
    shown = tool._marks.shown(viewport, tool.vertices.outline, 1.0)
    places = viewport.to_view(tool.vertices.outline.vertices[shown])
    gaps = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, np.inf)
    assert len(shown) > 50
    assert gaps.min() >= 6
    bench.canvas.set_viewport(replace(viewport, center=(680, 400), downsample=0.001))
    assert len(tool._marks.shown(bench.canvas.viewport, tool.vertices.outline, 1.0)) >= 1
    bench.canvas.set_viewport(viewport)
    bench.drag((680, 400), (690, 400), (700, 400))
    outer = bench.only().parts[0][0]
    assert outer[:, 0].max() == pytest.approx(700, abs=1)
    assert bench.document.undo_stack.undoText() == "Reshape"


def test_neither_hovering_nor_dragging_waits_for_a_large_outline(bench: Bench) -> None:
    turn = np.linspace(0, 2 * np.pi, 200_000, endpoint=False)
    ring = np.column_stack([500 + 180 * np.cos(turn), 400 + 150 * np.sin(turn)])
    show(bench, Annotation(uuid4(), "polygon", ((ring,),)))
    bench.layer.visible = False  # what the tool paints and finds is measured, not the annotation at rest
    bench.press(680, 400)
    times = []
    for step in range(12):
        start = time.perf_counter()
        bench.move(690 + step, 400)
        bench.canvas.repaint()
        times.append(time.perf_counter() - start)
    bench.key(Qt.Key.Key_Escape)
    bench.release(700, 400)
    assert np.median(times) < 0.15, "a loop over vertices takes several times as long"


def test_a_locked_outline_takes_no_vertex_and_is_not_redrawn(bench: Bench) -> None:
    tool = show(bench, polygon(*FIVE, locked=True))
    bench.click(400, 250)
    bench.click(500, 250, ALT)
    bench.drag((320, 250), (360, 300), (440, 250), keys=SHIFT)
    assert ring_of(bench) == [list(map(float, place)) for place in FIVE]
    assert not len(tool.vertices.numbers)


# ---- selecting --------------------------------------------------------------------------------------


def test_deleting_what_is_locked_is_refused_with_a_sentence(bench: Bench) -> None:
    shape = replace(square(300, 250, 100), locked=True)
    bench.document.add([shape], "Add")
    told: list[Exception] = []
    bench.document.failed.connect(told.append)
    bench.take("move")
    bench.selection.set([shape.id])
    bench.key(Qt.Key.Key_Delete)
    assert len(bench.annotations()) == 1
    assert str(told[0]) == "The selected annotation is locked. Unlock it to delete it."


def test_how_much_of_what_is_deleted_is_locked_is_told(bench: Bench) -> None:
    shapes = [replace(square(100 * number, 250, 80), locked=number < 2) for number in range(4)]
    bench.document.add(shapes, "Add")
    told: list[Exception] = []
    bench.document.failed.connect(told.append)
    bench.take("move")
    bench.selection.set([shape.id for shape in shapes[:2]])
    bench.key(Qt.Key.Key_Delete)
    assert len(bench.annotations()) == 4
    assert "All 2 selected annotations are locked" in str(told[-1])
    bench.selection.set([shape.id for shape in shapes])
    bench.key(Qt.Key.Key_Delete)
    assert {found.id for found in bench.annotations()} == {shape.id for shape in shapes[:2]}
    assert "not deleted: 2." in str(told[-1])
    assert set(bench.selection.ids) == {shape.id for shape in shapes[:2]}


def test_a_second_click_at_the_same_place_selects_what_lies_beneath(bench: Bench) -> None:
    large, middle, small = square(250, 230, 200), square(280, 250, 150), square(300, 270, 100)
    bench.document.add([large, middle, small], "Add")
    bench.take("move")
    for expected in (small, middle, large, small):
        bench.click(340, 330)
        assert bench.selection.ids == (expected.id,)
    bench.click(360, 340)
    assert bench.selection.ids == (small.id,), "at another place it begins again"


def test_alt_and_ctrl_click_add_to_the_selection(bench: Bench) -> None:
    one, other = square(300, 250), square(500, 250)
    bench.document.add([one, other], "Add")
    bench.take("move")
    bench.click(350, 300)
    bench.click(550, 300, ALT)
    assert bench.selection.ids == (one.id, other.id)
    bench.click(350, 300, CTRL)
    assert bench.selection.ids == (other.id,)


def test_a_double_click_selects_an_object_and_shows_it(bench: Bench) -> None:
    far = square(1000, 700, 600)
    bench.document.add([far], "Add")
    bench.take("move")
    bench.canvas.set_viewport(replace(bench.canvas.viewport, center=(1000, 700)))
    bench.double_click(1100, 800)
    assert bench.selection.ids == (far.id,)
    left, top, right, bottom = bounding_box(far)
    corners = bench.canvas.viewport.to_view(np.array([[left, top], [right, bottom]]))
    assert corners.min() >= 0
    assert (corners[1] <= bench.canvas.viewport.size).all()


def test_a_click_does_not_select_what_is_of_a_hidden_class(bench: Bench) -> None:
    one = square(300, 250, class_name="Tumor")
    bench.document.add([one], "Add")
    bench.take("move")
    bench.selection.hidden_classes = frozenset({"Tumor"})
    bench.click(350, 300)
    assert not len(bench.selection)


# ---- turning ----------------------------------------------------------------------------------------


def test_a_shape_is_turned_by_its_handle(bench: Bench) -> None:
    show(bench, square(400, 350))
    bench.move(450, 324)
    bench.drag((450, 324), (500, 340), (520, 400))
    turned = bench.only()
    assert turned.kind == "polygon"
    assert bounding_box(turned) == pytest.approx((400, 350, 500, 450), abs=1.5)
    assert turned.parts[0][0][0] == pytest.approx([500, 350], abs=1.5), "a quarter, clockwise"
    assert bench.document.undo_stack.undoText() == "Rotate"


def test_shift_turns_in_steps(bench: Bench) -> None:
    tool = show(bench, square(400, 350))
    bench.press(450, 324)
    place = (500.0, 336.0)  # 38 degrees from the top
    held = replace(
        tool._pressed, position=place, view_position=bench.canvas.viewport.view_point(place), modifiers=SHIFT
    )
    tool.move(held)
    bench.release(*place)
    side, up = np.subtract(bench.only().parts[0][0][1], (450, 400))
    assert np.degrees(np.arctan2(up, side)) == pytest.approx(-45 + 45, abs=0.1)
