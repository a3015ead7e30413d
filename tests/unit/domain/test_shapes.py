from __future__ import annotations

import json
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.measure import area_px
from desktop_app.domain.shapes import (
    author_of,
    bounding_box,
    box_of,
    drawn,
    ellipse_parts,
    nearest_edge,
    polygon_parts,
    rectangle_parts,
    resized,
    translated,
    valid,
    with_new_vertex,
    with_vertex,
    without_vertex,
)
from desktop_app.errors import GeometryError
from tests.support.annotation_samples import circle, square

NUMBERS = st.floats(-5000, 5000)


@settings(deadline=None)
@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_a_square_box_keeps_its_first_corner(x0: float, y0: float, x1: float, y1: float) -> None:
    left, top, right, bottom = box_of((x0, y0), (x1, y1), square=True)
    assert right - left == pytest.approx(bottom - top)
    assert x0 in (left, right)
    assert y0 in (top, bottom)


@settings(deadline=None)
@given(NUMBERS, NUMBERS, st.floats(1, 900), st.floats(1, 900))
def test_boxes_of_rectangle_and_ellipse(x: float, y: float, width: float, height: float) -> None:
    box = (x, y, x + width, y + height)
    for parts in (rectangle_parts(box), ellipse_parts(box)):
        assert bounding_box(Annotation(uuid4(), "polygon", parts)) == pytest.approx(box, abs=1e-6)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-40, 40), st.integers(-40, 40)), min_size=3, max_size=12))
def test_whatever_is_drawn_becomes_valid_or_is_refused(points: list[tuple[int, int]]) -> None:
    from shapely import MultiPolygon, Polygon

    try:
        parts = polygon_parts(np.array(points, dtype=np.float64), 0.5)
    except GeometryError:
        return
    shape = MultiPolygon([Polygon(part[0], part[1:]) for part in parts])
    assert shape.is_valid
    assert shape.area > 0


def test_an_outline_of_nothing_is_refused() -> None:
    with pytest.raises(GeometryError):
        polygon_parts(np.array([[0.0, 0], [5, 5], [10, 10]]), 0.5)
    with pytest.raises(GeometryError):
        polygon_parts(np.array([[0.0, 0], [5, 5]]), 0.5)


def test_a_drawn_shape_says_who_drew_it() -> None:
    assert author_of(drawn("rectangle", rectangle_parts((0, 0, 5, 5)), author="미나")) == "미나"
    assert author_of(drawn("rectangle", rectangle_parts((0, 0, 5, 5)))) == ""
    assert author_of(square(0, 0, extra=b'{"properties":{"coverslip:author":1}}')) == ""


def test_moving_takes_the_nucleus_along() -> None:
    nucleus = {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [1, 2]]]}
    cell = square(
        0, 0, object_type="cell", extra=json.dumps({"feature": {"nucleusGeometry": nucleus}}).encode()
    )
    moved = translated(cell, 10, 20.5)
    assert bounding_box(moved) == (10, 20.5, 110, 120.5)
    there = json.loads(moved.extra)["feature"]["nucleusGeometry"]["coordinates"][0]
    assert there == [[11, 22.5], [13, 24.5], [15, 26.5], [11, 22.5]]


def test_stretching_keeps_what_a_shape_is() -> None:
    for shape in (square(0, 0), circle(50, 50, 50)):
        stretched = resized(shape, (10, 20, 300, 400))
        assert stretched.kind == shape.kind
        assert bounding_box(stretched) == pytest.approx((10, 20, 300, 400))
    line = Annotation(uuid4(), "line", ((np.array([[0.0, 0], [10, 10]]),),))
    assert resized(line, (5, 5, 25, 25)).parts[0][0].tolist() == [[5, 5], [25, 25]]
    with pytest.raises(GeometryError):
        resized(square(0, 0), (5, 5, 5, 9))


def test_vertices_are_counted_through_parts_and_holes() -> None:
    outer = np.array([[0.0, 0], [100, 0], [100, 100]])
    shape = Annotation(uuid4(), "polygon", ((outer, outer * 0.2 + 50), (outer + 500,)))
    changed = with_vertex(shape, 7, (700.0, 505.0))
    assert changed.parts[1][0][1].tolist() == [700, 505]
    assert (changed.parts[0][0] == outer).all()
    more = with_new_vertex(shape, 4, (1.0, 2.0))
    assert more.parts[0][1][2].tolist() == [1, 2]
    assert [len(ring) for part in more.parts for ring in part] == [3, 4, 3]
    fewer = without_vertex(more, 5)
    assert fewer.parts[0][1].tolist() == shape.parts[0][1].tolist()
    with pytest.raises(GeometryError):
        without_vertex(shape, 0)


def test_the_nearest_edge_of_a_line_is_not_the_way_back() -> None:
    corner = np.array([[0.0, 0], [100, 0], [100, 100]])
    line = Annotation(uuid4(), "line", ((corner,),))
    assert nearest_edge(line, (50, 50)) == (0, pytest.approx(50))
    polygon = Annotation(uuid4(), "polygon", ((corner,),))
    assert nearest_edge(polygon, (51, 50)) == (2, pytest.approx(np.sqrt(0.5)))
    assert nearest_edge(polygon, (50, 1)) == (0, pytest.approx(1))


def test_a_crossing_outline_keeps_the_area_that_is_painted() -> None:
    eight = Annotation(uuid4(), "polygon", ((np.array([[0.0, 0], [100, 100], [100, 0], [0, 100]]),),))
    fixed = valid(eight)
    assert len(fixed.parts) == 2
    assert area_px(fixed) == area_px(eight) == pytest.approx(5000)
    assert valid(square(0, 0)).kind == "rectangle"
