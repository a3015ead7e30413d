"""Tissue as Prov-GigaPath's preprocessing finds it, so that tiles match those its models were trained on.

One luminance threshold, chosen on the slide's lowest level, judges the pixels of every tile at the target
resolution. Runs on the thread of the job.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from desktop_app.plugin_api import (
    FloatArray,
    MaskArray,
    RgbArray,
    SlidePixels,
    Tissue,
    close_gaps,
    drop_small,
    otsu_threshold,
    pixel_um,
    polygons_from_mask,
    read_overview,
)

MAX_OVERVIEW_PX = 4096
"""The lowest level is looked at through a reduced picture where its longer side has more pixels than this."""

OUTLINE_CLOSING_UM = 8.0
OUTLINE_MIN_UM2 = 10_000.0
"""Outlines are for the eye: nuclei that nearly touch are joined, smaller specks and holes left out. The mask,
the threshold and the extent, which decide about tiles, stay as the rule made them."""

DARK_BACKGROUND = 128
"""A background color darker than this marks missing pixels, which must not be taken for tissue."""


class GigapathDetector:
    """The Prov-GigaPath rule.

    Parameters
    ----------
    method : Literal["otsu", "fixed"]
        How the luminance threshold is chosen.
    fixed_threshold : float
        Gray level, 0 to 255, where it is fixed.

    Notes
    -----
    *Source*: ``foreground_segmentation.py``, ``create_tiles_dataset.py`` and ``tiling.py`` of
    prov-gigapath/prov-gigapath (files under MIT), which descend from microsoft/hi-ml. Luminance is the mean
    of R, G and B; the threshold is skimage's Otsu on the whole lowest level; tissue is darker than it; the
    grid covers the bounding box of that tissue, padded evenly on opposite sides; a tile is kept if more than
    10 % of its pixels at the target resolution are darker than the same threshold.

    Deviations: luminance is exact where the original rounds to float16; a lowest level wider than 4096 pixels
    (level 0 of a slide with one level) is reduced to that by area, where the original reads it whole; the
    original's exchange of x and y in tile coordinates (its issue 57) is not imitated; on a slide whose
    background color is dark, missing pixels count as white.
    """

    def __init__(self, method: Literal["otsu", "fixed"] = "otsu", fixed_threshold: float = 200.0) -> None:
        self._method = method
        self._fixed_threshold = fixed_threshold

    def detect(self, slide: SlidePixels, *, target_mpp: float | None = None) -> Tissue:
        """Detect tissue; tiles are judged by their own pixels whatever ``target_mpp`` is.

        Raises
        ------
        MissingMppError
            If the slide's pixel size is unknown.
        SlideReadError
            If the lowest level cannot be read.
        """
        slide.info.require_mpp()
        luminance = _luminance(_read_lowest_level(slide), slide.info.background)
        threshold = self._threshold(luminance)
        mask = luminance < threshold
        um = pixel_um(slide, mask.shape)
        width, height = slide.info.size
        scale = (width / mask.shape[1], height / mask.shape[0])
        return Tissue(
            mask=mask,
            mpp=um,
            threshold=threshold,
            polygons=polygons_from_mask(_for_outlines(mask, um), scale),
            occupancy="pixels",
            extent=_extent(mask, scale),
        )

    def _threshold(self, luminance: FloatArray) -> float:
        if self._method == "fixed":
            return self._fixed_threshold
        return otsu_threshold(luminance)


def _read_lowest_level(slide: SlidePixels) -> RgbArray:
    lowest = slide.info.levels[-1]
    if max(lowest.size) <= MAX_OVERVIEW_PX:
        return slide.read_region((0, 0), lowest.index, lowest.size)
    return read_overview(slide, lowest.size, MAX_OVERVIEW_PX)


def _luminance(overview: RgbArray, background: tuple[int, int, int]) -> FloatArray:
    """float32 ``(H, W)``, 0 to 255."""
    luminance: FloatArray = overview.mean(axis=-1, dtype=np.float32)
    if sum(background) < 3 * DARK_BACKGROUND:
        luminance[(overview == np.asarray(background, dtype=np.uint8)).all(axis=-1)] = 255.0
    return luminance


def _for_outlines(mask: MaskArray, um: tuple[float, float]) -> MaskArray:
    closed = close_gaps(mask, OUTLINE_CLOSING_UM, um)
    return drop_small(closed, um, min_object_um2=OUTLINE_MIN_UM2, min_hole_um2=OUTLINE_MIN_UM2)


def _extent(mask: MaskArray, scale: tuple[float, float]) -> tuple[float, float, float, float] | None:
    """Bounding box ``(x, y, width, height)`` of the mask in level-0 pixels; None where it is empty."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not columns.size:
        return None
    left, top = int(columns[0]), int(rows[0])
    width, height = int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top
    return left * scale[0], top * scale[1], width * scale[0], height * scale[1]
