"""A canvas with a small slide on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from desktop_app.slides import OpenSlideReader, Slide, SlideOpener
from desktop_app.ui.canvas import SlideCanvas
from tests.support.pictures import pixels_of
from tests.support.slide_factory import write_pyramid
from tests.support.watched_slide import WatchedSlide

RGB = NDArray[np.uint8]


@pytest.fixture(scope="session")
def noise_slide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 × 1,400 px of smooth noise on three levels, 0.5 mpp: every place looks different."""
    random = np.random.default_rng(5)
    coarse = random.integers(0, 255, (70, 100, 3), dtype=np.uint8)
    pixels = np.kron(coarse, np.ones((20, 20, 1), dtype=np.uint8))
    pixels = pixels - random.integers(0, 20, pixels.shape, dtype=np.uint8) % np.maximum(pixels, 1)
    return write_pyramid(tmp_path_factory.mktemp("slides") / "noise.tiff", pixels)


@pytest.fixture
def open_slide() -> Iterator[Callable[[Path], Slide]]:
    """Opens slides that are closed after the test."""
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(SlideOpener([OpenSlideReader()]).open(path))


@pytest.fixture
def slide(noise_slide: Path, open_slide: Callable[[Path], Slide]) -> WatchedSlide:
    return WatchedSlide(open_slide(noise_slide))


@pytest.fixture
def canvas(qtbot: QtBot, slide: WatchedSlide) -> Iterator[SlideCanvas]:
    """An empty canvas of 600 × 400 px without anything above the slide."""
    made = SlideCanvas()
    qtbot.addWidget(made, before_close_func=lambda widget: (slide.gate.set(), widget.shutdown()))
    made.resize(600, 400)
    made.scale_bar.visible = False
    made.show()
    yield made
    slide.gate.set()
    made.shutdown()


@pytest.fixture
def picture(qtbot: QtBot) -> Callable[[SlideCanvas], RGB]:
    """What a canvas shows once it is sharp, without its minimap: uint8 ``(H, W, 3)`` device pixels."""

    def grab(canvas: SlideCanvas) -> RGB:
        qtbot.waitUntil(lambda: canvas.is_sharp, timeout=20_000)
        canvas.minimap.wanted = canvas.compass.wanted = False
        return pixels_of(canvas.grab().toImage())

    return grab
