"""Snapshots: what is in them, where they go, and that they name nobody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QProgressDialog

from desktop_app.domain.shapes import drawn
from desktop_app.domain.viewport import Viewport
from desktop_app.engine.job import HeatMapUpdate
from desktop_app.ui.dialogs.snapshot import SnapshotDialog
from desktop_app.ui.models.measurements import Measurement
from desktop_app.ui.pictures.picture_layers import PictureContent, picture_of
from desktop_app.ui.pictures.slide_picture import rgb_of
from tests.support.pictures import pixels_of
from tests.support.slide_factory import damage_tile, stamp, write_pyramid
from tests.support.window_driver import WindowDriver

BARE = PictureContent(scale_bar=False, annotations=False, heat_map=False, overlays=False)
RGB = NDArray[np.uint8]


def painted(driver: WindowDriver, viewport: Viewport, content: PictureContent = BARE) -> RGB:
    picture = picture_of(driver.view, viewport, content)
    assert picture is not None
    image = picture.paint()
    assert image is not None
    return rgb_of(image)


def screen(driver: WindowDriver) -> RGB:
    driver.sharpen()
    driver.view.canvas.minimap.wanted = False
    driver.view.canvas.compass.hide()
    return pixels_of(driver.view.canvas.grab().toImage())


def finish(driver: WindowDriver) -> None:
    driver.wait(lambda: not driver.window.snapshots.is_busy)


def clipboard() -> RGB:
    return pixels_of(QGuiApplication.clipboard().image())


def dialog(driver: WindowDriver, action: str = "picture.snapshot") -> SnapshotDialog:
    driver.trigger(action)
    shown = driver.window.dialogs.shown
    assert isinstance(shown, SnapshotDialog)
    return shown


# ---- what is in a picture ---------------------------------------------------------------------------


def test_annotations_heat_map_and_overlays_are_in_it_when_wanted(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    ring = np.array([(1900, 300), (2300, 300), (2300, 600), (1900, 600)], dtype=np.float64)
    many = [
        drawn("rectangle", ((ring * 0.01 + (2000 + 12 * n, 1000.0),),), class_name=None) for n in range(300)
    ]
    view.document.add([drawn("rectangle", ((ring,),), class_name="Stroma"), *many], "Draw")
    locations = np.array([[2000, 2000], [2200, 2000]], dtype=np.int64)
    heat = HeatMapUpdate("x", locations, (200.0, 200.0), np.array([-2, 2], np.float32), "contribution", 2, 2)
    view.set_heat_map(heat)
    view.overlays.measurements.add(Measurement("length", ((2500.0, 400.0), (2900.0, 400.0))))
    viewport = Viewport((2450.0, 1500.0), 2.0, 0.0, (800, 1400))
    bare = painted(driver, viewport).astype(int)
    places = {
        "annotations": (slice(98, 103), slice(180, 280)),
        "heat_map": (slice(960, 1000), slice(220, 300)),
        "overlays": (slice(148, 153), slice(450, 600)),
        "scale_bar": (slice(1350, 1390), slice(10, 60)),
    }
    for name in places:
        found = painted(driver, viewport, replace(BARE, **{name: True})).astype(int)
        for other, elsewhere in places.items():
            change = np.abs(found[elsewhere] - bare[elsewhere]).max()
            assert (change > 60) == (other == name), (name, other)
        if name == "annotations":
            # The small ones come from overlay tiles, which no canvas has loaded.
            assert (np.abs(found[445:460, 180:] - bare[445:460, 180:]).max(axis=2) > 60).sum() > 200


def test_a_measurement_in_a_large_picture_is_large_enough_to_read(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    small = painted(driver, Viewport((2000.0, 1500.0), 4.0, 0.0, (800, 700)), replace(BARE, scale_bar=True))
    large = painted(driver, Viewport((2000.0, 1500.0), 1.0, 0.0, (3600, 2700)), replace(BARE, scale_bar=True))
    bars = [(np.all(found < 30, axis=2)).sum() for found in (small, large)]
    assert bars[1] > 5 * bars[0]


def test_what_cannot_be_read_is_hatched_and_told(driver: WindowDriver, tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "broken.tiff", size=(1024, 768), levels=1, mpp=0.5)
    damage_tile(path, 5)
    view = driver.open(path)
    driver.window.messages.clear()
    view.canvas.set_viewport(Viewport((384.0, 384.0), 1.0))
    driver.sharpen()
    driver.trigger("picture.copy")
    finish(driver)
    assert driver.notices[-1].endswith("Some of it could not be read and is hatched.")


# ---- where it goes ----------------------------------------------------------------------------------


def test_copying_the_view_puts_what_is_seen_on_the_clipboard(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.window.overlays.change(grid=True)
    view.canvas.set_viewport(Viewport((1000.0, 1500.0), 1.0))
    shown = screen(driver)
    driver.trigger("picture.copy")
    finish(driver)
    assert np.array_equal(clipboard(), shown)
    height, width = shown.shape[:2]
    assert driver.notices[-1] == f"The picture is on the clipboard: {width:,} × {height:,} pixels."


def test_a_region_is_drawn_and_saved_with_its_resolution(
    driver: WindowDriver, slide: Path, tmp_path: Path
) -> None:
    view = driver.open(slide)
    driver.settle()  # the status bar has its height, and the canvas its own
    width, height = view.canvas.viewport.size
    view.canvas.set_viewport(Viewport((1000.0 + width % 2, 1500.0 + height % 2), 2.0))  # on whole pixels
    driver.trigger("picture.region")
    driver.drag((700, 1300), (900, 1400), (1100, 1700))
    asked = driver.window.dialogs.shown
    assert isinstance(asked, SnapshotDialog)
    assert view.canvas.tool is None
    assert view.canvas.lent_tool is None
    asked.scale_box.setCurrentIndex(asked.scale_box.findText("20×"))
    assert asked.size_label.text().startswith("400 × 400 pixels\n200.0 µm × 200.0 µm, 0.5 µm per pixel")
    driver.files.write_answer = tmp_path / "그림.tif"
    asked.checks["scale_bar"].setChecked(False)
    asked.save_button.click()
    finish(driver)
    with tifffile.TiffFile(tmp_path / "그림.tif") as tiff:
        found = tiff.pages[0].asarray()
        across = tiff.pages[0].tags["XResolution"].value
    assert np.array_equal(found, stamp((4000, 3000))[1300:1700, 700:1100])
    assert across[0] / across[1] == pytest.approx(20_000)


def test_nothing_in_a_file_names_the_slide(driver: WindowDriver, slide: Path, tmp_path: Path) -> None:
    driver.open(slide)
    for name in ("a.png", "a.tif"):
        asked = dialog(driver)
        driver.files.write_answer = tmp_path / name
        asked.save_button.click()
        finish(driver)
        content = (tmp_path / name).read_bytes()
        assert "환자".encode() not in content
        assert str(slide.parent).encode() not in content
    with Image.open(tmp_path / "a.png") as picture:
        assert set(picture.info) == {"Software", "Description"}


def test_the_proposed_name_is_neutral_while_names_are_hidden(
    driver: WindowDriver, slide: Path, tmp_path: Path
) -> None:
    driver.open(slide)
    driver.files.write_answer = None
    for private, expected in ((False, "환자 7-20x.png"), (True, "slide-1-20x.png")):
        driver.window.change_settings(replace(driver.window.settings, privacy=private))
        asked = dialog(driver)
        asked.scale_box.setCurrentIndex(asked.scale_box.findText("20×"))
        asked.save_button.click()
        assert driver.files.proposed.name == expected
        assert not driver.window.snapshots.is_busy


def test_what_is_too_large_is_refused_with_the_way_out(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    asked = dialog(driver)
    asked.region_box.setCurrentIndex(asked.region_box.findText("The whole slide"))
    asked.scale_box.setCurrentIndex(asked.scale_box.findText("Another magnification"))
    asked.other_box.setValue(20)
    assert asked.save_button.isEnabled()
    assert asked.limit_label.isHidden()
    asked.other_box.setValue(100)
    assert not asked.save_button.isEnabled()
    assert not asked.copy_button.isEnabled()
    assert asked.limit_label.isVisible()
    assert "choose a lower magnification" in asked.limit_label.text()
    asked.close()


def test_only_what_is_shown_is_offered(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    asked = dialog(driver)
    offered = {name: check.isEnabled() for name, check in asked.checks.items()}
    assert offered == {"scale_bar": True, "annotations": False, "heat_map": False, "overlays": False}
    assert asked.content() == replace(BARE, scale_bar=True)
    assert asked.picture() == driver.view.canvas.viewport
    asked.close()


def test_a_selection_can_be_the_region(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    ring = np.array([(1000, 800), (2000, 800), (2000, 1400), (1000, 1400)], dtype=np.float64)
    shape = drawn("rectangle", ((ring,),), class_name=None)
    view.document.add([shape], "Draw")
    view.selection.set([shape.id])
    asked = dialog(driver)
    asked.region_box.setCurrentIndex(asked.region_box.findText("What is selected"))
    asked.scale_box.setCurrentIndex(asked.scale_box.findText("20×"))
    picture = asked.picture()
    assert picture.center == pytest.approx((1500, 1100))
    assert picture.size == (1100, 700)
    asked.close()


# ---- giving up --------------------------------------------------------------------------------------


def test_closing_the_slide_gives_its_picture_up(driver: WindowDriver, slide: Path, tmp_path: Path) -> None:
    view = driver.open(slide)
    asked = dialog(driver)
    asked.region_box.setCurrentIndex(asked.region_box.findText("The whole slide"))
    asked.scale_box.setCurrentIndex(asked.scale_box.findText("Pixels of the scan"))
    driver.files.write_answer = tmp_path / "a.png"
    asked.save_button.click()
    driver.window.close_slide(view)
    finish(driver)
    assert driver.notices[-1] == "The picture was given up."
    assert not (tmp_path / "a.png").exists()
    assert not [box for box in driver.window.findChildren(QProgressDialog) if box.isVisible()]


def test_a_picture_that_cannot_be_saved_is_told(driver: WindowDriver, slide: Path, tmp_path: Path) -> None:
    driver.open(slide)
    asked = dialog(driver)
    driver.files.write_answer = tmp_path / "nowhere" / "a.png"
    asked.save_button.click()
    finish(driver)
    assert driver.window.messages.notices[-1].severity == "error"
