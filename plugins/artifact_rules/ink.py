"""Pen of any color, and surgical ink at margins.

Both are colors that the stains of hematoxylin and eosin cannot mix; they differ in shape and place: a pen
draws smooth strokes across glass and tissue alike, ink at a margin is a thin ragged seam on the edge. Runs
on the thread of the job.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.plugin_api import ArtifactMap, FloatArray, MaskArray, SlidePixels, Tissue

from .view import DensityView, Pieces, closed, opened

SMOOTHING_UM = 24.0

RED_OVER_GREEN = 0.12
"""Green and blue inks absorb more red than green by this optical density; hematoxylin absorbs less."""

BLUE_OVER_GREEN = 0.18
"""Yellow, orange and brown inks absorb more blue than green."""

LEAST_RED_INK = 0.25
RED_SPREADS = 6.0
"""Red ink is known by how much more blue than red it absorbs: the slide's own median and so many of its
spreads, at least the former."""

BLACK_GRAY = 1.1
BLACK_CHROMA_SHARE = 0.4

CORE = 1.6
"""A stroke has a core that exceeds the threshold so many times; it is followed down to the threshold."""

NEAR_MARGIN_UM = 250.0
NEAR_SHARE = 0.6
SMOOTH_UM = 48.0
SMOOTH_SHARE = 0.5
"""Ink is a margin's if most of it is near unstained tissue and less than this share survives opening."""


def ink_excess(view: DensityView) -> FloatArray:
    """By how much each pixel is ink, float32 ``(H, W)``; 1 at the threshold.

    The largest of four rules: green to blue, yellow to brown, red, black.
    """
    import cv2

    red, green, blue = cv2.split(view.smoothed(SMOOTHING_UM))
    gray = np.minimum(np.minimum(red, green), blue)
    chroma = np.maximum(np.maximum(red, green), blue) - gray
    stained = chroma > 0.1
    redness = blue - red
    spread = 0.0
    center = 0.0
    if stained.any():
        center = float(np.median(redness[stained]))
        spread = 1.4826 * float(np.median(np.abs(redness[stained] - center)))
    red_ink = redness / max(LEAST_RED_INK, center + RED_SPREADS * spread)
    # Eosin absorbs little blue for its green; red ink absorbs both.
    red_ink[blue < 0.6 * green] = 0
    black = np.where(chroma < BLACK_CHROMA_SHARE * gray + 0.1, gray / BLACK_GRAY, 0)
    excess = np.maximum((red - green) / RED_OVER_GREEN, (blue - green) / BLUE_OVER_GREEN)
    return np.asarray(np.maximum(np.maximum(excess, red_ink), black), np.float32)


def ink_pieces(view: DensityView, excess: FloatArray, min_area_um2: float) -> Pieces:
    """Connected ink with a core and of some size."""
    found = closed(excess > 1, view.pixels(16.0))
    pieces = Pieces.of(found)
    with_core = pieces.shares(excess > CORE) > 0.05
    return Pieces.of(pieces.only(with_core & (pieces.areas >= view.area_pixels(min_area_um2))))


def is_margin(view: DensityView, pieces: Pieces, tissue: MaskArray) -> MaskArray:
    """Whether each piece is a margin's ink, bool by label."""
    import cv2

    ink = pieces.labels > 0
    plain = opened(tissue & ~ink, view.pixels(16.0))
    if not plain.any():
        return np.zeros(len(pieces.stats), np.bool_)
    distance = cv2.distanceTransform((~plain).astype(np.uint8), cv2.DIST_L2, 5)
    near = pieces.shares(np.asarray(distance <= view.pixels(NEAR_MARGIN_UM), np.bool_))
    smooth = pieces.shares(opened(ink, view.pixels(SMOOTH_UM)))
    return np.asarray((near > NEAR_SHARE) & (smooth < SMOOTH_SHARE), np.bool_)


@dataclass(frozen=True, slots=True)
class PenDetector:
    """Pen strokes of any color.

    Parameters
    ----------
    min_area_um2 : float
        Smaller ones are left out.

    Notes
    -----
    *Source*: own; that pen lies outside the hues of the stains is HistoQC's and everyone's rule.
    """

    min_area_um2: float = 50_000.0

    def detect(self, slide: SlidePixels, *, tissue: Tissue | None = None) -> tuple[ArtifactMap, ...]:
        """Detect pen; see ``ArtifactDetector``."""
        view = DensityView.of(slide)
        excess = ink_excess(view)
        pieces = ink_pieces(view, excess, self.min_area_um2)
        # Not the detector's tissue: it may have left out what is colored like pen.
        mask = pieces.only(~is_margin(view, pieces, view.tissue_mask(None)))
        return view.result("Pen", excess / 2, mask)


@dataclass(frozen=True, slots=True)
class MarginInkDetector:
    """Surgical ink at the edge of tissue.

    Parameters
    ----------
    min_area_um2 : float
        Smaller pieces are left out.
    """

    min_area_um2: float = 5_000.0

    def detect(self, slide: SlidePixels, *, tissue: Tissue | None = None) -> tuple[ArtifactMap, ...]:
        """Detect ink at margins; see ``ArtifactDetector``."""
        view = DensityView.of(slide)
        excess = ink_excess(view)
        pieces = ink_pieces(view, excess, self.min_area_um2)
        mask = pieces.only(is_margin(view, pieces, view.tissue_mask(None)))
        return view.result("Margin ink", excess / 2, mask)
