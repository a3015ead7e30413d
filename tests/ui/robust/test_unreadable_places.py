"""What cannot be read is hatched, told once, listed with a way to it, and read again when it can be."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from desktop_app.slides import OpenSlideReader, SlideOpener
from desktop_app.ui.canvas import unfinished_tiles
from desktop_app.ui.dialogs.unreadable_tiles import UnreadableTilesDialog
from tests.support.slide_factory import damage_tile, textured, write_pyramid
from tests.support.window_driver import WindowDriver, pixels

PARTS = "Parts of a.tif cannot be read; they are hatched."
GONE = "a.tif is not there at the moment"


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    """2,000 × 1,500 px, 0.5 µm, of which two tiles are damaged."""
    path = write_pyramid(tmp_path / "a.tif", textured(2000, 1500), jpeg=True)
    damage_tile(path, 9)  # (256, 256)
    damage_tile(path, 20)  # (1024, 512)
    return path


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished_tiles, "RETRY_S", 0.05)
    monkeypatch.setattr(unfinished_tiles, "LOOK_INTERVAL_MS", 20)


def look_at(driver: WindowDriver, x: float, y: float) -> None:
    canvas = driver.view.canvas
    width, height = canvas.viewport.size
    # On whole pixels, so that what is shown can be compared with what is read.
    middle = (x + width % 2 / 2, y + height % 2 / 2)
    canvas.set_viewport(canvas.viewport.with_downsample(1.0).centered_on(middle))
    driver.sharpen()


def is_hatched(driver: WindowDriver, x: float, y: float) -> bool:
    point = driver.at(x, y)
    part = pixels(driver.view.canvas)[point.y() - 20 : point.y() + 20, point.x() - 20 : point.x() + 20]
    return {tuple(color) for color in part.reshape(-1, 3).tolist()} == {(96, 96, 96), (160, 160, 160)}


def press(driver: WindowDriver, text: str) -> None:
    buttons = driver.window.messages.findChildren(QPushButton)
    next(button for button in buttons if button.text() == text and button.isVisible()).click()


def test_damaged_places_are_told_once_and_listed(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    look_at(driver, 600, 500)
    canvas = driver.view.canvas
    driver.wait(lambda: len(canvas.unreadable_places) >= 1)
    look_at(driver, 1000, 600)
    driver.wait(lambda: len(canvas.unreadable_places) == 2)
    assert [place.rect for place in canvas.unreadable_places] == [
        (256, 256, 256, 256),
        (1024, 512, 256, 256),
    ]
    assert is_hatched(driver, 1152, 640)
    assert len([text for text in driver.notices if text.startswith(PARTS)]) == 1
    press(driver, "Show list")
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, UnreadableTilesDialog)
    assert dialog.table.rowCount() == 2
    assert dialog.table.item(1, 0).text() == "1,024, 512 px (0.51, 0.26 mm)"
    assert dialog.table.item(1, 1).text() == "256 × 256 px"
    assert not dialog.show_button.isEnabled()
    dialog.table.selectRow(0)
    dialog.show_button.click()
    driver.sharpen()
    assert canvas.viewport.slide_rect()[0] < 256 < 512 < sum(canvas.viewport.slide_rect()[::2])
    assert canvas.viewport.center == pytest.approx((384, 384), abs=2)
    gray = pixels(canvas)[canvas.height() // 2, canvas.width() // 2 - 40 : canvas.width() // 2]
    assert (gray == gray[:, :1]).all()
    dialog.copy_button.click()
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[0] == "x\ty\twidth\theight\tlevel\treason"
    assert copied[1].startswith("256\t256\t256\t256\t0\t")
    dialog.close()


def test_the_list_says_so_when_there_is_nothing(driver: WindowDriver, tmp_path: Path) -> None:
    driver.open(write_pyramid(tmp_path / "good.tif"))
    driver.trigger("slide.unreadable")
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, UnreadableTilesDialog)
    assert dialog.heading.text() == "Everything that was looked at of good.tif can be read."
    assert not dialog.again_button.isEnabled()
    dialog.close()


def test_a_damaged_place_seen_from_afar_is_the_same_place(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    look_at(driver, 600, 500)
    canvas = driver.view.canvas
    canvas.set_viewport(canvas.viewport.with_downsample(1.5).centered_on((600.0, 500.0)))
    driver.sharpen()
    driver.wait(lambda: len(canvas.unreadable_places) == 2)
    assert {place.rect for place in canvas.unreadable_places} == {
        (256, 256, 256, 256),
        (1024, 512, 256, 256),
    }


def test_a_repaired_file_is_read_again_on_asking(driver: WindowDriver, slide: Path) -> None:
    whole = write_pyramid(slide.with_name("whole.tif"), textured(2000, 1500), jpeg=True).read_bytes()
    driver.open(slide)
    look_at(driver, 600, 500)
    canvas = driver.view.canvas
    driver.wait(lambda: bool(canvas.unreadable_places))
    state = slide.stat()
    with slide.open("r+b") as file:
        file.write(whole)
    os.utime(slide, ns=(state.st_atime_ns, state.st_mtime_ns))
    press(driver, "Try again")
    driver.wait(lambda: not canvas.unreadable_places)
    driver.sharpen()
    assert not is_hatched(driver, 384, 384)
    assert not any(text.startswith(PARTS) for text in driver.notices)
    assert "What was seen of a.tif can be read again." in driver.notices


@pytest.fixture(params=[True, False], ids=["direct", "openslide"])
def reading(request: pytest.FixtureRequest, driver: WindowDriver) -> WindowDriver:
    """The window with either way of reading."""
    from dataclasses import replace

    window = driver.window
    window.parts = replace(window.parts, opener=SlideOpener([OpenSlideReader(0, direct=request.param)]))
    return driver


@pytest.mark.parametrize("how", ["by itself", "by moving", "by asking"])
def test_a_drive_that_goes_away_and_comes_back(
    reading: WindowDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    driver = reading
    if how != "by itself":
        monkeypatch.setattr(unfinished_tiles, "LOOK_INTERVAL_MS", 10_000_000)
    folder = tmp_path / "drive"
    folder.mkdir()
    path = write_pyramid(folder / "a.tif", textured(3000, 2000), jpeg=True)
    away = shutil.copy2(path, tmp_path / "away.tif")
    driver.open(path)
    canvas = driver.view.canvas
    os.truncate(path, 0)
    path.unlink()
    look_at(driver, 2300, 1500)
    driver.wait(lambda: bool(canvas.unreadable_places))
    assert any(place.gone for place in canvas.unreadable_places)
    assert is_hatched(driver, 2300, 1500)
    assert len([text for text in driver.notices if text.startswith(GONE)]) == 1
    shutil.copy2(away, path)
    if how == "by moving":
        driver.qtbot.wait(80)
        canvas.pan_by(3, 0)
    elif how == "by asking":
        press(driver, "Try again")
    driver.wait(lambda: not canvas.unreadable_places)
    driver.sharpen()
    assert not any(text.startswith(GONE) for text in driver.notices)
    driver.wait(lambda: difference(driver, Path(away)) < 12)


def difference(driver: WindowDriver, original: Path) -> float:
    """Mean difference of gray levels between what is shown and what a file holds."""
    with SlideOpener([OpenSlideReader(direct=False)]).open(original) as slide:
        x, y, width, height = (round(value) for value in driver.view.canvas.viewport.slide_rect())
        true = slide.read_region((x, y), 0, (width, height)).astype(int)
    middle = np.s_[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4]
    return float(np.abs(pixels(driver.view.canvas)[middle] - true[middle]).mean())


def test_closing_a_view_takes_its_notice_away(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    look_at(driver, 600, 500)
    driver.wait(lambda: any(text.startswith(PARTS) for text in driver.notices))
    driver.window.close_slide()
    assert not any(text.startswith(PARTS) for text in driver.notices)
