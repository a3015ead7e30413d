"""How long a plugin may take over one call, decided without a clock of its own.

The supervisor asks at intervals; what it does with the answer is its own business. Any thread, one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from desktop_app.plugin_host import Busy

Verdict: TypeAlias = Literal["fine", "warn", "late", "stop"]

TIME_LIMIT_S = 300.0
"""Of one call: a batch of tiles, the tissue of a slide, a file to open."""

_WARN_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Overdue:
    """A plugin that has not answered for long and will be stopped soon.

    Attributes
    ----------
    job_id : str
        Whose job it holds up.
    plugin_id : str
        Which.
    busy_s, left_s : float
        Seconds since it was called, and until it is stopped.
    """

    job_id: str
    plugin_id: str
    busy_s: float
    left_s: float


class PluginWatch:
    """The patience with one process.

    Parameters
    ----------
    limit_s : float
        Seconds that one call may take before it is stopped.
    """

    def __init__(self, limit_s: float = TIME_LIMIT_S) -> None:
        self.limit_s = limit_s
        self._call: Busy | None = None
        self._from = 0.0
        self._allowed = limit_s
        self._warned = False

    @property
    def interval_s(self) -> float:
        """How often to ask."""
        return min(2.0, self.limit_s / 20)

    def look(self, busy: Busy | None, now: float) -> Verdict:
        """What to do about the call under way.

        Returns
        -------
        Verdict
            ``"warn"`` once, at four fifths of the time, then ``"late"`` until it is up; ``"stop"`` then.
        """
        if busy != self._call:
            self._call, self._allowed, self._warned = busy, self.limit_s, False
            self._from = busy.since if busy is not None else now
        if busy is None or now - self._from < self._allowed - self.limit_s * (1 - _WARN_SHARE):
            return "fine"
        if now - self._from >= self._allowed:
            return "stop"
        if self._warned:
            return "late"
        self._warned = True
        return "warn"

    def left_s(self, now: float) -> float:
        """Seconds until the call under way is stopped."""
        return max(0.0, self._from + self._allowed - now)

    def extend(self) -> None:
        """Give the call under way its time once more."""
        self._allowed += self.limit_s
        self._warned = False

    def restart(self, now: float) -> None:
        """Begin to count anew: a job that was paused may have been waiting inside a call."""
        self._from = max(self._from, now)
