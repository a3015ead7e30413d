"""A canvas on a stage: slides opened cold, jumps and frames timed.

Cold means that no cache of ours (and none of the decoder's) knows a pixel, while the system's page cache
does. Everything runs on the GUI thread of the process that imports this.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ctypes import POINTER, c_uint32
from dataclasses import dataclass, field
from itertools import count, pairwise
from pathlib import Path

import numpy as np
from openslide import lowlevel

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QElapsedTimer, QEventLoop, Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication

from desktop_app.domain.tile_requests import TileKey, tile_requests
from desktop_app.domain.viewport import Viewport
from desktop_app.slides import OpenSlideReader, Slide, SlideOpener
from desktop_app.ui.canvas import SlideCanvas, SlideTileSource
from desktop_app.ui.canvas.tile_loader import default_threads, keep_to_own_processors, yield_to_the_window

VIEW = (1280, 900)
"""Device pixels of every view in these benchmarks."""

DECODER_CACHE = 64 * 2**20

LATE_MS = 33.0
"""A frame that comes this long after the one before it was missed by the eye of a 60-Hz screen."""


def application() -> QApplication:
    """The one application of this process, with the interpreter's settings that the window uses."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    return app


def rest(seconds: float) -> None:
    """Let the event loop turn, so that what loads in the background may end."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


@contextmanager
def cold_slide(path: Path, *, direct: bool = True) -> Iterator[Slide]:
    """The slide, opened anew with a decoder's cache of its own; ``direct=False`` leaves it to OpenSlide."""
    with SlideOpener([_reader(direct=direct)]).open(path) as slide:
        yield slide


def _reader(*, direct: bool) -> OpenSlideReader:
    if direct:
        return OpenSlideReader(DECODER_CACHE)
    return OpenSlideReader(DECODER_CACHE, direct=False)


class TimedCanvas(SlideCanvas):
    """The canvas, noting when each paint began and ended (``time.perf_counter`` seconds)."""

    def __init__(self) -> None:
        self.paints: list[tuple[float, float]] = []
        super().__init__()
        self.minimap.wanted = True
        self.resize(*VIEW)

    def paintEvent(self, event: QPaintEvent) -> None:
        began = time.perf_counter()
        super().paintEvent(event)
        self.paints.append((began, time.perf_counter()))


@contextmanager
def shown_canvas(slide: Slide | None) -> Iterator[TimedCanvas]:
    """A canvas in a window of its own with the whole slide sharp and nothing more to load."""
    canvas = TimedCanvas()
    canvas.show()
    rest(0.05)
    try:
        if slide is not None:
            canvas.set_slide(slide)
            wait_until_sharp(canvas)
            rest(0.3)
        yield canvas
    finally:
        canvas.shutdown()
        canvas.close()
        canvas.deleteLater()
        application().processEvents()


def wait_until_sharp(canvas: SlideCanvas) -> None:
    """Turn the event loop until everything in view is there."""
    if canvas.slide is None or canvas.is_sharp:
        return
    loop = QEventLoop()
    canvas.sharpened.connect(loop.quit)
    loop.exec()
    canvas.sharpened.disconnect(loop.quit)


@dataclass
class GapWatch:
    """The longest time between two ticks of a 2-ms timer on the GUI thread while it is watched."""

    gaps_ms: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._last = time.perf_counter()
        self._watching = False
        self._timer = QTimer(interval=2, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Add one number to ``gaps_ms`` for what happens meanwhile."""
        self._last = time.perf_counter()
        self.gaps_ms.append(0.0)
        self._watching = True
        try:
            yield
        finally:
            self._tick()
            self._watching = False

    def stop(self) -> None:
        """No more ticks."""
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        if self._watching:
            self.gaps_ms[-1] = max(self.gaps_ms[-1], 1000 * (now - self._last))
        self._last = now


def jump_ms(canvas: TimedCanvas, viewport: Viewport) -> float:
    """Milliseconds from asking for a view until it is sharp and painted."""
    began = time.perf_counter()
    canvas.set_viewport(viewport)
    wait_until_sharp(canvas)
    canvas.repaint()
    return 1000 * (time.perf_counter() - began)


def keys_of(slide: Slide, viewport: Viewport) -> list[TileKey]:
    """The tiles that a view needs."""
    return list(tile_requests(SlideTileSource(slide).pyramid, viewport).visible)


def openslide_ms(path: Path, slide: Slide, viewport: Viewport) -> float:
    """Milliseconds for OpenSlide, cold, to decode a view's tiles with the canvas's number of threads."""
    source = SlideTileSource(slide)
    handle = lowlevel.open(path)
    lowlevel.set_cache(handle, lowlevel.cache_create(DECODER_CACHE))

    def read(key: TileKey) -> None:
        level = source.pyramid.levels[key.level]
        x, y, width, height = source.pyramid.pixel_rect(key)
        buffer = np.empty((height, width), np.uint32)
        corner = (round(x * level.downsample), round(y * level.downsample))
        pixels = buffer.ctypes.data_as(POINTER(c_uint32))
        lowlevel._read_region(handle, pixels, *corner, level.read_level, width, height)

    numbers = count()

    def begin() -> None:
        yield_to_the_window()
        keep_to_own_processors(next(numbers), default_threads())

    keys = list(tile_requests(source.pyramid, viewport).visible)
    with ThreadPoolExecutor(default_threads(), initializer=begin) as pool:
        list(pool.map(time.sleep, [0.001] * default_threads()))
        began = time.perf_counter()
        list(pool.map(read, keys))
        return 1000 * (time.perf_counter() - began)


@dataclass(frozen=True)
class Frames:
    """What a ride of frames cost.

    Attributes
    ----------
    paints_ms : list[float]
        Time in each paint event.
    gaps_ms : list[float]
        From the end of each paint to the end of the next.
    steps_ms : list[float]
        Time to move the view (before Qt paints it).
    """

    paints_ms: list[float]
    gaps_ms: list[float]
    steps_ms: list[float]

    def paint(self, percent: float) -> float:
        """A percentile of the paint times, ms."""
        return float(np.percentile(self.paints_ms, percent))

    @property
    def late_percent(self) -> float:
        """Share of frames that came later than ``LATE_MS`` after the one before."""
        return 100 * float(np.mean(np.asarray(self.gaps_ms) > LATE_MS))


def ride(canvas: TimedCanvas, path: Callable[[float], Viewport], seconds: float) -> Frames:
    """Move the view at 60 Hz along a path of time and note every paint."""
    loop, clock = QEventLoop(), QElapsedTimer()
    steps: list[float] = []
    timer = QTimer(interval=0, singleShot=True, timerType=Qt.TimerType.PreciseTimer)

    def step() -> None:
        elapsed = clock.nsecsElapsed() / 1e9
        if elapsed >= seconds:
            loop.quit()
            return
        began = time.perf_counter()
        canvas.set_viewport(path(elapsed))
        steps.append(1000 * (time.perf_counter() - began))
        # The next tick of a 60-Hz clock, whatever this step took.
        now = clock.nsecsElapsed() / 1e6
        timer.start(max(0, round((int(now * 60 / 1000) + 1) * 1000 / 60 - now)))

    timer.timeout.connect(step)
    canvas.paints.clear()
    clock.start()
    timer.start(0)
    loop.exec()
    ends = [end for _, end in canvas.paints]
    gaps = [1000 * (after - before) for before, after in pairwise(ends)]
    return Frames([1000 * (end - began) for began, end in canvas.paints], gaps, steps)
