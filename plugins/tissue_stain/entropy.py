"""Tissue as what has texture in the stains: finds fat and pale stroma, which thresholds lose.

The wall of a fat cell is thin and its inside empty; only the pattern of both says that this is tissue. Runs
on the thread of the job.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.plugin_api import (
    FloatArray,
    RgbArray,
    SlidePixels,
    Tissue,
    channel_extremes,
    close_gaps,
    drop_small,
    glass_color,
    odd_pixels,
    optical_density,
    otsu_threshold,
    pixel_um,
    polygons_from_mask,
    read_overview,
)

MAX_OVERVIEW_PX = 4096

BLACK = 50
"""Pixels whose brightest channel is below this hold ink or an edge, not stain."""

STAINS = np.array([[0.650, 0.704, 0.286], [0.072, 0.990, 0.105]])
"""Hematoxylin and eosin, optical densities of R, G and B."""

STEP_OD = 0.03
"""Width of a stain level: the noise of glass stays within the first."""

LEVELS = 8

FULL_STAIN = 0.12
"""Stain above this, in the unit of ``STAINS``, is tissue with or without texture."""

MIN_ENTROPY = 0.4
"""Bits below which nothing is tissue, whatever Otsu's method says: the texture of glass is less."""

MAX_WINDOW_PX = 15
"""So that a count within a window fits a byte."""


@dataclass(frozen=True, slots=True)
class EntropyDetector:
    """Local entropy of the stains, above a share of Otsu's threshold.

    Parameters
    ----------
    reading_mpp : float
        µm per pixel at which the slide is read; a slide that is coarser is read at its own.
    window_um : float
        Width of the window of the entropy, at most 15 pixels.
    relaxation : float
        Share of Otsu's threshold that is used.
    closing_um : float
        Width of the closing.
    min_object_um2, min_hole_um2 : float
        Smaller objects are left out, smaller holes are filled.

    Notes
    -----
    *Source*: the entropy variant of LazySlide's tissue detection as its documentation describes it (color
    deconvolution after Ruifrok and Johnston 2001, local entropy, 0.85 times Otsu's threshold). Deviations:
    one entropy of the stronger stain, without its gray part, in eight levels within a square window; stain
    of full strength counts without texture, since entropy is low within dense tissue; never below a floor.
    """

    reading_mpp: float = 8.0
    window_um: float = 72.0
    relaxation: float = 0.85
    closing_um: float = 48.0
    min_object_um2: float = 40_000.0
    min_hole_um2: float = 36_100.0

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
        stain = _stronger_stain(overview)
        width = min(MAX_WINDOW_PX, max(3, odd_pixels(self.window_um, (um[0] + um[1]) / 2)))
        entropy = local_entropy(_levels(stain), width)
        threshold = max(MIN_ENTROPY, self.relaxation * otsu_threshold(entropy[::2, ::2]))
        # A window reaches half its width beyond the tissue.
        found = _shrunk((entropy > threshold) & (stain >= 0), width // 2) | (stain > FULL_STAIN)
        closed = close_gaps(found, self.closing_um, um)
        mask = drop_small(closed, um, min_object_um2=self.min_object_um2, min_hole_um2=self.min_hole_um2)
        scale = (full[0] / mask.shape[1], full[1] / mask.shape[0])
        return Tissue(mask, um, threshold, polygons_from_mask(mask, scale))


def local_entropy(levels: NDArray[np.uint8], width: int) -> FloatArray:
    """Shannon entropy of the values in a square window, float32 ``(H, W)``, bits.

    Parameters
    ----------
    levels : NDArray[np.uint8]
        ``(H, W)``, values below ``LEVELS``.
    width : int
        Of the window, odd, at most 15 pixels; the picture is mirrored at its edges.
    """
    import cv2

    share = np.arange(256) / width**2
    terms = np.zeros(256, np.float32)
    counted = slice(1, width**2 + 1)
    terms[counted] = -share[counted] * np.log2(share[counted])
    entropy = np.zeros(levels.shape, np.float32)
    for level in range(LEVELS):
        there = (levels == level).view(np.uint8)
        counts = cv2.boxFilter(there, -1, (width, width), normalize=False)
        entropy += cv2.LUT(counts, terms)
    return entropy


def _stronger_stain(overview: RgbArray) -> FloatArray:
    """The larger of the two stains' concentrations, float32 ``(H, W)``; -1 on black.

    What all three channels absorb alike is taken off first: the shadow of a cover glass is gray.
    """
    import cv2

    third = np.cross(STAINS[0], STAINS[1])
    unmix = np.linalg.inv(np.vstack([STAINS, third / np.linalg.norm(third)]))[:, :2].T
    density = cv2.blur(optical_density(overview, glass_color(overview)), (3, 3))
    red, green, blue = cv2.split(density)
    gray = cv2.min(cv2.min(red, green), blue)
    both = cv2.transform(density, np.ascontiguousarray(unmix))
    # Taking gray off before the (linear) unmixing is taking its own stains off afterwards.
    gray_hematoxylin, gray_eosin = unmix.sum(axis=1)
    hematoxylin = cv2.addWeighted(cv2.extractChannel(both, 0), 1, gray, -gray_hematoxylin, 0)
    eosin = cv2.addWeighted(cv2.extractChannel(both, 1), 1, gray, -gray_eosin, 0)
    stain = np.asarray(cv2.max(hematoxylin, eosin), np.float32)
    stain[channel_extremes(overview)[1] < BLACK] = -1
    return stain


def _levels(stain: FloatArray) -> NDArray[np.uint8]:
    """The level of each value; the first is centered on no stain."""
    import cv2

    # The cast saturates and rounds; negative values are no stain.
    steps = cv2.convertScaleAbs(np.maximum(stain, 0), alpha=1 / STEP_OD)
    return np.minimum(steps, LEVELS - 1).astype(np.uint8)


def _shrunk(mask: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    import cv2

    square = np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)
    return np.asarray(cv2.erode(mask.astype(np.uint8), square), np.bool_)
