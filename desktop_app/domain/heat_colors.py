"""The colors of a heat map, so that the window and the picture file show the same thing.

Contributions diverge from zero (blue against, orange for) and fade out near it, because a tile that says
nothing should not cover the tissue; attention has no sign and runs from dark violet to yellow. Both survive
the common color blindnesses and stand out from hematoxylin and eosin. Pure functions; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import FloatArray

SEQUENTIAL = ((38, 18, 74), (37, 84, 140), (20, 150, 139), (122, 202, 82), (250, 230, 40))
"""RGB anchors of attention, low to high."""

DIVERGING = ((5, 60, 150), (90, 155, 220), (245, 245, 245), (245, 150, 60), (190, 60, 0))
"""RGB anchors of contributions: against the class, zero, for it."""

FAINTEST = 0.12
"""Share of the opacity that a contribution of zero still has, so that read tiles differ from unread ones."""


@dataclass(frozen=True, slots=True)
class HeatScale:
    """The values at the two ends of the colors.

    Attributes
    ----------
    low, high : float
        ``low < high``; what lies beyond takes the color of the end.
    """

    low: float
    high: float

    @classmethod
    def of(cls, values: FloatArray, quantity: str) -> HeatScale:
        """A scale for finite values ``(n,)``.

        For ``"contribution"`` it is symmetric about zero and ends at the 99th percentile of the magnitude;
        else it runs from the 1st to the 99th percentile, so that single tiles do not decide it.
        """
        if not len(values):
            return cls(-1.0, 1.0) if quantity == "contribution" else cls(0.0, 1.0)
        if quantity == "contribution":
            end = float(np.percentile(np.abs(values), 99)) or 1.0
            return cls(-end, end)
        low, high = (float(value) for value in np.percentile(values, (1, 99)))
        return cls(low, high) if high > low else cls(low - 0.5, low + 0.5)

    def color_indices(self, values: FloatArray) -> NDArray[np.uint8]:
        """Entries of :func:`heat_colors` for values of any shape."""
        share = (np.asarray(values, dtype=np.float64) - self.low) / (self.high - self.low)
        return np.rint(np.clip(share, 0.0, 1.0) * 255).astype(np.uint8)


def heat_colors(quantity: str, opacity: float = 1.0) -> NDArray[np.uint8]:
    """Straight RGBA, uint8 ``(256, 4)``, from the low to the high end of the scale.

    Parameters
    ----------
    quantity : str
        ``"contribution"`` or ``"attention"``.
    opacity : float
        Of the strongest color, 0 to 1.
    """
    at = np.linspace(0, 1, 256)
    anchors = np.array(DIVERGING if quantity == "contribution" else SEQUENTIAL, dtype=np.float64)
    places = np.linspace(0, 1, len(anchors))
    channels = [np.interp(at, places, anchors[:, channel]) for channel in range(3)]
    alpha = np.full(256, opacity)
    if quantity == "contribution":
        alpha *= FAINTEST + (1 - FAINTEST) * np.sqrt(np.abs(2 * at - 1))
    colors: NDArray[np.uint8] = np.rint(np.stack([*channels, 255 * alpha], axis=1)).astype(np.uint8)
    return colors
