"""Two slides of one block at different pixel sizes, and a window that annotates them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.support.slide_factory import write_pyramid
from tests.support.window_driver import WindowDriver, window_driver


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    return write_pyramid(tmp_path / "환자 홍길동.tiff", size=(700, 500), mpp=0.5)


@pytest.fixture
def section(tmp_path: Path) -> Path:
    """The next section of the same block: twice as many pixels for the same length."""
    return write_pyramid(tmp_path / "section.tiff", size=(1400, 1000), mpp=0.25)


@pytest.fixture
def driver(qtbot: QtBot, slide: Path) -> Iterator[WindowDriver]:
    """In Annotate mode, the first slide open."""
    with window_driver(qtbot) as driver:
        driver.open(slide)
        driver.window.set_mode("annotate")
        yield driver
        menu = driver.window.objects.menu.shown
        if menu is not None:
            menu.close()
        QGuiApplication.clipboard().clear()
