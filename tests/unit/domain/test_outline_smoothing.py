from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPoint, MultiPolygon, Polygon

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.measure import area_px
from desktop_app.domain.outline_smoothing import largest_deviation, simplified, smoothed
from desktop_app.domain.shapes import bounding_box
from desktop_app.errors import GeometryError
from tests.support.annotation_samples import one_of_each, square


def ring(radius: float, count: int, *, jitter: float = 0.0) -> Annotation:
    """A circle around (1000, 800), its vertices off by a random distance."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    off = radius + jitter * np.random.default_rng(5).normal(size=count)
    points = np.column_stack([1000 + off * np.cos(turn), 800 + off * np.sin(turn)])
    return Annotation(uuid4(), "polygon", ((points,),), class_name="Tumor")


def stored(shape: Annotation) -> MultiPolygon:
    (kept,) = AnnotationChunk.of([shape])
    return MultiPolygon([Polygon(part[0], part[1:]) for part in kept.parts])


# ---- simplifying ------------------------------------------------------------------------------------


def test_vertices_on_a_straight_edge_go_and_the_report_says_so() -> None:
    edge = np.linspace(0, 100, 11)[:-1]
    points = np.concatenate(
        [
            np.column_stack([edge, 0 * edge]),
            np.column_stack([0 * edge + 100, edge]),
            np.column_stack([100 - edge, 0 * edge + 100]),
            np.column_stack([0 * edge, 100 - edge]),
        ]
    )
    shape = Annotation(uuid4(), "polygon", ((points,),))
    step = simplified([shape], 0.5)
    assert step.report is not None
    assert (step.report.vertices_before, step.report.vertices_after, step.report.deviation) == (40, 4, 0)
    assert area_px(step.after[0]) == 10_000


@pytest.mark.parametrize("deviation", [0.5, 2.0, 10.0])
def test_a_circle_keeps_within_the_deviation_in_um(deviation: float) -> None:
    shape = ring(400, 3_000)
    step = simplified([shape], deviation, scale=(0.5, 0.5))
    report = step.report
    assert report is not None
    assert report.vertices_before == 3_000 > report.vertices_after
    assert 0.2 * deviation < report.deviation <= deviation + 0.01
    # A chord of a circle of 200 µm whose middle is off by the deviation spans so much of it.
    fewest = np.pi / np.arccos(1 - deviation / 200)
    assert fewest * 0.9 < report.vertices_after < fewest * 2.5
    assert (step.after[0].id, step.after[0].class_name) == (shape.id, "Tumor")


def test_deviation_is_measured_in_um_where_pixels_are_not_square() -> None:
    one, other = square(0, 0), square(0, 0)
    moved = Annotation(other.id, "polygon", ((other.parts[0][0] + (4, 0),),))
    assert largest_deviation(one, moved) == 4
    assert largest_deviation(one, moved, scale=(0.25, 9.0)) == 1
    lifted = Annotation(other.id, "polygon", ((other.parts[0][0] + (0, 4),),))
    assert largest_deviation(one, lifted, scale=(9.0, 0.5)) == 2


def test_only_what_loses_vertices_is_part_of_the_step() -> None:
    dense, plain = ring(100, 500), square(0, 0)
    step = simplified([plain, dense], 1.0)
    assert [shape.id for shape in step.after] == [dense.id]
    with pytest.raises(GeometryError, match="No vertex"):
        simplified([plain], 1.0)


def test_lines_are_simplified_and_points_refused() -> None:
    points = np.column_stack([np.arange(50.0), np.where(np.arange(50) % 2, 0.3, 0.0)])
    line = Annotation(uuid4(), "arrow", ((points,),))
    (after,) = simplified([line], 1.0).after
    assert after.kind == "arrow"
    assert len(after.parts[0][0]) == 2
    for operation in (simplified, smoothed):
        with pytest.raises(GeometryError, match="A point"):
            operation([one_of_each()[5]], 1.0)


# ---- smoothing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("radius", "length"), [(400.0, 20.0), (100.0, 50.0)])
def test_a_circle_shrinks_as_its_formula_says(radius: float, length: float) -> None:
    step = smoothed([ring(radius, 2_000)], length)
    expected = radius * (1 - (1 - np.exp(-(length**2) / (2 * radius**2))) ** 2)
    assert np.sqrt(area_px(step.after[0]) / np.pi) == pytest.approx(expected, abs=0.02 * length)


def test_jitter_goes_and_the_shape_stays() -> None:
    rough, round_ = ring(400, 3_000, jitter=1.5), ring(400, 3_000)
    step = smoothed([rough], 20.0)
    (after,) = step.after
    assert stored(after).is_valid
    assert largest_deviation(after, round_) < 1.5
    assert stored(after).length < 1.01 * stored(round_).length < 0.7 * stored(rough).length
    assert step.report is not None
    assert 2 < step.report.deviation < 10
    assert step.report.vertices_after < 1_500


def test_smoothing_is_in_um_along_each_axis() -> None:
    (after,) = smoothed([square(0, 0, 1000)], 50.0, scale=(0.5, 0.25)).after
    left, top, right, bottom = bounding_box(after)
    # The sides stay where they are, up to what twicing overshoots beside a corner.
    assert (left, top, right, bottom) == pytest.approx((0, 0, 1000, 1000), abs=40)
    cut = np.hypot(*(np.array(after.parts[0][0]) * (0.5, 0.25)).T).min()
    assert 5 < cut < 40


def test_the_ends_of_a_line_stay() -> None:
    along = np.linspace(0, 500, 400)
    points = np.column_stack([along, 100 + 3 * np.sin(along)])
    line = Annotation(uuid4(), "line", ((points,),))
    (after,) = smoothed([line], 15.0).after
    found = after.parts[0][0]
    assert found[[0, -1]] == pytest.approx(points[[0, -1]], abs=1 / 128)
    assert LineString(found).length < 0.5 * LineString(points).length
    still = Annotation(uuid4(), "line", ((np.array([[5.0, 5], [5, 5]]),),))
    assert smoothed([still], 10.0).after[0].parts[0][0].tolist() == [[5, 5], [5, 5]]


def test_a_hole_stays_a_hole_and_what_is_tiny_vanishes() -> None:
    outer, inner = ring(400, 600), ring(150, 300)
    holed = Annotation(uuid4(), "polygon", ((outer.parts[0][0], inner.parts[0][0]),))
    (after,) = smoothed([holed], 10.0).after
    assert [len(part) for part in after.parts] == [2]
    with pytest.raises(GeometryError, match="Nothing would be left"):
        smoothed([square(0, 0, 0.02)], 100.0)


POINT = st.tuples(st.floats(-300, 300), st.floats(-300, 300))


@settings(deadline=None, max_examples=40)
@given(st.lists(POINT, min_size=3, max_size=14), st.floats(0.2, 60), st.sampled_from([simplified, smoothed]))
def test_any_outline_becomes_something_valid(
    points: list[tuple[float, float]], amount: float, operation: object
) -> None:
    shape = Annotation(uuid4(), "polygon", ((np.array(points),),))
    try:
        step = operation([shape], amount)  # type: ignore[operator]
    except GeometryError:
        return
    result = stored(step.after[0])
    assert result.is_valid
    assert result.area > 0
    assert step.report is not None
    reach = step.report.deviation + 0.02
    assert MultiPoint(points).convex_hull.buffer(reach).covers(result)


def test_a_polygon_of_200_000_vertices() -> None:
    shape = ring(20_000, 200_000, jitter=4)
    simple = simplified([shape], 5.0, scale=(0.25, 0.25))
    assert simple.report is not None
    assert simple.report.deviation <= 5.01
    assert simple.report.vertices_after < 5_000
