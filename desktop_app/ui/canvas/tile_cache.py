"""Tiles kept in memory, counted by the bytes they hold.

The least recently painted go first; pinned tiles (the overview levels) stay, so that there is always
something to show under a tile that is still being read. GUI thread only.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from PySide6.QtGui import QImage

from desktop_app.domain.tile_requests import TileKey
from desktop_app.ui.canvas.sketch import SketchedTile

DEFAULT_CAPACITY = 512 * 2**20
"""Bytes; about 2,000 tiles of 256 pixels."""

Place = tuple[int, int, int]
"""``TileKey.place``."""


class CachedTile:
    """A tile in memory.

    Parameters
    ----------
    key : TileKey
        Its name, with the generation it was made with.
    image : QImage
        Its pixels.
    pinned : bool
        Whether it is never thrown out.
    sketch : SketchedTile | None
        What is to be drawn to have the pixels; the image does not count then.

    Attributes
    ----------
    generation : int
        The latest in which it shows what it should.
    """

    __slots__ = ("_image", "generation", "key", "pinned", "sketch")

    def __init__(
        self, key: TileKey, image: QImage, *, pinned: bool = False, sketch: SketchedTile | None = None
    ) -> None:
        self.key = key
        self.generation = key.generation
        self.pinned = pinned
        self.sketch = sketch
        self._image = None if sketch is not None else image

    @property
    def image(self) -> QImage:
        """Its pixels; those of a sketch are drawn when they are asked for first."""
        if self._image is None:
            assert self.sketch is not None
            self._image = self.sketch.drawn()
        return self._image

    @property
    def is_empty(self) -> bool:
        """Whether it is known to show nothing at all."""
        return self.sketch is None and self.image.isNull()

    @property
    def number(self) -> int:
        """The same as long as it shows the same, and unlike that of any other tile."""
        return self.image.cacheKey() if self.sketch is None else self.sketch.number

    @property
    def nbytes(self) -> int:
        """Bytes of its pixels, or of what they can be drawn from."""
        return self.image.sizeInBytes() if self.sketch is None else self.sketch.nbytes


class TileCache:
    """A least-recently-used cache with one tile per place.

    Parameters
    ----------
    capacity : int
        Bytes that unpinned tiles may hold in all.
    """

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self._capacity = capacity
        self._tiles: OrderedDict[Place, CachedTile] = OrderedDict()
        self._pinned: dict[Place, CachedTile] = {}
        self._bytes = self._pinned_bytes = 0
        self._reserved = 0

    @property
    def capacity(self) -> int:
        """Bytes that unpinned tiles may hold in all; what is too much goes at once."""
        return self._capacity

    @capacity.setter
    def capacity(self, capacity: int) -> None:
        self._capacity = capacity
        self._evict()

    def reserve(self, nbytes: int) -> None:
        """Hold less, because so many bytes are held elsewhere for the same view; at least half remains."""
        if nbytes != self._reserved:
            self._reserved = nbytes
            self._evict()

    @property
    def limit(self) -> int:
        """Bytes that unpinned tiles may hold at present."""
        return max(self._capacity - self._reserved, self._capacity // 2)

    @property
    def bytes_held(self) -> int:
        """Bytes of the unpinned tiles."""
        return self._bytes

    @property
    def bytes_pinned(self) -> int:
        """Bytes of the pinned tiles."""
        return self._pinned_bytes

    def __len__(self) -> int:
        return len(self._tiles) + len(self._pinned)

    def find(self, key: TileKey) -> CachedTile | None:
        """The tile at the key's place, of whatever generation; counts as used."""
        place = key[:3]
        tile = self._tiles.get(place)
        if tile is None:
            return self._pinned.get(place)
        self._tiles.move_to_end(place)
        return tile

    def is_there(self, key: TileKey) -> bool:
        """Whether there is a tile at the key's place, of whatever generation."""
        return key[:3] in self._tiles or key[:3] in self._pinned

    def is_current(self, key: TileKey) -> bool:
        """Whether the tile at the key's place is at least of the key's generation."""
        tile = self._at(key[:3])
        return tile is not None and tile.generation >= key[3]

    def put(
        self, key: TileKey, image: QImage, *, pinned: bool = False, sketch: SketchedTile | None = None
    ) -> None:
        """Keep a tile in place of the one that was there, unless that one is newer."""
        place = key.place
        old = self._at(place)
        if old is not None and old.generation > key.generation:
            return
        self._remove(place)
        tile = CachedTile(key, image, pinned=pinned, sketch=sketch)
        if pinned:
            self._pinned[place] = tile
            self._pinned_bytes += tile.nbytes
        else:
            self._tiles[place] = tile
            self._bytes += tile.nbytes
            self._evict()

    def renew(self, keys: set[TileKey], generation: int) -> None:
        """Give every tile the new generation except those at the places of ``keys``.

        A tile older than the generation before that one is not right either, and stays as old as it is.
        """
        changed = {key.place for key in keys}
        for tiles in (self._tiles, self._pinned):
            for place, tile in tiles.items():
                if tile.generation == generation - 1 and place not in changed:
                    tile.generation = generation

    def __iter__(self) -> Iterator[TileKey]:
        """Keys of all tiles, the pinned ones first, then the longest unused."""
        return iter(
            [
                TileKey(*place, tile.generation)
                for tiles in (self._pinned, self._tiles)
                for place, tile in tiles.items()
            ]
        )

    def clear(self) -> None:
        """Forget every tile, pinned ones too."""
        self._tiles.clear()
        self._pinned.clear()
        self._bytes = self._pinned_bytes = 0

    def _at(self, place: Place) -> CachedTile | None:
        return self._tiles.get(place) or self._pinned.get(place)

    def _remove(self, place: Place) -> None:
        if (pinned := self._pinned.pop(place, None)) is not None:
            self._pinned_bytes -= pinned.nbytes
        if (tile := self._tiles.pop(place, None)) is not None:
            self._bytes -= tile.nbytes

    def _evict(self) -> None:
        while self._bytes > self.limit and self._tiles:
            _, tile = self._tiles.popitem(last=False)
            self._bytes -= tile.nbytes
