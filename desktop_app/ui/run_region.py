"""What of a slide's annotations can limit a run, and the region that a choice of them makes.

Counted in the columns of the snapshot, since the dialog must open at once on a million objects. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation import AREA_KINDS, Annotation, RoiStatus
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk
from desktop_app.domain.annotation_columns import Interned
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.engine.job import Roi
from desktop_app.ui.dialogs.run_recipe import RegionChoice, RoiCounts

_AREAS = np.array([number for number, kind in enumerate(KINDS) if kind in AREA_KINDS], dtype=np.uint8)

RowsOf = Callable[[AnnotationChunk], NDArray[np.bool_]]
"""Which rows of a chunk are meant."""


def areas_of(snapshot: AnnotationSnapshot, ids: Iterable[UUID]) -> list[Annotation]:
    """Those of some annotations that enclose an area."""
    return [found for found in snapshot.iter_annotations(ids) if found.kind in AREA_KINDS]


def used_classes(snapshot: AnnotationSnapshot) -> tuple[str, ...]:
    """The classes that areas have, sorted."""
    used: set[str] = set()
    for chunk in snapshot.chunks:
        numbers = np.unique(chunk.class_names.index[_is_area(chunk)]).tolist()
        used.update(chunk.class_names.table[number] for number in numbers if number >= 0)
    return tuple(sorted(used))


def roi_counts(snapshot: AnnotationSnapshot, selected: Iterable[UUID]) -> RoiCounts:
    """How many ROIs there are."""
    return RoiCounts(
        every=sum(int(_is_roi(chunk).sum()) for chunk in snapshot.chunks),
        exhaustive=sum(int(_is_exhaustive(chunk).sum()) for chunk in snapshot.chunks),
        selected=sum(found.roi is not None for found in areas_of(snapshot, selected)),
    )


def roi_of(snapshot: AnnotationSnapshot, region: RegionChoice, selected: Iterable[UUID]) -> Roi | None:
    """The region as polygons; None for the whole slide."""
    if region.kind == "slide":
        return None
    name = region.class_name
    ways: dict[str, tuple[str, Callable[[], Iterable[Annotation]]]] = {
        "selected": ("selected annotations", lambda: areas_of(snapshot, selected)),
        "class": (f"class {name}", lambda: _rows(snapshot, lambda chunk: _has_class(chunk, name))),
        "rois": ("all ROIs", lambda: _rows(snapshot, _is_roi)),
        "exhaustive_rois": ("exhaustively annotated ROIs", lambda: _rows(snapshot, _is_exhaustive)),
        "selected_rois": (
            "selected ROIs",
            lambda: [found for found in areas_of(snapshot, selected) if found.roi is not None],
        ),
    }
    description, chosen = ways[region.kind]
    return Roi(tuple(part for annotation in chosen() for part in annotation.parts), description)


def _rows(snapshot: AnnotationSnapshot, rows_of: RowsOf) -> Iterator[Annotation]:
    return (chunk[row] for chunk in snapshot.chunks for row in np.flatnonzero(rows_of(chunk)).tolist())


def _is_area(chunk: AnnotationChunk) -> NDArray[np.bool_]:
    return np.isin(chunk.kinds, _AREAS)


def _is_roi(chunk: AnnotationChunk) -> NDArray[np.bool_]:
    return _is_area(chunk) & (chunk.rois.index >= 0)


def _is_exhaustive(chunk: AnnotationChunk) -> NDArray[np.bool_]:
    return _is_area(chunk) & _says(chunk.rois, "exhaustive")


def _has_class(chunk: AnnotationChunk, name: str) -> NDArray[np.bool_]:
    return _is_area(chunk) & _says(chunk.class_names, name)


def _says(column: Interned[str] | Interned[RoiStatus], value: str) -> NDArray[np.bool_]:
    numbers = [number for number, entry in enumerate(column.table) if entry == value]
    said: NDArray[np.bool_] = np.isin(column.index, numbers)
    return said
