"""Where the tissue of a slide is, as a detector found it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from desktop_app.domain.arrays import MaskArray

if TYPE_CHECKING:
    from shapely import Polygon  # its import takes longer than opening a slide, which needs none of it

Occupancy: TypeAlias = Literal["mask", "pixels"]
"""How a tile's tissue share is judged: by the detector's mask, or by its own pixels at the target mpp."""


@dataclass(frozen=True, slots=True)
class Tissue:
    """The result of a tissue detector.

    Attributes
    ----------
    mask : MaskArray
        bool ``(H, W)`` over the whole slide canvas, True on tissue. Mask pixel ``(i, j)`` covers the
        level-0 rectangle from ``(j, i) * (slide width / W, slide height / H)``.
    mpp : tuple[float, float]
        µm per mask pixel, ``(x, y)``.
    threshold : float
        The value that separated tissue from background, in the detector's own unit.
    polygons : tuple[Polygon, ...]
        Outlines with holes in level-0 pixels, for display and editing.
    occupancy : Occupancy
        With ``"pixels"`` a tile pixel is tissue where the mean of its R, G and B is below ``threshold``
        (the Prov-GigaPath rule); with ``"mask"`` a tile's share is read from ``mask``.
    extent : tuple[float, float, float, float] | None
        ``(x, y, width, height)`` in level-0 pixels that the tile grid is centred on, padded symmetrically
        to whole tiles; None for a grid that starts at the slide's origin.
    """

    mask: MaskArray
    mpp: tuple[float, float]
    threshold: float
    polygons: tuple[Polygon, ...]
    occupancy: Occupancy = "mask"
    extent: tuple[float, float, float, float] | None = None
