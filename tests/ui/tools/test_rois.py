"""ROIs: drawn, stamped at a fixed size, and told apart on the slide without color."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.domain.measure import area_mm2
from desktop_app.domain.shapes import bounding_box
from desktop_app.errors import CoverslipError, MissingMppError
from desktop_app.ui.models.class_choice import ClassChoice
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.tools.tool_options import ToolOptions
from tests.support.annotation_bench import Bench, opened_document
from tests.support.slide_factory import write_pyramid


def choose(bench: Bench, **choices: object) -> None:
    options: ToolOptions = bench.tools["brush"]._context.options
    options.apply(replace(options.settings, **choices))  # type: ignore[arg-type]


def row(bench: Bench, y: float) -> NDArray[np.bool_]:
    """Where a row of the view is red."""
    line = bench.picture()[bench.at(0, y).y()].astype(int)
    red: NDArray[np.bool_] = (line[:, 0] > 200) & (line[:, 1] < 120)
    return red


@pytest.mark.parametrize("shape", ["rectangle", "ellipse"])
def test_a_roi_is_drawn_like_a_box(bench: Bench, shape: str) -> None:
    choose(bench, roi_shape=shape, roi_exhaustive=True)
    bench.take("roi")
    bench.drag((300, 250), (350, 300), (500, 400))
    drawn = bench.only()
    assert (drawn.kind, drawn.roi) == (shape, "exhaustive")
    assert bounding_box(drawn) == pytest.approx((300, 250, 500, 400))
    assert bench.document.undo_stack.undoText() == "Draw ROI"


def test_a_roi_is_drawn_like_a_polygon(bench: Bench) -> None:
    choose(bench, roi_shape="polygon")
    tool = bench.take("roi")
    for place in ((300, 250), (500, 250), (500, 400)):
        bench.click(*place)
    assert tool.unfinished
    bench.key(Qt.Key.Key_Return)
    assert (bench.only().kind, bench.only().roi) == ("polygon", "open")


@pytest.mark.parametrize("shape", ["rectangle", "polygon", "stamp"])
def test_a_roi_has_no_class_whatever_is_in_hand(bench: Bench, shape: str) -> None:
    bench.document.slide.set_mpp((0.5, 0.5), "given")
    bench.choice.choose("Tumor")
    choose(bench, roi_shape=shape)
    bench.take("roi")
    bench.drag((300, 250), (500, 250), (500, 400)) if shape != "stamp" else bench.click(450, 380)
    assert bench.only().class_name is None
    bench.take("rectangle")
    bench.drag((550, 250), (600, 300), (650, 350))
    assert [found.class_name for found in bench.annotations()] == [None, "Tumor"]


def test_another_shape_gives_up_what_was_begun(bench: Bench) -> None:
    choose(bench, roi_shape="polygon")
    tool = bench.take("roi")
    bench.click(300, 250)
    choose(bench, roi_shape="stamp")
    choose(bench, roi_shape="polygon")
    assert not tool.unfinished


def test_a_stamp_has_its_size_on_the_slide(bench: Bench) -> None:
    bench.document.slide.set_mpp((0.5, 0.5), "given")
    choose(bench, roi_shape="stamp", stamp_width=100, stamp_height=60)
    bench.take("roi")
    bench.click(450, 380)
    assert bounding_box(bench.only()) == (350, 320, 550, 440)
    choose(bench, stamp_unit="mm2", stamp_area_mm2=0.004, stamp_shape="ellipse")
    bench.click(450, 380)
    circle = bench.annotations()[-1]
    assert circle.kind == "ellipse"
    assert area_mm2(circle, (0.5, 0.5)) == pytest.approx(0.004, rel=1e-3)
    choose(bench, stamp_unit="px", stamp_width=128, stamp_height=64, stamp_mpp=1.0, stamp_shape="rectangle")
    bench.click(450, 380)
    assert bounding_box(bench.annotations()[-1]) == (322, 316, 578, 444)


@pytest.mark.parametrize(("downsample", "rotation"), [(1.0, 0.0), (2.0, 90.0)])
def test_its_outline_is_under_the_mouse_before_the_click(
    bench: Bench, downsample: float, rotation: float
) -> None:
    bench.document.slide.set_mpp((0.5, 0.5), "given")
    bench.look(downsample, rotation)
    bench.canvas.compass.wanted = False
    x, y = bench.canvas.viewport.center
    choose(bench, roi_shape="stamp", stamp_width=60, stamp_height=60)
    tool = bench.take("roi")
    for step in (20, 0):
        bench.move(x + step * downsample, y)
    seen = np.nonzero((bench.picture() != 255).any(axis=2))
    side = 120 / downsample
    for places, middle in zip(seen, (200, 300), strict=True):
        assert (places.min(), places.max()) == pytest.approx((middle - side / 2, middle + side / 2), abs=4)
    assert bench.annotations() == []
    tool.drawing._forget_mouse()
    bench.canvas.update()
    assert (bench.picture() == 255).all()


def test_a_drag_pans_and_stamps_nothing(bench: Bench) -> None:
    choose(bench, roi_shape="stamp")
    bench.take("roi")
    bench.drag((500, 300), (470, 300), (450, 300))
    assert bench.annotations() == []
    assert bench.canvas.viewport.center[0] == pytest.approx(550, abs=1)


@pytest.fixture
def plain_bench(tmp_path: Path, qtbot: QtBot) -> Iterator[Bench]:
    """A bench with a slide that does not say how large its pixels are."""
    path = write_pyramid(tmp_path / "plain.tiff", size=(800, 600), mpp=None)
    document = opened_document(path, tmp_path / "journals")
    made = Bench(document, AnnotationSelection(document), ClassChoice(document), qtbot)
    yield made
    made.close()
    document.close()
    document.deleteLater()


def test_a_slide_without_a_pixel_size_is_told_of(plain_bench: Bench) -> None:
    bench = plain_bench
    told: list[CoverslipError] = []
    bench.document.failed.connect(told.append)
    choose(bench, roi_shape="stamp")
    bench.take("roi")
    bench.move(450, 380)
    bench.click(450, 380)
    assert bench.annotations() == []
    assert isinstance(told[0], MissingMppError)


def test_both_states_and_an_area_differ_in_their_line_and_not_in_their_color(bench: Bench) -> None:
    shares, runs = {}, {}
    for state in ("plain", "open", "exhaustive"):
        choose(bench, roi_exhaustive=state == "exhaustive")
        bench.take("rectangle" if state == "plain" else "roi")
        bench.drag((300, 260), (350, 300), (700, 500))
        bench.selection.clear()
        red = row(bench, 500)[120:480]
        shares[state], runs[state] = red.mean(), np.count_nonzero(np.diff(red.astype(int)))
        bench.document.undo_stack.undo()
    assert shares["plain"] == 1
    assert 0.4 < shares["open"] < 0.8
    assert 0.3 < shares["exhaustive"] < 0.8
    assert runs["exhaustive"] > 1.8 * runs["open"], "its dashes are shorter"


def test_a_roi_annotated_in_full_has_a_badge(bench: Bench) -> None:
    pictures = []
    for exhaustive in (False, True):
        choose(bench, roi_exhaustive=exhaustive)
        bench.take("roi")
        bench.drag((300, 260), (350, 300), (700, 500))
        bench.selection.clear()
        place = bench.at(300, 260)
        near = bench.picture()[place.y() - 5 : place.y() + 6, place.x() - 5 : place.x() + 6]
        pictures.append(int((near < 90).all(axis=2).sum()))
        bench.document.undo_stack.undo()
    assert pictures[0] == 0
    assert pictures[1] > 10, "the tick"
