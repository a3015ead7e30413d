"""Tissue as what has color, looked at with a fixed pixel size.

Glass is gray, stained tissue is not; saturation also finds pale eosin that is nearly as bright as glass.
Every distance is in µm and the pixel size fixed, so two scanners give one result. Runs on the thread of the
job.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from desktop_app.plugin_api import (
    MaskArray,
    RgbArray,
    SlidePixels,
    Tissue,
    channel_extremes,
    close_gaps,
    drop_small,
    odd_pixels,
    otsu_threshold,
    pixel_um,
    polygons_from_mask,
    read_overview,
)

MAX_OVERVIEW_PX = 8192
"""A slide wider than this many pixels at the reading resolution is read more coarsely, to bound memory."""

BLACK_VALUE = 50
"""Below this brightest channel a pixel is ink, an edge of the cover glass or a frame: its hue is noise."""

WHITE_VALUE = 245
"""At and above this darkest channel a pixel is glass, whatever tint the scanner's white balance gives it."""

PEN_HUES = (35, 118)
"""Hues (OpenCV's 0 to 179) from yellow-green to blue; hematoxylin and eosin lie outside."""

PEN_SATURATION = 40


@dataclass(frozen=True, slots=True)
class SaturationDetector:
    """Threshold on HSV saturation.

    Parameters
    ----------
    reading_mpp : float
        µm per pixel at which the slide is read; a slide that is coarser is read at its own.
    method : Literal["fixed", "otsu"]
        The fixed threshold, or Otsu's where that is higher.
    fixed_threshold : int
        Saturation of 255 above which a pixel is tissue.
    median_um, closing_um : float
        Widths of the filters.
    min_object_um2, min_hole_um2 : float
        Smaller objects are left out, smaller holes are filled.
    leave_out_pen : bool
        Whether saturated green, cyan and blue are left out.

    Notes
    -----
    *Source*: the order saturation, median, threshold, closing, area filters is that of CLAM's
    ``segmentTissue`` (Lu et al. 2021) and WSInfer's ``segment.py``, whose threshold of 7 is the default.
    Deviations: the reading resolution and all distances are in µm instead of pixels of some level; black,
    white and pen pixels lose their saturation before the filters.
    """

    reading_mpp: float = 4.0
    method: Literal["fixed", "otsu"] = "fixed"
    fixed_threshold: int = 7
    median_um: float = 28.0
    closing_um: float = 20.0
    min_object_um2: float = 40_000.0
    min_hole_um2: float = 10_000.0
    leave_out_pen: bool = True

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
        saturation = self._saturation(overview)
        width = odd_pixels(self.median_um, (um[0] + um[1]) / 2)
        threshold = float(self.fixed_threshold)
        if self.method == "otsu":
            # Never below the floor: on a slide without tissue Otsu would divide the noise of the glass.
            threshold = max(otsu_threshold(_median(saturation, width)), threshold)
        mask = self._cleaned(median_exceeds(saturation, width, threshold), um)
        scale = (full[0] / mask.shape[1], full[1] / mask.shape[0])
        return Tissue(mask=mask, mpp=um, threshold=threshold, polygons=polygons_from_mask(mask, scale))

    def _saturation(self, overview: RgbArray) -> NDArray[np.uint8]:
        """uint8 ``(H, W)``: saturation of what can be tissue, 0 elsewhere."""
        import cv2

        hue, saturation, value = cv2.split(cv2.cvtColor(overview, cv2.COLOR_RGB2HSV))
        left_out = (value <= BLACK_VALUE) | (channel_extremes(overview)[0] >= WHITE_VALUE)
        if self.leave_out_pen:
            left_out |= (cv2.inRange(hue, *PEN_HUES) > 0) & (saturation > PEN_SATURATION)
        saturation[left_out] = 0
        return np.asarray(saturation, dtype=np.uint8)

    def _cleaned(self, mask: MaskArray, um: tuple[float, float]) -> MaskArray:
        closed = close_gaps(mask, self.closing_um, um)
        return drop_small(closed, um, min_object_um2=self.min_object_um2, min_hole_um2=self.min_hole_um2)


def median_exceeds(values: NDArray[np.uint8], width: int, threshold: float) -> MaskArray:
    """Where the median of a square window lies above a threshold, bool ``(H, W)``.

    A median exceeds a value where most of the window does: counting is many times faster than sorting and
    gives the same mask. ``width`` is odd; the edge's pixels are repeated beyond it.
    """
    import cv2

    above = (values > threshold).view(np.uint8)
    counts = cv2.boxFilter(
        above, cv2.CV_16U, (width, width), normalize=False, borderType=cv2.BORDER_REPLICATE
    )
    return np.asarray(counts > width * width // 2, dtype=np.bool_)


def _median(values: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    import cv2

    return np.asarray(cv2.medianBlur(values, width), dtype=np.uint8)
