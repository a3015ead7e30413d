"""Positions as people write them."""

from __future__ import annotations

import pytest

from desktop_app.domain.position_text import Position


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12345, 678 px", Position(12345, 678, "px")),
        ("12345,678", Position(12345, 678)),
        ("  12345 678 ", Position(12345, 678)),
        ("12345\t678", Position(12345, 678)),
        ("(12, 34)", Position(12, 34)),
        ("x=10 y=20", Position(10, 20)),
        ("X: 10, Y: 20 px", Position(10, 20, "px")),
        ("1.2, 3.4 mm", Position(1.2, 3.4, "mm")),
        ("1.2 mm, 3.4 mm", Position(1.2, 3.4, "mm")),
        ("1,2; 3,4 mm", Position(1.2, 3.4, "mm")),
        ("1,2 3,4 mm", Position(1.2, 3.4, "mm")),
        ("500, 600 um", Position(500, 600, "µm")),
        ("500, 600 μm", Position(500, 600, "µm")),
        ("100 × 200 Pixels", Position(100, 200, "px")),
        ("-5, 1e3", Position(-5, 1000)),
        ("6172.5, 339.0 µm  (12345, 678 px)", Position(12345, 678, "px")),
    ],
)
def test_what_is_understood(text: str, expected: Position) -> None:
    assert Position.read(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "abc", "12", "1, 2, 3", "12,345, 678", "1.2 mm, 3 px", "1, 2 km", "()", "1;2;3", "nan, inf", "x, y"],
)
def test_what_is_not(text: str) -> None:
    assert Position.read(text) is None


def test_lengths_become_pixels_where_the_pixel_size_is_known() -> None:
    assert Position(1.0, 2.0, "mm").in_pixels("px", (0.5, 0.25)) == (2000, 8000)
    assert Position(10.0, 20.0).in_pixels("µm", (0.5, 0.5)) == (20, 40)
    assert Position(10.0, 20.0).in_pixels("px", None) == (10, 20)
    assert Position(10.0, 20.0, "mm").in_pixels("px", None) is None
