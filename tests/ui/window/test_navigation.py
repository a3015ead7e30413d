"""Finding one's way: back and forward, positions, bookmarks, turning, and the settings of movement."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from desktop_app.domain.bookmark import Bookmark
from desktop_app.domain.shapes import drawn
from desktop_app.domain.viewport import Viewport
from desktop_app.storage.settings import Settings, read_settings
from desktop_app.ui import view_travel
from desktop_app.ui.bookmark_keeper import bookmarks_in
from desktop_app.ui.dialogs.bookmark_name import BookmarkNameDialog
from desktop_app.ui.dialogs.go_to import GoToDialog
from desktop_app.ui.dialogs.turn_view import TurnViewDialog
from desktop_app.ui.models.bookmarks import MADE, MAGNIFICATION, NAME
from tests.support.slide_factory import write_pyramid
from tests.support.window_driver import WindowDriver, window_driver

LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def opened(driver: WindowDriver, slide: Path) -> WindowDriver:
    driver.open(slide)
    return driver


def enabled(driver: WindowDriver, key: str) -> bool:
    return driver.window.actions_by_key[key].isEnabled()


# ---- back and forward -------------------------------------------------------------------------------


def test_back_and_forward_between_jumps(opened: WindowDriver) -> None:
    canvas = opened.view.canvas
    fitted = canvas.viewport
    assert not enabled(opened, "navigate.back")
    opened.key(Qt.Key.Key_5)
    near = canvas.viewport
    assert canvas.magnification == pytest.approx(20)
    opened.key(Qt.Key.Key_Left, ALT)
    assert canvas.viewport == fitted
    assert not enabled(opened, "navigate.back")
    opened.key(Qt.Key.Key_Right, ALT)
    assert canvas.viewport == near
    assert not enabled(opened, "navigate.forward")


def test_a_place_where_the_view_rested_is_kept(opened: WindowDriver) -> None:
    view = opened.view
    view.travel._rest.setInterval(30)
    view.canvas.set_viewport(Viewport((200.0, 200.0), 0.25))
    opened.wait(lambda: view.travel.history.index >= 0)
    assert view.travel.history.places[-1].center == (200.0, 200.0)
    view.canvas.set_viewport(Viewport((500.0, 300.0), 0.25))
    opened.wait(lambda: view.travel.history.places[-1].center == (500.0, 300.0))
    assert enabled(opened, "navigate.back")
    QTest.mouseClick(view.canvas, Qt.MouseButton.BackButton, pos=QPoint(50, 50))
    assert view.canvas.viewport.center == (200.0, 200.0)
    QTest.mouseClick(view.canvas, Qt.MouseButton.ForwardButton, pos=QPoint(50, 50))
    assert view.canvas.viewport.center == (500.0, 300.0)
    assert view_travel.REST_MS == 1000


def test_a_pan_without_rest_is_no_place(opened: WindowDriver) -> None:
    for _ in range(5):
        opened.view.canvas.pan_by(40, 0)
    assert not enabled(opened, "navigate.back")


# ---- positions --------------------------------------------------------------------------------------


def go_to(driver: WindowDriver, text: str, unit: str = "px") -> GoToDialog:
    driver.trigger("navigate.go_to")
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, GoToDialog)
    dialog.unit_box.setCurrentText(unit)
    dialog.position_line.setText(text)
    QTest.keyClick(dialog.position_line, Qt.Key.Key_Return)
    return dialog


@pytest.mark.parametrize(
    ("text", "unit", "center"),
    [
        ("120, 340 px", "px", (120, 340)),
        ("60, 170", "µm", (120, 340)),
        ("0.06, 0.17 mm", "px", (120, 340)),
        ("60.0, 170.0 µm  (120, 340 px)", "px", (120, 340)),
    ],
)
def test_going_to_a_position(opened: WindowDriver, text: str, unit: str, center: tuple[int, int]) -> None:
    opened.key(Qt.Key.Key_5)
    go_to(opened, text, unit)
    assert opened.window.dialogs.shown is None
    assert opened.view.canvas.viewport.center == pytest.approx(center)
    assert opened.view.canvas.magnification == pytest.approx(20)
    opened.trigger("navigate.back")
    assert opened.view.canvas.viewport.center == (350.0, 250.0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("somewhere", "no position"), ("9999, 10", "700, 500 px"), ("1, 2 mm", "0.3500, 0.2500 mm")],
)
def test_a_position_that_cannot_be_gone_to_is_explained_and_can_be_mended(
    opened: WindowDriver, text: str, sentence: str
) -> None:
    before = opened.view.canvas.viewport
    dialog = go_to(opened, text)
    assert opened.window.dialogs.shown is dialog
    assert sentence in dialog.problem.text()
    assert dialog.problem.isVisible()
    assert dialog.position_line.selectedText() == text
    assert opened.view.canvas.viewport == before
    QTest.keyClicks(dialog.position_line, "10, 20")
    assert not dialog.problem.isVisible()
    QTest.keyClick(dialog.position_line, Qt.Key.Key_Return)
    assert opened.view.canvas.viewport.center == (10.0, 20.0)


def test_the_middle_of_the_view_is_proposed_in_each_unit(opened: WindowDriver) -> None:
    opened.trigger("navigate.go_to")
    dialog = opened.window.dialogs.shown
    assert isinstance(dialog, GoToDialog)
    assert dialog.position_line.text() == "350, 250"
    dialog.unit_box.setCurrentText("µm")
    assert dialog.position_line.text() == "175.0, 125.0"
    dialog.unit_box.setCurrentText("mm")
    assert dialog.position_line.text() == "0.1750, 0.1250"
    dialog.close()


def test_without_a_pixel_size_lengths_are_refused(driver: WindowDriver, slide_without_mpp: Path) -> None:
    driver.open(slide_without_mpp)
    dialog = go_to(driver, "1, 2 mm")
    assert "pixel size is not known" in dialog.problem.text()
    assert dialog.unit_box.count() == 1
    dialog.close()


def test_the_middle_is_copied_where_the_mouse_is_elsewhere(opened: WindowDriver) -> None:
    opened.view.canvas.set_viewport(Viewport((123.0, 234.0), 0.5))
    QCursor.setPos(opened.window.menuBar().mapToGlobal(QPoint(3, 3)))
    opened.trigger("navigate.copy_position")
    assert QGuiApplication.clipboard().text() == "123, 234 px"
    assert "middle of the view" in opened.window.status.currentMessage()


def test_the_position_of_the_mouse_is_copied_where_it_is_on_the_slide(opened: WindowDriver) -> None:
    canvas = opened.view.canvas
    canvas.set_viewport(Viewport((300.0, 200.0), 0.5))
    QTest.mouseMove(canvas, QPoint(120, 80))
    opened.wait(canvas.underMouse)
    x, y = canvas.viewport.slide_point((120, 80))
    opened.trigger("navigate.copy_position")
    assert QGuiApplication.clipboard().text() == f"{round(x)}, {round(y)} px"
    assert "of the mouse" in opened.window.status.currentMessage()


# ---- bookmarks --------------------------------------------------------------------------------------


def add_bookmark(driver: WindowDriver, name: str) -> None:
    driver.trigger("navigate.add_bookmark")
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, BookmarkNameDialog)
    dialog.name_line.setText(name)
    QTest.keyClick(dialog.name_line, Qt.Key.Key_Return)
    driver.settle()
    driver.window.activateWindow()
    driver.wait(driver.window.isActiveWindow)


def test_bookmarks_bring_back_place_scale_angle_and_mirror(opened: WindowDriver) -> None:
    canvas, panel = opened.view.canvas, opened.window.panels.bookmarks
    canvas.set_viewport(Viewport((123.0, 234.0), 0.5, 17.0, mirrored=True))
    there = canvas.viewport
    add_bookmark(opened, "여기")
    canvas.set_upright()
    opened.key(Qt.Key.Key_0, CTRL)
    opened.key(Qt.Key.Key_B, CTRL)
    assert panel.tree.hasFocus()
    assert [bookmark.name for bookmark in panel.selected] == ["여기"]
    QTest.keyClick(panel.tree, Qt.Key.Key_Return)
    assert canvas.viewport == there
    opened.trigger("navigate.back")
    assert canvas.viewport.is_upright


def test_bookmarks_survive_a_restart(qtbot: QtBot, slide: Path) -> None:
    with window_driver(qtbot) as first:
        view = first.open(slide)
        view.canvas.set_viewport(Viewport((123.0, 234.0), 0.5, 17.0, mirrored=True))
        add_bookmark(first, "Tumor front")
        kept = first.window.navigation.bookmarks.of(view).bookmarks
    with window_driver(qtbot) as second:
        view = second.open(slide)
        second.settle()
        found = second.window.navigation.bookmarks.of(view).bookmarks
        assert [replace(mark, made=kept[0].made) for mark in found] == list(kept)
        assert second.window.panels.bookmarks.table.rowCount() == 1


def test_bookmarks_belong_to_their_slide_and_all_its_views_share_them(
    opened: WindowDriver, tmp_path: Path
) -> None:
    add_bookmark(opened, "a")
    panel = opened.window.panels.bookmarks
    opened.trigger("layout.new_view")
    assert panel.table.rowCount() == 1
    opened.open(write_pyramid(tmp_path / "other.tiff", size=(500, 300)))
    opened.settle()
    assert panel.table.rowCount() == 0
    assert panel.empty.isVisibleTo(panel)


def three(driver: WindowDriver) -> list[str]:
    """Bookmarks b, a, c in the order they were made; their keys."""
    canvas = driver.view.canvas
    bookmarks = driver.window.navigation.bookmarks.of(driver.view)
    driver.settle()
    for name, downsample in (("b", 1.0), ("a", 0.5), ("c", 2.0)):
        canvas.set_viewport(Viewport((200.0, 200.0), downsample))
        bookmarks.add([Bookmark.of(canvas.viewport, name)])
    return [bookmark.key for bookmark in bookmarks.bookmarks]


def shown_names(driver: WindowDriver) -> list[str]:
    model = driver.window.panels.bookmarks.tree.model()
    return [model.data(model.index(row, NAME)) for row in range(model.rowCount())]


def test_bookmarks_are_sorted_by_any_column(opened: WindowDriver) -> None:
    three(opened)
    tree = opened.window.panels.bookmarks.tree
    assert shown_names(opened) == ["b", "a", "c"]
    tree.sortByColumn(NAME, Qt.SortOrder.AscendingOrder)
    assert shown_names(opened) == ["a", "b", "c"]
    tree.sortByColumn(MAGNIFICATION, Qt.SortOrder.AscendingOrder)
    assert shown_names(opened) == ["a", "b", "c"]
    tree.sortByColumn(MADE, Qt.SortOrder.DescendingOrder)
    assert shown_names(opened) == ["c", "a", "b"]
    assert tree.model().index(0, MAGNIFICATION).data() == "10×"


def test_a_bookmark_is_renamed_and_never_to_nothing(opened: WindowDriver) -> None:
    keys = three(opened)
    panel = opened.window.panels.bookmarks
    panel.select(keys[1])
    index = panel.tree.currentIndex()
    assert panel.tree.model().setData(index, "  new\nname ")
    assert shown_names(opened) == ["b", "new name", "c"]
    assert [bookmark.name for bookmark in panel.selected] == ["new name"]
    assert not panel.tree.model().setData(panel.tree.currentIndex(), "   ")
    assert shown_names(opened) == ["b", "new name", "c"]


def test_deleted_bookmarks_can_be_brought_back(opened: WindowDriver) -> None:
    keys = three(opened)
    opened.settle()
    panel = opened.window.panels.bookmarks
    opened.key(Qt.Key.Key_B, CTRL)
    panel.select(keys[0])
    QTest.keyClick(panel.tree, Qt.Key.Key_Delete)
    assert shown_names(opened) == ["a", "c"]
    assert "b" in panel.removed_text.text()
    QTest.mouseClick(panel.undo_button, LEFT)
    assert shown_names(opened) == ["b", "a", "c"]
    assert not panel.undo_button.isVisibleTo(panel)
    opened.settle()
    memory = opened.window.memory_of(opened.view)
    assert [bookmark.name for bookmark in bookmarks_in(memory.read("bookmarks"))] == ["b", "a", "c"]


def test_delete_in_the_panel_spares_the_selected_annotation(opened: WindowDriver) -> None:
    keys = three(opened)
    opened.window.set_mode("annotate")
    ring = np.array([(10, 10), (90, 10), (90, 90)], dtype=np.float64)
    shape = drawn("polygon", ((ring,),), class_name=None, author="me")
    opened.view.document.add([shape], "Draw")
    opened.view.selection.set([shape.id])
    panel = opened.window.panels.bookmarks
    opened.key(Qt.Key.Key_B, CTRL)
    panel.select(keys[2])
    QTest.keyClick(panel.tree, Qt.Key.Key_Delete)
    assert shown_names(opened) == ["b", "a"]
    assert len(opened.view.document.snapshot) == 1


def test_a_damaged_file_of_bookmarks_costs_only_what_is_damaged() -> None:
    good = Bookmark.of(Viewport((1.0, 2.0), 1.0), "good").as_record()
    assert [mark.name for mark in bookmarks_in({"bookmarks": [{"name": 3}, good, "x"]})] == ["good"]
    assert bookmarks_in({"bookmarks": 7}) == []
    assert bookmarks_in({}) == []


def test_the_buttons_of_the_panel_follow_what_is_chosen(opened: WindowDriver) -> None:
    panel = opened.window.panels.bookmarks
    assert not panel.go_button.isEnabled()
    three(opened)
    panel.tree.selectAll()
    assert not panel.go_button.isEnabled()
    assert panel.remove_button.isEnabled()
    opened.window.close_slide()
    assert not panel.add_button.isEnabled()


# ---- turning ----------------------------------------------------------------------------------------


def test_keys_turn_and_mirror_the_slide(opened: WindowDriver) -> None:
    canvas = opened.view.canvas
    opened.key(Qt.Key.Key_Right, CTRL)
    assert canvas.viewport.rotation_deg == 90.0
    opened.key(Qt.Key.Key_Left, CTRL | SHIFT)
    assert canvas.viewport.rotation_deg == 85.0
    opened.key(Qt.Key.Key_H, CTRL | SHIFT)
    assert canvas.viewport.mirrored
    assert "Mirrored, then turned 275°" in opened.window.status.turned.text()
    assert enabled(opened, "navigate.upright")
    opened.key(Qt.Key.Key_U, CTRL | SHIFT)
    assert canvas.viewport.is_upright
    assert not enabled(opened, "navigate.upright")
    assert not opened.window.status.turned.isVisible()


def test_an_exact_angle_is_seen_at_once_and_cancel_takes_it_back(opened: WindowDriver) -> None:
    canvas = opened.view.canvas
    canvas.set_viewport(Viewport((200.0, 200.0), 0.5, 30.0))
    opened.trigger("navigate.turn_to")
    dialog = opened.window.dialogs.shown
    assert isinstance(dialog, TurnViewDialog)
    assert dialog.angle_box.value() == 30.0
    dialog.angle_box.setValue(-12.5)
    assert canvas.viewport.rotation_deg == 347.5
    dialog.mirror_box.setChecked(True)
    assert canvas.viewport.mirrored
    dialog.reject()
    assert (canvas.viewport.rotation_deg, canvas.viewport.mirrored) == (30.0, False)
    opened.trigger("navigate.turn_to")
    dialog = opened.window.dialogs.shown
    assert isinstance(dialog, TurnViewDialog)
    dialog._buttons.button(QDialogButtonBox.StandardButton.Reset).click()
    dialog.accept()
    assert canvas.viewport.is_upright


# ---- a box, and how the slide moves -----------------------------------------------------------------


@pytest.mark.parametrize("mode", ["view", "annotate"])
def test_z_zooms_to_a_box_in_either_mode(opened: WindowDriver, mode: str) -> None:
    opened.window.set_mode(mode)  # type: ignore[arg-type]
    canvas = opened.view.canvas
    opened.key(Qt.Key.Key_Z)
    assert canvas.lent_tool is not None
    opened.key(Qt.Key.Key_Z)
    assert canvas.lent_tool is None
    opened.key(Qt.Key.Key_Z)
    opened.drag((100, 100), (300, 200))
    assert canvas.viewport.center == pytest.approx((200, 150), abs=3)
    assert canvas.lent_tool is None
    assert len(opened.view.document.snapshot) == 0
    opened.trigger("navigate.back")
    assert canvas.viewport.center == (350.0, 250.0)


def test_the_movement_settings_reach_every_canvas_and_are_kept(opened: WindowDriver) -> None:
    window, canvas = opened.window, opened.view.canvas
    assert Settings().animate_movement
    assert not canvas.mover.style.animated
    opened.trigger("view.animate")
    opened.trigger("view.touchpad_pans")
    opened.trigger("view.wheel_reversed")
    style = canvas.mover.style
    assert (style.animated, style.touchpad_pans, style.wheel_reversed) == (True, False, True)
    assert window.actions_by_key["view.animate"].isChecked()
    window._write_settings()
    kept = read_settings(window._settings_file)
    assert (kept.animate_movement, kept.touchpad_pans, kept.wheel_reversed) == (True, False, True)


def test_an_animated_window_comes_to_rest_where_it_was_sent(opened: WindowDriver) -> None:
    opened.trigger("view.animate")
    canvas = opened.view.canvas
    opened.key(Qt.Key.Key_5)
    assert not canvas.is_at_rest
    opened.wait(lambda: canvas.is_at_rest)
    assert canvas.magnification == pytest.approx(20, rel=1e-12)
    opened.key(Qt.Key.Key_Left, ALT)
    opened.wait(lambda: canvas.is_at_rest)
    assert canvas.viewport.center == (350.0, 250.0)


def test_the_readout_says_what_a_screens_pixel_shows(opened: WindowDriver) -> None:
    status = opened.window.status
    opened.key(Qt.Key.Key_4)
    assert status.magnification.text() == "10×"
    assert status.mpp.text() == "1 µm per screen pixel, scanned at 0.5"
    opened.key(Qt.Key.Key_6)
    assert status.magnification.text() == "40× (digital)"
    assert status.mpp.text() == "0.25 µm per screen pixel, scanned at 0.5"


def test_what_a_tool_says_of_itself_goes_with_the_tool(opened: WindowDriver) -> None:
    status = opened.window.status
    for key in ("navigate.zoom_box", "measure.ruler", "picture.region"):
        opened.trigger(key)
        assert status.currentMessage(), key
        assert status.magnification.isHidden()
        opened.key(Qt.Key.Key_Escape)
        assert status.currentMessage() == "", key
        assert not status.magnification.isHidden()
    opened.trigger("navigate.zoom_box")
    opened.trigger("navigate.copy_position")
    copied = status.currentMessage()
    opened.key(Qt.Key.Key_Escape)
    assert status.currentMessage() == copied
