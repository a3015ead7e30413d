"""Decoded tiles of a file, kept for the neighbors of what was just read.

Tiles for analysis lie across the file's own: without a memory each of those would be decoded up to four
times. Aligned reads, such as the canvas makes, have no use for it. Any thread.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from desktop_app.domain.arrays import RgbArray


class TileMemory:
    """The tiles used last, at most ``limit`` bytes of them.

    Parameters
    ----------
    limit : int
        Bytes; 0 keeps nothing.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._tiles: OrderedDict[tuple[int, ...], RgbArray] = OrderedDict()
        self._bytes = 0

    @property
    def limit(self) -> int:
        """Bytes it may hold."""
        return self._limit

    def get(self, key: tuple[int, ...]) -> RgbArray | None:
        """The tile of that name, which nobody may change, or None."""
        with self._lock:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
            return tile

    def put(self, key: tuple[int, ...], tile: RgbArray) -> None:
        """Keep a tile; the ones used longest ago make room."""
        with self._lock:
            if key in self._tiles or tile.nbytes > self._limit:
                return
            self._tiles[key] = tile
            self._bytes += tile.nbytes
            while self._bytes > self._limit:
                self._bytes -= self._tiles.popitem(last=False)[1].nbytes

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._tiles.clear()
            self._bytes = 0
