"""The slide in a picture: the very pixels of the screen, however large, turned or colored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from desktop_app.domain.picture_frame import PictureFrame
from desktop_app.domain.viewport import Viewport
from desktop_app.slides import OpenSlideReader, SlideOpener
from desktop_app.ui.canvas import DisplayLookup, SlideCanvas
from desktop_app.ui.canvas.display import build_table
from desktop_app.ui.pictures.slide_picture import SlidePicture, pixels_to_read, rgb_of
from tests.support.pictures import pixels_of
from tests.support.slide_factory import BLUE, GLASS, GREEN, RED, YELLOW, stamp

SIZE = (700, 500)
TURNS = ((0, False), (90, False), (180, True), (270, True), (17, False))


@pytest.fixture
def canvas(qtbot: QtBot, slide: Path) -> Iterator[SlideCanvas]:
    made = SlideCanvas()
    qtbot.addWidget(made)
    made.resize(*SIZE)
    made.scale_bar.visible = False
    with SlideOpener([OpenSlideReader()]).open(slide) as opened:
        made.set_slide(opened)
        made.minimap.wanted = False
        made.show()
        yield made
        made.shutdown()


def picture(canvas: SlideCanvas, viewport: Viewport) -> SlidePicture:
    source = canvas.new_tile_source()
    assert source is not None
    return SlidePicture(source, viewport)


def painted(canvas: SlideCanvas, viewport: Viewport) -> NDArray[np.uint8]:
    image = picture(canvas, viewport).paint()
    assert image is not None
    return rgb_of(image)


def test_at_one_to_one_a_picture_is_the_slides_own_pixels(canvas: SlideCanvas) -> None:
    found = painted(canvas, Viewport((500.0, 700.0), 1.0, 0.0, (900, 600)))
    assert np.array_equal(found, stamp((4000, 3000))[400:1000, 50:950])


@pytest.mark.parametrize("downsample", [1.0, 2.0, 3.3])
def test_a_picture_of_the_view_is_what_the_screen_shows(
    canvas: SlideCanvas, qtbot: QtBot, downsample: float
) -> None:
    for rotation, mirrored in TURNS:
        view = Viewport((1500.0, 1400.0), downsample, rotation, SIZE, mirrored)
        canvas.set_viewport(view)
        qtbot.waitUntil(lambda: canvas.is_sharp, timeout=20_000)
        canvas.compass.hide()
        shown = pixels_of(canvas.grab().toImage())
        places = view.to_slide(np.argwhere(np.ones(SIZE[::-1]))[:, ::-1] + 0.5)
        on_slide = ((places > 4) & (places < (3996, 2996))).all(axis=1).reshape(SIZE[::-1])
        assert on_slide.mean() > 0.6
        apart = np.abs(painted(canvas, view).astype(int) - shown)[on_slide]
        # Where pixels are resized, Qt rounds differently by what it is asked to paint at once: at the
        # stamp's hard edges half a pixel is 105 levels.
        assert apart.max() <= (0 if downsample < 3 and rotation % 90 == 0 else 105)
        assert apart.mean() < 0.05


def test_blocks_leave_no_seam(canvas: SlideCanvas, monkeypatch: pytest.MonkeyPatch) -> None:
    for rotation, downsample in ((0, 1.0), (0, 3.3), (90, 2.6), (17, 1.7)):
        viewport = Viewport((1500.0, 1400.0), downsample, rotation, (900, 700))
        whole = painted(canvas, viewport).astype(int)
        monkeypatch.setattr("desktop_app.ui.pictures.slide_picture.BLOCK", 160)
        cut = painted(canvas, viewport).astype(int)
        monkeypatch.undo()
        # Qt rounds where it begins to sample: at the stamp's hard edges a tenth of a pixel is 21 levels.
        assert np.abs(cut - whole).max() <= 21
        assert np.abs(cut - whole).mean() < 0.02


def test_a_whole_slide_turned_keeps_its_corners(canvas: SlideCanvas) -> None:
    frame = PictureFrame.around((0.0, 0.0, 4000.0, 3000.0), canvas.viewport.rotated(90))
    found = painted(canvas, frame.at(10.0))
    assert found.shape == (400, 300, 3)
    corners = [found[5, 5], found[5, -5], found[-5, 5], found[-5, -5]]
    for color, expected in zip(corners, (BLUE, RED, YELLOW, GREEN), strict=True):
        assert np.abs(color.astype(int) - expected).max() <= 2


def test_beyond_the_slide_is_the_background(canvas: SlideCanvas) -> None:
    found = painted(canvas, Viewport((0.0, 0.0), 4.0, 0.0, (400, 400)))
    assert (found[:195, :195] == 255).all()
    assert (painted(canvas, Viewport((-9000.0, -9000.0), 4.0, 0.0, (40, 30))) == 255).all()


def test_colors_are_as_on_the_screen(canvas: SlideCanvas) -> None:
    canvas.set_display(DisplayLookup(7, build_table(lambda colors: 255 - colors, bits=4)))
    found = painted(canvas, Viewport((2000.0, 100.0), 1.0, 0.0, (60, 40))).astype(int)
    assert np.abs(found - (255 - np.asarray(GLASS))).max() <= 8


def test_a_cancelled_picture_reads_nothing_more(canvas: SlideCanvas) -> None:
    asked = picture(canvas, Viewport((2000.0, 1500.0), 1.0, 0.0, (3000, 2500)))
    shares: list[float] = []

    def stop(share: float) -> None:
        shares.append(share)
        asked.cancel()

    assert asked.paint(stop) is None
    assert len(shares) == 1
    assert asked.paint() is None


def test_progress_is_told_in_order_and_ends_at_one(canvas: SlideCanvas) -> None:
    shares: list[float] = []
    picture(canvas, Viewport((2000.0, 1500.0), 1.0, 0.0, (2000, 1500))).paint(shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_what_a_picture_costs_is_known_before(canvas: SlideCanvas) -> None:
    source = canvas.new_tile_source()
    assert source is not None
    at_once = pixels_to_read(source, Viewport((2000.0, 1500.0), 1.0, 0.0, (500, 500)))
    assert 500 * 500 <= at_once <= 900 * 900
    overview = pixels_to_read(source, Viewport((2000.0, 1500.0), 8.0, 0.0, (500, 375)))
    assert overview <= 600_000
