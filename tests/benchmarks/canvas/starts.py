"""From the start of the process to a sharp slide, beside the start to an empty window with the same imports.

    .venv/bin/python tests/benchmarks/canvas/starts.py

Row 3. Fresh interpreters, slide and no slide in turn, 12 of each a round, three rounds; the best median of
the ratio counts. Measured twice: the whole window of the program, and the canvas alone. Prints JSON.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from big_slide import big_slides

RUNS, ROUNDS = 12, 3
CHECKOUT = Path(__file__).resolve().parents[3]

FINISH = """
import os, time
app.processEvents()
print(time.monotonic(), flush=True)
os._exit(0)
"""

CANVAS = """
import sys
from pathlib import Path
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication
app = QApplication([])
from desktop_app.slides import OpenSlideReader, SlideOpener
from desktop_app.ui.canvas import SlideCanvas
canvas = SlideCanvas()
canvas.resize(1280, 900)
canvas.show()
if len(sys.argv) > 1:
    canvas.set_slide(SlideOpener([OpenSlideReader()]).open(Path(sys.argv[1])))
    loop = QEventLoop()
    canvas.sharpened.connect(loop.quit)
    if not canvas.is_sharp:
        loop.exec()
    canvas.repaint()
else:
    app.processEvents()
"""

WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
app = QApplication([])
from desktop_app.app import make_window
from desktop_app.storage.locations import Locations
window = make_window(Locations.default())
window.resize(1280, 900)
window.show()
if len(sys.argv) > 1:
    QTimer.singleShot(0, lambda: window.open_paths([Path(sys.argv[1])]))
    loop = QEventLoop()
    timer = QTimer(interval=2)
    def look():
        if window.views and window.views[0].canvas.is_sharp:
            loop.quit()
    timer.timeout.connect(look)
    timer.start()
    loop.exec()
    window.views[0].canvas.repaint()
else:
    app.processEvents()
"""


def seconds(code: str, home: str, *arguments: str) -> float:
    """From starting a fresh interpreter until it says that it is done."""
    environment = {**os.environ, "COVERSLIP_HOME": home, "PYTHONPATH": str(CHECKOUT)}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    command = [sys.executable, "-c", code + FINISH, *arguments]
    began = time.monotonic()
    done = subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=home
    )
    return float(done.stdout.split()[-1]) - began


def ratio(code: str, slide: str) -> tuple[float, float]:
    """``(ratio, seconds with a slide)`` of the best round."""
    found = []
    with tempfile.TemporaryDirectory() as home:
        seconds(code, home, slide)
        for _ in range(ROUNDS):
            pairs = [(seconds(code, home, slide), seconds(code, home)) for _ in range(RUNS)]
            found.append(
                (
                    statistics.median(sharp / empty for sharp, empty in pairs),
                    statistics.median(sharp for sharp, _ in pairs),
                )
            )
    return min(found)


def main() -> None:
    """Measure and print."""
    slide = str(big_slides()[0])
    window, window_s = ratio(WINDOW, slide)
    canvas, canvas_s = ratio(CANVAS, slide)
    figures = {
        "start_window": window,
        "start_window_s": window_s,
        "start_canvas": canvas,
        "start_canvas_s": canvas_s,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
