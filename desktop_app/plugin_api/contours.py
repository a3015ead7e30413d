"""Outlines of a mask as polygons with holes, shared by every detector.

Pixels have edges, and an outline drawn along them has exactly the area of the pixels it surrounds; an outline
through pixel centers, as image libraries trace it, loses half a pixel all around. Pure functions, any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import IntArray, MaskArray

if TYPE_CHECKING:
    from shapely import Polygon


def polygons_from_mask(
    mask: MaskArray, scale: tuple[float, float], origin: tuple[float, float] = (0.0, 0.0)
) -> tuple[Polygon, ...]:
    """Trace a mask along its pixels' outer edges.

    Parameters
    ----------
    mask : MaskArray
        bool ``(H, W)``.
    scale : tuple[float, float]
        Level-0 pixels per mask pixel, ``(x, y)``.
    origin : tuple[float, float]
        Level-0 position of the mask's top left corner.

    Returns
    -------
    tuple[Polygon, ...]
        Valid polygons in level-0 pixels, largest first; each region 4-connected, its area the exact
        pixel area of the region. A vertex stands only where the outline turns.

    Notes
    -----
    Only lattice points where the outline turns are looked at. Sorted by row, they pair up to the horizontal
    edges; sorted by column, to the vertical ones; following the pairs in turn walks each ring with the mask
    on its right. Where four rings' edges meet (two pixels touching at a corner), the two pixels are parted if
    they are of different regions, and the background is parted if they are of one: so no ring touches itself
    and every polygon is valid.
    """
    # Imported here: every opened slide imports this package, and few need outlines.
    import shapely

    if not mask.any():
        return ()
    labels = _label_regions(mask)
    corners = _find_corners(labels)
    rings = _follow_rings(corners)
    regions = corners.region[rings.order[rings.starts]]
    # Stable order by region with the outer ring, the only one of positive area, first.
    by_region = np.lexsort((-rings.area2, regions))
    polygons = _build(corners, rings, by_region, (scale, origin))
    polygons = polygons[np.argsort(-shapely.area(polygons), kind="stable")]
    return tuple(polygons)


@dataclass(frozen=True, slots=True)
class _Corners:
    """The lattice points where an outline turns, one entry per turn (two where four edges meet).

    Attributes
    ----------
    x, y : IntArray
        int64 ``(K,)``, lattice coordinates.
    goes_right, goes_down : NDArray[np.bool_]
        bool ``(K,)``, which way its horizontal and its vertical edge lead.
    below_inside, left_inside : NDArray[np.bool_]
        bool ``(K,)``, whether the pixel under its horizontal edge belongs to the mask, and whether the one
        left of its vertical edge does.
    region : IntArray
        int64 ``(K,)``, the region that it outlines.
    """

    x: IntArray
    y: IntArray
    goes_right: NDArray[np.bool_]
    goes_down: NDArray[np.bool_]
    below_inside: NDArray[np.bool_]
    left_inside: NDArray[np.bool_]
    region: IntArray


@dataclass(frozen=True, slots=True)
class _Rings:
    """Closed walks along the outlines.

    Attributes
    ----------
    order : IntArray
        int64 ``(K,)``, corners in walking order, ring after ring.
    starts : IntArray
        int64 ``(R,)``, where each ring begins in ``order``.
    area2 : IntArray
        int64 ``(R,)``, twice the enclosed area in mask pixels; negative for holes.
    """

    order: IntArray
    starts: IntArray
    area2: IntArray


def _label_regions(mask: MaskArray) -> NDArray[np.int32]:
    """4-connected regions numbered from 1, with a border of background all around."""
    import cv2

    framed = np.zeros((mask.shape[0] + 2, mask.shape[1] + 2), np.uint8)
    framed[1:-1, 1:-1] = mask
    _, labels = cv2.connectedComponents(framed, connectivity=4, ltype=cv2.CV_32S)
    return np.asarray(labels, dtype=np.int32)


def _find_corners(labels: NDArray[np.int32]) -> _Corners:
    inside = labels > 0
    # The four pixels around each lattice point: top left, top right, bottom left, bottom right.
    a, b, c, d = inside[:-1, :-1], inside[:-1, 1:], inside[1:, :-1], inside[1:, 1:]
    turns = ((a ^ c) ^ (b ^ d)) | ((a == d) & (b == c) & (a ^ b))
    y, x = np.nonzero(turns)
    around = np.stack([labels[y, x], labels[y, x + 1], labels[y + 1, x], labels[y + 1, x + 1]])
    a, b, c, d = around > 0
    meeting = (a != b) & (a != c) & (b != d)
    first, second = np.flatnonzero(~meeting), np.flatnonzero(meeting)
    # At a plain turn the edges are where neighbors differ. Where edges meet there are two turns, one leading
    # left and one right; which of them leads up is what parts the pixels or the background.
    diagonal_is_ad = a[second]
    one_region = np.where(
        diagonal_is_ad, around[0, second] == around[3, second], around[1, second] == around[2, second]
    )
    left_goes_down = diagonal_is_ad == one_region
    index = np.concatenate([first, second, second])
    goes_right = np.concatenate(
        [(b != d)[first], np.zeros(second.size, np.bool_), np.ones(second.size, np.bool_)]
    )
    goes_down = np.concatenate([(c != d)[first], left_goes_down, ~left_goes_down])
    below = np.where(goes_right, around[3, index], around[2, index])
    above = np.where(goes_right, around[1, index], around[0, index])
    left = np.where(goes_down, around[2, index], around[0, index])
    return _Corners(
        x=x[index],
        y=y[index],
        goes_right=goes_right,
        goes_down=goes_down,
        below_inside=below > 0,
        left_inside=left > 0,
        region=np.maximum(below, above).astype(np.int64),
    )


def _follow_rings(corners: _Corners) -> _Rings:
    following = _next_corners(corners).tolist()
    # A plain loop over lists: one step per corner, and no array operation follows a permutation faster.
    order: list[int] = []
    starts: list[int] = []
    seen = bytearray(len(following))
    for corner in range(len(following)):
        if seen[corner]:
            continue
        starts.append(len(order))
        while not seen[corner]:
            seen[corner] = 1
            order.append(corner)
            corner = following[corner]  # noqa: PLW2901 - walking on is what the loop is for
    walk, ring_starts = np.array(order, np.int64), np.array(starts, np.int64)
    x, y = corners.x[walk], corners.y[walk]
    after = np.array(following, np.int64)[walk]
    cross = x * corners.y[after] - corners.x[after] * y
    return _Rings(walk, ring_starts, np.add.reduceat(cross, ring_starts))


def _next_corners(corners: _Corners) -> IntArray:
    """For each corner the one that follows when the mask is kept on the right, int64 ``(K,)``."""
    following = np.empty(corners.x.size, np.int64)
    by_row = np.lexsort((corners.goes_right, corners.x, corners.y))
    left, right = by_row[0::2], by_row[1::2]
    rightward = corners.below_inside[left]
    following[left[rightward]] = right[rightward]
    following[right[~rightward]] = left[~rightward]
    by_column = np.lexsort((corners.goes_down, corners.y, corners.x))
    top, bottom = by_column[0::2], by_column[1::2]
    downward = corners.left_inside[top]
    following[top[downward]] = bottom[downward]
    following[bottom[~downward]] = top[~downward]
    return following


def _build(
    corners: _Corners,
    rings: _Rings,
    by_region: IntArray,
    frame: tuple[tuple[float, float], tuple[float, float]],
) -> NDArray[np.object_]:
    """Polygons of all rings, ring order given, in the level-0 frame ``(scale, origin)``."""
    import shapely

    (scale_x, scale_y), (origin_x, origin_y) = frame
    lengths = np.diff(np.append(rings.starts, rings.order.size))
    ring_of_corner = np.repeat(np.arange(lengths.size), lengths)
    x = corners.x[rings.order] * scale_x + origin_x
    y = corners.y[rings.order] * scale_y + origin_y
    linear = shapely.linearrings(np.column_stack([x, y]), indices=ring_of_corner)
    is_outer = rings.area2[by_region] > 0
    return np.asarray(shapely.polygons(linear[by_region], indices=np.cumsum(is_outer) - 1))
