"""The whole table of annotations: one command, resumable row by row.

    .venv/bin/python tests/benchmarks/annotation/run.py [--rows 4,5] [--again] [--table]

Runs the scripts of this folder and keeps what they measured in the cache folder. ``--again`` measures rows
that are already there, ``--table`` only prints. The table is Markdown.
"""

from __future__ import annotations

import sys
from pathlib import Path

from crowd import big_slides, cache_folder, stored

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from table import Aim, Row, Table, printed_json

ROWS = (
    Row(
        1,
        "cold jump → slide and overlay sharp, with 10⁶ ÷ without",
        "1.0–1.25",
        "≤ 1.2",
        ("cold_jumps",),
        (Aim("jump", 1.2),),
        "{jump_ms:.1f} ms, {jump_without_ms:.1f} ms; through OpenSlide {jump_openslide:.2f}, "
        "{jump_openslide_ms:.1f} and {jump_openslide_without_ms:.1f} ms",
    ),
    Row(
        2,
        "60-Hz pan and zoom with 10⁶: paint p99; p50 ÷ without",
        "25–36 ms loaded; 1.5",
        "≤ 16.7 ms; ≤ 1.4",
        ("moving",),
        (Aim("paint_p99_ms", 16.7, text="{:.1f} ms"), Aim("paint_p50_ratio", 1.4)),
        "without: p99 {paint_bare_p99_ms:.1f} ms; p50 {paint_p50_ms:.1f} and {paint_bare_p50_ms:.1f} ms",
    ),
    Row(
        3,
        "edit one of 10⁶ → changed on screen; ÷ one of 10⁴",
        "2.4–5 ms",
        "≤ 8 ms; ≤ 1.5",
        ("edits",),
        (Aim("edit_ms", 8, text="{:.1f} ms"), Aim("edit_ratio", 1.5)),
        "of 10⁴ {edit_few_ms:.1f} ms",
    ),
    Row(
        4,
        "undo of that edit with 10⁶ ÷ with 10⁴",
        "QuPath: off above 10⁴",
        "≤ 1.5",
        ("edits",),
        (Aim("undo_ratio", 1.5),),
        "{undo_state_ms:.1f} ms; until it is on the screen {undo_shown_ratio:.2f}, {undo_ms:.1f} ms",
    ),
    Row(
        5,
        "hit test in 10⁶; in 10⁶ overlapping a 200,000-vertex polygon",
        "13 µs",
        "≤ 0.1 ms; ≤ 1 ms",
        ("hits",),
        (Aim("hit_1000000_ms", 0.1, text="{:.3f} ms"), Aim("hit_large_ms", 1, text="{:.3f} ms")),
        "p99 {hit_1000000_p99_ms:.2f} and {hit_large_p99_ms:.2f} ms; its first {hit_large_first_ms:.0f} ms",
    ),
    Row(
        6,
        "recolor or hide a class of 10⁶ → visible tiles repainted",
        "napari hangs",
        "≤ 0.3 s",
        ("classes",),
        (Aim("class_s", 0.3, text="{:.2f} s"),),
        "at 40×: {recolor_near_s:.3f} and {hide_near_s:.3f} s; whole slide: {recolor_whole_s:.2f} and "
        "{hide_whole_s:.2f} s",
    ),
    Row(
        7,
        "GeoJSON of 10⁵ read to drawable: ours ÷ geopandas; ÷ json+shapely; memory growth ÷ file size (10⁶)",
        "parse alone: byte scan 0.31 of geopandas; readers grow by 2–5.7 GB at 10⁶",
        "≤ 0.5; ≤ 0.25; ≤ 4, linear",
        ("geojson",),
        (Aim("read_geopandas", 0.5), Aim("read_json_shapely", 0.25), Aim("read_memory_large", 4)),
        "with 10⁵ {read_memory:.2f}; 10⁶ in {read_linear:.2f} × ten times as long",
    ),
    Row(
        8,
        "GeoJSON of 10⁵ written: ours ÷ orjson feature by feature; memory growth at 10⁶",
        "geopandas 10",
        "≤ 1.3; ≤ 50 MB",
        ("geojson",),
        (Aim("write_orjson", 1.3), Aim("write_memory_mb", 50, text="{:.0f} MB")),
        "10⁵ in {write_s:.2f} s, 10⁶ in {write_large_s:.1f} s",
    ),
    Row(
        9,
        "edit durable on disk (journal commit) ÷ one fsync of 4 kB",
        "",
        "≤ 2",
        ("commits",),
        (Aim("commit", 2),),
        "{commit_ms:.1f} ms, {fsync_ms:.1f} ms",
    ),
    Row(
        10,
        "open a document of 10⁶ from the journal ÷ reading its arrays from a file",
        "",
        "≤ 3",
        ("opening",),
        (Aim("open", 3),),
        "{open_s:.2f} s; {arrays_mb:.0f} MB in {read_s:.2f} s",
    ),
    Row(
        11,
        "sort the table of 10⁶ by area ÷ numpy argsort of the column",
        "",
        "≤ 3",
        ("sorting",),
        (Aim("sort", 3),),
        "{sort_s:.2f} s; the first time, with the areas, {first_sort_s:.2f} s",
    ),
    Row(
        12,
        "RSS for 10⁶ ÷ their vertices as float32",
        "2.2",
        "≤ 3",
        ("held_memory",),
        (Aim("held", 3),),
        "{held_mb:.0f} MB, vertices {vertices_mb:.0f} MB",
    ),
    Row(
        13,
        "napari shapes (bermuda backend) ÷ ours: add and pan frame with 10⁴; with 10⁵",
        "3.3 s, 204 ms; 18 s, 1.66 s",
        "≥ 10, ≥ 20; ≥ 15, ≥ 100",
        ("beside_shapes",),
        (
            Aim("napari_add_10k", 10, at_least=True, text="{:.0f}"),
            Aim("napari_pan_10k", 20, at_least=True, text="{:.0f}"),
            Aim("napari_add_100k", 15, at_least=True, text="{:.0f}"),
            Aim("napari_pan_100k", 100, at_least=True, text="{:.0f}"),
        ),
        "theirs {napari_add_10k_s:.1f} s, {napari_pan_10k_ms:.0f} ms; {napari_add_100k_s:.0f} s, "
        "{napari_pan_100k_ms:.0f} ms",
    ),
)


def prepare() -> None:
    """Write the slide and the journals."""
    big_slides()
    for count in (1, 10**4, 10**6):
        stored(count)


def main() -> None:
    """Measure what is wanted and not there, and print the table."""
    kept = cache_folder() / "annotation_figures.json"
    Table(ROWS, Path(__file__).resolve().parent, kept, printed_json).run(__doc__, prepare)


if __name__ == "__main__":
    main()
