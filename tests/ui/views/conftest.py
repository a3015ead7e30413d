"""Two small slides that look alike at different pixel sizes, and a window for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.support.slide_factory import write_pyramid
from tests.support.window_driver import WindowDriver, window_driver


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    return write_pyramid(tmp_path / "슬라이드.tiff", size=(700, 500), mpp=0.5)


@pytest.fixture
def section(tmp_path: Path) -> Path:
    """The next section of the same block: twice as many pixels for the same length."""
    return write_pyramid(tmp_path / "section.tiff", size=(1400, 1000), mpp=0.25)


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[WindowDriver]:
    with window_driver(qtbot) as driver:
        yield driver
