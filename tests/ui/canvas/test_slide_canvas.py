"""What the canvas shows, pixel by pixel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QPainter, QPalette
from pytestqt.qtbot import QtBot

from desktop_app.domain.viewport import Viewport
from desktop_app.slides import Slide
from desktop_app.ui.canvas import DisplayLookup, SlideCanvas
from desktop_app.ui.canvas.display import build_table
from tests.support.pictures import pixels_of
from tests.support.shared_data import shared_file
from tests.support.slide_factory import write_pyramid
from tests.support.watched_slide import WatchedSlide

RGB = NDArray[np.uint8]
Picture = Callable[[SlideCanvas], RGB]
Opener = Callable[[Path], Slide]

CENTER = (1003.0, 651.0)
LEFT_TOP = (703, 451)
"""The level-0 pixel at the view's corner when CENTER is in the middle of 600 × 400 at 1:1."""


def expected(slide: WatchedSlide, location: tuple[int, int], level: int, size: tuple[int, int]) -> RGB:
    return slide._slide.read_region(location, level, size)


def test_one_to_one_shows_the_bytes_of_the_file(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture
) -> None:
    canvas.set_slide(slide)
    canvas.set_viewport(Viewport(CENTER, 1.0))
    assert np.array_equal(picture(canvas), expected(slide, LEFT_TOP, 0, (600, 400)))


def test_level_one_shows_the_bytes_of_its_level(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture
) -> None:
    canvas.set_slide(slide)
    canvas.set_viewport(Viewport((1000.0, 680.0), 2.0))
    assert np.array_equal(picture(canvas), expected(slide, (400, 280), 1, (600, 400)))


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_right_angles_turn_the_bytes(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture, quarters: int
) -> None:
    canvas.set_slide(slide)
    canvas.set_viewport(Viewport((1000.0, 700.0), 1.0).rotated(90 * quarters))
    size = (600, 400) if quarters == 2 else (400, 600)
    corner = (1000 - size[0] // 2, 700 - size[1] // 2)
    turned = np.rot90(expected(slide, corner, 0, size), -quarters)
    assert np.array_equal(picture(canvas), turned)


@pytest.mark.parametrize("size", [(601, 401), (599, 400)])
def test_odd_views_have_no_seams(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture, size: tuple[int, int]
) -> None:
    canvas.resize(*size)
    canvas.set_slide(slide)
    canvas.set_viewport(Viewport((1000.0, 700.0), 1.0))
    shown = picture(canvas)
    corners = [(x, y) for x in range(698, 703) for y in range(497, 503)]
    assert any(np.array_equal(shown, expected(slide, corner, 0, size)) for corner in corners)


def test_scaled_views_are_close_to_the_level_resized_by_area(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture
) -> None:
    import cv2

    canvas.set_slide(slide)
    canvas.set_viewport(Viewport((1000.0, 700.0), 1.5))
    region = expected(slide, (550, 400), 0, (900, 600))
    wanted = cv2.resize(region, (600, 400), interpolation=cv2.INTER_AREA)
    assert np.abs(picture(canvas).astype(int) - wanted).mean() < 4


def test_a_slide_turned_freely_shows_each_place_where_the_viewport_says(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture
) -> None:
    canvas.set_slide(slide)
    canvas.set_viewport(Viewport((1000.0, 700.0), 0.5, 33.0))
    shown = picture(canvas)
    whole = expected(slide, (0, 0), 0, (2000, 1400)).astype(int)
    for column, row in ((50, 40), (300, 200), (560, 350), (40, 370)):
        x, y = canvas.viewport.slide_point((column + 0.5, row + 0.5))
        around = whole[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2].reshape(-1, 3)
        here = shown[row, column].astype(int)
        assert (here >= around.min(axis=0) - 2).all()
        assert (here <= around.max(axis=0) + 2).all()


def test_the_overview_stands_in_until_tiles_are_read(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture, qtbot: QtBot
) -> None:
    slide.held = {0}
    slide.gate.clear()
    canvas.set_slide(slide)
    qtbot.waitUntil(lambda: canvas.is_sharp)
    canvas.set_viewport(Viewport(CENTER, 0.5))
    assert not canvas.is_sharp
    canvas.minimap.wanted = False
    blurred = grabbed(canvas)
    slide.gate.set()
    sharp = picture(canvas)
    difference = np.abs(blurred.astype(int) - sharp)
    assert 0 < difference.mean() < 40
    assert blurred.std() > 20


def grabbed(canvas: SlideCanvas) -> RGB:
    return pixels_of(canvas.grab().toImage())


def test_what_is_not_read_yet_is_gray_and_never_white(canvas: SlideCanvas, slide: WatchedSlide) -> None:
    slide.gate.clear()
    canvas.set_slide(slide)
    canvas.minimap.wanted = False
    unread = canvas.palette().color(QPalette.ColorRole.Mid)
    assert grabbed(canvas)[200, 300].tolist() == [unread.red(), unread.green(), unread.blue()]
    assert unread.lightness() < 225


def test_pixels_are_read_in_loader_threads_only(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture
) -> None:
    canvas.set_slide(slide)
    picture(canvas)
    canvas.one_to_one()
    picture(canvas)
    assert slide.threads
    assert threading.get_ident() not in slide.threads


def test_unreadable_tiles_are_hatched_and_told(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture, qtbot: QtBot
) -> None:
    slide.spoiled = (1000, 600, 1010, 610)
    with qtbot.waitSignal(canvas.tile_failed) as told:
        canvas.set_slide(slide)
        canvas.set_viewport(Viewport((900.0, 650.0), 1.0))
    shown = picture(canvas)
    assert "spoiled" in told.args[0]
    # The spoiled tile spans (768, 512) to (1024, 768), which is (168, 62) to (424, 318) of the view.
    inside = shown[64:316, 170:422]
    assert set(np.unique(inside)) == {96, 160}
    assert np.array_equal(shown[:, 430:], expected(slide, (600, 450), 0, (600, 400))[:, 430:])


def test_a_slide_of_one_level_is_sharp_at_every_scale(
    canvas: SlideCanvas, picture: Picture, tmp_path: Path, open_slide: Opener
) -> None:
    columns = np.zeros((1200, 1800, 3), dtype=np.uint8)
    columns[:, ::2] = 255
    single = open_slide(write_pyramid(tmp_path / "one.tiff", columns, levels=1))
    canvas.set_slide(single)
    canvas.set_viewport(Viewport((900.0, 600.0), 4.0))
    inside = picture(canvas)[130:270, 160:440]
    # Skipping columns would show black or white; the mean of both is what an eyepiece would show.
    assert np.abs(inside.astype(int) - 127.5).max() < 4


def test_fit_shows_the_whole_slide_and_stays_so_when_the_window_grows(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture
) -> None:
    canvas.set_slide(slide)
    for size in ((600, 400), (300, 500)):
        canvas.resize(*size)
        corners = canvas.viewport.to_view(np.asarray([(0, 0), (2000, 1400)]))
        assert (corners >= 0).all()
        assert (corners <= size).all()
        assert (np.ptp(corners, axis=0) > np.asarray(size) * 0.9).any()


def test_a_moved_view_keeps_its_middle_and_scale_when_the_window_grows(
    canvas: SlideCanvas, slide: WatchedSlide
) -> None:
    canvas.set_slide(slide)
    canvas.set_viewport(Viewport(CENTER, 0.7))
    canvas.resize(500, 300)
    assert canvas.viewport == Viewport(CENTER, 0.7, 0.0, (500, 300))


def test_magnification_follows_the_mpp(canvas: SlideCanvas, slide: WatchedSlide) -> None:
    canvas.set_slide(slide)
    assert canvas.set_magnification(10)
    assert canvas.magnification == pytest.approx(10)
    assert canvas.viewport.downsample == pytest.approx(2.0)


def test_without_mpp_there_is_no_magnification(
    canvas: SlideCanvas, tmp_path: Path, open_slide: Opener
) -> None:
    canvas.set_slide(open_slide(write_pyramid(tmp_path / "bare.tiff", mpp=None)))
    before = canvas.viewport
    assert not canvas.set_magnification(10)
    assert canvas.magnification is None
    assert canvas.viewport == before


def test_a_display_lookup_changes_colors_after_the_old_ones_were_shown(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture, qtbot: QtBot
) -> None:
    canvas.set_slide(slide)
    canvas.set_viewport(Viewport(CENTER, 1.0))
    plain = picture(canvas)
    slide.gate.clear()
    canvas.set_display(DisplayLookup(1, build_table(lambda colors: 255 - colors)))
    assert not canvas.is_sharp
    assert np.array_equal(grabbed(canvas), plain)
    slide.gate.set()
    assert np.array_equal(picture(canvas), 255 - plain)


def test_another_slide_replaces_the_first(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture, tmp_path: Path, open_slide: Opener
) -> None:
    canvas.set_slide(slide)
    picture(canvas)
    other = open_slide(write_pyramid(tmp_path / "조직.tiff", size=(500, 300)))
    canvas.set_slide(other)
    canvas.set_viewport(Viewport((250.0, 150.0), 1.0))
    middle = picture(canvas)[50:350, 50:550]
    assert np.array_equal(middle, other.read_region((0, 0), 0, (500, 300)))


def test_closing_the_slide_empties_the_canvas(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture
) -> None:
    canvas.set_slide(slide)
    picture(canvas)
    canvas.set_slide(None)
    assert not canvas.is_sharp
    assert canvas.minimap.isHidden()
    shown = grabbed(canvas)
    assert (shown == shown[0, 0]).all(axis=2).mean() > 0.95
    assert not (shown[150:250] == shown[0, 0]).all()


class Stripe:
    """A layer of one red column at a level-0 x."""

    visible = True
    opacity = 1.0

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        x, _ = viewport.view_point((1000.0, 700.0))
        painter.fillRect(round(x), 0, 1, viewport.size[1], "red")


def test_layers_are_painted_in_device_pixels_above_the_slide(
    canvas: SlideCanvas, slide: WatchedSlide, picture: Picture
) -> None:
    stripe = Stripe()
    canvas.set_slide(slide)
    canvas.set_viewport(Viewport((1000.0, 700.0), 1.0))
    plain = picture(canvas)
    canvas.add_layer(stripe)
    assert (picture(canvas)[:, 300] == (255, 0, 0)).all()
    stripe.visible = False
    assert np.array_equal(picture(canvas), plain)
    stripe.visible = True
    canvas.remove_layer(stripe)
    assert np.array_equal(picture(canvas), plain)


def test_a_real_slide_is_shown_byte_for_byte(
    canvas: SlideCanvas, picture: Picture, open_slide: Opener
) -> None:
    real = open_slide(shared_file("slides/CMU-1-Small-Region.svs"))
    canvas.set_slide(real)
    canvas.set_viewport(Viewport((1100.0, 1500.0), 1.0))
    assert np.array_equal(picture(canvas), real.read_region((800, 1300), 0, (600, 400)))


def test_a_slide_that_opens_but_cannot_be_read_is_hatched(
    canvas: SlideCanvas, picture: Picture, open_slide: Opener
) -> None:
    broken = open_slide(shared_file("malformed/openslide-python_unreadable.svs"))
    canvas.set_slide(broken)
    canvas.set_viewport(Viewport((8.0, 8.0), 0.05))
    assert set(np.unique(picture(canvas)[150:250, 250:350])) <= {96, 160}
