"""The command palette: every action by its name, with the keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop_app.domain.bookmark import Bookmark
from desktop_app.ui.actions.table import ACTIONS
from desktop_app.ui.dialogs.command_palette import CommandPalette
from desktop_app.ui.dialogs.palette_entries import ALSO_CALLED, REASONS, entries_of
from desktop_app.ui.dialogs.palette_entries import found as found_entries
from tests.support.window_driver import WindowDriver
from tests.ui.window.test_accessible_names import nameless


def opened(driver: WindowDriver) -> CommandPalette:
    driver.trigger("help.palette")
    palette = driver.window.guidance.palette
    assert palette is not None
    driver.wait(palette.field.hasFocus)
    return palette


def titles(palette: CommandPalette) -> list[str]:
    return [found.entry.title for found in palette.model.found]


def test_letters_find_and_enter_runs_and_the_keyboard_goes_back(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    view.canvas.zoom_by(4)
    before = view.canvas.viewport
    view.canvas.setFocus()
    palette = opened(driver)
    assert nameless(palette) == []
    QTest.keyClicks(palette.field, "fsw")
    assert titles(palette)[0] == "Fit slide in window"
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    driver.wait(lambda: view.canvas.viewport != before)
    assert driver.window.guidance.palette is None
    assert QApplication.focusWidget() is view.canvas
    assert driver.window.settings.used_actions[0] == "view.fit"


def test_whatever_an_action_needs_has_a_reason_to_be_told() -> None:
    needed = {fact for spec in ACTIONS for fact in spec.needs if not fact.startswith("has_class_")}
    assert needed - set(REASONS) == set()


def test_every_action_that_exists_now_is_offered_with_its_place(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    keys = {entry.key for entry in entries_of(driver.window) if entry.key}
    absent = {spec.key for spec in ACTIONS} - keys
    assert absent == {"help.palette"} | {f"annotate.class_{n}" for n in range(1, 10)} & absent
    by_key = {entry.key: entry for entry in entries_of(driver.window)}
    assert by_key["view.magnify_3"].where == "View › Magnification"
    assert by_key["view.magnify_3"].keys == "3"
    assert by_key["annotate.rectangle"].reason == "In Annotate mode only"
    assert by_key["analyze.cancel"].reason == "No job is running"


def test_without_a_slide_it_says_what_is_needed_and_does_nothing(driver: WindowDriver) -> None:
    palette = opened(driver)
    QTest.keyClicks(palette.field, "fit slide")
    entry = palette.current
    assert entry is not None
    assert (entry.key, entry.enabled, entry.reason) == ("view.fit", False, "Needs an open slide")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert driver.window.guidance.palette is palette
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert driver.window.guidance.palette is None


def test_what_was_used_last_comes_first(driver: WindowDriver) -> None:
    entries = entries_of(driver.window)
    used = ["view.theme_dark", "help.about"]
    assert [found.entry.key for found in found_entries(entries, "", used)][:2] == used
    tied = [found.entry.key for found in found_entries(entries, "theme", used)]
    assert tied.index("view.theme_dark") < tied.index("view.theme_light")


@pytest.mark.parametrize(
    ("typed", "menu"), [("rotate", "navigate.turn_right"), ("screenshot", "picture.snapshot")]
)
def test_other_programs_words_are_understood(driver: WindowDriver, typed: str, menu: str) -> None:
    hits = [found.entry.key for found in found_entries(entries_of(driver.window), typed, ())]
    assert menu in hits[:6]


def test_other_names_belong_to_actions_and_menus_that_exist() -> None:
    known = {spec.key for spec in ACTIONS} | {spec.menu for spec in ACTIONS}
    assert set(ALSO_CALLED) <= known


def test_arrows_go_round_and_a_click_elsewhere_closes(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    palette = opened(driver)
    last = palette.model.rowCount() - 1
    QTest.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == last
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == 0
    QTest.keyClick(palette.field, Qt.Key.Key_PageDown)
    assert palette.list.currentIndex().row() == 8
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton)
    view.canvas.setFocus()
    assert driver.window.guidance.palette is None


def test_open_and_recent_slides_are_in_the_list(driver: WindowDriver, slide: Path, tmp_path: Path) -> None:
    driver.open(slide)
    other = tmp_path / "gone.tiff"
    settings = driver.window.settings.with_recent(other)
    driver.window.change_settings(settings)
    entries = {entry.title: entry for entry in entries_of(driver.window)}
    assert entries[slide.name].where == "Open slide"
    assert entries["gone.tiff"].reason == "The file is not there"
    assert not entries["gone.tiff"].enabled


def test_it_opens_in_full_screen_and_in_annotate_by_its_key(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    driver.window.set_mode("annotate")
    driver.window.toggle_full_screen()
    driver.wait(driver.window.isFullScreen)
    driver.window.activateWindow()
    driver.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    palette = driver.window.guidance.palette
    assert palette is not None
    assert palette.isVisible()
    # Letters that are keys of tools are letters here.
    QTest.keyClicks(palette.field, "rp")
    assert palette.field.text() == "rp"
    driver.trigger("help.palette")
    assert driver.window.guidance.palette is None


def test_a_bookmark_is_gone_to_by_its_name(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.settle()
    view.canvas.set_magnification(20)
    driver.settle()
    viewport = view.canvas.viewport
    mark = Bookmark("Mitosis near the edge", viewport.center, viewport.downsample)
    driver.window.navigation.bookmarks.of(view).add([mark])
    view.canvas.fit()
    palette = opened(driver)
    QTest.keyClicks(palette.field, "mitosis near")
    entry = palette.current
    assert entry is not None
    assert (entry.title, entry.where) == (mark.name, "Bookmark")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    driver.wait(lambda: view.canvas.viewport.center == pytest.approx(mark.center, abs=2))
    driver.settle()


def test_it_is_no_larger_than_what_it_lists(driver: WindowDriver) -> None:
    palette = opened(driver)
    tall = palette.height()
    QTest.keyClicks(palette.field, "about coverslip")
    assert palette.height() < tall
    assert palette.list.viewport().height() >= palette.model.rowCount() * palette.list.sizeHintForRow(0)
    palette.field.setText("no such thing at all")
    assert palette.model.rowCount() == 0
    assert palette._nothing.isVisible()
    palette.dismiss()
