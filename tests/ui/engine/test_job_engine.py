"""The job engine against a worker process that does as it is told."""

from __future__ import annotations

import errno
import importlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from desktop_app.engine.job import HeatMapUpdate
from desktop_app.storage.locations import Locations
from desktop_app.ui.engine import supervisor
from desktop_app.ui.engine.job_engine import JobEngine
from desktop_app.ui.engine.worker_process import WorkerProcess


@pytest.fixture
def fake_worker(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The stand-in under a name that the spawned process finds too."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "support"))
    return importlib.import_module("fake_worker")


@pytest.fixture
def engine(qapp: object, fake_worker: ModuleType) -> Iterator[JobEngine]:
    engine = JobEngine(Locations.default(), fake_worker.serve)
    yield engine
    engine.shutdown()


def state_is(engine: JobEngine, job_id: str, state: str) -> Callable[[], bool]:
    return lambda: engine.record(job_id).state == state


def process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_nothing_is_started_before_the_first_job(engine: JobEngine) -> None:
    assert engine.is_idle
    assert engine._supervisor is None


def test_jobs_run_one_after_the_other_in_one_process(
    engine: JobEngine, qtbot: QtBot, tmp_path: Path, fake_worker: ModuleType
) -> None:
    pids: list[int] = []
    updates: list[HeatMapUpdate] = []
    ends: list[str] = []
    engine.worker_started.connect(pids.append)
    engine.heat_map.connect(updates.append)
    engine.finished.connect(lambda record: ends.append(record.job.job_id))
    for name in ("a", "b"):
        engine.submit(fake_worker.make_job(name, "quick", tmp_path))
    qtbot.waitUntil(state_is(engine, "b", "finished"), timeout=10_000)
    assert ends == ["a", "b"]
    assert len(pids) == 1
    assert [update.job_id for update in updates] == ["a", "b"]
    record = engine.record("a")
    assert record.progress is not None
    assert (record.progress.done, record.progress.total) == (3, 3)
    assert record.result is not None
    assert record.result.geojson == tmp_path / "slide.geojson"


def test_a_worker_that_cannot_be_started_costs_its_job_only(
    engine: JobEngine,
    qtbot: QtBot,
    tmp_path: Path,
    fake_worker: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = [OSError(errno.ENOMEM, "Cannot allocate memory")]

    def refuse_once(*parts: Any) -> WorkerProcess:
        if refused:
            raise refused.pop()
        return WorkerProcess(*parts)

    monkeypatch.setattr(supervisor, "WorkerProcess", refuse_once)
    engine.submit(fake_worker.make_job("refused", "quick", tmp_path))
    engine.submit(fake_worker.make_job("next", "quick", tmp_path))
    qtbot.waitUntil(state_is(engine, "next", "finished"), timeout=10_000)
    record = engine.record("refused")
    assert record.state == "failed"
    assert record.failure is not None
    assert "could not be started (Cannot allocate memory)" in record.failure.sentence


@pytest.mark.parametrize(("behavior", "code"), [("dies", -9), ("exits", 7)])
def test_a_dead_worker_costs_its_job_only(
    engine: JobEngine, qtbot: QtBot, tmp_path: Path, fake_worker: ModuleType, behavior: str, code: int
) -> None:
    engine.submit(fake_worker.make_job("doomed", behavior, tmp_path))
    engine.submit(fake_worker.make_job("next", "quick", tmp_path))
    qtbot.waitUntil(state_is(engine, "next", "finished"), timeout=10_000)
    doomed = engine.record("doomed")
    assert doomed.state == "failed"
    assert doomed.failure is not None
    assert doomed.failure.error == "WorkerDiedError"
    assert f"exit code {code}" in doomed.failure.sentence


def test_an_idle_worker_that_is_killed_is_replaced(
    engine: JobEngine, qtbot: QtBot, tmp_path: Path, fake_worker: ModuleType
) -> None:
    pids: list[int] = []
    engine.worker_started.connect(pids.append)
    engine.submit(fake_worker.make_job("a", "quick", tmp_path))
    qtbot.waitUntil(state_is(engine, "a", "finished"), timeout=10_000)
    os.kill(pids[0], 9)
    engine.submit(fake_worker.make_job("b", "quick", tmp_path))
    qtbot.waitUntil(lambda: engine.record("b").is_over, timeout=10_000)
    engine.submit(fake_worker.make_job("c", "quick", tmp_path))
    qtbot.waitUntil(state_is(engine, "c", "finished"), timeout=10_000)
    assert len(pids) >= 2


def test_cancel_is_polite_first(
    engine: JobEngine, qtbot: QtBot, tmp_path: Path, fake_worker: ModuleType
) -> None:
    pids: list[int] = []
    engine.worker_started.connect(pids.append)
    engine.submit(fake_worker.make_job("a", "slow", tmp_path))
    engine.submit(fake_worker.make_job("waiting", "slow", tmp_path))
    qtbot.waitUntil(lambda: engine.record("a").progress is not None, timeout=10_000)
    engine.cancel("waiting")
    engine.cancel("a")
    qtbot.waitUntil(lambda: engine.is_idle, timeout=5_000)
    assert [record.state for record in engine.records] == ["cancelled", "cancelled"]
    assert process_exists(pids[0])
    engine.submit(fake_worker.make_job("b", "quick", tmp_path))
    qtbot.waitUntil(state_is(engine, "b", "finished"), timeout=10_000)
    assert len(pids) == 1


def test_cancel_ends_a_worker_that_does_not_listen(
    engine: JobEngine, qtbot: QtBot, tmp_path: Path, fake_worker: ModuleType
) -> None:
    pids: list[int] = []
    lines: list[str] = []
    engine.worker_started.connect(pids.append)
    engine.logged.connect(lambda line: lines.append(line.text))
    engine.submit(fake_worker.make_job("deaf", "deaf", tmp_path))
    qtbot.waitUntil(lambda: bool(lines), timeout=10_000)
    engine.cancel("deaf")
    qtbot.waitUntil(state_is(engine, "deaf", "cancelled"), timeout=10_000)
    assert not process_exists(pids[0])
    engine.submit(fake_worker.make_job("b", "quick", tmp_path))
    qtbot.waitUntil(state_is(engine, "b", "finished"), timeout=10_000)
    assert len(pids) == 2


def test_pause_holds_and_cancel_leaves_a_pause(
    engine: JobEngine, qtbot: QtBot, tmp_path: Path, fake_worker: ModuleType
) -> None:
    engine.submit(fake_worker.make_job("a", "slow", tmp_path))
    qtbot.waitUntil(lambda: engine.record("a").progress is not None, timeout=10_000)
    engine.set_paused(True)
    assert engine.record("a").state == "paused"
    qtbot.wait(200)
    held = engine.record("a").progress
    qtbot.wait(300)
    assert engine.record("a").progress == held
    engine.set_paused(False)
    qtbot.waitUntil(lambda: engine.record("a").progress != held, timeout=5_000)
    engine.set_paused(True)
    engine.cancel("a")
    qtbot.waitUntil(state_is(engine, "a", "cancelled"), timeout=5_000)


def test_a_failure_is_kept_with_its_sentence(
    engine: JobEngine, qtbot: QtBot, tmp_path: Path, fake_worker: ModuleType
) -> None:
    engine.submit(fake_worker.make_job("a", "fails", tmp_path))
    qtbot.waitUntil(state_is(engine, "a", "failed"), timeout=10_000)
    failure = engine.record("a").failure
    assert failure is not None
    assert failure.error == "NoTissueError"
    assert "No tissue" in failure.sentence


def test_the_event_loop_turns_while_a_worker_talks(
    engine: JobEngine, qtbot: QtBot, tmp_path: Path, fake_worker: ModuleType
) -> None:
    """Thousands of messages arrive in slices between which timers fire."""
    ticks: list[float] = []
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=5)
    timer.timeout.connect(lambda: ticks.append(time.monotonic()))
    engine.submit(fake_worker.make_job("a", "chatty", tmp_path))
    qtbot.waitUntil(lambda: engine.record("a").progress is not None, timeout=10_000)
    timer.start()
    qtbot.waitUntil(state_is(engine, "a", "finished"), timeout=10_000)
    qtbot.waitUntil(lambda: len(ticks) > 1, timeout=5_000)
    timer.stop()


def test_shutdown_leaves_no_process(qtbot: QtBot, tmp_path: Path, fake_worker: ModuleType) -> None:
    engine = JobEngine(Locations.default(), fake_worker.serve)
    pids: list[int] = []
    engine.worker_started.connect(pids.append)
    engine.submit(fake_worker.make_job("a", "slow", tmp_path))
    qtbot.waitUntil(lambda: bool(pids), timeout=10_000)
    engine.shutdown()
    engine.shutdown()
    assert not process_exists(pids[0])
