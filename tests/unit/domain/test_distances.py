"""Lengths and angles, with pixels that are not square."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.distances import angle_deg, distance

places = st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
sizes = st.tuples(st.floats(0.05, 50), st.floats(0.05, 50))


def test_lengths_in_pixels_and_in_micrometres() -> None:
    assert distance((10, 20), (13, 24), None) == 5
    assert distance((10, 20), (13, 24), (0.5, 0.5)) == 2.5
    assert distance((0, 0), (30, 40), (0.2, 0.5)) == pytest.approx(math.hypot(6, 20))


@pytest.mark.parametrize(
    ("first", "second", "degrees"),
    [((10, 0), (0, 10), 90), ((10, 0), (-7, 0), 180), ((10, 0), (20, 0), 0), ((10, 0), (10, 10), 45)],
)
def test_angles(first: tuple[float, float], second: tuple[float, float], degrees: float) -> None:
    assert angle_deg(first, (0, 0), second, None) == pytest.approx(degrees)
    assert angle_deg(second, (0, 0), first, None) == pytest.approx(degrees)


def test_an_angle_is_measured_in_micrometres() -> None:
    assert angle_deg((10, 0), (0, 0), (10, 10), (1.0, 2.0)) == pytest.approx(math.degrees(math.atan(2)))


def test_an_arm_without_length_makes_no_angle() -> None:
    assert angle_deg((5, 5), (5, 5), (9, 5), None) == 0


@given(places, places, places, sizes)
def test_a_way_round_is_never_shorter(
    one: tuple[float, float], other: tuple[float, float], third: tuple[float, float], mpp: tuple[float, float]
) -> None:
    direct = distance(one, other, mpp)
    assert direct == distance(other, one, mpp)
    assert direct <= distance(one, third, mpp) + distance(third, other, mpp) + 1e-6
    assert 0 <= angle_deg(one, third, other, mpp) <= 180
