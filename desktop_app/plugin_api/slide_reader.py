"""What a slide reader offers, the application's own or a plugin's.

A reader says quickly whether a file is of its format and opens it; everything above it, from the user's word
on the pixel size to exact resampling and the mixing of channels, is the same for all readers and no part of
it. The window reads slides in its own process, so a reader must never be slow to refuse a file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

from desktop_app.domain.arrays import ChannelArray, RgbArray
from desktop_app.domain.slide_info import SlideInfo


class SlideSource(Protocol):
    """One opened brightfield slide; its reads may be called from several threads at once."""

    @property
    def info(self) -> SlideInfo:
        """Metadata with the mpp as the file states it; ``channels`` empty.

        A plugin leaves ``slide_id`` empty: the application fills it in.
        """

    def read_argb(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level.

        Parameters
        ----------
        location : tuple[int, int]
            Top left ``(x, y)`` in level-0 pixels; may be negative. Where it lies inside a pixel of the level,
            the nearest one is meant.
        level : int
            0 is full resolution.
        size : tuple[int, int]
            ``(width, height)`` in pixels of that level; may reach beyond it.

        Returns
        -------
        RgbArray
            uint8 ``(height, width, 4)``, premultiplied native-endian ARGB32 (blue, green, red, alpha on a
            little-endian machine), contiguous and not shared; all four 0 beyond the level and where the file
            holds no pixels.

        Raises
        ------
        SlideReadError
            If they cannot be read; a later call may succeed all the same.
        """

    def read_associated_argb(self, name: str) -> RgbArray:
        """A label, macro or thumbnail picture in the same layout.

        Raises
        ------
        KeyError
            If ``info.associated_names`` has no such name.
        SlideReadError
            If it cannot be read.
        """

    def close(self) -> None:
        """Give the file back. The application calls it once, when no read is under way."""


@runtime_checkable
class ChannelSource(Protocol):
    """One opened fluorescence slide: its pixels are channels, which the application mixes to a picture."""

    @property
    def info(self) -> SlideInfo:
        """As ``SlideSource.info``, with ``channels``; ``background`` is black as a rule."""

    def read_channels(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> ChannelArray:
        """Pixels of one level; parameters and errors as ``SlideSource.read_argb``.

        Returns
        -------
        ChannelArray
            uint8 or uint16 ``(height, width, C)`` in the order of ``info.channels``, no value above their
            ``largest``; 0 beyond the level.
        """

    def read_associated_argb(self, name: str) -> RgbArray:
        """As ``SlideSource.read_associated_argb``."""

    def close(self) -> None:
        """As ``SlideSource.close``."""


class SlideReader(Protocol):
    """Opens the files of some formats."""

    def open(self, path: Path) -> SlideSource | ChannelSource | None:
        """Open a file, or return None if it is of no format this reader knows.

        Raises
        ------
        UnsupportedSlideError
            If the format is known but this file cannot be opened; the reason is one sentence that says the
            way out. Other readers are asked all the same.
        """
