"""One spawned worker process with its pipe and its two flags.

Spawned, never forked: a fork would copy the window's threads and locks. Used by the supervisor's thread
only. The flags are made anew for each process, because a process that is killed can take a flag's lock
with it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

from desktop_app.engine.job import Job
from desktop_app.plugin_host import ActivityBoard, Busy
from desktop_app.storage.locations import Locations

ServeTarget: TypeAlias = Callable[[Any, Any, Any, Locations, ActivityBoard], None]
"""``desktop_app.worker.serve`` or a stand-in: ``(connection, cancel, pause, locations, board) -> None``."""

STOP_SECONDS = 1.0
"""How long a process may take over each step of its end."""


class WorkerProcess:
    """A worker that takes jobs one after the other.

    Parameters
    ----------
    serve : ServeTarget
        What the process runs.
    locations : Locations
        Handed to it.
    """

    def __init__(self, serve: ServeTarget, locations: Locations) -> None:
        context = multiprocessing.get_context("spawn")
        self._cancel = context.Event()
        self._pause = context.Event()
        self._board = ActivityBoard(context)
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self._process = context.Process(
            target=serve,
            args=(theirs, self._cancel, self._pause, locations, self._board),
            name="coverslip-worker",
            daemon=True,
        )
        self._process.start()
        # Only with our copy of its end closed does the pipe say that the process is gone.
        theirs.close()
        self.jobs_taken = 0

    @property
    def sentinel(self) -> int:
        """Something ``multiprocessing.connection.wait`` can wait for: ready when the process has ended."""
        return self._process.sentinel

    @property
    def pid(self) -> int | None:
        """The process id."""
        return self._process.pid

    @property
    def busy(self) -> Busy | None:
        """The plugin it runs, or ran when it ended; None if none."""
        return self._board.read()

    def send(self, job: Job) -> None:
        """Hand over the next job.

        Raises
        ------
        OSError
            If the process is gone.
        """
        self._cancel.clear()
        self._pause.clear()
        self.connection.send(job)
        self.jobs_taken += 1

    def cancel(self) -> None:
        """Ask the running job to stop at its next checkpoint, also out of a pause."""
        if self._process.is_alive():
            self._cancel.set()
            self._pause.clear()

    def pause(self, paused: bool) -> None:
        """Hold the running job at its next checkpoint, or let it go on."""
        if not self._process.is_alive():
            return
        if paused:
            self._pause.set()
        else:
            self._pause.clear()

    def kill(self) -> int | None:
        """End the process by force and collect it, so that it leaves no zombie.

        Returns
        -------
        int | None
            Its exit code.
        """
        self._process.terminate()
        return self.collect()

    def collect(self) -> int | None:
        """Collect a process that is ending, by force if it takes too long; returns its exit code."""
        self._process.join(STOP_SECONDS)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        exit_code = self._process.exitcode
        self.connection.close()
        self._process.close()
        return exit_code

    def retire(self) -> None:
        """Tell an idle process to end, by force if it does not."""
        try:
            self.connection.send(None)
        except OSError:
            self.kill()
            return
        self.collect()
