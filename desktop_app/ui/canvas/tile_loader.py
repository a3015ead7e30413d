"""Threads that read tiles, and the one list of what they should read next.

A new view replaces the whole list, so that work that nobody will see is never begun; a read in flight
cannot be stopped, only asked whether it is still wanted. The methods are for the GUI thread; results come
back through a queued signal.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from desktop_app.domain.tile_requests import TileKey
from desktop_app.ui.canvas.tile_source import TileImage, TileSource

LOADER_NICENESS = 10
"""Linux only: frames are late less often when the readers yield to the GUI thread."""

TELL_INTERVAL_S = 0.008
"""While there is more to read, what has arrived is told at most so often."""

REST_S = 0.05
"""Idle work begins when nothing has been delivered for so long."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedTile:
    """A tile as a thread delivers it.

    Attributes
    ----------
    key : TileKey
        What was asked for.
    tile : TileImage
        What was read, or the picture of what could not be read.
    """

    key: TileKey
    tile: TileImage


class TileLoader(QObject):
    """Reads the wanted tiles of one source in threads of its own.

    Parameters
    ----------
    source : TileSource
        Read from by all threads at once.
    threads : int
        How many.
    idle : Callable[[], bool] | None
        Called on one of the threads, some milliseconds at a time, when nothing is wanted; returns whether
        there is more of it to do.
    parent : QObject | None
        Owner; :meth:`shutdown` must be called before it goes.
    """

    delivered = Signal()
    """Some tiles can be taken; comes when nothing wanted is left to read, and now and then before that."""

    def __init__(
        self,
        source: TileSource,
        *,
        threads: int | None = None,
        idle: Callable[[], bool] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._source = source
        self._idle = idle
        self._idling = False
        self._has_idle_work = True
        self._condition = threading.Condition()
        self._queue: deque[TileKey] = deque()
        self._wanted: frozenset[TileKey] = frozenset()
        self._in_flight: set[TileKey] = set()
        self._results: list[LoadedTile] = []
        self._told_at = 0.0
        self._delivered_at = 0.0
        self._stopping = False
        count = threads or default_threads()
        self._at_work = count
        self._threads = [
            threading.Thread(
                target=self._work, args=(number, count), name=f"tile-loader-{number}", daemon=True
            )
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def set_wanted(self, keys: Iterable[TileKey]) -> None:
        """Replace the list of tiles to read, the most urgent first; GUI thread."""
        ordered = list(keys)
        with self._condition:
            self._wanted = frozenset(ordered)
            self._told_at = time.monotonic()
            self._queue = deque(key for key in ordered if key not in self._in_flight)
            self._condition.notify_all()

    def put_to_work(self, threads: int | None) -> None:
        """Have at most so many threads read from the next tile on, None for all of them; GUI thread."""
        with self._condition:
            self._at_work = len(self._threads) if threads is None else threads
            self._condition.notify_all()

    def take(self) -> list[LoadedTile]:
        """Everything delivered since the last call; GUI thread."""
        with self._condition:
            results, self._results = self._results, []
        return results

    def shutdown(self) -> None:
        """Stop the threads and wait for the reads in flight; may be called twice; GUI thread."""
        with self._condition:
            self._stopping = True
            self._wanted = frozenset()
            self._queue.clear()
            self._condition.notify_all()
        for thread in self._threads:
            thread.join()
        self._results.clear()

    def _work(self, number: int, count: int) -> None:
        yield_to_the_window()
        keep_to_own_processors(number, count)
        while (key := self._next(number)) is not None:
            tile = self._read(key)
            self._deliver(key, tile)

    def _next(self, number: int) -> TileKey | None:
        def has_work() -> bool:
            return self._stopping or (bool(self._queue) and number < self._at_work)

        while True:
            with self._condition:
                idles = self._may_idle()
                self._condition.wait_for(has_work, self._rest_s if idles else None)
                self._idling = self._idling and not (idles and has_work())
                if self._stopping:
                    return None
                if has_work():
                    key = self._queue.popleft()
                    self._in_flight.add(key)
                    return key
            self._do_idle_work()

    @property
    def _rest_s(self) -> float:
        """How long to wait before idle work: what has just come is being painted, which it would slow."""
        return max(0.0, self._delivered_at + REST_S - time.monotonic())

    def _may_idle(self) -> bool:
        # One thread at most; the others are free for what comes.
        allowed = self._idle is not None and self._has_idle_work and not self._idling
        self._idling = self._idling or allowed
        return allowed

    def _do_idle_work(self) -> None:
        assert self._idle is not None
        more = self._idle()
        with self._condition:
            self._idling = False
            self._has_idle_work = more

    def _read(self, key: TileKey) -> TileImage | None:
        try:
            # The set is replaced, never changed, so that it may be read here without the lock.
            return self._source.read(key, lambda: key in self._wanted)
        except Exception as error:  # noqa: BLE001 - a thread that dies would leave the view unsharp for ever
            # Without the error's own words, which can name the slide.
            trace = "".join(traceback.format_tb(error.__traceback__))
            _log.error("tile %s could not be made (%s):\n%s", key, type(error).__name__, trace)
            return TileImage(QImage(), str(error) or type(error).__name__)

    def _deliver(self, key: TileKey, tile: TileImage | None) -> None:
        with self._condition:
            self._in_flight.discard(key)
            self._delivered_at = time.monotonic()
            if self._stopping:
                return
            if tile is None:
                self._ask_again(key)
            else:
                self._wanted -= {key}
                self._has_idle_work = True
                self._results.append(LoadedTile(key, tile))
            tell = self._is_worth_telling()
        if tell:
            self.delivered.emit()

    def _is_worth_telling(self) -> bool:
        # Each time the window wakes up it takes the interpreter's lock from the readers.
        now = time.monotonic()
        if not self._results:
            return False
        if (self._queue or self._in_flight) and now - self._told_at < TELL_INTERVAL_S:
            return False
        self._told_at = now
        return True

    def _ask_again(self, key: TileKey) -> None:
        # Given up while nobody wanted it; the view may have come back in the meantime.
        if key in self._wanted:
            self._queue.appendleft(key)
            self._condition.notify_all()


def default_threads() -> int:
    """Loader threads of one slide: one core is left to the window, four are enough for any screen."""
    return min(4, max(2, (os.cpu_count() or 2) - 1))


def connect_queued(loader: TileLoader, slot: object) -> None:
    """Connect ``delivered`` so that the slot always runs on the GUI thread."""
    loader.delivered.connect(slot, Qt.ConnectionType.QueuedConnection)


def yield_to_the_window() -> None:
    """Lower the calling thread's priority (Linux), as every loader thread does."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOADER_NICENESS)


def keep_to_own_processors(number: int, count: int) -> None:
    """Give the calling thread, one of ``count``, processors that it shares with none of the others (Linux).

    Threads that are woken together are often put on one processor and stay there for ten milliseconds,
    which is all the time a view has, while another processor is idle.
    """
    if sys.platform == "linux":
        processors = sorted(os.sched_getaffinity(0))
        own = set(processors[number::count])
        if own:
            os.sched_setaffinity(threading.get_native_id(), own)
