"""Macenko's stain normalization, fitted once on the tissue pixels of a whole slide.

Fitted tile by tile it would invent contrast where there is none; fitted on a slide it is one 3 × 3 map in
optical density that the application applies to tiles and to the canvas alike. Runs on the thread of the job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from desktop_app.plugin_api import (
    FittedStain,
    FloatArray,
    RgbArray,
    find_stain_vectors,
    problem_of_vectors,
)

METHOD = "macenko"

MIN_PIXELS = 100
"""Fewer stained pixels say nothing about a slide."""

MIN_CONCENTRATION = 0.05
"""A stain whose 99th percentile is lower cannot be seen; bringing it to the reference would amplify noise."""

CONCENTRATION_PERCENTILE = 99.0


@dataclass(frozen=True, slots=True)
class ReferenceStain:
    """What slides are brought to.

    Attributes
    ----------
    vectors : FloatArray
        float64 ``(3, 2)``: R, G and B optical density of hematoxylin and eosin, unit columns.
    concentrations : FloatArray
        float64 ``(2,)``: 99th percentile of each stain's concentration.
    """

    vectors: FloatArray
    concentrations: FloatArray


REFERENCES: Mapping[str, ReferenceStain] = {
    "macenko": ReferenceStain(
        np.array([[0.5626, 0.2159], [0.7201, 0.8012], [0.4062, 0.5581]]), np.array([1.9705, 1.0308])
    ),
    "tcga": ReferenceStain(
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
        density = -np.log((pixels.reshape(-1, 3).astype(np.float64) + 1) / self.intensity)
        stained = density[(density >= self.beta).all(axis=1)]
        if len(stained) < MIN_PIXELS:
            return FittedStain.unchanged(METHOD, f"Only {len(stained)} stained pixels were found to fit on.")
        vectors = find_stain_vectors(stained, self.alpha)
        if (problem := problem_of_vectors(vectors)) is not None:
            return FittedStain.unchanged(METHOD, problem)
        unmix = np.linalg.pinv(vectors)
        concentrations = np.percentile(density @ unmix.T, CONCENTRATION_PERCENTILE, axis=0)
        if concentrations.min() < MIN_CONCENTRATION:
            return FittedStain.unchanged(METHOD, "One of the two stains is hardly there on this slide.")
        target = REFERENCES[self.reference]
        return FittedStain(
            method=METHOD,
            matrix=target.vectors @ np.diag(target.concentrations / concentrations) @ unmix,
            intensity=self.intensity,
            diagnostics={
                "hematoxylin": vectors[:, 0].tolist(),
                "eosin": vectors[:, 1].tolist(),
                "concentrations": concentrations.tolist(),
                "pixels": len(density),
                "stained_pixels": len(stained),
                "reference": self.reference,
            },
        )
