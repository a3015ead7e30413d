"""Which tiles of a slide a run reads.

Every tile of the grid has exactly one fate in the end (kept, background, outside the ROI, unreadable),
and the counts stand in the report. Runs on the thread of the job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from shapely import Polygon

from desktop_app.domain.arrays import FloatArray, IntArray, MaskArray, RgbArray
from desktop_app.domain.recipe import TileSettings
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.tiling import (
    COARSENESS_TOLERANCE,
    TileGrid,
    dark_pixels,
    tiles_in_region,
    tissue_shares,
)
from desktop_app.domain.tissue import Tissue
from desktop_app.errors import SlideTooCoarseError


@dataclass(frozen=True, slots=True)
class PixelRule:
    """Tissue judged by a tile's own pixels at the target mpp.

    Attributes
    ----------
    threshold : float
        Gray level below which a pixel is tissue.
    background : tuple[int, int, int]
        The slide's background color, which never is.
    """

    threshold: float
    background: tuple[int, int, int]

    def tissue_pixels(self, tiles: RgbArray) -> MaskArray:
        """Bool ``(N, H, W)``, True on tissue."""
        return dark_pixels(tiles, self.threshold, self.background)


@dataclass(frozen=True, slots=True, eq=False)
class TilePlan:
    """The grid, and the tiles of it that must be read.

    Attributes
    ----------
    grid : TileGrid
        All tiles.
    settings : TileSettings
        How they are cut.
    candidates : IntArray
        int64 indices into the grid, ascending: kept tiles if the mask decides, else all inside the ROI.
    shares : FloatArray
        float64 ``(len(grid),)``, tissue share of each tile by the mask.
    outside_roi, background : int
        Tiles already ruled out.
    pixel_rule : PixelRule | None
        Set where a tile's own pixels decide.
    inside : MaskArray
        bool ``(len(grid),)``, which tiles the ROI takes in.
    extent : tuple[float, float, float, float] | None
        ``(x, y, width, height)``, level-0 pixels, that the grid is centered on; beyond it tiles are padded
        with white. None where there is no padding.
    artifacts : Mapping[str, IntArray]
        int64 indices into the grid by class: tiles that the recipe leaves out because of artifacts.
    """

    grid: TileGrid
    settings: TileSettings
    candidates: IntArray
    shares: FloatArray
    outside_roi: int
    background: int
    pixel_rule: PixelRule | None
    inside: MaskArray
    extent: tuple[float, float, float, float] | None = None
    artifacts: Mapping[str, IntArray] = field(default_factory=dict)

    def outlines(self, indices: IntArray, slide_size: tuple[int, int]) -> IntArray:
        """Outlines of some tiles as they are drawn, int64 ``(n, 4)``: cut at the slide's edge."""
        return np.clip(self.grid.boxes()[indices], 0, np.array([*slide_size, *slide_size]))


def check_resolution(info: SlideInfo, settings: TileSettings) -> float:
    """How much a slide must be enlarged for a recipe.

    Returns
    -------
    float
        The slide's coarser mpp over the recipe's; above 1.05 it is upsampling.

    Raises
    ------
    MissingMppError
        If the slide's pixel size is unknown.
    SlideTooCoarseError
        If it would have to be enlarged and the recipe does not allow it.
    """
    coarsest = max(info.require_mpp())
    ratio = coarsest / settings.mpp
    if ratio > COARSENESS_TOLERANCE and not settings.allow_upsampling:
        raise SlideTooCoarseError(info.path, coarsest, settings.mpp)
    return ratio


def plan_tiles(info: SlideInfo, tissue: Tissue, settings: TileSettings, roi: tuple[Polygon, ...]) -> TilePlan:
    """Lay the grid and rule out what need not be read.

    Parameters
    ----------
    info : SlideInfo
        With a known mpp.
    tissue : Tissue
        What the detector found.
    settings : TileSettings
        How tiles are cut.
    roi : tuple[Polygon, ...]
        Empty for the whole slide.
    """
    mpp = info.require_mpp()
    if tissue.extent is None:
        grid = TileGrid.over_slide(info.size, mpp, settings)
    else:
        grid = TileGrid.centered_on(tissue.extent, mpp, settings)
    inside = tiles_in_region(grid, roi) if roi else np.ones(len(grid), dtype=bool)
    corners = grid.corners()
    shares = tissue_shares(tissue.mask, info.size, np.hstack([corners, corners + grid.tile]))
    rule = PixelRule(tissue.threshold, info.background) if tissue.occupancy == "pixels" else None
    wanted = inside if rule else inside & (shares > settings.min_tissue)
    return TilePlan(
        grid=grid,
        settings=settings,
        candidates=np.flatnonzero(wanted).astype(np.int64),
        shares=shares,
        outside_roi=int(len(grid) - inside.sum()),
        background=int((inside & ~wanted).sum()),
        pixel_rule=rule,
        inside=inside,
        extent=tissue.extent,
    )


def mask_inside(tissue: Tissue, info: SlideInfo, points: FloatArray) -> MaskArray:
    """Whether level-0 points ``(N, 2)`` lie on the tissue mask; outside the slide is False."""
    height, width = tissue.mask.shape
    columns = np.floor(points[:, 0] * width / info.size[0]).astype(np.int64)
    rows = np.floor(points[:, 1] * height / info.size[1]).astype(np.int64)
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    result: MaskArray = np.zeros(len(points), dtype=bool)
    result[inside] = tissue.mask[rows[inside], columns[inside]]
    return result
