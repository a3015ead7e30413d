"""Heat map and annotations on the minimap, its sizes and its menu."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint

from desktop_app.domain.bookmark import Bookmark
from desktop_app.domain.shapes import drawn
from desktop_app.engine.job import HeatMapUpdate
from tests.support.pictures import pixels_of
from tests.support.window_driver import WindowDriver


def shown(driver: WindowDriver) -> NDArray[np.int64]:
    driver.qtbot.wait(200)
    return pixels_of(driver.view.canvas.minimap.grab().toImage()).astype(np.int64)


def test_heat_map_and_annotations_are_on_the_minimap_while_they_are_on_the_slide(
    driver: WindowDriver, slide: Path
) -> None:
    view = driver.open(slide)
    view.canvas.set_magnification(20)
    driver.sharpen()
    plain = shown(driver)
    locations = np.array([[3000, 1400], [3200, 1400]], dtype=np.int64)
    values = np.array([-2, 2], dtype=np.float32)
    view.set_heat_map(HeatMapUpdate("x", locations, (200.0, 400.0), values, "contribution", 2, 2))
    ring = np.array([(2600, 700), (3600, 700), (3600, 1200), (2600, 1200)], dtype=np.float64)
    view.document.add([drawn("rectangle", ((ring,),), class_name=None)], "Draw")
    scale = view.canvas.minimap.width() / 4000
    heat = (round(1600 * scale), round(3300 * scale))
    row = slice(round(700 * scale) - 2, round(700 * scale) + 3)
    both = shown(driver)
    assert np.abs(both[heat] - plain[heat]).max() > 60
    line = both[row, round(3000 * scale)]
    assert (line[:, 0] - line[:, 1]).max() > 100
    driver.trigger("minimap.heat_map")
    without = shown(driver)
    assert np.array_equal(without[heat], plain[heat])
    assert (without[row, round(3000 * scale)] == line).all()
    driver.trigger("view.annotations")
    assert np.array_equal(shown(driver), plain)


def test_the_minimap_has_three_sizes_and_stays_in_its_corner(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    view.canvas.set_magnification(20)
    minimap = view.canvas.minimap
    widths = []
    for index in range(3):
        driver.trigger(f"minimap.size_{index}")
        widths.append(minimap.width())
        assert view.canvas.width() - minimap.geometry().right() - 1 == 14
    assert widths[0] == 130
    assert widths == sorted(widths)
    assert widths[2] > widths[0]


def test_a_right_click_offers_what_the_minimap_can_show(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    view.canvas.set_magnification(20)
    menu = driver.window.actions_by_key.menu("view/minimap")
    view.canvas.minimap.customContextMenuRequested.emit(QPoint(20, 20))
    driver.wait(menu.isVisible)
    names = {action.objectName() for action in menu.actions() if not action.isSeparator()}
    assert {"minimap.coverage", "minimap.heat_map", "minimap.annotations", "coverage.record"} <= names
    menu.close()


def test_bookmarks_are_dots_on_the_minimap(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    view.canvas.set_magnification(20)
    driver.sharpen()
    plain = shown(driver)
    bookmarks = driver.window.navigation.bookmarks.of(view)
    driver.settle()
    bookmarks.add([Bookmark("here", (3200.0, 1000.0), 2.0)])
    scale = view.canvas.minimap.width() / 4000
    place = (round(1000 * scale), round(3200 * scale))
    red, _, blue = shown(driver)[place]
    assert blue - red > 100
    driver.trigger("minimap.bookmarks")
    assert np.array_equal(shown(driver), plain)
    driver.settle()
    driver.window.close_slide(view)
    bookmarks.add([Bookmark("there", (200.0, 1000.0), 2.0)])
