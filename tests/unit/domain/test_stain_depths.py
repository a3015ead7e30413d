"""Depths of two stains and the map to a reference."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.domain.stain_depths import StainDepths, density_of, percentile

VECTORS = np.array([[0.65, 0.07], [0.70, 0.99], [0.29, 0.11]])


@pytest.mark.parametrize("count", [1, 2, 7, 1000])
@pytest.mark.parametrize("percent", [0.0, 1.0, 50.0, 99.0, 100.0])
def test_percentiles_are_those_of_numpy(count: int, percent: float) -> None:
    values = np.random.default_rng(count).normal(size=(count, 3))
    np.testing.assert_allclose(percentile(values, percent), np.percentile(values, percent, axis=0))


def test_density_keeps_black_finite() -> None:
    density = density_of(np.array([[0, 1, 255]], np.uint8), 255.0, dark=0.0)
    np.testing.assert_allclose(density, [[np.log(255), np.log(255), 0]], rtol=1e-6, atol=1e-7)


def test_stains_come_to_the_reference() -> None:
    amounts = np.random.default_rng(0).uniform(0.1, 1.5, (5000, 2))
    measured = StainDepths.measure(amounts @ VECTORS.T, VECTORS)
    reference = StainDepths(np.array([[0.5, 0.2], [0.7, 0.8], [0.4, 0.5]]), np.array([2.0, 1.0]))

    np.testing.assert_allclose(measured.depths, np.percentile(amounts, 99, axis=0))
    np.testing.assert_allclose(measured.to_reference(reference) @ measured.target, reference.target)


def test_a_stain_that_is_not_there_is_not_seen() -> None:
    amounts = np.column_stack([np.linspace(0, 2, 100), np.zeros(100)])
    assert not StainDepths.measure(amounts @ VECTORS.T, VECTORS).are_seen
