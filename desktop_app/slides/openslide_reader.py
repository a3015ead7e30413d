"""Files opened with OpenSlide.

The C library is called through openslide-python's low-level module without PIL: its read fills a numpy
buffer that a QImage can wrap, and releases the interpreter lock meanwhile. Any number of threads may read
one source.

An OpenSlide handle that failed once fails for ever, also for threads whose pixels are fine. A failed read
is therefore tried once more on a fresh handle, which replaces the failed one if it does better; old handles
are closed by their last reader, since closing one that is in use would crash.

Levels of JPEG tiles in a TIFF file are read without OpenSlide where that was proven to give the same bytes
(``DirectTiles``); everything else, and what fails there, is OpenSlide's.
"""

from __future__ import annotations

import logging
import threading
from ctypes import POINTER, c_uint32
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from openslide import OpenSlideError, OpenSlideUnsupportedFormatError, lowlevel

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.mpp import stated_mpp
from desktop_app.domain.slide_info import Level, SlideInfo
from desktop_app.errors import SlideReadError, UnsupportedSlideError
from desktop_app.slides.direct_tiles import DirectTiles
from desktop_app.slides.identity import content_hash
from desktop_app.slides.missing_parts import read_error
from desktop_app.slides.tiff_header import read_tiff_header

CACHE_BYTES = 256 * 2**20
"""Tiles that OpenSlide decoded, shared by all handles of one reader."""

_GENERIC_TIFF = "generic-tiff"

_Handle: TypeAlias = Any
"""``openslide.lowlevel._OpenSlide``; closes itself when its last reference goes."""

_log = logging.getLogger(__name__)


class OpenSlideReader:
    """Opens whatever OpenSlide knows: Aperio, Hamamatsu, Leica, MIRAX, Philips, Ventana, DICOM, ...

    Parameters
    ----------
    cache_bytes : int
        Decoded tiles to keep; 0 keeps none.
    direct : bool
        False leaves every pixel to OpenSlide.
    """

    def __init__(self, cache_bytes: int = CACHE_BYTES, *, direct: bool = True) -> None:
        self._cache = lowlevel.cache_create(cache_bytes)
        self._direct_bytes = cache_bytes if direct else None

    def open(self, path: Path) -> OpenSlideSource | None:
        """Open a file, or return None if OpenSlide does not know its format or would show it wrong.

        The second are TIFF files that are no scanner's and anything but upright 8-bit RGB in plain pages.

        Raises
        ------
        UnsupportedSlideError
            If the format is known but this file cannot be opened (damaged, or an unknown compression).
        """
        try:
            source = OpenSlideSource(path, self._cache, direct_bytes=self._direct_bytes)
        except OpenSlideUnsupportedFormatError:
            return None
        except OpenSlideError as error:
            raise UnsupportedSlideError(
                path,
                f"it is damaged, or stored in a way that OpenSlide does not read ({_reason(error, path)}); "
                "copy it again from the scanner or archive, or export it as a pyramidal TIFF.",
            ) from error
        if source.info.vendor == _GENERIC_TIFF and not _is_read_right(path):
            source.close()
            return None
        return source


class OpenSlideSource:
    """One slide file; see ``SlideSource`` and ``LevelSource`` for the contract.

    Parameters
    ----------
    path : Path
        The file.
    cache : Any
        OpenSlide's, for decoded tiles.
    direct_bytes : int | None
        Bytes of decoded tiles to keep beside OpenSlide's; None reads nothing without OpenSlide.
    """

    def __init__(self, path: Path, cache: Any, *, direct_bytes: int | None) -> None:
        self._path = path
        self._cache = cache
        self._lock = threading.Lock()
        self._handle: _Handle | None = self._opened()
        self._closed = False
        info = _read_info(path, self._handle)
        self._info = replace(info, icc_profile=self._read_icc_profile())
        self._direct: DirectTiles | None = None
        if direct_bytes is not None:
            self._direct = DirectTiles.opened(path, info, read=self._read, memory_bytes=direct_bytes)

    @property
    def info(self) -> SlideInfo:
        """Metadata with the mpp as the file states it."""
        return self._info

    def read_argb(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level, premultiplied native-endian ARGB32.

        Parameters
        ----------
        location : tuple[int, int]
            Top left ``(x, y)`` in level-0 pixels.
        level : int
            0 is full resolution.
        size : tuple[int, int]
            ``(width, height)`` in pixels of that level.

        Returns
        -------
        RgbArray
            uint8 ``(height, width, 4)``: blue, green, red, alpha on a little-endian machine; transparent
            beyond the slide.

        Raises
        ------
        SlideReadError
            If OpenSlide cannot read them.
        """
        corner = self._on_grid(location, level)
        found = self._direct.read(corner, level, size) if self._direct and corner and all(size) else None
        return self._read(location, level, size) if found is None else found

    def read_level(self, corner: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level on the level's own grid; see ``LevelSource``."""
        found = self._direct.read(corner, level, size) if self._direct and all(size) else None
        if found is not None:
            return found
        downsample = self._info.levels[level].downsample
        return self._read((round(corner[0] * downsample), round(corner[1] * downsample)), level, size)

    def read_shrunk(
        self, corner: tuple[int, int], level: int, size: tuple[int, int], shrink: int
    ) -> RgbArray | None:
        """Pixels of one level made smaller, for the screen only; see ``LevelSource``."""
        return self._direct.read_shrunk(corner, level, size, shrink) if self._direct and all(size) else None

    def _on_grid(self, location: tuple[int, int], level: int) -> tuple[int, int] | None:
        """The level's pixel at a place; None between pixels, where OpenSlide interpolates."""
        downsample = self._info.levels[level].downsample
        x, y = location[0] / downsample, location[1] / downsample
        return (int(x), int(y)) if x.is_integer() and y.is_integer() else None

    def _read(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        buffer = np.empty((size[1], size[0]), np.uint32)
        if buffer.size:
            place = (*location, level, *size)
            try:
                self._attempt(lambda handle: lowlevel._read_region(handle, _pixels(buffer), *place))
            except OpenSlideError as error:
                raise read_error(self._path, _reason(error, self._path), location) from error
        return buffer.view(np.uint8).reshape(*buffer.shape, 4)

    def read_associated_argb(self, name: str) -> RgbArray:
        """An associated image in the same layout.

        Raises
        ------
        KeyError
            If there is none of that name.
        SlideReadError
            If it cannot be read.
        """
        if name not in self._info.associated_names:
            raise KeyError(name)
        properties = self._info.properties
        width, height = (
            int(properties[f"openslide.associated.{name}.{side}"]) for side in ("width", "height")
        )
        buffer = np.empty((height, width), np.uint32)
        try:
            self._attempt(lambda handle: lowlevel._read_associated_image(handle, name, _pixels(buffer)))
        except OpenSlideError as error:
            reason = f"its {name} picture: {_reason(error, self._path)}"
            raise SlideReadError(self._path, reason) from error
        return buffer.view(np.uint8).reshape(height, width, 4)

    def close(self) -> None:
        """Give the file back; the handle closes as soon as no read is under way."""
        with self._lock:
            self._closed = True
            self._handle = None
        if self._direct is not None:
            self._direct.close()

    def _attempt(self, call: Any) -> Any:
        """Call with the shared handle; if that fails, once more with a fresh one of our own."""
        handle = self._shared()
        try:
            return call(handle)
        except OpenSlideError:
            self._replace(handle, None)
        fresh = self._opened()
        result = call(fresh)
        self._replace(None, fresh)
        return result

    def _shared(self) -> _Handle:
        with self._lock:
            if self._closed:
                raise ValueError(f"{self._path.name} was closed")
            if self._handle is None:
                self._handle = self._opened()
            return self._handle

    def _replace(self, old: _Handle | None, new: _Handle | None) -> None:
        """Put a handle in place unless another thread has already done so, or the source was closed."""
        with self._lock:
            if self._handle is old and not self._closed:
                self._handle = new

    def _opened(self) -> _Handle:
        handle = lowlevel.open(self._path)
        lowlevel.set_cache(handle, self._cache)
        return handle

    def _read_icc_profile(self) -> bytes | None:
        try:
            profile: bytes | None = self._attempt(lowlevel.read_icc_profile)
        except OpenSlideError as error:
            # Colors are then shown as stored; that must not keep the slide from being opened.
            _log.warning("a slide's ICC profile cannot be read: %s", type(error).__name__)
            return None
        return profile


def _is_read_right(path: Path) -> bool:
    header = read_tiff_header(path)
    return header is None or header.is_plain_rgb


def _pixels(buffer: Any) -> Any:
    return buffer.ctypes.data_as(POINTER(c_uint32))


def _reason(error: OpenSlideError, path: Path) -> str:
    """OpenSlide's words without the file's path, whose name stands in the sentence already."""
    return str(error).replace(str(path), "the file").strip().rstrip(".")


def _read_info(path: Path, handle: _Handle) -> SlideInfo:
    names = lowlevel.get_property_names(handle)
    properties = {name: lowlevel.get_property_value(handle, name) for name in names}
    levels = tuple(_level(handle, index) for index in range(lowlevel.get_level_count(handle)))
    stated = stated_mpp(properties)
    return SlideInfo(
        path=path,
        slide_id=properties.get("openslide.quickhash-1") or content_hash(path),
        size=levels[0].size,
        levels=levels,
        vendor=properties.get("openslide.vendor", "unknown"),
        mpp=stated.mpp,
        mpp_source=stated.source,
        mpp_note=stated.note,
        objective=_positive(properties.get("openslide.objective-power")),
        bounds=_bounds(properties),
        background=_color(properties.get("openslide.background-color", "ffffff")),
        associated_names=tuple(sorted(lowlevel.get_associated_image_names(handle))),
        tile_size=_tile_size(properties),
        properties=properties,
    )


def _level(handle: _Handle, index: int) -> Level:
    width, height = lowlevel.get_level_dimensions(handle, index)
    return Level(index, (width, height), lowlevel.get_level_downsample(handle, index))


def _positive(text: str | None) -> float | None:
    """A positive number, or None where the property is missing or is none."""
    try:
        value = float(text) if text is not None else 0.0
    except ValueError:
        return None
    return value if value > 0 else None


def _bounds(properties: dict[str, str]) -> tuple[int, int, int, int] | None:
    values = [properties.get(f"openslide.bounds-{part}") for part in ("x", "y", "width", "height")]
    if not all(value is not None and value.lstrip("-").isdecimal() for value in values):
        return None
    x, y, width, height = (int(value or 0) for value in values)
    return (x, y, width, height)


def _color(text: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(text)
    return (red, green, blue)


def _tile_size(properties: dict[str, str]) -> tuple[int, int]:
    sides = [properties.get(f"openslide.level[0].tile-{side}", "256") for side in ("width", "height")]
    return (int(sides[0]), int(sides[1]))
