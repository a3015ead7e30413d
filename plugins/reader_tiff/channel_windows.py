"""The first window of each fluorescence channel, from a sample of the coarsest level.

A few hot pixels and the empty margin must not decide how a slide looks: the window goes from the 0.1st to the
99.9th percentile. Runs where the slide is opened.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rasters import Raster

PERCENTILES = (0.1, 99.9)

WHOLE_PIXELS = 2**22
"""A level up to so many pixels is looked at as a whole."""

_BLOCKS, _BLOCK = 6, 128


def channel_windows(raster: Raster) -> tuple[tuple[float, float], ...]:
    """``(low, high)`` of each sample, ``low < high``.

    Parameters
    ----------
    raster : Raster
        The coarsest level; of a large one, 6 × 6 blocks spread over it are read.
    """
    values = _sample(raster)
    return tuple(_window(values[:, channel]) for channel in range(values.shape[1]))


def _sample(raster: Raster) -> NDArray[Any]:
    """Values ``(N, C)``."""
    width, height = raster.size
    if width * height <= WHOLE_PIXELS:
        whole = raster.read((0, 0, width, height))[0]
        return whole.reshape(-1, whole.shape[2])
    across, down = min(_BLOCK, width), min(_BLOCK, height)
    lefts = np.linspace(0, width - across, _BLOCKS).astype(int).tolist()
    tops = np.linspace(0, height - down, _BLOCKS).astype(int).tolist()
    blocks = [raster.read((left, top, across, down))[0] for top in tops for left in lefts]
    return np.concatenate([block.reshape(-1, block.shape[2]) for block in blocks])


def _window(values: NDArray[Any]) -> tuple[float, float]:
    low, high = (float(value) for value in np.percentile(values, PERCENTILES))
    if low < high:
        return low, high
    low, high = float(values.min()), float(values.max())
    return (low, high) if low < high else (0.0, max(high, 1.0))
