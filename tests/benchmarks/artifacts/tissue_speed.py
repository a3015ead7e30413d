"""Tissue of a large slide: ours beside reading the same level with one Otsu, and beside TIAToolbox.

    .venv/bin/python tests/benchmarks/artifacts/tissue_speed.py [SLIDE]

The slide is that of the canvas's benchmarks unless another is named (59,904 × 59,904 px, 0.25 µm per pixel,
levels of factor 2). The floor reads the level that our overview is made of, as the slide gives it, and
thresholds its saturation by OpenCV's Otsu; it cleans nothing and draws no outlines. TIAToolbox is measured
where ``$COVERSLIP_TIATOOLBOX`` names a Python that has it, in a process of its own that times itself. Every
figure is the median of five, interleaved for ours and the floor.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

CHECKOUT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "tests"), str(CHECKOUT / "tests/benchmarks/annotation")]

from crowd import big_slides  # noqa: E402 - found by the path set above
from support.plugin_cases import bundled_host  # noqa: E402

from desktop_app.slides import Slide  # noqa: E402
from desktop_app.worker import slide_opener  # noqa: E402

ROUNDS = 5
USES = ("tissue_otsu/saturation", "tissue_otsu/gigapath", "tissue_stain/entropy", "tissue_stain/any_stain")

PEER = """
import statistics, sys, time
from tiatoolbox.wsicore.wsireader import WSIReader
times = []
for _ in range(5):
    reader, start = WSIReader.open(sys.argv[1]), time.perf_counter()
    reader.tissue_mask("morphological", resolution=1.25, units="power")
    times.append(time.perf_counter() - start)
print(statistics.median(times))
"""


def floor(slide: Slide, mpp: float) -> Callable[[], object]:
    """Reading the level of that mpp and one Otsu."""
    base = slide.info.require_mpp()[0]
    level = min(slide.info.levels, key=lambda one: abs(one.downsample * base - mpp))

    def run() -> object:
        argb = slide.read_argb((0, 0), level.index, level.size)
        hsv = cv2.cvtColor(np.ascontiguousarray(argb[..., :3]), cv2.COLOR_BGR2HSV)
        return cv2.threshold(cv2.extractChannel(hsv, 1), 0, 255, cv2.THRESH_OTSU)

    return run


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Print a line for each figure."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else big_slides()[0]
    host = bundled_host(Path("nowhere"))
    with slide_opener(host).open(path, mpp=0.25) as slide:
        calls: dict[str, Callable[[], object]] = {
            "floor 4 µm/px": floor(slide, 4.0),
            "floor 8 µm/px": floor(slide, 8.0),
        }
        for use in USES:
            detector = host.build("tissue_detector", use, {})
            calls[use] = lambda detector=detector: detector.detect(slide)
        times: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(ROUNDS):
            for name, call in calls.items():
                times[name].append(timed(call))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, seconds in medians.items():
        print(f"{name}: {seconds:.3f} s")
    print(f"saturation ÷ floor at its resolution: {medians[USES[0]] / medians['floor 4 µm/px']:.2f}")
    print(f"any_stain ÷ floor at its resolution: {medians[USES[3]] / medians['floor 8 µm/px']:.2f}")
    if peer := os.environ.get("COVERSLIP_TIATOOLBOX"):
        done = subprocess.run([peer, "-c", PEER, str(path)], capture_output=True, text=True, check=True)
        theirs = float(done.stdout.splitlines()[-1])
        print(f"TIAToolbox: {theirs:.3f} s, ÷ saturation {theirs / medians[USES[0]]:.2f}")


if __name__ == "__main__":
    main()
