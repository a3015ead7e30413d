"""Areas that do not overlap: what is new or changed gives way to neighbors of another class.

The neighbors stay as they are. Pure, on any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation import AREA_KINDS, Annotation
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk, id_array
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.area_drawing import combined, geometry_of
from desktop_app.domain.edits import is_reworked
from desktop_app.domain.shape_algebra import is_tissue
from desktop_app.domain.shapes import bounding_box, parts_of, polygons_of
from desktop_app.errors import GeometryError

CRUMB = 1.0
"""Square level-0 pixels: smaller pieces are not left over."""

_AREAS = [number for number, kind in enumerate(KINDS) if kind in AREA_KINDS]


def gives_way(annotation: Annotation) -> bool:
    """Whether a shape may not overlap areas of another class: a region, but no ROI and no detection."""
    region = annotation.kind in AREA_KINDS and annotation.object_type == "annotation"
    return region and annotation.roi is None


def kept_apart(
    annotation: Annotation, snapshot: AnnotationSnapshot, *, leaving_out: frozenset[UUID] = frozenset()
) -> Annotation:
    """An area without what neighbors of another class cover; one that overlaps none as it is.

    Parameters
    ----------
    annotation : Annotation
        New or changed.
    snapshot : AnnotationSnapshot
        Its neighbors are the regions in here; hidden ones, ROIs and detections do not count.
    leaving_out : frozenset[UUID]
        What the same step changes.

    Raises
    ------
    GeometryError
        If nothing is left.
    """
    import shapely

    out = leaving_out | {annotation.id}
    found = [geometry_of(other.parts) for other in _neighbors(annotation, snapshot, out)]
    if not found:
        return annotation
    area = geometry_of(annotation.parts)
    shapely.prepare(area)
    over = [other for other in found if area.intersects(other) and not area.touches(other)]
    if not over:
        return annotation
    left = [piece for piece in _without(area, over) if piece.area >= CRUMB]
    if not left:
        raise GeometryError(
            "Areas of other classes cover all of this, so that nothing would be left. "
            "Switch Annotate › Outlines › No overlap off to draw over them."
        )
    return replace(annotation, kind="polygon", parts=parts_of(left))


def step_kept_apart(
    before: Sequence[Annotation], after: Sequence[Annotation], snapshot: AnnotationSnapshot
) -> list[Annotation]:
    """What a step is to make: its new areas and those of another outline give way, the rest as it is.

    Parameters
    ----------
    before, after : Sequence[Annotation]
        What the step changes, and into what; these are not each other's neighbors.
    snapshot : AnnotationSnapshot
        Has the neighbors.

    Raises
    ------
    GeometryError
        If nothing is left of one.
    """
    out = _touched(before, after)
    giving = _giving_way(before, after)
    return [kept_apart(one, snapshot, leaving_out=out) if one.id in giving else one for one in after]


def step_vertices(
    before: Sequence[Annotation], after: Sequence[Annotation], snapshot: AnnotationSnapshot
) -> int:
    """How many vertices :func:`step_kept_apart` would look at, from the columns."""
    out, giving = _touched(before, after), _giving_way(before, after)
    areas = [one for one in after if one.id in giving]
    count = sum(len(ring) for one in areas for part in one.parts for ring in part)
    for area in areas:
        for chunk, rows in _neighbor_rows(area, snapshot, out):
            starts, rings = chunk.vertices.starts, chunk.rings.starts
            count += int((starts[rings[rows + 1]] - starts[rings[rows]]).sum())
    return count


def _touched(before: Sequence[Annotation], after: Sequence[Annotation]) -> frozenset[UUID]:
    return frozenset(annotation.id for annotation in (*before, *after))


def _giving_way(before: Sequence[Annotation], after: Sequence[Annotation]) -> frozenset[UUID]:
    old = {annotation.id: annotation for annotation in before}
    return frozenset(
        found.id for found in after if gives_way(found) and _has_new_outline(old.get(found.id), found)
    )


def _has_new_outline(before: Annotation | None, after: Annotation) -> bool:
    return before is None or is_reworked(before, replace(after, class_name=before.class_name))


def _without(area: Any, others: list[Any]) -> list[Any]:
    import shapely

    return polygons_of(combined("difference", area, shapely.union_all(others)))


def _neighbors(
    annotation: Annotation, snapshot: AnnotationSnapshot, out: frozenset[UUID]
) -> Iterator[Annotation]:
    for chunk, rows in _neighbor_rows(annotation, snapshot, out):
        yield from (chunk[row] for row in rows.tolist())


def _neighbor_rows(
    annotation: Annotation, snapshot: AnnotationSnapshot, out: frozenset[UUID]
) -> Iterator[tuple[AnnotationChunk, NDArray[np.int64]]]:
    ids = id_array(out)
    for chunk, rows in snapshot.rows_in(bounding_box(annotation)):
        meant = np.isin(chunk.kinds[rows], _AREAS) & ~chunk.hidden[rows] & ~np.isin(chunk.ids[rows], ids)
        meant &= (chunk.rois.index[rows] < 0) & _are_regions(chunk, rows)
        # What is drawn lies inside the tissue, and is no neighbor of it.
        names = chunk.class_names.table
        other = [name != annotation.class_name and not is_tissue(name) for name in names]
        other.append(annotation.class_name is not None)  # index -1: those of no class
        yield chunk, rows[meant & np.array(other)[chunk.class_names.index[rows]]]


def _are_regions(chunk: AnnotationChunk, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    kinds = [number for number, text in enumerate(chunk.object_types.table) if text == "annotation"]
    regions: NDArray[np.bool_] = np.isin(chunk.object_types.index[rows], [-1, *kinds])
    return regions
