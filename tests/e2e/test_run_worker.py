"""The worker process: jobs in, messages out, and no error that ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from desktop_app import errors
from desktop_app.domain.recipe import Recipe, Step, TileSettings
from desktop_app.engine.job import Failed, Finished, Job, JobControl, LogLine, Progress
from desktop_app.errors import EngineError, PluginError, UnsupportedSlideError
from desktop_app.storage.locations import Locations
from desktop_app.worker import run_job
from tests.support.slide_factory import write_pyramid
from tests.support.worker_process import started_worker

CHECKOUT = Path(__file__).resolve().parents[2]

PLUGIN = """
    api_version = 0
    id = "odd"
    name = "Odd"
    version = "1.0"
    licence = "CC0-1.0"
    description = "Misbehaves on purpose."

    [[provides]]
    kind = "tissue_detector"
    id = "slow"
    name = "Slow"
    entry = "odd:Slow"

    [[provides]]
    kind = "tissue_detector"
    id = "raises"
    name = "Raises"
    entry = "odd:Raises"
"""

CODE = """
    import numpy as np

    class Slow:
        def detect(self, slide, *, target_mpp=None):
            while True:
                slide.read_region((0, 0), 0, (8, 8))

    class Raises:
        def detect(self, slide, *, target_mpp=None):
            raise AttributeError(f"no such thing as {slide.info.path}")
"""


@pytest.fixture
def locations(own_home: Path) -> Locations:
    """User folders with a plugin that misbehaves, trusted."""
    from desktop_app.plugin_host import PluginHost

    found = Locations.default()
    folder = found.user_plugins / "odd"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(textwrap.dedent(PLUGIN))
    (folder / "odd.py").write_text(textwrap.dedent(CODE))
    PluginHost(found.bundled_plugins, found.user_plugins, found.trust_file).trust("odd")
    return found


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    """Pink noise on white, 512 px at 0.5 mpp."""
    pixels = np.full((512, 640, 3), 245, dtype=np.uint8)
    noise = np.random.default_rng(0).integers(0, 40, (384, 512, 3))
    pixels[64:-64, 64:-64] = (np.array([190, 110, 160]) + noise).astype(np.uint8)
    return write_pyramid(tmp_path / "슬라이드 Kim.svs", pixels, description="Aperio Image Library|MPP = 0.5")


def job_for(slide: Path, out: Path, tissue: str = "tissue_otsu/saturation", job_id: str = "job") -> Job:
    recipe = Recipe("test", Step(tissue), tiles=TileSettings(64))
    return Job(job_id, slide, recipe, out)


def test_one_worker_does_good_and_bad_jobs_one_after_the_other(
    slide: Path, locations: Locations, tmp_path: Path
) -> None:
    out = tmp_path / "결과"
    with started_worker(locations) as worker:
        worker.send(job_for(slide, out, job_id="good"))
        finished, earlier = worker.outcome()
        assert isinstance(finished, Finished)
        assert finished.result.geojson.exists()
        assert {message.stage for message in earlier if isinstance(message, Progress)} >= {"tissue", "write"}

        worker.send(job_for(tmp_path / "missing.svs", out, job_id="missing"))
        failed, _ = worker.outcome()
        assert isinstance(failed, Failed)
        assert (failed.job_id, failed.error, failed.cancelled) == ("missing", "UnsupportedSlideError", False)
        assert "missing.svs" in failed.sentence

        worker.send(job_for(slide, out, "odd/raises", "raises"))
        failed, earlier = worker.outcome()
        assert isinstance(failed, Failed)
        assert issubclass(getattr(errors, failed.error), EngineError | PluginError)
        log = [message.text for message in earlier if isinstance(message, LogLine)]
        assert not any("Kim" in text for text in log)

        worker.send(job_for(slide, out, job_id="after"))
        assert isinstance(worker.outcome()[0], Finished)
        worker.send(None)
        worker.process.join(20)
        assert worker.process.exitcode == 0


def test_cancel_reaches_a_plugin_that_never_returns_and_pause_holds_it(
    slide: Path, locations: Locations, tmp_path: Path
) -> None:
    with started_worker(locations) as worker:
        worker.send(job_for(slide, tmp_path / "out", "odd/slow"))
        assert isinstance(worker.receive(), Progress)
        worker.pause.set()
        assert worker.process.is_alive()
        worker.cancel.set()
        failed, _ = worker.outcome()
        assert isinstance(failed, Failed)
        assert failed.cancelled
        assert failed.error == "JobCancelledError"
        assert not (tmp_path / "out").exists()
        worker.cancel.clear()
        worker.pause.clear()
        worker.send(job_for(slide, tmp_path / "out"))
        assert isinstance(worker.outcome()[0], Finished)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_the_interrupt_of_a_terminal_is_the_parents_business(
    slide: Path, locations: Locations, tmp_path: Path
) -> None:
    with started_worker(locations) as worker:
        worker.send(job_for(slide, tmp_path / "out"))
        assert isinstance(worker.receive(), Progress)
        os.kill(worker.process.pid, signal.SIGINT)
        assert isinstance(worker.outcome()[0], Finished)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_worker_whose_parent_was_killed_ends_itself(locations: Locations, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import sys, time
            sys.path.insert(0, {str(CHECKOUT)!r})
            import multiprocessing
            from desktop_app.storage.locations import Locations
            from desktop_app.worker import serve

            if __name__ == "__main__":
                context = multiprocessing.get_context("spawn")
                ours, theirs = context.Pipe()
                events = context.Event(), context.Event()
                worker = context.Process(target=serve, args=(theirs, *events, Locations.default()))
                worker.start()
                print(worker.pid, flush=True)
                time.sleep(60)
            """
        )
    )
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    state = Path(f"/proc/{pid}/stat")
    assert state.exists()
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z":
        assert time.monotonic() < deadline, "the worker outlived its parent"
        time.sleep(0.05)


def test_importing_the_worker_starts_nothing_heavy() -> None:
    code = (
        "import sys, desktop_app.worker;"
        "heavy = {'numpy', 'torch', 'cv2', 'PySide6', 'shapely', 'scipy'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=CHECKOUT)


def test_a_run_without_model_loads_no_torch_and_no_qt(slide: Path, tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from desktop_app.domain.recipe import Recipe, Step, TileSettings
from desktop_app.engine.job import Job, JobControl
from desktop_app.storage.locations import Locations
from desktop_app.worker import run_job
tissue, encoder = Step("tissue_otsu/saturation"), Step("encoder_texture/texture")
recipe = Recipe("test", tissue, tiles=TileSettings(64), encoder=encoder)
job = Job("job", Path({str(slide)!r}), recipe, Path({str(tmp_path / "out")!r}))
run_job(job, Locations.default(), sink=lambda message: None, control=JobControl())
heavy = {{name for name in sys.modules if name.split(".")[0] in ("torch", "PySide6", "sklearn")}}
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=CHECKOUT)


def test_a_device_that_is_not_there_is_refused(slide: Path, tmp_path: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    job = Job("job", slide, job_for(slide, tmp_path).recipe, tmp_path, device="cuda")
    with pytest.raises(EngineError, match="no CUDA device"):
        run_job(job, Locations.default(), sink=lambda _: None, control=JobControl())


def test_an_unknown_plugin_or_parameter_is_named(slide: Path, tmp_path: Path) -> None:
    def run(step: Step, path: Path = slide) -> None:
        job = Job("job", path, Recipe("test", step), tmp_path)
        run_job(job, Locations.default(), sink=lambda _: None, control=JobControl())

    with pytest.raises(PluginError, match="no plugin 'nobody'"):
        run(Step("nobody/knows"))
    with pytest.raises(PluginError, match="has no parameter 'colour'"):
        run(Step("tissue_otsu/saturation", {"colour": 3}))
    with pytest.raises(UnsupportedSlideError):
        run(Step("tissue_otsu/saturation"), tmp_path / "none.svs")
