"""Polygons from tiles and from ROIs.

The shapes of a model's regions are unions of whole tiles: drawing them finer than the tiles that were
judged would claim a precision that is not there. Pure functions; any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from desktop_app.domain.arrays import FloatArray, IntArray, MaskArray

Rings = tuple[FloatArray, ...]
"""``(outer, hole, ...)``, float64 ``(M, 2)`` each, not closed."""


@dataclass(frozen=True, slots=True, eq=False)
class TileRegion:
    """A connected area of tiles.

    Attributes
    ----------
    polygon : Polygon
        Outline with holes, level-0 pixels.
    tiles : IntArray
        int64 indices of its tiles, ascending.
    """

    polygon: Polygon
    tiles: IntArray


def connected_regions(boxes: IntArray, selected: MaskArray) -> tuple[TileRegion, ...]:
    """Connected areas of the selected tiles, largest first.

    Tiles are connected where they share an edge or overlap; a shared corner does not connect.

    Parameters
    ----------
    boxes : IntArray
        int64 ``(N, 4)`` of ``(x0, y0, x1, y1)``, level-0 pixels.
    selected : MaskArray
        bool ``(N,)``.

    Returns
    -------
    tuple[TileRegion, ...]
        Every selected tile in exactly one.
    """
    chosen = np.flatnonzero(selected)
    if not len(chosen):
        return ()
    squares = shapely.box(*boxes[chosen].T.astype(np.float64))
    parts = sorted(polygons_of(shapely.union_all(squares)), key=lambda part: -part.area)
    middles = (boxes[chosen, :2] + boxes[chosen, 2:]) / 2
    members = shapely.STRtree(parts).query(shapely.points(middles), predicate="within")
    return tuple(
        TileRegion(shapely.simplify(part, 0.0), np.sort(chosen[members[0][members[1] == number]]))
        for number, part in enumerate(parts)
    )


def polygons_of(geometry: BaseGeometry) -> tuple[Polygon, ...]:
    """The polygons of any geometry; lines, points and empty parts are dropped."""
    if isinstance(geometry, Polygon):
        return () if geometry.is_empty else (geometry,)
    parts = getattr(geometry, "geoms", ())
    return tuple(polygon for part in parts for polygon in polygons_of(part))


def polygons_from_rings(parts: Sequence[Rings]) -> tuple[Polygon, ...]:
    """Valid polygons from drawn rings; a self-crossing outline is repaired, overlapping parts are merged.

    Parameters
    ----------
    parts : Sequence[Rings]
        Level-0 pixels; a ring of fewer than three points is nothing.
    """
    polygons = [
        Polygon(rings[0], [hole for hole in rings[1:] if len(hole) >= 3])
        for rings in parts
        if rings and len(rings[0]) >= 3
    ]
    return polygons_of(shapely.union_all(shapely.make_valid(polygons)))


def rings_of(polygon: Polygon) -> Rings:
    """The rings of a polygon as annotations store them."""
    return tuple(
        np.asarray(ring.coords, dtype=np.float64)[:-1, :2] for ring in (polygon.exterior, *polygon.interiors)
    )


def clipped(polygons: Sequence[Polygon], region: Sequence[Polygon]) -> tuple[Polygon, ...]:
    """What of some polygons lies inside a region."""
    return polygons_of(shapely.intersection(MultiPolygon(polygons), shapely.union_all(list(region))))
