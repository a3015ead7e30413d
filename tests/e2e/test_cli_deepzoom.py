"""``coverslip deepzoom`` and pixel size tables on the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import desktop_app.worker
from desktop_app.cli import run_command
from desktop_app.engine.job import Job, JobControl, MessageSink, RunResult
from desktop_app.storage.locations import Locations
from tests.support.slide_factory import textured, write_pyramid

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    return write_pyramid(tmp_path / "슬라이드.tif", textured(700, 500), mpp=None)


def test_deepzoom_writes_what_it_says(
    slide: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new folder" / "web.dzi"
    assert run_command(["deepzoom", str(slide), str(out), "--tile-size", "100", "--overlap", "0"]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == f"59 tiles written to {out}"
    assert "59 of 59 tiles" in said.err
    assert len(list((tmp_path / "new folder" / "web_files").rglob("*.jpeg"))) == 59
    assert 'Width="700"' in out.read_text()


@pytest.mark.parametrize(
    ("levels", "folders"), [("9", {"9"}), ("8-9", {"8", "9"}), ("0,3-4,9-", {"0", "3", "4", "9", "10"})]
)
def test_deepzoom_writes_some_levels(slide: Path, tmp_path: Path, levels: str, folders: set[str]) -> None:
    command = ["deepzoom", str(slide), str(tmp_path / "x"), "--format", "png", "--levels", levels]
    assert run_command(command) == 0
    assert {path.name for path in (tmp_path / "x_files").iterdir() if path.is_dir()} == folders


@pytest.mark.parametrize("levels", ["11", "5-3", "x", "-1", "1,,2"])
def test_deepzoom_refuses_levels_that_are_not_there(slide: Path, tmp_path: Path, levels: str) -> None:
    assert run_command(["deepzoom", str(slide), str(tmp_path / "x"), f"--levels={levels}"]) == 2
    assert not (tmp_path / "x_files").exists()


def test_deepzoom_says_what_is_in_the_way(
    slide: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.dzi").write_text("mine")
    assert run_command(["deepzoom", str(slide), str(tmp_path / "x")]) == 1
    assert "choose another name" in capsys.readouterr().err
    assert (tmp_path / "x.dzi").read_text() == "mine"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a child")
def test_an_interrupted_export_leaves_nothing(tmp_path: Path) -> None:
    slide = write_pyramid(tmp_path / "a.tif", textured(3000, 2500), jpeg=True)
    out = tmp_path / "out" / "x"
    command = [sys.executable, "-m", "desktop_app", "deepzoom", str(slide), str(out), "--tile-size", "16"]
    with subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while not (tmp_path / "out").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "nothing was written" in said
    assert list((tmp_path / "out").iterdir()) == []


def test_info_finds_the_table_beside_a_slide(slide: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = slide.with_name("coverslip-mpp.csv")
    table.write_text("slide,mpp\n슬라이드,0.25\n", encoding="utf-8")
    assert run_command(["info", str(slide), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["mpp"], report["mpp_source"]) == ([0.25, 0.25], "table")
    table.write_text("slide,mpp\nx,y\n")
    assert run_command(["info", str(slide)]) == 0
    said = capsys.readouterr()
    assert "line 2" in said.err
    assert "unknown" in said.out


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """The jobs that a run asks the worker for."""
    found: list[Job] = []

    def note(job: Job, locations: Locations, *, sink: MessageSink, control: JobControl) -> RunResult:
        found.append(job)
        return RunResult(job.job_id, job.out / "a.geojson", job.out / "a.json")

    monkeypatch.setattr(desktop_app.worker, "run_job", note)
    return found


def test_a_run_takes_pixel_sizes_from_the_table_beside_each_slide(
    slide: Path, tmp_path: Path, jobs: list[Job]
) -> None:
    (tmp_path / "other").mkdir()
    other = write_pyramid(tmp_path / "other" / "b.tif")
    slide.with_name("coverslip-mpp.csv").write_text(
        "slide,mpp_x,mpp_y\n슬라이드,0.25,0.26\n", encoding="utf-8"
    )
    assert run_command(["run", str(slide), str(other), "--out", str(tmp_path / "out")]) == 0
    assert [job.table_mpp for job in jobs] == [(0.25, 0.26), None]


def test_a_run_takes_pixel_sizes_from_the_table_that_is_named(
    slide: Path, tmp_path: Path, jobs: list[Job], capsys: pytest.CaptureFixture[str]
) -> None:
    slide.with_name("coverslip-mpp.csv").write_text("slide,mpp\n슬라이드,0.25\n", encoding="utf-8")
    table = tmp_path / "lab.csv"
    table.write_text("slide,mpp\n슬라이드.tif,0.5\n", encoding="utf-8")
    command = ["run", str(slide), "--out", str(tmp_path / "out"), "--mpp-table", str(table)]
    assert run_command(command) == 0
    assert [job.table_mpp for job in jobs] == [(0.5, 0.5)]
    table.write_text("slide,mpp\na,0,5\n")
    assert run_command(command) == 2
    assert "line 2" in " ".join(capsys.readouterr().err.split())
    assert len(jobs) == 1
