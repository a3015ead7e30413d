"""Maps of colors that are not linear in optical density: their definitions, and their way through JSON."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from desktop_app.domain.color_maps import ColorMap, LabMap, LevelCurves, SparseMap, sparse_amounts
from desktop_app.domain.lab import lab_from_rgb, rgb_from_lab
from desktop_app.domain.stain import FittedStain

VECTORS = np.array([[0.65, 0.07], [0.70, 0.99], [0.29, 0.11]])
MAPS: dict[str, ColorMap] = {
    "lab": LabMap(np.array([0.9, 1.1, 1.2]), np.array([3.0, -4.0, 2.0])),
    "curves": LevelCurves(np.random.default_rng(0).integers(0, 256, (3, 256), dtype=np.uint8)),
    "sparse": SparseMap(VECTORS, VECTORS * [1.2, 0.8], 0.05, 245.0, 0.0),
}


def colors(count: int = 20_000) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", MAPS)
def test_a_fit_keeps_its_map_through_json(name: str) -> None:
    fitted = FittedStain.by_color_map("method", MAPS[name], {"pixels": 5})

    again = FittedStain.from_json(json.loads(json.dumps(fitted.to_json())))

    assert again.diagnostics == {"pixels": 5}
    assert np.array_equal(again.apply(colors()), fitted.apply(colors()))
    assert not np.array_equal(fitted.apply(colors()), colors())


def test_lab_is_that_of_opencv() -> None:
    theirs = cv2.cvtColor(colors()[None], cv2.COLOR_RGB2LAB)[0]
    difference = np.abs(lab_from_rgb(colors()).astype(int) - theirs)
    assert difference.max() <= 2
    assert difference.mean() < 0.1
    back = np.abs(rgb_from_lab(theirs).astype(int) - cv2.cvtColor(theirs[None], cv2.COLOR_LAB2RGB)[0])
    assert back.mean() < 0.3


def test_a_lab_map_moves_mean_and_spread() -> None:
    rgb = np.clip(np.random.default_rng(0).normal([170, 120, 160], 20, (20_000, 3)), 0, 255).astype(np.uint8)
    before, after = (
        lab_from_rgb(pixels) / [2.55, 1, 1] - [0, 128, 128]
        for pixels in (rgb, LabMap(np.array([1.2, 0.8, 0.9]), np.array([-10.0, 3, 1])).apply(rgb))
    )
    np.testing.assert_allclose(after.mean(0), before.mean(0) * [1.2, 0.8, 0.9] + [-10, 3, 1], atol=0.3)
    np.testing.assert_allclose(after.std(0), before.std(0) * [1.2, 0.8, 0.9], rtol=0.03)


@pytest.mark.parametrize("price", [0.0, 0.1, 0.6])
def test_sparse_amounts_are_the_minimum(price: float) -> None:
    """No point of a fine grid is cheaper."""
    density = np.random.default_rng(2).uniform(-0.2, 1.5, (60, 3))
    amounts = sparse_amounts(density, VECTORS, price)

    def cost(candidates: np.ndarray) -> np.ndarray:
        residual = density[:, None] - candidates @ VECTORS.T
        return (residual**2).sum(-1) / 2 + price * candidates.sum(-1)

    grid = np.stack(np.meshgrid(*[np.linspace(0, 3, 121)] * 2), axis=-1).reshape(1, -1, 2)
    assert (amounts >= 0).all()
    assert (cost(amounts[:, None])[:, 0] <= cost(grid).min(axis=1) + 1e-9).all()


def test_without_dark_levels_black_counts_as_one() -> None:
    fitted = FittedStain("method", np.eye(3) * 0.5, intensity=255.0, dark=0.0)
    assert np.array_equal(fitted.apply(np.array([0, 1, 255], np.uint8)), [16, 16, 255])
