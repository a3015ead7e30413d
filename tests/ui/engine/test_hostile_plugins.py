"""Plugins that crash, hang, ask for all the memory or answer nonsense: each costs its job and is named."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.recipe import Recipe, Step, TileSettings
from desktop_app.engine.job import Failed, Job
from desktop_app.plugin_host import PluginHost
from desktop_app.storage.locations import Locations
from desktop_app.ui.engine.job_engine import JobEngine
from desktop_app.ui.engine.plugin_watch import Overdue
from desktop_app.ui.plugin_log import PluginLog
from tests.support.slide_factory import write_pyramid

WAIT_MS = 60_000

CODE = """
    import ctypes
    import logging
    import os
    import threading

    import numpy as np
    from shapely import Polygon, box

    from desktop_app.plugin_api import Tissue

    BOW_TIE = Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])


    class Bad:
        def __init__(self, how):
            self.how = how

        def detect(self, slide, *, target_mpp=None):
            return getattr(self, self.how)()

        def crash(self):
            ctypes.string_at(0)

        def leave(self):
            os._exit(5)

        def hang(self):
            threading.Event().wait()

        def memory(self):
            return [np.empty(2**33, np.uint8) for _ in range(1000)]

        def talks(self):
            logging.getLogger(__name__).info("looking at %s", "slide.svs")
            logging.getLogger("elsewhere").warning("not of a plugin")
            return None

        def raises(self):
            raise KeyError("tissue")

        def ends(self):
            raise SystemExit("bye")

        def nothing(self):
            return None

        def shape(self):
            return self.tissue(np.zeros((4, 5, 3), bool))

        def not_a_number(self):
            return self.tissue(np.full((4, 5), np.nan))

        def threshold(self):
            return self.tissue(np.ones((4, 5), bool), threshold=float("nan"))

        def geometry(self):
            return self.tissue(np.ones((4, 5), bool), polygons=(BOW_TIE,))

        def good(self):
            return self.tissue(np.ones((4, 5), bool))

        def tissue(self, mask, **changed):
            parts = {"mpp": (64.0, 64.0), "threshold": 0.0, "polygons": (box(0, 0, 640, 512),)}
            return Tissue(mask, **{**parts, **changed})
"""

WAYS = ["good", "crash", "leave", "hang", "memory", "raises", "ends"]
WAYS += ["talks", "nothing", "shape", "not_a_number", "threshold", "geometry"]

MANIFEST = f"""
    api_version = 0
    id = "bad_apple"
    name = "Bad apple"
    version = "1.0"
    licence = "CC0-1.0"
    description = "Does every wrong thing there is."

    [[provides]]
    kind = "tissue_detector"
    id = "bad"
    name = "Bad"
    entry = "bad:Bad"

    [[provides.params]]
    name = "how"
    type = "choice"
    default = "raises"
    label = "How"
    choices = {WAYS}
"""


@pytest.fixture
def locations(own_home: Path) -> Locations:
    """User folders with the bad plugin, trusted."""
    found = Locations.default()
    folder = found.user_plugins / "bad_apple"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(textwrap.dedent(MANIFEST))
    (folder / "bad.py").write_text(textwrap.dedent(CODE))
    PluginHost(found.bundled_plugins, found.user_plugins, found.trust_file).trust("bad_apple")
    return found


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    pixels = np.full((512, 640, 3), 245, dtype=np.uint8)
    noise = np.random.default_rng(0).integers(0, 40, (384, 512, 3))
    pixels[64:-64, 64:-64] = (np.array([190, 110, 160]) + noise).astype(np.uint8)
    return write_pyramid(tmp_path / "slide.svs", pixels, description="Aperio Image Library|MPP = 0.5")


@pytest.fixture
def engine(qapp: object, locations: Locations) -> Iterator[JobEngine]:
    engine = JobEngine(locations)
    yield engine
    engine.shutdown()


@pytest.fixture
def hasty_engine(qapp: object, locations: Locations) -> Iterator[JobEngine]:
    """An engine with little patience."""
    engine = JobEngine(locations, plugin_seconds=8.0)
    yield engine
    engine.shutdown()


def job(slide: Path, how: str) -> Job:
    step = Step("bad_apple/bad", {"how": how})
    return Job(how, slide, Recipe("bad", step, tiles=TileSettings(64)), slide.parent / "out")


def runs(engine: JobEngine, qtbot: QtBot, slide: Path) -> bool:
    """Whether a good job is done by the engine after a bad one."""
    engine.submit(job(slide, "good"))
    qtbot.waitUntil(lambda: engine.record("good").is_over, timeout=WAIT_MS)
    assert engine.record("good").failure is None
    return engine.record("good").state == "finished"


def failure_of(engine: JobEngine, qtbot: QtBot, wrong: Job) -> Failed:
    """How a job fails while the event loop turns."""
    engine.submit(wrong)
    qtbot.waitUntil(lambda: engine.record(wrong.job_id).is_over, timeout=WAIT_MS)
    failure = engine.record(wrong.job_id).failure
    assert failure is not None
    return failure


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ("raises", "PluginRunError", "KeyError: 'tissue'"),
        ("ends", "PluginRunError", "SystemExit: bye"),
        ("nothing", "PluginRunError", "must give a Tissue, it gave None"),
        ("shape", "PluginRunError", "must give a bool mask (H, W), it gave (4, 5, 3) bool"),
        ("not_a_number", "PluginRunError", "it gave (4, 5) float64, not all finite"),
        ("threshold", "PluginRunError", "must give finite numbers"),
        ("geometry", "PluginRunError", "must give valid polygons, it gave 'Self-intersection"),
    ],
)
def test_a_wrong_answer_fails_its_job_and_names_the_plugin(
    engine: JobEngine, qtbot: QtBot, slide: Path, how: str, error: str, words: str
) -> None:
    failure = failure_of(engine, qtbot, job(slide, how))
    assert failure.error == error
    assert failure.sentence.startswith("The plugin bad_apple failed: ")
    assert words in failure.sentence


def test_what_a_plugin_logs_and_how_it_fails_is_in_its_log(
    engine: JobEngine, qtbot: QtBot, slide: Path
) -> None:
    log = PluginLog(engine)
    failure_of(engine, qtbot, job(slide, "talks"))
    logged, failed = log.lines("bad_apple")
    assert logged.endswith("INFO: looking at <slide>")
    assert "must give a Tissue" in failed
    assert log.lines("elsewhere") == ()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(("how", "words"), [("crash", "segmentation fault"), ("leave", "exit code 5")])
def test_a_crash_names_the_plugin_and_the_next_job_runs(
    engine: JobEngine, qtbot: QtBot, slide: Path, how: str, words: str
) -> None:
    failure = failure_of(engine, qtbot, job(slide, how))
    assert failure.error == "PluginCrashError"
    assert "The plugin bad_apple crashed" in failure.sentence
    assert words in failure.sentence
    assert runs(engine, qtbot, slide)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such limit for a process")
def test_memory_without_end_is_refused_and_the_process_lives(
    engine: JobEngine, qtbot: QtBot, slide: Path
) -> None:
    started: list[int] = []
    engine.worker_started.connect(started.append)
    failure = failure_of(engine, qtbot, job(slide, "memory"))
    assert failure.error == "OutOfMemoryError"
    assert "the plugin bad_apple asked for more than there is" in failure.sentence
    assert runs(engine, qtbot, slide)
    assert len(started) == 1


def test_a_plugin_that_hangs_is_announced_and_stopped(
    hasty_engine: JobEngine, qtbot: QtBot, slide: Path
) -> None:
    news: list[Overdue] = []
    hasty_engine.overdue.connect(news.append)
    failure = failure_of(hasty_engine, qtbot, job(slide, "hang"))
    assert failure.error == "PluginTimeoutError"
    assert "The plugin bad_apple did not answer" in failure.sentence
    assert [(one.job_id, one.plugin_id) for one in news] == [("hang", "bad_apple")]
    assert runs(hasty_engine, qtbot, slide)


def test_a_plugin_gets_more_time_when_the_user_gives_it(
    hasty_engine: JobEngine, qtbot: QtBot, slide: Path
) -> None:
    news: list[Overdue] = []
    hasty_engine.overdue.connect(news.append)
    hasty_engine.submit(job(slide, "hang"))
    qtbot.waitUntil(lambda: len(news) == 1, timeout=WAIT_MS)
    hasty_engine.extend()
    qtbot.waitUntil(lambda: len(news) == 2, timeout=WAIT_MS)
    assert hasty_engine.record("hang").state == "running"
    assert news[1].busy_s > hasty_engine._plugin_seconds
    hasty_engine.cancel("hang")
    qtbot.waitUntil(lambda: hasty_engine.record("hang").state == "cancelled", timeout=WAIT_MS)
