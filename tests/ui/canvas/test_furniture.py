"""Scale bar, minimap, readouts and the heat map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPainter
from pytestqt.qtbot import QtBot

from desktop_app.domain.heat_colors import HeatScale
from desktop_app.domain.viewport import Viewport
from desktop_app.engine.job import HeatMapUpdate
from desktop_app.ui.canvas import (
    HeatMapLayer,
    ScaleBar,
    SlideCanvas,
    cursor_text,
    magnification_text,
    pixel_size_text,
)
from desktop_app.ui.canvas.heat_map_colors import colored, premultiplied_colors
from desktop_app.ui.canvas.heat_map_grid import HeatMapGrid
from desktop_app.ui.canvas.readout_text import degrees_text
from desktop_app.ui.canvas.scale_bar import length_text, round_length
from tests.support.pictures import pixels_of
from tests.support.watched_slide import WatchedSlide

Picture = Callable[[SlideCanvas], NDArray[np.uint8]]


@given(st.floats(1e-4, 1e6))
def test_a_round_length_is_one_two_or_five_and_fills_at_least_two_fifths(longest: float) -> None:
    length = round_length(longest)
    assert f"{length:.0e}"[0] in "125"
    assert 0.4 <= length / longest <= 1 + 1e-6


@pytest.mark.parametrize(
    ("length", "calibrated", "text"),
    [(200, True, "200 µm"), (0.5, True, "0.5 µm"), (2000, True, "2 mm"), (500, False, "500 px")],
)
def test_lengths_are_said_in_the_unit_that_fits(length: float, calibrated: bool, text: str) -> None:
    assert length_text(length, calibrated=calibrated) == text


@pytest.mark.parametrize("dpr", [1.0, 1.5, 2.0])
def test_the_bar_is_as_long_as_it_says(dpr: float) -> None:
    bar = ScaleBar()
    bar.mpp = (0.25, 0.25)
    length, pixels = bar.length(Viewport((0.0, 0.0), 3.0), dpr)
    assert pixels * 3.0 * 0.25 == pytest.approx(length)
    assert pixels <= 160 * dpr


def test_the_bar_is_painted_with_its_length(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture
) -> None:
    canvas.set_slide(slide)
    canvas.set_viewport(Viewport((1000.0, 700.0), 1.0))
    canvas.scale_bar.visible = True
    shown = picture(canvas)
    _, pixels = canvas.scale_bar.length(canvas.viewport, 1.0)
    # Of the plate's rows, those of the bar have the longest dark run.
    dark = (shown[330:390, 14:200] < 40).all(axis=2).sum(axis=1)
    assert dark.max() == pytest.approx(round(pixels), abs=1)


def test_the_minimap_moves_the_view(canvas: SlideCanvas, slide: WatchedSlide, qtbot: QtBot) -> None:
    canvas.set_slide(slide)
    canvas.one_to_one()
    minimap = canvas.minimap
    assert minimap.isVisible()
    assert minimap.width() / minimap.height() == pytest.approx(2000 / 1400, rel=0.02)
    qtbot.mouseClick(
        minimap, Qt.MouseButton.LeftButton, pos=QPoint(minimap.width() // 4, minimap.height() // 2)
    )
    assert canvas.viewport.center == pytest.approx((500, 700), abs=12)
    qtbot.mousePress(minimap, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    qtbot.mouseMove(minimap, QPoint(minimap.width() * 3 // 4, minimap.height() // 2))
    qtbot.mouseRelease(minimap, Qt.MouseButton.LeftButton)
    assert canvas.viewport.downsample == 1.0


def test_the_minimap_shows_the_slide_and_marks_the_view(
    canvas: SlideCanvas, slide: WatchedSlide, qtbot: QtBot
) -> None:
    canvas.set_slide(slide)
    canvas.set_viewport(Viewport((1000.0, 700.0), 1.0))
    qtbot.waitUntil(lambda: any(level == 2 for _, level, _ in slide.reads) and canvas.is_sharp)
    qtbot.wait(150)
    minimap = canvas.minimap
    polygon = minimap.view_polygon().boundingRect()
    scale = minimap.width() / 2000
    assert polygon.width() == pytest.approx(600 * scale, abs=1)
    assert polygon.center().x() == pytest.approx(minimap.width() / 2, abs=1)
    shown = pixels_of(minimap.grab().toImage()).astype(int)
    assert shown[5:40, 5:40].std() > 15
    # The mark is red: far more of it on the rectangle's edge than anywhere inside.
    row = round(polygon.top())
    edge = shown[row - 1 : row + 2, round(polygon.left()) + 5 : round(polygon.right()) - 5]
    assert (edge[..., 0] - edge[..., 1]).max(axis=0).min() > 100


def test_the_minimap_is_away_while_the_whole_slide_is_in_view(
    canvas: SlideCanvas, slide: WatchedSlide
) -> None:
    canvas.set_slide(slide)
    assert canvas.minimap.isHidden()
    canvas.one_to_one()
    assert canvas.minimap.isVisible()
    canvas.fit()
    assert canvas.minimap.isHidden()
    canvas.minimap.wanted = False
    canvas.one_to_one()
    assert canvas.minimap.isHidden()


def test_the_minimap_leaves_most_of_a_small_canvas_free(
    canvas: SlideCanvas, slide: WatchedSlide, qtbot: QtBot
) -> None:
    canvas.set_slide(slide)
    canvas.resize(300, 240)
    canvas.one_to_one()
    minimap = canvas.minimap
    assert minimap.width() <= 100
    assert minimap.height() <= 80
    assert canvas.rect().contains(minimap.geometry())


def test_at_high_magnification_the_mark_stays_visible(canvas: SlideCanvas, slide: WatchedSlide) -> None:
    canvas.set_slide(slide)
    canvas.set_viewport(Viewport((1000.0, 700.0), 1 / 32))
    assert canvas.minimap.view_polygon().boundingRect().width() >= 5.9


def test_readouts(slide: WatchedSlide) -> None:
    info = slide.info
    assert magnification_text(Viewport((0.0, 0.0), 1.0), info) == "20×"
    assert magnification_text(Viewport((0.0, 0.0), 0.5), info) == "40× (digital)"
    assert magnification_text(Viewport((0.0, 0.0), 16.0), info) == "1.25×"
    assert pixel_size_text(info) == "0.5 µm per pixel"
    assert cursor_text((10.8, 20.0), info) == "5.4, 10.0 µm  (10, 20 px)"
    assert cursor_text((-1.0, 5.0), info) == ""
    assert cursor_text(None, info) == ""
    bare = replace(info, mpp=None, mpp_source=None)
    assert magnification_text(Viewport((0.0, 0.0), 1.0), bare) == ""
    assert pixel_size_text(bare) == "Pixel size unknown"
    assert cursor_text((10.7, 20.0), bare) == "10, 20 px"


@given(st.floats(20, 3000), st.integers(1, 400), st.integers(1, 30))
def test_rounded_locations_become_the_grid_they_were_cut_from(step: float, columns: int, rows: int) -> None:
    grid = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    locations = np.rint(grid * step + 17.3).astype(np.int64)
    values = np.arange(len(grid), dtype=np.float32)
    made = HeatMapGrid.calculate(locations, (step, step), values)
    assert made.values.shape == (rows, columns)
    assert np.array_equal(made.values.ravel(), values)
    assert made.rect == pytest.approx((17, 17, step * columns, step * rows), abs=2 + step * 0.01)


def test_regions_without_a_common_grid_are_still_where_they_are() -> None:
    locations = np.asarray([[0, 0], [137, 311], [1000, 2000], [1001, 2301]])
    values = np.asarray([1, 2, 3, 4], dtype=np.float32)
    made = HeatMapGrid.calculate(locations, (100.0, 100.0), values)
    x, y, width, height = made.rect
    rows, columns = made.values.shape
    for (left, top), value in zip(locations, values, strict=True):
        column, row = int((left + 50 - x) / width * columns), int((top + 50 - y) / height * rows)
        assert made.values[row, column] == value


def test_contributions_are_colored_about_zero_and_attention_from_low_to_high() -> None:
    against, nothing, in_favour = (int(premultiplied_colors("contribution")[at]) for at in (0, 127, 255))
    assert against & 255 > against >> 16 & 255
    assert in_favour >> 16 & 255 > in_favour & 255
    assert nothing >> 24 < 60 < in_favour >> 24
    rising = HeatScale.of(np.asarray([2.0, 5.0]), "attention")
    values = np.asarray([[np.nan, 2.0, 5.0, 99.0]], dtype=np.float32)
    pixels = colored(values, rising, quantity="attention", opacity=0.5)
    assert pixels[0, 0] == 0
    assert pixels[0, 2] == pixels[0, 3] != pixels[0, 1]
    assert int(pixels[0, 1]) >> 24 == 128


def update(quantity: str = "contribution", done: int = 4, demonstration: bool = False) -> HeatMapUpdate:
    locations = np.asarray([[800, 600], [900, 600], [800, 700], [900, 700]], dtype=np.int64)
    values = np.asarray([1, -1, 1, -1], dtype=np.float32)
    return HeatMapUpdate("job", locations, (100.0, 100.0), values, quantity, done, 4, demonstration)


def test_the_heat_map_covers_its_tiles_and_nothing_else(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture
) -> None:
    canvas.set_slide(slide)
    canvas.set_viewport(Viewport((1000.0, 700.0), 1.0))
    plain = picture(canvas)
    layer = HeatMapLayer()
    canvas.add_layer(layer)
    layer.opacity = 1.0
    layer.set_heat_map(update())
    shown = picture(canvas)
    assert (shown[105:295, 105:195] == shown[110, 110]).all()
    red, _, blue = shown[110, 110].astype(int)
    assert red > blue
    red, _, blue = shown[110, 210].astype(int)
    assert blue > red
    assert np.array_equal(shown[:98], plain[:98])
    assert np.array_equal(shown[:, :98], plain[:, :98])
    layer.visible = False
    assert np.array_equal(picture(canvas), plain)


def test_the_legend_says_what_is_partial_and_what_is_only_a_demonstration() -> None:
    layer = HeatMapLayer()
    assert layer.legend_text() == ""
    layer.set_heat_map(update("attention", done=3, demonstration=True))
    assert layer.legend_text().splitlines() == [
        "Attention (logit)",
        "Partial, 3 of 4",
        "Demonstration model, meaningless on real tissue",
    ]
    layer.set_heat_map(update())
    assert layer.legend_text() == "Contribution to the prediction (logit)"
    layer.set_heat_map(None)
    assert layer.heat_map is None
    assert layer.legend_text() == ""


def test_the_legend_is_painted_at_the_bottom_right(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture
) -> None:
    canvas.set_slide(slide)
    layer = HeatMapLayer()
    canvas.add_layer(layer)
    before = picture(canvas)
    layer.set_heat_map(update(demonstration=True))
    plate = picture(canvas)[330:380, 300:585]
    assert (plate > 220).all(axis=2).mean() > 0.4
    assert not np.array_equal(plate, before[330:380, 300:585])
    # The warning is dark red.
    assert ((plate[..., 0].astype(int) - plate[..., 1] > 90) & (plate[..., 2] < 90)).any()


class Cover:
    """A layer that hides whatever was painted before it."""

    visible, opacity = True, 1.0

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        painter.fillRect(0, 0, *viewport.size, QColor(0, 90, 0))


def test_no_layer_covers_a_legend(canvas: SlideCanvas, slide: WatchedSlide, picture: Picture) -> None:
    canvas.set_slide(slide)
    layer = HeatMapLayer()
    layer.set_heat_map(update())
    canvas.add_layer(layer)
    canvas.add_layer(Cover())
    shown = picture(canvas)
    assert (shown[100, 100] == (0, 90, 0)).all()
    assert (shown[330:380, 400:585] > 200).all(axis=2).mean() > 0.3
    layer.visible = False
    assert (picture(canvas)[330:380, 400:585] == (0, 90, 0)).all()


@pytest.mark.parametrize(
    ("turned", "text"),
    [
        (30.0, "30°"),
        (30.54, "30.5°"),
        (359.98, "-0.02°"),
        (0.04, "0.04°"),
        (359.9, "359.9°"),
        (345.0, "345°"),
    ],
)
def test_an_angle_short_of_a_full_turn_is_not_told_as_one(turned: float, text: str) -> None:
    assert degrees_text(turned) == text
