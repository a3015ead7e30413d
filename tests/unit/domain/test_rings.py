from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.rings import (
    BandedEdges,
    distance_to_rings,
    even_odd_inside,
    ring_area,
    ring_length,
)

COORDINATES = st.integers(-64, 64)
PLACES = st.tuples(COORDINATES, COORDINATES)


def wavy(count: int) -> FloatArray:
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radius = 100 + 20 * np.sin(17 * turn) + 3 * np.sin(190 * turn)
    return np.column_stack([np.cos(turn), np.sin(turn)]) * radius[:, None]


def test_areas_and_lengths() -> None:
    square = np.array([[5.0, 5], [9, 5], [9, 9], [5, 9]])
    assert ring_area(square) == ring_area(square[::-1]) == 16
    assert ring_area(square + 1e6) == 16
    assert ring_area(square[:1]) == 0
    assert (ring_length(square, closed=True), ring_length(square, closed=False)) == (16, 12)


@given(st.lists(st.lists(PLACES, min_size=3, max_size=12), min_size=1, max_size=3), PLACES, st.booleans())
@settings(max_examples=200, deadline=None)
def test_bands_say_the_same_as_going_through_all_edges(
    rings: list[list[tuple[int, int]]], place: tuple[int, int], closed: bool
) -> None:
    shapes = [np.array(ring, dtype=np.float64) for ring in rings]
    point = (place[0] + 0.5, place[1] + 0.25)
    edges = BandedEdges.of(shapes, closed=closed)
    if closed:
        assert edges.contains(point) == even_odd_inside(shapes, point)
    distance = distance_to_rings(shapes, point, closed=closed, joined=True)
    assert edges.distance(point, 1000) == pytest.approx(distance)
    assert edges.distance(point, distance + 1) == pytest.approx(distance)
    if distance > 2:
        assert edges.distance(point, distance / 2) >= distance


def test_a_long_border_is_asked_band_by_band() -> None:
    ring = wavy(20_000)
    edges = BandedEdges.of([ring], closed=True)
    assert len(edges.listed) <= 4 * len(ring)
    assert len(edges.firsts) > 100
    random = np.random.default_rng(2)
    for place in random.uniform(-130, 130, (200, 2)).tolist():
        assert edges.contains(tuple(place)) == even_odd_inside([ring], tuple(place))


def test_a_box_gets_the_edges_that_touch_it() -> None:
    ring = wavy(3000)
    edges = BandedEdges.of([ring], closed=True)
    ends = np.roll(ring, -1, axis=0)
    low, high = np.minimum(ring, ends), np.maximum(ring, ends)
    for left, top, right, bottom in (
        (-200, -200, 200, 200),
        (60, -5, 120, 30),
        (0, 0, 1, 1),
        (500, 0, 600, 9),
    ):
        touches = (low[:, 0] <= right) & (high[:, 0] >= left) & (low[:, 1] <= bottom) & (high[:, 1] >= top)
        assert edges.within((left, top, right, bottom)).tolist() == np.flatnonzero(touches).tolist()


def test_edges_that_all_go_from_top_to_bottom_do_not_fill_the_memory() -> None:
    x = np.arange(4000.0)
    zigzag = np.column_stack([x, np.where(x % 2, 1e5, 0.0)])
    edges = BandedEdges.of([zigzag], closed=False)
    assert len(edges.listed) <= 4 * len(zigzag)
    assert edges.distance((10.0, -3.0), 5.0) == pytest.approx(3.0)
