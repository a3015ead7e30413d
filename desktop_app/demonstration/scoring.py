"""How well scores agree with what was drawn.

The command's demonstration, the training and the evaluation use the same few functions. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import rankdata
from shapely import Polygon, STRtree, area, box, intersection, union_all

from desktop_app.domain.arrays import FloatArray, IntArray, MaskArray

POSITIVE_SHARE = 0.5
"""A tile with at least this share of its area on the pattern is positive; one with none is negative."""


def pattern_shares(
    locations: IntArray, tile_size: tuple[float, float], truth_polygons: Sequence[Polygon]
) -> FloatArray:
    """The share of each tile that lies on the pattern, by exact overlap of areas.

    Parameters
    ----------
    locations : IntArray
        int64 ``(N, 2)``, top left ``(x, y)`` of each tile, level-0 pixels.
    tile_size : tuple[float, float]
        Extent ``(width, height)``, level-0 pixels.
    truth_polygons : Sequence[Polygon]
        Level-0 pixels; overlaps count once.

    Returns
    -------
    FloatArray
        float64 ``(N,)``, 0 to 1.
    """
    corners = np.asarray(locations, dtype=np.float64)
    tiles = box(corners[:, 0], corners[:, 1], corners[:, 0] + tile_size[0], corners[:, 1] + tile_size[1])
    shares = np.zeros(len(corners))
    if not truth_polygons:
        return shares
    region = union_all(list(truth_polygons))
    touching = STRtree(tiles).query(region)
    shares[touching] = area(intersection(tiles[touching], region)) / (tile_size[0] * tile_size[1])
    return shares


def auroc(scores: FloatArray, positive: MaskArray) -> float:
    """Area under the ROC curve.

    Parameters
    ----------
    scores : FloatArray
        ``(N,)``, higher for what is called positive.
    positive : MaskArray
        bool ``(N,)``.

    Returns
    -------
    float
        0 to 1, ties counted half; NaN where one of the classes is missing.

    Source
    ------
    The Mann-Whitney statistic over the number of pairs (Hanley and McNeil, Radiology 143, 1982).
    """
    positives = int(np.count_nonzero(positive))
    negatives = len(scores) - positives
    if not positives or not negatives:
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def tile_auroc(
    locations: IntArray,
    tile_size: tuple[float, float],
    contributions: FloatArray,
    truth_polygons: Sequence[Polygon],
) -> float:
    """How well contributions find the pattern on one slide.

    Parameters
    ----------
    locations : IntArray
        int64 ``(N, 2)``, level-0 pixels.
    tile_size : tuple[float, float]
        Level-0 pixels.
    contributions : FloatArray
        ``(N,)``, of the pattern's class.
    truth_polygons : Sequence[Polygon]
        Level-0 pixels.

    Returns
    -------
    float
        AUROC of tiles with at least half of their area on the pattern against those with nothing of it;
        tiles between are left out. NaN where there is no such tile (on a slide without the pattern).
    """
    return shares_auroc(pattern_shares(locations, tile_size, truth_polygons), contributions)


def shares_auroc(shares: FloatArray, scores: FloatArray) -> float:
    """As :func:`tile_auroc`, for shares already known."""
    judged = (shares == 0) | (shares >= POSITIVE_SHARE)
    return auroc(scores[judged], shares[judged] >= POSITIVE_SHARE)


def bootstrap_interval(
    statistic: Callable[[IntArray], float], count: int, *, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """A 95 % percentile interval over slides.

    Parameters
    ----------
    statistic : Callable[[IntArray], float]
        Given indices of slides drawn with replacement; NaN draws are left out.
    count : int
        Number of slides.
    draws : int
        How often.
    seed : int
        Of the draws.

    Returns
    -------
    tuple[float, float]
        2.5th and 97.5th percentile.

    Source
    ------
    Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 13.3.
    """
    rng = np.random.default_rng(seed)
    values = np.array([statistic(rng.integers(0, count, count)) for _ in range(draws)])
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)
