"""A pyramid of tiles as a layer: source, loader and cache put together.

The slide is one, the annotation overlay is another. Asks for what the view needs, shows the best there is
meanwhile, and says when the view is sharp. GUI thread; only the source is read from other threads.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QPainter

from desktop_app.domain.tile_requests import TileKey, tile_requests
from desktop_app.domain.viewport import Rect, Viewport
from desktop_app.ui.canvas.draw_list import draw_list
from desktop_app.ui.canvas.tile_cache import DEFAULT_CAPACITY, TileCache
from desktop_app.ui.canvas.tile_loader import TileLoader, connect_queued
from desktop_app.ui.canvas.tile_painter import paint_tiles
from desktop_app.ui.canvas.tile_source import TileSource

REPAINT_INTERVAL_MS = 30
"""Tiles that arrive closer together share a repaint; the first and the last are shown at once."""


class TileLayer(QObject):
    """Tiles from one source.

    Parameters
    ----------
    source : TileSource
        Read by the loader threads until :meth:`shutdown`.
    threads : int | None
        Loader threads; None for a number that suits the machine.
    capacity : int
        Bytes the cache may hold besides the pinned overview.
    parent : QObject | None
        Owner.
    """

    updated = Signal()
    """Something new can be painted; throttled."""

    sharpened = Signal()
    """The last of the visible tiles has come."""

    failed = Signal(str)
    """A sentence: some of a tile could not be read and is hatched."""

    def __init__(
        self,
        source: TileSource,
        *,
        threads: int | None = None,
        capacity: int = DEFAULT_CAPACITY,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.visible = True
        self.opacity = 1.0
        self._source = source
        self._pyramid = source.pyramid
        self._cache = TileCache(capacity)
        self._generation = 0
        self._viewport: Viewport | None = None
        self._pending: set[TileKey] = set()
        self._loader = TileLoader(source, threads=threads, parent=self)
        connect_queued(self._loader, self._receive)
        self._throttle = QTimer(self, singleShot=True, interval=REPAINT_INTERVAL_MS)
        self._throttle.timeout.connect(self._flush)
        self._unshown = False

    @property
    def source(self) -> TileSource:
        """Where the tiles come from."""
        return self._source

    @property
    def cache(self) -> TileCache:
        """The tiles in memory."""
        return self._cache

    @property
    def is_sharp(self) -> bool:
        """Whether every tile of the last prepared view is there, in its present generation."""
        return self._viewport is not None and not self._pending

    def prepare(self, viewport: Viewport) -> None:
        """Ask for what a view needs; replaces what an earlier view asked for."""
        self._viewport = viewport
        requests = tile_requests(self._pyramid, viewport)
        missing = [key for key in self._current(requests.ordered) if not self._cache.is_current(key)]
        self._pending = set(missing) & set(self._current(requests.visible))
        self._loader.set_wanted(missing)

    def invalidate(self, rects: Iterable[Rect] | None = None) -> None:
        """Have tiles made again; the old ones are shown until the new ones are there.

        Parameters
        ----------
        rects : Iterable[Rect] | None
            Level-0 rectangles within which something changed; None for everywhere.
        """
        self._generation += 1
        if rects is not None:
            self._cache.renew(self._touched(list(rects)), self._generation)
        if self._viewport is not None:
            self.prepare(self._viewport)

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint the best there is of any view, also one that was not prepared (the minimap's)."""
        pieces = draw_list(self._pyramid, viewport, self._cache.is_there)
        painter.setOpacity(self.opacity)
        tiles = [(piece, tile.image) for piece in pieces if (tile := self._cache.find(piece.key)) is not None]
        paint_tiles(painter, viewport, tiles)

    def shutdown(self) -> None:
        """Stop the loader threads and wait for the reads in flight; may be called twice."""
        self._loader.shutdown()
        self._throttle.stop()

    def _current(self, keys: Iterable[TileKey]) -> list[TileKey]:
        return [key._replace(generation=self._generation) for key in keys]

    def _touched(self, rects: list[Rect]) -> set[TileKey]:
        # By the tiles in memory, not by the rectangle: a large one covers more tiles than there are.
        return {
            key for key in self._cache if any(_overlap(self._pyramid.slide_rect(key), rect) for rect in rects)
        }

    def _receive(self) -> None:
        was_pending, results = bool(self._pending), self._loader.take()
        if not results:
            return
        for loaded in results:
            pinned = loaded.key.level in self._pyramid.pinned
            self._cache.put(loaded.key, loaded.tile.image, pinned=pinned)
            self._pending.discard(loaded.key)
            if loaded.tile.unreadable:
                self.failed.emit(loaded.tile.unreadable)
        self._unshown = True
        finished = was_pending and not self._pending
        if finished or not self._throttle.isActive():
            self._flush()
        if finished:
            self.sharpened.emit()

    def _flush(self) -> None:
        if self._unshown:
            self._unshown = False
            self._throttle.start()
            self.updated.emit()


def _overlap(one: Rect, other: Rect) -> bool:
    return (
        one[0] <= other[0] + other[2]
        and other[0] <= one[0] + one[2]
        and one[1] <= other[1] + other[3]
        and other[1] <= one[1] + one[3]
    )
