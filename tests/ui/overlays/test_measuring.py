"""Ruler, angle, and placing the circle: real mouse and keys, and nothing in the document changes."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.ui.overlays.view_overlays import InspectionTool, ViewOverlays
from tests.support.annotation_bench import Bench

SHIFT = Qt.KeyboardModifier.ShiftModifier


def take(bench: Bench, overlays: ViewOverlays, name: InspectionTool) -> None:
    bench.canvas.set_tool(overlays.tools[name])


def texts(overlays: ViewOverlays) -> list[str]:
    return [item.text(overlays.measured.mpp) for item in overlays.measurements.items]


def key(bench: Bench, pressed: Qt.Key) -> None:
    QTest.keyClick(bench.canvas, pressed)


def test_a_drag_measures_a_length(bench: Bench, overlays: ViewOverlays) -> None:
    take(bench, overlays, "ruler")
    bench.drag((300, 300), (400, 320), (600, 300))
    assert texts(overlays) == ["150.0 µm"]
    assert overlays.measurements.items[0].points == ((300, 300), (600, 300))


def test_two_clicks_measure_a_length(bench: Bench, overlays: ViewOverlays) -> None:
    take(bench, overlays, "ruler")
    bench.click(300, 300)
    assert texts(overlays) == []
    bench.move(300, 450)
    # The line is there while the second place is sought.
    line = bench.picture()[180, 98:103].astype(int)
    assert (line[:, 0] - line[:, 2]).max() > 180
    bench.click(300, 500)
    assert texts(overlays) == ["100.0 µm"]


def test_with_shift_a_line_runs_along_the_slide(bench: Bench, overlays: ViewOverlays) -> None:
    take(bench, overlays, "ruler")
    bench.drag((300, 300), (400, 310), (500, 330), keys=SHIFT)
    (start, end) = overlays.measurements.items[0].points
    assert end == pytest.approx((500, 300))
    assert start == (300, 300)


def test_three_places_make_an_angle(bench: Bench, overlays: ViewOverlays) -> None:
    take(bench, overlays, "angle")
    for place in ((500, 300), (300, 300), (300, 500)):
        bench.click(*place)
    assert texts(overlays) == ["90.0°"]
    bench.drag((700, 300), (600, 300), (600, 400))
    bench.click(600, 500)
    assert texts(overlays) == ["90.0°", "135.0°"]


def test_escape_goes_back_step_by_step(bench: Bench, overlays: ViewOverlays, put_away: Any) -> None:
    take(bench, overlays, "ruler")
    bench.drag((300, 300), (400, 320), (600, 300))
    bench.drag((300, 400), (400, 420), (600, 400))
    bench.click(300, 500)
    key(bench, Qt.Key.Key_Escape)
    assert len(overlays.measurements) == 2
    key(bench, Qt.Key.Key_Escape)
    assert [item.points[0] for item in overlays.measurements.items] == [(300, 300)]
    key(bench, Qt.Key.Key_Escape)
    assert put_away.times == 0
    key(bench, Qt.Key.Key_Escape)
    assert put_away.times == 1


def test_delete_clears_everything(bench: Bench, overlays: ViewOverlays) -> None:
    take(bench, overlays, "ruler")
    bench.drag((300, 300), (400, 320), (600, 300))
    take(bench, overlays, "angle")
    bench.click(300, 500)
    key(bench, Qt.Key.Key_Delete)
    assert len(overlays.measurements) == 0
    assert (bench.picture() == 255).all()


def test_an_end_that_stands_can_be_dragged(bench: Bench, overlays: ViewOverlays) -> None:
    take(bench, overlays, "ruler")
    bench.drag((300, 300), (400, 320), (600, 300))
    bench.move(600, 301)
    assert bench.canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    bench.drag((600, 300), (620, 300), (700, 300))
    assert texts(overlays) == ["200.0 µm"]
    bench.move(500, 500)
    assert bench.canvas.cursor().shape() == Qt.CursorShape.CrossCursor


def test_measuring_goes_on_while_the_slide_is_moved(bench: Bench, overlays: ViewOverlays) -> None:
    take(bench, overlays, "ruler")
    bench.click(300, 300)
    bench.canvas.pan_by(-150, 0)
    bench.click(700, 300)
    assert texts(overlays) == ["200.0 µm"]


def test_without_a_pixel_size_it_is_pixels(bench: Bench, overlays: ViewOverlays) -> None:
    overlays.measured.mpp = None
    take(bench, overlays, "ruler")
    bench.drag((300, 300), (400, 320), (600, 300))
    assert texts(overlays) == ["300 px"]


def test_nothing_of_the_document_changes(bench: Bench, overlays: ViewOverlays) -> None:
    before = bench.document.snapshot
    take(bench, overlays, "ruler")
    bench.drag((300, 300), (400, 320), (600, 300))
    take(bench, overlays, "angle")
    for place in ((500, 300), (300, 300), (300, 500)):
        bench.click(*place)
    key(bench, Qt.Key.Key_Delete)
    assert bench.document.snapshot is before
    assert not bench.document.undo_stack.canUndo()


def test_a_click_drops_the_circle_and_a_drag_moves_it(
    bench: Bench, overlays: ViewOverlays, put_away: Any
) -> None:
    take(bench, overlays, "place_field")
    bench.click(420, 330)
    assert overlays.field.pinned == (420, 330)
    bench.drag((420, 330), (450, 350), (510, 390))
    assert overlays.field.pinned == (510, 390)
    key(bench, Qt.Key.Key_Escape)
    assert put_away.times == 1
    assert overlays.field.pinned == (510, 390)
