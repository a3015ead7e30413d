"""Portable pixmaps as text (PPM, ``P3``): a format small enough to show what a reader has to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from desktop_app.plugin_api import Level, RgbArray, SlideInfo, UnsupportedSlideError

MAGIC = b"P3"
MAX_BYTES = 64 * 2**20


class Reader:
    """Opens ``P3`` pixmaps."""

    def open(self, path: Path) -> Pixmap | None:
        """A pixmap, or None for every other file."""
        with path.open("rb") as file:
            if file.read(3)[:2] != MAGIC:
                return None
            file.seek(0)
            words = file.read(MAX_BYTES).split()
        try:
            width, height, largest = (int(word) for word in words[1:4])
            values = np.array(words[4:], dtype=np.int64).reshape(height, width, 3)
        except (ValueError, OverflowError) as error:
            raise UnsupportedSlideError(path, "it is cut off or damaged; copy it again.") from error
        if largest != 255 or not width or not height or values.min() < 0 or values.max() > largest:
            raise UnsupportedSlideError(path, "only values from 0 to 255 can be read; convert it.")
        return Pixmap(path, values.astype(np.uint8))


class Pixmap:
    """One open pixmap, all of it in memory."""

    def __init__(self, path: Path, pixels: RgbArray) -> None:
        height, width = pixels.shape[:2]
        opaque = np.full((height, width, 1), 255, np.uint8)
        # ARGB32 in memory, on a little-endian machine: blue, green, red, alpha.
        self._pixels = np.concatenate([pixels[..., ::-1], opaque], axis=2)
        self.info = SlideInfo(
            path=path,
            slide_id="",
            size=(width, height),
            levels=(Level(0, (width, height), 1.0),),
            vendor="pixmap",
        )

    def read_argb(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of the only level; 0 beyond it."""
        (x, y), (width, height) = location, size
        region = np.zeros((height, width, 4), np.uint8)
        left, top = max(0, x), max(0, y)
        inside = self._pixels[top : max(top, y + height), left : max(left, x + width)]
        region[top - y : top - y + inside.shape[0], left - x : left - x + inside.shape[1]] = inside
        return region

    def read_associated_argb(self, name: str) -> RgbArray:
        """A pixmap has no pictures beside it."""
        raise KeyError(name)

    def close(self) -> None:
        """Nothing is held open."""
