"""A blank slide of 2,000 × 1,400 px at 0.5 µm on a canvas, with its overlays; and whole windows."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.ui.overlays.view_overlays import ViewOverlays
from tests.support.annotation_bench import Bench, bench, blank_slide, choice, document, selection
from tests.support.slide_factory import write_pyramid
from tests.support.window_driver import WindowDriver, window_driver

__all__ = ["bench", "blank_slide", "choice", "document", "selection"]


class PutAway:
    """Counts how often a tool was put away."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def put_away() -> PutAway:
    return PutAway()


@pytest.fixture
def overlays(bench: Bench, put_away: PutAway) -> Iterator[ViewOverlays]:
    made = ViewOverlays(bench.canvas, put_away)
    yield made
    bench.canvas.set_tool(None)


@pytest.fixture(scope="session")
def slide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4,000 × 3,000 px at 0.5 µm: 20× is one to one."""
    path = tmp_path_factory.mktemp("slides") / "환자 7.tiff"
    return write_pyramid(path, size=(4000, 3000), levels=4, mpp=0.5)


@pytest.fixture
def driver(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[WindowDriver]:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "support"))
    with window_driver(qtbot, importlib.import_module("fake_worker").serve) as made:
        yield made
