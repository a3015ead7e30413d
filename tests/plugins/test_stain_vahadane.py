"""Vahadane's normalization: recovered stains, the cost it lowers, and what it leaves unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop_app.domain.color_maps import sparse_amounts
from desktop_app.plugin_api import RgbArray
from tests.support.plugin_cases import EOSIN, HEMATOXYLIN, bundled_host, stained

PRICE = 0.1


def normalizer(folder: Path, **params: Any) -> Any:
    return bundled_host(folder).build("stain_normalizer", "stain_vahadane/vahadane", params)


def mostly_one_stain(seed: int) -> RgbArray:
    """Pixels of which two thirds show one stain alone."""
    rng = np.random.default_rng(seed)
    amounts = rng.uniform(0.5, 2.0, (30_000, 2))
    amounts[:10_000, 0] = 0
    amounts[10_000:20_000, 1] = 0
    return stained(amounts)


def angle(found: list[float], true: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip(found @ true / np.linalg.norm(true), -1, 1))))


def cost(pixels: RgbArray, vectors: np.ndarray) -> float:
    density = -np.log((pixels + 1.0) / 240)
    amounts = sparse_amounts(density, vectors, PRICE)
    return float((((density - amounts @ vectors.T) ** 2).sum(1) / 2 + PRICE * amounts.sum(1)).mean())


@pytest.mark.parametrize("seed", range(5))
def test_known_stain_vectors_are_recovered(tmp_path: Path, seed: int) -> None:
    found = normalizer(tmp_path).fit(mostly_one_stain(seed)).diagnostics

    assert angle(found["hematoxylin"], HEMATOXYLIN) < 3
    assert angle(found["eosin"], EOSIN) < 3


def test_no_neighboring_vectors_cost_less(tmp_path: Path) -> None:
    pixels = mostly_one_stain(0)
    found = normalizer(tmp_path, beta=0.0).fit(pixels).diagnostics
    vectors = np.column_stack([found["hematoxylin"], found["eosin"]])
    rng = np.random.default_rng(0)
    for _ in range(40):
        other = np.abs(vectors + rng.normal(0, 0.03, (3, 2)))
        assert cost(pixels, other / np.linalg.norm(other, axis=0)) > cost(pixels, vectors) * 0.998


@pytest.mark.parametrize("lasso", [False, True])
def test_two_stain_styles_meet_at_the_reference(tmp_path: Path, lasso: bool) -> None:
    amounts = np.abs(np.random.default_rng(0).normal(0.7, 0.35, (30_000, 2)))
    pale, deep = stained(amounts * [0.6, 1.3]), stained(amounts * [1.2, 0.8])
    normalizing = normalizer(tmp_path, lasso=lasso)

    mapped = [normalizing.fit(pixels).apply(pixels).astype(int) for pixels in (pale, deep)]

    assert np.abs(pale.astype(int) - deep).mean() > 2 * np.abs(mapped[0] - mapped[1]).mean()


def test_the_same_pixels_give_the_same_map(tmp_path: Path) -> None:
    first, second = (normalizer(tmp_path).fit(mostly_one_stain(3)).matrix for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (np.empty((0, 3), np.uint8), "Only 0 stained"),
        (np.full((5000, 3), 250, np.uint8), "Only 0 stained"),
        (np.full((5000, 3), 0, np.uint8), "."),
        (np.full((5000, 3), 120, np.uint8), "."),
    ],
)
def test_unusable_pixels_leave_the_slide_unchanged(tmp_path: Path, pixels: RgbArray, reason: str) -> None:
    fitted = normalizer(tmp_path).fit(pixels)
    assert fitted.identity
    assert reason in fitted.note
