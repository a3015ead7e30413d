"""Slide readers that come from plugins, held to their contract.

A plugin's answer is looked at once, here: whatever is wrong with it becomes an error about the slide that
names the plugin, so that everything above may trust a slide whoever reads it. What all readers have in common
is added: the slide's id, the picture that its channels make, and closing only when no read is under way. Any
thread.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import ChannelArray, RgbArray
from desktop_app.domain.channels import composite, default_displays
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.errors import (
    CoverslipError,
    PluginError,
    PluginRunError,
    SlideReadError,
    UnsupportedSlideError,
)
from desktop_app.plugin_api.slide_reader import SlideReader
from desktop_app.slides.identity import content_hash
from desktop_app.slides.missing_parts import read_error

_VALUE_TYPES = {255: "uint8", 65535: "uint16"}
"""Type of the values by the largest of a channel."""

_log = logging.getLogger(__name__)


class PluginSlideReader:
    """A plugin's reader, built when it is first asked.

    Parameters
    ----------
    use : str
        ``"plugin_id/provided_id"``, for errors.
    build : Callable[[], SlideReader]
        Loads the plugin's code; errors of the plugin are ``CoverslipError`` already, here and in all that the
        reader is asked later.
    """

    def __init__(self, use: str, build: Callable[[], SlideReader]) -> None:
        self._use = use
        self._build = build
        self._lock = threading.Lock()
        self._built: SlideReader | None = None

    def open(self, path: Path) -> PluginSource | None:
        """Open a file, or return None if the plugin does not know its format.

        Raises
        ------
        UnsupportedSlideError
            If the plugin refuses the file, fails, or gives what its contract does not allow; a plugin that
            failed has its error as the cause.
        """
        try:
            source = self._reader().open(path)
            # An attribute that is missing passes the host's guard as what it is.
            info = getattr(source, "info", None)
        except UnsupportedSlideError:
            raise
        except CoverslipError as error:
            raise UnsupportedSlideError(path, _failure(error)) from error
        if source is None:
            return None
        try:
            completed = replace(_checked_info(info, source), path=path, slide_id=content_hash(path))
        except ValueError as error:
            _close(source)
            failure = PluginError(self._use, f"The plugin {self._use} gives wrong answers: {error}.")
            raise UnsupportedSlideError(path, str(failure)) from failure
        except OSError as error:
            _close(source)
            raise UnsupportedSlideError(path, f"the system refuses to read it ({error.strerror}).") from error
        return PluginSource(source, completed, self._use)

    def _reader(self) -> SlideReader:
        with self._lock:
            if self._built is None:
                self._built = self._build()
            return self._built


class PluginSource:
    """One slide opened by a plugin; see ``SlideSource`` and ``ChannelSource`` for the contract.

    Parameters
    ----------
    source : Any
        What the plugin opened.
    info : SlideInfo
        Its metadata, checked.
    use : str
        The plugin, for errors.
    """

    def __init__(self, source: Any, info: SlideInfo, use: str) -> None:
        self._source = source
        self._info = info
        self._use = use
        self._displays = default_displays(info.channels)
        self._lock = threading.Lock()
        self._under_way = 0
        self._closed = False

    @property
    def info(self) -> SlideInfo:
        """Metadata with the mpp as the file states it."""
        return self._info

    def read_argb(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level; those of a fluorescence slide mixed as they are shown at first.

        Raises
        ------
        SlideReadError
            If they cannot be read, whatever the plugin's reason.
        ValueError
            If the source was closed.
        """
        if self._info.channels:
            mixed = composite(self.read_channels(location, level, size), self._displays)
            self._clear_beyond(mixed, location, level)
            return mixed
        with self._reading(location):
            pixels = self._source.read_argb(location, level, size)
        return self._checked(pixels, (size[1], size[0], 4), location)

    def read_channels(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> ChannelArray:
        """The channels of one level, uint8 or uint16 ``(height, width, C)``; errors as ``read_argb``."""
        with self._reading(location):
            values = self._source.read_channels(location, level, size)
        channels = self._info.channels
        return self._checked(
            values, (size[1], size[0], len(channels)), location, kind=_VALUE_TYPES[channels[0].largest]
        )

    def read_associated_argb(self, name: str) -> RgbArray:
        """An associated image in the layout of ``read_argb``.

        Raises
        ------
        KeyError
            If there is none of that name.
        SlideReadError
            If it cannot be read.
        """
        if name not in self._info.associated_names:
            raise KeyError(name)
        with self._reading(None):
            pixels = self._source.read_associated_argb(name)
        shape = np.shape(pixels)
        return self._checked(pixels, (*shape[:2], 4) if len(shape) == 3 else (1, 1, 4), None)

    def close(self) -> None:
        """Give the file back as soon as no read is under way; a second call does nothing."""
        with self._lock:
            at_once = not self._closed and not self._under_way
            self._closed = True
        if at_once:
            _close(self._source)

    @contextmanager
    def _reading(self, location: tuple[int, int] | None) -> Iterator[None]:
        with self._lock:
            if self._closed:
                raise ValueError(f"{self._info.path.name} was closed")
            self._under_way += 1
        try:
            yield
        except SlideReadError as error:
            raise read_error(self._info.path, error.reason, location) from error
        except CoverslipError as error:
            raise read_error(self._info.path, str(error).rstrip("."), location) from error
        finally:
            with self._lock:
                self._under_way -= 1
                last = self._closed and not self._under_way
            if last:
                _close(self._source)

    def _checked(
        self,
        pixels: Any,
        shape: tuple[int, ...],
        location: tuple[int, int] | None,
        *,
        kind: str = "uint8",
    ) -> NDArray[Any]:
        """Pixels as the contract has them."""
        if not isinstance(pixels, np.ndarray) or pixels.shape != shape or pixels.dtype != kind:
            given = f"{getattr(pixels, 'dtype', type(pixels).__name__)} {np.shape(pixels)}"
            wanted = f"{kind} {shape}"
            raise SlideReadError(
                self._info.path, f"the plugin {self._use} gave {given} in place of {wanted}", location
            )
        return np.ascontiguousarray(pixels)

    def _clear_beyond(self, argb: RgbArray, location: tuple[int, int], level: int) -> None:
        """Make what lies beyond the level transparent."""
        downsample = self._info.levels[level].downsample
        for axis, (start, side) in enumerate(zip(location, self._info.levels[level].size, strict=True)):
            first = round(start / downsample)
            lines = argb.swapaxes(0, 1) if axis == 0 else argb
            lines[: max(0, -first)] = 0
            lines[max(0, side - first) :] = 0


def _failure(error: CoverslipError) -> str:
    """What a plugin stumbled over, with the way out, which its own words do not have."""
    if not isinstance(error, PluginRunError):
        return str(error)
    return f"{str(error).rstrip('.')}; update the plugin, or remove it and open the slide again."


def _close(source: Any) -> None:
    try:
        getattr(source, "close", _nothing)()
    except CoverslipError as error:
        # The slide is gone for the user; a file that stays open costs nothing until the program ends.
        _log.warning("a slide reader could not close its file: %s", type(error.__cause__ or error).__name__)


def _nothing() -> None:
    """What a source without a close method needs."""


def _checked_info(info: Any, source: Any) -> SlideInfo:
    """A plugin's metadata; ``ValueError`` says what is wrong with it."""
    if not isinstance(info, SlideInfo):
        raise ValueError("its info is no SlideInfo")
    _check_levels(info)
    _check_mpp(info)
    _check_channels(info, source)
    return info


def _check_levels(info: SlideInfo) -> None:
    if not info.levels or info.levels[0].size != info.size:
        raise ValueError("the first level is not as large as the slide")
    if any(level.index != index or min(level.size) < 1 for index, level in enumerate(info.levels)):
        raise ValueError("a level has a wrong index or no pixels")
    scales = [level.downsample for level in info.levels]
    ordered = all(finer <= coarser for finer, coarser in pairwise(scales))
    if not ordered or not all(math.isfinite(scale) and scale >= 1 for scale in scales):
        raise ValueError(f"the downsamples {scales} are not in order")
    if min(info.tile_size) < 1:
        raise ValueError(f"the tile size is {info.tile_size}")


def _check_mpp(info: SlideInfo) -> None:
    if (info.mpp is None) != (info.mpp_source is None):
        raise ValueError("the pixel size comes without its source")
    if info.mpp is not None and not all(math.isfinite(value) and value > 0 for value in info.mpp):
        raise ValueError(f"the pixel size is {info.mpp}")


def _check_channels(info: SlideInfo, source: Any) -> None:
    for needed in ("read_channels" if info.channels else "read_argb", "read_associated_argb", "close"):
        if not callable(getattr(source, needed, None)):
            raise ValueError(f"it has no method {needed}()")
    largest = {channel.largest for channel in info.channels}
    if len(largest) > 1 or not largest <= _VALUE_TYPES.keys():
        raise ValueError(f"the channels' largest values are {sorted(largest)}")
    for channel in info.channels:
        low, high = channel.window
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(f"the window of the channel {channel.name} is {channel.window}")
