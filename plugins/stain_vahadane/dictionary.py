"""Two stain vectors learned so that most pixels need little of either.

Runs on the thread of the job.
"""

from __future__ import annotations

import numpy as np

from desktop_app.plugin_api import FloatArray, sparse_amounts

STEPS = 60
"""Rounds at most; each solves the amounts exactly and then improves the vectors."""

ENOUGH = 5e-4
"""Change of the vectors below which it has settled."""

START = np.array([[0.5626, 0.2159], [0.7201, 0.8012], [0.4062, 0.5581]])
"""Where the search begins: hematoxylin and eosin, the same every time, so that the result is."""


def learn_vectors(density: FloatArray, price: float) -> FloatArray:
    """The two non-negative unit vectors with the lowest cost.

    ``mean(|od - vectors @ c|² / 2 + price * (c₁ + c₂))`` is lowered, with ``c ≥ 0`` at its minimum.

    Parameters
    ----------
    density : FloatArray
        float32 ``(N, 3)``, stained pixels.
    price : float
        Of each stain, in optical density.

    Returns
    -------
    FloatArray
        float64 ``(3, 2)``, hematoxylin (the one that absorbs more red) first.

    Notes
    -----
    *Source*: A. Vahadane et al., *Structure-preserving color normalization and sparse stain separation for
    histological images*, IEEE Transactions on Medical Imaging 35, 2016. The vectors are improved one at a
    time as in J. Mairal et al., *Online learning for matrix factorization and sparse coding*, JMLR 2010,
    algorithm 2, on all pixels at once; each has length one, not at most one.
    """
    vectors = START
    for _ in range(STEPS):
        amounts = sparse_amounts(density, vectors.astype(np.float32), price)
        improved = _improved(vectors, amounts.T @ amounts, density.T @ amounts)
        moved = float(np.abs(improved - vectors).max())
        vectors = improved
        if moved < ENOUGH:
            break
    return vectors if vectors[0, 0] >= vectors[0, 1] else vectors[:, ::-1]


def cost(density: FloatArray, vectors: FloatArray, price: float) -> float:
    """What :func:`learn_vectors` lowers."""
    amounts = sparse_amounts(density, vectors, price)
    residual = density - amounts @ vectors.T
    return float(((residual**2).sum(axis=1) / 2 + price * amounts.sum(axis=1)).mean())


def _improved(vectors: FloatArray, shared: FloatArray, seen: FloatArray) -> FloatArray:
    better = vectors.astype(np.float64)
    for stain in range(2):
        if shared[stain, stain] > 0:
            step = (seen[:, stain] - better @ shared[:, stain]) / shared[stain, stain]
            column = np.maximum(better[:, stain] + step, 0)
            better[:, stain] = column / max(float(np.linalg.norm(column)), 1e-12)
    return better
