"""Statistics of the stain densities of a tile, all from 256-bin histograms.

A histogram of the quantized plane holds everything the statistics need, exactly. Safe on any thread.
"""

from __future__ import annotations

import cv2
import numpy as np

from desktop_app.plugin_api import FloatArray, RgbArray

from .stains import RESIDUAL_ZERO, STEP, StainPlanes

PERCENTILES = (5, 25, 50, 75, 95)
_MEDIAN = PERCENTILES.index(50)
_STATISTICS = ("mean", "std", *(f"p{percentile:02d}" for percentile in PERCENTILES), "skew")

INTENSITY_NAMES = (
    *(f"{stain}_od_{name}" for stain in ("hematoxylin", "eosin", "residual") for name in _STATISTICS),
    "hematoxylin_eosin_correlation",
)
"""Names of :func:`intensity_features`."""


def histogram(plane: RgbArray) -> FloatArray:
    """Counts of each value of a uint8 array, float64 ``(256,)``."""
    counts = cv2.calcHist([plane], [0], None, [256], [0.0, 256.0])
    return np.asarray(counts, dtype=np.float64).ravel()


def density_statistics(counts: FloatArray, zero: int = 0) -> FloatArray:
    """Mean, standard deviation, percentiles and skewness of a quantized density.

    Parameters
    ----------
    counts : FloatArray
        float64 ``(256,)``, pixels per quantized value; at least one pixel.
    zero : int
        The quantized value of density 0.

    Returns
    -------
    FloatArray
        float64 ``(8,)`` in optical density. Percentiles are the smallest density that at least so many
        percent of the pixels do not exceed. The skewness is Pearson's second coefficient,
        ``3 (mean - median) / deviation``, -3 to 3 and 0 for a constant plane: the third moment would reach
        hundreds on an almost empty tile and drown every other value of the feature.
    """
    share = counts / counts.sum()
    density = (np.arange(256) - zero) * STEP
    mean = float(share @ density)
    deviation = float(share @ (density - mean) ** 2) ** 0.5
    wanted = np.array(PERCENTILES) / 100.0 * counts.sum()
    quantiles = density[np.searchsorted(np.cumsum(counts), wanted - 1e-6)]
    # Below a thousandth of a step the deviation is nothing but rounding.
    skew = 3.0 * (mean - float(quantiles[_MEDIAN])) / deviation if deviation > STEP / 1000 else 0.0
    return np.array([mean, deviation, *quantiles, skew])


def intensity_features(planes: StainPlanes) -> FloatArray:
    """The components of :data:`INTENSITY_NAMES` of one tile.

    Returns
    -------
    FloatArray
        float64 ``(25,)``: eight statistics of each stain, and the Pearson correlation of hematoxylin and
        eosin over the pixels (0 where one of them is constant).
    """
    parts = [
        density_statistics(histogram(planes.hematoxylin)),
        density_statistics(histogram(planes.eosin)),
        density_statistics(histogram(planes.residual), RESIDUAL_ZERO),
    ]
    return np.concatenate([*parts, [_correlation(planes.hematoxylin, planes.eosin)]])


def _correlation(first: RgbArray, second: RgbArray) -> float:
    """Pearson's correlation from sums of integers, which are exact; 0 where a plane is constant."""
    count = first.size
    sum_first, sum_second = cv2.sumElems(first)[0], cv2.sumElems(second)[0]
    squares = cv2.norm(first, cv2.NORM_L2SQR), cv2.norm(second, cv2.NORM_L2SQR)
    products = (squares[0] + squares[1] - cv2.norm(first, second, cv2.NORM_L2SQR)) / 2
    spread = (count * squares[0] - sum_first**2) * (count * squares[1] - sum_second**2)
    return float((count * products - sum_first * sum_second) / spread**0.5) if spread > 0 else 0.0
