"""A pyramidal TIFF written from top to bottom with little memory.

The demonstration generator draws slides far larger than memory should hold, strip by strip; this writer
takes the strips, halves them into a pyramid as they come and keeps only one row of tiles per level.
Encoded tiles wait in an anonymous temporary file until the last strip has come, since a TIFF page must be
written whole. Runs on the caller's thread.

The file is a plain tiled TIFF whose resolution tags are in pixels per centimetre: OpenSlide opens it as
``generic-tiff`` and reports ``openslide.mpp-x`` and ``-y`` from those tags (so its mpp source is
``tiff_tag``), and the Software tag as ``tiff.Software``. It does not pass itself off as a scanner's file.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import RgbArray
from desktop_app.errors import StorageError

TILE = 256
"""Tile width and height in pixels, at every level."""

COARSEST = 1024
"""The pyramid ends at the first level whose longer side is at most this many pixels."""

_CLASSIC_TIFF_LIMIT = 4_000_000_000
_UM_PER_CM = 10_000

_Band: TypeAlias = NDArray[Any]
"""Rows of one level, ``(h, W, 3)``: uint8 at level 0, float32 means above it."""


@dataclass(slots=True)
class _Spool:
    """Encoded tiles in the order they were made, on disk."""

    file: IO[bytes]
    end: int = 0

    def append(self, data: bytes) -> tuple[int, int]:
        place = (self.end, len(data))
        self.file.write(data)
        self.end += len(data)
        return place

    def read(self, place: tuple[int, int]) -> bytes:
        self.file.seek(place[0])
        return self.file.read(place[1])


@dataclass(slots=True)
class _PyramidLevel:
    """One level being made: a band of rows that fills up, and the places of its finished tiles."""

    size: tuple[int, int]
    quality: int
    spool: _Spool
    band: _Band
    coarser: _PyramidLevel | None = None
    filled: int = 0
    rows: int = 0
    places: list[tuple[int, int]] = field(default_factory=list)

    def add(self, rows: _Band) -> None:
        """Take rows; encode and pass on every band that becomes full."""
        while len(rows):
            count = min(len(rows), len(self.band) - self.filled)
            self.band[self.filled : self.filled + count] = rows[:count]
            self.filled += count
            rows = rows[count:]
            if self.filled == len(self.band):
                self._flush()

    def finish(self) -> None:
        """Encode what is left, down to the coarsest level."""
        if self.filled:
            self._flush()
        if self.coarser is not None:
            self.coarser.finish()

    def _flush(self) -> None:
        band = self.band[: self.filled]
        pixels = np.rint(band).astype(np.uint8) if band.dtype == np.float32 else band
        tiles = _encoded_tiles(pixels, self.quality)
        self.places += [self.spool.append(tile) for tile in tiles]
        if self.coarser is not None:
            self.coarser.add(_halved(band))
        self.rows += self.filled
        self.filled = 0


class PyramidWriter:
    """Writes one slide; a context manager.

    The file appears under its name only when the block ends without an error and all rows have come;
    otherwise nothing is left behind. Level k has ``ceil(size / 2**k)`` pixels, each the mean of the level-0
    pixels below it (rounded once; at an odd edge the last column or row counts twice), so every level covers
    the whole slide and OpenSlide's Deep Zoom levels fall on them. Tiles are JPEG without chroma subsampling.

    Parameters
    ----------
    path : Path
        The destination (``.tif`` or ``.tiff``); its folder must exist.
    size : tuple[int, int]
        Level-0 pixels, ``(width, height)``.
    mpp : float
        µm per level-0 pixel, both axes.
    software : str
        The TIFF Software tag (ASCII).
    quality : int
        JPEG quality, 1 to 100.

    Raises
    ------
    StorageError
        If the system refuses to write.

    Examples
    --------
    >>> with PyramidWriter(path, (20000, 15000), mpp=0.25, software="mine") as writer:  # doctest: +SKIP
    ...     for strip in strips:  # uint8 (h, 20000, 3), any h, from top to bottom
    ...         writer.write_strip(strip)
    """

    def __init__(
        self, path: Path, size: tuple[int, int], *, mpp: float, software: str, quality: int = 85
    ) -> None:
        if min(size) < 1:
            raise ValueError(f"a slide needs pixels, not {size}")
        self._path = path
        self._size = size
        self._mpp = mpp
        self._software = software
        try:
            self._spool = _Spool(tempfile.TemporaryFile(dir=path.parent))  # noqa: SIM115 - closed in __exit__
        except OSError as error:
            raise StorageError(path, error.strerror or str(error)) from error
        self._levels = _make_levels(size, quality, self._spool)

    def __enter__(self) -> PyramidWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._spool.file.close()

    @property
    def rows_written(self) -> int:
        """Level-0 rows taken so far."""
        return self._levels[0].rows + self._levels[0].filled

    def write_strip(self, rows: RgbArray) -> None:
        """Append rows below those already written.

        Parameters
        ----------
        rows : RgbArray
            uint8 ``(h, width, 3)`` with any h; the array may be reused afterwards.

        Raises
        ------
        ValueError
            If the shape or dtype is wrong, or more rows come than the slide has.
        StorageError
            If the system refuses (disk full).
        """
        if rows.dtype != np.uint8 or rows.ndim != 3 or rows.shape[1:] != (self._size[0], 3):
            raise ValueError(f"a strip is uint8 (h, {self._size[0]}, 3), not {rows.dtype} {rows.shape}")
        if self.rows_written + len(rows) > self._size[1]:
            raise ValueError(f"more than the slide's {self._size[1]} rows")
        try:
            self._levels[0].add(rows)
        except OSError as error:
            raise StorageError(self._path, error.strerror or str(error)) from error

    def _finish(self) -> None:
        if self.rows_written != self._size[1]:
            raise ValueError(f"only {self.rows_written} of {self._size[1]} rows were written")
        # Same folder and hidden, so that the rename is atomic and a crash leaves no half slide to open.
        temporary = self._path.with_name(f".{uuid.uuid4().hex[:12]}.tmp{self._path.suffix}")
        try:
            self._levels[0].finish()
            self._write_tiff(temporary)
            temporary.replace(self._path)
        except OSError as error:
            raise StorageError(self._path, error.strerror or str(error)) from error
        finally:
            temporary.unlink(missing_ok=True)

    def _write_tiff(self, path: Path) -> None:
        import tifffile

        with path.open("wb+") as file:
            with tifffile.TiffWriter(file, bigtiff=self._spool.end > _CLASSIC_TIFF_LIMIT) as tiff:
                for index, level in enumerate(self._levels):
                    pixels_per_cm = _UM_PER_CM / (self._mpp * self._size[0] / level.size[0])
                    tiff.write(
                        (self._spool.read(place) for place in level.places),
                        shape=(level.size[1], level.size[0], 3),
                        dtype=np.uint8,
                        tile=(TILE, TILE),
                        photometric="ycbcr",
                        subsampling=(1, 1),
                        compression="jpeg",
                        resolution=(pixels_per_cm, pixels_per_cm),
                        resolutionunit="CENTIMETER",
                        software=self._software,
                        subfiletype=0 if index == 0 else 1,
                        metadata=None,
                    )
            file.flush()
            os.fsync(file.fileno())


def _make_levels(size: tuple[int, int], quality: int, spool: _Spool) -> list[_PyramidLevel]:
    """The levels, finest first, each knowing the next coarser one."""
    levels = [_PyramidLevel(size, quality, spool, np.empty((TILE, size[0], 3), np.uint8))]
    while max(levels[-1].size) > COARSEST:
        width, height = ((side + 1) // 2 for side in levels[-1].size)
        coarser = _PyramidLevel((width, height), quality, spool, np.empty((TILE, width, 3), np.float32))
        levels[-1].coarser = coarser
        levels.append(coarser)
    return levels


def _halved(band: _Band) -> NDArray[np.float32]:
    """Means of 2 × 2 pixels, float32 so that rounding does not add up over the levels."""
    import cv2

    height, width = band.shape[:2]
    even = cv2.copyMakeBorder(band, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    target = (even.shape[1] // 2, even.shape[0] // 2)
    return np.asarray(
        cv2.resize(even.astype(np.float32, copy=False), target, interpolation=cv2.INTER_AREA), np.float32
    )


def _encoded_tiles(band: _Band, quality: int) -> Iterator[bytes]:
    """JPEG tiles of one row of tiles, left to right; what lies beyond the slide repeats its edge."""
    import simplejpeg

    for left in range(0, band.shape[1], TILE):
        tile = band[:, left : left + TILE]
        missing = (TILE - tile.shape[0], TILE - tile.shape[1])
        if any(missing):
            tile = np.pad(tile, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
        yield simplejpeg.encode_jpeg(
            np.ascontiguousarray(tile), quality=quality, colorspace="RGB", colorsubsampling="444"
        )
