"""How long until the window stands, against importing its libraries alone.

    python tests/benchmarks/startup/measure.py [--rounds 15]

Fresh processes, the two kinds interleaved, medians; offscreen unless a display is set. The aim is a window
within 1.5 times the imports plus 0.5 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

IMPORTS = "import PySide6.QtWidgets, pyqtgraph"
WINDOW = """
import sys
from PySide6.QtWidgets import QApplication
from desktop_app.app import make_window
from desktop_app.storage.locations import Locations
app = QApplication(sys.argv[:1])
window = make_window(Locations.default())
window.show()
while not (window.windowHandle() and window.windowHandle().isExposed()):
    app.processEvents()
app.processEvents()
print("torch" in sys.modules, flush=True)
import os
os._exit(0)
"""


def seconds(code: str, environment: dict[str, str]) -> float:
    """Wall-clock time of a fresh interpreter that runs ``code``."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    if "True" in done.stdout:
        raise SystemExit("torch was imported before the window stood")
    return time.perf_counter() - start


def main() -> None:
    """Print the table of one run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as home:
        environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "COVERSLIP_HOME": home}
        if environment.get("DISPLAY"):
            environment.pop("QT_QPA_PLATFORM")
        times: dict[str, list[float]] = {IMPORTS: [], WINDOW: []}
        for code in times:
            seconds(code, environment)  # page cache and byte code
        for _ in range(rounds):
            for code, measured in times.items():
                measured.append(seconds(code, environment))
    imports, window = (statistics.median(times[code]) for code in (IMPORTS, WINDOW))
    limit = 1.5 * imports + 0.5
    print("| figure | median s | min s | max s |\n|---|---|---|---|")
    for name, code in (("imports alone", IMPORTS), ("process start to window shown", WINDOW)):
        values = times[code]
        print(f"| {name} | {statistics.median(values):.2f} | {min(values):.2f} | {max(values):.2f} |")
    print(
        f"\nratio {window / imports:.2f}; limit (1.5 x imports + 0.5 s) {limit:.2f} s; met: {window <= limit}"
    )


if __name__ == "__main__":
    main()
