"""What cannot be read: the place and the reason, and how a picture shows it.

It is hatched, as no tissue and no glass looks, and listed, so that nobody takes it for an empty place. Pure;
any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.viewport import Rect
from desktop_app.errors import SlideGoneError, SlideReadError

HATCH_DARK, HATCH_LIGHT, HATCH_STEP = 96, 160, 16
"""Gray levels and pixels of the pattern."""


@dataclass(frozen=True, slots=True)
class UnreadablePlace:
    """A rectangle of a slide whose pixels could not be read.

    Attributes
    ----------
    rect : Rect
        ``(x, y, width, height)`` in level-0 pixels.
    level : int
        The file's level that was read.
    reason : str
        Why, as the reader said it.
    gone : bool
        The whole file was not there (a drive or network went away).
    """

    rect: Rect
    level: int
    reason: str
    gone: bool = False

    @classmethod
    def of(cls, error: SlideReadError, rect: Rect, level: int) -> UnreadablePlace:
        """The place of a failed read."""
        return cls(rect, level, error.reason, isinstance(error, SlideGoneError))


def hatched(size: tuple[int, int], *, step: int = HATCH_STEP) -> RgbArray:
    """Opaque gray stripes.

    Parameters
    ----------
    size : tuple[int, int]
        ``(width, height)`` in pixels.
    step : int
        Pixels from stripe to stripe.

    Returns
    -------
    RgbArray
        uint8 ``(height, width, 4)``, ARGB32 in native byte order.
    """
    rows, columns = np.mgrid[: size[1], : size[0]]
    stripe = (rows + columns) % step < step // 2
    pixels = np.full((size[1], size[0], 4), 255, dtype=np.uint8)
    pixels[..., :3] = np.where(stripe, HATCH_DARK, HATCH_LIGHT)[..., None]
    return pixels
