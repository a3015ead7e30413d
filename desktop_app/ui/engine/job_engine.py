"""The queue of jobs as the window's other parts use it.

Lives on the GUI thread; every call returns at once. The thread and the process start with the first job,
so that a window that only shows slides has neither.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from desktop_app.engine.job import Finished, HeatMapUpdate, Job, LogLine, Message
from desktop_app.storage.locations import Locations
from desktop_app.ui.engine.job_record import JobRecord, JobState
from desktop_app.ui.engine.plugin_watch import TIME_LIMIT_S
from desktop_app.ui.engine.supervisor import Supervisor
from desktop_app.ui.engine.worker_process import ServeTarget


class JobEngine(QObject):
    """Submits, follows, pauses and cancels jobs.

    Parameters
    ----------
    locations : Locations
        Handed to the worker process.
    serve : ServeTarget | None
        What the worker process runs; None for ``desktop_app.worker.serve``.
    plugin_seconds : float
        How long a plugin may take over one call.

    Notes
    -----
    Signals: ``changed(JobRecord)`` whenever a record is new or different, ``heat_map(HeatMapUpdate)``,
    ``logged(LogLine)``, ``finished(JobRecord)`` once its files are on disk, ``worker_started(int)`` with
    the process id, ``overdue(Overdue)`` when a plugin will be stopped soon unless :meth:`extend` is called.
    """

    changed = Signal(object)
    heat_map = Signal(object)
    logged = Signal(object)
    finished = Signal(object)
    worker_started = Signal(int)
    overdue = Signal(object)

    def __init__(
        self,
        locations: Locations,
        serve: ServeTarget | None = None,
        *,
        plugin_seconds: float = TIME_LIMIT_S,
    ) -> None:
        super().__init__()
        self._locations = locations
        self._serve = serve
        self._plugin_seconds = plugin_seconds
        self._records: dict[str, JobRecord] = {}
        self._supervisor: Supervisor | None = None

    @property
    def records(self) -> tuple[JobRecord, ...]:
        """Every job since the start, oldest first."""
        return tuple(self._records.values())

    @property
    def running(self) -> JobRecord | None:
        """The job that is being worked on (or held), if any."""
        return next((record for record in self.records if record.state in {"running", "paused"}), None)

    @property
    def is_idle(self) -> bool:
        """Whether every job is over."""
        return all(record.is_over for record in self.records)

    def record(self, job_id: str) -> JobRecord:
        """The record of a job.

        Raises
        ------
        KeyError
            If there is none.
        """
        return self._records[job_id]

    def submit(self, job: Job) -> JobRecord:
        """Queue a job."""
        record = JobRecord(job)
        self._keep(record)
        self._ensure_supervisor().submit(job)
        return record

    def cancel(self, job_id: str) -> None:
        """Cancel a job; its record says so within about a second. Jobs that are over are left alone."""
        if not self.record(job_id).is_over:
            self._ensure_supervisor().cancel(job_id)

    def set_paused(self, paused: bool) -> None:
        """Hold the running job at its next checkpoint, or let it go on."""
        record = self.running
        state: JobState = "paused" if paused else "running"
        if record is not None and record.state != state:
            self._ensure_supervisor().pause(paused)
            self._keep(replace(record, state=state))

    def extend(self) -> None:
        """Give the plugin that runs its time once more."""
        if self._supervisor is not None:
            self._supervisor.extend()

    def shutdown(self) -> None:
        """End the worker and the supervisor; jobs that are not over are lost. Safe to call twice."""
        if self._supervisor is not None:
            self._supervisor.stop()
            self._supervisor = None

    def _ensure_supervisor(self) -> Supervisor:
        if self._supervisor is None:
            self._supervisor = Supervisor(
                self._locations, self._serve or _default_serve(), self._plugin_seconds
            )
            self._supervisor.said.connect(self._hear)
            self._supervisor.job_started.connect(self._mark_running)
            self._supervisor.overdue.connect(self.overdue)
            self._supervisor.worker_started.connect(self.worker_started)
            self._supervisor.start()
        return self._supervisor

    def _mark_running(self, job_id: str) -> None:
        self._keep(replace(self._records[job_id], state="running"))

    def _hear(self, message: Message) -> None:
        if isinstance(message, HeatMapUpdate):
            self.heat_map.emit(message)
            return
        if isinstance(message, LogLine):
            self.logged.emit(message)
            return
        record = self._records[message.job_id].after(message)
        self._keep(record)
        if isinstance(message, Finished):
            self.finished.emit(record)

    def _keep(self, record: JobRecord) -> None:
        self._records[record.job.job_id] = record
        self.changed.emit(record)


def _default_serve() -> ServeTarget:
    """The worker's main loop, imported with the first job because it brings the engine with it."""
    from desktop_app.worker import serve

    return serve
