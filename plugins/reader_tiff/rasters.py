"""Rectangles of pixels, wherever they are kept: in strips, in tiles, as rows, in memory, turned, or stacked.

A raster knows its size and gives any rectangle inside it in the values that the file holds; what these values
mean is decided elsewhere. Any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .library_errors import DamageError
from .raw_file import RawFile
from .segment_cache import SegmentCache

Pixels = NDArray[Any]
"""``(H, W, S)``: S samples per pixel, in the file's data type and native byte order."""

UNLISTED = -1
"""In place of where a part of the picture is, if a damaged file does not say so."""

Rect = tuple[int, int, int, int]
"""``(x, y, width, height)``."""


class Raster(Protocol):
    """Pixels that can be read by rectangles."""

    @property
    def size(self) -> tuple[int, int]:
        """``(width, height)``."""

    def read(self, rect: Rect) -> tuple[Pixels, NDArray[np.bool_] | None]:
        """A rectangle that lies inside, and True where the file holds no pixels (None: nowhere)."""


@dataclass(frozen=True, slots=True, eq=False)
class ArrayRaster:
    """Pixels in memory, ``(H, W, S)``."""

    pixels: Pixels

    @property
    def size(self) -> tuple[int, int]:
        """``(width, height)``."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def read(self, rect: Rect) -> tuple[Pixels, None]:
        """A view; nothing is copied."""
        x, y, width, height = rect
        return self.pixels[y : y + height, x : x + width], None


@dataclass(frozen=True, slots=True, eq=False)
class RowRaster:
    """Uncompressed pixels in strips of whole rows, of which only the bytes that are needed are read.

    Attributes
    ----------
    file : RawFile
        Holds them.
    offsets : NDArray[np.int64]
        ``(planes, strips)``: where each strip begins; 0 for one that is left out. Samples that are stored
        apart have a plane each.
    rows_per_strip : int
        Of every strip but the last.
    size : tuple[int, int]
        ``(width, height)``.
    samples : int
        Per pixel, within a plane.
    dtype : np.dtype[Any]
        In the file's byte order.
    """

    file: RawFile
    offsets: NDArray[np.int64]
    rows_per_strip: int
    size: tuple[int, int]
    samples: int
    dtype: np.dtype[Any]

    def read(self, rect: Rect) -> tuple[Pixels, NDArray[np.bool_] | None]:
        """See :class:`Raster`."""
        _, y, width, height = rect
        planes = len(self.offsets)
        pixels = np.zeros((height, width, planes * self.samples), self.dtype.newbyteorder("="))
        missing = np.zeros(height, np.bool_)
        for plane in range(planes):
            samples = slice(plane * self.samples, (plane + 1) * self.samples)
            for row in range(height):
                strip, inside = divmod(y + row, self.rows_per_strip)
                start = _listed(int(self.offsets[plane, strip]))
                if start:
                    pixels[row, :, samples] = self._row(start, inside, rect)
                else:
                    missing[row] = True
        if not missing.any():
            return pixels, None
        return pixels, np.repeat(missing[:, None], width, axis=1)

    def _row(self, start: int, row: int, rect: Rect) -> Pixels:
        pixel = self.samples * self.dtype.itemsize
        data = self.file.read(start + (row * self.size[0] + rect[0]) * pixel, rect[2] * pixel)
        return np.frombuffer(data, self.dtype).reshape(rect[2], self.samples)


@dataclass(frozen=True, slots=True, eq=False)
class SegmentRaster:
    """Compressed strips or tiles, of which those that a rectangle touches are decoded.

    Attributes
    ----------
    file : RawFile
        Holds them.
    offsets, counts : NDArray[np.int64]
        ``(planes, rows, columns)``: where each segment begins and how long it is; 0 for one that is missing.
    segment : tuple[int, int]
        ``(width, height)`` of every segment but those at the edge.
    size : tuple[int, int]
        ``(width, height)``.
    samples : int
        Per pixel, within a plane.
    dtype : np.dtype[Any]
        Native byte order.
    decode : Callable[[bytes, int], Pixels]
        Gives ``(height, width, samples)`` of the segment of that index, counted through all planes.
    cache : SegmentCache
        Shared by all rasters of a slide.
    """

    file: RawFile
    offsets: NDArray[np.int64]
    counts: NDArray[np.int64]
    segment: tuple[int, int]
    size: tuple[int, int]
    samples: int
    dtype: np.dtype[Any]
    decode: Callable[[bytes, int], Pixels]
    cache: SegmentCache

    def read(self, rect: Rect) -> tuple[Pixels, NDArray[np.bool_] | None]:
        """See :class:`Raster`."""
        x, y, width, height = rect
        planes = len(self.offsets)
        pixels = np.zeros((height, width, planes * self.samples), self.dtype)
        missing: NDArray[np.bool_] | None = None
        columns = range(x // self.segment[0], -(-(x + width) // self.segment[0]))
        rows = range(y // self.segment[1], -(-(y + height) // self.segment[1]))
        for place in np.ndindex(planes, len(rows), len(columns)):
            plane, row, column = place[0], rows[place[1]], columns[place[2]]
            there, here = self._overlap(rect, row, column)
            if self.offsets[plane, row, column] and self.counts[plane, row, column]:
                samples = slice(plane * self.samples, (plane + 1) * self.samples)
                pixels[(*here, samples)] = self._segment(plane, row, column)[there]
            else:
                missing = np.zeros((height, width), np.bool_) if missing is None else missing
                missing[here] = True
        return pixels, missing

    def _overlap(self, rect: Rect, row: int, column: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """Where a segment and the rectangle meet: in the segment, and in the rectangle."""
        (seg_width, seg_height), (x, y, width, height) = self.segment, rect
        left, top = column * seg_width, row * seg_height
        x0, x1 = max(x, left), min(x + width, left + seg_width)
        y0, y1 = max(y, top), min(y + height, top + seg_height)
        there = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
        return there, (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))

    def _segment(self, plane: int, row: int, column: int) -> Pixels:
        return self.cache.get((id(self), plane, row, column), lambda: self._decoded(plane, row, column))

    def _decoded(self, plane: int, row: int, column: int) -> Pixels:
        place = plane, row, column
        data = self.file.read(_listed(int(self.offsets[place])), int(self.counts[place]))
        pixels = self.decode(data, int(np.ravel_multi_index(place, self.offsets.shape)))
        needed = (
            min(self.segment[1], self.size[1] - row * self.segment[1]),
            min(self.segment[0], self.size[0] - column * self.segment[0]),
        )
        if pixels.shape[0] < needed[0] or pixels.shape[1] < needed[1] or pixels.shape[2] != self.samples:
            raise DamageError("a part of the picture is smaller than it should be")
        return pixels


def _listed(offset: int) -> int:
    if offset == UNLISTED:
        raise DamageError("the file does not say where this part is")
    return offset


@dataclass(frozen=True, slots=True, eq=False)
class StackedRaster:
    """Channels that are stored as pictures of their own, one behind the other."""

    layers: Sequence[Raster]

    @property
    def size(self) -> tuple[int, int]:
        """``(width, height)``."""
        return self.layers[0].size

    def read(self, rect: Rect) -> tuple[Pixels, None]:
        """See :class:`Raster`; what is missing in a channel is 0."""
        return np.concatenate([layer.read(rect)[0] for layer in self.layers], axis=2), None


@dataclass(frozen=True, slots=True, eq=False)
class TurnedRaster:
    """A raster whose first pixel is not its top left one.

    Attributes
    ----------
    stored : Raster
        As the file has it.
    orientation : int
        2 to 8 as TIFF's tag 274 and Exif number them.
    """

    stored: Raster
    orientation: int

    @property
    def size(self) -> tuple[int, int]:
        """``(width, height)`` as it is seen."""
        return oriented_size(self.stored.size, self.orientation)

    def read(self, rect: Rect) -> tuple[Pixels, NDArray[np.bool_] | None]:
        """See :class:`Raster`."""
        pixels, missing = self.stored.read(self._stored_rect(rect))
        return self._turned(pixels), None if missing is None else self._turned(missing)

    def _stored_rect(self, rect: Rect) -> Rect:
        transposed, from_right, from_bottom = _STEPS[self.orientation]
        x, y, width, height = (rect[1], rect[0], rect[3], rect[2]) if transposed else rect
        stored_width, stored_height = self.stored.size
        x = stored_width - x - width if from_right else x
        y = stored_height - y - height if from_bottom else y
        return x, y, width, height

    def _turned(self, values: NDArray[Any]) -> NDArray[Any]:
        transposed, from_right, from_bottom = _STEPS[self.orientation]
        values = values[:: -1 if from_bottom else 1, :: -1 if from_right else 1]
        return np.ascontiguousarray(values.swapaxes(0, 1) if transposed else values)


_STEPS = {
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}
"""``(rows are columns, stored from the right, stored from the bottom)`` of each orientation but 1."""


def oriented(raster: Raster, orientation: int) -> Raster:
    """A raster the right way up; unknown orientations count as 1, as the TIFF specification has it."""
    return TurnedRaster(raster, orientation) if orientation in _STEPS else raster


def oriented_size(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """``(width, height)`` as it is seen."""
    return (size[1], size[0]) if orientation in _STEPS and _STEPS[orientation][0] else size
