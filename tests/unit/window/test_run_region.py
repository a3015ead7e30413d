"""The regions of a run, counted and made from the snapshot's columns."""

from __future__ import annotations

import pytest

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.regions import polygons_from_rings
from desktop_app.ui.dialogs.run_recipe import RegionChoice, RoiCounts
from desktop_app.ui.run_region import areas_of, roi_counts, roi_of, used_classes
from tests.support.annotation_samples import one_of_each, square

OPEN, EXHAUSTIVE = square(0, 0, roi="open"), square(50, 0, roi="exhaustive", class_name="Tumor")
PLAIN = square(500, 500, class_name="Stroma")
SNAPSHOT = AnnotationSnapshot.of([OPEN, EXHAUSTIVE, PLAIN, *one_of_each()[3:8]])


def test_what_there_is_is_counted() -> None:
    selected = [EXHAUSTIVE.id, PLAIN.id]
    assert roi_counts(SNAPSHOT, selected) == RoiCounts(2, 1, 1)
    assert roi_counts(AnnotationSnapshot.empty(), ()) == RoiCounts(0, 0, 0)
    assert used_classes(SNAPSHOT) == ("Stroma", "Tumor"), "a line's class is none of an area"
    assert len(areas_of(SNAPSHOT, SNAPSHOT.ids())) == 3


@pytest.mark.parametrize(
    ("choice", "area", "description"),
    [
        (RegionChoice("rois"), 150 * 100, "all ROIs"),
        (RegionChoice("exhaustive_rois"), 100 * 100, "exhaustively annotated ROIs"),
        (RegionChoice("selected_rois"), 100 * 100, "selected ROIs"),
        (RegionChoice("selected"), 2 * 100 * 100, "selected annotations"),
        (RegionChoice("class", "Tumor"), 100 * 100, "class Tumor"),
    ],
)
def test_a_region_is_the_union_of_what_is_chosen(choice: RegionChoice, area: float, description: str) -> None:
    roi = roi_of(SNAPSHOT, choice, [OPEN.id, PLAIN.id])
    assert roi is not None
    assert roi.description == description
    assert sum(polygon.area for polygon in polygons_from_rings(roi.rings)) == area


def test_the_whole_slide_has_no_region() -> None:
    assert roi_of(SNAPSHOT, RegionChoice("slide"), ()) is None
