from __future__ import annotations

import math
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.measure import area_mm2, area_px, perimeter_px, perimeter_um
from tests.support.annotation_samples import circle, square


def test_a_rectangle_with_pixels_that_are_not_square() -> None:
    assert area_mm2(square(7, 9, 1000), (0.5, 0.25)) == pytest.approx(0.5 * 0.25)
    assert perimeter_um(square(7, 9, 1000), (0.5, 0.25)) == pytest.approx(2 * (500 + 250))


@settings(deadline=None)
@given(st.floats(10, 5000), st.floats(0.1, 2), st.floats(0.1, 2))
def test_a_circle_on_square_and_other_pixels(radius: float, mpp_x: float, mpp_y: float) -> None:
    shape = circle(1e5, 1e5, radius)
    assert area_mm2(shape, (mpp_x, mpp_y)) == pytest.approx(math.pi * radius**2 * mpp_x * mpp_y / 1e6)
    assert perimeter_um(shape, (mpp_x, mpp_x)) == pytest.approx(2 * math.pi * radius * mpp_x)


def test_holes_are_taken_off_and_parts_added() -> None:
    outer = np.array([[0.0, 0], [100, 0], [100, 100], [0, 100]])
    shape = Annotation(uuid4(), "polygon", ((outer, outer * 0.5 + 20), (outer + 500,)))
    assert area_px(shape) == pytest.approx(10_000 - 2_500 + 10_000)
    assert perimeter_px(shape) == pytest.approx(400 + 200 + 400)


def test_a_figure_of_eight_counts_both_halves() -> None:
    eight = np.array([[0.0, 0], [100, 100], [100, 0], [0, 100]])
    assert area_px(Annotation(uuid4(), "polygon", ((eight,),))) == pytest.approx(5_000)


def test_lines_have_a_length_and_points_have_none() -> None:
    line = np.array([[0.0, 0], [3, 4], [3, 14]])
    assert perimeter_px(Annotation(uuid4(), "line", ((line,),))) == pytest.approx(15)
    assert area_px(Annotation(uuid4(), "line", ((line,),))) == 0
    assert perimeter_px(Annotation(uuid4(), "points", ((line,),))) == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=8, unique=True))
def test_simple_polygons_agree_with_shapely(points: list[tuple[int, int]]) -> None:
    shape = Polygon(points)
    if not shape.is_valid:
        return
    ring = np.asarray(points, dtype=np.float64) + 200_000
    annotation = Annotation(uuid4(), "polygon", ((ring,),))
    assert area_px(annotation) == pytest.approx(shape.area)
    assert perimeter_px(annotation) == pytest.approx(shape.length)
