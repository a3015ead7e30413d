"""Histogram matching: the distribution it promises, and what it leaves unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage.exposure import match_histograms

from desktop_app.plugin_api import RgbArray
from tests.support.plugin_cases import bundled_host, stained_tiles


def normalizer(folder: Path, **params: float) -> Any:
    return bundled_host(folder).build("stain_normalizer", "stain_histogram/histogram", params)


def test_mean_and_spread_come_to_what_is_asked(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(40, 240, (20_000, 3), dtype=np.uint8)
    result = normalizer(tmp_path, mean_red=150.0, spread_red=20.0).fit(pixels).apply(pixels)
    assert result[:, 0].mean() == pytest.approx(150, abs=1.5)
    assert result[:, 0].std() == pytest.approx(20, abs=2)


def test_it_equals_scikit_image(tmp_path: Path) -> None:
    source, reference = stained_tiles(2, 150)
    reference = np.clip(reference * 0.8 + 30, 0, 255).astype(np.uint8)
    expected = match_histograms(source, reference, channel_axis=-1)

    fitted = normalizer(tmp_path).fit_to(source.reshape(-1, 3), reference.reshape(-1, 3))

    assert np.abs(fitted.apply(source) - expected).max() <= 1


def test_levels_keep_their_order(tmp_path: Path) -> None:
    fitted = normalizer(tmp_path).fit(stained_tiles(1, 100).reshape(-1, 3))
    assert (np.diff(fitted.color_map.curves.astype(int), axis=1) >= 0).all()


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (np.full((20, 3), 90, np.uint8), "Only 20"),
        (np.full((5000, 3), 0, np.uint8), "same color"),
        (np.full((5000, 3), 255, np.uint8), "same color"),
    ],
)
def test_unusable_pixels_leave_the_slide_unchanged(tmp_path: Path, pixels: RgbArray, reason: str) -> None:
    fitted = normalizer(tmp_path).fit(pixels)
    assert fitted.identity
    assert reason in fitted.note
