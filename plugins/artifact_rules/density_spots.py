"""Folds and dark spots: where tissue lies twice, and what is too dark to be tissue.

Runs on the thread of the job.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.plugin_api import ArtifactMap, FloatArray, SlidePixels, Tissue

from .view import DensityView, Pieces, closed, opened

AROUND_UM = 480.0
"""Width of the surroundings that a fold is compared with."""

FOLD_RATIO = 1.5
FOLD_OD = 0.45
"""A fold absorbs this many times what its surroundings do, and by so much more (sum of three channels)."""

FOLD_OVER_TISSUE = 1.5
"""A fold absorbs this many times what three quarters of the slide's tissue stay below."""

FOLD_WIDTH_UM = 200.0
"""Wider areas are dense tissue."""

SAME_COLOR = 0.1
"""Twice the tissue has the tissue's color: its share of red differs from around by no more than this."""

NUCLEAR = 0.08
"""Dense epithelium absorbs more red for its green than the slide's tissue does, by more than this."""

LONG = 3.0
"""Length over width of a fold."""

DARK_GRAY = 0.95
DARK_CHROMA_SHARE = 0.6
STEPS_PER_OD = 50.0


@dataclass(frozen=True, slots=True)
class FoldDetector:
    """Folds of the tissue.

    Parameters
    ----------
    min_length_um : float
        Shorter ones are left out.

    Notes
    -----
    *Source*: own. Bautista and Yagi (2010) tell folds by high saturation and low brightness at once, which
    is high optical density; the comparison with the surroundings, which makes it independent of the stain's
    strength, and that of the color, which spares dense nuclei, are this detector's.
    """

    min_length_um: float = 160.0

    def detect(self, slide: SlidePixels, *, tissue: Tissue | None = None) -> tuple[ArtifactMap, ...]:
        """Detect folds; see ``ArtifactDetector``."""
        view = DensityView.of(slide)
        inside = view.tissue_mask(tissue)
        density = view.smoothed(24.0)
        total = density.sum(axis=-1)
        around = _median_around(view, total, inside)
        red_share = density[..., 0] / np.maximum(density[..., 1], 0.05)
        red_around = _median_around(view, red_share, inside)
        dense = float(np.percentile(total[inside], 75)) if inside.any() else 1.0
        excess = np.minimum(total / (FOLD_RATIO * np.maximum(around, 0.1)), (total - around) / FOLD_OD)
        excess = np.minimum(excess, total / (FOLD_OVER_TISSUE * dense))
        nuclear = red_share - _median(red_share[inside]) > NUCLEAR
        excess[(np.abs(red_share - red_around) > SAME_COLOR) | nuclear | ~inside] = 0
        pieces = Pieces.of(opened(closed(excess > 1, view.pixels(16.0)), view.pixels(8.0)))
        length = pieces.diagonals
        wide = pieces.shares(opened(pieces.labels > 0, view.pixels(FOLD_WIDTH_UM / 2))) > 0
        long = (length**2 > LONG * pieces.areas) & (length >= view.pixels(self.min_length_um))
        mask = pieces.only(long & ~wide)
        return view.result("Fold", excess / 2, mask)


@dataclass(frozen=True, slots=True)
class DarkSpotDetector:
    """Dirt, pigment and foreign bodies: small and dark in every channel.

    Parameters
    ----------
    min_area_um2, max_area_um2 : float
        Smaller and larger ones are left out; a large one is pen.
    """

    min_area_um2: float = 400.0
    max_area_um2: float = 50_000.0

    def detect(self, slide: SlidePixels, *, tissue: Tissue | None = None) -> tuple[ArtifactMap, ...]:
        """Detect dark spots; see ``ArtifactDetector``."""
        view = DensityView.of(slide)
        gray, chroma = view.gray, view.chroma
        excess = np.where(chroma < DARK_CHROMA_SHARE * gray, gray / DARK_GRAY, 0).astype(np.float32)
        pieces = Pieces.of(excess > 1)
        sized = pieces.areas >= view.area_pixels(self.min_area_um2)
        mask = pieces.only(sized & (pieces.areas <= view.area_pixels(self.max_area_um2)))
        return view.result("Dark spot", excess / 2, mask)


def _median_around(view: DensityView, values: FloatArray, inside: np.ndarray) -> FloatArray:
    """The local median, with what is not tissue at the tissue's overall median."""
    import cv2

    middle = _median(values[inside])
    steps = cv2.convertScaleAbs(np.where(inside, values, middle), alpha=STEPS_PER_OD)
    width = min(255, 2 * (view.pixels(AROUND_UM) // 2) + 1)
    return np.asarray(cv2.medianBlur(steps, width), np.float32) / STEPS_PER_OD


def _median(values: FloatArray) -> float:
    """0 of nothing."""
    return float(np.median(values)) if values.size else 0.0
