"""Reinhard's normalization: the statistics it promises, and what it leaves unchanged."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from desktop_app.engine.normalize import StainApplier
from desktop_app.plugin_api import RgbArray, StainNormalizer
from tests.support.plugin_cases import bundled_host, stained_tiles


def normalizer(folder: Path, **params: float) -> StainNormalizer:
    built: StainNormalizer = bundled_host(folder).build("stain_normalizer", "stain_reinhard/reinhard", params)
    return built


def lab(pixels: RgbArray) -> np.ndarray:
    return cv2.cvtColor(pixels.reshape(-1, 1, 3), cv2.COLOR_RGB2LAB)[:, 0] / [2.55, 1, 1] - [0, 128, 128]


def test_mean_and_spread_come_to_the_reference(tmp_path: Path) -> None:
    tile = stained_tiles(1, 200)
    wanted = {
        "mean_l": 60.0,
        "mean_a": 20.0,
        "mean_b": -12.0,
        "spread_l": 8.0,
        "spread_a": 5.0,
        "spread_b": 4.0,
    }

    result = StainApplier(normalizer(tmp_path, **wanted).fit(tile.reshape(-1, 3))).apply(tile)

    np.testing.assert_allclose(lab(result).mean(axis=0), [60, 20, -12], atol=0.7)
    np.testing.assert_allclose(lab(result).std(axis=0), [8, 5, 4], rtol=0.1)


def test_a_slide_brought_to_itself_stays_as_it_is(tmp_path: Path) -> None:
    tile = stained_tiles(1, 120)
    fitted = normalizer(tmp_path).fit_to(tile.reshape(-1, 3), tile.reshape(-1, 3))  # type: ignore[attr-defined]
    assert np.abs(StainApplier(fitted).apply(tile).astype(int) - tile).mean() < 1


@pytest.mark.parametrize("pixels", [np.empty((0, 3), np.uint8), np.full((50, 3), 90, np.uint8)])
def test_few_pixels_leave_the_slide_unchanged(tmp_path: Path, pixels: RgbArray) -> None:
    fitted = normalizer(tmp_path).fit(pixels)
    assert fitted.identity
    assert "tissue pixels" in fitted.note


@pytest.mark.parametrize("level", [0, 255])
def test_black_and_white_leave_the_slide_unchanged(tmp_path: Path, level: int) -> None:
    fitted = normalizer(tmp_path).fit(np.full((5000, 3), level, np.uint8))
    assert fitted.identity
    assert "same color" in fitted.note


def test_noise_is_not_blown_up(tmp_path: Path) -> None:
    gray = np.repeat(np.random.default_rng(0).integers(60, 200, (5000, 1), dtype=np.uint8), 3, axis=1)
    color_map = normalizer(tmp_path).fit(gray).color_map
    assert color_map is not None
    assert color_map.slope.max() <= 5  # type: ignore[union-attr]
