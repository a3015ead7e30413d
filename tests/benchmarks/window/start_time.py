"""How long the window takes to show, beside importing Qt and pyqtgraph alone.

Both start a fresh interpreter; runs are interleaved, the medians of 12 are compared. The aim: the window
within 1.5 times the bare import plus 0.5 s.

    .venv/bin/python tests/benchmarks/window/start_time.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
RUNS = 12

BARE = "import PySide6.QtWidgets, pyqtgraph"
WINDOW = """
from PySide6.QtWidgets import QApplication
app = QApplication([])
from desktop_app.app import make_window
from desktop_app.storage.locations import Locations
window = make_window(Locations.default())
window.show()
while not window.windowHandle().isExposed():
    app.processEvents()
app.processEvents()
import os
os._exit(0)
"""


def seconds(code: str, home: str) -> float:
    """Wall time of one fresh interpreter."""
    environment = {**os.environ, "COVERSLIP_HOME": home}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=CHECKOUT, check=True, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - started


def main() -> int:
    """Measure, print, and fail where the aim is missed."""
    with tempfile.TemporaryDirectory() as home:
        seconds(WINDOW, home)
        pairs = [(seconds(BARE, home), seconds(WINDOW, home)) for _ in range(RUNS)]
    bare, window = (statistics.median(column) for column in zip(*pairs, strict=True))
    allowed = 1.5 * bare + 0.5
    print(f"bare import {bare:.2f} s, window shown {window:.2f} s, ratio {window / bare:.2f}")
    print(f"allowed {allowed:.2f} s: {'met' if window <= allowed else 'MISSED'}")
    return 0 if window <= allowed else 1


if __name__ == "__main__":
    sys.exit(main())
