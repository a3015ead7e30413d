"""Exact resampling of a rectangle whose edges fall between pixels.

Tiles are cut at an exact mpp, so their edges hardly ever fall on pixel edges; rounding them would shift or
stretch what a model sees by up to a pixel. Pure; any thread.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import FloatArray, RgbArray

_ON_EDGE = 1e-4
"""Pixels; an edge this near a pixel edge is taken to be on it."""


def resample(pixels: RgbArray, edges_x: FloatArray, edges_y: FloatArray) -> RgbArray:
    """Resample between given edges.

    Parameters
    ----------
    pixels : RgbArray
        uint8 ``(H, W, 3)``. Where an axis grows, one pixel more on each side lets neighboring results join
        without a seam; without it the edge pixel is repeated.
    edges_x, edges_y : FloatArray
        float64 ``(w + 1,)`` and ``(h + 1,)``: evenly spaced edges of the result's pixels in pixels of
        ``pixels`` (0 is the left or top edge of the first), inside the array.

    Returns
    -------
    RgbArray
        uint8 ``(h, w, 3)``. Where an axis shrinks each value is the mean over the pixel's exact extent, parts
        of pixels by their share; where it grows it is linear between pixel centers. Rounded once.
    """
    if _is_shrinking_by_whole_pixels(edges_x) and _is_shrinking_by_whole_pixels(edges_y):
        return _whole_pixels(pixels, edges_x, edges_y)
    columns = _along_first_axis(pixels, edges_y).swapaxes(0, 1)
    values = _along_first_axis(np.ascontiguousarray(columns), edges_x).swapaxes(0, 1)
    return np.ascontiguousarray(np.rint(values).clip(0, 255).astype(np.uint8))


def _is_shrinking_by_whole_pixels(edges: FloatArray) -> bool:
    return _step(edges) >= 1 and all(abs(edge - round(edge)) < _ON_EDGE for edge in edges[[0, -1]].tolist())


def _step(edges: FloatArray) -> float:
    """Distance of neighboring edges, free of rounding noise."""
    return round(float(edges[-1] - edges[0]) / (len(edges) - 1), 9)


def _whole_pixels(pixels: RgbArray, edges_x: FloatArray, edges_y: FloatArray) -> RgbArray:
    """The usual case: the rectangle is made of whole pixels, which OpenCV averages by area exactly."""
    import cv2

    left, right, top, bottom = (round(float(edge)) for edge in (*edges_x[[0, -1]], *edges_y[[0, -1]]))
    part = np.ascontiguousarray(pixels[top:bottom, left:right])
    size = (len(edges_x) - 1, len(edges_y) - 1)
    if size == (right - left, bottom - top):
        return part
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)


def _along_first_axis(values: NDArray[Any], edges: FloatArray) -> NDArray[np.float32]:
    return _means(values, edges) if _step(edges) >= 1 else _linear(values, edges)


def _means(values: NDArray[Any], edges: FloatArray) -> NDArray[np.float32]:
    """Means between neighboring edges.

    Each result is a weighted sum of the few entries it overlaps; all results' first entries are added at
    once, then all second ones, which beats a summed-area table and a matrix product several times over.
    """
    low, high = edges[:-1], edges[1:]
    first = np.floor(low).astype(np.int64)
    total = np.zeros((len(low), *values.shape[1:]), np.float32)
    for entry in range(math.ceil(_step(edges)) + 1):
        index = first + entry
        overlap = (np.minimum(high, index + 1) - np.maximum(low, index)).clip(0)
        total += values[np.minimum(index, len(values) - 1)] * _weights(overlap / (high - low))
    return total


def _linear(values: NDArray[Any], edges: FloatArray) -> NDArray[np.float32]:
    """Values at the centers between edges; the outermost entries reach outwards."""
    centers = ((edges[:-1] + edges[1:]) / 2 - 0.5).clip(0, len(values) - 1)
    below = np.floor(centers).astype(np.int64)
    above = np.minimum(below + 1, len(values) - 1)
    share = _weights(centers - below)
    between: NDArray[np.float32] = values[below] * (1 - share) + values[above] * share
    return between


def _weights(shares: FloatArray) -> NDArray[np.float32]:
    """One weight for each entry of the first axis of ``(N, M, 3)``."""
    return shares.astype(np.float32)[:, None, None]
