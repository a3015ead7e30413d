"""Reinhard's color transfer, fitted once on the tissue pixels of a whole slide.

Mean and spread of each CIELAB channel are brought to those of a reference. Runs on the thread of the job.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from desktop_app.plugin_api import FittedStain, FloatArray, LabMap, RgbArray

METHOD = "reinhard"

MIN_PIXELS = 100
"""Fewer pixels say nothing about a slide."""

LEAST_SPREAD = 0.5
"""Standard deviation of L below which all pixels are one color; stretching it would amplify noise."""

MOST_STRETCH = 5.0
"""Of a channel: a slide without eosin must not get its noise blown up into it."""

HALF_STEP = np.array([0.5 / 2.55, 0.5, 0.5])
"""Of 8-bit CIELAB: what lies between cutting off and rounding."""


@dataclass(frozen=True, slots=True)
class ReinhardNormalizer:
    """Color transfer after Reinhard et al. 2001, in CIELAB.

    Parameters
    ----------
    mean_l, mean_a, mean_b, spread_l, spread_a, spread_b : float
        Mean and standard deviation of L (0 to 100), a and b that the slide is brought to; the defaults are
        those of slideflow's third version.
    round_down : bool
        Cut CIELAB values off in place of rounding them, as TIAToolbox does.

    Notes
    -----
    *Source*: E. Reinhard et al., *Color transfer between images*, IEEE Computer Graphics and Applications 21,
    2001; CIELAB in the place of lαβ and 8 bits before and after as in StainTools and TIAToolbox, which the
    tests compare with ``round_down``. Deviations: fitted on tissue pixels of the whole slide; a stretch has
    a limit.
    """

    mean_l: float = 65.22
    mean_a: float = 28.93
    mean_b: float = -14.14
    spread_l: float = 15.80
    spread_a: float = 9.26
    spread_b: float = 6.02
    round_down: bool = False

    def fit(self, pixels: RgbArray) -> FittedStain:
        """Fit on one slide.

        Parameters
        ----------
        pixels : RgbArray
            uint8 ``(N, 3)``, tissue pixels sampled over the whole slide.

        Returns
        -------
        FittedStain
            The map in CIELAB, or the unchanged one with the reason.
        """
        mean = np.array([self.mean_l, self.mean_a, self.mean_b])
        return self._fit(pixels, mean, np.array([self.spread_l, self.spread_a, self.spread_b]))

    def fit_to(self, pixels: RgbArray, reference: RgbArray) -> FittedStain:
        """Fit on one slide, toward the colors of a reference, uint8 ``(M, 3)``."""
        if (problem := _problem(reference)) is not None:
            return FittedStain.unchanged(METHOD, problem)
        return self._fit(pixels, *_statistics(reference))

    def _fit(self, pixels: RgbArray, mean: FloatArray, spread: FloatArray) -> FittedStain:
        if (problem := _problem(pixels)) is not None:
            return FittedStain.unchanged(METHOD, problem)
        own_mean, own_spread = _statistics(pixels)
        slope = np.minimum(spread / np.maximum(own_spread, 1e-6), MOST_STRETCH)
        offset = mean - slope * own_mean
        if self.round_down:
            offset -= HALF_STEP
        diagnostics = {"mean": own_mean.tolist(), "spread": own_spread.tolist(), "pixels": pixels.size // 3}
        return FittedStain.by_color_map(METHOD, LabMap(slope, offset), diagnostics)


def _statistics(pixels: RgbArray) -> tuple[FloatArray, FloatArray]:
    lab = cv2.cvtColor(pixels.reshape(-1, 1, 3), cv2.COLOR_RGB2LAB)
    mean, spread = cv2.meanStdDev(lab)
    scale = np.array([1 / 2.55, 1, 1])
    return (mean.ravel() - [0, 128, 128]) * scale, spread.ravel() * scale


def _problem(pixels: RgbArray) -> str | None:
    if pixels.size < 3 * MIN_PIXELS:
        return f"Only {pixels.size // 3} tissue pixels were found to fit on."
    if _statistics(pixels)[1][0] < LEAST_SPREAD:
        return "All pixels have nearly the same color."
    return None
