"""Ruifrok's fixed stain vectors, with only the depth of each stain fitted on a slide.

The vectors are not looked for, so nothing on a slide can bend them. Runs on the thread of the job.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.plugin_api import FittedStain, RgbArray, StainDepths, density_of, hardly_there, too_few

METHOD = "ruifrok"

VECTORS = np.array([[0.65, 0.07], [0.70, 0.99], [0.29, 0.11]])
"""R, G and B optical density of hematoxylin and eosin, in columns."""

LEAST_DENSITY = 0.15
"""Optical density that every color of a pixel must reach to count as stained."""

MIN_PIXELS = 100
"""Fewer stained pixels say nothing about a slide."""


@dataclass(frozen=True, slots=True)
class RuifrokNormalizer:
    """Stain normalization with the fixed vectors of Ruifrok and Johnston 2001.

    Parameters
    ----------
    hematoxylin, eosin : float
        99th percentile of each stain's concentration that the slide is brought to.
    intensity : float
        Transmitted light of an empty pixel, gray levels.
    dark : float
        Gray levels added before the logarithm; with 0, level 0 counts as 1.

    Notes
    -----
    *Source*: A. C. Ruifrok and D. A. Johnston, *Quantification of histochemical staining by color
    deconvolution*, Anal. Quant. Cytol. Histol. 23, 2001. Concentrations are least squares. With an intensity
    of 255 and no dark level the result is that of TIAToolbox, which the tests compare with.
    """

    hematoxylin: float = 1.5
    eosin: float = 1.0
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
            The map to the chosen depths, or the unchanged one with the reason.
        """
        return self._fit(pixels, StainDepths(VECTORS, np.array([self.hematoxylin, self.eosin])))

    def fit_to(self, pixels: RgbArray, reference: RgbArray) -> FittedStain:
        """Fit on one slide, toward the depths of a reference, uint8 ``(M, 3)``."""
        target = self._measure(reference)
        return target if isinstance(target, FittedStain) else self._fit(pixels, target)

    def _measure(self, pixels: RgbArray) -> StainDepths | FittedStain:
        density = density_of(pixels, self.intensity, self.dark)
        stained = int((density >= LEAST_DENSITY).all(axis=1).sum())
        if stained < MIN_PIXELS:
            return too_few(METHOD, stained)
        measured = StainDepths.measure(density, VECTORS)
        return measured if measured.are_seen else hardly_there(METHOD)

    def _fit(self, pixels: RgbArray, target: StainDepths) -> FittedStain:
        source = self._measure(pixels)
        if isinstance(source, FittedStain):
            return source
        return FittedStain(
            method=METHOD,
            matrix=source.to_reference(target),
            intensity=self.intensity,
            diagnostics=source.diagnostics() | {"pixels": pixels.size // 3},
            dark=self.dark,
        )
