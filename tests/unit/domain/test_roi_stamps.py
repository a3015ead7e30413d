from __future__ import annotations

import math

import pytest

from desktop_app.domain.measure import area_mm2
from desktop_app.domain.roi_stamps import RoiStamp
from desktop_app.domain.shapes import drawn


def test_a_size_in_um_follows_the_pixel_size_in_both_directions() -> None:
    assert RoiStamp(width=500, height=200).box_at((1000, 800), (0.5, 0.25)) == (500, 400, 1500, 1200)


def test_a_square_and_a_circle_have_the_area_asked_for() -> None:
    square = RoiStamp(unit="mm2", area_mm2=1.5)
    circle = RoiStamp("ellipse", unit="mm2", area_mm2=1.5)
    for stamp in (square, circle):
        shape = drawn(stamp.shape, stamp.parts_at((9000, 9000), (0.25, 0.25)))
        assert area_mm2(shape, (0.25, 0.25)) == pytest.approx(1.5)
    assert circle.size_um[0] == pytest.approx(2000 * math.sqrt(1.5 / math.pi))


def test_pixels_are_those_of_the_resolution_named() -> None:
    stamp = RoiStamp(unit="px", width=256, height=512, mpp=1.0)
    assert stamp.box_at((0, 0), (0.5, 0.5)) == (-256, -512, 256, 512)
