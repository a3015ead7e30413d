from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point as Place

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import GRID, AnnotationChunk
from desktop_app.domain.area_drawing import combined, geometry_of, with_area, without_area
from desktop_app.domain.measure import area_px
from desktop_app.domain.shapes import Parts, drawn, ellipse_parts, rectangle_parts
from desktop_app.errors import GeometryError


def rectangle(left: float, top: float, right: float, bottom: float) -> Annotation:
    return drawn("rectangle", rectangle_parts((left, top, right, bottom)))


def ring(points: list[tuple[float, float]]) -> Parts:
    return ((np.array(points, dtype=np.float64),),)


def test_a_piece_is_added_and_the_annotation_stays_itself() -> None:
    before = rectangle(0, 0, 100, 100)
    after = with_area(before, rectangle_parts((50, 50, 150, 150)))
    assert (after.id, after.kind) == (before.id, "polygon")
    assert area_px(after) == pytest.approx(2 * 100**2 - 50**2)


def test_a_piece_apart_becomes_a_part_of_its_own() -> None:
    after = with_area(rectangle(0, 0, 100, 100), ellipse_parts((200, 200, 300, 300)))
    assert len(after.parts) == 2


def test_a_piece_is_taken_away_down_to_nothing() -> None:
    before = rectangle(0, 0, 100, 100)
    hole = without_area(before, rectangle_parts((40, 40, 60, 60)))
    assert hole is not None
    assert len(hole.parts[0]) == 2
    assert area_px(hole) == pytest.approx(100**2 - 20**2)
    assert without_area(before, rectangle_parts((-1, -1, 101, 101))) is None


def test_crumbs_that_a_piece_leaves_go_but_what_was_there_stays() -> None:
    before = with_area(rectangle(0, 0, 100, 100), rectangle_parts((300, 0, 301, 1)))
    cut = without_area(before, rectangle_parts((-5, 1, 95, 110)), crumb=200)
    assert cut is not None
    areas = sorted(geometry.area for geometry in geometry_of(cut.parts).geoms)
    assert areas == [1, 100 * 100 - 95 * 99], (
        "the strip of 100 joins the rest; the small part was not touched"
    )
    frame = ring([(0, 0), (100, 0), (100, 100), (0, 100), (0, 60), (96, 60), (96, 52), (0, 52)])
    closed = with_area(drawn("polygon", frame), rectangle_parts((-5, 0, 95, 99)), crumb=9)
    assert [len(part) for part in closed.parts] == [1], "a hole of 8 is closed"


def test_a_crossing_outline_can_be_drawn_into() -> None:
    bow = drawn("polygon", ring([(0, 0), (100, 100), (100, 0), (0, 100)]))
    after = with_area(bow, rectangle_parts((40, 40, 60, 60)))
    assert geometry_of(after.parts).is_valid


def test_an_outline_of_nothing_is_refused() -> None:
    flat = drawn("polygon", ring([(0, 0), (100, 0), (50, 0)]))
    with pytest.raises(GeometryError):
        with_area(flat, ring([(0, 0), (10, 0), (5, 0)]))


coordinates = st.floats(-200, 200, allow_nan=False, width=32)
outlines = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=12)


@given(outlines, outlines)
@settings(max_examples=150, deadline=None)
def test_what_comes_out_is_valid_on_the_grid_and_survives_storing(
    one: list[tuple[float, float]], other: list[tuple[float, float]]
) -> None:
    first, second = geometry_of(ring(one)), geometry_of(ring(other))
    for how in ("union", "difference"):
        shape = combined(how, first, second)
        assert shape.is_valid
    if not first.area > 1:
        return
    after = with_area(drawn("polygon", ring(one)), ring(other))
    (stored,) = AnnotationChunk.of([after])
    for before, kept in zip(after.parts, stored.parts, strict=True):
        for drawn_ring, kept_ring in zip(before, kept, strict=True):
            np.testing.assert_array_equal(drawn_ring, kept_ring)
            np.testing.assert_array_equal(drawn_ring, np.round(drawn_ring / GRID) * GRID)
    assert geometry_of(stored.parts).is_valid


def test_a_point_inside_either_is_inside_the_union() -> None:
    after = with_area(rectangle(0, 0, 10, 10), rectangle_parts((20, 20, 30, 30)))
    shape = geometry_of(after.parts)
    assert shape.covers(Place(5, 5))
    assert shape.covers(Place(25, 25))
    assert not shape.covers(Place(15, 15))
