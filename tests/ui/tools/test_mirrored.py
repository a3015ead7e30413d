"""Tools and annotations on a slide that is turned and mirrored."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from tests.support.annotation_bench import Bench

VIEWS = [(0.0, True), (90.0, False), (90.0, True), (17.0, True), (213.0, False)]


@pytest.fixture(params=VIEWS, ids=lambda view: f"{view[0]:g}{'m' if view[1] else ''}")
def turned(bench: Bench, request: pytest.FixtureRequest) -> Bench:
    """A bench whose view is turned about the middle of what it showed."""
    angle, mirrored = request.param
    bench.look(1.0)
    bench.canvas.set_viewport(replace(bench.canvas.viewport, rotation_deg=angle, mirrored=mirrored))
    bench.canvas.minimap.wanted = bench.canvas.compass.wanted = False
    return bench


def test_a_rectangle_is_drawn_where_the_mouse_was(turned: Bench) -> None:
    turned.take("rectangle")
    turned.drag((450, 360), (500, 400), (540, 450))
    (ring,) = turned.only().parts[0]
    assert ring.min(axis=0).tolist() == pytest.approx([450, 360], abs=1.5)
    assert ring.max(axis=0).tolist() == pytest.approx([540, 450], abs=1.5)


def test_what_is_seen_is_hit_and_moved_with_the_mouse(turned: Bench) -> None:
    turned.take("rectangle")
    turned.drag((450, 360), (500, 400), (540, 450))
    before = turned.only().parts[0][0]
    turned.selection.clear()
    turned.take("move")
    turned.click(500, 440)
    assert len(turned.selection) == 1
    turned.drag((500, 440), (505, 430), (530, 420), keys=Qt.KeyboardModifier.ControlModifier)
    after = turned.only().parts[0][0]
    assert (after - before).mean(axis=0).tolist() == pytest.approx([30, -20], abs=2)


def test_a_point_is_painted_where_it_lies(turned: Bench) -> None:
    turned.take("point")
    turned.click(520, 380)
    turned.selection.clear()
    turned.take("move")
    plain = turned.color_at(420, 460)
    assert turned.color_at(520, 380) != plain


def test_a_drag_beside_everything_moves_the_slide_with_the_mouse(turned: Bench) -> None:
    turned.take("move")
    at = turned.at(430, 380)
    turned.press(430, 380)
    turned.canvas.grab()
    held = turned.canvas.viewport.slide_point((at.x(), at.y()))
    turned.move(*turned.canvas.viewport.slide_point((at.x() + 40, at.y() - 25)))
    turned.release(*turned.canvas.viewport.slide_point((at.x() + 40, at.y() - 25)))
    x, y = turned.canvas.viewport.view_point(held)
    assert (x - at.x(), y - at.y()) == pytest.approx((40, -25), abs=2)


def test_turning_in_mid_polygon_keeps_the_polygon(turned: Bench) -> None:
    turned.take("polygon")
    for place in ((450, 360), (540, 360), (540, 450)):
        turned.click(*place)
    turned.canvas.rotate_by(30)
    turned.canvas.flip()
    turned.click(450, 450)
    turned.key(Qt.Key.Key_Return)
    (ring,) = turned.only().parts[0]
    assert ring.min(axis=0).tolist() == pytest.approx([450, 360], abs=1.5)
    assert ring.max(axis=0).tolist() == pytest.approx([540, 450], abs=1.5)
