"""Opened slides over rasters: a brightfield one that gives pictures, a fluorescence one that gives channels.

Both answer for any level of a pyramid, right way up, and beyond its edge. Read from any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.plugin_api import ChannelArray, RgbArray, SlideInfo, SlideReadError

from .colors import ColorFormat
from .library_errors import library_errors
from .rasters import Raster, Rect

Picture = tuple[Raster, ColorFormat]


class _OpenedLevels:
    """What both kinds share: levels, associated pictures and the way back to the files."""

    def __init__(
        self,
        info: SlideInfo,
        levels: Sequence[Raster],
        *,
        associated: Mapping[str, Picture],
        close: Callable[[], None],
    ) -> None:
        self._info = info
        self._levels = levels
        self._associated = associated
        self._close = close

    @property
    def info(self) -> SlideInfo:
        """Metadata of the slide."""
        return self._info

    def read_associated_argb(self, name: str) -> RgbArray:
        """A label, macro or thumbnail picture, uint8 ``(height, width, 4)``."""
        raster, colors = self._associated[name]
        with library_errors(lambda reason: SlideReadError(self._info.path, f"its {name} picture: {reason}")):
            return colors.argb(raster.read((0, 0, *raster.size))[0])

    def close(self) -> None:
        """Let the files go."""
        self._close()

    def _read(
        self, location: tuple[int, int], level: int, size: tuple[int, int]
    ) -> tuple[NDArray[Any] | None, NDArray[np.bool_] | None, Rect]:
        """What lies inside the level, where it holds nothing, and where that belongs in the result."""
        raster, downsample = self._levels[level], self._info.levels[level].downsample
        left, top = (round(position / downsample) for position in location)
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + size[0], raster.size[0]), min(top + size[1], raster.size[1])
        if x0 >= x1 or y0 >= y1:
            return None, None, (0, 0, 0, 0)
        with library_errors(lambda reason: SlideReadError(self._info.path, reason, location)):
            pixels, missing = raster.read((x0, y0, x1 - x0, y1 - y0))
        return pixels, missing, (x0 - left, y0 - top, x1 - x0, y1 - y0)


class PictureSource(_OpenedLevels):
    """A brightfield slide; see ``SlideSource``.

    Parameters
    ----------
    info : SlideInfo
        Its metadata.
    levels : Sequence[Raster]
        One for each level of it.
    colors : ColorFormat
        What their values mean.
    associated : Mapping[str, Picture]
        By name.
    close : Callable[[], None]
        Lets the files go.
    """

    def __init__(
        self,
        info: SlideInfo,
        levels: Sequence[Raster],
        colors: ColorFormat,
        *,
        associated: Mapping[str, Picture],
        close: Callable[[], None],
    ) -> None:
        super().__init__(info, levels, associated=associated, close=close)
        self._colors = colors

    def read_argb(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level, uint8 ``(height, width, 4)``, premultiplied."""
        pixels, missing, (x, y, width, height) = self._read(location, level, size)
        if pixels is None:
            return np.zeros((size[1], size[0], 4), np.uint8)
        argb = self._colors.argb(pixels)
        if missing is not None:
            argb[missing] = 0
        if (width, height) == size:
            return argb
        whole = np.zeros((size[1], size[0], 4), np.uint8)
        whole[y : y + height, x : x + width] = argb
        return whole


class ChannelPictureSource(_OpenedLevels):
    """A fluorescence slide; see ``ChannelSource``. Its parameters are those of :class:`PictureSource`."""

    def read_channels(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> ChannelArray:
        """Pixels of one level, ``(height, width, C)``."""
        values, _, (x, y, width, height) = self._read(location, level, size)
        if values is not None and (width, height) == size:
            return np.ascontiguousarray(values)
        dtype = np.uint8 if self._info.channels[0].largest == np.iinfo(np.uint8).max else np.uint16
        whole = np.zeros((size[1], size[0], len(self._info.channels)), dtype)
        if values is not None:
            whole[y : y + height, x : x + width] = values
        return whole
