"""Lines, arrows, polylines, points and notes, drawn with real mouse and keys."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop_app.domain.annotation import Annotation
from desktop_app.ui.tools.note_tool import NoteTool
from desktop_app.ui.tools.tool_options import ToolOptions
from tests.support.annotation_bench import Bench

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
RED, WHITE = (255, 0, 0), (255, 255, 255)


def options_of(bench: Bench) -> ToolOptions:
    options: ToolOptions = bench.tools["brush"]._context.options
    return options


def vertices(annotation: Annotation) -> list[list[float]]:
    found: list[list[float]] = annotation.parts[0][0].tolist()
    return found


def test_a_line_is_dragged_from_end_to_end(bench: Bench) -> None:
    bench.take("line")
    bench.drag((300, 250), (350, 270), (500, 330))
    drawn = bench.only()
    assert drawn.kind == "line"
    assert vertices(drawn) == [[300, 250], [500, 330]]
    assert bench.document.undo_stack.undoText() == "Draw line"
    bench.selection.clear()
    assert bench.color_at(400, 290) == RED


def test_a_line_with_shift_keeps_to_sides_and_diagonals(bench: Bench) -> None:
    tool = bench.take("line")
    bench.drag((300, 250), (350, 252), (500, 262), keys=SHIFT)
    assert vertices(bench.only())[1] == pytest.approx([500, 250])
    bench.drag((300, 300), (301, 301), (302, 302))
    assert len(bench.annotations()) == 1, "a trembling click draws nothing"
    bench.press(300, 300)
    bench.move(400, 390)
    bench.key(Qt.Key.Key_Escape)
    bench.release(400, 390)
    assert len(bench.annotations()) == 1
    assert tool.cursor == Qt.CursorShape.CrossCursor


@pytest.mark.parametrize("downsample", [0.25, 1.0, 3.0])
@pytest.mark.parametrize("rotation", [0.0, 90.0])
def test_an_arrow_has_a_head_of_one_size_at_its_last_vertex(
    bench: Bench, downsample: float, rotation: float
) -> None:
    bench.look(downsample, rotation)
    middle, reach = bench.canvas.viewport.center, 100 * downsample
    start, end = (middle[0] - reach, middle[1]), (middle[0] + reach, middle[1])
    bench.take("line")
    bench.drag(start, middle, end, keys=ALT)
    assert bench.only().kind == "arrow"
    bench.selection.clear()
    picture = bench.picture().astype(int)
    red = (picture[..., 0] > 200) & (picture[..., 1] < 60)
    along = red if rotation == 0 else red.T
    across = along.sum(axis=0)
    first, tip = np.flatnonzero(across)[[0, -1]].tolist()
    assert across[tip - 12] >= 8, "the base of the head"
    assert across[tip - 40] <= 3, "the shaft"
    assert across[first + 12] <= 3, "no head at the first vertex"


def test_arrows_may_be_the_rule_and_lines_the_exception(bench: Bench) -> None:
    options = options_of(bench)
    options.apply(replace(options.settings, arrows=True))
    bench.take("line")
    bench.drag((300, 250), (350, 270), (500, 330))
    bench.drag((300, 350), (350, 370), (500, 430), keys=ALT)
    bench.take("polyline")
    for place in ((250, 260), (270, 300), (250, 400)):
        bench.click(*place)
    bench.key(Qt.Key.Key_Return)
    assert [found.kind for found in bench.annotations()] == ["arrow", "line", "arrow"]


def test_a_polyline_by_clicks_is_finished_by_a_double_click(bench: Bench) -> None:
    bench.take("polyline")
    for place in ((300, 250), (500, 250)):
        bench.click(*place)
    bench.double_click(500, 400)
    drawn = bench.only()
    assert drawn.kind == "line"
    assert vertices(drawn) == [[300, 250], [500, 250], [500, 400]]
    bench.selection.clear()
    assert bench.color_at(400, 250) == RED
    assert bench.color_at(400, 325) == WHITE, "it is not closed"


def test_backspace_and_escape_in_a_polyline(bench: Bench) -> None:
    tool = bench.take("polyline")
    for place in ((300, 250), (500, 250), (500, 400)):
        bench.click(*place)
    bench.key(Qt.Key.Key_Backspace)
    assert tool.vertices == ((300, 250), (500, 250))
    bench.key(Qt.Key.Key_Enter)
    assert vertices(bench.only()) == [[300, 250], [500, 250]]
    bench.click(300, 300)
    bench.key(Qt.Key.Key_Return)
    assert len(bench.annotations()) == 1, "one vertex is no line"
    bench.key(Qt.Key.Key_Escape)
    assert not tool.unfinished


def test_a_free_drag_is_a_polyline(bench: Bench) -> None:
    bench.take("polyline")
    bench.drag(*[(300 + 4 * step, 300 + 40 * np.sin(step / 5)) for step in range(50)])
    drawn = bench.only()
    assert drawn.kind == "line"
    assert 5 < len(vertices(drawn)) < 50, "it was simplified"


def test_shift_adds_to_the_selected_points_in_one_step_each(bench: Bench) -> None:
    bench.take("point")
    bench.click(300, 250)
    bench.click(400, 250, keys=SHIFT)
    bench.click(401, 350, keys=SHIFT)
    assert vertices(bench.only()) == [[300, 250], [400, 250], [401, 350]]
    bench.document.undo_stack.undo()
    assert len(vertices(bench.only())) == 2
    bench.click(500, 300)
    assert len(bench.annotations()) == 2, "without Shift a point is counted for itself"
    bench.selection.clear()
    bench.click(520, 300, keys=SHIFT)
    assert len(bench.annotations()) == 3, "nothing selected to add to"


def typed(bench: Bench, tool: NoteTool, text: str, key: Qt.Key | None) -> QWidget:
    editor = tool.editor
    assert editor is not None
    assert editor.isVisible()
    QTest.keyClicks(editor, text)
    if key is not None:
        QTest.keyClick(editor, key)
    return editor


def test_a_note_is_typed_beside_its_place(bench: Bench) -> None:
    bench.canvas.activateWindow()
    tool = bench.take("note")
    bench.click(400, 350)
    typed(bench, tool, "Lymph node 3", Qt.Key.Key_Return)
    note = bench.only()
    assert (note.kind, note.name, vertices(note)) == ("note", "Lymph node 3", [[400, 350]])
    assert tool.editor is None
    assert bench.document.undo_stack.undoText() == "Set note"
    bench.selection.clear()
    assert bench.color_at(400, 350) == RED, "its place is marked"


def test_a_note_is_given_up_by_escape_and_kept_by_going_on(bench: Bench) -> None:
    tool = bench.take("note")
    bench.click(400, 350)
    typed(bench, tool, "not this", Qt.Key.Key_Escape)
    assert bench.annotations() == []
    bench.click(400, 350)
    typed(bench, tool, "  ", Qt.Key.Key_Return)
    assert bench.annotations() == [], "nothing was written"
    bench.click(400, 350)
    typed(bench, tool, "kept", None)
    bench.click(500, 450)
    assert bench.only().name == "kept"
    assert tool.editor is not None, "and the next one is asked for"
    bench.take("move")
    assert len(bench.annotations()) == 1


def test_a_note_at_the_edge_is_typed_within_the_view(bench: Bench) -> None:
    tool = bench.take("note")
    place = bench.canvas.viewport.slide_point((598, 398))
    bench.click(*place)
    editor = tool.editor
    assert editor is not None
    assert bench.canvas.rect().contains(editor.geometry())
    tool.cancel()


def test_two_quick_taps_at_two_places_are_two_vertices(bench: Bench) -> None:
    tool = bench.take("polyline")
    bench.click(300, 250)
    QTest.mouseDClick(bench.canvas, Qt.MouseButton.LeftButton, pos=bench.at(400, 300))
    assert len(tool.vertices) == 2
    bench.click(500, 250)
    QTest.mouseDClick(bench.canvas, Qt.MouseButton.LeftButton, pos=bench.at(502, 251))
    assert len(vertices(bench.only())) == 3
