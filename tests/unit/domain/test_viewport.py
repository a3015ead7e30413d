"""The viewport: conversions, zooming and staying on the slide."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.viewport import COARSEST_OF_FIT, FINEST_DOWNSAMPLE, Viewport, downsample_at

coordinates = st.floats(-2e5, 2e5)
points = st.tuples(coordinates, coordinates)
sizes = st.tuples(st.integers(1, 4000), st.integers(1, 4000))
slides = st.tuples(st.integers(1, 200_000), st.integers(1, 200_000))
viewports = st.builds(Viewport, points, st.floats(0.03, 300), st.floats(0, 360), sizes)


@given(viewports, points)
def test_to_the_view_and_back(viewport: Viewport, point: tuple[float, float]) -> None:
    assert viewport.slide_point(viewport.view_point(point)) == pytest.approx(point, abs=1e-6)


@given(viewports, points)
def test_the_matrix_does_what_the_conversion_does(viewport: Viewport, point: tuple[float, float]) -> None:
    m11, m12, m21, m22, dx, dy = viewport.matrix
    by_matrix = (m11 * point[0] + m21 * point[1] + dx, m12 * point[0] + m22 * point[1] + dy)
    assert viewport.view_point(point) == pytest.approx(by_matrix, abs=1e-5)


@given(viewports, points, st.floats(0.1, 10))
def test_zooming_keeps_the_point_under_the_mouse(
    viewport: Viewport, mouse: tuple[float, float], factor: float
) -> None:
    before = viewport.slide_point(mouse)
    zoomed = viewport.zoomed(factor, mouse)
    tolerance = 1e-9 * (1 + viewport.downsample) * 1e6
    assert zoomed.slide_point(mouse) == pytest.approx(before, abs=tolerance)
    assert zoomed.downsample == pytest.approx(viewport.downsample / factor)


@given(viewports, st.tuples(st.floats(-500, 500), st.floats(-500, 500)))
def test_panning_moves_the_picture_with_the_mouse(viewport: Viewport, drag: tuple[float, float]) -> None:
    grabbed = viewport.slide_point((10.0, 20.0))
    panned = viewport.panned(*drag)
    assert panned.view_point(grabbed) == pytest.approx((10 + drag[0], 20 + drag[1]), abs=1e-5)


@given(viewports, st.floats(-360, 360))
def test_turning_keeps_the_middle(viewport: Viewport, degrees: float) -> None:
    assert viewport.rotated(degrees).center == pytest.approx(viewport.center, abs=1e-6)


@given(viewports, slides)
def test_clamping_never_loses_the_slide(viewport: Viewport, slide: tuple[int, int]) -> None:
    clamped = viewport.clamped(slide)
    assert 0 <= clamped.center[0] <= slide[0]
    assert 0 <= clamped.center[1] <= slide[1]
    fitting = Viewport.fit(slide, viewport.size).downsample
    assert FINEST_DOWNSAMPLE <= clamped.downsample <= max(1.0, fitting * COARSEST_OF_FIT)
    assert clamped.clamped(slide) == clamped


@given(slides, sizes, st.floats(0, 360), st.floats(0, 0.2))
def test_fitting_shows_every_corner_and_fills_one_side(
    slide: tuple[int, int], view: tuple[int, int], turned: float, margin: float
) -> None:
    viewport = Viewport.fit(slide, view, rotation_deg=turned, margin=margin)
    width, height = slide
    corners = viewport.to_view(np.asarray([(0, 0), (width, 0), (width, height), (0, height)]))
    free = np.asarray(view) * margin
    assert (corners >= free - 1e-6).all()
    assert (corners <= np.asarray(view) - free + 1e-6).all()
    filled = np.ptp(corners, axis=0) / (np.asarray(view) - 2 * free)
    assert filled.max() == pytest.approx(1, abs=1e-6)


def test_the_slide_turns_clockwise() -> None:
    viewport = Viewport((0.0, 0.0), 1.0, 90.0, (100, 100))
    assert viewport.view_point((10.0, 0.0)) == (50.0, 60.0)


def test_the_bounding_box_of_a_turned_view_holds_its_corners() -> None:
    viewport = Viewport((500.0, 500.0), 2.0, 45.0, (100, 100))
    x, y, width, height = viewport.slide_rect()
    reach = 100 * 2**0.5
    assert (x, y, width, height) == pytest.approx((500 - reach, 500 - reach, 2 * reach, 2 * reach))


def test_magnification_is_ten_over_micrometres_per_device_pixel() -> None:
    assert Viewport((0.0, 0.0), 2.0).magnification(0.25) == pytest.approx(20)
    assert downsample_at(20, 0.25) == pytest.approx(2.0)


def test_resizing_keeps_middle_and_scale() -> None:
    viewport = Viewport((5.0, 6.0), 3.0, 10.0, (100, 200))
    assert viewport.resized((7, 9)) == Viewport((5.0, 6.0), 3.0, 10.0, (7, 9))


@given(viewports, points, st.tuples(st.floats(0, 4000), st.floats(0, 4000)))
def test_a_held_place_lies_under_the_hand(
    viewport: Viewport, place: tuple[float, float], hand: tuple[float, float]
) -> None:
    held = viewport.holding(place, hand)
    assert held.view_point(place) == pytest.approx(hand, abs=1e-4)
    assert (held.downsample, held.rotation_deg) == (viewport.downsample, viewport.rotation_deg)


@given(viewports, points)
def test_flipping_exchanges_the_sides_of_the_screen(viewport: Viewport, point: tuple[float, float]) -> None:
    x, y = viewport.view_point(point)
    width, height = viewport.size
    assert viewport.flipped().view_point(point) == pytest.approx((width - x, y), abs=1e-3)
    assert viewport.flipped_upside_down().view_point(point) == pytest.approx((x, height - y), abs=1e-3)
    assert viewport.flipped().flipped().view_point(point) == pytest.approx((x, y), abs=1e-3)


@given(
    viewports,
    st.tuples(st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0.01, 0.5), st.floats(0.01, 0.5)),
)
def test_a_box_fills_the_view(viewport: Viewport, shares: tuple[float, float, float, float]) -> None:
    width, height = viewport.size
    box = (shares[0] * width, shares[1] * height, shares[2] * width, shares[3] * height)
    enlarged = viewport.enlarging(box)
    middle = viewport.slide_point((box[0] + box[2] / 2, box[1] + box[3] / 2))
    assert enlarged.view_point(middle) == pytest.approx((width / 2, height / 2), abs=1e-3)
    corner = enlarged.view_point(viewport.slide_point((box[0], box[1])))
    assert min(corner) == pytest.approx(0, abs=1e-2)
    assert max(corner) >= -1e-2


def test_a_box_of_a_mirrored_view_keeps_angle_and_mirror() -> None:
    viewport = Viewport((500.0, 500.0), 2.0, 30.0, (100, 100), mirrored=True)
    enlarged = viewport.enlarging((0, 0, 50, 50))
    assert enlarged.mirrored
    assert enlarged.rotation_deg == 30.0
    assert enlarged.downsample == 1.0
