"""Memory for tiles that is used again.

The system hands out fresh memory page by page, cleared, at the first touch: for a tile of 256 pixels that
takes longer than decoding half of it. The tiles of a slide therefore live in slabs; a tile thrown out of the
cache leaves its place to the next one, and some places are touched ahead of time, while nothing else is to be
done. Any thread.
"""

from __future__ import annotations

import sys
import threading
from collections import deque

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Words = NDArray[np.uint32]

SLAB_BYTES = 8 * 2**20
"""Large enough for the system's large pages, which numpy asks for."""

READY_BYTES = 16 * 2**20
"""Touched and unused: what a jump on a common screen takes."""

STEP_BYTES = 4 * 2**20
"""Touched at once, which takes some milliseconds at most."""

PAGE_BYTES = 4096
ALPHA = 3 if sys.byteorder == "little" else 0
"""Which byte of a pixel is its alpha."""


class TileBuffer:
    """The memory of one tile; goes back to its pool when it is let go.

    Attributes
    ----------
    pixels : Pixels
        uint8 ``(H, W, 4)``, contiguous, whatever was there before. No view of it may outlive this object.
    """

    __slots__ = ("_free", "_place", "pixels")

    def __init__(self, place: Pixels, size: tuple[int, int], free: deque[Pixels]) -> None:
        width, height = size
        self.pixels = place[: 4 * width * height].reshape(height, width, 4)
        self._place = place
        self._free = free

    def __del__(self) -> None:
        self._free.append(self._place)


class TileBuffers:
    """A pool of memory for tiles of one size.

    Parameters
    ----------
    tile_size : int
        Pixels of a whole tile's side.
    """

    def __init__(self, tile_size: int) -> None:
        self._nbytes = 4 * tile_size * tile_size
        self._free: deque[Pixels] = deque()
        self._untouched: deque[Pixels] = deque()
        self._to_touch: deque[Words] = deque()
        self._lock = threading.Lock()

    def take(self, size: tuple[int, int]) -> TileBuffer:
        """Memory for a tile of ``(width, height)`` pixels, at most a whole tile."""
        try:
            place = self._free.pop()
        except IndexError:
            place = self._fresh()
        return TileBuffer(place, size, self._free)

    def touch_later(self, words: Words) -> None:
        """Have the memory of a picture touched by :meth:`touch_ahead`, which leaves colors as they are.

        Parameters
        ----------
        words : Words
            uint32 ``(N,)``, opaque ARGB32 pixels: their alpha is set.
        """
        step = STEP_BYTES // words.itemsize
        self._to_touch.extend(words[start : start + step] for start in range(0, words.size, step))

    def touch_ahead(self) -> bool:
        """Do a little towards having enough touched memory; whether there is more to do."""
        if self._to_touch:
            # One alpha a page; the window may be painting there, and writes the same.
            self._to_touch.popleft().view(np.uint8)[ALPHA::PAGE_BYTES] = 255
            return True
        if len(self._free) * self._nbytes >= READY_BYTES:
            return False
        for _ in range(max(1, STEP_BYTES // self._nbytes)):
            place = self._fresh()
            place[:] = 0
            self._free.append(place)
        return True

    @property
    def unused_nbytes(self) -> int:
        """Bytes of touched memory that no tile lives in."""
        return len(self._free) * self._nbytes

    def _fresh(self) -> Pixels:
        with self._lock:
            if not self._untouched:
                count = max(1, SLAB_BYTES // self._nbytes)
                slab = np.empty(count * self._nbytes, np.uint8)
                self._untouched.extend(slab.reshape(count, self._nbytes))
            return self._untouched.popleft()
