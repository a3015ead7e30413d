"""Histogram matching: each color's gray levels brought to the distribution of a reference.

Fitted once on the tissue pixels of a whole slide; three tables. Runs on the thread of the job.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.plugin_api import FittedStain, FloatArray, LevelCurves, RgbArray

METHOD = "histogram"

MIN_PIXELS = 100
"""Fewer pixels say nothing about a slide."""

LEAST_LEVELS = 8
"""Different gray levels that each color must show; fewer would come out as bands."""


@dataclass(frozen=True, slots=True)
class HistogramNormalizer:
    """Histogram matching.

    Parameters
    ----------
    mean_red, mean_green, mean_blue, spread_red, spread_green, spread_blue : float
        Mean and standard deviation of the gray levels that the slide is brought to, normally distributed.

    Notes
    -----
    *Source*: R. C. Gonzalez and R. E. Woods, *Digital Image Processing*, section 3.3, histogram matching;
    toward pixels the result is that of scikit-image's ``match_histograms``, rounded, which the tests compare
    with.
    """

    mean_red: float = 180.0
    mean_green: float = 130.0
    mean_blue: float = 175.0
    spread_red: float = 35.0
    spread_green: float = 42.0
    spread_blue: float = 30.0

    def fit(self, pixels: RgbArray) -> FittedStain:
        """Fit on one slide.

        Parameters
        ----------
        pixels : RgbArray
            uint8 ``(N, 3)``, tissue pixels sampled over the whole slide.

        Returns
        -------
        FittedStain
            Three curves, or the unchanged map with the reason.
        """
        means = (self.mean_red, self.mean_green, self.mean_blue)
        spreads = (self.spread_red, self.spread_green, self.spread_blue)
        steps = (np.arange(256) - np.reshape(means, (3, 1))) / np.reshape(spreads, (3, 1))
        return _fit(pixels, np.exp(-(steps**2) / 2))

    def fit_to(self, pixels: RgbArray, reference: RgbArray) -> FittedStain:
        """Fit on one slide, toward the gray levels of a reference, uint8 ``(M, 3)``."""
        if (problem := _problem(reference)) is not None:
            return FittedStain.unchanged(METHOD, problem)
        return _fit(pixels, _counts(reference))


def _fit(pixels: RgbArray, wanted: FloatArray) -> FittedStain:
    if (problem := _problem(pixels)) is not None:
        return FittedStain.unchanged(METHOD, problem)
    curves = np.stack([_curve(*counts) for counts in zip(_counts(pixels), wanted, strict=True)])
    return FittedStain.by_color_map(METHOD, LevelCurves(curves), {"pixels": pixels.size // 3})


def _curve(counts: FloatArray, wanted: FloatArray) -> RgbArray:
    """The level of each level's rank in the wanted distribution; between levels that occur, interpolated."""
    present, there = np.flatnonzero(counts), np.flatnonzero(wanted)
    ranks = np.cumsum(counts[present]) / counts.sum()
    levels = np.interp(ranks, np.cumsum(wanted[there]) / wanted.sum(), there)
    return np.asarray(np.rint(np.interp(np.arange(256), present, levels)), np.uint8)


def _counts(pixels: RgbArray) -> FloatArray:
    """Float64 ``(3, 256)``: how often each gray level of red, green and blue occurs."""
    return np.stack([np.bincount(channel, minlength=256) for channel in pixels.reshape(-1, 3).T]).astype(
        float
    )


def _problem(pixels: RgbArray) -> str | None:
    if pixels.size < 3 * MIN_PIXELS:
        return f"Only {pixels.size // 3} tissue pixels were found to fit on."
    if int((_counts(pixels) > 0).sum(axis=1).min()) < LEAST_LEVELS:
        return "All pixels have nearly the same color."
    return None
