"""Cancel and pause through two events, of threads or of processes alike.

Set on any thread or in the parent process, asked on the thread of the job.
"""

from __future__ import annotations

import time
from typing import Protocol

from desktop_app.engine.job import JobControl
from desktop_app.errors import JobCancelledError

_POLL_SECONDS = 0.05


class Flag(Protocol):
    """What ``threading.Event`` and ``multiprocessing.Event`` have in common."""

    def is_set(self) -> bool:
        """Whether somebody has set it."""


class EventControl(JobControl):
    """A job that its starter can cancel and pause.

    Parameters
    ----------
    cancel : Flag
        Once set, the next checkpoint raises; also while the job is paused.
    pause : Flag
        While set, checkpoints wait.
    """

    def __init__(self, cancel: Flag, pause: Flag) -> None:
        self._cancel = cancel
        self._pause = pause

    def checkpoint(self) -> None:
        """As ``JobControl.checkpoint``."""
        while self._pause.is_set() and not self._cancel.is_set():
            time.sleep(_POLL_SECONDS)
        if self._cancel.is_set():
            raise JobCancelledError
