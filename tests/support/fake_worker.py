"""Stand-ins for the worker process: the recipe's name says what each job does."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from desktop_app.domain.recipe import Recipe, Step
from desktop_app.engine.job import Failed, Finished, HeatMapUpdate, Job, LogLine, Progress, RunResult
from desktop_app.errors import JobCancelledError


def make_job(job_id: str, behaviour: str, out: Path) -> Job:
    recipe = Recipe(behaviour, Step("tissue_otsu/saturation"))
    return Job(job_id, out / "slide.svs", recipe, out)


def serve(connection: Any, cancel: Any, pause: Any, locations: Any, board: Any = None) -> None:
    while (job := connection.recv()) is not None:
        _work(connection, cancel, pause, job)


def _work(connection: Any, cancel: Any, pause: Any, job: Job) -> None:
    behaviour = job.recipe.name
    connection.send(LogLine(job.job_id, f"process {os.getpid()}"))
    if behaviour == "dies":
        connection.send(Progress(job.job_id, "tiles", 1, 2))
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "exits":
        os._exit(7)
    if behaviour == "deaf":
        time.sleep(60)
    if behaviour == "silent":
        _wait_silently(connection, cancel, pause, job)
        return
    if behaviour == "fails":
        connection.send(Failed(job.job_id, "NoTissueError", "No tissue was found on slide.svs."))
        return
    steps = 3000 if behaviour == "chatty" else 200 if behaviour == "slow" else 3
    for done in range(1, steps + 1):
        while pause.is_set() and not cancel.is_set():
            time.sleep(0.01)
        if cancel.is_set():
            connection.send(Failed(job.job_id, "JobCancelledError", str(JobCancelledError()), cancelled=True))
            return
        if behaviour == "slow":
            time.sleep(0.05)
        connection.send(Progress(job.job_id, "features", done, steps, 0.05 * (steps - done)))
    locations = np.array([[0, 0], [256, 0]], dtype=np.int64)
    values = np.array([-1.0, 2.0], dtype=np.float32)
    connection.send(HeatMapUpdate(job.job_id, locations, (256.0, 256.0), values, "contribution", 2, 2))
    files = RunResult(job.job_id, job.out / "slide.geojson", job.out / "slide.run.json")
    connection.send(Finished(job.job_id, files))


def _wait_silently(connection: Any, cancel: Any, pause: Any, job: Job) -> None:
    """Work without end and without news, until cancelled."""
    connection.send(Progress(job.job_id, "features", 1, 2, 30.0))
    while not cancel.is_set():
        time.sleep(0.01)
    _say_cancelled(connection, job)


def _say_cancelled(connection: Any, job: Job) -> None:
    connection.send(Failed(job.job_id, "JobCancelledError", str(JobCancelledError()), cancelled=True))
