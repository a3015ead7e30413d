"""From stain concentrations to color: the light that two stains let through.

Two laboratories (styles) stain differently, and each slide varies about its style. Any thread.

Source
------
Ruifrok and Johnston, Anal. Quant. Cytol. Histol. 23 (2001): stains absorb independently, optical density is
linear in concentration. The vectors of each style were chosen by eye.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from desktop_app.demonstration.spec import PenColor, SlideSpec, StainStyle, factor_stream
from desktop_app.domain.arrays import FloatArray

_VECTORS: dict[StainStyle, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "rose": ((0.62, 0.72, 0.31), (0.11, 0.86, 0.50)),
    "violet": ((0.70, 0.66, 0.27), (0.24, 0.88, 0.40)),
}
_STRENGTHS: dict[StainStyle, tuple[float, float]] = {"rose": (1.0, 1.0), "violet": (1.12, 0.86)}
_PEN_INKS: dict[PenColor, tuple[float, float, float]] = {
    "blue": (2.4, 1.5, 0.35),
    "green": (2.0, 0.7, 1.7),
    "black": (2.0, 2.0, 1.9),
    "none": (0.0, 0.0, 0.0),
}


@dataclass(frozen=True, slots=True, eq=False)
class Staining:
    """How one slide is stained and lit.

    Attributes
    ----------
    hematoxylin, eosin : FloatArray
        float32 ``(3,)``, natural optical density of R, G, B at concentration 1.
    ink : FloatArray
        float32 ``(3,)``, natural optical density of the pen.
    lamp : FloatArray
        float32 ``(3,)``, gray levels of empty glass.
    """

    hematoxylin: FloatArray
    eosin: FloatArray
    ink: FloatArray
    lamp: FloatArray

    @classmethod
    def draw(cls, spec: SlideSpec) -> Staining:
        """A slide's own variation of its style."""
        rng = factor_stream(spec.seed, "stain variation")
        vectors = np.array(_VECTORS[spec.stain]) + rng.normal(0, 0.025, (2, 3))
        strengths = np.array(_STRENGTHS[spec.stain]) * np.exp(rng.normal(0, 0.12, 2))
        absorbed = (vectors * strengths[:, None]).astype(np.float32)
        lamp = (rng.uniform(241, 247) + rng.uniform(-1.2, 1.2, 3)).astype(np.float32)
        return cls(absorbed[0], absorbed[1], np.array(_PEN_INKS[spec.pen], np.float32), lamp)

    def glass(self, size: tuple[int, int]) -> FloatArray:
        """Light where there is nothing, float32 ``(h, w, 3)`` for ``(w, h)``."""
        return np.asarray(np.broadcast_to(self.lamp, (size[1], size[0], 3)).copy(), dtype=np.float32)

    def light(self, hematoxylin: FloatArray, eosin: FloatArray) -> FloatArray:
        """Light through two planes of concentration ``(h, w)``, float32 ``(h, w, 3)``, gray levels."""
        channels = [
            self.lamp[band] * cv2.exp(-self.hematoxylin[band] * hematoxylin - self.eosin[band] * eosin)
            for band in range(3)
        ]
        return np.asarray(cv2.merge(channels), dtype=np.float32)

    def pen_light(self, density: FloatArray) -> FloatArray:
        """The share of light that ink of a density ``(h, w)`` lets through, float32 ``(h, w, 3)``."""
        return np.asarray(cv2.merge([cv2.exp(-self.ink[band] * density) for band in range(3)]))
