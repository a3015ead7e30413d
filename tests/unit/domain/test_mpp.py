"""The mpp rules."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.mpp import StatedMpp, stated_mpp, with_given_mpp
from desktop_app.domain.slide_info import Level, SlideInfo
from desktop_app.errors import MissingMppError


def tiff(mpp: float | str, y: float | str | None = None) -> dict[str, str]:
    return {
        "openslide.vendor": "generic-tiff",
        "openslide.mpp-x": str(mpp),
        "openslide.mpp-y": str(mpp if y is None else y),
    }


def info(mpp: float | None = None) -> SlideInfo:
    bare = SlideInfo(Path("a.svs"), "id", (10, 10), (Level(0, (10, 10), 1.0),), "aperio", mpp_note="why")
    return bare if mpp is None else bare.with_mpp((mpp, mpp), "metadata")


def test_a_file_that_says_nothing_has_no_mpp_and_no_note() -> None:
    assert stated_mpp({"openslide.vendor": "aperio"}) == StatedMpp(None, None, "")


def test_a_scanners_value_is_metadata_and_taken_as_it_is() -> None:
    properties = {"openslide.vendor": "dicom", "openslide.mpp-x": "28.969", "openslide.mpp-y": "28.968"}
    assert stated_mpp(properties) == StatedMpp((28.969, 28.968), "metadata", "")


def test_a_plain_tiffs_value_comes_from_its_tag() -> None:
    assert stated_mpp(tiff(0.25)) == StatedMpp((0.25, 0.25), "tiff_tag", "")


@pytest.mark.parametrize("noisy", ["0.25270000000000004", "0.25269999999999998", "0.252700001"])
def test_single_precision_noise_of_a_tag_is_removed(noisy: str) -> None:
    assert stated_mpp(tiff(noisy)).mpp == (0.2527, 0.2527)


@pytest.mark.parametrize("dpi", [72, 96, 150, 300])
@pytest.mark.parametrize("error", [-0.0049, 0.0, 0.0049])
def test_screen_and_print_resolutions_are_refused(dpi: int, error: float) -> None:
    stated = stated_mpp(tiff(25400 / (dpi * (1 + error))))
    assert stated.mpp is None
    assert stated.source is None
    assert f"{dpi} dpi" in stated.note


@pytest.mark.parametrize(("mpp", "kept"), [(0.05, True), (0.0499, False), (50.0, True), (50.1, False)])
def test_a_tag_outside_the_plausible_range_is_refused(mpp: float, kept: bool) -> None:
    stated = stated_mpp(tiff(mpp))
    assert (stated.mpp is not None) is kept
    assert bool(stated.note) is not kept


def test_one_bad_axis_refuses_both() -> None:
    assert stated_mpp(tiff(0.5, 25400 / 72)).mpp is None


@pytest.mark.parametrize("value", ["0", "-0.5", "nan", "inf", "unknown"])
@pytest.mark.parametrize("vendor", ["aperio", "generic-tiff"])
def test_what_is_no_number_of_micrometres_is_refused_with_a_note(value: str, vendor: str) -> None:
    stated = stated_mpp({"openslide.vendor": vendor, "openslide.mpp-x": value, "openslide.mpp-y": "0.5"})
    assert stated.mpp is None
    assert value in stated.note


def test_one_missing_axis_is_refused() -> None:
    assert stated_mpp({"openslide.vendor": "aperio", "openslide.mpp-x": "0.5"}).mpp is None


@given(st.floats(0.0501, 49.9))
def test_any_plausible_tag_is_kept_to_seven_digits(mpp: float) -> None:
    stated = stated_mpp(tiff(mpp))
    assert stated.mpp is not None
    assert math.isclose(stated.mpp[0], mpp, rel_tol=5.1e-7)


def test_the_given_value_fills_in_a_missing_one() -> None:
    filled = with_given_mpp(info(), 0.5)
    assert (filled.mpp, filled.mpp_source, filled.mpp_note) == ((0.5, 0.5), "given", "")


def test_the_given_value_leaves_what_the_file_says() -> None:
    assert with_given_mpp(info(0.25), 0.5) == info(0.25)


def test_a_forced_value_replaces_what_the_file_says() -> None:
    forced = with_given_mpp(info(0.25), 0.5, force=True)
    assert (forced.mpp, forced.mpp_source) == ((0.5, 0.5), "given")


def test_no_value_changes_nothing() -> None:
    assert with_given_mpp(info(), None) == info()
    with pytest.raises(MissingMppError, match="--mpp"):
        info().require_mpp()


@pytest.mark.parametrize("mpp", [0.0, -1.0, math.nan, math.inf, 1e-9, 0.005, 500.0])
def test_a_given_value_must_be_plausible(mpp: float) -> None:
    with pytest.raises(ValueError, match="no pixel size"):
        with_given_mpp(info(), mpp)


def test_force_needs_a_value() -> None:
    with pytest.raises(ValueError, match="together with a value"):
        with_given_mpp(info(), None, force=True)
