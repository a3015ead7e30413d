"""A fluorescence slide seen through the settings of its channels, which the canvas treats as any other slide.

The channels of a tile are read and mixed on the loader threads; the settings of a view never change, other
ones make another view of the same slide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import ChannelArray
from desktop_app.domain.channels import composite
from desktop_app.domain.display_settings import ChannelDisplay
from desktop_app.domain.slide_info import SlideInfo


@runtime_checkable
class ChannelSlide(Protocol):
    """What is needed of an open slide; ``desktop_app.slides.Slide`` is one."""

    @property
    def info(self) -> SlideInfo:
        """Metadata of the slide."""

    def read_channels(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> ChannelArray:
        """uint8 or uint16 ``(H, W, C)``; raises ``SlideReadError``."""


class ChannelView:
    """An ``ArgbSlide`` whose pixels are mixed from channels.

    Parameters
    ----------
    slide : ChannelSlide
        Stays open as long as this is read.
    displays : Sequence[ChannelDisplay]
        One for each of its channels.

    Raises
    ------
    ValueError
        If there is not one for each.
    """

    def __init__(self, slide: ChannelSlide, displays: Sequence[ChannelDisplay]) -> None:
        if len(displays) != len(slide.info.channels):
            raise ValueError(f"{len(displays)} displays do not fit {len(slide.info.channels)} channels")
        self._slide = slide
        self._displays = tuple(displays)

    @property
    def info(self) -> SlideInfo:
        """Metadata of the slide."""
        return self._slide.info

    def read_argb(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        """Mixed pixels, uint8 ``(H, W, 4)``, opaque, black beyond the slide; raises ``SlideReadError``."""
        return composite(self._slide.read_channels(location, level, size), self._displays)

    def read_level(self, corner: tuple[int, int], level: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        """The same, from a corner in pixels of the level."""
        downsample = self.info.levels[level].downsample
        return self.read_argb((round(corner[0] * downsample), round(corner[1] * downsample)), level, size)

    def read_shrunk(
        self, corner: tuple[int, int], level: int, size: tuple[int, int], shrink: int
    ) -> NDArray[np.uint8] | None:
        """None: channels have no decoder that makes them smaller, so the way by area is left."""
        return None
