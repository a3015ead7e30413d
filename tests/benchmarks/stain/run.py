"""The table of stain normalization: one command.

    .venv/bin/python tests/benchmarks/stain/run.py [--rows 1,3] [--again] [--table]

Runs the script of this folder and keeps what it measured in the cache folder. The table is Markdown.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from table import Aim, Row, Table, printed_json

ROWS = (
    Row(
        1,
        "slide-fitted Macenko, apply only, 256 px: ours ÷ bare OpenCV apply; 64 tiles at once; 1024 px",
        "OpenCV 0.12 ms; torchstain per tile 4.1–6.5, TIAToolbox 9.3",
        "≤ 1.2",
        ("tiles",),
        (Aim("apply_ratio", 1.2), Aim("apply_64_ratio", 1.2), Aim("apply_1024_ratio", 1.2)),
        "{apply_256:.2f} ms, OpenCV {opencv_256:.2f} ms; torchstain's fit per tile ÷ ours {design_gain:.0f}, "
        "a gain of the design",
    ),
    Row(
        2,
        "Macenko, fit and apply per tile: torchstain ÷ ours; with a sub-sampled fit; its gray levels apart",
        "4.1 ms against a numpy floor of 3.3",
        "≥ 1.5; ≥ 5; ≤ 1",
        ("tiles",),
        (Aim("fit_gain", 1.5, at_least=True), Aim("sub_gain", 5, at_least=True), Aim("sub_levels", 1)),
        "{macenko_fit_256:.2f} and {macenko_sub_256:.2f} ms, torchstain {torchstain_256:.2f} ms",
    ),
    Row(
        3,
        "Reinhard, 256 px: TIAToolbox ÷ ours",
        "1.5 ms against 0.63",
        "≥ 2",
        ("tiles",),
        (Aim("reinhard_gain", 2, at_least=True),),
        "{reinhard_256:.2f} ms, TIAToolbox {tiatoolbox_reinhard_256:.2f} ms",
    ),
    Row(
        4,
        "Vahadane, fit and apply, 256 px: TIAToolbox ÷ ours",
        "31 ms (staintools 1,020)",
        "≥ 3",
        ("tiles",),
        (Aim("vahadane_gain", 3, at_least=True),),
        "{vahadane_fit_256:.1f} ms, TIAToolbox {tiatoolbox_vahadane_256:.1f} ms",
    ),
    Row(
        5,
        "Macenko, slide-fitted, 1024 px: torchstain per tile ÷ ours",
        "55 ms (TIAToolbox 178) against 6.6",
        "≥ 6",
        ("tiles",),
        (Aim("large_gain", 6, at_least=True),),
        "{apply_1024:.1f} ms, torchstain {torchstain_1024:.0f} ms",
    ),
)


def cache_folder() -> Path:
    """Where figures are kept."""
    bench = os.environ.get("COVERSLIP_BENCH") or Path(tempfile.gettempdir()) / "coverslip-bench"
    folder = Path(bench)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def main() -> None:
    """Measure what is wanted and not there, and print the table."""
    kept = cache_folder() / "stain_figures.json"
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    Table(ROWS, Path(__file__).resolve().parent, kept, printed_json).run(__doc__, cache_folder)


if __name__ == "__main__":
    main()
