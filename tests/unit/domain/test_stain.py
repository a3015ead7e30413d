"""A fitted stain as data: what its map does to pixels, and its way through JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from desktop_app.domain.stain import FittedStain


def test_the_unchanged_map_returns_the_pixels_themselves() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    fitted = FittedStain.unchanged("method", "nothing to fit on")

    assert fitted.apply(pixels) is pixels
    assert fitted.note == "nothing to fit on"


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 4, 3), (3, 2, 4, 3)])
def test_the_map_follows_its_definition(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, shape, dtype=np.uint8)
    fitted = FittedStain("method", rng.normal(0.3, 0.2, (3, 3)), intensity=245.0)

    result = fitted.apply(pixels)

    assert result.dtype == np.uint8
    assert result.shape == shape
    for before, after in zip(pixels.reshape(-1, 3), result.reshape(-1, 3), strict=True):
        density = [-np.log((int(level) + 1) / 245.0) for level in before]
        for channel in range(3):
            light = 245.0 * np.exp(-sum(fitted.matrix[channel, k] * density[k] for k in range(3)))
            assert after[channel] == round(min(255.0, max(0.0, light)))


def test_doubled_density_squares_the_transmission() -> None:
    fitted = FittedStain("method", 2 * np.eye(3), intensity=256.0)

    assert fitted.apply(np.array([127, 63, 255], np.uint8)).tolist() == [64, 16, 255]


def test_json_keeps_everything() -> None:
    fitted = FittedStain("macenko", np.arange(9.0).reshape(3, 3), 241.0, note="n", diagnostics={"pixels": 5})

    again = FittedStain.from_json(json.loads(json.dumps(fitted.to_json())))

    assert np.array_equal(again.matrix, fitted.matrix)
    assert (again.method, again.intensity, again.identity, again.note) == ("macenko", 241.0, False, "n")
    assert again.diagnostics == {"pixels": 5}
