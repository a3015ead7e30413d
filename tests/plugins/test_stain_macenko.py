"""Macenko's normalization: recovered stains, torchstain's result, and every way it can go wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from desktop_app.plugin_api import FittedStain, RgbArray
from tests.support.plugin_cases import EOSIN, HEMATOXYLIN, bundled_host, stained, stained_tiles
from tests.support.shared_data import shared_file


def fit(pixels: RgbArray, folder: Path, **params: Any) -> FittedStain:
    normalizer = bundled_host(folder).build("stain_normalizer", "stain_macenko/macenko", params)
    fitted = normalizer.fit(pixels)
    assert isinstance(fitted, FittedStain)
    return fitted


def mixed_pixels(count: int = 40_000, seed: int = 1) -> RgbArray:
    """Pixels of pure and mixed stains with known vectors."""
    rng = np.random.default_rng(seed)
    depth = rng.uniform(0.4, 1.6, count)
    share = np.clip(rng.uniform(-0.1, 1.1, count), 0, 1)
    return stained(np.stack([depth * share, depth * (1 - share)], axis=1))


def picture(name: str) -> RgbArray:
    return np.ascontiguousarray(cv2.imread(str(shared_file(name)))[..., ::-1])


def test_known_stain_vectors_are_recovered(tmp_path: Path) -> None:
    fitted = fit(mixed_pixels(), tmp_path)

    assert not fitted.identity
    np.testing.assert_allclose(fitted.diagnostics["hematoxylin"], HEMATOXYLIN, atol=2e-2)
    np.testing.assert_allclose(fitted.diagnostics["eosin"], EOSIN, atol=2e-2)


def test_a_slide_already_at_the_reference_keeps_its_colors(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    concentrations = rng.uniform(0, 1, (50_000, 2)) * [1.9705, 1.0308] / 0.99
    pixels = stained(concentrations)

    fitted = fit(pixels, tmp_path, alpha=0.2)

    change = np.abs(fitted.apply(pixels).astype(int) - pixels)
    assert change.mean() < 3.0


def test_two_stain_styles_meet_at_the_reference(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    concentrations = np.abs(rng.normal(0.7, 0.35, (50_000, 2)))
    pale = stained(concentrations * [0.5, 1.3])
    deep = stained(concentrations * [1.2, 0.7])

    before = np.abs(pale.astype(int) - deep).mean()
    after = np.abs(fit(pale, tmp_path).apply(pale).astype(int) - fit(deep, tmp_path).apply(deep)).mean()

    assert before > 15
    assert after < 4


@pytest.mark.parametrize("name", ["torchstain_source", "torchstain_target", "tiatoolbox_source"])
def test_equals_torchstain_on_the_same_pixels(tmp_path: Path, name: str) -> None:
    torchstain = pytest.importorskip("torchstain.numpy.normalizers")
    source = picture(f"tiles/{name}.png")
    expected, _, _ = torchstain.NumpyMacenkoNormalizer().normalize(source, stains=False)

    ours = fit(source.reshape(-1, 3), tmp_path).apply(source)

    assert np.abs(ours.astype(int) - expected).mean() <= 1.0


def test_equals_torchstain_on_made_pixels(tmp_path: Path) -> None:
    torchstain = pytest.importorskip("torchstain.numpy.normalizers")
    source = stained_tiles(1, 160)[0]
    expected, _, _ = torchstain.NumpyMacenkoNormalizer().normalize(source, stains=False)

    ours = fit(source.reshape(-1, 3), tmp_path).apply(source)

    assert np.abs(ours.astype(int) - expected).mean() <= 1.0


@pytest.mark.parametrize("seed", range(4))
def test_angles_do_not_wrap(tmp_path: Path, seed: int) -> None:
    """The eigenvectors' signs are arbitrary; no choice of them may split the range of angles."""
    pixels = mixed_pixels(seed=seed)
    dominated = np.concatenate([pixels, np.repeat(stained(np.array([[1.4, 0.05]])), 60_000, axis=0)])

    fitted = fit(dominated, tmp_path)

    np.testing.assert_allclose(fitted.diagnostics["hematoxylin"], HEMATOXYLIN, atol=3e-2)


def test_map_is_what_it_says(tmp_path: Path) -> None:
    """Fitted vectors go to the reference vectors, scaled by the concentrations."""
    fitted = fit(mixed_pixels(), tmp_path)

    stains = np.column_stack([fitted.diagnostics["hematoxylin"], fitted.diagnostics["eosin"]])
    target = np.column_stack([[0.5626, 0.7201, 0.4062], [0.2159, 0.8012, 0.5581]])
    scale = np.array([1.9705, 1.0308]) / fitted.diagnostics["concentrations"]
    np.testing.assert_allclose(fitted.matrix @ stains, target * scale, atol=1e-10)


def one_stain() -> RgbArray:
    return stained(np.random.default_rng(0).uniform(0.3, 1.5, (5000, 1)) * [[1.0, 0.0]])


def green_and_red() -> RgbArray:
    rng = np.random.default_rng(0)
    colors = np.where(rng.random((5000, 1)) < 0.5, [[40, 180, 40]], [[180, 40, 40]])
    return np.clip(colors + rng.normal(0, 6, (5000, 3)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("name", "pixels", "reason"),
    [
        ("none", np.empty((0, 3), np.uint8), "0 stained pixels"),
        ("few", mixed_pixels(50), "stained pixels"),
        ("glass", np.full((5000, 3), 243, np.uint8), "0 stained pixels"),
        ("one color", np.full((5000, 3), 90, np.uint8), "one stain"),
        ("one stain", one_stain(), "one stain"),
        ("black", np.zeros((5000, 3), np.uint8), "one stain"),
    ],
)
def test_too_little_stain_leaves_the_slide_unchanged(
    tmp_path: Path, name: str, pixels: RgbArray, reason: str
) -> None:
    fitted = fit(pixels, tmp_path)

    assert fitted.identity, name
    assert reason in fitted.note
    tile = stained_tiles(1)
    assert fitted.apply(tile) is tile


def test_any_colors_give_a_finite_map(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for pixels in (green_and_red(), rng.integers(0, 256, (5000, 3), dtype=np.uint8)):
        fitted = fit(pixels, tmp_path)

        assert np.isfinite(fitted.matrix).all()
        assert fitted.identity == bool(fitted.note)


def test_the_fit_survives_json(tmp_path: Path) -> None:
    fitted = fit(mixed_pixels(), tmp_path)

    again = FittedStain.from_json(json.loads(json.dumps(fitted.to_json())))

    assert again.diagnostics == fitted.diagnostics
    np.testing.assert_array_equal(again.matrix, fitted.matrix)


def test_references_differ(tmp_path: Path) -> None:
    pixels = mixed_pixels()

    assert not np.allclose(
        fit(pixels, tmp_path, reference="macenko").matrix, fit(pixels, tmp_path, reference="tcga").matrix
    )
