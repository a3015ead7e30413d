"""The whole slide in one bounded picture, and cleaning of the mask made from it.

Detectors of tissue and artifacts look at a slide once, small enough for any computer. Pure but for the one
read; runs on the thread of whoever calls the detector.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import MaskArray, RgbArray
from desktop_app.plugin_api.slide import SlidePixels


def read_overview(slide: SlidePixels, size: tuple[float, float], max_side: int) -> RgbArray:
    """The whole slide canvas resampled to about a size.

    Parameters
    ----------
    slide : SlidePixels
        The slide.
    size : tuple[float, float]
        Wanted ``(width, height)`` in pixels; rounded, at least 1, never finer than level 0.
    max_side : int
        The longer side is reduced to this, with the shorter in proportion, so that memory stays bounded.

    Returns
    -------
    RgbArray
        uint8 ``(H, W, 3)``.
    """
    shrink = min(1.0, max_side / max(size))
    full = slide.info.size
    width, height = (max(1, min(full[axis], round(size[axis] * shrink))) for axis in (0, 1))
    return slide.read_scaled((0.0, 0.0), (float(full[0]), float(full[1])), (width, height))


def pixel_um(slide: SlidePixels, shape: tuple[int, ...]) -> tuple[float, float]:
    """µm per pixel ``(x, y)`` of a picture of shape ``(H, W, ...)`` of the whole slide.

    Raises
    ------
    MissingMppError
        If the slide's pixel size is unknown.
    """
    mpp = slide.info.require_mpp()
    return mpp[0] * slide.info.size[0] / shape[1], mpp[1] * slide.info.size[1] / shape[0]


def channel_extremes(pixels: RgbArray) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The smallest and the largest channel of each pixel, two uint8 ``(H, W)``.

    Many times faster than numpy's reduction over a last axis of three.
    """
    import cv2

    red, green, blue = cv2.split(pixels)
    least, most = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    return np.asarray(least, np.uint8), np.asarray(most, np.uint8)


def otsu_threshold(values: NDArray[Any]) -> float:
    """The value that best parts an array into a low and a high class, in the array's unit.

    An array of one value has no two classes; that value is returned, so that nothing lies below or above it.

    *Source*: Otsu 1979, as ``skimage.filters.threshold_otsu`` computes it.
    """
    from skimage.filters import threshold_otsu

    return float(threshold_otsu(values))  # type: ignore[no-untyped-call]  # skimage is partly typed


def odd_pixels(length_um: float, um: float) -> int:
    """A filter width in pixels, odd and at least 1, so that the filter has a center and shifts nothing."""
    return 2 * int(length_um / um / 2) + 1


def close_gaps(mask: MaskArray, length_um: float, um: tuple[float, float]) -> MaskArray:
    """Morphological closing with an ellipse about ``length_um`` wide; ``um`` is µm per pixel ``(x, y)``."""
    import cv2

    widths = odd_pixels(length_um, um[0]), odd_pixels(length_um, um[1])
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, widths)
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    return np.asarray(closed, dtype=np.bool_)


def drop_small(
    mask: MaskArray, um: tuple[float, float], *, min_object_um2: float, min_hole_um2: float
) -> MaskArray:
    """Leave out small objects, then fill small holes.

    Objects are 4-connected and holes 8-connected, as in the outlines that are drawn from the mask. A gap that
    reaches the edge of the slide is no hole and stays.
    """
    area = um[0] * um[1]
    kept = _without_small(mask, min_object_um2 / area, connectivity=4)
    return ~_without_small(~kept, min_hole_um2 / area, connectivity=8, keep_edge=True)


def _without_small(
    mask: MaskArray, min_pixels: float, *, connectivity: int, keep_edge: bool = False
) -> MaskArray:
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=connectivity)
    keep = stats[:, cv2.CC_STAT_AREA] >= min_pixels
    if keep[1:].all():
        return mask
    if keep_edge:
        for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
            keep[edge] = True
    keep[0] = False
    return np.asarray(keep[labels], dtype=np.bool_)
