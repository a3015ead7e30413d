"""A pyramid of tiles as a layer: source, loader and cache put together.

The slide is one, the annotation overlay is another. Asks for what the view needs, shows the best there is
meanwhile, and says when the view is sharp. GUI thread; only the source is read from other threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QPainter

from desktop_app.domain.tile_requests import TileKey, expected_view, tile_requests
from desktop_app.domain.viewport import Rect, Viewport
from desktop_app.ui.canvas.draw_list import draw_list
from desktop_app.ui.canvas.glaze import Glaze
from desktop_app.ui.canvas.mosaic_painter import ClearPainter, MosaicPainter
from desktop_app.ui.canvas.tile_cache import DEFAULT_CAPACITY, TileCache
from desktop_app.ui.canvas.tile_loader import LoadedTile, TileLoader, connect_queued
from desktop_app.ui.canvas.tile_painter import paint_tiles
from desktop_app.ui.canvas.tile_source import SlideTileSource, TileImage, TileSource, TouchingSource
from desktop_app.ui.canvas.unfinished_tiles import UnfinishedTiles

REPAINT_INTERVAL_MS = 30
"""Tiles that arrive closer together share a repaint; the last is shown at once."""

FIRST_PAINT_MS, WORTH_WAITING = 30, 0.5
"""Of a view of which more than this share is missing nothing is painted for so long: two frames."""

CATCH_UP_MS = 50
"""A moving view may be painted less sharp than it could be; so long after it stopped it is painted anew."""

READ_AHEAD_MS = 25
"""Once a view is sharp it is painted first; what may be seen next is read so much later."""


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
    opaque : bool
        Nothing shines through its tiles: they may be painted as one picture, which is faster.
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
        opaque: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.visible = True
        self.opacity = 1.0
        self._source = source
        self._pyramid = source.pyramid
        self._cache = TileCache(capacity)
        slide = source if isinstance(source, SlideTileSource) else None
        touch = None if slide is None else slide.touch_later
        self._mosaics = MosaicPainter(self._pyramid, self._cache, touch) if opaque else None
        self._clear = None if opaque else ClearPainter(self._pyramid, self._cache)
        self._glaze = None if opaque else Glaze(self._pyramid, self._cache)
        self._generation = 0
        self._viewport: Viewport | None = None
        self._visible: frozenset[TileKey] = frozenset()
        self._pending: set[TileKey] = set()
        self._unfinished = UnfinishedTiles(self._version_of, self)
        self._unfinished.due_now.connect(self._ask_again)
        self._due: frozenset[TileKey] = frozenset()
        idle = source.touch_ahead if isinstance(source, TouchingSource) else None
        self._loader = TileLoader(source, threads=threads, idle=idle, parent=self)
        connect_queued(self._loader, self._receive)
        self._throttle = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._throttle.timeout.connect(self._look)
        self._ahead = QTimer(self, singleShot=True, interval=READ_AHEAD_MS)
        self._ahead.timeout.connect(self._read_ahead)
        self._after_paint = QTimer(self, singleShot=True, interval=0)
        self._after_paint.timeout.connect(self._prepare_picture)
        self._catch_up = QTimer(self, singleShot=True, interval=CATCH_UP_MS)
        self._catch_up.timeout.connect(self.updated)
        self._expected: Viewport | None = None
        self._later: list[TileKey] = []
        self._unshown = False
        self._waiting = False
        self._asked = 0.0
        self._first: set[TileKey] = set()

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
        before, self._viewport = self._viewport, viewport
        self._expected = None if before is None else expected_view(before, viewport)
        requests = tile_requests(self._pyramid, viewport, before=before, generation=self._generation)
        missing = [key for key in requests.ordered if not self._cache.is_current(key)]
        self._visible = frozenset(requests.visible)
        if self._is_new_place(viewport, missing):
            missing = self._without_sketches(missing)
        self._pending = set(missing).intersection(requests.visible)
        self._first = set(missing).intersection(requests.first)
        self._asked = len(self._pending) / max(1, len(requests.visible))
        self._due = frozenset()
        if not self._unfinished.is_empty:
            due = self._unfinished.due(requests.ordered)
            self._due = frozenset(due)
            missing = list(dict.fromkeys([*missing, *due]))
            self._pending.update(filter(self._unfinished.is_guessed, requests.visible))
        self._ahead.stop()
        self._later = missing if self._pending else []
        # What is asked for now must not be replaced by what an earlier view had put off.
        self._ahead.stop()
        self._ask_for(self._urgent(missing) if self._pending else missing)

    def _is_new_place(self, viewport: Viewport, missing: list[TileKey]) -> bool:
        """Whether a view was jumped to: what comes while it moves had better be drawn off the GUI thread."""
        if not self.takes_sketches(viewport):
            return False
        return sum(key in self._visible for key in missing) > WORTH_WAITING * len(self._visible)

    def _without_sketches(self, missing: list[TileKey]) -> list[TileKey]:
        """What is still to be read when some are sketched; nothing ahead of time, for that goes as well."""
        at_once = self._at_once([key for key in missing if key in self._visible])
        for key, tile in at_once.items():
            self._keep(LoadedTile(key, tile))
            self._unshown = True
        return [key for key in missing if key in self._visible and key not in at_once] if at_once else missing

    def _at_once(self, keys: Sequence[TileKey]) -> Mapping[TileKey, TileImage]:
        """Those of some tiles of one level that need not be read; sketches are taken."""
        return {}

    def _ask_for(self, keys: list[TileKey]) -> None:
        self._loader.set_wanted(keys)

    def _urgent(self, missing: list[TileKey]) -> list[TileKey]:
        """Up to the last tile that the view waits for."""
        last = max((index for index, key in enumerate(missing) if key in self._pending), default=-1)
        return missing[: last + 1]

    def _prepare_picture(self) -> None:
        going = self._expected or self._viewport
        if self._mosaics is not None and going is not None:
            self._mosaics.prepare(going)

    def _read_ahead(self) -> None:
        if self._mosaics is not None and self._viewport is not None:
            self._mosaics.take_in(self._viewport, ahead=True)
        is_current, due = self._cache.is_current, self._due
        self._ask_for([key for key in self._later if key in due or not is_current(key)])
        self._later = []

    def waits(self) -> bool:
        """Whether to paint a little later: most of a new view is missing, and ``updated`` comes soon.

        A view that is sharp within a frame need not be shown blurred first, and painting would hold up
        the threads that read it.
        """
        self._waiting = not self.is_sharp and self._asked > WORTH_WAITING
        if self._waiting:
            self._unshown = True
            if not self._throttle.isActive() or self._throttle.remainingTime() > FIRST_PAINT_MS:
                self._throttle.start(FIRST_PAINT_MS)
        return self._waiting

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
        painter.setOpacity(self.opacity)
        self._waiting = False
        if self._mosaics is not None and self._viewport is not None and viewport.size == self._viewport.size:
            self._mosaics.paint(painter, viewport)
            self._after_paint.start()
            if self._mosaics.is_behind:
                self._catch_up.start()
            return
        bare = None if self._glaze is None else self._glaze.take_left()
        if self._glaze is not None and bare is not None:
            paint_tiles(painter, viewport, self._glaze.pieces(viewport, bare))
            return
        if self._clear is not None and self._clear.paint(painter, viewport):
            return
        pieces = draw_list(self._pyramid, viewport, self._cache.is_there)
        tiles = [(piece, tile.image) for piece in pieces if (tile := self._cache.find(piece.key)) is not None]
        paint_tiles(painter, viewport, tiles)

    def glaze_with(self, layer: TileLayer | None) -> None:
        """Have a transparent layer blended into this one's picture as far as possible; for the next paint.

        Parameters
        ----------
        layer : TileLayer | None
            It must be painted right after this one, which leaves out what was blended.
        """
        if self._mosaics is not None:
            self._mosaics.glaze = None if layer is None else layer._fresh_glaze()

    def takes_sketches(self, viewport: Viewport) -> bool:
        """Whether a view's tiles would be drawn into the slide's picture, if they were sketches."""
        return self._glaze is not None and self._glaze.takes_sketches(viewport, self.opacity)

    def _fresh_glaze(self) -> Glaze | None:
        if self._glaze is not None:
            self._glaze.opacity = self.opacity
            self._glaze.leave(None)
        return self._glaze

    def shutdown(self) -> None:
        """Stop the loader threads and wait for the reads in flight; may be called twice."""
        self._loader.shutdown()
        self._throttle.stop()
        self._ahead.stop()
        self._after_paint.stop()
        self._catch_up.stop()
        self._unfinished.stop()

    @property
    def unfinished(self) -> UnfinishedTiles:
        """The tiles that could not be read, or are not as they should be yet."""
        return self._unfinished

    @property
    def shows_guess(self) -> bool:
        """Whether some of the last prepared view is a guess so far."""
        return any(self._unfinished.is_guessed(key) for key in self._pending)

    def _version_of(self, key: TileKey) -> int | None:
        return self._source.version(key) if isinstance(self._source, SlideTileSource) else None

    def _ask_again(self) -> None:
        if self._viewport is not None:
            self.prepare(self._viewport)

    def _touched(self, rects: list[Rect]) -> set[TileKey]:
        # By the tiles in memory, not by the rectangle: a large one covers more tiles than there are.
        return {
            key for key in self._cache if any(_overlap(self._pyramid.slide_rect(key), rect) for rect in rects)
        }

    def _receive(self) -> None:
        finished, covered = self._take()
        if finished or covered or not self._throttle.isActive():
            self._waiting = False
            self._flush()
        if finished:
            self._ahead.start()
            self.sharpened.emit()

    @property
    def is_waited_for(self) -> bool:
        """Whether ``updated`` comes soon, with most of a new view, and nothing need be painted before."""
        return self._waiting

    def _look(self) -> None:
        self._waiting = False
        # The loader does not tell of each tile; what it has may be shown now, though.
        self._receive()
        self._flush()

    def _take(self) -> tuple[bool, bool]:
        """Keep what has arrived; whether that made the view sharp, and whether it covered the view at all."""
        results = self._loader.take()
        had = bool(self._pending), bool(self._first)
        for loaded in results:
            self._unshown = self._unshown or self._matters(loaded.key)
            self._keep(loaded)
        if self._waiting and self._mosaics is not None and self._viewport is not None:
            self._mosaics.take_in(self._viewport)
        return had[0] and not self._pending, had[1] and not self._first

    def _keep(self, loaded: LoadedTile) -> None:
        key, tile = loaded.key, loaded.tile
        if tile.version is None or not tile.image.isNull():
            pinned = key.level in self._pyramid.pinned
            self._cache.put(key, tile.image, pinned=pinned, sketch=tile.sketch)
        self._unfinished.note(key, tile, self._pyramid.slide_rect(key))
        self._first.discard(key)
        if tile.version is None:
            self._pending.discard(key)
        if tile.unreadable:
            self.failed.emit(tile.unreadable)

    def _matters(self, key: TileKey) -> bool:
        """Whether it changes the picture, here or on the minimap; what was read ahead does not."""
        return bool(self._pending) or key in self._visible or key.level in self._pyramid.pinned

    def _flush(self) -> None:
        if self._unshown:
            self._unshown = False
            self._throttle.start(REPAINT_INTERVAL_MS)
            self.updated.emit()


def _overlap(one: Rect, other: Rect) -> bool:
    return (
        one[0] <= other[0] + other[2]
        and other[0] <= one[0] + one[2]
        and one[1] <= other[1] + other[3]
        and other[1] <= one[1] + one[3]
    )
