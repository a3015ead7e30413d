"""Making the levels that a slide's file lacks: samples first, then every part.

A few hundred tiles spread over the slide give a first, blurred overview after a second; a few thousand a
better one; then the parts are made, those in view first and the rest in the order of the file. Runs on a
thread of the caller that yields to everything else; asks after each small read whether the slide is being
closed.

A read that fails is tried again tile by tile, and what cannot be read is hatched. When nothing can be read
any more (a network drive has gone) the build ends with the reason, and can be run again.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from desktop_app.domain.arrays import ChannelArray, MaskArray, RgbArray
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.viewport import Rect
from desktop_app.errors import SlideGoneError, SlideReadError
from desktop_app.slides.compositing import rgb_on_background
from desktop_app.slides.pyramid_cache import MadeLevels
from desktop_app.slides.pyramid_overview import BASE_SHRINK, PART_READ, LevelGroup
from desktop_app.slides.pyramid_parts import PartPixels, shrunk
from desktop_app.slides.pyramid_store import PartKey
from desktop_app.slides.unreadable import UnreadablePlace

SAMPLES = ((500, 48), (2_500, 200), (9_000, 200))
"""Tiles read for the first overviews, each finer than the one before, and how many parts at most are made
before them where no more are in view."""

SAMPLED_FROM = 64
"""Parts: a slide of fewer is made whole about as soon as it is sampled."""

READ_ROWS = 256
"""Pixels: a part is read in bands of this height, so that closing the slide waits for no more."""

GONE_AFTER = 6
"""So many parts in a row of which nothing can be read mean that the whole file cannot."""


class ScreenSlide(Protocol):
    """What the builder needs of an open slide; ``desktop_app.slides.Slide`` is one."""

    @property
    def info(self) -> SlideInfo:
        """Metadata of the slide."""

    def read_argb(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Premultiplied pixels in native byte order, uint8 ``(H, W, 4)``; raises ``SlideReadError``."""

    def read_shrunk(
        self, corner: tuple[int, int], level: int, size: tuple[int, int], shrink: int
    ) -> RgbArray | None:
        """Pixels made smaller by the decoder, for the screen; None where it cannot."""

    def read_channels(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> ChannelArray:
        """Channels of a fluorescence slide, ``(H, W, C)``; raises ``SlideReadError``."""


class PyramidBuilder:
    """Makes all that is missing of one slide's levels.

    Parameters
    ----------
    slide : ScreenSlide
        Open until :meth:`run` has returned.
    made : MadeLevels
        Gets the parts.
    """

    def __init__(self, slide: ScreenSlide, made: MadeLevels) -> None:
        self._slide = slide
        self._made = made
        self._lock = threading.Lock()
        self._wanted: Rect | None = None
        self._failures = 0

    def look_at(self, rect: Rect) -> None:
        """Make what lies in a level-0 rectangle first; any thread."""
        with self._lock:
            self._wanted = rect

    def run(self, sampled: Callable[[], None] = lambda: None) -> str:
        """Work until everything is made, the slide is being closed, or nothing can be read.

        Parameters
        ----------
        sampled : Callable[[], None]
            Called once there is a picture of the whole slide; what follows is less urgent.

        Returns
        -------
        str
            Why it ended early, as the reader said it; empty if everything was made or the slide is closed.
        """
        with self._made:
            try:
                for count, few in SAMPLES:
                    self._sample(count, few)
                    sampled()
                for group in self._made.groups:
                    self._make(group)
            except SlideReadError as error:
                return error.reason
            except _ClosingError:
                pass
        return ""

    # ---- samples ------------------------------------------------------------------------------------

    def _sample(self, count: int, few: int) -> None:
        for group in self._made.groups:
            missing = self._made.missing(group.level)
            if missing.mean() < 0.5 or missing.size < SAMPLED_FROM:
                continue
            tile = _sample_size(self._slide.info)
            columns, rows = (side / tile for side in group.size)
            stride = max(1, math.ceil(math.sqrt(columns * rows / count)))
            colors = self._sample_colors(group, tile, stride, few=few)
            self._made.add_samples(group.level, colors, step=stride * tile)

    def _sample_colors(self, group: LevelGroup, tile: int, stride: int, *, few: int) -> PartPixels:
        """The mean color of one tile in each square of ``stride`` × ``stride`` tiles, from its middle."""
        columns, rows = (-(-side // (tile * stride)) for side in group.size)
        colors = np.empty((rows, columns, self._made.kind.channels), self._made.kind.dtype)
        for row in range(rows):
            # Whoever looks closely waits for these parts, and for no sample.
            self._make(group, only=few)
            for column in range(columns):
                self._check_open()
                places = ((at * stride + stride // 2) * tile for at in (column, row))
                last = ((side - 1) // tile * tile for side in group.size)
                x, y = (min(place, limit) for place, limit in zip(places, last, strict=True))
                colors[row, column] = self._mean_color(group, (x, y), tile)
        return colors

    def _mean_color(self, group: LevelGroup, corner: tuple[int, int], tile: int) -> PartPixels:
        size = (min(tile, group.size[0] - corner[0]), min(tile, group.size[1] - corner[1]))
        try:
            pixels = self._small(group, corner, size)
        except SlideGoneError:
            raise
        except SlideReadError:
            # Whether the place alone or the whole file cannot be read turns out when the parts are made.
            pixels = self._made.kind.hatched(size)
        means = pixels.reshape(-1, pixels.shape[2]).mean(axis=0)
        return np.asarray(np.rint(means), self._made.kind.dtype)

    # ---- parts --------------------------------------------------------------------------------------

    def _make(self, group: LevelGroup, only: int | None = None) -> None:
        """Make all missing parts, or those in view if they are only so many."""
        for column, row in self._order(group, only):
            self._check_open()
            key = PartKey(group.level, column, row)
            pixels, unreadable = self._part(group, key)
            self._made.add_part(key, pixels, unreadable=unreadable)

    def _order(self, group: LevelGroup, only: int | None) -> Iterator[tuple[int, int]]:
        """The missing parts, the one nearest to the middle of the view first while one is in view."""
        missing = self._made.missing(group.level)
        while missing.any():
            columns, rows = self._in_view(group)
            seen = missing[rows, columns]
            if only is not None and not 0 < seen.sum() <= only:
                return
            if seen.any():
                row, column = _nearest_to_middle(seen)
                row, column = row + rows.start, column + columns.start
            else:
                row, column = divmod(int(missing.argmax()), missing.shape[1])
            missing[row, column] = False
            yield column, row

    def _in_view(self, group: LevelGroup) -> tuple[slice, slice]:
        with self._lock:
            wanted = self._wanted
        if wanted is None:
            return slice(0, 0), slice(0, 0)
        x, y, width, height = (value / (group.downsample * PART_READ) for value in wanted)
        columns, rows = group.grid
        return _between(x, x + width, columns), _between(y, y + height, rows)

    def _part(self, group: LevelGroup, key: PartKey) -> tuple[PartPixels, tuple[UnreadablePlace, ...]]:
        corner = (key.column * PART_READ, key.row * PART_READ)
        size = (min(PART_READ, group.size[0] - corner[0]), min(PART_READ, group.size[1] - corner[1]))
        unreadable: tuple[UnreadablePlace, ...] = ()
        try:
            pixels = self._small(group, corner, size)
        except SlideGoneError:
            raise
        except SlideReadError as error:
            pixels, unreadable = self._piece_by_piece(group, corner, size)
            self._count_failure(error, len(unreadable) == len(list(self._pieces(size))))
        else:
            self._failures = 0
        return pixels, unreadable

    def _piece_by_piece(
        self, group: LevelGroup, corner: tuple[int, int], size: tuple[int, int]
    ) -> tuple[PartPixels, tuple[UnreadablePlace, ...]]:
        """A part of which something cannot be read, tile by tile."""
        result = self._made.kind.unknown((-(-size[0] // BASE_SHRINK), -(-size[1] // BASE_SHRINK)))
        unreadable: list[UnreadablePlace] = []
        for left, top, width, height in self._pieces(size):
            try:
                pixels = self._small(group, (corner[0] + left, corner[1] + top), (width, height))
            except SlideGoneError:
                raise
            except SlideReadError as error:
                place = (corner[0] + left, corner[1] + top, width, height)
                unreadable.append(_unreadable(group, place, error))
                pixels = self._made.kind.hatched((-(-width // BASE_SHRINK), -(-height // BASE_SHRINK)))
            x, y = left // BASE_SHRINK, top // BASE_SHRINK
            result[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
        return result, tuple(unreadable)

    def _pieces(self, size: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
        """A part's tiles as ``(x, y, width, height)`` from its corner."""
        tile = _sample_size(self._slide.info)
        for top in range(0, size[1], tile):
            for left in range(0, size[0], tile):
                yield left, top, min(tile, size[0] - left), min(tile, size[1] - top)

    def _count_failure(self, error: SlideReadError, nothing_was_read: bool) -> None:
        self._failures = self._failures + 1 if nothing_was_read else 0
        if self._failures >= GONE_AFTER:
            raise error

    # ---- reading ------------------------------------------------------------------------------------

    def _small(self, group: LevelGroup, corner: tuple[int, int], size: tuple[int, int]) -> PartPixels:
        """A rectangle of the file's level at ``BASE_SHRINK``; its corner is a multiple of that."""
        self._check_open()
        if self._made.kind.is_color:
            small = (-(-size[0] // BASE_SHRINK), -(-size[1] // BASE_SHRINK))
            at = (corner[0] // BASE_SHRINK, corner[1] // BASE_SHRINK)
            pixels = self._slide.read_shrunk(at, group.level, small, BASE_SHRINK)
            if pixels is not None:
                return rgb_on_background(pixels, self._slide.info.background)
        return self._small_by_area(group, corner, size)

    def _small_by_area(self, group: LevelGroup, corner: tuple[int, int], size: tuple[int, int]) -> PartPixels:
        rows = max(READ_ROWS, _sample_size(self._slide.info))
        bands = []
        for top in range(0, size[1], rows):
            self._check_open()
            place = (corner[0], corner[1] + top)
            location = (round(place[0] * group.downsample), round(place[1] * group.downsample))
            band = self._read(location, group.level, (size[0], min(rows, size[1] - top)))
            bands.append(shrunk(band, BASE_SHRINK))
        return np.concatenate(bands)

    def _read(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> PartPixels:
        if not self._made.kind.is_color:
            return self._slide.read_channels(location, level, size)
        return rgb_on_background(self._slide.read_argb(location, level, size), self._slide.info.background)

    def _check_open(self) -> None:
        if self._made.is_closing:
            raise _ClosingError


class _ClosingError(Exception):
    """The slide is being closed."""


def _unreadable(
    group: LevelGroup, place: tuple[int, int, int, int], error: SlideReadError
) -> UnreadablePlace:
    x, y, width, height = (value * group.downsample for value in place)
    return UnreadablePlace.of(error, (x, y, width, height), group.level)


def _sample_size(info: SlideInfo) -> int:
    """Pixels of what is read at a time: the file's own tile where that is square and of a usual size."""
    width, height = info.tile_size
    return width if width == height and 128 <= width <= 1024 and width % BASE_SHRINK == 0 else 256


def _between(start: float, end: float, count: int) -> slice:
    first, last = max(0, math.floor(start)), min(count, math.ceil(end))
    return slice(first, max(first, last))


def _nearest_to_middle(seen: MaskArray) -> tuple[int, int]:
    """``(row, column)`` of the True entry that is nearest to the middle."""
    rows, columns = np.nonzero(seen)
    middle = ((seen.shape[0] - 1) / 2, (seen.shape[1] - 1) / 2)
    nearest = int(np.hypot(rows - middle[0], columns - middle[1]).argmin())
    return int(rows[nearest]), int(columns[nearest])
