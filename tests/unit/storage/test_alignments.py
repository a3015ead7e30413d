"""Alignments of slides on disk: they come back, and damage costs only what is damaged."""

from __future__ import annotations

from pathlib import Path

from desktop_app.domain.alignment import Alignment
from desktop_app.storage.alignments import read_alignments, write_alignments
from desktop_app.storage.slide_memory import SlideMemory

PAIR = Alignment(17.25, 0.5, True, (1234.5, -9876.25))


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    memory = SlideMemory(tmp_path / "슬라이드")
    assert read_alignments(memory) == {}
    write_alignments(memory, {"other": PAIR, "third": Alignment()})
    assert read_alignments(memory) == {"other": PAIR, "third": Alignment()}
    write_alignments(memory, {})
    assert read_alignments(memory) == {}


def test_a_damaged_entry_is_left_out(tmp_path: Path) -> None:
    memory = SlideMemory(tmp_path)
    good = {"rotation_deg": 17.25, "scale": 0.5, "mirrored": True, "shift": [1234.5, -9876.25]}
    damaged = [7, {}, {**good, "scale": 0}, {**good, "shift": [1]}, {**good, "rotation_deg": "x"}]
    memory.write("alignments", {"good": good, **{str(number): bad for number, bad in enumerate(damaged)}})
    assert read_alignments(memory) == {"good": PAIR}
