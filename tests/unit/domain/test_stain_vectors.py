"""Stains found in pixels that were mixed from known ones."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.domain.display_settings import DAB, EOSIN, HEMATOXYLIN, Rgb, Stains
from desktop_app.domain.stain_vectors import (
    estimate_stains,
    glass_color,
    optical_density,
    residual_vector,
    unmixing_matrix,
)
from desktop_app.errors import StainEstimateError

GLASS: Rgb = (243, 240, 246)


def mixed(first: tuple[float, ...], second: tuple[float, ...], count: int = 20_000) -> np.ndarray:
    """Pixels of random amounts of two stains on slightly tinted glass, pure ones among them."""
    random = np.random.default_rng(3)
    amounts = random.uniform(0, 1.2, (count, 2))
    amounts[: count // 10, 1] = 0
    amounts[count // 10 : count // 5, 0] = 0
    light = np.asarray(GLASS) * np.exp(-(amounts @ np.asarray([first, second])))
    return np.rint(light).astype(np.uint8)


@pytest.mark.parametrize("second", [EOSIN, DAB])
def test_two_known_stains_are_found_again(second: tuple[float, float, float]) -> None:
    stains = estimate_stains(mixed(HEMATOXYLIN, second), GLASS)
    for found, true in zip(stains.vectors, (HEMATOXYLIN, second), strict=True):
        cosine = float(np.dot(found, true) / np.linalg.norm(true))
        assert np.degrees(np.arccos(min(1.0, cosine))) < 2.5
    assert stains.background == GLASS


def test_the_stain_that_absorbs_red_comes_first() -> None:
    stains = estimate_stains(mixed(EOSIN, HEMATOXYLIN), GLASS, names=("one", "other"))
    assert stains.vectors[0][0] > stains.vectors[1][0]
    assert stains.names == ("one", "other")


def test_glass_alone_gives_a_reason() -> None:
    with pytest.raises(StainEstimateError, match="0 stained pixels"):
        estimate_stains(np.full((5000, 3), 240, np.uint8), GLASS)


def test_one_stain_alone_gives_a_reason() -> None:
    amounts = np.linspace(0.4, 2.0, 5000)[:, None]
    pixels = np.rint(np.asarray(GLASS) * np.exp(-amounts * np.asarray([HEMATOXYLIN]))).astype(np.uint8)
    with pytest.raises(StainEstimateError, match="one stain only"):
        estimate_stains(pixels, GLASS)


def test_glass_is_the_bright_part() -> None:
    pixels = np.concatenate([np.full((900, 3), 90, np.uint8), np.full((200, 3), GLASS, np.uint8)])
    assert glass_color(pixels) == GLASS


def test_what_was_not_scanned_is_no_glass() -> None:
    tissue, filling = np.full((900, 3), 90, np.uint8), np.full((5000, 3), 255, np.uint8)
    assert glass_color(np.concatenate([tissue, filling, np.full((200, 3), GLASS, np.uint8)])) == GLASS
    assert glass_color(np.concatenate([tissue, filling])) == (255, 255, 255)
    assert glass_color(filling) == (255, 255, 255)
    yellowed = np.full((300, 3), (228, 220, 170), np.uint8)
    assert glass_color(np.concatenate([tissue, yellowed])) == (228, 220, 170)


def test_unmixing_gives_back_the_amounts_and_no_residual() -> None:
    stains = Stains(background=GLASS)
    amounts = np.asarray([[0.3, 0.0], [0.0, 0.7], [0.5, 0.4]])
    density = amounts @ np.asarray(stains.vectors)
    found = density @ unmixing_matrix(stains)
    assert np.allclose(found[:, :2], amounts)
    assert np.allclose(found[:, 2], 0)


def test_the_residual_is_at_right_angles_to_both() -> None:
    residual = np.asarray(residual_vector(Stains()))
    assert np.allclose(np.asarray(Stains().vectors) @ residual, 0, atol=1e-9)
    assert np.linalg.norm(residual) == pytest.approx(1)


def test_black_has_a_finite_density() -> None:
    assert np.isfinite(optical_density(np.zeros((1, 3), np.uint8), (255, 255, 255))).all()
