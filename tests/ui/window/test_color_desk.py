"""Colors through the window: profile, stains, white balance, memory, and what is never changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from desktop_app.domain.display_settings import DisplaySettings
from desktop_app.domain.viewport import Viewport
from desktop_app.slides.icc import icc_color_map
from tests.support.color_profiles import scanner_profile
from tests.support.slide_factory import GLASS, TISSUE, stamp, write_pyramid
from tests.support.window_driver import WindowDriver, pixels


@pytest.fixture
def managed_slide(tmp_path: Path) -> Path:
    return write_pyramid(tmp_path / "managed.tiff", size=(720, 520), icc=scanner_profile())


def settled(driver: WindowDriver) -> None:
    driver.wait(lambda: driver.view.display.is_settled and driver.view.canvas.is_sharp)


def color_at(driver: WindowDriver, x: float, y: float) -> list[int]:
    view = driver.view
    view.canvas.set_viewport(Viewport((x, y), 1.0))
    driver.wait(lambda: view.canvas.is_sharp)
    picture = pixels(view.canvas)
    return picture[picture.shape[0] // 2, picture.shape[1] // 2].tolist()


def test_the_profile_is_applied_by_default_and_can_be_switched_off(
    driver: WindowDriver, managed_slide: Path
) -> None:
    driver.open(managed_slide)
    settled(driver)
    managed = icc_color_map(scanner_profile())(np.asarray([TISSUE], np.uint8))[0].tolist()
    assert color_at(driver, 280, 250) == managed != list(TISSUE)
    assert driver.window.colors.badge.profile.text() == "ICC"
    driver.trigger("color.profile")
    settled(driver)
    assert color_at(driver, 280, 250) == list(TISSUE)
    assert driver.window.colors.badge.profile.text() == "ICC off"
    driver.window.colors.badge.profile.click()
    assert driver.view.display.settings.icc


def test_what_is_analyzed_is_never_changed(driver: WindowDriver, managed_slide: Path) -> None:
    view = driver.open(managed_slide)
    view.display.set_settings(DisplaySettings(gamma=3.0, stain_view="first"))
    settled(driver)
    stored = view.document.slide.read_region((0, 0), 0, (720, 520))
    assert np.array_equal(stored, stamp((720, 520)))


def test_settings_are_remembered_with_the_slide(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    view.display.set_settings(replace(view.display.settings, gamma=1.8, stain_view="second"))
    driver.window.close_slide()
    driver.settle()
    again = driver.open(slide)
    assert again is not view
    assert (again.display.settings.gamma, again.display.settings.stain_view) == (1.8, "second")


def test_a_stain_view_says_so_and_show_as_scanned_ends_it(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    driver.trigger("color.stain_first")
    assert driver.window.colors.badge.changed.text() == "Stain view: Hematoxylin"
    assert driver.window.actions_by_key["color.stain_first"].isChecked()
    driver.trigger("color.reset")
    assert driver.window.colors.badge.changed.isHidden()
    assert not driver.window.actions_by_key["color.reset"].isEnabled()


def test_a_click_on_glass_makes_it_white(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.trigger("color.pick_white")
    driver.click(550, 200)
    driver.wait(lambda: view.display.settings.white_point is not None)
    assert view.display.settings.white_point == GLASS
    settled(driver)
    assert color_at(driver, 550, 200) == [255, 255, 255]
    assert view.canvas.tool is None


def test_a_drag_pans_to_the_glass_and_picks_nothing(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    view.canvas.set_viewport(Viewport((300.0, 250.0), 0.25))
    told = len(driver.notices)
    driver.trigger("color.pick_white")
    hint = driver.window.status.currentMessage()
    assert "empty glass" in hint
    before = view.canvas.viewport.center
    driver.drag((310.0, 250.0), (300.0, 250.0))
    assert view.canvas.viewport.center[0] > before[0]
    assert view.canvas.tool is not None
    driver.settle()
    assert view.display.settings.white_point is None
    view.canvas.set_viewport(Viewport((550.0, 200.0), 0.25))
    driver.click(550, 200)
    driver.wait(lambda: view.display.settings.white_point == GLASS)
    # What to do is said no longer than there is something to do.
    assert driver.window.status.currentMessage() == ""
    assert len(driver.notices) == told


def test_escape_gives_the_picking_up(driver: WindowDriver, slide: Path) -> None:
    from PySide6.QtCore import Qt

    view = driver.open(slide)
    driver.trigger("color.pick_white")
    assert view.canvas.tool is not None
    driver.key(Qt.Key.Key_Escape)
    assert view.canvas.tool is None
    assert view.display.settings.white_point is None


def test_stains_that_cannot_be_told_apart_are_a_sentence(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    before = view.display.settings
    driver.window.colors.panel.stains.estimate_asked.emit("selection")
    assert "select an annotation" in driver.notices[-1]
    view.canvas.set_viewport(Viewport((560.0, 200.0), 0.2))
    driver.window.colors.panel.stains.estimate_asked.emit("view")
    driver.wait(lambda: any("cannot be estimated" in text for text in driver.notices))
    assert view.display.settings == before


def test_the_histogram_of_the_view_appears(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    driver.window.panels.show("color")
    desk = driver.window.colors
    driver.wait(lambda: bool(desk._curves))
    assert [curve.color[0] > 100 for curve in desk._curves] == [True, False, False]
    assert sum(curve.counts.sum() for curve in desk._curves) > 1000
    desk.panel.tone.auto.click()
    assert driver.view.display.settings.is_toned


def test_a_preset_is_kept_and_used_on_another_slide(
    driver: WindowDriver, slide: Path, managed_slide: Path
) -> None:
    view = driver.open(slide)
    view.display.set_settings(replace(view.display.settings, contrast=0.3))
    desk = driver.window.colors
    desk.panel.saved.emit("mine")
    driver.settle()
    assert (driver.locations.user_config / "display_presets.json").exists()
    other = driver.open(managed_slide)
    assert other.display.settings.contrast == 0
    index = desk.panel.presets.findText("mine")
    desk.panel.presets.activated.emit(index)
    assert other.display.settings.contrast == 0.3
    desk.panel.deleted.emit("mine")
    assert desk.panel.presets.findText("mine") == -1


def test_all_open_slides_can_be_shown_alike(driver: WindowDriver, slide: Path, managed_slide: Path) -> None:
    first = driver.open(slide)
    second = driver.open(managed_slide)
    second.display.set_settings(replace(second.display.settings, gamma=2.2))
    driver.window.colors.panel.spread.emit()
    assert first.display.settings.gamma == 2.2


def test_a_bad_monitor_profile_is_a_sentence(driver: WindowDriver, slide: Path, tmp_path: Path) -> None:
    driver.open(slide)
    bad = tmp_path / "모니터.icc"
    bad.write_bytes(b"nothing")
    driver.window.colors.use_screen_profile(bad)
    driver.wait(lambda: any("monitor" in text for text in driver.notices))
    assert driver.window.screen_profile is None
    good = tmp_path / "good.icc"
    good.write_bytes(scanner_profile())
    driver.window.colors.use_screen_profile(good)
    driver.wait(lambda: driver.window.screen_profile is not None)
    settled(driver)
    assert color_at(driver, 280, 250) != list(TISSUE)


@contextmanager
def busy_pool(driver: WindowDriver) -> Iterator[None]:
    """Meanwhile nothing that is asked for in the background begins."""
    free = Event()
    for _ in range(2):
        driver.window.background.run(free.wait, lambda _none: None, lambda _error: None)
    try:
        yield
    finally:
        free.set()
    driver.settle()


@pytest.mark.parametrize("asked", ["stains", "glass", "histogram"])
def test_closing_a_slide_that_is_being_read_is_no_crash(
    driver: WindowDriver, slide: Path, managed_slide: Path, asked: str
) -> None:
    driver.trigger("view.panel_color")
    driver.open(managed_slide)
    view = driver.open(slide)
    desk = driver.window.colors
    driver.settle()
    with busy_pool(driver):
        if asked == "stains":
            desk.panel.stains.estimate_asked.emit("slide")
        elif asked == "glass":
            driver.trigger("color.pick_white")
            driver.click(550, 200)
        else:
            desk._count()
        driver.window.close_slide(view)
    assert driver.notices == []
    # The panel serves the next slide as before.
    driver.wait(lambda: len(desk._curves) == 3)
    before = driver.view.display.settings.stains
    desk.panel.stains.estimate_asked.emit("slide")
    driver.settle()
    assert driver.view.display.settings.stains != before or "cannot be estimated" in driver.notices[-1]


def test_the_histogram_is_of_the_view_in_front(
    driver: WindowDriver, slide: Path, managed_slide: Path
) -> None:
    driver.trigger("view.panel_color")
    first = driver.open(managed_slide)
    second = driver.open(slide)
    desk = driver.window.colors
    driver.settle()
    with busy_pool(driver):
        desk._count()
        driver.window.area.activate(first)
        # What the automatic window goes by is never another slide's.
        assert desk._curves == ()
        desk._count()
    driver.wait(lambda: len(desk._curves) == 3)
    driver.window.area.activate(second)
    assert desk._curves == ()
