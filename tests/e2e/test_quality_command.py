"""``coverslip quality`` on a folder."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from desktop_app.cli import run_command
from tests.support.plugin_cases import stained_tiles
from tests.support.slide_factory import write_pyramid


def write_slide(path: Path) -> Path:
    pixels = np.full((700, 900, 3), 243, np.uint8)
    pixels[100:612, 200:712] = stained_tiles(1, 512)[0]
    return write_pyramid(path, pixels, levels=2, mpp=1.0)


def test_a_folder_becomes_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "슬라이드"
    folder.mkdir()
    for name in ("b.tif", "a.tif"):
        write_slide(folder / name)
    (folder / ".hidden").write_text("x")
    out = tmp_path / "quality.csv"

    assert run_command(["quality", str(folder), "--out", str(out)]) == 0

    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["slide"] for row in rows] == ["a.tif", "b.tif"]
    assert float(rows[0]["tissue_mm2"]) == pytest.approx(0.262, rel=0.1)
    assert float(rows[0]["in_focus_share"]) > 0.9
    assert float(rows[0]["pen_mm2"]) == 0
    assert "2 of 2 slides measured" in capsys.readouterr().out


def test_a_slide_that_fails_has_its_row_and_the_others_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, out = tmp_path / "bad.svs", tmp_path / "quality.json"
    bad.write_bytes(b"no slide")

    code = run_command(["quality", str(bad), str(write_slide(tmp_path / "good.tif")), "--out", str(out)])

    assert code == 1
    first, second = json.loads(out.read_text(encoding="utf-8"))
    assert first["slide"] == "bad.svs"
    assert "bad.svs" in first["error"]
    assert second["error"] == ""
    assert second["tissue_mm2"] > 0.2
    assert "bad.svs" in capsys.readouterr().err


def test_another_ending_is_a_wrong_use(tmp_path: Path) -> None:
    slide = write_slide(tmp_path / "a.tif")

    assert run_command(["quality", str(slide), "--out", str(tmp_path / "quality.xlsx")]) == 2
