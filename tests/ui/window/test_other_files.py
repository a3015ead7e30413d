"""Files that a reader plugin opens, in the window: a picture, an OME-TIFF, fluorescence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from desktop_app.domain.channels import PALETTE
from tests.support.slide_factory import stamp
from tests.support.tiff_factory import channel_values, write_ome, write_oriented
from tests.support.window_driver import WindowDriver, pixels


def color_at(driver: WindowDriver, x: float, y: float) -> np.ndarray:
    place = driver.at(x, y)
    return pixels(driver.view.canvas)[place.y(), place.x()]


def test_pictures_and_turned_files_are_shown_the_right_way_up(driver: WindowDriver, tmp_path: Path) -> None:
    picture = tmp_path / "사진.png"
    Image.fromarray(stamp((300, 200))).save(picture)
    for path in (picture, write_oriented(tmp_path / "turned.tif", 6, tile=(64, 64))):
        driver.open(path)
        assert driver.view.info.size == (300, 200)
        corners = {(20, 20): (200, 30, 30), (280, 20): (30, 160, 30), (20, 180): (30, 30, 200)}
        for place, color in corners.items():
            assert np.abs(color_at(driver, *place).astype(int) - color).max() <= 3, place


def test_fluorescence_is_shown_and_no_recipe_is_run_on_it(driver: WindowDriver, tmp_path: Path) -> None:
    stated = {f"PhysicalSize{axis}": 0.5 for axis in "XY"}
    path = write_ome(
        tmp_path / "형광.ome.tif", channel_values(count=2), names=("DAPI", "CD8"), metadata=stated
    )
    driver.open(path)
    assert [channel.name for channel in driver.view.info.channels] == ["DAPI", "CD8"]
    assert np.abs(color_at(driver, 295, 20).astype(int) - PALETTE[0]).max() <= 12
    assert np.abs(color_at(driver, 295, 180).astype(int) - PALETTE[1]).max() <= 12
    shown = driver.window.dialogs.shown
    driver.trigger("analyze.run")
    assert "needs a brightfield (H&E or IHC) slide" in driver.notices[-1]
    assert driver.window.dialogs.shown is shown


def test_a_file_that_no_reader_opens_says_why(driver: WindowDriver, tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    whole = tmp_path / "whole.png"
    Image.fromarray(stamp((300, 200))).save(whole)
    path.write_bytes(whole.read_bytes()[:400])
    driver.files.slide_answers = [path]
    driver.trigger("file.open")
    driver.wait(lambda: bool(driver.notices))
    assert "cut.png cannot be opened as a slide: the file is damaged" in driver.notices[-1]
    assert not driver.window.views
