"""What is drawn goes to the borders of neighbors while snapping is on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.domain.shapes import bounding_box
from tests.support.annotation_bench import Bench
from tests.support.annotation_samples import square

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def snapping(bench: Bench) -> Bench:
    """A bench with a square from (500, 300) to (600, 400), to whose border things snap."""
    bench.document.add([square(500, 300, 100)], "Add")
    snap(bench, on=True)
    return bench


def snap(bench: Bench, *, on: bool) -> None:
    options = bench.tools["move"]._context.options
    options.apply(replace(options.settings, snap=on))


def last_vertices(bench: Bench) -> list[list[float]]:
    found: list[list[float]] = bench.annotations()[-1].parts[0][0].tolist()
    return found


@pytest.mark.parametrize("downsample", [0.5, 1.0, 2.0])
def test_the_vertices_of_a_polygon_go_to_borders_and_corners(snapping: Bench, downsample: float) -> None:
    view = snapping.canvas.viewport
    snapping.canvas.set_viewport(replace(view, center=(480, 350), downsample=downsample))
    snapping.take("polygon")
    for place in (
        (500 - 5 * downsample, 300 + 3 * downsample),
        (500 - 6 * downsample, 360),
        (440, 350),
    ):
        snapping.click(*place)
    snapping.key(Qt.Key.Key_Return)
    assert last_vertices(snapping) == [[500, 300], [500, 360], [440, 350]]


def test_a_click_where_the_first_vertex_was_meant_closes_the_outline(snapping: Bench) -> None:
    tool = snapping.take("polygon")
    for place in ((493, 303), (450, 300), (450, 350)):
        snapping.click(*place)
    snapping.click(493, 297)
    assert not tool.unfinished
    assert len(last_vertices(snapping)) == 3


def test_both_ends_of_a_line_and_the_corners_of_a_box_go_to_borders(snapping: Bench) -> None:
    snapping.take("line")
    snapping.drag((494, 350), (550, 350), (606, 360))
    assert last_vertices(snapping) == [[500, 350], [600, 360]]
    snapping.take("rectangle")
    snapping.drag((430, 250), (450, 280), (494, 305))
    assert bounding_box(snapping.annotations()[-1]) == (430, 250, 500, 300)


def test_a_stretch_drawn_freely_follows_the_border(snapping: Bench) -> None:
    snapping.take("polyline")
    snapping.drag((440, 320), (470, 320), (495, 320), (494, 340), (496, 360), (440, 360))
    assert [x for x, _ in last_vertices(snapping)].count(500) >= 2
    assert max(x for x, _ in last_vertices(snapping)) == 500


def test_shift_keeps_the_direction_of_a_line_and_the_form_of_a_box(snapping: Bench) -> None:
    snapping.take("line")
    snapping.drag((430, 350), (450, 350), (495, 352), keys=Qt.KeyboardModifier.NoModifier)
    assert last_vertices(snapping)[1] == [500, 352]
    snapping.press(430, 250)
    snapping.move(450, 250)
    QTest.mouseRelease(snapping.canvas, Qt.MouseButton.LeftButton, SHIFT, snapping.at(497, 252))
    assert last_vertices(snapping)[1] == pytest.approx([497, 250])


def test_the_place_is_marked_before_the_first_press_and_forgotten_outside(snapping: Bench) -> None:
    for name in ("polygon", "line", "ellipse"):
        tool = snapping.take(name)
        snapping.move(450, 340)
        snapping.move(495, 350)
        assert snapping.color_at(494, 349) != (255, 255, 255), "the edge of the diamond"
        tool._context.options.pointer_left.emit()
        snapping.canvas.update()
        assert snapping.color_at(494, 349) == (255, 255, 255)


def test_switching_it_off_while_drawing_leaves_the_rest_where_the_mouse_is(snapping: Bench) -> None:
    tool = snapping.take("polygon")
    snapping.click(494, 330)
    snap(snapping, on=False)
    snapping.click(494, 360)
    assert tool.vertices == ((500, 330), (494, 360))
    assert snapping.color_at(489, 360) == (255, 255, 255), "no mark"
