"""Pages of a TIFF file as rasters: where their strips and tiles are, and how they are decoded.

tifffile has parsed the file and knows every compression; pixels are then read without it, since its file
handle belongs to one thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .library_errors import COPY_AGAIN, RefusalError
from .rasters import UNLISTED, Pixels, Raster, RowRaster, SegmentRaster
from .raw_file import RawFile
from .segment_cache import SegmentCache

LARGEST_SEGMENT = 2**30
"""Bytes of one decoded strip or tile; above that the file must be converted."""

_UNCOMPRESSED = 1
_MOST_MISSING = 1000
_SHORTEST = 100
"""A file that was cut off is shown as far as it goes, unless it should be so many times as long."""

_WHOLE_BYTES = (8, 16)
_SUPPORTED = (np.dtype(np.uint8), np.dtype(np.uint16), np.dtype(np.bool_))


class PlaneMaker:
    """Makes rasters of one slide's pages; they share files and a cache.

    Parameters
    ----------
    path : Path
        The file that was asked for; pages of other files name theirs.
    """

    def __init__(self, path: Path) -> None:
        self._files: dict[Path, RawFile] = {}
        self._path = path
        self._cache = SegmentCache()

    def close(self) -> None:
        """Let all files go."""
        for file in self._files.values():
            file.close()

    def of_page(self, page: Any) -> Raster:
        """A page or frame of tifffile.

        Raises
        ------
        RefusalError
            If its pixels are of a kind that is not read; the message says the way out.
        OSError
            If the file cannot be opened.
        """
        keyframe = page.keyframe
        check_kind(keyframe)
        if _is_plain_rows(keyframe):
            return self._of_rows(page)
        return self._of_segments(page)

    def of_contiguous(self, series: Any, index: int) -> Raster:
        """Plane ``index`` of a series whose planes lie one behind the other after a single page (ImageJ)."""
        keyframe = series.keyframe
        check_kind(keyframe)
        start = series.dataoffset
        if start is None or not _is_plain_rows(keyframe):
            raise RefusalError("its planes cannot be told apart; save it as an OME-TIFF")
        offset = start + index * keyframe.nbytes
        return self._rows(keyframe, np.array([[offset]], np.int64), keyframe.imagelength)

    def _of_rows(self, page: Any) -> Raster:
        keyframe = page.keyframe
        planes = keyframe.samplesperpixel if keyframe.planarconfig == 2 else 1
        offsets = np.asarray(page.dataoffsets, np.int64) * (np.asarray(page.databytecounts, np.int64) > 0)
        strips = -(-keyframe.imagelength // keyframe.rowsperstrip)
        return self._rows(keyframe, _arranged(offsets, (planes, strips)), keyframe.rowsperstrip, page)

    def _rows(self, keyframe: Any, offsets: NDArray[np.int64], rows: int, page: Any = None) -> Raster:
        planar, file = keyframe.planarconfig == 2, self._file(page or keyframe)
        row = keyframe.imagewidth * keyframe.dtype.itemsize * (1 if planar else keyframe.samplesperpixel)
        if row * min(rows, keyframe.imagelength) * int((offsets > 0).sum()) > _SHORTEST * file.size:
            raise RefusalError(f"the file is damaged: it is far too short for its size in pixels{COPY_AGAIN}")
        return RowRaster(
            file=file,
            offsets=offsets,
            rows_per_strip=rows,
            size=(keyframe.imagewidth, keyframe.imagelength),
            samples=1 if planar else keyframe.samplesperpixel,
            dtype=keyframe.dtype.newbyteorder(keyframe.parent.byteorder),
        )

    def _of_segments(self, page: Any) -> Raster:
        keyframe = page.keyframe
        size, planar = (keyframe.imagewidth, keyframe.imagelength), keyframe.planarconfig == 2
        segment = (size[0], keyframe.rowsperstrip)
        if keyframe.is_tiled:
            segment = (keyframe.tilewidth, keyframe.tilelength)
        samples = 1 if planar else keyframe.samplesperpixel
        if segment[0] * segment[1] * samples * keyframe.dtype.itemsize > LARGEST_SEGMENT:
            raise RefusalError(
                "it is compressed in one piece of more than a GiB; convert it to a tiled TIFF, for example "
                "with 'vips tiffsave IN OUT --tile --pyramid --bigtiff --compression jpeg'"
            )
        planes = keyframe.samplesperpixel if planar else 1
        shape = (planes, -(-size[1] // segment[1]), -(-size[0] // segment[0]))
        return SegmentRaster(
            file=self._file(page),
            offsets=_arranged(np.asarray(page.dataoffsets, np.int64), shape),
            counts=_arranged(np.asarray(page.databytecounts, np.int64), shape),
            segment=segment,
            size=size,
            samples=samples,
            dtype=np.dtype(np.uint8) if keyframe.dtype == np.bool_ else keyframe.dtype,
            decode=_decoder(page),
            cache=self._cache,
        )

    def _file(self, page: Any) -> RawFile:
        name = Path(page.parent.filehandle.path)
        path = self._path if name.name == self._path.name else name
        if path not in self._files:
            self._files[path] = RawFile(path)
        return self._files[path]


def check_kind(keyframe: Any) -> None:
    """Refuse pages whose values nothing here can show.

    Raises
    ------
    RefusalError
        With the way out.
    """
    sides = keyframe.imagewidth, keyframe.imagelength, keyframe.samplesperpixel
    parts = keyframe.tilewidth, keyframe.tilelength, keyframe.rowsperstrip
    if not all(isinstance(side, int) for side in (*sides, *parts)):
        # A damaged tag can hold several numbers in place of one.
        raise RefusalError(f"the file is damaged: it does not say how large the picture is{COPY_AGAIN}")
    if min(sides) < 1:
        raise RefusalError(f"it has no pixels{COPY_AGAIN}")
    if keyframe.imagedepth != 1 or getattr(keyframe, "tiledepth", 1) != 1:
        raise RefusalError("it holds a volume; save one plane of it as a TIFF")
    if keyframe.dtype not in _SUPPORTED:
        kind = keyframe.dtype.name if keyframe.dtype is not None else f"{keyframe.bitspersample}-bit"
        raise RefusalError(
            f"its pixel values are {kind}; convert it to 8 or 16 bits without sign (in ImageJ: Image, Type)"
        )


def _is_plain_rows(keyframe: Any) -> bool:
    """Whether a pixel's bytes stand in the file as they are."""
    return (
        keyframe.compression == _UNCOMPRESSED
        and not keyframe.is_tiled
        and keyframe.predictor == 1
        and keyframe.fillorder == 1
        and keyframe.bitspersample in _WHOLE_BYTES
    )


def _decoder(page: Any) -> Callable[[bytes, int], Pixels]:
    """What decodes a segment of a page; made now, because tifffile looks into the file for it."""
    decode, tables = page.keyframe.decode, page.jpegtables
    arguments = {} if tables is None else {"jpegtables": tables}
    try:
        decode(None, 0)
    except (ValueError, NotImplementedError) as error:
        raise RefusalError(
            f"its pixels are stored in a way that cannot be decoded ({error}); save it as a TIFF with JPEG, "
            "LZW or no compression"
        ) from error

    def decoded(data: bytes, index: int) -> Pixels:
        pixels: Pixels = decode(data, index, **arguments)[0][0]
        return pixels.view(np.uint8) if pixels.dtype == np.bool_ else pixels

    return decoded


def _arranged(numbers: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Offsets or counts by plane, row and column; ``UNLISTED`` where a damaged file lacks them."""
    needed = math.prod(shape)
    if needed > _MOST_MISSING + 2 * numbers.size:
        raise RefusalError(
            f"the file is damaged: it lists only a few of the parts that its size needs{COPY_AGAIN}"
        )
    whole = np.full(needed, UNLISTED, np.int64)
    count = min(whole.size, numbers.size)
    whole[:count] = numbers[:count]
    return whole.reshape(shape)
