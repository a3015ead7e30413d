"""A large fluorescence slide of one level that needs no file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.slide_info import Channel, Level, SlideInfo


class Fluorescence:
    """Five channels of 16 bits whose values are known: each grows along an axis of its own."""

    def __init__(self) -> None:
        size = (5000, 4300)
        channels = tuple(Channel(f"C{i}", (0, 255, 0), 65535, (0.0, 65535.0)) for i in range(5))
        self.info = SlideInfo(
            Path("f.ome.tif"), "fluorescence", size, (Level(0, size, 1.0),), "test", channels=channels
        )

    def read_channels(
        self, location: tuple[int, int], level: int, size: tuple[int, int]
    ) -> NDArray[np.uint16]:
        y, x = np.mgrid[location[1] : location[1] + size[1], location[0] : location[0] + size[0]]
        return np.stack([x * 10, y * 10, x + y, x * 0 + 40_000, y * 0 + 7], axis=-1).astype(np.uint16)

    def read_argb(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        raise AssertionError("channels are mixed on the screen only")

    def read_shrunk(
        self, corner: tuple[int, int], level: int, size: tuple[int, int], shrink: int
    ) -> NDArray[np.uint8] | None:
        raise AssertionError("channels are not made smaller by a decoder")
