"""Which annotations a drawn outline encloses. Pure, on any thread."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.area_drawing import geometry_of
from desktop_app.domain.shapes import Parts


def enclosed(
    snapshot: AnnotationSnapshot, parts: Parts, *, hidden_classes: frozenset[str | None] = frozenset()
) -> list[UUID]:
    """The annotations of which every vertex is inside; hidden ones are not there.

    Parameters
    ----------
    snapshot : AnnotationSnapshot
        Among these.
    parts : Parts
        The outline, level-0 pixels.
    hidden_classes : frozenset[str | None]
        Nothing of these is shown; None among them stands for no class.
    """
    import shapely

    outline = geometry_of(parts)
    shapely.prepare(outline)
    left, top, right, bottom = outline.bounds
    found: list[UUID] = []
    for chunk, touched in snapshot.rows_in((left, top, right, bottom)):
        rows = chunk.shown_rows(touched, hidden_classes)
        boxes = chunk.boxes[rows] + np.tile(chunk.origin, 2)
        inside = (boxes[:, 0] >= left) & (boxes[:, 1] >= top) & (boxes[:, 2] <= right)
        inside &= boxes[:, 3] <= bottom
        found.extend(chunk.take(_within(chunk, rows[inside], outline)).uuids())
    return found


def _within(chunk: AnnotationChunk, rows: NDArray[np.int64], outline: Any) -> NDArray[np.int64]:
    """Those rows of which every vertex is inside: by their boxes where that is enough."""
    import shapely

    left, top, right, bottom = (chunk.boxes[rows] + np.tile(chunk.origin, 2)).T
    sure = shapely.covers(outline, shapely.box(left, top, right, bottom))
    held = [row for row in rows[~sure].tolist() if _holds(chunk, row, outline)]
    return np.array(sorted([*rows[sure].tolist(), *held]), dtype=np.int64)


def _holds(chunk: AnnotationChunk, row: int, outline: Any) -> bool:
    from shapely import intersects_xy

    points = chunk.offsets[chunk.vertices_of(row)] + chunk.origin
    if not intersects_xy(outline, *points[0]):
        return False
    return bool(intersects_xy(outline, points[:, 0], points[:, 1]).all())
