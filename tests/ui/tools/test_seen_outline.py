"""Outlines thinned to what a view can tell apart, and handles that keep their distance."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box

from desktop_app.ui.tools.seen_outline import FEW, seen, spaced

SIZE = (600, 400)
seeds = st.integers(0, 2**32 - 1)


def walk(seed: int, count: int, step: float) -> np.ndarray:
    """A line that wanders through the view and out of it."""
    numbers = np.random.default_rng(seed)
    return np.array([300, 200]) + np.cumsum(numbers.normal(0, step, (count, 2)), axis=0)


@settings(deadline=None, max_examples=25)
@given(seeds, st.floats(0.2, 60))
def test_what_is_left_out_changes_nothing_in_view(seed: int, step: float) -> None:
    points = walk(seed, 700, step)
    view = box(0, 0, *SIZE)
    before, after = (LineString(line).intersection(view) for line in (points, seen(points, SIZE)))
    if before.is_empty:
        assert after.is_empty
    else:
        assert before.hausdorff_distance(after) <= 2


def test_few_vertices_are_all_painted_and_many_are_not() -> None:
    few = walk(1, FEW - 1, 0.01)
    assert seen(few, SIZE) is few
    turn = np.linspace(0, 2 * np.pi, 100_000)
    ring = np.column_stack([300 + 90 * np.cos(turn), 200 + 90 * np.sin(turn)])
    assert len(seen(ring, SIZE)) < 1500
    assert len(seen(ring + 5000, SIZE)) <= 10, "out of view"


@settings(deadline=None, max_examples=25)
@given(seeds, st.floats(0.5, 60), st.floats(6, 20))
def test_handles_keep_their_distance_and_none_is_far_from_one(seed: int, step: float, spacing: float) -> None:
    points = walk(seed, 300, step)
    chosen = spaced(points, SIZE, spacing)
    places = points[chosen]
    gaps = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, np.inf)
    assert (gaps >= spacing - 1e-9).all()
    inside = points[(points >= 0).all(1) & (points <= SIZE).all(1)]
    if len(inside):
        away = np.hypot(*(inside[:, None] - places[None]).transpose(2, 0, 1)).min(1)
        assert away.max() <= spacing * (1 + 2**0.5)
