"""Tissue is what has color: the simplest rule that works on H&E."""

from __future__ import annotations

import cv2
import numpy as np

from desktop_app.plugin_api import SlidePixels, Tissue, polygons_from_mask

LONGEST_PX = 2048
"""The picture that is looked at has no longer side."""


class Detector:
    """Finds colored pixels.

    Parameters
    ----------
    threshold : int
        What the strongest and the weakest channel must differ by.
    """

    def __init__(self, threshold: int = 20) -> None:
        self.threshold = threshold

    def detect(self, slide: SlidePixels, *, target_mpp: float | None = None) -> Tissue:
        """The tissue of a slide."""
        width, height = slide.info.size
        shrink = max(1.0, max(width, height) / LONGEST_PX)
        size = (max(1, round(width / shrink)), max(1, round(height / shrink)))
        pixels = slide.read_scaled((0, 0), (width, height), size)
        color = pixels.max(axis=2).astype(np.int16) - pixels.min(axis=2)
        mask = cv2.medianBlur((color > self.threshold).astype(np.uint8), 5) > 0
        scale = (width / size[0], height / size[1])
        mpp_x, mpp_y = slide.info.require_mpp()
        return Tissue(
            mask=mask,
            mpp=(mpp_x * scale[0], mpp_y * scale[1]),
            threshold=float(self.threshold),
            polygons=polygons_from_mask(mask, scale),
        )
