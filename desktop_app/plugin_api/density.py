"""Optical density over the slide's own glass.

Scanners balance white differently, so what is colorless is measured on each slide. Pure functions, on the
thread of the job.
"""

from __future__ import annotations

import numpy as np

from desktop_app.domain.arrays import FloatArray, RgbArray
from desktop_app.plugin_api.overview import channel_extremes

BRIGHT = 170
"""Glass is looked for among pixels whose darkest channel is at least this, where there are any."""

DEFAULT_GLASS = (243.0, 243.0, 243.0)
"""Taken where nothing on the slide is bright enough to be glass."""

MIN_GLASS_SHARE = 0.01


def glass_color(overview: RgbArray) -> tuple[float, float, float]:
    """The color of the glass: the most frequent value of each channel among bright pixels, uint8 scale.

    Pixels that are pure white are left out where others are bright too: they were never scanned.
    """
    sparse = np.ascontiguousarray(overview[::2, ::2])
    pixels, darkest = sparse.reshape(-1, 3), channel_extremes(sparse)[0].ravel()
    bright = pixels[(darkest >= BRIGHT) & (darkest < 255)]
    if len(bright) < MIN_GLASS_SHARE * len(pixels):
        bright = pixels[darkest >= BRIGHT]
    if len(bright) < MIN_GLASS_SHARE * len(pixels):
        return DEFAULT_GLASS
    red, green, blue = (_mode(bright[:, channel]) for channel in range(3))
    return red, green, blue


def optical_density(overview: RgbArray, glass: tuple[float, float, float]) -> FloatArray:
    """float32 ``(H, W, 3)``, natural logarithm, at least 0; 0 at the glass's color and above.

    *Source*: Lambert-Beer, ``ln(glass / value)`` with values of 0 taken as 1.
    """
    import cv2

    values = np.maximum(np.arange(256, dtype=np.float32), 1.0)
    table = np.maximum(np.log(np.asarray(glass, np.float32) / values[:, None]), 0.0)
    return np.asarray(cv2.LUT(overview, table.reshape(256, 1, 3).astype(np.float32)), np.float32)


def _mode(values: RgbArray) -> float:
    counts = np.bincount(values, minlength=256).astype(np.float64)
    return float(np.argmax(np.convolve(counts, np.ones(5), mode="same")))
