"""Decoded strips and tiles kept for the next read, up to a number of bytes.

Windows that are read one beside the other share segments; a strip as wide as the slide is shared by all of
them. When two threads need the same segment, one decodes it and the other waits. Any thread.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]

CACHE_BYTES = 96 * 2**20
"""Kept per slide; a segment larger than this is kept until the next one."""


class SegmentCache:
    """The segments used last.

    Parameters
    ----------
    capacity : int
        Bytes.
    """

    def __init__(self, capacity: int = CACHE_BYTES) -> None:
        self._capacity = capacity
        self._bytes = 0
        self._kept: OrderedDict[Hashable, Pixels] = OrderedDict()
        self._decoding: dict[Hashable, threading.Event] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, decode: Callable[[], Pixels]) -> Pixels:
        """A segment, decoded by this thread if no other has done so.

        Parameters
        ----------
        key : Hashable
            Which one.
        decode : Callable[[], Pixels]
            Makes it; what it raises goes to the caller, and the next one tries again.
        """
        while True:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key]
                under_way = self._decoding.get(key)
                if under_way is None:
                    self._decoding[key] = threading.Event()
                    break
            under_way.wait()
        try:
            pixels = decode()
        finally:
            with self._lock:
                self._decoding.pop(key).set()
        self._keep(key, pixels)
        return pixels

    def _keep(self, key: Hashable, pixels: Pixels) -> None:
        # A view would keep all of what it is a view of.
        pixels = pixels if pixels.base is None else np.ascontiguousarray(pixels)
        with self._lock:
            self._kept[key] = pixels
            self._bytes += pixels.nbytes
            while self._bytes > self._capacity and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1].nbytes
