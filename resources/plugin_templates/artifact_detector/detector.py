"""Dark spots: what is darker than stained tissue can be."""

from __future__ import annotations

import cv2
import numpy as np

from desktop_app.plugin_api import ArtifactMap, SlidePixels, Tissue, polygons_from_mask

LONGEST_PX = 2048
"""The picture that is looked at has no longer side."""


class Detector:
    """Finds dark pixels.

    Parameters
    ----------
    threshold : float
        Darkness from 0 (white) to 1 (black) above which a pixel counts.
    """

    def __init__(self, threshold: float = 0.8) -> None:
        self.threshold = threshold

    def detect(self, slide: SlidePixels, *, tissue: Tissue | None = None) -> tuple[ArtifactMap, ...]:
        """The dark spots of a slide, on tissue and beside it."""
        width, height = slide.info.size
        shrink = max(1.0, max(width, height) / LONGEST_PX)
        size = (max(1, round(width / shrink)), max(1, round(height / shrink)))
        pixels = slide.read_scaled((0, 0), (width, height), size)
        score = 1 - pixels.max(axis=2).astype(np.float32) / 255
        mask = cv2.medianBlur((score > self.threshold).astype(np.uint8), 5) > 0
        scale = (width / size[0], height / size[1])
        mpp_x, mpp_y = slide.info.require_mpp()
        found = ArtifactMap(
            class_name="Dark spot",
            score=score,
            mask=mask,
            mpp=(mpp_x * scale[0], mpp_y * scale[1]),
            threshold=self.threshold,
            polygons=polygons_from_mask(mask, scale),
        )
        return (found,)
