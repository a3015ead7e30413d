"""The color panel asks for the room that its controls need, so that none is cut off in a narrow dock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea

from tests.support.slide_factory import write_pyramid
from tests.support.tiff_factory import write_ome
from tests.support.window_driver import WindowDriver


def drawn(folder: Path, kind: str) -> Path:
    if kind == "brightfield":
        return write_pyramid(folder / "a.tiff", size=(700, 500), mpp=0.5)
    values = np.tile(np.arange(512, dtype=np.uint16), (2, 300, 1))
    return write_ome(folder / "a.ome.tif", values, names=["Opal 690 (CD8)", "DAPI"])


@pytest.mark.parametrize("kind", ["brightfield", "fluorescence"])
def test_every_control_is_in_the_narrowest_dock(driver: WindowDriver, tmp_path: Path, kind: str) -> None:
    window = driver.window
    window.panels.show("color")
    driver.open(drawn(tmp_path, kind))
    panel = window.panels.color
    window.resizeDocks([window.panels.docks["color"]], [10], Qt.Orientation.Horizontal)
    area = panel.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    driver.wait(lambda: panel.currentIndex() == 1 and area.isVisible())
    driver.wait(lambda: area.widget().minimumSizeHint().width() <= area.viewport().width())
    assert area.widget().width() <= area.viewport().width()
    assert not area.horizontalScrollBar().isVisible()


def test_the_facts_of_a_slide_are_not_cut_off_either(driver: WindowDriver, tmp_path: Path) -> None:
    window = driver.window
    driver.open(drawn(tmp_path, "brightfield"))
    window.panels.show("slide")
    panel = window.panels.slide
    driver.wait(lambda: panel.facts is not None)
    window.resizeDocks([window.panels.docks["slide"]], [10], Qt.Orientation.Horizontal)
    driver.wait(lambda: panel.widget().minimumSizeHint().width() <= panel.viewport().width())
    assert not panel.horizontalScrollBar().isVisible()
