"""Keeping what has been seen of each slide: while it is read, and from one opening to the next.

A view counts once it has rested and is sharp; views of one slide share a record, which is written in the
background now and then and when the slide is closed. Nothing is recorded while the user has switched it
off. GUI thread; files and pictures on the window's background pool.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.arrays import MaskArray
from desktop_app.domain.coverage import Coverage
from desktop_app.domain.viewport import Viewport
from desktop_app.storage.slide_memory import SlideMemory
from desktop_app.ui.canvas import SlideCanvas

if TYPE_CHECKING:
    from desktop_app.ui.background import Background

REST_MS = 300
"""A view that moves on sooner has not been looked at."""

WRITE_DELAY_MS = 8_000

FILE = "coverage"
"""Of the slide's memory."""


class CoverageRecord(QObject):
    """What has been seen of one slide.

    Parameters
    ----------
    slide_size : tuple[int, int]
        Level-0 pixels.
    memory : SlideMemory
        Where it is kept.
    background : Background
        Reads and writes it.

    Attributes
    ----------
    coverage : Coverage
        The present state.
    tissue : MaskArray | None
        bool ``(rows, columns)``: which cells hold tissue; None while or where that is not known.

    Notes
    -----
    ``changed()`` follows every change, ``turned()`` those between something and nothing;
    ``failed(CoverslipError)`` says that it could not be written.
    """

    changed = Signal()
    turned = Signal()
    failed = Signal(object)

    def __init__(
        self,
        slide_size: tuple[int, int],
        memory: SlideMemory,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.coverage = Coverage.empty(slide_size)
        self.tissue: MaskArray | None = None
        self._memory = memory
        self._background = background
        self._lock = threading.Lock()
        self._unwritten = False
        self._timer = QTimer(self, singleShot=True, interval=WRITE_DELAY_MS)
        self._timer.timeout.connect(self.write)
        background.run(lambda: memory.read(FILE), self._add_kept, self.failed.emit)

    def add(self, viewport: Viewport) -> None:
        """A view was looked at."""
        coverage = self.coverage.with_view(viewport)
        if coverage is not self.coverage:
            self._set(coverage)

    def forget(self) -> Coverage:
        """Begin anew; returns what there was, for :meth:`restore`."""
        before = self.coverage
        self._set(Coverage.empty(before.slide_size))
        return before

    def restore(self, coverage: Coverage) -> None:
        """Add what was forgotten by mistake."""
        self._set(self.coverage.merged(coverage))

    def set_tissue(self, tissue: MaskArray | None) -> None:
        """Learn which cells hold tissue."""
        self.tissue = tissue
        self.changed.emit()

    def write(self) -> None:
        """Write it in the background, if there is anything new."""
        self._timer.stop()
        if self._unwritten:
            self._unwritten = False
            self._background.run(self._write_present, lambda _none: None, self.failed.emit)

    def _write_present(self) -> None:
        # Whichever of two writes comes last, what it writes is the present state.
        with self._lock:
            self._memory.write(FILE, self.coverage.written())

    def _set(self, coverage: Coverage) -> None:
        self._unwritten = True
        if not self._timer.isActive():
            self._timer.start()
        self._take(coverage)

    def _take(self, coverage: Coverage) -> None:
        had_any, self.coverage = not self.coverage.is_empty, coverage
        self.changed.emit()
        if had_any == coverage.is_empty:
            self.turned.emit()

    def _add_kept(self, content: dict[str, Any]) -> None:
        kept = Coverage.read(content, self.coverage.slide_size)
        if not kept.is_empty:
            self._take(self.coverage.merged(kept))


class CoverageWatch(QObject):
    """Tells a record what one canvas shows.

    Parameters
    ----------
    canvas : SlideCanvas
        Watched.
    record : CoverageRecord
        Told.

    Attributes
    ----------
    active : bool
        While false nothing is recorded.
    """

    def __init__(self, canvas: SlideCanvas, record: CoverageRecord, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.active = True
        self._canvas = canvas
        self.record = record
        self._rested = False
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self._rest)
        canvas.viewport_changed.connect(self._move)
        canvas.sharpened.connect(self._look)
        self._timer.start()

    def _move(self) -> None:
        self._rested = False
        self._timer.start()

    def _rest(self) -> None:
        self._rested = True
        self._look()

    def _look(self) -> None:
        """Count the view if it rests, is sharp and can be seen."""
        canvas = self._canvas
        ready = self.active and self._rested and canvas.slide is not None and canvas.is_sharp
        if ready and canvas.isVisible() and not canvas.window().isMinimized():
            self.record.add(canvas.viewport)
