"""``coverslip run`` on a fluorescence slide: one sentence, no files, and the other slides go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.cli import run_command
from tests.support.tiff_factory import channel_values, write_ome


def test_a_fluorescence_slide_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stated = {f"PhysicalSize{axis}": 0.5 for axis in "XY"}
    path = write_ome(tmp_path / "형광.ome.tif", channel_values(), metadata=stated)
    out = tmp_path / "out"
    assert run_command(["run", str(path), "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert "tissue_otsu/saturation needs a brightfield (H&E or IHC) slide" in said.replace("\n", " ")
    assert [file.name for file in out.iterdir() if not file.name.startswith(".")] == []
