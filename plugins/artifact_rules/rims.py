"""The edge of the cover glass and air bubbles: gray lines, long ones and closed ones.

Runs on the thread of the job.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.plugin_api import ArtifactMap, FloatArray, MaskArray, SlidePixels, Tissue

from .view import DensityView, Pieces, closed, disk

LINE_UM = 240.0
"""Gray structures wider than this are no lines."""

EDGE_OD = 0.12
EDGE_CHROMA_SHARE = 0.5
EDGE_WIDTH_UM = 400.0
EDGE_LENGTH_UM = 2500.0

RIM_UM = 120.0
RIM_OD = 0.25
ROUNDNESS = 0.75
SOLIDITY = 0.85
"""Of a bubble's inside: how round its convex hull is, 1 for a circle, and how much of that it fills."""

BUBBLE_UM = 120.0
RIM_REACH_UM = 48.0
BOTH_SIDES_OD = 0.2
"""Air does not change what lies beneath: inside and outside differ by no more (mean of the channels). The
empty middle of a gland or a vessel differs from the tissue around it."""

RIM_CHROMA = 0.15
"""A rim adds gray alone: it has no more color than both sides by more than this. Tissue around a gap has."""


def gray_lines(view: DensityView, width_um: float) -> FloatArray:
    """How much darker each pixel is in all channels than what surrounds it, float32 ``(H, W)``, OD."""
    import cv2

    kernel = disk(max(1, view.pixels(width_um) // 2))
    return np.asarray(cv2.morphologyEx(view.gray, cv2.MORPH_TOPHAT, kernel), np.float32)


@dataclass(frozen=True, slots=True)
class EdgeDetector:
    """Edges of the cover glass: long gray lines.

    Parameters
    ----------
    min_length_um : float
        Shorter lines are left out.
    """

    min_length_um: float = EDGE_LENGTH_UM

    def detect(self, slide: SlidePixels, *, tissue: Tissue | None = None) -> tuple[ArtifactMap, ...]:
        """Detect edges; see ``ArtifactDetector``."""
        view = DensityView.of(slide)
        lines = gray_lines(view, LINE_UM)
        lines[view.chroma > EDGE_CHROMA_SHARE * view.gray + 0.02] = 0
        pieces = Pieces.of(closed(lines > EDGE_OD, view.pixels(16.0)))
        lengths = pieces.diagonals
        thin = pieces.areas / np.maximum(lengths, 1) < view.pixels(EDGE_WIDTH_UM)
        mask = pieces.only(thin & (lengths >= view.pixels(self.min_length_um)))
        return view.result("Edge/air bubble", lines / (2 * EDGE_OD), mask)


@dataclass(frozen=True, slots=True)
class BubbleDetector:
    """Air bubbles: what a dark gray rim goes around.

    Parameters
    ----------
    min_diameter_um : float
        Smaller ones are left out.
    """

    min_diameter_um: float = BUBBLE_UM

    def detect(self, slide: SlidePixels, *, tissue: Tissue | None = None) -> tuple[ArtifactMap, ...]:
        """Detect bubbles; see ``ArtifactDetector``."""
        view = DensityView.of(slide)
        rims = gray_lines(view, RIM_UM)
        mask = self._enclosed(view, closed(rims > RIM_OD, view.pixels(16.0)))
        return view.result("Edge/air bubble", np.where(mask, 1.0, rims / (2 * RIM_OD)), mask)

    def _enclosed(self, view: DensityView, rims: MaskArray) -> MaskArray:
        """What round rims enclose, with the rims."""
        import cv2

        found = np.zeros(rims.shape, np.uint8)
        contours, hierarchy = cv2.findContours(rims.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        least = np.pi / 4 * view.pixels(self.min_diameter_um) ** 2
        for number, contour in enumerate(contours):
            is_hole = hierarchy[0][number][3] >= 0
            area = cv2.contourArea(contour)
            if not is_hole or area < least:
                continue
            if _is_round(contour) and _is_bubble(view, rims, contour):
                cv2.drawContours(found, [contour], -1, 1, cv2.FILLED)
        rim = disk(view.pixels(RIM_REACH_UM))
        return np.asarray((found > 0) | (cv2.dilate(found, rim) > 0) & rims, np.bool_)


def _is_round(contour: NDArray[Any]) -> bool:
    import cv2

    hull = cv2.convexHull(contour)
    area, length = cv2.contourArea(hull), cv2.arcLength(hull, True)
    return 4 * np.pi * area > ROUNDNESS * length**2 and cv2.contourArea(contour) > SOLIDITY * area


def _is_bubble(view: DensityView, rims: MaskArray, contour: NDArray[Any]) -> bool:
    import cv2

    reach = view.pixels(RIM_REACH_UM)
    left, top, width, height = cv2.boundingRect(contour)
    window = np.s_[
        max(0, top - 3 * reach) : top + height + 3 * reach,
        max(0, left - 3 * reach) : left + width + 3 * reach,
    ]
    inside = np.zeros(rims.shape, np.uint8)
    cv2.drawContours(inside, [contour], -1, 1, cv2.FILLED)
    inside = inside[window]
    density, chroma, rim = view.density[window].mean(axis=-1), view.chroma[window], rims[window]
    near = cv2.dilate(inside, disk(reach)) > 0
    around = (cv2.dilate(inside, disk(2 * reach)) > 0) & ~near & ~rim
    middle, ring = (inside > 0) & ~rim, near & rim
    if not (around.any() and middle.any() and ring.any()):
        return False
    same = abs(float(density[middle].mean()) - float(density[around].mean())) <= BOTH_SIDES_OD
    beside = (float(chroma[middle].mean()) + float(chroma[around].mean())) / 2
    return same and float(chroma[ring].mean()) - beside <= RIM_CHROMA
