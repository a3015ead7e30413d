"""An open slide: its metadata and its pixels, whichever reader opened it.

The canvas reads tiles from it in loader threads, the engine reads tiles at an exact mpp in the worker;
every method but ``close``, ``set_mpp`` and ``set_name`` may be called from several threads at once.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import TracebackType

from desktop_app.domain.arrays import ChannelArray, RgbArray
from desktop_app.domain.slide_info import Mpp, MppSource, SlideInfo
from desktop_app.slides.compositing import rgb_on_background
from desktop_app.slides.pyramid_cache import MadeLevels
from desktop_app.slides.reader import ChannelSource, LevelSource, SlideSource
from desktop_app.slides.scaled import read_scaled


class Slide:
    """A context manager that offers ``plugin_api.SlidePixels``; made by ``SlideOpener``.

    Reading after ``close`` raises ``ValueError``.
    """

    def __init__(self, source: SlideSource, info: SlideInfo) -> None:
        self._source = source
        self._levels = source if isinstance(source, LevelSource) else None
        self._info = info
        self._made_levels: MadeLevels | None = None

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

    @property
    def made_levels(self) -> MadeLevels | None:
        """Coarse levels that the file lacks, **for the screen only**; None where it has its own."""
        return self._made_levels

    def attach_made_levels(self, made: MadeLevels | None) -> None:
        """Have them closed with the slide; what ``read_*`` returns never comes from them."""
        self._made_levels = made

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

    def forget_mpp(self) -> None:
        """Go back to what the file itself says of its pixel size, which may be nothing."""
        stated = self._source.info
        self._info = replace(
            self._info, mpp=stated.mpp, mpp_source=stated.mpp_source, mpp_note=stated.mpp_note
        )

    def set_name(self, name: str) -> None:
        """Replace the file's path in ``info``, where what is made from the slide must not name its file."""
        self._info = replace(self._info, path=Path(name))

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
        self._check_region(level, size)
        return self._source.read_argb(location, level, size)

    def read_level(self, corner: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level, counted on that level's own grid; result and errors as ``read_argb``.

        The way to a level's very pixels: where the downsample is not a whole number a level-0 location falls
        between them. A reader that cannot do that rounds to level-0 pixels.

        Parameters
        ----------
        corner : tuple[int, int]
            Top left ``(x, y)`` in pixels of that level; may be negative.
        level : int
            0 is full resolution.
        size : tuple[int, int]
            ``(width, height)`` in pixels of that level.

        Returns
        -------
        RgbArray
            uint8 ``(height, width, 4)``.
        """
        self._check_region(level, size)
        if self._levels is not None:
            return self._levels.read_level(corner, level, size)
        downsample = self._info.levels[level].downsample
        location = (round(corner[0] * downsample), round(corner[1] * downsample))
        return self._source.read_argb(location, level, size)

    def read_shrunk(
        self, corner: tuple[int, int], level: int, size: tuple[int, int], shrink: int
    ) -> RgbArray | None:
        """Pixels of one level made smaller by the decoder: for the screen only, never for analysis.

        The decoder leaves out fine frequencies of each 8 × 8 block, which is not the mean over the pixels
        (about 0.8 gray levels apart) and depends on the file's encoding. Analyzed pixels have one declared
        resampling: ``read_scaled``.

        Parameters
        ----------
        corner : tuple[int, int]
            Top left ``(x, y)`` in pixels of the smaller level.
        level : int
            The level to make smaller.
        size : tuple[int, int]
            ``(width, height)`` in pixels of the smaller level, whose sides are the level's divided and
            rounded up.
        shrink : int
            2, 4 or 8.

        Returns
        -------
        RgbArray | None
            uint8 ``(height, width, 4)`` as ``read_argb`` gives it, transparent beyond the smaller level; None
            where the file, the level or the factor does not allow it, or a tile cannot be read.
        """
        self._check_region(level, size)
        return None if self._levels is None else self._levels.read_shrunk(corner, level, size, shrink)

    def read_channels(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> ChannelArray:
        """The channels of a fluorescence slide; parameters and errors as ``read_argb``.

        Returns
        -------
        ChannelArray
            uint8 or uint16 ``(height, width, C)`` in the order of ``info.channels``; 0 beyond the slide.

        Raises
        ------
        SlideReadError
            If they cannot be read.
        ValueError
            If the slide has no channels, or there is no such region.
        """
        if not (self._info.channels and isinstance(self._source, ChannelSource)):
            raise ValueError(f"{self._info.path.name} has no channels")
        self._check_region(level, size)
        return self._source.read_channels(location, level, size)

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

    def _check_region(self, level: int, size: tuple[int, int]) -> None:
        if not 0 <= level < len(self._info.levels) or min(size) < 0:
            raise ValueError(f"no such region: level {level}, size {size}")

    def close(self) -> None:
        """Give the file back; a second call does nothing."""
        if self._made_levels is not None:
            self._made_levels.close()
        self._source.close()
