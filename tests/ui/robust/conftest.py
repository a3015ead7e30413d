"""A canvas for real slides, and a window that runs its jobs in a stand-in for the worker."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.slides import OpenSlideReader, Slide, SlideOpener
from desktop_app.ui.canvas import SlideCanvas
from tests.support.window_driver import WindowDriver, window_driver


@pytest.fixture
def open_slide() -> Iterator[Callable[[Path], Slide]]:
    """Opens slides that are closed after the test, canvases first."""
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(SlideOpener([OpenSlideReader()]).open(path))


@pytest.fixture
def canvas(qtbot: QtBot, open_slide: Callable[[Path], Slide]) -> Iterator[SlideCanvas]:
    """An empty canvas of 600 × 400 px without anything above the slide."""
    made = SlideCanvas()
    qtbot.addWidget(made, before_close_func=lambda widget: widget.shutdown())
    made.resize(600, 400)
    made.scale_bar.visible = False
    made.minimap.wanted = False
    made.compass.wanted = False
    made.show()
    yield made
    made.shutdown()


@pytest.fixture
def driver(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[WindowDriver]:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "support"))
    with window_driver(qtbot, importlib.import_module("fake_worker").serve) as driver:
        yield driver
