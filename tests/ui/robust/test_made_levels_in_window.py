"""A slide of one level in the window: a picture at once, a true one soon, and at the second opening."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_app.domain.display_settings import ChannelDisplay
from desktop_app.domain.tile_requests import TileKey
from desktop_app.slides.pyramid_builder import PyramidBuilder
from desktop_app.slides.pyramid_cache import open_made_levels
from desktop_app.slides.pyramid_store import PartKey
from desktop_app.ui.canvas import SlideTileSource
from tests.support.fluorescence import Fluorescence
from tests.support.slide_factory import write_mosaic, write_pyramid
from tests.support.window_driver import WindowDriver, pixels

GREEN, RED = (30, 160, 60), (180, 40, 50)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """12,288 × 10,240 px, green on the left and red on the right; six by five parts."""
    picture = np.full((40, 48, 3), GREEN, np.uint8)
    picture[:, 24:] = RED
    return write_mosaic(tmp_path / "one level.tif", picture)


class Gate:
    """Holds builders before their first part until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, parts: int = 0) -> None:
        self._open = threading.Event()
        self._left = parts
        make = PyramidBuilder._part

        def held(builder: PyramidBuilder, group: object, key: PartKey) -> object:
            if self._left <= 0:
                while not self._open.wait(0.01):
                    builder._check_open()
            self._left -= 1
            return make(builder, group, key)  # type: ignore[arg-type]

        monkeypatch.setattr(PyramidBuilder, "_part", held)

    def open(self) -> None:
        self._open.set()


def seen(driver: WindowDriver, x: float, y: float) -> NDArray[np.int64]:
    point = driver.at(x, y)
    return pixels(driver.view.canvas)[point.y(), point.x()].astype(int)


def test_the_overview_comes_in_the_background_with_its_progress(
    driver: WindowDriver, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch, parts=12)
    driver.files.slide_answers = [large]
    driver.trigger("file.open")
    driver.wait(lambda: len(driver.window.views) == 1)
    status = driver.window.status.preparing
    driver.wait(lambda: status.text() == "Preparing overview 40 %")
    assert status.isVisible()
    canvas = driver.view.canvas
    assert not canvas.is_sharp, "a guess is not sharp"
    driver.wait(lambda: canvas.slide_layer is not None and canvas.slide_layer.shows_guess)
    plates = driver.window.pyramids._plates
    driver.wait(lambda: any(plate.isVisible() for plate in plates.values()))
    assert [plate.text() for plate in plates.values()] == ["Preparing overview 40 %"]
    gate.open()
    driver.sharpen()
    driver.wait(lambda: not status.isVisible())
    driver.wait(lambda: not any(plate.isVisible() for plate in plates.values()))
    assert np.abs(seen(driver, 3000, 5000) - GREEN).max() <= 6
    assert np.abs(seen(driver, 9200, 5000) - RED).max() <= 6


def test_sharp_tiles_of_the_view_wait_for_no_overview(
    driver: WindowDriver, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    driver.files.slide_answers = [large]
    driver.trigger("file.open")
    driver.wait(lambda: len(driver.window.views) == 1)
    canvas = driver.view.canvas
    for downsample in (1.0, 2.0, 4.0):
        canvas.set_viewport(canvas.viewport.with_downsample(downsample).centered_on((9000.0, 5000.0)))
        driver.sharpen()
        assert np.abs(seen(driver, 9000, 5000) - RED).max() <= 6
    made = driver.view.document.slide.made_levels
    assert made is not None
    assert made.progress == 0
    gate.open()


def test_a_second_opening_is_instant(
    driver: WindowDriver, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.open(large)
    assert driver.view.document.slide.made_levels.is_complete
    driver.window.close_slide()
    Gate(monkeypatch)
    driver.open(large)
    assert driver.window.status.preparing.text() == ""
    assert np.abs(seen(driver, 3000, 5000) - GREEN).max() <= 6


def test_closing_ends_the_build_and_the_next_opening_goes_on(
    driver: WindowDriver, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch, parts=16)
    driver.files.slide_answers = [large]
    driver.trigger("file.open")
    driver.wait(lambda: len(driver.window.views) == 1)
    made = driver.view.document.slide.made_levels
    assert made is not None
    driver.wait(lambda: made.progress > 0.5)
    driver.window.close_slide()
    assert made.is_closing
    gate.open()
    driver.wait(lambda: not driver.window.pyramids._builds)
    driver.files.slide_answers = [large]
    driver.trigger("file.open")
    driver.wait(lambda: len(driver.window.views) == 1)
    again = driver.view.document.slide.made_levels
    assert again is not None
    assert again is not made
    driver.sharpen()
    assert again.is_complete


def test_a_slide_with_a_pyramid_makes_nothing(driver: WindowDriver, tmp_path: Path) -> None:
    driver.open(write_pyramid(tmp_path / "a.tif", size=(900, 700)))
    assert driver.view.document.slide.made_levels is None
    assert driver.window.status.preparing.text() == ""
    assert not driver.window.locations.pyramid_cache.exists()


def test_a_picture_that_is_kept_shows_no_guess(
    driver: WindowDriver, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    driver.files.slide_answers = [large]
    driver.trigger("file.open")
    driver.wait(lambda: len(driver.window.views) == 1)
    source = driver.view.canvas.new_tile_source()
    assert source is not None
    tile = source.read(TileKey(source.pyramid.coarsest, 0, 0), lambda: True)
    assert tile is not None
    assert tile.version is None
    assert tile.image.pixelColor(20, 20).green() > 140
    gate.open()


def test_channels_are_mixed_as_the_user_likes_them(tmp_path: Path) -> None:
    slide = Fluorescence()
    made = open_made_levels(slide.info, tmp_path)
    assert made is not None
    PyramidBuilder(slide, made).run()
    source = SlideTileSource(slide, made)  # type: ignore[arg-type]
    key = TileKey(source.pyramid.coarsest, 0, 0)

    def color() -> tuple[int, int, int]:
        tile = source.read(key, lambda: True)
        assert tile is not None
        assert tile.version is None
        return tile.image.pixelColor(100, 100).toTuple()[:3]

    assert color()[0] == 0
    assert color()[1] > 150, "all channels are green at first"
    only = [ChannelDisplay(index == 3, (255, 0, 0), 0.0, 65535.0) for index in range(5)]
    source.set_channels(only)
    assert color() == (156, 0, 0)
    source.set_channels(())
    assert color()[1] > 150
    made.close()
