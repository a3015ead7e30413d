"""Where the tiles of a slide lie, and how much tissue each one holds.

Tiles are a grid in µm, so that every one has exactly the mpp that was asked for; level-0 corners are
rounded one by one and never accumulate an error. Pure functions; any thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from desktop_app.domain.arrays import FloatArray, IntArray, MaskArray, RgbArray
from desktop_app.domain.recipe import TileSettings
from desktop_app.domain.slide_info import Mpp

COARSENESS_TOLERANCE = 1.05
"""A slide is too coarse for a recipe where its mpp is more than this many times the recipe's."""


@dataclass(frozen=True, slots=True)
class TileGrid:
    """Equal tiles in rows and columns, numbered row by row from the top left.

    Attributes
    ----------
    origin : tuple[float, float]
        Level-0 ``(x, y)`` of the first tile's corner; negative where the grid is padded.
    tile : tuple[float, float]
        Extent ``(width, height)`` of one tile in level-0 pixels, not rounded.
    stride : tuple[float, float]
        Level-0 pixels between neighbors, ``(x, y)``, not rounded.
    columns, rows : int
        At least 1.
    """

    origin: tuple[float, float]
    tile: tuple[float, float]
    stride: tuple[float, float]
    columns: int
    rows: int

    @classmethod
    def over_slide(cls, size: tuple[int, int], mpp: Mpp, settings: TileSettings) -> TileGrid:
        """The grid that starts at the slide's origin and covers ``size`` level-0 pixels."""
        tile, stride = _extents(mpp, settings)
        columns, rows = (_count(size[axis], tile[axis], stride[axis]) for axis in (0, 1))
        return cls((0.0, 0.0), tile, stride, columns, rows)

    @classmethod
    def centered_on(
        cls, extent: tuple[float, float, float, float], mpp: Mpp, settings: TileSettings
    ) -> TileGrid:
        """The grid that covers ``(x, y, width, height)`` with the same padding on opposite sides.

        Source: Prov-GigaPath's tiling, which pads the tissue's bounding box symmetrically to whole tiles.
        """
        tile, stride = _extents(mpp, settings)
        columns, rows = (_count(extent[2 + axis], tile[axis], stride[axis]) for axis in (0, 1))
        covered = ((columns - 1) * stride[0] + tile[0], (rows - 1) * stride[1] + tile[1])
        origin = (extent[0] + (extent[2] - covered[0]) / 2, extent[1] + (extent[3] - covered[1]) / 2)
        return cls(origin, tile, stride, columns, rows)

    def __len__(self) -> int:
        return self.columns * self.rows

    def corners(self) -> FloatArray:
        """Exact top left corners, float64 ``(N, 2)``, level-0 pixels."""
        x = self.origin[0] + self.stride[0] * np.arange(self.columns)
        y = self.origin[1] + self.stride[1] * np.arange(self.rows)
        return np.stack([np.tile(x, self.rows), np.repeat(y, self.columns)], axis=1)

    def locations(self) -> IntArray:
        """Top left corners as pixels are read from, int64 ``(N, 2)``, at most 0.5 px from the exact ones."""
        return _rounded(self.corners())

    def boxes(self) -> IntArray:
        """Outlines, int64 ``(N, 4)`` of ``(x0, y0, x1, y1)``, level-0 pixels.

        Both corners are rounded on their own: without overlap, neighbors share their edges exactly.
        """
        corners = self.corners()
        return np.hstack([_rounded(corners), _rounded(corners + self.tile)])

    def centers(self) -> FloatArray:
        """Exact centers, float64 ``(N, 2)``, level-0 pixels."""
        return self.corners() + np.asarray(self.tile) / 2


def tiles_in_region(grid: TileGrid, region: tuple[Polygon, ...]) -> MaskArray:
    """Which tiles an ROI takes in: those whose center lies inside.

    The center decides because then neighboring ROIs never share a tile and a tile is never in by a sliver.
    A part too small to hold any center takes the one tile whose center is nearest to it, so that a small
    ROI still has a result.

    Parameters
    ----------
    grid : TileGrid
        The tiles.
    region : tuple[Polygon, ...]
        Parts in level-0 pixels; holes are outside.

    Returns
    -------
    MaskArray
        bool ``(N,)``.
    """
    centers = grid.centers()
    inside = np.zeros(len(grid), dtype=bool)
    for part in region:
        shapely.prepare(part)
        hits = np.asarray(shapely.contains_xy(part, centers[:, 0], centers[:, 1]))
        if not hits.any():
            point = part.representative_point()
            hits[np.argmin(np.hypot(centers[:, 0] - point.x, centers[:, 1] - point.y))] = True
        inside |= hits
    return inside


def tissue_shares(mask: MaskArray, slide_size: tuple[int, int], rectangles: FloatArray) -> FloatArray:
    """The share of each rectangle that a mask covers, exactly.

    The integral image is bilinear inside a mask pixel, so interpolating it gives the exact area also where
    a rectangle cuts through mask pixels. What lies beyond the slide is background.

    Parameters
    ----------
    mask : MaskArray
        bool ``(H, W)`` over the whole slide canvas.
    slide_size : tuple[int, int]
        Level-0 pixels.
    rectangles : FloatArray
        ``(N, 4)`` of ``(x0, y0, x1, y1)``, level-0 pixels, each with an area.

    Returns
    -------
    FloatArray
        float64 ``(N,)``, 0 to 1.
    """
    integral = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), dtype=np.int64)
    np.cumsum(mask, axis=0, dtype=np.int64, out=integral[1:, 1:])
    np.cumsum(integral[1:, 1:], axis=1, out=integral[1:, 1:])
    scale = np.array([mask.shape[1] / slide_size[0], mask.shape[0] / slide_size[1]] * 2)
    edges = np.asarray(rectangles, dtype=np.float64) * scale
    x0, y0, x1, y1 = edges.T
    covered = (
        _interpolated(integral, x1, y1)
        - _interpolated(integral, x0, y1)
        - _interpolated(integral, x1, y0)
        + _interpolated(integral, x0, y0)
    )
    shares: FloatArray = np.clip(covered / ((x1 - x0) * (y1 - y0)), 0.0, 1.0)
    return shares


def dark_pixels(tiles: RgbArray, threshold: float, background: tuple[int, int, int]) -> MaskArray:
    """Which pixels are tissue by the Prov-GigaPath rule: the mean of R, G and B is below a threshold.

    Deviation: a pixel that has exactly the slide's background color is background, whatever its
    brightness, since that is how missing pixels are painted.

    Parameters
    ----------
    tiles : RgbArray
        uint8 ``(..., 3)``.
    threshold : float
        Gray levels.
    background : tuple[int, int, int]
        The slide's background color.

    Returns
    -------
    MaskArray
        bool, the shape of ``tiles`` without its last axis.
    """
    total = tiles[..., 0].astype(np.uint16)
    total += tiles[..., 1]
    total += tiles[..., 2]
    dark: MaskArray = total < 3 * threshold
    if sum(background) < 3 * threshold:
        dark &= (tiles != np.asarray(background, dtype=np.uint8)).any(axis=-1)
    return dark


def _extents(mpp: Mpp, settings: TileSettings) -> tuple[tuple[float, float], tuple[float, float]]:
    """Tile extent and stride in level-0 pixels, each axis by its own mpp."""
    tile_um = settings.size_px * settings.mpp
    stride_um = (settings.size_px - settings.overlap_px) * settings.mpp
    return (tile_um / mpp[0], tile_um / mpp[1]), (stride_um / mpp[0], stride_um / mpp[1])


def _count(length: float, tile: float, stride: float) -> int:
    """Tiles that cover a length; what is left over below half a pixel disappears in the rounding."""
    return max(1, math.ceil((length - tile - 0.5) / stride) + 1)


def _rounded(values: FloatArray) -> IntArray:
    """Nearest integers, halves up: rounding halves to even would make equal tiles unequal."""
    rounded: IntArray = np.floor(values + 0.5).astype(np.int64)
    return rounded


def _interpolated(integral: IntArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """The integral image at fractional positions, clamped to its edges."""
    x = np.clip(x, 0, integral.shape[1] - 1)
    y = np.clip(y, 0, integral.shape[0] - 1)
    left = np.minimum(x.astype(np.int64), integral.shape[1] - 2)
    top = np.minimum(y.astype(np.int64), integral.shape[0] - 2)
    u, v = x - left, y - top
    upper = integral[top, left] * (1 - u) + integral[top, left + 1] * u
    lower = integral[top + 1, left] * (1 - u) + integral[top + 1, left + 1] * u
    value: FloatArray = upper * (1 - v) + lower * v
    return value
