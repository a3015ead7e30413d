from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.measure import area_px, perimeter_px, perimeter_um
from desktop_app.domain.measure_columns import areas_px, perimeters
from tests.support.annotation_samples import one_of_each

PLACES = st.tuples(st.integers(-40, 40), st.integers(-40, 40))
RINGS = st.lists(PLACES, min_size=3, max_size=9, unique=True)


def polygon(*rings: list[tuple[int, int]]) -> Annotation:
    return Annotation(uuid4(), "polygon", (tuple(np.array(ring, dtype=np.float64) for ring in rings),))


@given(st.lists(RINGS, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_columns_say_what_each_annotation_says(rings: list[list[tuple[int, int]]]) -> None:
    shapes = [polygon(ring) for ring in rings]
    chunk = AnnotationChunk.of(shapes)
    assert areas_px(chunk) == pytest.approx([area_px(shape) for shape in shapes])
    assert perimeters(chunk, None) == pytest.approx([perimeter_px(shape) for shape in shapes])
    mpp = (0.25, 0.5)
    assert perimeters(chunk, mpp) == pytest.approx([perimeter_um(shape, mpp) for shape in shapes])


def test_every_kind_is_measured_in_its_own_way() -> None:
    samples = one_of_each()
    chunk = AnnotationChunk.of(samples)
    assert areas_px(chunk) == pytest.approx([area_px(sample) for sample in samples])
    assert perimeters(chunk, (0.5, 0.25)) == pytest.approx([perimeter_um(a, (0.5, 0.25)) for a in samples])


def test_holes_bow_ties_and_outlines_that_go_around_twice() -> None:
    square, hole = [(0, 0), (10, 0), (10, 10), (0, 10)], [(2, 2), (4, 2), (4, 4), (2, 4)]
    bow_tie = [(0, 0), (10, 10), (10, 0), (0, 10)]
    twice = [(10, 0), (0, 10), (-10, 0), (0, -10), (9, 0), (0, 9), (-9, 0), (0, -9)]
    bent = [(0, 0), (10, 0), (10, 10), (9, 1), (1, 1), (0, 10)]
    shapes = [polygon(square, hole), polygon(bow_tie), polygon(twice), polygon(bent), polygon(square)]
    columns = areas_px(AnnotationChunk.of(shapes))
    assert columns == pytest.approx([area_px(shape) for shape in shapes])
    assert columns[0] == 96
    assert columns[4] == 100


def test_what_was_worked_out_once_is_kept() -> None:
    chunk = AnnotationChunk.of(one_of_each())
    assert areas_px(chunk) is areas_px(chunk)
    assert perimeters(chunk, None) is not perimeters(chunk, (1.0, 2.0))
