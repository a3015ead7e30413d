"""What one synthetic slide is to look like, as one frozen value drawn from a seed.

Every factor has a random stream of its own that never sees the label, so that a slide's stain, pen, blur,
size of tissue and mimics say nothing about whether the pattern is on it. Any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.random import Generator

StainStyle: TypeAlias = Literal["rose", "violet"]
PenColor: TypeAlias = Literal["none", "blue", "green", "black"]

PATTERN_CLASS = "Synthetic pattern"
"""The class of the regions to find, in truth files and in the demonstration model."""

DEFAULT_SIZE = (20_000, 15_000)
_STAINS: tuple[StainStyle, ...] = ("rose", "violet")
_PENS: tuple[PenColor, ...] = ("none", "none", "none", "blue", "green", "black")
_STREAMS = ("stain", "pen", "tissue", "fat", "glands", "follicles", "blur", "pattern")


@dataclass(frozen=True, slots=True)
class SlideSpec:
    """One slide to draw.

    Attributes
    ----------
    seed : int
        Decides every object on the slide.
    label : bool
        Whether the pattern is on the slide.
    size : tuple[int, int]
        Level-0 pixels, ``(width, height)``.
    mpp : float
        µm per level-0 pixel.
    stain : StainStyle
        One of two laboratories; each slide varies about its style.
    pen : PenColor
        The pen mark, or ``"none"``.
    tissue_share : float
        Tissue of the whole slide, 0 to 1.
    fat_share, gland_share, follicle_share : float
        Of the tissue, 0 to 1. Follicles are the hypercellular mimics: crowded small nuclei with the same
        overall amount of hematoxylin as the pattern.
    blur_um : float
        Standard deviation of the focus blur, µm.
    pattern_share : float
        Of the tissue, 0.01 to 0.15; drawn for every slide and used only where ``label`` is True.
    """

    seed: int
    label: bool
    size: tuple[int, int] = DEFAULT_SIZE
    mpp: float = 0.25
    stain: StainStyle = "rose"
    pen: PenColor = "none"
    tissue_share: float = 0.5
    fat_share: float = 0.1
    gland_share: float = 0.3
    follicle_share: float = 0.06
    blur_um: float = 0.2
    pattern_share: float = 0.06

    @classmethod
    def draw(
        cls, seed: int, *, label: bool, size: tuple[int, int] = DEFAULT_SIZE, mpp: float = 0.25
    ) -> SlideSpec:
        """Draw every factor from its own stream of ``seed``.

        Parameters
        ----------
        seed : int
            Not negative.
        label : bool
            Passed through; no factor depends on it.
        size : tuple[int, int]
            Level-0 pixels, ``(width, height)``.
        mpp : float
            µm per level-0 pixel.
        """
        streams = {name: factor_stream(seed, name) for name in _STREAMS}
        return cls(
            seed=seed,
            label=label,
            size=size,
            mpp=mpp,
            stain=_STAINS[streams["stain"].integers(len(_STAINS))],
            pen=_PENS[streams["pen"].integers(len(_PENS))],
            tissue_share=float(streams["tissue"].uniform(0.35, 0.65)),
            fat_share=float(streams["fat"].choice([0.0, 1.0]) * streams["fat"].uniform(0.05, 0.3)),
            gland_share=float(streams["glands"].uniform(0.15, 0.5)),
            follicle_share=float(streams["follicles"].uniform(0.02, 0.15)),
            blur_um=float(streams["blur"].uniform(0.0, 0.6)),
            pattern_share=float(np.exp(streams["pattern"].uniform(np.log(0.012), np.log(0.14)))),
        )

    @property
    def size_um(self) -> tuple[float, float]:
        """Extent of the slide, ``(width, height)``, µm."""
        return self.size[0] * self.mpp, self.size[1] * self.mpp


def factor_stream(seed: int, name: str) -> Generator:
    """A random stream that depends on the seed and the factor's name alone."""
    return np.random.default_rng([seed, *name.encode()])
