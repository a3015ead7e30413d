"""Tiles read ahead in threads, in order, with a bound on the bytes in flight.

Decoding is what a run waits for, and OpenSlide releases the interpreter while it decodes, so a few
threads keep the encoder fed. A tile that cannot be read is reported with its place and reason and never
painted white. The iterator runs on the job's thread, the reads on threads of its own.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from threading import Event

import numpy as np

from desktop_app.domain.arrays import IntArray, RgbArray
from desktop_app.engine.job import JobControl
from desktop_app.engine.tiles import TilePlan
from desktop_app.errors import SlideReadError
from desktop_app.plugin_api.slide import SlidePixels

BATCH_BYTES = 4 * 2**20
"""Pixels of one batch: 21 tiles of 256 px, few enough for a slow encoder to be cancelled in time."""

AHEAD_BYTES = 128 * 2**20
"""Pixels read ahead at most, whatever the tile size (one batch is always allowed)."""

_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class UnreadableTile:
    """A tile whose pixels could not be read.

    Attributes
    ----------
    location : tuple[int, int]
        Level-0 ``(x, y)`` of its top left corner.
    reason : str
        What the reader said.
    """

    location: tuple[int, int]
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class TileBatch:
    """Some tiles of a plan, in the plan's order.

    Attributes
    ----------
    indices : IntArray
        int64 ``(n,)`` into the grid, of the tiles that were read.
    pixels : RgbArray
        uint8 ``(n, size, size, 3)`` at the target mpp.
    unreadable : tuple[UnreadableTile, ...]
        The others.
    """

    indices: IntArray
    pixels: RgbArray
    unreadable: tuple[UnreadableTile, ...] = ()

    @property
    def done(self) -> int:
        """Tiles dealt with, readable or not."""
        return len(self.indices) + len(self.unreadable)


def read_tiles(
    slide: SlidePixels, plan: TilePlan, indices: IntArray, *, control: JobControl
) -> Iterator[TileBatch]:
    """Read tiles of a plan.

    Parameters
    ----------
    slide : SlidePixels
        Read from several threads.
    plan : TilePlan
        Where tiles lie and how large they are.
    indices : IntArray
        int64, into the grid; batches come in this order.
    control : JobControl
        Asked at most 0.2 s apart while the iterator waits.

    Yields
    ------
    TileBatch
        At least one tile each.

    Raises
    ------
    JobCancelledError
        From ``control``; reads under way end after the tile they are at.
    """
    stop = Event()
    reader = _Reader(slide, plan, stop)
    tile_bytes = 3 * plan.settings.size_px**2
    per_batch = max(1, BATCH_BYTES // tile_bytes)
    threads = min(4, os.cpu_count() or 1)
    ahead = max(1, min(2 * threads, AHEAD_BYTES // (per_batch * tile_bytes)))
    chunks = [indices[start : start + per_batch] for start in range(0, len(indices), per_batch)]
    with ThreadPoolExecutor(threads, thread_name_prefix="tiles") as pool:
        try:
            yield from _in_order(pool, reader, chunks, ahead=ahead, control=control)
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)


def _in_order(
    pool: ThreadPoolExecutor, reader: _Reader, chunks: Sequence[IntArray], *, ahead: int, control: JobControl
) -> Iterator[TileBatch]:
    pending: deque[Future[TileBatch]] = deque()
    for chunk in chunks:
        pending.append(pool.submit(reader.read, chunk))
        if len(pending) >= ahead:
            yield _await(pending.popleft(), control)
    while pending:
        yield _await(pending.popleft(), control)


def _await(future: Future[TileBatch], control: JobControl) -> TileBatch:
    while True:
        control.checkpoint()
        try:
            return future.result(timeout=_POLL_SECONDS)
        except NotYet:
            continue


class _Reader:
    """Reads the tiles of one chunk on a pool thread."""

    def __init__(self, slide: SlidePixels, plan: TilePlan, stop: Event) -> None:
        self._slide = slide
        self._size = plan.settings.size_px
        self._extent = plan.grid.tile
        self._padded_beyond = plan.extent
        self._locations = plan.grid.locations()
        self._stop = stop

    def read(self, indices: IntArray) -> TileBatch:
        pixels = np.empty((len(indices), self._size, self._size, 3), dtype=np.uint8)
        read: list[int] = []
        unreadable: list[UnreadableTile] = []
        for index in indices:
            if self._stop.is_set():
                break
            x, y = (int(value) for value in self._locations[index])
            try:
                tile = self._slide.read_scaled((x, y), self._extent, (self._size, self._size))
            except SlideReadError as error:
                unreadable.append(UnreadableTile((x, y), error.reason))
            else:
                pixels[len(read)] = self._padded(tile, (x, y))
                read.append(int(index))
        return TileBatch(np.asarray(read, dtype=np.int64), pixels[: len(read)], tuple(unreadable))

    def _padded(self, tile: RgbArray, corner: tuple[int, int]) -> RgbArray:
        """The tile with white where it reaches beyond the plan's extent."""
        if self._padded_beyond is None:
            return tile
        starts, ends = [], []
        for axis in (0, 1):
            scale = self._size / self._extent[axis]
            start = (self._padded_beyond[axis] - corner[axis]) * scale
            end = start + self._padded_beyond[axis + 2] * scale
            starts.append(min(max(round(start), 0), self._size))
            ends.append(min(max(round(end), 0), self._size))
        white = np.full_like(tile, 255)
        inside = np.s_[starts[1] : ends[1], starts[0] : ends[0]]
        white[inside] = tile[inside]
        return white
