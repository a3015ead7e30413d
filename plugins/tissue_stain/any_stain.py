"""Tissue as what has a color of its own, whichever: safe with immunohistochemistry.

Hematoxylin without eosin is blue, DAB brown, an unstained biopsy almost white; a rule made for hematoxylin
and eosin takes the first for pen and misses the last. Runs on the thread of the job.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.plugin_api import (
    RgbArray,
    SlidePixels,
    Tissue,
    channel_extremes,
    close_gaps,
    drop_small,
    glass_color,
    odd_pixels,
    optical_density,
    pixel_um,
    polygons_from_mask,
    read_overview,
)

MAX_OVERVIEW_PX = 4096

BLACK = 50
"""Pixels whose brightest channel is below this hold ink or an edge, not stain."""

STEPS_PER_OD = 500.0
"""Chroma is filtered as uint8 in steps of 0.002 OD: the median filter is fast on bytes."""

MAX_NOISE = 0.015
"""OD; where the quiet part of a picture has more, it holds no glass, and tissue is no noise."""

DARK_OD = 0.35
"""Where even the least absorbed channel absorbs more than this, dense stain is tissue however gray it is."""


@dataclass(frozen=True, slots=True)
class AnyStainDetector:
    """Threshold on the chroma of optical density over the slide's own glass.

    Parameters
    ----------
    reading_mpp : float
        µm per pixel at which the slide is read; a slide that is coarser is read at its own.
    min_chroma : float
        Least difference between the channels' optical densities.
    noise_factor : float
        The threshold is at least this many times the glass's noise.
    median_um, closing_um : float
        Widths of the filters.
    min_object_um2, min_hole_um2 : float
        Smaller objects are left out, smaller holes are filled.

    Notes
    -----
    *Source*: own. Chroma is the largest less the smallest optical density of a pixel's channels, so the gray
    shadow of a cover glass has none, and the color cast of the glass is taken off first. The noise is the
    lower quartile of the slide's chroma, bounded.
    """

    reading_mpp: float = 8.0
    min_chroma: float = 0.02
    noise_factor: float = 4.0
    median_um: float = 40.0
    closing_um: float = 24.0
    min_object_um2: float = 20_000.0
    min_hole_um2: float = 10_000.0

    def detect(self, slide: SlidePixels, *, target_mpp: float | None = None) -> Tissue:
        """Detect tissue; tiles are judged by the mask, so ``target_mpp`` plays no part.

        Raises
        ------
        MissingMppError
            If the slide's pixel size is unknown.
        SlideReadError
            If the slide cannot be read.
        """
        mpp, full = slide.info.require_mpp(), slide.info.size
        size = full[0] * mpp[0] / self.reading_mpp, full[1] * mpp[1] / self.reading_mpp
        overview = read_overview(slide, size, MAX_OVERVIEW_PX)
        um = pixel_um(slide, overview.shape)
        chroma = self._chroma(overview, um)
        noise = min(_noise(chroma) / STEPS_PER_OD, MAX_NOISE)
        threshold = max(self.min_chroma, self.noise_factor * noise)
        closed = close_gaps(chroma > threshold * STEPS_PER_OD, self.closing_um, um)
        mask = drop_small(closed, um, min_object_um2=self.min_object_um2, min_hole_um2=self.min_hole_um2)
        scale = (full[0] / mask.shape[1], full[1] / mask.shape[0])
        return Tissue(mask, um, threshold, polygons_from_mask(mask, scale))

    def _chroma(self, overview: RgbArray, um: tuple[float, float]) -> NDArray[np.uint8]:
        """uint8 ``(H, W)`` in ``STEPS_PER_OD``, saturating, without specks."""
        import cv2

        red, green, blue = cv2.split(optical_density(overview, glass_color(overview)))
        least = cv2.min(cv2.min(red, green), blue)
        chroma = cv2.max(cv2.max(red, green), blue) - least
        steps = cv2.convertScaleAbs(chroma, alpha=STEPS_PER_OD)
        steps[least > DARK_OD] = 255
        steps[channel_extremes(overview)[1] < BLACK] = 0
        width = odd_pixels(self.median_um, (um[0] + um[1]) / 2)
        return np.asarray(cv2.medianBlur(steps, width), np.uint8)


def _noise(chroma: NDArray[np.uint8]) -> float:
    """The lower quartile, in its steps."""
    counts = np.bincount(chroma[::2, ::2].ravel(), minlength=256)
    return float(np.searchsorted(np.cumsum(counts), counts.sum() / 4))
