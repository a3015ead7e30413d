"""How close the canvas comes to the decoder: ratios inside one run, on one machine.

    python tests/benchmarks/canvas/cold_jumps.py [SLIDE]

Prints medians of 12 jumps, best of 3 rounds: time until the view is sharp after a jump to a place that no
cache of ours holds, over the time to decode the same tiles with the same number of threads and nothing
else; the longest the window stood still in a jump; and the time to paint a sharp view. Without a slide
it writes one of 8,192 × 8,192 px.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from desktop_app.domain.tile_requests import TileKey, tile_requests
from desktop_app.domain.viewport import Viewport
from desktop_app.slides import OpenSlideReader, Slide, SlideOpener
from desktop_app.slides.pyramid_writer import PyramidWriter
from desktop_app.ui.canvas import SlideCanvas, SlideTileSource
from desktop_app.ui.canvas.tile_loader import default_threads, yield_to_the_window

JUMPS, ROUNDS = 12, 3
VIEW = (1280, 900)


class StallWatch:
    """The longest gap between two ticks of a 2 ms timer on the GUI thread, one number per jump."""

    def __init__(self) -> None:
        self.gaps_ms: list[float] = []
        self._jumping = False
        self._last = time.perf_counter()
        self._timer = QTimer(interval=2, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def begin(self) -> None:
        """The next jump."""
        self._last = time.perf_counter()
        self.gaps_ms.append(0.0)
        self._jumping = True

    def end(self) -> None:
        """What comes now is no part of the jump; the time since the last tick is."""
        self._tick()
        self._jumping = False

    def _tick(self) -> None:
        now = time.perf_counter()
        if self._jumping:
            self.gaps_ms[-1] = max(self.gaps_ms[-1], 1000 * (now - self._last))
        self._last = now


def write_slide(path: Path, side: int = 8192) -> Path:
    """Colored noise that a JPEG decoder has to work for."""
    random = np.random.default_rng(1)
    with PyramidWriter(path, (side, side), mpp=0.25, software="benchmark") as writer:
        for _ in range(side // 256):
            coarse = random.integers(60, 250, (32, side // 8, 3), dtype=np.uint8)
            writer.write_strip(np.kron(coarse, np.ones((8, 8, 1), dtype=np.uint8)))
    return path


def wait_until_sharp(canvas: SlideCanvas) -> None:
    loop = QEventLoop()
    canvas.sharpened.connect(loop.quit)
    if not canvas.is_sharp:
        loop.exec()
    canvas.sharpened.disconnect(loop.quit)


def raw_decode_s(slide: Slide, keys: list[TileKey], source: SlideTileSource) -> float:
    def read(key: TileKey) -> None:
        level = source.pyramid.levels[key.level]
        x, y, width, height = source.pyramid.pixel_rect(key)
        slide.read_argb(
            (round(x * level.downsample), round(y * level.downsample)), level.read_level, (width, height)
        )

    with ThreadPoolExecutor(default_threads(), initializer=yield_to_the_window) as pool:
        start = time.perf_counter()
        list(pool.map(read, keys))
        return time.perf_counter() - start


@contextmanager
def fresh_slide(path: Path) -> Iterator[Slide]:
    """Opened anew, so that no decoder's cache knows the tiles."""
    with SlideOpener([OpenSlideReader()]).open(path) as slide:
        yield slide


def jump_ratios(path: Path, canvas: SlideCanvas, places: list[Viewport], watch: StallWatch) -> list[float]:
    ratios = []
    for place in places:
        with fresh_slide(path) as slide:
            canvas.set_slide(slide)
            wait_until_sharp(canvas)
            watch.begin()
            start = time.perf_counter()
            canvas.set_viewport(place)
            wait_until_sharp(canvas)
            canvas.repaint()
            sharp_s = time.perf_counter() - start
            watch.end()
            canvas.set_slide(None)
        with fresh_slide(path) as slide:
            source = SlideTileSource(slide)
            keys = list(tile_requests(source.pyramid, place).visible)
            ratios.append(sharp_s / raw_decode_s(slide, keys, source))
    return ratios


def main() -> None:
    """Run and print."""
    _app = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else write_slide(Path(folder) / "noise.svs")
        with fresh_slide(path) as slide:
            width, height = slide.info.size
        random = np.random.default_rng(2)
        canvas = SlideCanvas()
        canvas.resize(*VIEW)
        canvas.show()
        watch = StallWatch()
        best = float("inf")
        for _ in range(ROUNDS):
            places = [
                Viewport(
                    (random.uniform(0.2, 0.8) * width, random.uniform(0.2, 0.8) * height), 1.0, 0.0, VIEW
                )
                for _ in range(JUMPS)
            ]
            best = min(best, statistics.median(jump_ratios(path, canvas, places, watch)))
        print(f"sharp after a cold jump / raw decode of the same tiles: {best:.2f}")
        print(f"longest stall of the window in a jump, median: {statistics.median(watch.gaps_ms):.0f} ms")
        with fresh_slide(path) as slide:
            canvas.set_slide(slide)
            canvas.one_to_one()
            wait_until_sharp(canvas)
            paints = []
            for _ in range(JUMPS):
                start = time.perf_counter()
                canvas.repaint()
                paints.append(1000 * (time.perf_counter() - start))
            print(f"painting a sharp view of {VIEW[0]} x {VIEW[1]}: {statistics.median(paints):.1f} ms")
            canvas.shutdown()


if __name__ == "__main__":
    main()
