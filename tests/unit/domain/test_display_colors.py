"""What becomes of colors on their way to the screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from desktop_app.domain.display_colors import display_colors, is_identity, tone_curves
from desktop_app.domain.display_settings import EOSIN, HEMATOXYLIN, DisplaySettings, Stains

PLAIN = DisplaySettings()
RAMP = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)


def stained(hematoxylin: float, eosin: float) -> np.ndarray:
    light = 255 * np.exp(-(hematoxylin * np.asarray(HEMATOXYLIN) + eosin * np.asarray(EOSIN)))
    return np.rint(light).astype(np.uint8)[None]


def test_plain_settings_change_nothing() -> None:
    colors = np.random.default_rng(0).integers(0, 256, (500, 3), dtype=np.uint8)
    assert np.array_equal(display_colors(colors, PLAIN), colors)
    assert is_identity(PLAIN, has_profile=False)
    assert not is_identity(PLAIN, has_profile=True)
    assert is_identity(replace(PLAIN, icc=False), has_profile=True)


@pytest.mark.parametrize(
    "changed",
    [
        {"brightness": 0.2},
        {"contrast": 0.5},
        {"gamma": 1.8},
        {"black": 20},
        {"white": 200},
        {"white_point": (230, 235, 240)},
    ],
)
def test_every_tone_control_keeps_the_order_of_grays(changed: dict[str, object]) -> None:
    settings = replace(PLAIN, **changed)
    assert settings.is_toned
    shown = display_colors(RAMP, settings)
    assert not np.array_equal(shown, RAMP)
    assert (np.diff(shown.astype(int), axis=0) >= 0).all()


def test_black_and_white_become_the_ends() -> None:
    shown = display_colors(RAMP, replace(PLAIN, black=30, white=220))[:, 0]
    assert shown[30] == 0
    assert shown[29] == 0
    assert shown[220] == 255
    assert shown[125] == pytest.approx(127.5, abs=1)


def test_a_gamma_above_one_is_brighter_and_keeps_the_ends() -> None:
    curve = tone_curves(replace(PLAIN, gamma=2.0), None)[0]
    assert (curve[0], curve[255]) == (0, 255)
    assert curve[64] == pytest.approx(255 * (64 / 255) ** 0.5, abs=1)


def test_full_contrast_and_brightness_stay_in_range() -> None:
    for changed in ({"contrast": 1.0}, {"contrast": -1.0}, {"brightness": 1.0}, {"brightness": -1.0}):
        shown = display_colors(RAMP, replace(PLAIN, **changed))
        assert shown.min() >= 0
    assert set(np.unique(display_colors(RAMP, replace(PLAIN, contrast=-1.0)))) <= {127, 128}


def test_the_white_point_becomes_white_and_gray_glass_neutral() -> None:
    glass = np.asarray([[228, 233, 240], [114, 116, 120]], np.uint8)
    shown = display_colors(glass, replace(PLAIN, white_point=(228, 233, 240)))
    assert shown[0].tolist() == [255, 255, 255]
    assert np.ptp(shown[1].astype(int)) <= 1


def test_the_white_point_is_looked_for_behind_the_profile() -> None:
    def darker(colors: np.ndarray) -> np.ndarray:
        return (colors // 2).astype(np.uint8)

    settings = replace(PLAIN, white_point=(200, 200, 200))
    assert display_colors(np.asarray([[200, 200, 200]], np.uint8), settings, darker)[0].tolist() == [255] * 3


def test_the_profile_is_asked_unless_it_is_off() -> None:
    def inverted(colors: np.ndarray) -> np.ndarray:
        return (255 - colors).astype(np.uint8)

    assert np.array_equal(display_colors(RAMP, PLAIN, inverted), 255 - RAMP)
    assert np.array_equal(display_colors(RAMP, replace(PLAIN, icc=False), inverted), RAMP)


def test_one_stain_alone_loses_the_other() -> None:
    both = stained(0.8, 0.6)
    assert display_colors(both, replace(PLAIN, stain_view="first"))[0] == pytest.approx(
        stained(0.8, 0)[0].astype(int), abs=2
    )
    assert display_colors(both, replace(PLAIN, stain_view="second"))[0] == pytest.approx(
        stained(0, 0.6)[0].astype(int), abs=2
    )


def test_the_residual_of_a_mixture_is_white_and_of_another_color_gray() -> None:
    residual = replace(PLAIN, stain_view="residual")
    assert display_colors(stained(0.7, 0.5), residual)[0].min() >= 252
    green_pen = display_colors(np.asarray([[40, 190, 60]], np.uint8), residual)[0]
    assert green_pen.max() < 200
    assert np.ptp(green_pen) == 0


def test_false_colors_part_the_stains() -> None:
    false = replace(PLAIN, stain_view="false_color")
    (first,), (second,) = (display_colors(color, false) for color in (stained(1, 0), stained(0, 1)))
    assert first[0] < first[2] - 80
    assert second[2] < second[0] - 80
    assert display_colors(np.asarray([[255, 255, 255]], np.uint8), false)[0].tolist() == [255] * 3


def test_stains_measure_from_their_own_glass() -> None:
    glass = (230, 228, 236)
    settings = replace(PLAIN, stain_view="first", stains=Stains(background=glass))
    assert display_colors(np.asarray([glass], np.uint8), settings)[0].tolist() == list(glass)


def test_monochrome_is_luminance() -> None:
    shown = display_colors(np.asarray([[255, 0, 0], [0, 255, 0]], np.uint8), replace(PLAIN, monochrome=True))
    assert shown.tolist() == [[54] * 3, [182] * 3]


def test_adjusted_means_more_than_color_management() -> None:
    assert not replace(PLAIN, icc=False).is_adjusted
    assert replace(PLAIN, gamma=1.1).is_adjusted
    assert replace(PLAIN, stain_view="first").is_adjusted
