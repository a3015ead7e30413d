"""The overview of a slide without coarse levels: kept in memory, and true where its parts are made.

What levels are missing, how they are cut into parts, and the one small picture of all parts from which
everything coarse is shown. What is not made yet is guessed from samples. Any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from desktop_app.domain.arrays import MaskArray
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.tile_requests import tile_levels
from desktop_app.slides.pyramid_parts import PartKind, PartPixels, resized, shrunk
from desktop_app.slides.pyramid_store import PartKey

BASE_SHRINK = 8
"""Levels up to four times smaller than one in the file are made on demand: that reads 16 tiles at most."""

PART = 256
"""Pixels of a part, at ``BASE_SHRINK``."""

PART_READ = PART * BASE_SHRINK
"""Pixels of the file's level below one part."""

READ_ON_DEMAND = 4096
"""Pixels: a level of the file that is at most this wide and high is read whole in no time."""

OVERVIEW = 2048
"""The overview in memory is at most this many pixels wide and high."""

OVERVIEW_BYTES = 64 * 2**20
"""The overview of a slide of many channels is kept smaller."""


@dataclass(frozen=True, slots=True)
class LevelGroup:
    """The made levels that are all read from one level of the file.

    Attributes
    ----------
    level : int
        The level of the file.
    size : tuple[int, int]
        Its pixels.
    downsample : float
        Its level-0 pixels per pixel.
    """

    level: int
    size: tuple[int, int]
    downsample: float

    @property
    def grid(self) -> tuple[int, int]:
        """``(columns, rows)`` of parts."""
        return -(-self.size[0] // PART_READ), -(-self.size[1] // PART_READ)

    def overview_shrink(self, pixel_bytes: int) -> int:
        """The power of two at which the overview in memory is kept, for pixels of so many bytes."""
        shrink = BASE_SHRINK
        while max(self.size_at(shrink)) > OVERVIEW or self._area(shrink) * pixel_bytes > OVERVIEW_BYTES:
            shrink *= 2
        return shrink

    def _area(self, shrink: int) -> int:
        width, height = self.size_at(shrink)
        return width * height

    def size_at(self, shrink: int) -> tuple[int, int]:
        """Pixels of a made level."""
        return -(-self.size[0] // shrink), -(-self.size[1] // shrink)

    def part_size(self, column: int, row: int) -> tuple[int, int]:
        """Pixels of a part; those at the right and lower edge can be smaller."""
        width, height = self.size_at(BASE_SHRINK)
        return min(PART, width - column * PART), min(PART, height - row * PART)


def missing_levels(info: SlideInfo) -> tuple[LevelGroup, ...]:
    """The groups of levels that a slide needs made; empty for a slide with a pyramid.

    A group is needed where ``domain.tile_requests`` fills in a level that is at least ``BASE_SHRINK`` times
    smaller than the one it is read from, and that one is large.
    """
    steps = [step for step in tile_levels(info.levels) if step.shrink >= BASE_SHRINK]
    read_from = {step.read_level for step in steps}
    needed = sorted(at for at in read_from if max(info.levels[at].size) > READ_ON_DEMAND)
    return tuple(LevelGroup(at, info.levels[at].size, info.levels[at].downsample) for at in needed)


class GroupOverview:
    """The overview of one group in memory, and which of its parts are made.

    Parameters
    ----------
    group : LevelGroup
        What it is the overview of.
    kind : PartKind
        What its pixels are.

    Attributes
    ----------
    shrink : int
        Pixels of the file's level per pixel of the overview.
    """

    def __init__(self, group: LevelGroup, kind: PartKind) -> None:
        self.shrink = group.overview_shrink(kind.pixel_bytes)
        self._group = group
        self._pixels = kind.unknown(group.size_at(self.shrink))
        columns, rows = group.grid
        self._is_made = np.zeros((rows, columns), np.bool_)
        self._sampled = 0
        self._lock = threading.Lock()

    @property
    def counts(self) -> tuple[int, int]:
        """``(made, all)`` parts."""
        return int(self._is_made.sum()), self._is_made.size

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show yet."""
        return not self._sampled and not self._is_made.any()

    def missing(self) -> MaskArray:
        """Which parts are not made, bool ``(rows, columns)``; a copy."""
        return np.asarray(~self._is_made)

    def is_made(self, key: PartKey) -> bool:
        """Whether a part is made."""
        return bool(self._is_made[key.row, key.column])

    def mark_missing(self, key: PartKey) -> None:
        """Have a part made again; what it shows stays until then."""
        self._is_made[key.row, key.column] = False

    def parts_in(self, shrink: int, *, corner: tuple[int, int], size: tuple[int, int]) -> Iterator[PartKey]:
        """The parts that a rectangle of a made level touches (pixels of that level)."""
        (x0, x1), (y0, y1) = self._range(shrink, corner, size)
        yield from (
            PartKey(self._group.level, column, row) for row in range(y0, y1) for column in range(x0, x1)
        )

    def version(self, shrink: int, *, corner: tuple[int, int], size: tuple[int, int]) -> int | None:
        """A number that changes when a rectangle can be shown better; None once all of it is made."""
        (x0, x1), (y0, y1) = self._range(shrink, corner, size)
        made = self._is_made[y0:y1, x0:x1]
        if made.all():
            return None
        return int(made.sum()) * 8 + self._sampled

    def _range(
        self, shrink: int, corner: tuple[int, int], size: tuple[int, int]
    ) -> tuple[tuple[int, int], tuple[int, int]]:
        side = PART_READ / shrink
        columns, rows = self._group.grid
        first = int(corner[0] // side), int(corner[1] // side)
        last = -int(-(corner[0] + size[0]) // side), -int(-(corner[1] + size[1]) // side)
        return (first[0], min(columns, last[0])), (first[1], min(rows, last[1]))

    # ---- what is put in -----------------------------------------------------------------------------

    def summary_of(self, part: PartPixels) -> PartPixels:
        """A part at the overview's scale."""
        return shrunk(part, self.shrink // BASE_SHRINK)

    def summary_size(self, key: PartKey) -> tuple[int, int]:
        """``(width, height)`` of a part at the overview's scale."""
        _, _, width, height = self._place(key)
        return width, height

    def has(self, key: PartKey) -> bool:
        """Whether there is such a part."""
        columns, rows = self._group.grid
        return 0 <= key.column < columns and 0 <= key.row < rows

    def part_size(self, key: PartKey) -> tuple[int, int]:
        """``(width, height)`` of a part."""
        return self._group.part_size(key.column, key.row)

    def put(self, key: PartKey, summary: PartPixels) -> None:
        """Take a part's pixels at the overview's scale."""
        x, y, width, height = self._place(key)
        with self._lock:
            self._pixels[y : y + height, x : x + width] = summary
            # Only now: who finds it made must find its pixels too.
            self._is_made[key.row, key.column] = True

    def add_samples(self, colors: PartPixels, step: int) -> None:
        """Guess what is not made; see ``MadeLevels.add_samples``."""
        import cv2

        scale = step / self.shrink
        height, width = self._pixels.shape[:2]
        whole = (max(1, round(colors.shape[1] * scale)), max(1, round(colors.shape[0] * scale)))
        guess = resized(colors, whole, cv2.INTER_LINEAR)
        guess = np.pad(guess, ((0, max(0, height - whole[1])), (0, max(0, width - whole[0])), (0, 0)), "edge")
        with self._lock:
            blank = self._blank()
            self._pixels[blank] = guess[:height, :width][blank]
            self._sampled += 1

    def _blank(self) -> MaskArray:
        """Where no made part is, bool ``(H, W)`` of the overview."""
        side = PART_READ // self.shrink
        height, width = self._pixels.shape[:2]
        return np.repeat(np.repeat(~self._is_made, side, axis=0), side, axis=1)[:height, :width]

    def _place(self, key: PartKey) -> tuple[int, int, int, int]:
        side = PART_READ // self.shrink
        width, height = self._group.part_size(key.column, key.row)
        factor = self.shrink // BASE_SHRINK
        return key.column * side, key.row * side, -(-width // factor), -(-height // factor)

    # ---- what is taken out --------------------------------------------------------------------------

    def reduced(self, shrink: int, *, corner: tuple[int, int], size: tuple[int, int]) -> PartPixels:
        """A rectangle of a level as coarse as the overview or coarser."""
        factor = shrink // self.shrink
        x, y = corner[0] * factor, corner[1] * factor
        pixels = self._pixels[y : y + size[1] * factor, x : x + size[0] * factor]
        return shrunk(pixels, factor) if factor > 1 else pixels.copy()

    def enlarged(self, shrink: int, *, corner: tuple[int, int], size: tuple[int, int]) -> PartPixels:
        """A rectangle of a finer level, as the overview shows it: smooth."""
        import cv2

        factor = self.shrink // shrink
        x0, y0 = corner[0] // factor, corner[1] // factor
        x1, y1 = -(-(corner[0] + size[0]) // factor), -(-(corner[1] + size[1]) // factor)
        size_there = ((x1 - x0) * factor, (y1 - y0) * factor)
        large = resized(self._pixels[y0:y1, x0:x1], size_there, cv2.INTER_LINEAR)
        left, top = corner[0] - x0 * factor, corner[1] - y0 * factor
        return np.ascontiguousarray(large[top : top + size[1], left : left + size[0]])
