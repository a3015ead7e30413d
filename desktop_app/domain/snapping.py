"""The border of a neighbor near a place: its nearest vertex, else the nearest place on its edges.

Pure, on any thread; what is in reach is looked at all at once, however many objects that are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation import AREA_KINDS, OPEN_KINDS
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk, id_array
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.arrays import FloatArray, IntArray

Point: TypeAlias = tuple[float, float]

_AREAS = [number for number, kind in enumerate(KINDS) if kind in AREA_KINDS]
_BORDERS = [number for number, kind in enumerate(KINDS) if kind in AREA_KINDS | OPEN_KINDS]
"""Kinds that have a border, as numbers in a chunk."""


@dataclass(frozen=True, slots=True)
class BorderPlace:
    """A place on the border of an annotation.

    Attributes
    ----------
    position : Point
        Level-0 pixels.
    on : Literal["vertex", "edge"]
        Whether it is a vertex.
    """

    position: Point
    on: Literal["vertex", "edge"]


def border_near(
    snapshot: AnnotationSnapshot, point: Point, reach: float, *, leaving_out: frozenset[UUID] = frozenset()
) -> BorderPlace | None:
    """The place on another annotation's border to which a place snaps; None if none is near.

    Parameters
    ----------
    snapshot : AnnotationSnapshot
        Among these areas and lines; hidden ones are not there.
    point : Point
        Level-0 pixels.
    reach : float
        How far a border may be, level-0 pixels. A vertex within it goes before an edge that is nearer.
    leaving_out : frozenset[UUID]
        What is being changed itself.
    """
    (x, y), target = point, np.asarray(point, dtype=np.float64)
    starts: list[FloatArray] = [np.zeros((0, 2))]
    ends: list[FloatArray] = [np.zeros((0, 2))]
    out = id_array(leaving_out)
    for chunk, rows in snapshot.rows_in((x - reach, y - reach, x + reach, y + reach)):
        meant = np.isin(chunk.kinds[rows], _BORDERS) & ~chunk.hidden[rows] & ~np.isin(chunk.ids[rows], out)
        begins, finishes = _edges(chunk, rows[meant])
        starts.append(begins)
        ends.append(finishes)
    one, other = np.concatenate(starts), np.concatenate(ends)
    vertex = _nearest(np.concatenate([one, other]), target, reach)
    if vertex is not None:
        return BorderPlace(vertex, "vertex")
    low, high = np.minimum(one, other), np.maximum(one, other)
    near = ((low <= target + reach) & (high >= target - reach)).all(1)
    place = _nearest(_feet(one[near], other[near], target), target, reach)
    return None if place is None else BorderPlace(place, "edge")


def _edges(chunk: AnnotationChunk, rows: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
    """Both ends of every edge of some objects, level-0 pixels."""
    rings, ring_rows = chunk.rings.take(rows)
    vertices, places = chunk.vertices.take(ring_rows)
    points = chunk.offsets[places] + chunk.origin
    following = _following(vertices.starts)
    kinds = np.repeat(chunk.kinds[rows], np.diff(rings.starts))
    open_ends = (vertices.starts[1:] - 1)[~np.isin(kinds, _AREAS)]
    begins = np.delete(np.arange(len(points)), open_ends)
    return points[begins], points[following[begins]]


def _following(starts: IntArray) -> IntArray:
    following: IntArray = np.arange(1, int(starts[-1]) + 1)
    following[starts[1:] - 1] = starts[:-1]
    return following


def _feet(starts: FloatArray, ends: FloatArray, target: FloatArray) -> FloatArray:
    """The place on each edge that is nearest to a point."""
    along = ends - starts
    squared = np.maximum((along**2).sum(1), 1e-12)
    share = np.clip(((target - starts) * along).sum(1) / squared, 0, 1)
    feet: FloatArray = starts + share[:, None] * along
    return feet


def _nearest(places: FloatArray, target: FloatArray, reach: float) -> Point | None:
    if not len(places):
        return None
    distances = np.hypot(*(places - target).T)
    best = int(distances.argmin())
    x, y = places[best].tolist()
    return (x, y) if distances[best] <= reach else None
