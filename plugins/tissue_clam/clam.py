"""Tissue as CLAM's preprocessing finds it, so that it matches features made with CLAM.

Distances and areas are in pixels, as CLAM has them: results depend on the scanner, which the detector of
``tissue_otsu/saturation`` avoids. Runs on the thread of the job.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.plugin_api import (
    MaskArray,
    RgbArray,
    SlidePixels,
    Tissue,
    otsu_threshold,
    pixel_um,
    polygons_from_mask,
    read_overview,
)

DOWNSAMPLE = 64
"""CLAM looks at the coarsest level that is reduced no further than this."""

MAX_OVERVIEW_PX = 4096
"""A level whose longer side has more pixels (level 0 of a slide with one level) is read reduced to this."""

AREA_PX = 512
"""Areas are counted in squares of this many level-0 pixels a side."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a preset fixes; the values are those of CLAM's preset tables."""

    threshold: int = 8
    median_px: int = 7
    closing_px: int = 4
    min_object: float = 100.0
    min_hole: float = 16.0
    max_holes: int = 8


PRESETS = {
    "default": Settings(),
    "bwh_biopsy": Settings(15, 11, 2, 1.0, 1.0, 2),
    "bwh_resection": Settings(15, 11, 4, 100.0, 16.0, 8),
    "tcga": Settings(8, 7, 4, 16.0, 4.0, 8),
}


class ClamDetector:
    """Threshold on HSV saturation with CLAM's filters.

    Parameters
    ----------
    preset : str
        One of ``PRESETS``, or ``"custom"`` for the other parameters.
    use_otsu : bool
        Otsu's threshold instead of the fixed one.
    **custom : Any
        The fields of ``Settings``.

    Notes
    -----
    *Source*: Lu et al. 2021 (CLAM), its published preset tables and the description of its segmentation:
    saturation, median, threshold, closing with a square, contours in two levels; a piece stays if its area
    without holes is above the smallest, of its holes the largest stay. Areas are those within the contours
    through pixel centers. Deviations: a level wider than 4096 pixels is reduced to that by area; outlines
    follow the pixels' edges.
    """

    def __init__(self, preset: str = "bwh_biopsy", use_otsu: bool = False, **custom: Any) -> None:
        chosen = PRESETS[preset] if preset != "custom" else Settings(**custom)
        # A median filter needs a center.
        self._settings = replace(chosen, median_px=chosen.median_px | 1)
        self._use_otsu = use_otsu

    def detect(self, slide: SlidePixels, *, target_mpp: float | None = None) -> Tissue:
        """Detect tissue; tiles are judged by the mask, so ``target_mpp`` plays no part.

        Raises
        ------
        MissingMppError
            If the slide's pixel size is unknown.
        SlideReadError
            If the level cannot be read.
        """
        slide.info.require_mpp()
        overview = _read_level(slide)
        saturation = _filtered_saturation(overview, self._settings.median_px)
        threshold = otsu_threshold(saturation) if self._use_otsu else float(self._settings.threshold)
        width, height = slide.info.size
        scale = (width / overview.shape[1], height / overview.shape[0])
        mask = self._cleaned(saturation > threshold, scale)
        return Tissue(mask, pixel_um(slide, mask.shape), threshold, polygons_from_mask(mask, scale))

    def _cleaned(self, mask: MaskArray, scale: tuple[float, float]) -> MaskArray:
        import cv2

        found = mask.astype(np.uint8)
        if self._settings.closing_px > 0:
            square = np.ones((self._settings.closing_px, self._settings.closing_px), np.uint8)
            found = np.asarray(cv2.morphologyEx(found, cv2.MORPH_CLOSE, square), np.uint8)
        contours, hierarchy = cv2.findContours(found, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        if hierarchy is None:
            return np.zeros(mask.shape, np.bool_)
        return self._drawn(found, contours, hierarchy[0], int(AREA_PX**2 / (scale[0] * scale[1])))

    def _drawn(
        self, found: NDArray[np.uint8], contours: Any, hierarchy: NDArray[np.int32], unit: int
    ) -> MaskArray:
        """The pieces that are large enough, with their largest holes; ``unit`` is that of areas, in px²."""
        import cv2

        areas = [cv2.contourArea(contour) for contour in contours]
        parents = hierarchy[:, 3]
        kept, holes = [], []
        for outer in np.flatnonzero(parents == -1):
            inner = np.flatnonzero(parents == outer)
            if areas[outer] - sum(areas[hole] for hole in inner) <= self._settings.min_object * unit:
                continue
            kept.append(contours[outer])
            largest = sorted(inner, key=lambda hole: -areas[hole])[: self._settings.max_holes]
            holes += [contours[hole] for hole in largest if areas[hole] > self._settings.min_hole * unit]
        drawn = np.zeros(found.shape, np.uint8)
        cv2.drawContours(drawn, kept, -1, 1, cv2.FILLED)
        empty = np.zeros_like(drawn)
        cv2.drawContours(empty, holes, -1, 1, cv2.FILLED)
        # The contour of a hole runs over the tissue around it.
        return np.asarray((drawn > 0) & ~((empty > 0) & (found == 0)), np.bool_)


def _read_level(slide: SlidePixels) -> RgbArray:
    level = [level for level in slide.info.levels if level.downsample <= DOWNSAMPLE * 1.01][-1]
    if max(level.size) <= MAX_OVERVIEW_PX:
        return slide.read_region((0, 0), level.index, level.size)
    return read_overview(slide, level.size, MAX_OVERVIEW_PX)


def _filtered_saturation(overview: RgbArray, median_px: int) -> NDArray[np.uint8]:
    import cv2

    saturation = np.ascontiguousarray(cv2.cvtColor(overview, cv2.COLOR_RGB2HSV)[..., 1])
    return np.asarray(cv2.medianBlur(saturation, median_px), np.uint8)
