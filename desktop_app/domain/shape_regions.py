"""Shapes as regions of the plane and back: what every operation on whole shapes begins and ends with.

A region is a valid shapely geometry. What is made of it lies on the grid that annotations are stored on, so
that storing it cannot make it cross itself. Pure, on any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import numpy as np

from desktop_app.domain.annotation import AREA_KINDS, Annotation
from desktop_app.domain.annotation_chunk import GRID, snapped
from desktop_app.domain.area_drawing import geometry_of
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.edits import is_reworked
from desktop_app.domain.shapes import Parts, parts_of, polygons_of
from desktop_app.errors import GeometryError

Region: TypeAlias = Any
"""A valid shapely polygon, multipolygon or collection of them, level-0 pixels."""

Scale: TypeAlias = tuple[float, float]
"""Units per level-0 pixel, ``(x, y)``: µm where the pixel size is known (the mpp), else 1 for pixels."""


@dataclass(frozen=True, slots=True)
class OutlineReport:
    """What leaving out or moving vertices came to.

    Attributes
    ----------
    vertices_before, vertices_after : int
        Of all shapes that were worked on.
    deviation : float
        How far the new outline is from the old one where they are farthest apart, in units of the scale.
    """

    vertices_before: int
    vertices_after: int
    deviation: float


@dataclass(frozen=True, slots=True, eq=False)
class ShapeStep:
    """What an operation on shapes wants to become of them, as one step.

    Attributes
    ----------
    before, after : tuple[Annotation, ...]
        As in :class:`desktop_app.domain.edits.Edit`: what is only in ``before`` goes, what is only in
        ``after`` is new.
    report : OutlineReport | None
        Of an operation on outlines.
    """

    before: tuple[Annotation, ...]
    after: tuple[Annotation, ...]
    report: OutlineReport | None = None

    def pairs(self) -> Iterator[tuple[Annotation, Annotation]]:
        """What is changed, before and after."""
        old = {found.id: found for found in self.before}
        return ((old[found.id], found) for found in self.after if found.id in old)


def region_of(shape: Annotation) -> Region:
    """The area of an annotation, as the even-odd rule paints it.

    Raises
    ------
    GeometryError
        If it is of a kind that has none.
    """
    if shape.kind not in AREA_KINDS:
        raise GeometryError("A line, a point or a note has no area: select areas only.")
    return geometry_of(shape.parts)


def settled(region: Region) -> list[Any]:
    """The polygons of a region, valid and on the grid, the largest first; slivers below the grid are gone.

    Notes
    -----
    Rounding each vertex is tried first; only where that makes outlines cross is everything noded on the grid.
    """
    import shapely

    polygons = polygons_of(region if region.is_valid else shapely.make_valid(region))
    if not polygons:
        return []
    whole = shapely.MultiPolygon(polygons)
    rounded = _rounded(whole)
    if rounded is None or not rounded.is_valid:
        valid = whole if whole.is_valid else shapely.union_all(polygons)
        rounded = shapely.set_precision(valid, GRID)
    return polygons_of(rounded)


def _rounded(whole: Region) -> Region | None:
    """Each vertex on the grid; None where a ring shrinks to less than a triangle by it."""
    import shapely

    try:
        return shapely.remove_repeated_points(shapely.transform(whole, snapped))
    except shapely.errors.GEOSException:
        return None


def new_parts(region: Region) -> Parts:
    """A region as the parts of an annotation.

    Raises
    ------
    GeometryError
        If nothing is left of it.
    """
    polygons = settled(region)
    if not polygons:
        raise GeometryError("Nothing would be left.")
    return parts_of(polygons)


def with_region(shape: Annotation, region: Region) -> Annotation:
    """An annotation with another area; everything else of it stays. Raises as :func:`new_parts`."""
    return replace(shape, kind="polygon", parts=new_parts(region))


def scaled(region: Region, scale: Scale, *, back: bool = False) -> Region:
    """A geometry in units of a scale, or back in level-0 pixels."""
    from shapely import transform

    factors = 1 / np.asarray(scale) if back else np.asarray(scale)

    def multiplied(points: FloatArray) -> FloatArray:
        product: FloatArray = points * factors
        return product

    return transform(region, multiplied)


def vertex_count(shapes: Sequence[Annotation]) -> int:
    """How many vertices some shapes have together."""
    return sum(len(ring) for shape in shapes for part in shape.parts for ring in part)


def is_same(one: Annotation, other: Annotation) -> bool:
    """Whether two values say the same of an annotation."""
    names = (entry.name for entry in fields(Annotation) if entry.name != "parts")
    same = all(getattr(one, name) == getattr(other, name) for name in names)
    return same and not is_reworked(one, other)


@contextmanager
def refused_sums() -> Iterator[None]:
    """Map what the geometry library raises to an error with a way out."""
    from shapely.errors import ShapelyError

    try:
        # Overlays divide by zero on their way to a right answer; numpy would warn of it.
        with np.errstate(all="ignore"):
            yield
    except ShapelyError as error:
        raise GeometryError(
            "These outlines are too entangled to be worked on. Simplify them first, or redraw the place."
        ) from error
