"""Small work away from the GUI thread: opening a slide, reading or writing a file.

One function per call on Qt's thread pool; its outcome comes back as a call on the GUI thread. Analysis
does not go here but into the worker process (see ``ui.engine``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from desktop_app.errors import CoverslipError

Result = TypeVar("Result")

log = logging.getLogger("coverslip.window")


class Background(QObject):
    """Runs functions on a thread pool of its own.

    Parameters
    ----------
    on_crash : Callable[[BaseException], None]
        Told, on the GUI thread, of an error that is not one of ours.
    """

    _over = Signal(object)

    def __init__(self, on_crash: Callable[[BaseException], None]) -> None:
        super().__init__()
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(2)
        self._pending = 0
        self._closed = False
        self._on_crash = on_crash
        self._over.connect(self._deliver)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return self._pending == 0

    def run(
        self,
        work: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[CoverslipError], None],
    ) -> None:
        """Call ``work`` on a pool thread, then ``done`` or ``failed`` on the GUI thread.

        Parameters
        ----------
        work : Callable[[], Result]
            Touches no widget.
        done : Callable[[Result], None]
            Gets what it returned.
        failed : Callable[[CoverslipError], None]
            Gets the error it raised on purpose.
        """
        self._pending += 1
        self._pool.start(_Task(lambda: self._over.emit(self._call(work, done, failed))))

    def shutdown(self) -> None:
        """Wait for what is under way and deliver no more."""
        self._closed = True
        self._pool.waitForDone()

    def _call(
        self,
        work: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[CoverslipError], None],
    ) -> Callable[[], None]:
        """Do the work and return the call that its outcome asks for."""
        try:
            result = work()
        except CoverslipError as error:
            reason = error
            return lambda: failed(reason)
        except Exception as error:  # noqa: BLE001 - the thread's boundary: what escapes here would be lost
            crash = error
            return lambda: self._on_crash(crash)
        return lambda: done(result)

    def _deliver(self, outcome: Callable[[], None]) -> None:
        self._pending -= 1
        if not self._closed:
            outcome()


class _Task(QRunnable):
    """A call as the pool wants it."""

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__()
        self._call = call

    def run(self) -> None:
        self._call()
