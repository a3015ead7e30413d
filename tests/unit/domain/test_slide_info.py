"""The metadata value."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.domain.slide_info import SYNTHETIC_SOFTWARE, Level, SlideInfo
from desktop_app.errors import MissingMppError


def info(*downsamples: float, **properties: str) -> SlideInfo:
    levels = tuple(
        Level(index, (round(1000 / ds), round(800 / ds)), ds) for index, ds in enumerate(downsamples)
    )
    return SlideInfo(Path("a.tif"), "id", (1000, 800), levels, "generic-tiff", properties=properties)


@pytest.mark.parametrize(
    ("wanted", "level"),
    [(0.3, 0), (1.0, 0), (3.9, 0), (3.97, 1), (4.0, 1), (15.0, 1), (16.0, 2), (1000.0, 2)],
)
def test_the_coarsest_level_that_is_fine_enough_is_read(wanted: float, level: int) -> None:
    assert info(1.0, 4.0003, 16.004).level_for_downsample(wanted).index == level


def test_the_tolerance_can_be_closed() -> None:
    assert info(1.0, 4.0003).level_for_downsample(4.0, tolerance=0.0).index == 0


def test_the_missing_mpp_error_names_the_slide_and_the_way_out() -> None:
    with pytest.raises(MissingMppError, match=r"a\.tif .* --mpp"):
        info(1.0).require_mpp()


def test_a_given_mpp_clears_the_note() -> None:
    given = info(1.0).with_mpp((0.5, 0.4), "given")
    assert given.require_mpp() == (0.5, 0.4)
    assert given.mpp_source == "given"


def test_only_the_generators_slides_are_synthetic() -> None:
    assert info(1.0, **{"tiff.Software": f"{SYNTHETIC_SOFTWARE} 0.1"}).is_synthetic
    assert not info(1.0, **{"tiff.Software": "Aperio"}).is_synthetic
    assert not info(1.0).is_synthetic
