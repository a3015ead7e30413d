"""A small slide, and a window that runs its jobs in a stand-in for the worker."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pytestqt.qtbot import QtBot

from tests.support.slide_factory import aperio_description, write_pyramid
from tests.support.window_driver import WindowDriver, window_driver


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    return write_pyramid(tmp_path / "슬라이드.tiff", size=(700, 500), mpp=0.5)


@pytest.fixture
def slide_without_mpp(tmp_path: Path) -> Path:
    description = aperio_description(mpp=None, objective=None)
    return write_pyramid(tmp_path / "plain.tiff", size=(640, 480), mpp=None, description=description)


@pytest.fixture
def fake_worker(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The stand-in under a name that the spawned process finds too."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "support"))
    return importlib.import_module("fake_worker")


@pytest.fixture
def driver(qtbot: QtBot, fake_worker: ModuleType) -> Iterator[WindowDriver]:
    with window_driver(qtbot, fake_worker.serve) as driver:
        yield driver
