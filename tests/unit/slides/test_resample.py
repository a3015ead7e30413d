"""Exact resampling against a reference that adds up areas pixel by pixel."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from desktop_app.slides.resample import resample


def noise(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def overlap_weights(edges: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Share of each source pixel in each result pixel, from the definition."""
    weights = np.zeros((len(edges) - 1, length))
    for row, (low, high) in enumerate(pairwise(edges)):
        for pixel in range(math.floor(low), min(length, math.ceil(high))):
            weights[row, pixel] = max(0.0, min(high, pixel + 1) - max(low, pixel)) / (high - low)
    return weights


def area_reference(
    pixels: NDArray[np.uint8], edges_x: NDArray[np.float64], edges_y: NDArray[np.float64]
) -> NDArray[np.float64]:
    down = overlap_weights(edges_y, pixels.shape[0])
    across = overlap_weights(edges_x, pixels.shape[1])
    return np.einsum("yi,ijc,xj->yxc", down, pixels.astype(float), across, optimize=True)


@st.composite
def axes(draw: st.DrawFn) -> tuple[int, NDArray[np.float64]]:
    """A source length and shrinking edges inside it."""
    count = draw(st.integers(1, 12))
    scale = draw(st.one_of(st.sampled_from([1.0, 2.0, 4.0, 1.002]), st.floats(1.0, 6.0)))
    offset = draw(st.one_of(st.just(0.0), st.floats(0.0, 3.0)))
    edges = offset + scale * np.arange(count + 1)
    return math.ceil(edges[-1]) + draw(st.integers(0, 2)), edges


@given(x=axes(), y=axes(), seed=st.integers(0, 1000))
@settings(deadline=None)
def test_shrinking_gives_the_mean_over_the_exact_area(
    x: tuple[int, NDArray[np.float64]], y: tuple[int, NDArray[np.float64]], seed: int
) -> None:
    pixels = noise(y[0], x[0], seed)
    result = resample(pixels, x[1], y[1])
    # 0.5 by rounding; OpenCV's own path rounds an intermediate value.
    assert np.abs(result - area_reference(pixels, x[1], y[1])).max() <= 0.52


def test_a_flat_picture_stays_flat() -> None:
    pixels = np.full((40, 50, 3), 137, np.uint8)
    for scale in (0.37, 1.0, 1.7, 3.0):
        edges = 2.3 + scale * np.arange(10)
        assert (resample(pixels, edges, edges) == 137).all()


def test_whole_pixels_at_scale_one_are_copied() -> None:
    pixels = noise(20, 30)
    result = resample(pixels, np.arange(5.0, 25.0), np.arange(3.0, 13.0))
    assert np.array_equal(result, pixels[3:12, 5:24])
    assert result.flags.c_contiguous


def test_a_linear_ramp_grows_linearly() -> None:
    ramp = np.repeat(np.arange(0, 200, 10, dtype=np.uint8)[None, :, None], 8, axis=0).repeat(3, axis=2)
    edges_x = 4.0 + 0.25 * np.arange(33)
    result = resample(np.ascontiguousarray(ramp), edges_x, np.arange(2.0, 6.0))
    expected = ((edges_x[:-1] + edges_x[1:]) / 2 - 0.5) * 10
    assert np.abs(result[..., 0] - expected).max() <= 0.5


def test_an_axis_may_shrink_while_the_other_grows() -> None:
    columns = np.repeat(np.arange(0, 240, 20, dtype=np.uint8)[None, :, None], 30, axis=0).repeat(3, axis=2)
    result = resample(np.ascontiguousarray(columns), 3.0 + 0.5 * np.arange(9), 1.5 + 2.5 * np.arange(11))
    assert result.shape == (10, 8, 3)
    expected = (3.0 + 0.5 * np.arange(8) + 0.25 - 0.5) * 20
    assert np.abs(result[..., 1] - expected).max() <= 0.5


def test_a_large_block_keeps_its_white() -> None:
    pixels = np.full((2100, 2100, 3), 255, np.uint8)
    edges = 0.5 + 41.0 * np.arange(52)
    assert (resample(pixels, edges, edges) == 255).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1)])
def test_single_pixels_grow(shape: tuple[int, int]) -> None:
    pixels = noise(*shape)
    result = resample(pixels, np.linspace(0, shape[1], 11), np.linspace(0, shape[0], 11))
    assert result.shape == (10, 10, 3)
    assert pixels.min() <= result.min()
    assert result.max() <= pixels.max()
