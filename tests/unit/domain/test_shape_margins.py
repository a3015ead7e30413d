from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.measure import area_px
from desktop_app.domain.shape_margins import expanded, ring_parts
from desktop_app.domain.shape_regions import region_of
from desktop_app.domain.shapes import Parts, bounding_box
from desktop_app.errors import GeometryError
from tests.support.annotation_samples import circle, square


def of(parts: Parts) -> Annotation:
    return Annotation(uuid4(), "polygon", parts)


def stored(shape: Annotation) -> MultiPolygon:
    (kept,) = AnnotationChunk.of([shape])
    return MultiPolygon([Polygon(part[0], part[1:]) for part in kept.parts])


def test_a_square_grows_by_its_perimeter_and_four_quarter_circles() -> None:
    (grown,) = expanded([square(0, 0)], 10).after
    assert area_px(grown) == pytest.approx(10_000 + 400 * 10 + np.pi * 100, abs=1)
    assert bounding_box(grown) == (-10, -10, 110, 110)


def test_a_square_shrinks_to_a_square() -> None:
    shape = square(0, 0, class_name="Tumor")
    step = expanded([shape], -10)
    (shrunk,) = step.after
    assert step.before == (shape,)
    assert (shrunk.id, shrunk.class_name, area_px(shrunk)) == (shape.id, "Tumor", 6_400)
    with pytest.raises(GeometryError, match="would vanish"):
        expanded([square(0, 0), square(200, 0, 20)], -10)


def test_distances_are_true_where_pixels_are_not_square() -> None:
    (grown,) = expanded([square(1000, 1000)], 10, scale=(0.5, 0.25)).after
    assert bounding_box(grown) == (980, 960, 1120, 1140)
    ring = of(ring_parts([square(1000, 1000)], 10, scale=(0.5, 0.25)))
    # A square of 50 x 25 µm.
    assert area_px(ring) * 0.5 * 0.25 == pytest.approx(150 * 10 + np.pi * 100, rel=0.001)


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ("outside", 400 * 10 + np.pi * 100),
        ("inside", 10_000 - 80 * 80),
        ("both", 400 * 10 + np.pi * 100 + 10_000 - 80 * 80),
    ],
)
def test_the_area_of_a_ring(side: str, expected: float) -> None:
    ring = of(ring_parts([square(0, 0)], 10, side=side))  # type: ignore[arg-type]
    assert area_px(ring) == pytest.approx(expected, abs=1)
    assert [len(part) for part in ring.parts] == [2]


def test_a_ring_has_no_band_between_shapes_that_touch() -> None:
    ring = of(ring_parts([square(0, 0), square(100, 0)], 10))
    assert area_px(ring) == pytest.approx(600 * 10 + np.pi * 100, abs=1)


def test_a_thin_shape_is_all_ring() -> None:
    ring = of(ring_parts([square(0, 0)], 60, side="inside"))
    assert area_px(ring) == 10_000


def test_a_hole_closes_and_parts_grow_together() -> None:
    outer, inner = square(0, 0), square(40, 40, 15)
    holed = Annotation(uuid4(), "polygon", ((outer.parts[0][0], inner.parts[0][0]),))
    (grown,) = expanded([holed], 8).after
    assert [len(part) for part in grown.parts] == [1]
    two = Annotation(uuid4(), "polygon", (*square(0, 0).parts, *square(110, 0).parts))
    assert len(expanded([two], 6).after[0].parts) == 1


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.floats(-300, 300), st.floats(-300, 300)), min_size=3, max_size=14),
    st.floats(0.5, 80),
)
def test_any_outline_grows_and_shrinks_to_something_valid(
    points: list[tuple[float, float]], amount: float
) -> None:
    shape = Annotation(uuid4(), "polygon", ((np.array(points),),))
    try:
        before = stored(expanded([shape], 0.0).after[0])
    except GeometryError:
        return
    grown = stored(expanded([shape], amount).after[0])
    assert grown.is_valid
    assert grown.buffer(0.02).covers(before)
    try:
        shrunk = stored(expanded([shape], -amount).after[0])
    except GeometryError:
        return
    assert shrunk.is_valid
    assert before.buffer(0.02).covers(shrunk)


def test_many_vertices_grow_in_steps_as_few_do_at_once() -> None:
    turn = np.linspace(0, 2 * np.pi, 6_000, endpoint=False)
    radius = 500 + 30 * np.sin(25 * turn)
    dense = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
    shape = of(((dense,),))
    (grown,), (shrunk,) = expanded([shape], 60).after, expanded([shape], -60).after
    for result, amount in ((grown, 60), (shrunk, -60)):
        exact = region_of(shape).buffer(amount, quad_segs=64)
        assert stored(result).is_valid
        assert stored(result).hausdorff_distance(exact) < 60 * 0.004


@pytest.mark.slow
def test_a_ragged_outline_of_200_000_vertices_grows() -> None:
    random = np.random.default_rng(1)
    turn = np.linspace(0, 2 * np.pi, 200_000, endpoint=False)
    radius = 20_000 + 300 * np.sin(40 * turn) + 20 * random.normal(size=len(turn))
    ragged = np.column_stack([40_000 + radius * np.cos(turn), 40_000 + radius * np.sin(turn)])
    (grown,) = expanded([of(((ragged,),))], 50, scale=(0.25, 0.25)).after
    assert stored(grown).is_valid
    assert len(grown.parts[0][0]) < 50_000


def test_a_circle_keeps_its_middle() -> None:
    (grown,) = expanded([circle(500, 400, 60)], 20).after
    assert stored(grown).centroid.coords[0] == pytest.approx((500, 400), abs=0.05)
    assert area_px(grown) == pytest.approx(np.pi * 80**2, rel=0.003)
