"""Areas and perimeters of all annotations of a chunk at once: what a table of a million rows is sorted by.

The same values as in ``measure``, from columns and kept with the chunk. Pure, on any thread.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation import AREA_KINDS, POINT_KINDS
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.measure import area_px, perimeter_px, perimeter_um
from desktop_app.domain.slide_info import Mpp

_AREAS = np.array([kind in AREA_KINDS for kind in KINDS])
_POINTS = np.array([kind in POINT_KINDS for kind in KINDS])
_ELLIPSE = KINDS.index("ellipse")


def areas_px(chunk: AnnotationChunk) -> FloatArray:
    """float64 ``(N,)``: :func:`desktop_app.domain.measure.area_px` of each annotation."""
    return chunk.once("areas", lambda: _areas(chunk))


def perimeters(chunk: AnnotationChunk, mpp: Mpp | None) -> FloatArray:
    """float64 ``(N,)``: the perimeter of each annotation in µm, in level-0 pixels without a pixel size."""
    return chunk.once(("perimeters", mpp), lambda: _perimeters(chunk, mpp))


def _areas(chunk: AnnotationChunk) -> FloatArray:
    result = np.zeros(len(chunk))
    areas, single = _AREAS[chunk.kinds], np.diff(chunk.rings.starts) == 1
    plain = np.flatnonzero(areas & single & (chunk.kinds != _ELLIPSE))
    for row in np.flatnonzero(areas & ~(single & (chunk.kinds != _ELLIPSE))).tolist():
        result[row] = area_px(chunk[row])
    if not len(plain):
        return result
    points, starts = _vertices(chunk, plain)
    counts = np.diff(starts)
    centers = np.add.reduceat(points, starts[:-1]) / counts[:, None]
    x, y = (points - np.repeat(centers, counts, axis=0)).T
    following = _following(starts)
    turns = x * y[following] - x[following] * y
    result[plain] = np.abs(np.add.reduceat(turns, starts[:-1])) / 2
    # An outline that goes once around its middle, and never back, does not cross itself.
    upward = np.add.reduceat(((y <= 0) & (y[following] > 0)).astype(np.int32), starts[:-1])
    ahead = np.minimum.reduceat(turns, starts[:-1]) > 0
    back = np.maximum.reduceat(turns, starts[:-1]) < 0
    for row in plain[_crossing(points, starts, np.flatnonzero(~((ahead | back) & (upward == 1))))].tolist():
        result[row] = area_px(chunk[row])
    return result


def _crossing(points: FloatArray, starts: NDArray[np.int64], asked: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which of the rings asked for cross themselves."""
    if not len(asked):
        return asked
    import shapely  # takes 0.2 s to import, and the window must start without

    lengths = starts[asked + 1] - starts[asked]
    ends = np.cumsum(lengths)
    rows = np.arange(ends[-1]) + np.repeat(starts[asked] - (ends - lengths), lengths)
    rings = shapely.linearrings(points[rows], indices=np.repeat(np.arange(len(asked)), lengths))
    crossing: NDArray[np.int64] = asked[~shapely.is_valid(shapely.polygons(rings))]
    return crossing


def _perimeters(chunk: AnnotationChunk, mpp: Mpp | None) -> FloatArray:
    result = np.zeros(len(chunk))
    lines = np.flatnonzero(~_POINTS[chunk.kinds] & (chunk.kinds != _ELLIPSE))
    for row in np.flatnonzero(chunk.kinds == _ELLIPSE).tolist():
        result[row] = perimeter_px(chunk[row]) if mpp is None else perimeter_um(chunk[row], mpp)
    if not len(lines):
        return result
    rings, ring_rows = chunk.rings.take(lines)
    vertices, vertex_rows = chunk.vertices.take(ring_rows)
    points = chunk.offsets[vertex_rows].astype(np.float64) * np.asarray(mpp or (1.0, 1.0))
    steps = np.hypot(*(points[_following(vertices.starts)] - points).T)
    closed = np.repeat(_AREAS[chunk.kinds[lines]], np.diff(rings.starts))
    steps[vertices.starts[1:][~closed] - 1] = 0.0  # a line does not return to where it began
    result[lines] = np.add.reduceat(steps, vertices.starts[rings.starts[:-1]])
    return result


def _vertices(chunk: AnnotationChunk, rows: NDArray[np.int64]) -> tuple[FloatArray, NDArray[np.int64]]:
    """Vertices of objects of one ring, float64, and where each object's begin."""
    if len(rows) == len(chunk):
        return chunk.offsets.astype(np.float64), chunk.vertices.starts
    _, ring_rows = chunk.rings.take(rows)
    vertices, vertex_rows = chunk.vertices.take(ring_rows)
    return chunk.offsets[vertex_rows].astype(np.float64), vertices.starts


def _following(starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of the vertex after each one of its ring."""
    following = np.arange(1, starts[-1] + 1, dtype=np.int64)
    following[starts[1:] - 1] = starts[:-1]
    return following
