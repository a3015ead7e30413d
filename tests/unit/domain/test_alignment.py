"""Alignments: round trips, composition, landmarks, and what a view carries to another."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from desktop_app.domain.alignment import Alignment, ViewLink, scale_between
from desktop_app.domain.viewport import Point, Viewport

coordinates = st.floats(-2e5, 2e5, allow_subnormal=False)
points = st.tuples(coordinates, coordinates)
alignments = st.builds(
    Alignment, st.floats(-179, 180), st.floats(0.05, 20), st.booleans(), st.tuples(coordinates, coordinates)
)
viewports = st.builds(
    Viewport, points, st.floats(0.05, 200), st.floats(0, 360), st.just((900, 700)), st.booleans()
)


def near(found: Point, wanted: Point, tolerance: float = 1e-3) -> None:
    assert math.dist(found, wanted) < tolerance


@given(alignments, points)
def test_there_and_back_is_nothing(alignment: Alignment, point: Point) -> None:
    near(alignment.inverse().point(alignment.point(point)), point)
    near(alignment.inverse().inverse().point(point), alignment.point(point), 1e-2)


@given(alignments, alignments, points)
def test_one_after_the_other_is_one(first: Alignment, second: Alignment, point: Point) -> None:
    near(first.then(second).point(point), second.point(first.point(point)), 1e-2)


@given(alignments, alignments)
def test_flipping_twice_is_not_flipping(first: Alignment, second: Alignment) -> None:
    assert first.then(second).mirrored == (first.mirrored != second.mirrored)
    assert first.then(second).scale == pytest.approx(first.scale * second.scale)


@given(alignments, points, points)
def test_two_landmarks_give_the_alignment_back(alignment: Alignment, one: Point, two: Point) -> None:
    assume(math.dist(one, two) > 100)
    target = [alignment.point(one), alignment.point(two)]
    found = Alignment.from_points([one, two], target, mirrored=alignment.mirrored)
    assert found.scale == pytest.approx(alignment.scale, rel=1e-6)
    for point in (one, two, (0.0, 0.0), (1000.0, -500.0)):
        near(found.point(point), alignment.point(point), 0.1)
    assert float(found.residuals([one, two], target).max()) < 1e-2


@given(alignments, st.lists(points, min_size=3, max_size=8))
def test_no_alignment_near_it_fits_more_landmarks_better(alignment: Alignment, source: list[Point]) -> None:
    assume(max(math.dist(source[0], other) for other in source) > 100)
    noise = np.random.default_rng(len(source)).normal(0, 5, (len(source), 2))
    target = [(x, y) for x, y in (alignment.apply(np.asarray(source)) + noise).tolist()]
    best = Alignment.from_points(source, target, mirrored=alignment.mirrored)
    missed = float(np.sum(best.residuals(source, target) ** 2))
    for change in (
        {"rotation_deg": best.rotation_deg + 0.01},
        {"scale": best.scale * 1.0001},
        {"shift": (best.shift[0] + 1, best.shift[1])},
    ):
        worse = Alignment(**{**_members(best), **change})  # type: ignore[arg-type]
        assert float(np.sum(worse.residuals(source, target) ** 2)) >= missed * (1 - 1e-9) - 1e-6


def _members(alignment: Alignment) -> dict[str, object]:
    return {name: getattr(alignment, name) for name in ("rotation_deg", "scale", "mirrored", "shift")}


def test_a_fixed_scale_shares_the_mismatch_between_the_landmarks() -> None:
    source = [(0.0, 0.0), (1000.0, 0.0)]
    target = [(50.0, 70.0), (50.0, 1170.0)]
    found = Alignment.from_points(source, target, scale=1.0)
    assert found.scale == 1.0
    assert found.rotation_deg == pytest.approx(90)
    np.testing.assert_allclose(found.residuals(source, target), [50, 50], atol=1e-9)
    assert found.residual_um(source, target, (0.25, 0.25)) == pytest.approx(12.5)


def test_a_flipped_section_is_mirrored_and_turned() -> None:
    # Seen from behind: what was on the right is on the left.
    found = Alignment.from_points([(10.0, 0.0), (10.0, 100.0)], [(-10.0, 0.0), (-10.0, 100.0)], mirrored=True)
    near(found.point((30.0, 40.0)), (-30.0, 40.0), 1e-9)


@pytest.mark.parametrize("source", [[(5.0, 5.0)], [(5.0, 5.0), (5.0, 5.0)]])
def test_landmarks_in_one_place_are_refused(source: list[Point]) -> None:
    with pytest.raises(ValueError, match="point"):
        Alignment.from_points(source, [(float(number), 0.0) for number in range(len(source))])


@given(viewports, viewports, st.one_of(st.none(), st.floats(0.1, 10)))
def test_a_new_link_leaves_both_views_where_they_are(
    leader: Viewport, follower: Viewport, scale: float | None
) -> None:
    link = ViewLink.between(leader, follower, scale=scale)
    carried = link.carried(leader, follower.size)
    near(carried.center, follower.center)
    assert carried.downsample == pytest.approx(follower.downsample)
    assert carried.mirrored == follower.mirrored
    assert math.cos(math.radians(carried.rotation_deg - follower.rotation_deg)) == pytest.approx(1)
    if scale is None:
        assert link.zoom == pytest.approx(1)


@given(viewports, alignments, points)
def test_an_aligned_view_shows_each_landmark_where_the_leader_shows_it(
    leader: Viewport, alignment: Alignment, point: Point
) -> None:
    carried = ViewLink(alignment).carried(leader, leader.size)
    here, there = leader.view_point(point), carried.view_point(alignment.point(point))
    near(there, here, 1e-6 * (1 + math.dist(here, (0, 0))) + 1e-3 / leader.downsample)


@given(viewports, alignments, st.floats(0.1, 10))
def test_following_back_and_through_a_third_view_agrees(
    leader: Viewport, alignment: Alignment, zoom: float
) -> None:
    link = ViewLink(alignment, zoom)
    back = link.then(link.inverse()).carried(leader, leader.size)
    near(back.center, leader.center)
    assert back.downsample == pytest.approx(leader.downsample)
    assert back.mirrored == leader.mirrored
    assert math.cos(math.radians(back.rotation_deg - leader.rotation_deg)) == pytest.approx(1)


def test_the_scale_comes_from_the_pixel_sizes() -> None:
    assert scale_between((0.5, 0.5), (0.25, 0.25)) == pytest.approx(2)
    assert scale_between(None, (0.25, 0.25)) is None
    assert scale_between((0.25, 0.25), None) is None
