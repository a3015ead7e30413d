"""What a slide reader must offer, so that the opener can ask several in turn.

OpenSlide is the first reader; others (plain tifffile, a plugin) follow this Protocol. Everything above a
reader, from compositing to exact resampling, is the same for all and lives in ``Slide``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.slide_info import SlideInfo


class SlideSource(Protocol):
    """One opened file as a reader gives it; its methods may be called from several threads."""

    @property
    def info(self) -> SlideInfo:
        """Metadata with the mpp as the file states it."""

    def read_argb(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level, premultiplied native-endian ARGB32, uint8 ``(height, width, 4)``.

        Raises
        ------
        SlideReadError
            If they cannot be read; a later call may succeed all the same.
        """

    def read_associated_argb(self, name: str) -> RgbArray:
        """An associated image in the same layout.

        Raises
        ------
        KeyError
            If there is none of that name.
        SlideReadError
            If it cannot be read.
        """

    def close(self) -> None:
        """Give the file back; reads under way end first."""


class SlideReader(Protocol):
    """Opens the files of some formats."""

    def open(self, path: Path) -> SlideSource | None:
        """Open a file, or return None if it is of no format this reader knows.

        Raises
        ------
        UnsupportedSlideError
            If the format is known but this file cannot be opened.
        """
