"""One job as the window sees it: what was asked, how far it is, how it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from desktop_app.engine.job import Failed, Finished, Job, Message, Progress, RunResult

JobState: TypeAlias = Literal["queued", "running", "paused", "finished", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class JobRecord:
    """The state of a job.

    Attributes
    ----------
    job : Job
        What was asked.
    state : JobState
        Where it stands.
    progress : Progress | None
        The latest; None before the first.
    result : RunResult | None
        With ``"finished"`` only.
    failure : Failed | None
        With ``"failed"`` and ``"cancelled"`` only.
    """

    job: Job
    state: JobState = "queued"
    progress: Progress | None = None
    result: RunResult | None = None
    failure: Failed | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in {"finished", "failed", "cancelled"}

    def after(self, message: Message) -> JobRecord:
        """The record once a message of its job is taken in; messages that change nothing return itself."""
        if isinstance(message, Progress):
            return replace(self, progress=message)
        if isinstance(message, Finished):
            return replace(self, state="finished", result=message.result)
        if isinstance(message, Failed):
            return replace(self, state="cancelled" if message.cancelled else "failed", failure=message)
        return self
