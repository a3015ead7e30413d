"""Heat map colors: zero is clear, the scale is fair."""

from __future__ import annotations

import numpy as np

from desktop_app.domain.heat_colors import HeatScale, heat_colors


def test_contributions_are_symmetric_about_a_clear_zero() -> None:
    values = np.array([-0.1, 0.0, 0.4])
    scale = HeatScale.of(values, "contribution")
    assert scale.low == -scale.high
    colors = heat_colors("contribution")[scale.color_indices(np.array([-scale.high, 0.0, scale.high]))]
    assert colors[1, 3] < 50 < 250 < colors[0, 3]
    assert colors[0, 2] > colors[0, 0]
    assert colors[2, 0] > colors[2, 2]


def test_attention_gets_lighter_all_the_way_and_ignores_one_outlier() -> None:
    values = np.concatenate([np.linspace(0, 1, 1000), [1e6]])
    scale = HeatScale.of(values, "attention")
    assert scale.high < 1.01
    lightness = heat_colors("attention")[:, :3].astype(float) @ np.array([0.3, 0.6, 0.1])
    assert (np.diff(lightness) >= -1).all()
    assert lightness[-1] > lightness[0] + 150


def test_opacity_scales_every_color_alike() -> None:
    full, half = (heat_colors("contribution", opacity).astype(int) for opacity in (1.0, 0.5))
    np.testing.assert_array_equal(full[:, :3], half[:, :3])
    assert np.abs(full[:, 3] / 2 - half[:, 3]).max() <= 1


def test_constant_and_missing_values_still_have_a_scale() -> None:
    for quantity in ("contribution", "attention"):
        for values in (np.zeros(4), np.full(3, 2.5), np.empty(0)):
            scale = HeatScale.of(values, quantity)
            assert scale.low < scale.high
            assert np.isfinite([scale.low, scale.high]).all()
