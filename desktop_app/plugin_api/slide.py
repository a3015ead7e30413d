"""The slide as a plugin and the engine see it: pixels at an exact resolution, and nothing to close."""

from __future__ import annotations

from typing import Protocol

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.slide_info import SlideInfo


class SlidePixels(Protocol):
    """Reads RGB pixels of one open slide; may be called from several threads.

    Transparent pixels and pixels beyond the slide are composited on ``info.background``.
    Every method raises ``SlideReadError`` where pixels cannot be read.
    """

    @property
    def info(self) -> SlideInfo:
        """Metadata of the slide."""

    def read_region(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level.

        Parameters
        ----------
        location : tuple[int, int]
            Top left ``(x, y)`` in level-0 pixels; may be negative.
        level : int
            0 is full resolution.
        size : tuple[int, int]
            ``(width, height)`` in pixels of that level.

        Returns
        -------
        RgbArray
            uint8 ``(height, width, 3)``.
        """

    def read_scaled(
        self, location: tuple[float, float], extent: tuple[float, float], size: tuple[int, int]
    ) -> RgbArray:
        """A level-0 rectangle resampled to an exact size.

        Reads the coarsest level that is fine enough (1 %) and resizes by the exact ratio: by area where
        it shrinks, bilinear where it grows. It reads in strips where the region is large, so memory stays
        near that of the result even on a slide with one level.

        Parameters
        ----------
        location : tuple[float, float]
            Top left ``(x, y)`` in level-0 pixels.
        extent : tuple[float, float]
            ``(width, height)`` in level-0 pixels.
        size : tuple[int, int]
            ``(width, height)`` of the result in pixels.

        Returns
        -------
        RgbArray
            uint8 ``(height, width, 3)``.
        """
