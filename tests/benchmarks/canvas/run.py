"""The whole table of the canvas: one command, resumable row by row.

    .venv/bin/python tests/benchmarks/canvas/run.py [--rows 4,5] [--again] [--table]

Runs the scripts of this folder and keeps what they measured in the cache folder. ``--again`` measures rows
that are already there, ``--table`` only prints. The table is Markdown.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from big_slide import big_slides, cache_folder

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from table import Aim, Figures, Row, Table, printed_json

ROWS = (
    Row(
        1,
        "tile reading, JPEG tiles of the file, 256 px, 1 thread: ours ÷ OpenSlide; ours ÷ raw libjpeg-turbo",
        "tifffile 4.7 and 0.95, cuCIM 4.2",
        "≥ 4 and ≥ 0.8",
        ("tile_reading",),
        (Aim("aligned_openslide", 4, at_least=True), Aim("aligned_turbo", 0.8, at_least=True)),
    ),
    Row(
        2,
        "same, arbitrary 256-px windows, no tile cache: ours ÷ OpenSlide",
        "cuCIM 2.0; four full decodes 1.75",
        "≥ 1.6",
        ("tile_reading",),
        (Aim("anywhere_openslide", 1.6, at_least=True),),
    ),
    Row(
        3,
        "process start → whole slide sharp ÷ → empty window, same imports: canvas alone; whole window",
        "1.2–1.4",
        "≤ 1.3",
        ("starts",),
        (Aim("start_canvas", 1.3), Aim("start_window", 1.3)),
        "{start_canvas_s:.2f} s and {start_window_s:.2f} s",
    ),
    Row(
        4,
        "cold jump → sharp ÷ OpenSlide decoding the same tiles, same threads: JPEG tiles; others median, p90",
        "1.25–1.8 through OpenSlide",
        "≤ 0.5; ≤ 1.3, ≤ 1.8",
        ("jumps",),
        (Aim("jump_direct", 0.5), Aim("jump_other", 1.3), Aim("jump_other_p90", 1.8)),
        "{jump_direct_ms:.1f} ms beside {jump_openslide_ms:.1f} ms",
    ),
    Row(
        5,
        "longest event-loop gap during jumps",
        "8–17 ms",
        "≤ 12 ms",
        ("jumps",),
        (Aim("gap_ms", 12, text="{:.1f} ms"),),
        "median {gap_median_ms:.1f} ms; empty canvas {gap_empty_ms:.1f} ms",
    ),
    Row(
        6,
        "60-Hz pan and zoom for 10 s: paint p99; frames later than 33 ms",
        "20 ms; 2.2 %",
        "≤ 16.7 ms; ≤ 0.5 %",
        ("frames",),
        (Aim("paint_p99_ms", 16.7, text="{:.1f} ms"), Aim("late_percent", 0.5, text="{:.2f} %")),
        "p50 {paint_p50_ms:.1f} ms; empty canvas {paint_empty_p99_ms:.1f} ms, {late_empty_percent:.2f} %",
    ),
    Row(
        7,
        "the same while an analysis runs in its niced worker: p95 ÷ without",
        "1.2",
        "≤ 1.2",
        ("frames",),
        (Aim("analysis", 1.2),),
    ),
    Row(
        8,
        "ICC + stain view + gamma on ÷ off: sharp after a jump; frame p95",
        "lookup 0.10 ms beside 0.14 ms of decoding",
        "≤ 1.3; ≤ 1.05",
        ("jumps", "frames"),
        (Aim("display_jump", 1.3), Aim("display_frame", 1.05)),
    ),
    Row(
        9,
        "factor-4 pyramid, view between two levels ÷ factor-2: first picture at half resolution; sharp",
        "3–5",
        "≤ 1; ≤ 2",
        ("between_levels",),
        (Aim("between_first", 1.0), Aim("between_sharp", 2.0)),
    ),
    Row(
        10,
        "rotated 17° ÷ unrotated, paint p95",
        "2–3",
        "≤ 2",
        ("frames",),
        (Aim("turned", 2.0),),
    ),
    Row(
        11,
        "RSS ÷ (cache cap + base), cache full",
        "1.0",
        "≤ 1.1",
        ("memory",),
        (Aim("memory", 1.1),),
        "{memory_mb:.0f} MB, base {base_mb:.0f} MB",
    ),
    Row(
        12,
        "napari (zarr multiscale), same slide and view ÷ ours: first picture; jump; pan frame",
        "3–5 s; 44–57 ms; 28–45 ms",
        "≥ 6; ≥ 2; ≥ 4",
        ("beside_napari",),
        (
            Aim("napari_first", 6, at_least=True, text="{:.1f}"),
            Aim("napari_jump", 2, at_least=True, text="{:.1f}"),
            Aim("napari_pan", 4, at_least=True, text="{:.1f}"),
        ),
        "{napari_first_theirs:.1f} s, {napari_jump_theirs:.0f} ms, {napari_pan_theirs:.0f} ms",
    ),
    Row(
        13,
        "bytes that differ from OpenSlide at 1:1 and at level 1",
        "0",
        "0",
        ("tile_reading",),
        (Aim("differing_bytes", 0, text="{:.0f}"),),
    ),
)

TILE_READING = (
    (r"^  1 .*÷ OpenSlide\s+([\d.]+)", "aligned_openslide", min),
    (r"^  1 .*libjpeg-turbo\s+([\d.]+)", "aligned_turbo", min),
    (r"^  2 .*÷ OpenSlide\s+([\d.]+)", "anywhere_openslide", min),
    (r"^  13 .*level \d+\s+(\d+)", "differing_bytes", sum),
)
"""Lines of ``tile_reading.py``: the worst of its slides counts, for speed of those with tiles of 256 px."""


def figures_of(script: str, output: str) -> Figures:
    """What a script printed."""
    if script != "tile_reading":
        return printed_json(script, output)
    slides = re.split(r"^(?=\S.*, tiles of )", output, flags=re.MULTILINE)
    common = "".join(slide for slide in slides if "tiles of 256 px" in slide)
    found: Figures = {}
    for pattern, name, worst in TILE_READING:
        text = output if name == "differing_bytes" else common
        values = [float(value) for value in re.findall(pattern, text, re.MULTILINE)]
        if not values:
            raise SystemExit(f"tile_reading.py printed nothing like {pattern!r}")
        found[name] = worst(values)
    return found


def main() -> None:
    """Measure what is wanted and not there, and print the table."""
    Table(ROWS, Path(__file__).resolve().parent, cache_folder() / "canvas_figures.json", figures_of).run(
        __doc__, big_slides
    )


if __name__ == "__main__":
    main()
