"""The demonstration on a slide small enough for a test: drawn, run, scored, and shown."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import numpy as np
import orjson
from PIL import Image

from desktop_app.demonstration.demo import DEMO_SEED, REPORT_NAME, run_demo
from desktop_app.demonstration.spec import SlideSpec
from desktop_app.demonstration.training import HELD_OUT_SEEDS, TRAINING_SEEDS, VALIDATION_SEEDS
from desktop_app.engine.job import Job, JobControl, RunResult
from desktop_app.storage.locations import Locations
from desktop_app.storage.recipes import find_recipe
from desktop_app.worker import run_job
from tests.support.slide_factory import write_pyramid


def run(slide: Path, out: Path) -> RunResult:
    locations = Locations.default()
    recipe = find_recipe("demonstration", locations.recipes)
    job = Job(uuid.uuid4().hex, slide, recipe, out)
    return run_job(job, locations, sink=lambda _message: None, control=JobControl())


def test_the_demonstrations_slide_is_one_the_model_has_not_seen() -> None:
    assert all(DEMO_SEED not in seeds for seeds in (TRAINING_SEEDS, VALIDATION_SEEDS, HELD_OUT_SEEDS))


def test_the_whole_path_on_a_small_slide(tmp_path: Path) -> None:
    out = tmp_path / "데모"
    spec = SlideSpec.draw(77, label=True, size=(4000, 3200))
    said: list[str] = []
    report = run_demo(out, run=run, echo=said.append, spec=spec)
    written = orjson.loads((out / REPORT_NAME).read_bytes())
    assert written["label"] is True
    assert written["probability"] == report.probability > 0.5
    assert written["tile_auroc"] == report.tile_auroc
    assert report.tile_auroc is not None
    assert report.tile_auroc > 0.9
    assert written["result"]["prediction"] == f"{report.slide.stem}.prediction.json"
    prediction = orjson.loads((out / written["result"]["prediction"]).read_bytes())
    assert prediction["demonstration"] is True
    assert prediction["warning"] == ""
    drawn_at = report.slide.stat().st_mtime_ns
    again = run_demo(out, run=run, echo=said.append, spec=spec)
    assert again.slide.stat().st_mtime_ns == drawn_at
    assert again.probability == report.probability
    assert any(line.startswith("Using the slide drawn before") for line in said)


def test_without_a_display_a_picture_of_the_window_is_taken(tmp_path: Path) -> None:
    slide = write_pyramid(tmp_path / "가.tiff", size=(900, 700))
    picture = tmp_path / "window.png"
    code = "import sys, pathlib as p; from desktop_app.app import run; "
    code += "sys.exit(run([p.Path(sys.argv[1])], picture=p.Path(sys.argv[2])))"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", code, str(slide), str(picture)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert done.stderr == ""
    pixels = np.asarray(Image.open(picture).convert("RGB"))
    assert pixels.shape[1] > 600
    assert len(np.unique(pixels[::40, ::40].reshape(-1, 3), axis=0)) > 8
