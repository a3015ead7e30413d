"""The thread that feeds the worker process and listens to it.

Commands come in from the GUI thread through a queue and a wake-up pipe; what the worker says goes out as
Qt signals. The thread sleeps in one wait for all of them. A worker that dies or cannot be
started costs its job only: the job fails with a sentence and the next one starts in a new process.
"""

from __future__ import annotations

import logging
import multiprocessing
import queue
import time
from collections import deque
from collections.abc import Callable
from multiprocessing import connection
from typing import Any

from PySide6.QtCore import QThread, Signal

from desktop_app.engine.job import Failed, Finished, Job, Message
from desktop_app.errors import (
    EngineError,
    JobCancelledError,
    PluginCrashError,
    PluginError,
    PluginTimeoutError,
    WorkerDiedError,
    WorkerNotStartedError,
)
from desktop_app.storage.locations import Locations
from desktop_app.ui.engine.plugin_watch import TIME_LIMIT_S, Overdue, PluginWatch
from desktop_app.ui.engine.worker_process import STOP_SECONDS, ServeTarget, WorkerProcess

JOBS_PER_PROCESS = 20
"""A process is replaced after so many jobs, so that what plugins leak is given back."""

log = logging.getLogger("coverslip.engine")


class Supervisor(QThread):
    """Runs jobs one after the other in a supervised process.

    Parameters
    ----------
    locations : Locations
        Handed to the worker.
    serve : ServeTarget
        What the worker process runs.

    plugin_seconds : float
        How long a plugin may take over one call.

    Notes
    -----
    ``said(Message)``, ``overdue(Overdue)``, ``job_started(str)`` and ``worker_started(int)`` are emitted from
    this thread and arrive queued.
    """

    overdue = Signal(object)
    said = Signal(object)
    job_started = Signal(str)
    worker_started = Signal(int)

    def __init__(
        self, locations: Locations, serve: ServeTarget, plugin_seconds: float = TIME_LIMIT_S
    ) -> None:
        super().__init__()
        self.setObjectName("job supervisor")
        self._locations = locations
        self._serve = serve
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._wake_receive, self._wake_send = multiprocessing.Pipe(duplex=False)
        self._waiting: deque[Job] = deque()
        self._current: Job | None = None
        self._kill_at: float | None = None
        self._stopping = False
        self._paused = False
        self._watch = PluginWatch(plugin_seconds)
        self._worker: WorkerProcess | None = None

    # ---- called on the GUI thread -------------------------------------------------------------------

    def submit(self, job: Job) -> None:
        """Put a job at the end of the queue."""
        self._post(lambda: self._waiting.append(job))

    def cancel(self, job_id: str) -> None:
        """Drop a waiting job, or stop the running one: politely, then by force after a second."""
        self._post(lambda: self._cancel(job_id))

    def pause(self, paused: bool) -> None:
        """Hold or continue the running job."""
        self._post(lambda: self._pause(paused))

    def extend(self) -> None:
        """Give the plugin that runs its time once more."""
        self._post(self._watch.extend)

    def stop(self) -> None:
        """End the worker and this thread; returns when both are gone (at most a few seconds)."""
        self._post(self._mark_stopping)
        self.wait()
        self._wake_send.close()
        self._wake_receive.close()

    def _post(self, command: Callable[[], None]) -> None:
        self._commands.put(command)
        self._wake_send.send_bytes(b"!")

    # ---- on this thread -----------------------------------------------------------------------------

    def run(self) -> None:
        """The loop; ends after ``stop``."""
        while not self._stopping:
            self._start_next()
            self._take_in(self._wait())
            self._enforce_cancel()
            self._watch_plugin()
        if self._worker is not None:
            self._close_worker(by_force=self._current is not None)

    def _wait(self) -> set[Any]:
        """Sleep until somebody has something to say, and return who."""
        sources: list[Any] = [self._wake_receive]
        if self._worker is not None:
            sources += [self._worker.connection, self._worker.sentinel]
        return set(connection.wait(sources, self._patience()))

    def _patience(self) -> float | None:
        """Seconds after which to look about although nobody said anything."""
        if self._kill_at is not None:
            return max(0.0, self._kill_at - time.monotonic())
        return self._watch.interval_s if self._current is not None and not self._paused else None

    def _take_in(self, ready: set[Any]) -> None:
        if self._wake_receive in ready:
            self._wake_receive.recv_bytes()
            self._commands.get()()
        if self._worker is None:
            return
        # What it managed to say before it died counts, so the pipe is read before the sentinel is believed.
        if self._worker.connection in ready:
            self._listen(self._worker)
        elif self._worker.sentinel in ready:
            self._bury()

    def _listen(self, worker: WorkerProcess) -> None:
        try:
            message: Message = worker.connection.recv()
        except (EOFError, OSError):
            self._bury()
        else:
            self._hear(message)

    def _hear(self, message: Message) -> None:
        if self._current is None or message.job_id != self._current.job_id:
            return
        if isinstance(message, Finished | Failed):
            self._current = None
            self._kill_at = None
        self.said.emit(message)

    def _start_next(self) -> None:
        while self._current is None and self._waiting:
            self._start(self._waiting.popleft())

    def _start(self, job: Job) -> None:
        if self._worker is not None and self._worker.jobs_taken >= JOBS_PER_PROCESS:
            self._close_worker(by_force=False)
        self._current, self._paused = job, False
        self.job_started.emit(job.job_id)
        try:
            if self._worker is None:
                self._worker = WorkerProcess(self._serve, self._locations)
                self.worker_started.emit(self._worker.pid)
        except OSError as error:
            self._fail(job, WorkerNotStartedError(error.strerror or str(error)))
            return
        try:
            self._worker.send(job)
        except OSError:
            self._bury()

    def _fail(self, job: Job, error: EngineError | PluginError) -> None:
        self._current, self._kill_at = None, None
        plugin_id = getattr(error, "plugin_id", "")
        self.said.emit(Failed(job.job_id, type(error).__name__, str(error), plugin_id=plugin_id))

    def _cancel(self, job_id: str) -> None:
        waiting = next((job for job in self._waiting if job.job_id == job_id), None)
        if waiting is not None:
            self._waiting.remove(waiting)
            self.said.emit(_cancelled(job_id))
        elif self._current is not None and self._current.job_id == job_id and self._worker is not None:
            self._worker.cancel()
            self._kill_at = time.monotonic() + STOP_SECONDS

    def _enforce_cancel(self) -> None:
        if self._kill_at is None or time.monotonic() < self._kill_at or self._current is None:
            return
        log.info("the job %s did not stop by itself; its process is ended", self._current.job_id)
        job_id = self._current.job_id
        self._close_worker(by_force=True)
        self.said.emit(_cancelled(job_id))

    def _pause(self, paused: bool) -> None:
        if self._worker is None or self._current is None:
            return
        self._worker.pause(paused)
        self._paused = paused
        self._watch.restart(time.monotonic())

    def _watch_plugin(self) -> None:
        """Warn of a plugin that does not answer, and stop it when its time is up."""
        job, worker = self._current, self._worker
        if job is None or worker is None or self._paused or self._kill_at is not None:
            return
        busy, now = worker.busy, time.monotonic()
        verdict = self._watch.look(busy, now)
        if busy is None or verdict in ("fine", "late"):
            return
        if verdict == "warn":
            left = self._watch.left_s(now)
            self.overdue.emit(Overdue(job.job_id, busy.plugin_id, now - busy.since, left))
            return
        log.info("the plugin %s did not answer during the job %s", busy.plugin_id, job.job_id)
        self._close_worker(by_force=True)
        self._fail(job, PluginTimeoutError(busy.plugin_id, now - busy.since))

    def _bury(self) -> None:
        """Collect a worker that died, and fail its job."""
        job, cancelling = self._current, self._kill_at is not None
        busy = self._worker.busy if self._worker is not None else None
        exit_code = self._worker.collect() if self._worker is not None else None
        self._worker, self._current, self._kill_at = None, None, None
        if job is None:
            return
        if cancelling:
            self.said.emit(_cancelled(job.job_id))
            return
        log.info("the worker died with exit code %s during the job %s", exit_code, job.job_id)
        died = PluginCrashError(busy.plugin_id, exit_code) if busy else WorkerDiedError(exit_code)
        self._fail(job, died)

    def _close_worker(self, *, by_force: bool) -> None:
        worker, self._worker, self._current, self._kill_at = self._worker, None, None, None
        if worker is None:
            return
        if by_force:
            worker.kill()
        else:
            worker.retire()

    def _mark_stopping(self) -> None:
        self._stopping = True


def _cancelled(job_id: str) -> Failed:
    error = JobCancelledError()
    return Failed(job_id, type(error).__name__, str(error), cancelled=True)
