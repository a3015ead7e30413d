"""Shapes put together, taken apart, filled and turned inside out.

Each function takes selected annotations in the order in which they were selected and says what is to become
of them. The result is the first of them with another area: its id, class, name, color, ROI status and
metadata stay; the others go. Outlines that cross themselves count as they are painted (even-odd rule), and
what comes out is valid. Pure, on any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation import AREA_KINDS, OPEN_KINDS, Annotation
from desktop_app.domain.annotation_chunk import GRID, AnnotationChunk
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.shape_regions import (
    Region,
    Scale,
    ShapeStep,
    new_parts,
    refused_sums,
    region_of,
    settled,
    with_region,
)
from desktop_app.domain.shapes import Box, Parts, parts_of, polygons_of
from desktop_app.errors import GeometryError

TISSUE_CLASS = "Tissue"
"""Class of the outlines that a run's tissue detector gives; its derived classes count as well."""


def merged(shapes: Sequence[Annotation]) -> ShapeStep:
    """One shape that covers what any of them covers. Raises ``GeometryError``."""
    return _combined(shapes, _union)


def subtracted(shapes: Sequence[Annotation]) -> ShapeStep:
    """The first without what the others cover. Raises ``GeometryError``, also if nothing is left."""
    return _combined(shapes, lambda regions: regions[0].difference(_union(regions[1:])))


def subtracted_from_last(shapes: Sequence[Annotation]) -> ShapeStep:
    """The last without what the others cover; raises as :func:`subtracted`."""
    step = subtracted([*shapes[-1:], *shapes[:-1]])
    return replace(step, before=tuple(shapes))


def intersected(shapes: Sequence[Annotation]) -> ShapeStep:
    """What all of them cover. Raises ``GeometryError``, also if that is nothing."""
    return _combined(shapes, lambda regions: reduce(lambda one, other: one.intersection(other), regions))


def exclusive(shapes: Sequence[Annotation]) -> ShapeStep:
    """What an odd number of them cover; of two, what one alone covers. Raises ``GeometryError``."""
    return _combined(
        shapes, lambda regions: reduce(lambda one, other: one.symmetric_difference(other), regions)
    )


def split(shapes: Sequence[Annotation]) -> ShapeStep:
    """Areas cut along lines; the lines go.

    Parameters
    ----------
    shapes : Sequence[Annotation]
        At least one area and one line or arrow among them.

    Returns
    -------
    ShapeStep
        The largest piece of an area keeps its id, together with the parts that no line cuts; each other piece
        is an annotation of its own with the same class, name and metadata. Areas that are not cut stay.

    Raises
    ------
    GeometryError
        If no line goes all the way through an area.
    """
    areas = [shape for shape in shapes if shape.kind in AREA_KINDS]
    lines = [shape for shape in shapes if shape.kind in OPEN_KINDS]
    if not areas or not lines or len(areas) + len(lines) < len(shapes):
        raise GeometryError("Select the areas to split and the lines along which they are split.")
    with refused_sums():
        knife = _knife(lines)
        cut = [(area, _pieces(area, knife)) for area in areas]
    changed = [(area, pieces) for area, pieces in cut if len(pieces) > 1]
    if not changed:
        raise GeometryError("The line must go through a selected area from edge to edge.")
    after = [piece for area, pieces in changed for piece in _annotations(area, pieces)]
    return ShapeStep((*(area for area, _ in changed), *lines), tuple(after))


def separated(shapes: Sequence[Annotation]) -> ShapeStep:
    """Every part of a shape of several parts as an annotation of its own; the largest keeps the id.

    Raises
    ------
    GeometryError
        If each of them is in one piece.
    """
    with refused_sums():
        apart = [(shape, [[part] for part in settled(region_of(shape))]) for shape in shapes]
    changed = [(shape, parts) for shape, parts in apart if len(parts) > 1]
    if not changed:
        raise GeometryError("The selected areas are in one piece each.")
    after = [piece for shape, parts in changed for piece in _annotations(shape, parts)]
    return ShapeStep(tuple(shape for shape, _ in changed), tuple(after))


def filled(
    shapes: Sequence[Annotation], below: float | None = None, *, scale: Scale = (1.0, 1.0)
) -> ShapeStep:
    """Shapes without their holes, or without the small ones.

    Parameters
    ----------
    shapes : Sequence[Annotation]
        Areas.
    below : float | None
        Holes smaller than this are filled, square units of the scale; None for all.
    scale : Scale
        Units per pixel.

    Raises
    ------
    GeometryError
        If there is no such hole.
    """
    limit = None if below is None else below / (scale[0] * scale[1])
    with refused_sums():
        pairs = [(shape, _filled(region_of(shape), limit)) for shape in shapes]
    return _changed(
        [(shape, region) for shape, region in pairs if region is not None],
        "The selected areas have no such hole.",
    )


def hulls(shapes: Sequence[Annotation]) -> ShapeStep:
    """The convex hull of each; of points and lines too.

    Raises
    ------
    GeometryError
        If a hull has no area, or all are convex already.
    """
    from shapely import MultiPoint

    pairs = []
    with refused_sums():
        for shape in shapes:
            hull = MultiPoint([point for part in shape.parts for point in part[0].tolist()]).convex_hull
            if hull.geom_type != "Polygon":
                raise GeometryError("A convex hull needs three positions that are not on one line.")
            if shape.kind not in AREA_KINDS or _has_dents(region_of(shape), hull):
                pairs.append((shape, hull))
    return _changed(pairs, "The selected areas are convex already.")


def inverse_parts(shapes: Sequence[Annotation], ground: Sequence[Annotation] | Box) -> Parts:
    """What areas leave of a ground.

    Parameters
    ----------
    shapes : Sequence[Annotation]
        Areas.
    ground : Sequence[Annotation] | Box
        The tissue's outlines, or a box in level-0 pixels.

    Raises
    ------
    GeometryError
        If nothing is left.
    """
    from shapely import box

    with refused_sums():
        on_tissue = not isinstance(ground[0], int | float)
        below = _union([region_of(found) for found in ground]) if on_tissue else box(*ground)  # type: ignore[arg-type]
        return new_parts(below.difference(_union([region_of(shape) for shape in shapes])))


def tissue_of(snapshot: AnnotationSnapshot, *, without: Iterable[UUID] = ()) -> tuple[Annotation, ...]:
    """The tissue's outlines among the annotations, drawn by a run or by hand; some are left out."""
    left_out = frozenset(without)
    found = (chunk.take(_tissue_rows(chunk)) for chunk in snapshot.chunks)
    return tuple(
        shape for rows in found for shape in rows if shape.kind in AREA_KINDS and shape.id not in left_out
    )


def is_tissue(class_name: str | None) -> bool:
    """Whether a class is the tissue's, or derived from it."""
    return class_name is not None and class_name.split(":")[0].strip() == TISSUE_CLASS


def _tissue_rows(chunk: AnnotationChunk) -> NDArray[np.int64]:
    """Rows of a class that is the tissue's, or derived from it."""
    names = chunk.class_names.table
    meant = [number for number, name in enumerate(names) if is_tissue(name)]
    is_object = [kind == "annotation" for kind in chunk.object_types.table]
    rows: NDArray[np.int64] = np.flatnonzero(
        np.isin(chunk.class_names.index, meant) & np.array([*is_object, True])[chunk.object_types.index]
    )
    return rows


def _has_dents(region: Region, hull: Region) -> bool:
    """Whether a hull is more than what rounding to the grid makes of its outline."""
    return bool(hull.area - region.area > hull.length * GRID)


def _combined(shapes: Sequence[Annotation], operate: Callable[[list[Region]], Region]) -> ShapeStep:
    if len(shapes) < 2:
        raise GeometryError("Select at least two areas.")
    with refused_sums():
        changed = with_region(shapes[0], operate([region_of(shape) for shape in shapes]))
    return ShapeStep(tuple(shapes), (changed,))


def _union(regions: Sequence[Region]) -> Region:
    from shapely import union_all

    return union_all(list(regions))


def _changed(pairs: Sequence[tuple[Annotation, Region]], otherwise: str) -> ShapeStep:
    """A step that gives shapes other regions, or an error where there are none."""
    if not pairs:
        raise GeometryError(otherwise)
    with refused_sums():
        after = tuple(with_region(shape, region) for shape, region in pairs)
    return ShapeStep(tuple(shape for shape, _ in pairs), after)


def _filled(region: Region, limit: float | None) -> Region | None:
    """A region without holes below a limit in square pixels; None if there are none."""
    from shapely import Polygon

    found, less = polygons_of(region), []
    for polygon in found:
        kept = [hole for hole in polygon.interiors if limit is not None and Polygon(hole).area >= limit]
        if len(kept) < len(polygon.interiors):
            less.append(Polygon(polygon.exterior, kept))
    # An island in a hole is part of the shape as well; in what is filled now it has drowned.
    return _union([*found, *less]) if less else None


def _knife(lines: Sequence[Annotation]) -> Any:
    from shapely import LineString, union_all

    return union_all([LineString(part[0]) for line in lines for part in line.parts])


def _pieces(area: Annotation, knife: Any) -> list[list[Any]]:
    """The pieces of an area, each a list of polygons; uncut parts go with the largest, which is first."""
    import shapely

    pieces, whole = [], []
    for part in settled(region_of(area)):
        faces = []
        if knife.intersects(part):
            noded = shapely.union_all([part.boundary, knife.intersection(part)], grid_size=GRID)
            shapely.prepare(part)
            found = polygons_of(shapely.polygonize(shapely.get_parts(noded)))
            faces = [face for face in found if part.contains(face.representative_point())]
        if len(faces) > 1:
            pieces.extend(faces)
        else:
            whole.append(part)
    if not pieces:
        return [whole]
    largest, *others = sorted(pieces, key=lambda piece: -piece.area)
    return [[largest, *whole], *([piece] for piece in others)]


def _annotations(shape: Annotation, pieces: Sequence[Sequence[Any]]) -> list[Annotation]:
    """Pieces as annotations that differ in their id alone; the first keeps it."""
    made = [replace(shape, kind="polygon", parts=parts_of(list(piece))) for piece in pieces]
    return [made[0], *(replace(piece, id=uuid4()) for piece in made[1:])]
