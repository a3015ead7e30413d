"""Ruifrok's normalization: the depth it promises, and what it leaves unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop_app.plugin_api import FittedStain, RgbArray
from tests.support.plugin_cases import bundled_host

VECTORS = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11]])


def fit(pixels: RgbArray, folder: Path, **params: Any) -> FittedStain:
    normalizer = bundled_host(folder).build("stain_normalizer", "stain_ruifrok/ruifrok", params)
    fitted = normalizer.fit(pixels)
    assert isinstance(fitted, FittedStain)
    return fitted


def mixed(concentrations: np.ndarray[Any, Any]) -> RgbArray:
    return np.rint(np.clip(240 * np.exp(-concentrations @ VECTORS) - 1, 0, 255)).astype(np.uint8)


def test_both_stains_come_to_the_chosen_depth(tmp_path: Path) -> None:
    concentrations = np.random.default_rng(0).uniform(0.3, 0.9, (20_000, 2))
    fitted = fit(mixed(concentrations), tmp_path, hematoxylin=1.2, eosin=0.8)

    mapped = np.linalg.pinv(VECTORS.T) @ fitted.matrix @ VECTORS.T @ concentrations.T

    np.testing.assert_allclose(np.percentile(mapped, 99, axis=1), [1.2, 0.8], atol=0.02)


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (np.empty((0, 3), np.uint8), "0 stained pixels"),
        (np.full((5000, 3), 243, np.uint8), "0 stained pixels"),
        (mixed(np.full((5000, 2), [1.5, 0.0])), "hardly there"),
    ],
)
def test_too_little_stain_leaves_the_slide_unchanged(tmp_path: Path, pixels: RgbArray, reason: str) -> None:
    fitted = fit(pixels, tmp_path)

    assert fitted.identity
    assert reason in fitted.note


def test_a_reference_gives_its_own_depths(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    source, reference = (mixed(rng.uniform(low, low + 0.6, (20_000, 2))) for low in (0.3, 0.6))
    normalizer = bundled_host(tmp_path).build("stain_normalizer", "stain_ruifrok/ruifrok", {})

    fitted = normalizer.fit_to(source, reference)

    depths = np.percentile(fitted.apply(source), 1, axis=0) - np.percentile(reference, 1, axis=0)
    assert np.abs(depths).max() <= 3
    assert normalizer.fit_to(source, source[:20]).identity
