"""Vahadane's stain normalization, fitted once on the tissue pixels of a whole slide.

The stains are a dictionary of two non-negative vectors in which pixels are sparse. Runs on the thread of the
job.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.plugin_api import (
    FittedStain,
    FloatArray,
    RgbArray,
    SparseMap,
    StainDepths,
    density_of,
    hardly_there,
    problem_of_vectors,
    sparse_amounts,
    too_few,
)

from .dictionary import START, learn_vectors

METHOD = "vahadane"

MIN_PIXELS = 100
"""Fewer stained pixels say nothing about a slide."""

SAMPLE = 4_000
"""Stained pixels that the vectors are learned from, at most."""

SEED = 0

REFERENCE = StainDepths(START, np.array([1.9705, 1.0308]))
"""The constants that published implementations of Macenko's method share."""


@dataclass(frozen=True, slots=True)
class VahadaneNormalizer:
    """Stain normalization after Vahadane et al. 2016.

    Parameters
    ----------
    price : float
        Of each stain in a pixel, in optical density; more makes pixels show one stain only.
    beta : float
        Optical density that every channel of a pixel must reach for the pixel to count.
    lasso : bool
        Take stains apart with that price in the picture, too, as in the paper; else by least squares, which
        keeps what the two stains do not explain out of the way and is faster.
    intensity : float
        Transmitted light of an empty pixel, gray levels.
    dark : float
        Gray levels added before the logarithm; with 0, level 0 counts as 1.

    Notes
    -----
    *Source*: A. Vahadane et al., IEEE Transactions on Medical Imaging 35, 2016. Deviations: fitted on tissue
    pixels of the whole slide; a fixed start and a fixed sample, so that the result is the same every time.
    """

    price: float = 0.1
    beta: float = 0.15
    lasso: bool = False
    intensity: float = 240.0
    dark: float = 1.0

    def fit(self, pixels: RgbArray) -> FittedStain:
        """Fit on one slide.

        Parameters
        ----------
        pixels : RgbArray
            uint8 ``(N, 3)``, tissue pixels sampled over the whole slide.

        Returns
        -------
        FittedStain
            The map to the built-in reference, or the unchanged one with the reason.
        """
        return self._fit(pixels, REFERENCE)

    def fit_to(self, pixels: RgbArray, reference: RgbArray) -> FittedStain:
        """Fit on one slide, toward the stains of a reference, uint8 ``(M, 3)``."""
        target = self._measure(reference)
        return target if isinstance(target, FittedStain) else self._fit(pixels, target)

    def _fit(self, pixels: RgbArray, target: StainDepths) -> FittedStain:
        source = self._measure(pixels)
        if isinstance(source, FittedStain):
            return source
        details = source.diagnostics() | {"pixels": pixels.size // 3}
        if self.lasso:
            scaled = target.vectors * (target.depths / source.depths)
            color_map = SparseMap(source.vectors, scaled, self.price, self.intensity, self.dark)
            return FittedStain.by_color_map(METHOD, color_map, details)
        matrix = source.to_reference(target)
        return FittedStain(METHOD, matrix, self.intensity, diagnostics=details, dark=self.dark)

    def _measure(self, pixels: RgbArray) -> StainDepths | FittedStain:
        density = density_of(pixels, self.intensity, self.dark)
        red, green, blue = (density >= np.float32(self.beta)).T
        stained = density.take(np.flatnonzero(red & green & blue), axis=0)
        if len(stained) < MIN_PIXELS:
            return too_few(METHOD, len(stained))
        vectors = learn_vectors(_sample(stained), self.price)
        if (problem := problem_of_vectors(vectors)) is not None:
            return FittedStain.unchanged(METHOD, problem)
        measured = self._depths(density, vectors)
        return measured if measured.are_seen else hardly_there(METHOD)

    def _depths(self, density: FloatArray, vectors: FloatArray) -> StainDepths:
        if not self.lasso:
            return StainDepths.measure(density, vectors)
        amounts = sparse_amounts(density, vectors.astype(np.float32), self.price)
        return StainDepths(vectors, np.percentile(amounts, 99, axis=0))


def _sample(density: FloatArray) -> FloatArray:
    if len(density) <= SAMPLE:
        return density
    return density[np.random.default_rng(SEED).integers(0, len(density), SAMPLE)]
