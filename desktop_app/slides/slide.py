"""An open slide: its metadata and its pixels, whichever reader opened it.

The canvas reads tiles from it in loader threads, the engine reads tiles at an exact mpp in the worker;
every method but ``close`` and ``set_mpp`` may be called from several threads at once.
"""

from __future__ import annotations

from types import TracebackType

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.slide_info import Mpp, MppSource, SlideInfo
from desktop_app.slides.compositing import rgb_on_background
from desktop_app.slides.reader import SlideSource
from desktop_app.slides.scaled import read_scaled


class Slide:
    """A context manager that offers ``plugin_api.SlidePixels``; made by ``SlideOpener``.

    Reading after ``close`` raises ``ValueError``.
    """

    def __init__(self, source: SlideSource, info: SlideInfo) -> None:
        self._source = source
        self._info = info

    def __enter__(self) -> Slide:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def info(self) -> SlideInfo:
        """Metadata of the slide."""
        return self._info

    def set_mpp(self, mpp: Mpp, source: MppSource) -> None:
        """Replace the pixel size, which changes ``info`` (the user set it in the window).

        Parameters
        ----------
        mpp : Mpp
            µm per level-0 pixel, ``(x, y)``.
        source : MppSource
            Where it came from.
        """
        self._info = self._info.with_mpp(mpp, source)

    def read_argb(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level as ``QImage.Format_ARGB32_Premultiplied`` has them, not composited.

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
            uint8 ``(height, width, 4)``, premultiplied native-endian ARGB32, contiguous and not shared.

        Raises
        ------
        SlideReadError
            If the pixels cannot be read; the next read is not affected.
        ValueError
            If the level does not exist or the size is negative.
        """
        if not 0 <= level < len(self._info.levels) or min(size) < 0:
            raise ValueError(f"no such region: level {level}, size {size}")
        return self._source.read_argb(location, level, size)

    def read_region(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level on the slide's background; parameters and errors as ``read_argb``.

        Returns
        -------
        RgbArray
            uint8 ``(height, width, 3)``.
        """
        return rgb_on_background(self.read_argb(location, level, size), self._info.background)

    def read_scaled(
        self, location: tuple[float, float], extent: tuple[float, float], size: tuple[int, int]
    ) -> RgbArray:
        """A level-0 rectangle resampled to an exact size; see ``plugin_api.SlidePixels``.

        Its accuracy is stated at ``slides.scaled.read_scaled``.

        Returns
        -------
        RgbArray
            uint8 ``(height, width, 3)``.

        Raises
        ------
        SlideReadError
            If the pixels cannot be read.
        ValueError
            If the extent or the size is not positive.
        """
        return read_scaled(self.read_region, self._info, location=location, extent=extent, size=size)

    def associated_image(self, name: str) -> RgbArray:
        """A label, macro or thumbnail picture; ask for one only where the user wants to see it.

        Returns
        -------
        RgbArray
            uint8 ``(height, width, 3)`` on the slide's background.

        Raises
        ------
        KeyError
            If ``info.associated_names`` has no such name.
        SlideReadError
            If it cannot be read.
        """
        return rgb_on_background(self._source.read_associated_argb(name), self._info.background)

    def close(self) -> None:
        """Give the file back; a second call does nothing."""
        self._source.close()
