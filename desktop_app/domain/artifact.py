"""Where the artifacts of a slide are, as a detector found them, and what they are called.

The names are GrandQC's, so that its published models and these detectors speak of the same things; surgical
ink at a margin is a class of its own, since it tells the pathologist something.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop_app.domain.arrays import FloatArray, MaskArray

if TYPE_CHECKING:
    from shapely import Polygon  # its import takes longer than opening a slide, which needs none of it

FOLD = "Fold"
DARK_SPOT = "Dark spot"
PEN = "Pen"
EDGE_OR_BUBBLE = "Edge/air bubble"
OUT_OF_FOCUS = "Out of focus"
MARGIN_INK = "Margin ink"

ARTIFACT_CLASSES = (FOLD, DARK_SPOT, PEN, EDGE_OR_BUBBLE, OUT_OF_FOCUS, MARGIN_INK)
"""The first five in GrandQC's order."""

ARTIFACT_COLORS = {
    FOLD: (255, 99, 71),
    DARK_SPOT: (0, 255, 0),
    PEN: (255, 0, 0),
    EDGE_OR_BUBBLE: (255, 0, 255),
    OUT_OF_FOCUS: (75, 0, 130),
    MARGIN_INK: (0, 139, 139),
}
"""GrandQC's for its own classes."""


@dataclass(frozen=True, slots=True)
class ArtifactMap:
    """One class of artifact over a whole slide.

    Attributes
    ----------
    class_name : str
        One of ``ARTIFACT_CLASSES``, or a model's own.
    score : FloatArray
        float32 ``(H, W)``, 0 to 1, over the whole slide canvas, as in ``Tissue.mask``.
    mask : MaskArray
        bool ``(H, W)``: what counts as artifact. It follows the score, but areas that are too small or of
        the wrong shape are left out.
    mpp : tuple[float, float]
        µm per map pixel, ``(x, y)``.
    threshold : float
        Of the score.
    polygons : tuple[Polygon, ...]
        Outlines of the mask with holes, level-0 pixels.
    """

    class_name: str
    score: FloatArray
    mask: MaskArray
    mpp: tuple[float, float]
    threshold: float
    polygons: tuple[Polygon, ...]
