"""Work on the pool, a piece at a time, whose outcome can be had at once where nothing goes on without it.

Steps of very many objects are applied and stored this way, so that the window goes on meanwhile; the next
step waits for them, since it is made on their result. GUI thread; the work runs on the pool.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from desktop_app.errors import CoverslipError
from desktop_app.ui.background import Background

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One piece of work.

    Attributes
    ----------
    work : Callable[[], Any]
        Done on the pool, or here where it is settled before.
    arrive, failed : Callable[[Any], object], Callable[[CoverslipError], None]
        Told here what came of it.
    future : Future[Any]
        What the pool made of it.
    """

    work: Callable[[], Any]
    arrive: Callable[[Any], object]
    failed: Callable[[CoverslipError], None]
    future: Future[Any] = field(default_factory=Future)

    def run(self) -> None:
        """Do the work, unless that was begun elsewhere; what goes wrong is for :meth:`settle`."""
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.work()
        except Exception as error:  # noqa: BLE001 - raised again on the GUI thread
            self.future.set_exception(error)
        else:
            self.future.set_result(result)

    def settle(self) -> None:
        """Wait for the outcome and have it arrive; do the work here if nobody has begun."""
        try:
            result = self.work() if self.future.cancel() else self.future.result()
        except CoverslipError as error:
            self.failed(error)
        else:
            self.arrive(result)


class Aside:
    """Does one piece of work after the other.

    Parameters
    ----------
    background : Background | None
        The pool; None to do everything at once.
    """

    def __init__(self, background: Background | None) -> None:
        self._background = background
        self._piece: Piece | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an outcome is still to come."""
        return self._piece is not None

    def run(
        self,
        work: Callable[[], Result],
        arrive: Callable[[Result], object],
        failed: Callable[[CoverslipError], None],
    ) -> None:
        """Finish what is under way, then call ``work`` on the pool and ``arrive`` or ``failed`` here."""
        self.finish()
        piece = Piece(work, arrive, failed)
        self._piece = piece
        if self._background is None:
            self.finish()
        else:
            self._background.run(piece.run, partial(self._deliver, piece), failed)

    def finish(self) -> None:
        """Wait for what is under way and have its outcome arrive; do it here if nobody has begun."""
        piece = self._piece
        if piece is not None:
            self._piece = None
            piece.settle()

    def _deliver(self, piece: Piece, _none: None) -> None:
        if piece is self._piece:
            self.finish()
