"""Views in windows of their own: keys work there, closing one brings its view back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.ui.detached_window import DetachedWindow
from tests.support.window_driver import WindowDriver, window_driver


def detach(driver: WindowDriver) -> DetachedWindow:
    view = driver.view
    driver.trigger("layout.own_window")
    window = driver.window.area.window_of(view)
    assert window is not None
    driver.qtbot.waitExposed(window)
    window.activateWindow()
    driver.wait(window.isActiveWindow)
    return window


def test_keys_work_in_a_window_of_its_own_on_its_view(
    driver: WindowDriver, slide: Path, section: Path
) -> None:
    stays = driver.open(slide)
    view = driver.open(section)
    window = detach(driver)
    assert driver.window.front is view
    assert "section.tiff" in window.windowTitle()
    assert driver.window.area.grid.cells[0].view is stays
    before = stays.canvas.viewport
    QTest.keyClick(view.canvas, Qt.Key.Key_4)
    assert round(view.canvas.magnification or 0, 3) == 10
    QTest.keyClick(view.canvas, Qt.Key.Key_Tab)
    assert driver.window.mode == "annotate"
    assert stays.canvas.viewport == before
    QTest.keyClick(view.canvas, Qt.Key.Key_F11)
    assert window.isFullScreen()
    assert not driver.window.isFullScreen()
    QTest.keyClick(view.canvas, Qt.Key.Key_F11)
    assert not window.isFullScreen()


def test_closing_the_window_brings_the_view_back(driver: WindowDriver, slide: Path, section: Path) -> None:
    first = driver.open(slide)
    view = driver.open(section)
    window = detach(driver)
    window.close()
    assert driver.window.area.window_of(view) is None
    assert driver.window.views == (first, view)
    assert driver.window.front is view
    assert driver.window.area.grid.cells[0].view is view
    assert view.isVisible()
    driver.sharpen()


def test_the_only_view_leaves_an_empty_cell_behind(driver: WindowDriver, slide: Path, section: Path) -> None:
    driver.open(slide)
    detach(driver)
    area = driver.window.area
    assert area.grid.cells[0].hint.isVisible()
    assert area.tabs.isVisible()
    driver.window.activateWindow()
    other = driver.open(section)
    assert area.grid.cells[0].view is other
    driver.trigger("layout.grid_1x2")
    driver.window.close_slide(driver.window.views[0])
    assert driver.window.front is other


def test_coming_back_to_the_main_window_keeps_the_front_until_a_slide_is_clicked(
    driver: WindowDriver, slide: Path, section: Path
) -> None:
    stays = driver.open(slide)
    view = driver.open(section)
    detach(driver)
    driver.window.activateWindow()
    driver.wait(driver.window.isActiveWindow)
    assert driver.window.front is view
    assert driver.window.panels.annotations.currentWidget() is view.annotations_panel
    QTest.mouseClick(stays.canvas, Qt.MouseButton.LeftButton)
    assert driver.window.front is stays


def test_where_such_a_window_stood_is_remembered(qtbot: QtBot, slide: Path) -> None:
    with window_driver(qtbot) as driver:
        driver.open(slide)
        window = detach(driver)
        window.setGeometry(120, 130, 530, 410)
        driver.qtbot.wait(20)
    with window_driver(qtbot) as driver:
        driver.open(slide)
        window = detach(driver)
        assert (window.width(), window.height()) == (530, 410)


def test_the_main_window_closes_the_others_with_it(qtbot: QtBot, slide: Path, section: Path) -> None:
    with window_driver(qtbot) as driver:
        driver.open(slide, section)
        detach(driver)
        documents = [view.document for view in driver.window.views]
        driver.settle()
        driver.window.quit_now()
        assert driver.window.views == ()
        assert not any(document.is_open for document in documents)
        QApplication.processEvents()
        shown = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
        assert not [widget for widget in shown if isinstance(widget, DetachedWindow)]
