"""Colours of heat maps: value to colour, and the range that the legend shows.

Attention has no zero, so it runs from dark to light; a contribution has one, and its two sides must not
be mistaken for each other, so it runs from blue over nothing to orange. Both orders survive the common
colour blindnesses and stand out from hematoxylin and eosin. Pure; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import FloatArray

STEPS = 256

SEQUENTIAL = ((38, 18, 74), (37, 84, 140), (20, 150, 139), (122, 202, 82), (250, 230, 40))
"""RGB anchors from low to high, dark violet to yellow."""

DIVERGING = ((5, 60, 150), (90, 155, 220), (245, 245, 245), (245, 150, 60), (190, 60, 0))
"""RGB anchors from against the class, over zero, to for it."""

FAINTEST = 0.12
"""Share of the opacity that a contribution of zero still has, so that read tiles differ from unread ones."""

CLIPPED_PERCENT = 1.0
"""Percent of values at each end that share its colour, so that one outlier does not flatten the rest."""


@dataclass(frozen=True, slots=True)
class ColorScale:
    """A range of values with its colours.

    Attributes
    ----------
    low, high : float
        Values at the ends; beyond them the colour stays.
    diverging : bool
        Whether zero is in the middle.
    """

    low: float
    high: float
    diverging: bool

    @classmethod
    def for_values(cls, values: FloatArray, *, diverging: bool) -> ColorScale:
        """The range of some values; symmetric about zero if diverging. NaN are ignored."""
        finite = values[np.isfinite(values)]
        if not finite.size:
            return cls(-1.0 if diverging else 0.0, 1.0, diverging)
        if diverging:
            limit = float(np.percentile(np.abs(finite), 100 - CLIPPED_PERCENT)) or 1.0
            return cls(-limit, limit, diverging)
        low, high = np.percentile(finite, [CLIPPED_PERCENT, 100 - CLIPPED_PERCENT])
        return cls(float(low), float(high) if high > low else float(low) + 1.0, diverging)

    def table(self, opacity: float = 1.0) -> NDArray[np.uint32]:
        """Colours of the range: uint32 ``(256,)``, premultiplied ARGB with the opacity baked in."""
        at = np.linspace(0, 1, STEPS)
        anchors = np.asarray(DIVERGING if self.diverging else SEQUENTIAL, dtype=np.float64)
        places = np.linspace(0, 1, len(anchors))
        color = np.stack([np.interp(at, places, anchors[:, channel]) for channel in range(3)], axis=1)
        alpha = np.full(STEPS, opacity)
        if self.diverging:
            alpha *= FAINTEST + (1 - FAINTEST) * np.sqrt(np.abs(2 * at - 1))
        red, green, blue = np.round(color * alpha[:, None]).astype(np.uint32).T
        opaque = np.round(alpha * 255).astype(np.uint32)
        table = opaque << np.uint32(24) | red << np.uint32(16) | green << np.uint32(8) | blue
        return np.asarray(table, dtype=np.uint32)

    def paint(self, values: FloatArray, opacity: float = 1.0) -> NDArray[np.uint32]:
        """Values as premultiplied ARGB pixels of the same shape; NaN is transparent."""
        share = (values - self.low) / (self.high - self.low)
        steps = np.nan_to_num(np.clip(share, 0, 1) * (STEPS - 1)).astype(np.uint8)
        pixels: NDArray[np.uint32] = self.table(opacity)[steps]
        pixels[np.isnan(values)] = 0
        return pixels
