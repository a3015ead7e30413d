"""What a running job tells the outside, and how long its stages took.

Progress is thinned out to a few messages a second, so that neither a process border nor a terminal is
flooded. Used on the thread of the job.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from desktop_app.engine.job import JobControl, LogLine, Message, MessageSink, Progress, Stage

PROGRESS_SECONDS = 0.1
"""Messages of one stage are at least this far apart, its first and last one excepted."""

_KNOWN_RATE_SECONDS = 1.0


class Reporter:
    """Progress, log and timings of one job.

    Parameters
    ----------
    job_id : str
        Of the job.
    sink : MessageSink
        Takes the messages.
    control : JobControl
        Asked at the start of each stage.
    clock : Callable[[], float]
        Monotonic seconds.
    """

    def __init__(
        self,
        job_id: str,
        sink: MessageSink,
        *,
        control: JobControl,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.timings: dict[str, float] = {}
        self.notes: list[str] = []
        self._job_id = job_id
        self._sink = sink
        self._control = control
        self._clock = clock
        self._stage: Stage = "tissue"
        self._started = self._last = clock()

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """A stage of the job: announced at its start and timed to its end."""
        self._control.checkpoint()
        self._stage = stage
        self._started = self._clock()
        self._send(0, 0)
        try:
            yield
        finally:
            elapsed = self._clock() - self._started
            self.timings[stage] = self.timings.get(stage, 0.0) + elapsed

    def progress(self, done: int, total: int) -> None:
        """How far the present stage is."""
        if done == total or self._clock() - self._last >= PROGRESS_SECONDS:
            self._send(done, total)

    def note(self, text: str) -> None:
        """Something the user should know; it stands in the log and in the report."""
        self.notes.append(text)
        self.send(LogLine(self._job_id, text))

    def send(self, message: Message) -> None:
        """Any other message."""
        self._sink(message)

    def _send(self, done: int, total: int) -> None:
        self._last = self._clock()
        elapsed = self._last - self._started
        known = done > 0 and elapsed >= _KNOWN_RATE_SECONDS
        left = elapsed * (total - done) / done if known else None
        self.send(Progress(self._job_id, self._stage, done, total, left))
