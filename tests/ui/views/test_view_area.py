"""The grid of views: who is shown where, who is in front, and what comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.shapes import drawn
from desktop_app.engine.job import HeatMapUpdate, MppOverride
from desktop_app.ui.canvas.tile_cache import DEFAULT_CAPACITY
from desktop_app.ui.memory_shares import shares
from desktop_app.ui.slide_view import SlideView
from desktop_app.ui.view_cell import ViewCell
from tests.support.slide_factory import write_pyramid
from tests.support.window_driver import WindowDriver, window_driver


def several(driver: WindowDriver, folder: Path, count: int) -> list[SlideView]:
    """So many open slides, in the order of their tabs."""
    for number in range(count):
        path = write_pyramid(folder / f"{number}.tiff", size=(300 + 10 * number, 200), mpp=0.5)
        driver.open(path)
    return list(driver.window.views)


def shown(driver: WindowDriver) -> list[SlideView | None]:
    return [cell.view for cell in driver.window.area.grid.cells]


def draw(view: SlideView) -> None:
    ring = np.array([(100, 100), (300, 100), (300, 250), (100, 250)], dtype=np.float64)
    view.document.add([drawn("rectangle", ((ring,),), class_name="Tumor", author="me")], "Draw")


def drop(cell: ViewCell, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    drop_data(cell, data)


def drop_data(cell: ViewCell, data: QMimeData) -> None:
    button, no_key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    cell.dropEvent(QDropEvent(QPointF(10, 10), Qt.DropAction.CopyAction, data, button, no_key))


# ---- the grid ---------------------------------------------------------------------------------------


def test_growing_fills_the_grid_and_shrinking_keeps_the_view_in_front(
    driver: WindowDriver, tmp_path: Path
) -> None:
    a, b, c = several(driver, tmp_path, 3)
    area = driver.window.area
    assert shown(driver) == [c]
    driver.trigger("layout.grid_2x2")
    assert shown(driver) == [c, a, b, None]
    assert all(view.isVisible() for view in (a, b, c))
    area.activate(b)
    driver.trigger("layout.grid_1x2")
    assert shown(driver) == [c, b]
    assert not a.isVisible()
    area.activate(b)
    driver.trigger("layout.grid_1x1")
    assert shown(driver) == [b]
    assert driver.window.front is b
    assert driver.window.views == (a, b, c)


def test_every_layout_shows_its_cells_at_equal_sizes(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    for rows, columns in ((3, 3), (1, 1), (2, 1), (1, 3), (3, 2), (2, 2)):
        driver.trigger(f"layout.grid_{rows}x{columns}")
        driver.qtbot.wait(10)
        cells = driver.window.area.grid.cells
        assert len(cells) == rows * columns
        assert np.ptp([cell.width() for cell in cells]) <= 2
        assert np.ptp([cell.height() for cell in cells]) <= 2
        assert sum(cell.hint.isVisible() for cell in cells) == rows * columns - 1


class ShownWindows(QObject):
    """Notes every widget that is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.found.append(type(watched).__name__)
        return False


def test_nothing_flashes_while_views_move_about(driver: WindowDriver, tmp_path: Path) -> None:
    shown_windows = ShownWindows()
    QApplication.instance().installEventFilter(shown_windows)  # type: ignore[union-attr]
    several(driver, tmp_path, 2)
    for key in ("grid_2x2", "new_view", "synchronize", "next_tab", "align", "grid_1x1", "previous_tab"):
        driver.trigger(f"layout.{key}")
    driver.window.close_slide()
    QApplication.instance().removeEventFilter(shown_windows)  # type: ignore[union-attr]
    assert shown_windows.found == []


def test_columns_stay_in_line_and_a_double_click_makes_them_equal(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    driver.trigger("layout.grid_2x2")
    driver.qtbot.wait(10)
    cells = driver.window.area.grid.cells
    handle = driver.window.area.grid._inner[0].handle(1)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=QPoint(2, 50))
    QTest.mouseMove(handle, QPoint(-100, 50))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=QPoint(2, 50))
    assert cells[0].width() < cells[1].width() - 50
    assert cells[2].width() == cells[0].width()
    QTest.mouseDClick(handle, Qt.MouseButton.LeftButton, pos=QPoint(2, 50))
    assert abs(cells[0].width() - cells[1].width()) <= 2
    assert cells[2].width() == cells[0].width()


def test_a_click_on_a_slide_makes_it_the_active_one(driver: WindowDriver, slide: Path, section: Path) -> None:
    first = driver.open(slide)
    second = driver.open(section)
    driver.trigger("layout.grid_1x2")
    driver.qtbot.wait(10)
    for view in (first, second):
        QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
        assert driver.window.front is view
        assert driver.window.area.tabs.currentIndex() == driver.window.views.index(view)
        assert driver.window.panels.annotations.currentWidget() is view.annotations_panel
        assert view.info.path.name in driver.window.windowTitle()
        states = [cell.state for cell in driver.window.area.grid.cells if cell.view is view]
        assert states == ["active"]
        assert [cell.state for cell in driver.window.area.grid.cells].count("active") == 1


def test_a_tab_goes_to_the_chosen_cell_or_activates_the_one_it_is_in(
    driver: WindowDriver, tmp_path: Path
) -> None:
    a, b, c = several(driver, tmp_path, 3)
    driver.trigger("layout.grid_1x2")
    area = driver.window.area
    assert shown(driver) == [c, a]
    area.tabs.setCurrentIndex(0)
    assert driver.window.front is a
    assert shown(driver) == [c, a]
    area.tabs.setCurrentIndex(1)
    assert shown(driver) == [c, b]
    assert driver.window.front is b
    assert not a.isVisible()


def test_an_empty_cell_that_was_clicked_is_filled_next(driver: WindowDriver, tmp_path: Path) -> None:
    (a,) = several(driver, tmp_path, 1)
    driver.trigger("layout.grid_2x2")
    last = driver.window.area.grid.cells[3]
    QTest.mouseClick(last, Qt.MouseButton.LeftButton, pos=last.rect().center())
    assert last.state == "next"
    assert driver.window.front is a
    b = driver.open(write_pyramid(tmp_path / "other.tiff", size=(400, 300), mpp=0.25))
    assert shown(driver) == [a, None, None, b]


def test_slides_dropped_on_a_cell_open_there(driver: WindowDriver, slide: Path, section: Path) -> None:
    a = driver.open(slide)
    driver.trigger("layout.grid_2x2")
    drop(driver.window.area.grid.cells[2], section)
    driver.wait(lambda: len(driver.window.views) == 2)
    assert shown(driver) == [a, None, driver.view, None]
    drop(driver.window.area.grid.cells[1], slide)
    assert driver.window.front is a
    assert len(driver.window.views) == 2


def test_a_view_dragged_to_another_cell_changes_places(driver: WindowDriver, tmp_path: Path) -> None:
    a, b = several(driver, tmp_path, 2)
    driver.trigger("layout.grid_2x2")
    cells = driver.window.area.grid.cells
    assert shown(driver) == [b, a, None, None]
    for target, expected in ((cells[0], [a, b, None, None]), (cells[3], [None, b, None, a])):
        source = next(cell for cell in cells if cell.view is a)
        drop_data(target, source.as_mime())
        assert shown(driver) == expected
        assert driver.window.front is a
        assert target.state == "active"


def test_closing_a_view_shows_the_next_one(driver: WindowDriver, tmp_path: Path) -> None:
    a, b, c = several(driver, tmp_path, 3)
    driver.window.close_slide(c)
    assert shown(driver) == [b]
    driver.trigger("layout.grid_1x2")
    driver.window.area.activate(a)
    driver.trigger("file.close")
    assert shown(driver) == [b, None]
    assert driver.window.front is b
    driver.trigger("file.close")
    assert driver.window.front is None
    assert driver.window.stack.currentWidget() is driver.window.start_page


def test_keys_go_from_view_to_view(driver: WindowDriver, tmp_path: Path) -> None:
    a, b, c = several(driver, tmp_path, 3)
    driver.trigger("layout.grid_1x2")
    assert (shown(driver), driver.window.front) == ([c, a], c)
    driver.key(Qt.Key.Key_F6)
    assert driver.window.front is a
    driver.key(Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert driver.window.front is c
    driver.key(Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    assert driver.window.front is a
    driver.key(Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    assert driver.window.front is b
    assert shown(driver) == [c, b]


def test_tabs_can_be_moved(driver: WindowDriver, tmp_path: Path) -> None:
    a, b, c = several(driver, tmp_path, 3)
    driver.window.area.tabs.moveTab(0, 2)
    assert driver.window.views == (b, c, a)
    driver.window.area.tabs.setCurrentIndex(2)
    assert driver.window.front is a
    driver.window.area.tabs.tabCloseRequested.emit(0)
    assert driver.window.views == (c, a)


def test_the_layout_comes_back_and_the_slides_do_not(qtbot: QtBot, slide: Path) -> None:
    with window_driver(qtbot) as driver:
        driver.open(slide)
        driver.trigger("layout.grid_2x3")
    with window_driver(qtbot) as driver:
        assert driver.window.area.layout_size == (2, 3)
        assert driver.window.views == ()
        assert driver.window.stack.currentWidget() is driver.window.start_page
        view = driver.open(slide)
        assert shown(driver) == [view, None, None, None, None, None]


# ---- one slide in several views ---------------------------------------------------------------------


def test_a_new_view_of_a_slide_shares_its_annotations_and_undo(driver: WindowDriver, slide: Path) -> None:
    first = driver.open(slide)
    first.canvas.set_magnification(20)
    driver.trigger("layout.new_view")
    second = driver.view
    assert second is not first
    assert second.document is first.document
    assert driver.window.area.layout_size == (1, 2)
    assert shown(driver) == [first, second]
    assert second.canvas.viewport.center == pytest.approx(first.canvas.viewport.center)
    assert second.canvas.magnification == pytest.approx(20)
    draw(first)
    driver.sharpen()
    for view in (first, second):
        assert view.annotations_panel.model.rowCount() == 1
        assert view.annotation_layer._live.ids or view.annotation_layer._has_tiles
    second.document.undo_stack.undo()
    assert first.annotations_panel.model.rowCount() == 0
    assert "(2)" in driver.window.windowTitle()


def test_a_slide_is_closed_with_its_last_view(driver: WindowDriver, slide: Path) -> None:
    first = driver.open(slide)
    document = first.document
    driver.trigger("layout.new_view")
    second = driver.view
    driver.window.close_slide(first)
    driver.qtbot.wait(10)
    assert document.is_open
    draw(second)
    second.document.undo_stack.undo()
    second.document.undo_stack.redo()
    driver.wait(lambda: driver.window.status.saved.text().startswith("Saved"))
    driver.key(Qt.Key.Key_Plus)
    driver.sharpen()
    driver.window.close_slide(second)
    assert not document.is_open


def test_opening_a_slide_again_brings_its_view_to_the_front(
    driver: WindowDriver, slide: Path, section: Path
) -> None:
    first = driver.open(slide)
    driver.open(section)
    driver.window.open_paths([slide])
    assert driver.window.front is first
    assert len(driver.window.views) == 2


def test_a_pixel_size_counts_in_every_view_of_the_slide(driver: WindowDriver, tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "plain.tiff", size=(640, 480), mpp=None)
    first = driver.open(path)
    driver.trigger("layout.new_view")
    second = driver.view
    draw(first)
    driver.window.dialogs._set_pixel_size(second, MppOverride(0.25), then_run=False)
    for view in (first, second):
        assert view.info.mpp == (0.25, 0.25)
        assert view.mpp_override == MppOverride(0.25)
        assert "mpp" in view.facts()
    assert driver.window.actions_by_key["view.magnify_3"].isEnabled()


def test_a_heat_map_is_shown_in_new_views_too(driver: WindowDriver, slide: Path) -> None:
    first = driver.open(slide)
    locations = np.array([[0, 0], [256, 0]], dtype=np.int64)
    values = np.array([-1, 2], dtype=np.float32)
    first.set_heat_map(HeatMapUpdate("x", locations, (256.0, 256.0), values, "contribution", 2, 2))
    driver.trigger("layout.new_view")
    assert driver.view.heat_map is first.heat_map


def test_room_is_made_for_new_views_up_to_nine(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    sizes = []
    for _ in range(9):
        driver.trigger("layout.new_view")
        sizes.append(driver.window.area.layout_size)
    assert sizes == [(1, 2), (2, 2), (2, 2), (2, 3), (2, 3), (3, 3), (3, 3), (3, 3), (3, 3)]
    assert len(driver.window.views) == 10
    assert None not in shown(driver)


# ---- memory -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seen", "hidden"), [(1, 0), (1, 5), (9, 0), (9, 20), (0, 3)])
def test_views_share_the_tile_memory(seen: int, hidden: int) -> None:
    for_seen, for_hidden = shares(DEFAULT_CAPACITY, seen, hidden)
    total = seen * for_seen + hidden * for_hidden
    assert 0.99 * DEFAULT_CAPACITY < total <= DEFAULT_CAPACITY
    if seen and hidden:
        assert for_seen * seen == pytest.approx(0.75 * DEFAULT_CAPACITY, rel=0.01)


def test_all_caches_together_hold_no_more_than_one_would(driver: WindowDriver, tmp_path: Path) -> None:
    views = several(driver, tmp_path, 4)
    driver.trigger("layout.grid_1x2")
    capacities = [view.canvas.slide_layer.cache.capacity for view in views if view.canvas.slide_layer]
    assert sum(capacities) <= DEFAULT_CAPACITY
    assert len(set(capacities)) == 2
    driver.trigger("layout.grid_1x1")
    driver.window.close_slide(views[0])
    driver.window.close_slide(views[1])
    driver.window.close_slide(views[2])
    assert views[3].canvas.slide_layer is not None
    assert views[3].canvas.slide_layer.cache.capacity == DEFAULT_CAPACITY
