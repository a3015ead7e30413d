"""The colors of a heat map, so that the window and the picture file show the same thing.

Contributions diverge from zero (blue against, orange for) and fade out near it, because a tile that says
nothing should not cover the tissue; attention has no sign and runs from clear to violet. Both can be told
apart with red-green color blindness and on pink tissue. Pure functions; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import FloatArray

_DIVERGING = ((-1.0, 24, 80, 200, 165), (-0.15, 120, 170, 235, 50), (0.0, 250, 250, 250, 0))
_DIVERGING_UP = ((0.15, 255, 190, 70, 50), (0.5, 250, 140, 10, 130), (1.0, 200, 60, 0, 165))
_SEQUENTIAL = ((0.0, 250, 250, 250, 0), (0.5, 120, 110, 220, 90))
_SEQUENTIAL_UP = ((0.85, 90, 30, 190, 145), (1.0, 50, 0, 110, 165))


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


def heat_colors(quantity: str) -> NDArray[np.uint8]:
    """Straight RGBA, uint8 ``(256, 4)``, from the low to the high end of the scale."""
    if quantity == "contribution":
        stops = np.array([*_DIVERGING, *_DIVERGING_UP])
        positions = np.linspace(-1, 1, 256)
    else:
        stops = np.array([*_SEQUENTIAL, *_SEQUENTIAL_UP])
        positions = np.linspace(0, 1, 256)
    channels = [np.interp(positions, stops[:, 0], stops[:, 1 + channel]) for channel in range(4)]
    colors: NDArray[np.uint8] = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return colors
