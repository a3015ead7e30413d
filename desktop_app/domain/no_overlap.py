"""Areas that do not overlap: what is new or changed gives way to neighbors of another class.

The neighbors stay as they are. Pure, on any thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation import AREA_KINDS, Annotation
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk, id_array
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.area_drawing import combined, geometry_of
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


def _without(area: Any, others: list[Any]) -> list[Any]:
    import shapely

    return polygons_of(combined("difference", area, shapely.union_all(others)))


def _neighbors(
    annotation: Annotation, snapshot: AnnotationSnapshot, out: frozenset[UUID]
) -> Iterator[Annotation]:
    ids = id_array(out)
    for chunk, rows in snapshot.rows_in(bounding_box(annotation)):
        meant = np.isin(chunk.kinds[rows], _AREAS) & ~chunk.hidden[rows] & ~np.isin(chunk.ids[rows], ids)
        meant &= (chunk.rois.index[rows] < 0) & _are_regions(chunk, rows)
        for row in rows[meant].tolist():
            # What is drawn lies inside the tissue, and is no neighbor of it.
            if chunk.class_names[row] != annotation.class_name and not is_tissue(chunk.class_names[row]):
                yield chunk[row]


def _are_regions(chunk: AnnotationChunk, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    kinds = [number for number, text in enumerate(chunk.object_types.table) if text == "annotation"]
    regions: NDArray[np.bool_] = np.isin(chunk.object_types.index[rows], [-1, *kinds])
    return regions
