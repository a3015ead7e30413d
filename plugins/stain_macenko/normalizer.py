"""Macenko's stain normalization, fitted once on the tissue pixels of a whole slide.

Fitted tile by tile it would invent contrast where there is none; fitted on a slide it is one 3 × 3 map in
optical density that the application applies to tiles and to the canvas alike. Runs on the thread of the job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np

from desktop_app.plugin_api import (
    FittedStain,
    FloatArray,
    MaskArray,
    RgbArray,
    StainDepths,
    density_of,
    find_stain_vectors,
    hardly_there,
    problem_of_vectors,
    too_few,
)

METHOD = "macenko"

MIN_PIXELS = 100
"""Fewer stained pixels say nothing about a slide."""

LIGHT, CONTRAST = 0.8, (2.0, 98.0)
"""Of tissue by lightness: least share of L that is glass, after these percentiles became black and white."""

REFERENCES: Mapping[str, StainDepths] = {
    "macenko": StainDepths(
        np.array([[0.5626, 0.2159], [0.7201, 0.8012], [0.4062, 0.5581]]), np.array([1.9705, 1.0308])
    ),
    "tcga": StainDepths(
        np.array([[0.5062568, 0.2218694], [0.75322306, 0.8652155], [0.40691733, 0.42241502]]),
        np.array([1.7656903, 1.2797493]),
    ),
}
"""``macenko``: the constants that published implementations (torchstain, PathML) share. ``tcga``: slideflow's
third version, fitted on 50,000 tiles of The Cancer Genome Atlas."""


@dataclass(frozen=True, slots=True)
class MacenkoNormalizer:
    """Stain normalization after Macenko et al. 2009.

    Parameters
    ----------
    alpha : float
        Percentile of hue angle, 0 to 20, at which each stain vector is taken from its end.
    beta : float
        Optical density that every channel of a pixel must reach for the pixel to count.
    intensity : float
        Transmitted light of an empty pixel, gray levels.
    reference : Literal["macenko", "tcga"]
        What the slide is brought to.
    counted : Literal["density", "lightness"]
        Which pixels show their stain: by ``beta``, or by CIELAB lightness as TIAToolbox does.
    dark : float
        Gray levels added before the logarithm; with 0, level 0 counts as 1.

    Notes
    -----
    *Source*: M. Macenko et al., *A method for normalizing histology slides for quantitative analysis*, ISBI
    2009; formulae and constants as in torchstain (``numpy/normalizers/macenko.py``), which the tests compare
    with.

    Deviations: fitted on tissue pixels of the whole slide; angles are measured from their mean, which gives
    the same vectors and cannot break at plus or minus 180 degrees; a slide that shows fewer than two stains
    is left unchanged, with the reason; unmixing, scaling and mixing are one linear map.
    """

    alpha: float = 1.0
    beta: float = 0.15
    intensity: float = 240.0
    reference: Literal["macenko", "tcga"] = "macenko"
    counted: Literal["density", "lightness"] = "density"
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
            The map to the reference, or the unchanged one with the reason.
        """
        return self._fit(pixels, REFERENCES[self.reference], {"reference": self.reference})

    def fit_to(self, pixels: RgbArray, reference: RgbArray) -> FittedStain:
        """Fit on one slide, toward the stains of a reference, uint8 ``(M, 3)``."""
        measured = self._measure(reference)
        return measured if isinstance(measured, FittedStain) else self._fit(pixels, measured[0], {})

    def _fit(self, pixels: RgbArray, target: StainDepths, details: Mapping[str, Any]) -> FittedStain:
        measured = self._measure(pixels)
        if isinstance(measured, FittedStain):
            return measured
        source, stained = measured
        counts = {"pixels": pixels.size // 3, "stained_pixels": stained}
        return FittedStain(
            method=METHOD,
            matrix=source.to_reference(target),
            intensity=self.intensity,
            diagnostics={**source.diagnostics(), **counts, **details},
            dark=self.dark,
        )

    def _measure(self, pixels: RgbArray) -> tuple[StainDepths, int] | FittedStain:
        """The stains and how many pixels showed them, or the unchanged map with the reason."""
        density = density_of(pixels, self.intensity, self.dark)
        counted = np.flatnonzero(self._shows_stain(pixels.reshape(-1, 3), density))
        stained = density.take(counted, axis=0)
        if len(stained) < MIN_PIXELS:
            return too_few(METHOD, len(stained))
        vectors = find_stain_vectors(stained, self.alpha)
        if (problem := problem_of_vectors(vectors)) is not None:
            return FittedStain.unchanged(METHOD, problem)
        depths = StainDepths.measure(density, vectors)
        return (depths, len(stained)) if depths.are_seen else hardly_there(METHOD)

    def _shows_stain(self, pixels: RgbArray, density: FloatArray) -> MaskArray:
        if self.counted == "lightness" and len(pixels):
            return _darker_than_glass(pixels)
        red, green, blue = (density >= np.float32(self.beta)).T
        return np.asarray(red & green & blue)


def _darker_than_glass(pixels: RgbArray) -> MaskArray:
    """Bool ``(N,)``: by lightness, after the contrast was stretched."""
    low, high = np.percentile(pixels, CONTRAST)
    if low >= high:
        low, high = float(pixels.min()), float(pixels.max())
    levels = (np.clip(np.arange(256), low, high) - low) / max(high - low, 1e-6) * 255
    stretched = levels.astype(np.uint8)[pixels][None]
    return np.asarray(cv2.cvtColor(stretched, cv2.COLOR_RGB2LAB)[0, :, 0] / 255 < LIGHT)
