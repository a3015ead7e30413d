"""Fluorescence channels mixed to one picture.

Each channel's values become shades of its color, and the shades add up, as light does. On screen this runs
for every tile whenever a slider moves, so a channel costs one table look-up per pixel and nothing is computed
in floating point. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import ChannelArray, RgbArray
from desktop_app.domain.display_settings import ChannelDisplay
from desktop_app.domain.slide_info import Channel

PALETTE = (
    (0, 110, 255),
    (0, 255, 0),
    (255, 40, 40),
    (255, 255, 0),
    (255, 0, 255),
    (0, 255, 255),
    (255, 150, 0),
    (255, 255, 255),
)
"""Colors of channels whose file gives none, in turn; the first is a blue that is seen on black."""

SHOWN_AT_FIRST = 6
"""More channels than this on top of each other are a white mess: the others are hidden at first."""

_LANE_BITS = 16
_OPAQUE = 255 << 3 * _LANE_BITS


def default_displays(channels: Sequence[Channel]) -> tuple[ChannelDisplay, ...]:
    """How a slide's channels are shown before anybody changes it.

    Parameters
    ----------
    channels : Sequence[Channel]
        ``SlideInfo.channels``.

    Returns
    -------
    tuple[ChannelDisplay, ...]
        One each, in the channel's own color and window; the first ``SHOWN_AT_FIRST`` visible.
    """
    return tuple(
        ChannelDisplay(index < SHOWN_AT_FIRST, channel.color, *channel.window)
        for index, channel in enumerate(channels)
    )


def composite(channels: ChannelArray, displays: Sequence[ChannelDisplay]) -> RgbArray:
    """Mix channels to a picture.

    Parameters
    ----------
    channels : ChannelArray
        uint8 or uint16 ``(H, W, C)``.
    displays : Sequence[ChannelDisplay]
        C of them, in the same order.

    Returns
    -------
    RgbArray
        uint8 ``(H, W, 4)``: blue, green, red and an alpha of 255, as ``QImage.Format_ARGB32_Premultiplied``
        has them on a little-endian machine. A value at or below ``low`` adds nothing, at or above ``high``
        the full color; sums are cut off at 255. Black where no channel is visible.

    Raises
    ------
    ValueError
        If there is not one display for each channel.
    """
    if channels.ndim != 3 or channels.shape[2] != len(displays):
        raise ValueError(f"{len(displays)} displays do not fit channels of shape {channels.shape}")
    levels = int(np.iinfo(channels.dtype).max) + 1
    # Blue, green, red and alpha have 16 bits each of one number, so that all are added at once.
    total = np.full(channels.shape[:2], _OPAQUE, np.uint64)
    for index, display in enumerate(displays):
        if display.visible:
            total += _shades(display, levels).take(channels[..., index])
    lanes = total.view(np.uint16).reshape(*channels.shape[:2], 4)
    return np.minimum(lanes, 255).astype(np.uint8)


@lru_cache(maxsize=64)
def _shades(display: ChannelDisplay, levels: int) -> NDArray[np.uint64]:
    """The packed color of each pixel value, uint64 ``(levels,)``."""
    span = max(display.high - display.low, 1e-9)
    share = np.clip((np.arange(levels) - display.low) / span, 0, 1)
    red, green, blue = (np.rint(share * part).astype(np.uint64) for part in display.color)
    packed: NDArray[np.uint64] = blue | green << np.uint64(_LANE_BITS) | red << np.uint64(2 * _LANE_BITS)
    packed.setflags(write=False)
    return packed
