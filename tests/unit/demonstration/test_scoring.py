"""Scores against sklearn and against areas worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box
from sklearn.metrics import roc_auc_score

from desktop_app.demonstration.scoring import auroc, bootstrap_interval, pattern_shares, tile_auroc

GRID = np.array([[0, 0], [100, 0], [200, 0], [0, 100]], dtype=np.int64)


def test_shares_are_areas() -> None:
    truth = (box(50, 0, 130, 100), box(100, 0, 150, 50))
    assert pattern_shares(GRID, (100.0, 100.0), truth) == pytest.approx([0.5, 0.4, 0.0, 0.0])


def test_shares_of_a_triangle_are_exact() -> None:
    assert pattern_shares(
        GRID[:1], (100.0, 100.0), (Polygon([(0, 0), (100, 0), (0, 100)]),)
    ) == pytest.approx([0.5])


def test_shares_without_truth_are_zero() -> None:
    assert not pattern_shares(GRID, (100.0, 100.0), ()).any()


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=60).filter(
        lambda rows: len({label for _, label in rows}) == 2
    )
)
def test_auroc_equals_sklearn(rows: list[tuple[int, bool]]) -> None:
    scores = np.array([float(score) for score, _ in rows])
    labels = np.array([label for _, label in rows])
    assert auroc(scores, labels) == pytest.approx(roc_auc_score(labels, scores))


def test_auroc_of_one_class_is_nan() -> None:
    assert np.isnan(auroc(np.arange(3.0), np.zeros(3, dtype=bool)))


def test_tile_auroc_leaves_partial_tiles_out() -> None:
    truth = (box(0, 0, 100, 100), box(100, 0, 120, 100))
    contributions = np.array([0.5, 9.0, 0.1, -1.0])
    assert tile_auroc(GRID, (100.0, 100.0), contributions, truth) == 1.0
    assert np.isnan(tile_auroc(GRID, (100.0, 100.0), contributions, ()))


def test_bootstrap_interval_of_a_mean_is_near_the_normal_one() -> None:
    values = np.random.default_rng(1).normal(3.0, 1.0, 200)
    low, high = bootstrap_interval(lambda drawn: float(values[drawn].mean()), len(values))
    error = values.std() / np.sqrt(200)
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.3 * error)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.3 * error)
    assert (low, high) == bootstrap_interval(lambda drawn: float(values[drawn].mean()), len(values))
