"""A slide turned and mirrored: bytes at right angles, colors at any, and everything that lies on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from desktop_app.domain.viewport import Viewport
from desktop_app.engine.job import HeatMapUpdate
from desktop_app.slides import Slide
from desktop_app.ui.canvas import HeatMapLayer, SlideCanvas
from tests.support.slide_factory import BLUE, GREEN, RED, YELLOW, write_pyramid
from tests.support.watched_slide import WatchedSlide

RGB = NDArray[np.uint8]
Picture = Callable[[SlideCanvas], RGB]
Opener = Callable[[Path], Slide]

ORIENTATIONS = [(quarters, mirrored) for mirrored in (False, True) for quarters in range(4)]
CORNERS = {(25, 25): RED, (575, 25): GREEN, (25, 375): BLUE, (575, 375): YELLOW}
"""Places of the stamp on a slide of 600 × 400 and their colors."""


def oriented(pixels: RGB, quarters: int, *, mirrored: bool) -> RGB:
    """An array as it is seen: mirrored first, then turned clockwise."""
    return np.rot90(pixels[:, ::-1] if mirrored else pixels, -quarters)


def color_at(shown: RGB, place: tuple[float, float]) -> tuple[int, ...]:
    return tuple(shown[int(place[1]), int(place[0])].tolist())


@pytest.mark.parametrize(("quarters", "mirrored"), ORIENTATIONS)
@pytest.mark.parametrize(("downsample", "level"), [(1.0, 0), (2.0, 1)])
def test_eight_orientations_show_the_bytes_of_the_file(
    canvas: SlideCanvas,
    slide: WatchedSlide,
    picture: Picture,
    quarters: int,
    mirrored: bool,
    downsample: float,
    level: int,
) -> None:
    canvas.set_slide(slide)
    canvas.set_viewport(Viewport((1000.0, 700.0), downsample, 90.0 * quarters, mirrored=mirrored))
    size = (600, 400) if quarters % 2 == 0 else (400, 600)
    corner = (round(1000 - size[0] / 2 * downsample), round(700 - size[1] / 2 * downsample))
    region = slide._slide.read_region(corner, level, size)
    assert np.array_equal(picture(canvas), oriented(region, quarters, mirrored=mirrored))


@pytest.fixture
def stamped(canvas: SlideCanvas, tmp_path: Path, open_slide: Opener) -> SlideCanvas:
    canvas.set_slide(open_slide(write_pyramid(tmp_path / "stamp.tiff", size=(600, 400))))
    return canvas


@pytest.mark.parametrize("angle", [0.0, 17.0, 90.0, 107.0, 180.0, 270.0, 301.5])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_stamp_lies_where_the_viewport_says(
    stamped: SlideCanvas, picture: Picture, angle: float, mirrored: bool
) -> None:
    stamped.set_viewport(Viewport((300.0, 200.0), 2.0, angle, mirrored=mirrored))
    shown = picture(stamped)
    for place, color in CORNERS.items():
        assert color_at(shown, stamped.viewport.view_point(place)) == color


@pytest.mark.parametrize(("quarters", "mirrored"), ORIENTATIONS)
def test_the_stamp_is_seen_as_a_mirrored_and_turned_sheet_is(
    stamped: SlideCanvas, picture: Picture, quarters: int, mirrored: bool
) -> None:
    stamped.set_viewport(Viewport((300.0, 200.0), 4.0, 90.0 * quarters, mirrored=mirrored))
    shown = picture(stamped)
    sheet = oriented(np.array([[RED, GREEN], [BLUE, YELLOW]], dtype=np.uint8), quarters, mirrored=mirrored)
    across, down = (130, 80) if quarters % 2 == 0 else (80, 130)
    for row, y in enumerate((-down / 2 + 5, down / 2 - 5)):
        for column, x in enumerate((-across / 2 + 5, across / 2 - 5)):
            assert color_at(shown, (300 + x, 200 + y)) == tuple(sheet[row, column].tolist())


@pytest.mark.parametrize("angle", [0.0, 17.0, 270.0])
def test_a_mirrored_heat_map_lies_on_its_tiles(stamped: SlideCanvas, picture: Picture, angle: float) -> None:
    layer = HeatMapLayer(stamped)
    layer.opacity = 1.0
    locations = np.array([[0, 0], [500, 0]], dtype=np.int64)
    values = np.array([-2.0, 2.0], dtype=np.float32)
    layer.set_heat_map(HeatMapUpdate("x", locations, (100.0, 100.0), values, "contribution", 2, 2))
    stamped.add_layer(layer)
    stamped.set_viewport(Viewport((300.0, 200.0), 3.0, angle, mirrored=True))
    shown = picture(stamped)
    low = color_at(shown, stamped.viewport.view_point((50, 50)))
    high = color_at(shown, stamped.viewport.view_point((550, 50)))
    assert low[2] > low[0] + 50
    assert high[0] > high[2] + 50
    assert color_at(shown, stamped.viewport.view_point((50, 350))) == BLUE


@pytest.mark.parametrize("angle", [0.0, 33.0, 90.0])
def test_a_mirrored_slide_follows_the_hand(stamped: SlideCanvas, qtbot: QtBot, angle: float) -> None:
    stamped.set_viewport(Viewport((300.0, 200.0), 0.5, angle, mirrored=True))
    held = stamped.viewport.slide_point((320.0, 210.0))
    qtbot.mousePress(stamped, Qt.MouseButton.LeftButton, pos=QPoint(320, 210))
    qtbot.mouseMove(stamped, QPoint(352, 203))
    assert stamped.viewport.view_point(held) == pytest.approx((352, 203), abs=1e-6)
    qtbot.mouseRelease(stamped, Qt.MouseButton.LeftButton, pos=QPoint(352, 203))


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_minimap_marks_a_turned_and_mirrored_view(stamped: SlideCanvas, mirrored: bool) -> None:
    stamped.minimap.wanted = True
    stamped.set_viewport(Viewport((150.0, 100.0), 0.25, 17.0, mirrored=mirrored))
    scale = stamped.minimap.width() / 600
    polygon = [(point.x(), point.y()) for point in stamped.minimap.view_polygon()]
    middle = np.mean(polygon, axis=0)
    assert middle == pytest.approx((150 * scale, 100 * scale), abs=1.0)
    expected = stamped.viewport.corners() * scale
    assert np.abs(np.asarray(polygon) - expected).max() < 1.0


def test_flipping_exchanges_the_sides_of_the_screen(stamped: SlideCanvas, picture: Picture) -> None:
    stamped.set_viewport(Viewport((300.0, 200.0), 2.0, 90.0))
    upright = picture(stamped)
    stamped.flip()
    assert np.array_equal(picture(stamped), upright[:, ::-1])
    stamped.flip(upside_down=True)
    assert np.array_equal(picture(stamped), upright[::-1, ::-1])
    assert not stamped.viewport.mirrored
    assert stamped.viewport.rotation_deg == 270.0


def test_a_view_that_fits_still_fits_when_turned_or_flipped(stamped: SlideCanvas) -> None:
    stamped.fit()
    wide = stamped.viewport.downsample
    stamped.rotate_by(90)
    assert stamped.viewport.downsample > wide
    stamped.flip()
    assert stamped.viewport.mirrored
    stamped.resize(400, 600)
    assert stamped.viewport.downsample == pytest.approx(wide)
    assert stamped.viewport.mirrored
    stamped.set_upright()
    assert stamped.viewport.is_upright
    assert stamped.viewport.downsample > wide


def test_showing_a_rectangle_keeps_the_mirror(stamped: SlideCanvas) -> None:
    stamped.set_viewport(Viewport((300.0, 200.0), 2.0, 30.0, mirrored=True))
    stamped.show_rect((0.0, 0.0, 100.0, 80.0))
    assert stamped.viewport.mirrored
    assert stamped.viewport.rotation_deg == 30.0
    assert stamped.viewport.view_point((50.0, 40.0)) == pytest.approx((300, 200))


def test_the_compass_comes_with_a_turn_and_puts_the_slide_upright(stamped: SlideCanvas, qtbot: QtBot) -> None:
    compass = stamped.compass
    assert not compass.isVisible()
    stamped.turn_to(90)
    assert compass.isVisible()
    tip, end = compass.needle()
    assert tip.x() > end.x() + 20
    assert tip.y() == pytest.approx(end.y())
    assert "90°" in compass.toolTip()
    stamped.turn_to(0, mirrored=True)
    assert compass.isVisible()
    tip, end = compass.needle()
    assert tip.y() < end.y() - 20
    assert "Mirrored" in compass.toolTip()
    qtbot.mouseClick(compass, Qt.MouseButton.LeftButton)
    assert stamped.viewport.is_upright
    assert not compass.isVisible()


def test_the_scale_bar_measures_the_same_at_every_angle(stamped: SlideCanvas) -> None:
    view = Viewport((300.0, 200.0), 2.0, size=(600, 400))
    lengths = {
        stamped.scale_bar.length(replace(view, rotation_deg=angle, mirrored=mirrored), 1.0)
        for angle in (0.0, 17.0, 90.0)
        for mirrored in (False, True)
    }
    assert len(lengths) == 1
