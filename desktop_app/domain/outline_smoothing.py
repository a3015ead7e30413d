"""Outlines with fewer vertices, or without their jitter; each with how far it strays from what it was.

Areas and lines; distances are true on the slide also where pixels are not square. Each shape is worked on by
itself, so neighbors that shared a border may part by the deviation. Pure, on any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from desktop_app.domain.annotation import AREA_KINDS, OPEN_KINDS, Annotation
from desktop_app.domain.annotation_chunk import snapped
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.rings import ring_length
from desktop_app.domain.shape_regions import (
    OutlineReport,
    Region,
    Scale,
    ShapeStep,
    refused_sums,
    region_of,
    scaled,
    vertex_count,
    with_region,
)
from desktop_app.domain.shapes import polygons_of
from desktop_app.errors import GeometryError

SAMPLES_PER_LENGTH = 6
"""Positions along the outline within a smoothing length."""

MOST_SAMPLES = 1_000_000
FEWEST_SAMPLES = 32

FINENESS = 0.02
"""Share of the smoothing length by which the vertices that are kept may miss the smooth outline."""


def simplified(shapes: Sequence[Annotation], deviation: float, *, scale: Scale = (1.0, 1.0)) -> ShapeStep:
    """Shapes with the vertices left out that hardly matter.

    Parameters
    ----------
    shapes : Sequence[Annotation]
        Areas and lines.
    deviation : float
        How far a vertex that is left out may be from the new outline, units of the scale.
    scale : Scale
        Units per pixel.

    Returns
    -------
    ShapeStep
        Only what has fewer vertices now; its report says which deviation was reached.

    Raises
    ------
    GeometryError
        If no vertex can be left out, or there is a point among the shapes.

    Notes
    -----
    Source: D. Douglas and T. Peucker, "Algorithms for the reduction of the number of points required to
    represent a digitized line or its caricature", Cartographica 10 (1973), in shapely's variant that keeps
    rings from crossing.
    """

    def simplify(shape: Annotation) -> Annotation:
        outline = scaled(_outline(shape), scale).simplify(deviation, preserve_topology=True)
        return _with_outline(shape, scaled(outline, scale, back=True))

    step = _step(shapes, simplify, scale)
    pairs = [(old, new) for old, new in step.pairs() if vertex_count([new]) < vertex_count([old])]
    if not pairs:
        raise GeometryError("No vertex can be left out within this deviation.")
    return _reported(pairs, scale)


def smoothed(shapes: Sequence[Annotation], length: float, *, scale: Scale = (1.0, 1.0)) -> ShapeStep:
    """Shapes without what is smaller than a length along their outlines.

    Parameters
    ----------
    shapes : Sequence[Annotation]
        Areas and lines; the ends of a line stay.
    length : float
        Standard deviation of the Gaussian, units of the scale: what is much longer stays.
    scale : Scale
        Units per pixel.

    Raises
    ------
    GeometryError
        If a shape would vanish, or there is a point among the shapes.

    Notes
    -----
    The outline's coordinates, at equal steps along it, are filtered with a Gaussian g, applied as
    ``2g - g*g`` so that a circle of radius r shrinks by ``r (1 - exp(-length**2 / (2 r**2)))**2`` only.
    Source: the Gaussian filtered contour is that of F. Mokhtarian and A. Mackworth, IEEE PAMI 8 (1986); the
    correction is "twicing", J. W. Tukey, Exploratory Data Analysis (1977). The filter works on the Fourier
    series; of the result, the vertices that matter are kept (Douglas and Peucker).
    """

    def smooth(shape: Annotation) -> Annotation:
        if shape.kind in OPEN_KINDS:
            line = _smooth_line(shape.parts[0][0] * np.asarray(scale), length)
            return replace(shape, parts=((snapped(line / np.asarray(scale)),),))
        outlines = scaled(region_of(shape), scale)
        return with_region(shape, scaled(_smooth_region(outlines, length), scale, back=True))

    return _reported(list(_step(shapes, smooth, scale).pairs()), scale)


def largest_deviation(before: Annotation, after: Annotation, *, scale: Scale = (1.0, 1.0)) -> float:
    """How far two outlines are apart: the largest distance of a vertex of either from the other's edges."""
    one, other = _lines(before, scale), _lines(after, scale)
    return max(_farthest(one, other), _farthest(other, one))


def _step(
    shapes: Sequence[Annotation], change: Callable[[Annotation], Annotation], scale: Scale
) -> ShapeStep:
    if any(shape.kind not in AREA_KINDS | OPEN_KINDS for shape in shapes):
        raise GeometryError("A point has no outline: select areas and lines only.")
    with refused_sums():
        return ShapeStep(tuple(shapes), tuple(change(shape) for shape in shapes))


def _reported(pairs: Sequence[tuple[Annotation, Annotation]], scale: Scale) -> ShapeStep:
    before, after = tuple(old for old, _ in pairs), tuple(new for _, new in pairs)
    deviation = max(largest_deviation(old, new, scale=scale) for old, new in pairs)
    return ShapeStep(before, after, OutlineReport(vertex_count(before), vertex_count(after), deviation))


def _outline(shape: Annotation) -> Any:
    from shapely import LineString

    return LineString(shape.parts[0][0]) if shape.kind in OPEN_KINDS else region_of(shape)


def _with_outline(shape: Annotation, outline: Any) -> Annotation:
    if shape.kind in OPEN_KINDS:
        return replace(shape, parts=((snapped(np.array(outline.coords)[:, :2]),),))
    return with_region(shape, outline)


def _smooth_region(region: Region, length: float) -> Region:
    """The rings of a region smoothed one by one, and put together again."""
    from shapely import union_all

    parts = []
    for polygon in polygons_of(region):
        outer, *holes = (
            _ring_region(np.array(ring.coords)[:-1, :2], length)
            for ring in (polygon.exterior, *polygon.interiors)
        )
        parts.append(outer.difference(union_all(holes)) if holes else outer)
    return union_all(parts)


def _ring_region(ring: FloatArray, length: float) -> Region:
    from shapely import Polygon, make_valid

    points = _samples(np.concatenate([ring, ring[:1]]), length)[:-1]
    shape = Polygon(_filtered(points, ring_length(ring, closed=True) / len(points), length))
    return make_valid(shape).simplify(length * FINENESS)


def _smooth_line(line: FloatArray, length: float) -> FloatArray:
    """A line smoothed between its ends, which stay: it is mirrored in both of them."""
    from shapely import LineString

    whole = ring_length(line, closed=False)
    if whole == 0:
        return line
    points = _samples(line, length)
    chord = points[0] + np.linspace(0, 1, len(points))[:, None] * (points[-1] - points[0])
    away = points - chord
    period = np.concatenate([away, -away[-2:0:-1]])
    smooth = chord + _filtered(period, whole / (len(points) - 1), length)[: len(points)]
    kept: FloatArray = np.array(LineString(smooth).simplify(length * FINENESS).coords)
    return kept


def _samples(points: FloatArray, length: float) -> FloatArray:
    """Positions at equal steps along a line, ends included."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    count = int(np.clip(np.ceil(along[-1] / length * SAMPLES_PER_LENGTH), FEWEST_SAMPLES, MOST_SAMPLES)) + 1
    places = np.linspace(0, along[-1], count)
    return np.column_stack([np.interp(places, along, points[:, axis]) for axis in range(2)])


def _filtered(points: FloatArray, step: float, length: float) -> FloatArray:
    """A closed run of positions at equal steps, low-pass filtered."""
    frequencies = 2 * np.pi * np.fft.rfftfreq(len(points), step)
    gaussian = np.exp(-((length * frequencies) ** 2) / 2)
    response = 2 * gaussian - gaussian**2
    middle = points.mean(0)  # large coordinates would cancel digits
    spectrum = np.fft.rfft(points - middle, axis=0) * response[:, None]
    smooth: FloatArray = middle + np.fft.irfft(spectrum, len(points), axis=0)
    return smooth


def _lines(shape: Annotation, scale: Scale) -> list[FloatArray]:
    """The outlines of a shape as lines whose first vertex comes again at the end, in units of the scale."""
    rings = [ring * np.asarray(scale) for part in shape.parts for ring in part]
    closed = shape.kind in AREA_KINDS
    return [np.concatenate([ring, ring[:1]]) if closed else ring for ring in rings]


def _farthest(lines: Sequence[FloatArray], others: Sequence[FloatArray]) -> float:
    """The largest distance of a vertex of some lines from the nearest edge of others."""
    import shapely

    edges = np.concatenate([np.stack([line[:-1], line[1:]], axis=1) for line in others])
    tree = shapely.STRtree(shapely.linestrings(edges))
    points = shapely.points(np.concatenate(lines))
    _, distances = tree.query_nearest(points, return_distance=True, all_matches=False)
    return float(distances.max())
