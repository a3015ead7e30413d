from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from desktop_app.domain.alignment import Alignment
from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import GRID, AnnotationChunk
from desktop_app.domain.measure import area_mm2, perimeter_um
from desktop_app.domain.shapes import bounding_box
from desktop_app.domain.transfer import PlaneMap, box_around, carried
from tests.support.annotation_samples import circle, one_of_each, square

MPPS = st.floats(0.1, 4.0)
PLACES = st.floats(-2_000, 90_000)

ALIGNMENTS = st.builds(
    Alignment,
    rotation_deg=st.floats(-179, 180),
    scale=st.floats(0.2, 5),
    mirrored=st.booleans(),
    shift=st.tuples(st.floats(-5e4, 5e4), st.floats(-5e4, 5e4)),
)


def stored(annotation: Annotation) -> Annotation:
    """As the document keeps it: on a grid of 1/128 px."""
    return AnnotationChunk.of([annotation])[0]


def vertices(annotation: Annotation) -> np.ndarray:
    return np.concatenate([ring for part in annotation.parts for ring in part])


@example(mpps=(0.75, 1.0, 1.0, 1.0), x=1.98828125, y=0.0, number=1)
@given(mpps=st.tuples(MPPS, MPPS, MPPS, MPPS), x=PLACES, y=PLACES, number=st.integers(0, 9))
@settings(deadline=None)
def test_by_um_there_and_back_is_as_exact_as_the_grid(
    mpps: tuple[float, float, float, float], x: float, y: float, number: int
) -> None:
    source, target = (mpps[0], mpps[1]), (mpps[2], mpps[3])
    first = stored(carried(one_of_each()[number], PlaneMap().moved(x, y)))
    there = stored(carried(first, PlaneMap.by_um(source, target)))
    back = carried(there, PlaneMap.by_um(target, source))
    coarsest = max(target[0] / source[0], target[1] / source[1], 1.0)
    both_ways = 2 if first.kind == "ellipse" else 1  # it is drawn anew around its box
    assert np.abs(vertices(back) - vertices(first)).max() <= both_ways * coarsest * GRID
    assert back.kind == first.kind
    assert len({first.id, there.id, back.id}) == 3


@given(alignment=ALIGNMENTS, x=PLACES, y=PLACES, number=st.integers(0, 9))
@settings(deadline=None)
def test_through_an_alignment_there_and_back(alignment: Alignment, x: float, y: float, number: int) -> None:
    first = stored(carried(one_of_each()[number], PlaneMap().moved(x, y)))
    there = stored(carried(first, PlaneMap.through(alignment)))
    back = carried(there, PlaneMap.through(alignment.inverse()))
    tolerance = max(1 / alignment.scale, alignment.scale, 1.0) * GRID
    if first.kind in ("line", "arrow", "points", "note"):
        assert np.abs(vertices(back) - vertices(first)).max() <= tolerance
    else:
        one, other = outline(first), outline(back)
        assert other.is_valid
        # As far as a vertex can be off in both directions; an ellipse is drawn anew around its box.
        reach = 2 * tolerance if first.kind == "ellipse" else math.sqrt(2) * tolerance
        assert one.hausdorff_distance(other) <= reach


@given(alignment=ALIGNMENTS, x=PLACES, y=PLACES)
@settings(deadline=None)
def test_a_stored_circle_stays_one(alignment: Alignment, x: float, y: float) -> None:
    first = stored(carried(circle(500, 400, 60), PlaneMap().moved(x, y)))
    there = stored(carried(first, PlaneMap.through(alignment)))
    assert there.kind == "ellipse"
    assert carried(there, PlaneMap.through(alignment.inverse())).kind == "ellipse"


def outline(annotation: Annotation) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in annotation.parts])


@given(mpps=st.tuples(MPPS, MPPS, MPPS, MPPS))
def test_um_stay_um(mpps: tuple[float, float, float, float]) -> None:
    source, target = (mpps[0], mpps[1]), (mpps[2], mpps[3])
    for annotation in (square(10, 20, 300), circle(500, 400, 60)):
        copy = carried(annotation, PlaneMap.by_um(source, target))
        assert copy.kind == annotation.kind
        assert area_mm2(copy, target) == pytest.approx(area_mm2(annotation, source))
        assert perimeter_um(copy, target) == pytest.approx(perimeter_um(annotation, source))


def test_lengths_are_measured_from_the_corner_of_what_was_scanned() -> None:
    plane_map = PlaneMap.by_um((0.5, 0.5), (0.25, 0.25), corners=((100.0, 200.0), (1000.0, 0.0)))
    copy = carried(square(110, 220, 50), plane_map)
    assert bounding_box(copy) == (1020, 40, 1120, 140)


def test_what_is_turned_is_a_polygon_unless_by_quarters() -> None:
    quarter, little = (PlaneMap.through(Alignment(angle, 2.0, shift=(9, 9))) for angle in (90, 17))
    assert carried(square(0, 0), quarter).kind == "rectangle"
    assert carried(square(0, 0), little).kind == "polygon"
    wide = replace(circle(50, 50, 20), parts=tuple((ring * (2, 1),) for (ring,) in circle(50, 50, 20).parts))
    assert carried(wide, quarter).kind == "ellipse"
    assert carried(wide, little).kind == "polygon"
    turned = carried(circle(50, 40, 20), little)
    assert turned.kind == "ellipse"
    left, top, right, bottom = bounding_box(turned)
    assert (right - left, bottom - top) == (pytest.approx(80), pytest.approx(80))
    angle = math.radians(17)
    x = 2 * (50 * math.cos(angle) - 40 * math.sin(angle)) + 9
    assert (left + right) / 2 == pytest.approx(x)


def test_a_copy_can_be_seen_and_moved_and_says_nothing_of_other_pixels() -> None:
    first = square(0, 0, locked=True, hidden=True, roi="open", name="a", measurements={"mean": 3.0})
    same = carried(first, PlaneMap())
    assert (same.locked, same.hidden, same.roi, same.name) == (False, False, "open", "a")
    assert same.measurements == {"mean": 3.0}
    assert carried(first, PlaneMap().moved(1, 0)).measurements == {}


def test_the_nucleus_of_a_cell_goes_along() -> None:
    nucleus = {"type": "Polygon", "coordinates": [[[1, 2], [5, 2], [5, 6], [1, 2]]]}
    extra = json.dumps({"feature": {"nucleusGeometry": nucleus}, "metadata": {"k": "v"}}).encode()
    copy = carried(square(0, 0, extra=extra), PlaneMap.by_um((1, 1), (0.5, 0.5)).moved(10, 0))
    members = json.loads(copy.extra)
    assert members["feature"]["nucleusGeometry"]["coordinates"][0][1] == [20, 4]
    assert members["metadata"] == {"k": "v"}


def test_the_box_around_several() -> None:
    assert box_around([square(0, 10, 5), square(30, 0, 5)]) == (0, 0, 35, 15)
