"""Movements by the time since they began: exact ends, fixed points, and hands of any speed."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.movement import (
    COAST_LIMIT,
    COAST_UNTIL,
    DRIVE_RAMP_S,
    DRIVE_TO,
    Coast,
    Drive,
    Glide,
    HandSpeed,
    is_near,
)
from desktop_app.domain.viewport import Viewport

SIZE = (800, 600)
coordinates = st.floats(0, 1e5)
views = st.builds(
    Viewport,
    st.tuples(coordinates, coordinates),
    st.floats(1 / 32, 400),
    st.floats(0, 360),
    st.just(SIZE),
    st.booleans(),
)
mice = st.tuples(st.floats(0, 800), st.floats(0, 600))
START = Viewport((1000.0, 700.0), 2.0, 0.0, SIZE)


@given(views, st.floats(0.05, 20), mice, st.floats(0, 0.2))
def test_a_zoom_keeps_the_place_under_the_mouse_all_the_way(
    start: Viewport, factor: float, mouse: tuple[float, float], elapsed: float
) -> None:
    glide = Glide(start, start.zoomed(factor, mouse), 0.16)
    under_mouse = start.slide_point(mouse)
    now = glide.at(elapsed)
    assert math.dist(now.view_point(under_mouse), mouse) < 1e-3


@given(views, views, st.floats(0, 1))
def test_a_glide_begins_and_ends_to_the_bit_and_stays_between(
    start: Viewport, end: Viewport, share: float
) -> None:
    glide = Glide(start, end, 0.25)
    assert glide.at(0.25) == end
    assert glide.at(1e9) == end
    assert glide.at(0.0).center == start.center
    now = glide.at(0.25 * share)
    low, high = sorted((start.downsample, end.downsample))
    assert low * (1 - 1e-9) <= now.downsample <= high * (1 + 1e-9)
    for at, one, other in zip(now.center, start.center, end.center, strict=True):
        assert min(one, other) - 1e-6 <= at <= max(one, other) + 1e-6


@pytest.mark.parametrize(("start", "end", "half"), [(350.0, 10.0, 1), (10.0, 350.0, -1), (0.0, 90.0, 1)])
def test_a_turn_goes_the_short_way(start: float, end: float, half: int) -> None:
    glide = Glide(START.turned_to(start), START.turned_to(end))
    angle = (glide.at(0.03).rotation_deg - start + 180) % 360 - 180
    assert angle * half > 0


@given(st.tuples(st.floats(-6000, 6000), st.floats(-6000, 6000)), st.floats(1, 3))
def test_coasting_slows_down_and_ends_where_it_is(velocity: tuple[float, float], dpr: float) -> None:
    coast = Coast(START, velocity, dpr)
    speed = math.hypot(*velocity) / dpr
    if speed <= COAST_UNTIL:
        assert coast.duration_s == 0
        return
    times = [coast.duration_s * share for share in (0, 0.25, 0.5, 0.75, 1)]
    way = [math.dist(START.view_point(coast.at(at).center), (400, 300)) for at in times]
    steps = [after - before for before, after in pairwise(way)]
    assert all(step > 0 for step in steps)
    assert steps == sorted(steps, reverse=True)
    assert coast.at(coast.duration_s + 5) == coast.at(coast.duration_s)
    assert coast.duration_s < 1.3


def test_a_coast_goes_the_way_of_the_hand() -> None:
    end = Coast(START, (500.0, -250.0)).at(9)
    x, y = START.view_point(end.center)
    assert x < 400
    assert y > 300
    assert (x - 400) / (y - 300) == pytest.approx(-2.0)


@given(st.floats(0, 5), st.floats(0, 5))
def test_a_drive_that_another_arrow_joins_goes_on_at_its_speed(held: float, more: float) -> None:
    alone = Drive(START, (1, 0))
    joined = Drive(START, (1, 0), age_s=held)
    whole = START.view_point(alone.at(held + more).center)[0]
    parts = START.view_point(alone.at(held).center)[0] + START.view_point(joined.at(more).center)[0] - 400
    assert whole == pytest.approx(parts, abs=1e-3)
    assert joined.velocity(more) == pytest.approx(alone.velocity(held + more))


def test_a_held_arrow_becomes_faster_up_to_a_limit() -> None:
    drive = Drive(START, (0, -1))
    speeds = [abs(drive.velocity(at)[1]) for at in (0, 0.4, 0.8, DRIVE_RAMP_S, 9)]
    assert speeds == sorted(speeds)
    assert speeds[-1] == speeds[-2] == pytest.approx(DRIVE_TO * 600)
    assert drive.duration_s == math.inf


def test_places_far_apart_or_seen_from_behind_are_not_near() -> None:
    assert is_near(START, START.zoomed(40))
    assert is_near(START, START.panned(1000, 0))
    assert not is_near(START, START.panned(5000, 0))
    assert not is_near(START, START.flipped())
    fitting = Viewport((30000.0, 30000.0), 100.0, 0.0, SIZE)
    assert is_near(fitting, Viewport((5000.0, 50000.0), 0.5, 0.0, SIZE))


# ---- the hand ---------------------------------------------------------------------------------------


def hand(*samples: tuple[float, float]) -> HandSpeed:
    """A hand moving to the right; ``(milliseconds, pixels)``."""
    speed = HandSpeed()
    for at_ms, x in samples:
        speed.add(at_ms / 1000, (x, 50.0))
    return speed


def test_a_flick_has_the_speed_of_its_last_80_ms() -> None:
    flick = hand((0, 0), (100, 10), (200, 20), (220, 40), (240, 60), (260, 80))
    assert flick.velocity(0.265) == pytest.approx((1000.0, 0.0))


def test_a_hand_that_paused_or_crept_or_only_clicked_puts_the_slide_down() -> None:
    assert hand((0, 0), (20, 40), (40, 80)).velocity(0.2) is None
    assert hand((0, 0), (40, 1), (80, 2)).velocity(0.08) is None
    assert hand((0, 0)).velocity(0.01) is None
    assert hand().velocity(0.0) is None


def test_a_hand_that_jerks_back_puts_the_slide_down() -> None:
    assert hand((0, 0), (20, 60), (40, 50)).velocity(0.045) is None


def test_time_stamps_that_stand_still_are_no_speed() -> None:
    assert hand((7, 0), (7, 400)).velocity(0.007) is None


@given(st.floats(1, 3))
def test_no_hand_is_faster_than_the_limit(dpr: float) -> None:
    velocity = hand((0, 0), (10, 900)).velocity(0.01, dpr=dpr)
    assert velocity is not None
    assert velocity[0] / dpr <= COAST_LIMIT * (1 + 1e-9)


def test_forgetting_begins_anew() -> None:
    speed = hand((0, 0), (20, 60))
    speed.forget()
    assert speed.velocity(0.02) is None
