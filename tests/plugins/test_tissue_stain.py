"""Detectors for pale, fatty and immunohistochemical tissue, on pictures of known optical density."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import shapely

from desktop_app.plugin_api import FloatArray, MaskArray, RgbArray, Tissue
from tests.support.plugin_cases import ArraySlide, bundled_host

DAB = np.array([0.27, 0.57, 0.78])
BLUE = np.array([0.65, 0.70, 0.29])
EOSIN = np.array([0.07, 0.99, 0.11])
USES = ("entropy", "any_stain")


def detect(folder: Path, pixels: RgbArray, which: str, **params: Any) -> Tissue:
    detector = bundled_host(folder).build("tissue_detector", f"tissue_stain/{which}", params)
    tissue = detector.detect(ArraySlide(pixels, mpp=(8.0, 8.0)))
    assert isinstance(tissue, Tissue)
    return tissue


def painted(density: FloatArray, glass: tuple[int, int, int] = (240, 238, 243)) -> RgbArray:
    """A picture of optical densities ``(H, W, 3)`` on noisy glass."""
    noise = np.random.default_rng(1).normal(0, 1.2, density.shape)
    return np.clip(np.rint(np.asarray(glass) * np.exp(-density) + noise), 0, 255).astype(np.uint8)


def piece() -> MaskArray:
    shape = np.zeros((240, 320), np.uint8)
    cv2.ellipse(shape, (150, 120), (90, 60), 25, 0, 360, 1, -1)
    return shape > 0


def covered(found: MaskArray, truth: MaskArray) -> tuple[float, float]:
    """Share of the truth that is found, and share of the rest that is taken for it."""
    away = cv2.dilate(truth.astype(np.uint8), np.ones((13, 13), np.uint8)) == 0
    return float(found[truth].mean()), float(found[away].mean())


@pytest.mark.parametrize("stain", [DAB, BLUE, EOSIN], ids=["DAB", "hematoxylin", "eosin"])
@pytest.mark.parametrize("depth", [0.08, 0.5, 1.5])
def test_any_stain_is_found_pale_or_strong(tmp_path: Path, stain: FloatArray, depth: float) -> None:
    truth = piece()
    found = detect(tmp_path, painted(truth[..., None] * depth * stain), "any_stain").mask

    share, beside = covered(found, truth)
    assert share > 0.97
    assert beside == 0


def test_dab_and_hematoxylin_together_are_one_piece(tmp_path: Path) -> None:
    truth = piece()
    brown = np.indices(truth.shape).sum(axis=0) // 12 % 2
    density = truth[..., None] * np.where(brown[..., None] > 0, 0.9 * DAB, 0.2 * BLUE)

    tissue = detect(tmp_path, painted(density), "any_stain")

    assert len(tissue.polygons) == 1
    assert covered(tissue.mask, truth)[0] > 0.97


@pytest.mark.parametrize("which", USES)
def test_gray_shadow_and_a_black_frame_are_no_tissue(tmp_path: Path, which: str) -> None:
    density = np.zeros((240, 320, 3))
    density[:, :100] = 0.15
    pixels = painted(density)
    pixels[:, 290:] = 5

    assert not detect(tmp_path, pixels, which).mask[:, :280].any()


@pytest.mark.parametrize("which", USES)
@pytest.mark.parametrize("glass", [(240, 238, 243), (225, 220, 230), (214, 223, 214)])
def test_tinted_glass_is_no_tissue(tmp_path: Path, which: str, glass: tuple[int, int, int]) -> None:
    assert not detect(tmp_path, painted(np.zeros((240, 320, 3)), glass), which).mask.any()


@pytest.mark.parametrize("which", USES)
def test_a_picture_full_of_tissue_is_all_tissue(tmp_path: Path, which: str) -> None:
    """There is no glass to measure."""
    nuclei = np.random.default_rng(2).random((120, 120, 1)) < 0.3
    pixels = painted(0.4 * EOSIN + nuclei * BLUE)

    assert detect(tmp_path, pixels, which).mask.mean() > 0.95


def test_fat_is_found_as_a_whole(tmp_path: Path) -> None:
    """Walls of one pixel around empty cells of 64 µm, which no threshold on the color of a pixel joins."""
    truth = piece()
    rows, columns = np.indices(truth.shape)
    walls = truth & ((rows % 8 == 0) | (columns % 8 == 0))
    pixels = painted(walls[..., None] * 0.25 * EOSIN)

    share, beside = covered(detect(tmp_path, pixels, "entropy").mask, truth)

    assert share > 0.95
    assert beside < 0.01
    assert detect(tmp_path, pixels, "any_stain").mask[truth].mean() < share


def test_dense_tissue_without_texture_is_no_hole(tmp_path: Path) -> None:
    truth = piece()
    found = detect(tmp_path, painted(truth[..., None] * 1.2 * EOSIN), "entropy").mask

    assert covered(found, truth)[0] > 0.99


def test_a_higher_share_of_otsu_finds_less(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    strength = cv2.GaussianBlur(rng.random((240, 320)), (0, 0), 30)
    texture = (rng.random((240, 320)) < 0.5) * (strength - strength.min()) / np.ptp(strength) * 0.12
    pixels = painted(texture[..., None] * EOSIN)

    areas = [
        sum(polygon.area for polygon in detect(tmp_path, pixels, "entropy", relaxation=share).polygons)
        for share in (0.5, 0.85, 1.3)
    ]

    assert areas[0] > areas[1] > areas[2] > 0


@pytest.mark.parametrize("which", USES)
def test_outlines_are_the_mask(tmp_path: Path, which: str) -> None:
    nuclei = np.random.default_rng(2).random((240, 320)) < 0.3
    tissue = detect(tmp_path, painted((piece() * (0.3 + nuclei))[..., None] * EOSIN), which)

    assert shapely.union_all(np.asarray(tissue.polygons)).area == pytest.approx(tissue.mask.sum())
