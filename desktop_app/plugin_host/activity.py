"""Which plugin is at work in a process, so that whoever watches it can name the one that crashed or hangs.

A process that crashes can say nothing any more. So the name of the plugin that runs stands in memory shared
with the process that watches, written before each call and taken away after it. Safe on any thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from typing import Any

NAME_BYTES = 96
"""Room for a plugin's id; a longer one is cut."""


@dataclass(frozen=True, slots=True)
class Busy:
    """A plugin in the middle of a call.

    Attributes
    ----------
    plugin_id : str
        Which.
    since : float
        ``time.monotonic()`` when the call began; one clock for all processes of a machine.
    """

    plugin_id: str
    since: float


class ActivityBoard:
    """Shared memory that holds one :class:`Busy` or nothing; handed to a process while it is spawned.

    Parameters
    ----------
    context : BaseContext
        What the process is spawned with.
    """

    def __init__(self, context: BaseContext) -> None:
        # Without locks: a process that is killed would take them with it.
        self._name: Any = context.RawArray("c", NAME_BYTES)
        self._since: Any = context.RawValue("d", 0.0)

    def write(self, busy: Busy | None) -> None:
        """Put up what runs now; by the watched process only."""
        self._since.value = 0.0
        if busy is not None:
            self._name.value = busy.plugin_id.encode()[: NAME_BYTES - 1]
            self._since.value = busy.since

    def read(self) -> Busy | None:
        """What the process was doing last, also after its end; None if no plugin ran."""
        since = self._since.value
        name = bytes(self._name.value).decode(errors="replace")
        return Busy(name, since) if since and since == self._since.value else None


class PluginActivity:
    """The calls of plugins under way in this process.

    Parameters
    ----------
    board : ActivityBoard | None
        Where the one that has run longest is put up; None where nobody watches.
    """

    def __init__(self, board: ActivityBoard | None = None) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._running: dict[object, Busy] = {}

    @contextmanager
    def during(self, plugin_id: str) -> Iterator[None]:
        """Say that a plugin runs inside the block."""
        if self._board is None:
            yield
            return
        call = object()
        self._change(call, Busy(plugin_id, time.monotonic()))
        try:
            yield
        finally:
            self._change(call, None)

    def _change(self, call: object, busy: Busy | None) -> None:
        assert self._board is not None
        with self._lock:
            if busy is not None:
                self._running[call] = busy
            else:
                del self._running[call]
            self._board.write(next(iter(self._running.values()), None))
