"""The fast applier against the definition."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.domain.color_maps import ColorMap, LabMap, LevelCurves, SparseMap
from desktop_app.domain.stain import FittedStain
from desktop_app.engine.normalize import StainApplier

MATRICES = {
    "identity": np.eye(3),
    "macenko-like": np.array([[0.9, 0.2, -0.1], [0.05, 1.1, 0.02], [-0.2, 0.3, 0.8]]),
    "strong": np.array([[1.8, -0.4, 0.1], [0.2, 0.5, 0.6], [0.0, -0.3, 1.6]]),
}


def defined(rgb: np.ndarray, fitted: FittedStain) -> np.ndarray:
    """``FittedStain``'s formula word for word, in float64."""
    density = -np.log((rgb.astype(np.float64) + 1) / fitted.intensity)
    mapped = density @ fitted.matrix.T
    return np.clip(fitted.intensity * np.exp(-mapped), 0, 255)


@pytest.mark.parametrize("name", MATRICES)
def test_it_is_within_one_level_of_the_definition_for_all_kinds_of_pixels(name: str) -> None:
    fitted = FittedStain("fake", MATRICES[name], 240.0)
    rng = np.random.default_rng(0)
    tiles = rng.integers(0, 256, (3, 40, 50, 3), dtype=np.uint8)
    tiles[0, :2] = np.array([[0], [255]])[..., None]
    result = StainApplier(fitted).apply(tiles)
    assert (result.dtype, result.shape) == (np.uint8, tiles.shape)
    assert np.abs(result - defined(tiles, fitted)).max() <= 1


def test_an_identity_fit_hands_the_pixels_through() -> None:
    tiles = np.full((1, 4, 4, 3), 77, dtype=np.uint8)
    assert StainApplier(FittedStain.unchanged("fake", "too little")).apply(tiles) is tiles


def test_a_tile_does_not_depend_on_the_others() -> None:
    tiles = np.random.default_rng(1).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    applier = StainApplier(FittedStain("fake", MATRICES["strong"]))
    np.testing.assert_array_equal(applier.apply(tiles)[2:3], applier.apply(tiles[2:3]))


VECTORS = np.array([[0.65, 0.07], [0.70, 0.99], [0.29, 0.11]])
FITS = {
    "density": FittedStain("fake", MATRICES["strong"]),
    "density without dark levels": FittedStain("fake", MATRICES["macenko-like"], 255.0, dark=0.0),
    **{
        name: FittedStain.by_color_map("fake", color_map)
        for name, color_map in {
            "curves": LevelCurves(np.random.default_rng(0).integers(0, 256, (3, 256), dtype=np.uint8)),
            "sparse": SparseMap(VECTORS, VECTORS * [1.3, 0.7], 0.1),
        }.items()
    },
}


@pytest.mark.parametrize("name", FITS)
def test_every_map_is_within_one_level_of_its_definition(name: str) -> None:
    tiles = np.random.default_rng(0).integers(0, 256, (2, 40, 50, 3), dtype=np.uint8)
    result = StainApplier(FITS[name]).apply(tiles)
    assert np.abs(result.astype(int) - FITS[name].apply(tiles)).max() <= 1


def test_a_lab_map_differs_from_its_definition_by_what_fixed_point_lab_does() -> None:
    color_map: ColorMap = LabMap(np.array([1.1, 0.9, 1.2]), np.array([-4.0, 3.0, 2.0]))
    fitted = FittedStain.by_color_map("fake", color_map)
    tiles = np.random.default_rng(0).integers(120, 256, (2, 40, 50, 3), dtype=np.uint8)
    difference = np.abs(StainApplier(fitted).apply(tiles).astype(int) - fitted.apply(tiles))
    assert difference.mean() < 0.3
    assert difference.max() <= 6
