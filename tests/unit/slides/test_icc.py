"""Color profiles: littleCMS is the reference, and a bad profile is a sentence."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from desktop_app.errors import ColorProfileError
from desktop_app.slides.icc import icc_color_map, icc_profile_name
from tests.support.color_profiles import scanner_profile


def by_littlecms(colors: np.ndarray, profile: bytes, screen: bytes | None = None) -> np.ndarray:
    target = (
        ImageCms.createProfile("sRGB") if screen is None else ImageCms.ImageCmsProfile(io.BytesIO(screen))
    )
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    converted = ImageCms.profileToProfile(
        Image.fromarray(colors), source, target, ImageCms.Intent.PERCEPTUAL, "RGB"
    )
    return np.asarray(converted)


def test_colors_are_those_of_littlecms() -> None:
    colors = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    shown = icc_color_map(scanner_profile())(colors.reshape(-1, 3)).reshape(colors.shape)
    assert np.array_equal(shown, by_littlecms(colors, scanner_profile()))
    assert np.abs(shown.astype(int) - colors).max() > 10


def test_a_monitor_of_its_own_kind_is_aimed_at() -> None:
    colors = np.random.default_rng(2).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    monitor = scanner_profile(gamma=1.4)
    shown = icc_color_map(scanner_profile(), monitor)(colors.reshape(-1, 3)).reshape(colors.shape)
    assert np.array_equal(shown, by_littlecms(colors, scanner_profile(), monitor))


@pytest.mark.parametrize("profile", [b"", b"not a profile", scanner_profile()[:200]])
def test_a_damaged_profile_is_a_sentence(profile: bytes) -> None:
    with pytest.raises(ColorProfileError, match="the slide's color profile is damaged"):
        icc_color_map(profile)
    with pytest.raises(ColorProfileError, match="the monitor's color profile is damaged"):
        icc_color_map(None, profile)
    assert icc_profile_name(profile) == "not readable"


def test_a_profile_of_no_rgb_device_is_refused() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    with pytest.raises(ColorProfileError, match="not one for RGB"):
        icc_color_map(lab)
