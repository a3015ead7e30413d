"""A slide whose reads a test can hold, count and spoil."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.slide_info import SlideInfo
from desktop_app.errors import SlideReadError
from desktop_app.slides import Slide


class WatchedSlide:
    """Hands everything to a real slide.

    Attributes
    ----------
    gate : threading.Event
        Reads wait until it is set; it is set at first.
    held : set[int]
        Levels whose reads the gate holds; all of them at first.
    threads : set[int]
        Identifiers of the threads that have read.
    reads : list
        ``(location, level, size)`` of each read.
    spoiled : tuple | None
        ``(x0, y0, x1, y1)`` in level-0 pixels: reads that touch it fail.
    """

    def __init__(self, slide: Slide) -> None:
        self._slide = slide
        self.gate = threading.Event()
        self.gate.set()
        self.held = {level.index for level in slide.info.levels}
        self.threads: set[int] = set()
        self.reads: list[tuple[tuple[int, int], int, tuple[int, int]]] = []
        self.spoiled: tuple[int, int, int, int] | None = None

    @property
    def info(self) -> SlideInfo:
        return self._slide.info

    def read_argb(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        self._watch(location, level, size)
        return self._slide.read_argb(location, level, size)

    def read_level(self, corner: tuple[int, int], level: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        downsample = self.info.levels[level].downsample
        self._watch((round(corner[0] * downsample), round(corner[1] * downsample)), level, size)
        return self._slide.read_level(corner, level, size)

    def read_shrunk(
        self, corner: tuple[int, int], level: int, size: tuple[int, int], shrink: int
    ) -> NDArray[np.uint8] | None:
        """None: what is watched is the way by area, whatever the file."""
        return None

    def _watch(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> None:
        if level in self.held:
            self.gate.wait(20)
        self.threads.add(threading.get_ident())
        self.reads.append((location, level, size))
        if self._touches_spoiled(location, level, size):
            raise SlideReadError(self.info.path, "spoiled", location)

    def _touches_spoiled(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> bool:
        if self.spoiled is None:
            return False
        scale = self.info.levels[level].downsample
        x0, y0, x1, y1 = self.spoiled
        return (
            location[0] < x1
            and location[1] < y1
            and x0 < location[0] + size[0] * scale
            and y0 < location[1] + size[1] * scale
        )
