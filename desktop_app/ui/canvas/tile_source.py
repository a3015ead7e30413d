"""Where tiles come from: the contract of a source, and the slide as one.

The slide's pixels go from the decoder's buffer to the screen without a copy; what the file lacks (half
levels, an overview) is made smaller by the decoder or here by area; what it cannot give is hatched. Runs on
the loader threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from desktop_app.domain.channels import composite, default_displays
from desktop_app.domain.display_settings import ChannelDisplay
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.tile_requests import TileKey, TileLevel, TilePyramid, tile_levels
from desktop_app.errors import SlideReadError
from desktop_app.slides.pyramid_cache import MadeLevels
from desktop_app.slides.unreadable import UnreadablePlace, hatched
from desktop_app.ui.canvas.channel_view import ChannelSlide, ChannelView
from desktop_app.ui.canvas.display import DisplayLookup
from desktop_app.ui.canvas.sketch import SketchedTile
from desktop_app.ui.canvas.tile_buffers import TileBuffers

ArgbArray = NDArray[np.uint8]

OPAQUE = 0xFF000000
"""The least word of an opaque pixel."""

FILE_TILES = range(128, 1025)
"""A file's own tile size is used where it lies in this range; strips and giant tiles are not."""


@dataclass(frozen=True, slots=True)
class TileImage:
    """A tile's pixels, ready to be painted.

    Attributes
    ----------
    image : QImage
        As large as ``TilePyramid.pixel_rect`` says; null for nothing to paint.
    unreadable : str
        A sentence if some of it could not be read and is hatched; empty otherwise.
    places : tuple[UnreadablePlace, ...]
        What of it could not be read.
    version : int | None
        None for a tile as it should be; else the picture is a guess (a level that is being made in the
        background), and a better one can be had once ``SlideTileSource.version`` says another number.
    rough : bool
        Whether it shows all that it should, but drawn quickly: worth reading again once the view rests.
    sketch : SketchedTile | None
        What is to be drawn to have the picture; the image is null then.
    """

    image: QImage
    unreadable: str = ""
    places: tuple[UnreadablePlace, ...] = ()
    version: int | None = None
    rough: bool = False
    sketch: SketchedTile | None = None


class TileSource(Protocol):
    """A pyramid of tiles that loader threads may read at once."""

    @property
    def pyramid(self) -> TilePyramid:
        """Levels and tile size; never changes."""

    def read(self, key: TileKey, wanted: Callable[[], bool]) -> TileImage | None:
        """One tile.

        Parameters
        ----------
        key : TileKey
            A tile of :attr:`pyramid`.
        wanted : Callable[[], bool]
            False as soon as nobody waits for this tile any more; worth asking between long steps.

        Returns
        -------
        TileImage | None
            None if it was given up because it was not wanted.
        """


@runtime_checkable
class TouchingSource(Protocol):
    """A source that can have memory ready for tiles to come."""

    def touch_ahead(self) -> bool:
        """Make a little of it ready; whether there is more to do. Loader threads, when idle."""


class ArgbSlide(Protocol):
    """What the canvas needs of an open slide; ``desktop_app.slides.Slide`` is one."""

    @property
    def info(self) -> SlideInfo:
        """Metadata of the slide."""

    def read_argb(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> ArgbArray:
        """Premultiplied pixels in native byte order, uint8 ``(H, W, 4)``; raises ``SlideReadError``."""

    def read_level(self, corner: tuple[int, int], level: int, size: tuple[int, int]) -> ArgbArray:
        """The same, from a corner in pixels of the level."""

    def read_shrunk(
        self, corner: tuple[int, int], level: int, size: tuple[int, int], shrink: int
    ) -> ArgbArray | None:
        """The level made smaller by the decoder; None where only the way by area is left."""


class SlideTileSource:
    """The tiles of one slide, opaque and with the display lookup applied.

    Parameters
    ----------
    slide : ArgbSlide
        Stays open until the loader has been shut down.
    made : MadeLevels | None
        Where the slide lacks coarse levels: those made of it in the background.
    """

    def __init__(self, slide: ArgbSlide, made: MadeLevels | None = None) -> None:
        self._slide = self._opened = slide
        self._made = made
        self._pyramid = TilePyramid(tile_levels(slide.info.levels), tile_size_for(slide.info.tile_size))
        self._buffers = TileBuffers(self._pyramid.tile_size)
        self._channels = default_displays(slide.info.channels)
        self._background = np.asarray(slide.info.background[::-1], dtype=np.uint16)
        self._display = DisplayLookup()

    @property
    def pyramid(self) -> TilePyramid:
        """The slide's levels, with halves filled in."""
        return self._pyramid

    def set_display(self, display: DisplayLookup) -> None:
        """Use another lookup from the next read on; GUI thread (one assignment, no lock needed)."""
        self._display = display

    def set_channels(self, displays: Sequence[ChannelDisplay]) -> None:
        """Mix a fluorescence slide's channels like this from the next read on; none as at first; GUI thread.

        Raises
        ------
        ValueError
            If there is not one for each channel.
        """
        self._channels = tuple(displays) or default_displays(self._opened.info.channels)
        if displays and isinstance(self._opened, ChannelSlide):
            self._slide = ChannelView(self._opened, displays)
        else:
            self._slide = self._opened

    def read(self, key: TileKey, wanted: Callable[[], bool]) -> TileImage | None:
        """One tile of the slide; see :meth:`TileSource.read`."""
        level = self._pyramid.levels[key.level]
        x, y, width, height = self._pyramid.pixel_rect(key)
        if self._made is not None and self._made.serves(level.read_level, level.shrink):
            return self._made_tile(self._made, key)
        reading = _Reading(self._slide, level.read_level, wanted)
        pixels = reading.shrunk((x, y), (width, height), level)
        if pixels is None:
            return None
        return TileImage(self._shown(pixels), reading.failure, tuple(reading.places))

    def version(self, key: TileKey) -> int | None:
        """What ``TileImage.version`` of that tile would be now; GUI thread, cheap."""
        level = self._pyramid.levels[key.level]
        if self._made is None or not self._made.serves(level.read_level, level.shrink):
            return None
        x, y, width, height = self._pyramid.pixel_rect(key)
        return self._made.version(level.read_level, level.shrink, corner=(x, y), size=(width, height))

    def _made_tile(self, made: MadeLevels, key: TileKey) -> TileImage:
        level = self._pyramid.levels[key.level]
        x, y, width, height = self._pyramid.pixel_rect(key)
        found = made.read(level.read_level, level.shrink, corner=(x, y), size=(width, height))
        image = QImage()
        if found.pixels is not None:
            mixed = found.pixels if made.kind.is_color else composite(found.pixels, self._channels)
            image = self._shown(np.asarray(mixed, np.uint8))
        failure = ""
        if found.unreadable:
            failure = str(SlideReadError(self._slide.info.path, found.unreadable[0].reason))
        return TileImage(image, failure, found.unreadable, found.version)

    def touch_later(self, words: NDArray[np.uint32]) -> None:
        """Have a picture's memory touched by :meth:`touch_ahead`; see :class:`TileBuffers`."""
        self._buffers.touch_later(words)

    def touch_ahead(self) -> bool:
        """Make memory ready for tiles to come; whether there is more to do. Loader threads, when idle."""
        return self._buffers.touch_ahead()

    def _shown(self, pixels: ArgbArray) -> QImage:
        """Opaque pixels through the display lookup, in memory of the pool."""
        height, width = pixels.shape[:2]
        buffer = self._buffers.take((width, height))
        self._display.apply(self._on_background(pixels), buffer.pixels)
        image = wrap_argb(buffer.pixels, opaque=True)
        # The picture keeps the place, not only the pixels in it.
        image._pixels = buffer  # type: ignore[attr-defined]
        return image

    def _on_background(self, argb: ArgbArray) -> ArgbArray:
        # One look at each pixel as a whole is several times as fast as one at its alpha.
        if argb.view(np.uint32).min() >= OPAQUE:
            return argb
        alpha = argb[..., 3]
        through = (255 - alpha.astype(np.uint16))[..., None] * self._background
        # Rounded like the composite of slides.Slide.read_region, so that both give the same bytes.
        color = argb[..., :3] + (through + 127) // 255
        opaque = np.full_like(argb, 255)
        opaque[..., :3] = np.minimum(color, 255)
        return opaque


class _Reading:
    """One tile being read: the pixels are put together from squares of the slide's own level."""

    def __init__(self, slide: ArgbSlide, level: int, wanted: Callable[[], bool]) -> None:
        self.failure = ""
        self.places: list[UnreadablePlace] = []
        self._slide = slide
        self._level = level
        self._downsample = slide.info.levels[level].downsample
        self._wanted = wanted

    def shrunk(self, corner: tuple[int, int], size: tuple[int, int], level: TileLevel) -> ArgbArray | None:
        """A rectangle of ``level`` (its own pixels), halved as often as ``level.shrink`` says.

        Quarter by quarter, so that memory stays near four tiles however much is read.
        """
        limit = self._slide.info.levels[self._level].size
        return self._halved(corner, size, (level.shrink, limit))

    def _halved(
        self, corner: tuple[int, int], size: tuple[int, int], scale: tuple[int, tuple[int, int]]
    ) -> ArgbArray | None:
        shrink, limit = scale
        if not self._wanted():
            return None
        if shrink == 1:
            return self._read(corner, size)
        decoded = self._slide.read_shrunk(corner, self._level, size, shrink)
        return self._joined(corner, size, (shrink // 2, limit)) if decoded is None else decoded

    def _joined(
        self, corner: tuple[int, int], size: tuple[int, int], finer: tuple[int, tuple[int, int]]
    ) -> ArgbArray | None:
        shrink, limit = finer
        result = np.empty((size[1], size[0], 4), dtype=np.uint8)
        for (x0, x1), (y0, y1) in _quarters(size):
            left, top = 2 * (corner[0] + x0), 2 * (corner[1] + y0)
            # An odd level ends half a pixel inside its half: only what exists is averaged.
            width = min(2 * (x1 - x0), -(-limit[0] // shrink) - left)
            height = min(2 * (y1 - y0), -(-limit[1] // shrink) - top)
            part = self._halved((left, top), (width, height), finer)
            if part is None:
                return None
            result[y0:y1, x0:x1] = _resized_by_area(part, (x1 - x0, y1 - y0))
        return result

    def _read(self, corner: tuple[int, int], size: tuple[int, int]) -> ArgbArray:
        try:
            return self._slide.read_level(corner, self._level, size)
        except SlideReadError as error:
            self.failure = str(error)
            scale = self._downsample
            rect = (corner[0] * scale, corner[1] * scale, size[0] * scale, size[1] * scale)
            self.places.append(UnreadablePlace.of(error, rect, self._level))
            return hatched(size)


def _resized_by_area(pixels: ArgbArray, size: tuple[int, int]) -> ArgbArray:
    cv2 = _single_threaded_cv2()
    resized: ArgbArray = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return resized


@cache
def _single_threaded_cv2() -> ModuleType:
    # Imported at the first need, for the window's start; its own threads would fight with the loader's.
    import cv2

    cv2.setNumThreads(1)
    return cv2


def _quarters(size: tuple[int, int]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    width, height = size
    columns = [(0, (width + 1) // 2), ((width + 1) // 2, width)]
    rows = [(0, (height + 1) // 2), ((height + 1) // 2, height)]
    return [(x, y) for y in rows for x in columns if x[0] < x[1] and y[0] < y[1]]


def tile_size_for(file_tile: tuple[int, int]) -> int:
    """Pixels of a canvas tile: the file's own tile, or a small multiple, so that none is decoded twice."""
    if file_tile[0] != file_tile[1] or file_tile[0] not in FILE_TILES:
        return 256
    return file_tile[0] if file_tile[0] >= 192 else 2 * file_tile[0]


def wrap_argb(pixels: ArgbArray, *, opaque: bool = False) -> QImage:
    """A picture over an array, without a copy.

    Parameters
    ----------
    pixels : NDArray[np.uint8]
        ``(H, W, 4)``, premultiplied, native byte order; must not be changed afterwards.
    opaque : bool
        Ignore alpha, which paints faster.
    """
    height, width = pixels.shape[:2]
    pixels = np.ascontiguousarray(pixels)
    kind = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
    image = QImage(pixels.data, width, height, 4 * width, kind)
    # The picture does not own its memory: without this reference it would show what comes after it.
    image._pixels = pixels  # type: ignore[attr-defined]
    return image
