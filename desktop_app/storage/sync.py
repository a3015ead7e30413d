"""The storage thread: makes commits durable and writes checkpoints while the window goes on.

A commit in SQLite's write-ahead log survives the death of the process at once; to survive a power cut the
log must be synced, which takes milliseconds on a disk and is therefore done here. One thread per journal.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from desktop_app.errors import StorageError


def sync_file(path: Path) -> None:
    """Ask the disk itself to keep what was written to a file.

    Raises
    ------
    StorageError
        If the system cannot.
    """
    try:
        handle = os.open(path, os.O_RDWR)  # Windows syncs only handles that may write
        try:
            if sys.platform == "darwin":
                import fcntl

                fcntl.fcntl(handle, fcntl.F_FULLFSYNC)  # fsync alone stops at the disk's cache
            else:
                os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error


class StorageThread:
    """Runs tasks in order on one thread.

    A task's failure is remembered: the next :meth:`raise_failure` raises it on the caller's thread, so that
    no failure to store is overlooked.
    """

    def __init__(self, name: str) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, task: Callable[[], None]) -> threading.Event:
        """Run a task after those given before; the event is set when it is over, however it went."""
        over = threading.Event()

        def run() -> None:
            try:
                task()
            except Exception as error:  # noqa: BLE001 - the thread's boundary; raised on the caller's
                self._failure = error
            finally:
                over.set()

        self._tasks.put(run)
        return over

    def raise_failure(self) -> None:
        """Raise what went wrong since the last call.

        Raises
        ------
        Exception
            The latest failure, once; :class:`StorageError` unless it is a programming error.
        """
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def forget_failure(self) -> None:
        """What went wrong has been made good; called by a task."""
        self._failure = None

    def close(self) -> None:
        """Finish the tasks given so far and end the thread; may be called again."""
        self._tasks.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()
