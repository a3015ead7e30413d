"""Tiles kept in memory, counted by the bytes they hold.

The least recently painted go first; pinned tiles (the overview levels) stay, so that there is always
something to show under a tile that is still being read. GUI thread only.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from PySide6.QtGui import QImage

from desktop_app.domain.tile_requests import TileKey

DEFAULT_CAPACITY = 512 * 2**20
"""Bytes; about 2,000 tiles of 256 pixels."""


@dataclass(frozen=True, slots=True)
class CachedTile:
    """A tile in memory.

    Attributes
    ----------
    key : TileKey
        Its name, with the generation it was made with.
    image : QImage
        Its pixels.
    pinned : bool
        Whether it is never thrown out.
    """

    key: TileKey
    image: QImage
    pinned: bool = False


class TileCache:
    """A least-recently-used cache with one tile per place.

    Parameters
    ----------
    capacity : int
        Bytes that unpinned tiles may hold in all.
    """

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self._capacity = capacity
        self._tiles: OrderedDict[tuple[int, int, int], CachedTile] = OrderedDict()
        self._bytes = 0

    @property
    def bytes_held(self) -> int:
        """Bytes of the unpinned tiles."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._tiles)

    def find(self, key: TileKey) -> CachedTile | None:
        """The tile at the key's place, of whatever generation; counts as used."""
        tile = self._tiles.get(key.place)
        if tile is not None:
            self._tiles.move_to_end(key.place)
        return tile

    def is_there(self, key: TileKey) -> bool:
        """Whether there is a tile at the key's place, of whatever generation."""
        return key.place in self._tiles

    def is_current(self, key: TileKey) -> bool:
        """Whether the tile at the key's place is at least of the key's generation."""
        tile = self._tiles.get(key.place)
        return tile is not None and tile.key.generation >= key.generation

    def put(self, key: TileKey, image: QImage, *, pinned: bool = False) -> None:
        """Keep a tile in place of the one that was there, unless that one is newer."""
        old = self._tiles.get(key.place)
        if old is not None and old.key.generation > key.generation:
            return
        self._remove(key.place)
        self._tiles[key.place] = CachedTile(key, image, pinned)
        if not pinned:
            self._bytes += image.sizeInBytes()
            self._evict()

    def renew(self, keys: set[TileKey], generation: int) -> None:
        """Give every tile the new generation except those at the places of ``keys``."""
        changed = {key.place for key in keys}
        for place, tile in self._tiles.items():
            if place not in changed:
                self._tiles[place] = replace(tile, key=tile.key._replace(generation=generation))

    def __iter__(self) -> Iterator[TileKey]:
        """Keys of all tiles, the longest unused first."""
        return iter([tile.key for tile in self._tiles.values()])

    def clear(self) -> None:
        """Forget every tile, pinned ones too."""
        self._tiles.clear()
        self._bytes = 0

    def _remove(self, place: tuple[int, int, int]) -> None:
        tile = self._tiles.pop(place, None)
        if tile is not None and not tile.pinned:
            self._bytes -= tile.image.sizeInBytes()

    def _evict(self) -> None:
        candidates = [place for place, tile in self._tiles.items() if not tile.pinned]
        for place in candidates:
            if self._bytes <= self._capacity:
                return
            self._remove(place)
