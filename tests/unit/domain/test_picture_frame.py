"""Frames of pictures: the view itself, parts of it, and what is turned."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.picture_frame import LONGEST_SIDE, PictureFrame, is_too_large, picture_mpp
from desktop_app.domain.viewport import Viewport

views = st.builds(
    Viewport,
    center=st.tuples(st.floats(0, 50_000), st.floats(0, 50_000)),
    downsample=st.floats(1 / 32, 100),
    rotation_deg=st.floats(0, 359.9),
    size=st.tuples(st.integers(1, 3000), st.integers(1, 3000)),
    mirrored=st.booleans(),
)


@given(views)
def test_the_frame_of_a_view_at_its_own_scale_is_the_view(view: Viewport) -> None:
    again = PictureFrame.of_view(view).at(view.downsample)
    assert again.size == view.size
    assert again.center == pytest.approx(view.center, abs=1e-6)
    assert (again.rotation_deg, again.mirrored) == (view.rotation_deg, view.mirrored)


@given(views, st.floats(0.1, 8))
def test_another_scale_shows_the_same_place(view: Viewport, factor: float) -> None:
    picture = PictureFrame.of_view(view).at(view.downsample * factor)
    wanted, found = view.corners(), picture.corners()
    assert np.abs(wanted - found).max() <= picture.downsample * 0.75 + 1e-6


@given(views, st.floats(0.0, 0.9), st.floats(0.0, 0.9))
def test_a_part_of_a_view_is_where_it_was_drawn(view: Viewport, x: float, y: float) -> None:
    rect = (x * view.size[0], y * view.size[1], 0.1 * view.size[0], 0.1 * view.size[1])
    frame = PictureFrame.of_view_rect(view, rect)
    middle = view.view_point(frame.center)
    assert middle == pytest.approx((rect[0] + rect[2] / 2, rect[1] + rect[3] / 2), abs=1e-5)
    assert frame.extent == pytest.approx((rect[2] * view.downsample, rect[3] * view.downsample))


@given(views)
def test_a_frame_around_a_rectangle_holds_its_corners(view: Viewport) -> None:
    frame = PictureFrame.around((100.0, 200.0, 3000.0, 1500.0), view)
    picture = frame.at(1.0)
    corners = picture.to_view(np.asarray([(100, 200), (3100, 200), (3100, 1700), (100, 1700)]))
    assert corners.min() >= -1
    assert (corners <= np.asarray(picture.size) + 1).all()


def test_what_is_too_large() -> None:
    assert not is_too_large(Viewport((0, 0), 1.0, 0.0, (10_000, 10_000)))
    assert is_too_large(Viewport((0, 0), 1.0, 0.0, (10_001, 10_000)))
    assert is_too_large(Viewport((0, 0), 1.0, 0.0, (LONGEST_SIDE + 1, 10)))


def test_the_pixel_size_of_a_picture() -> None:
    assert picture_mpp(Viewport((0, 0), 2.0), (0.25, 0.25)) == (0.5, 0.5)
    assert picture_mpp(Viewport((0, 0), 2.0, 33.0), (0.25, 0.25)) == (0.5, 0.5)
    assert picture_mpp(Viewport((0, 0), 2.0), None) is None
    flat = (0.25, 0.5)
    assert picture_mpp(Viewport((0, 0), 2.0, 180.0), flat) == (0.5, 1.0)
    assert picture_mpp(Viewport((0, 0), 2.0, 90.0), flat) == (1.0, 0.5)
    assert picture_mpp(Viewport((0, 0), 2.0, 45.0), flat) is None
