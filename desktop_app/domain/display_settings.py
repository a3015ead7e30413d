"""How a slide's colors are shown: a frozen value that the panel edits and the display lookup is made from.

It changes the picture only, never the pixels that are analyzed. Pure; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Rgb: TypeAlias = tuple[int, int, int]
StainVector: TypeAlias = tuple[float, float, float]
"""Optical density of red, green and blue, of unit length."""

StainView: TypeAlias = Literal["off", "first", "second", "residual", "false_color"]
"""The picture as it is; one stain alone in its own color; or all three in false colors."""

HEMATOXYLIN: StainVector = (0.651, 0.701, 0.290)
EOSIN: StainVector = (0.216, 0.801, 0.558)
DAB: StainVector = (0.269, 0.568, 0.778)
"""QuPath's default vectors, after Ruifrok and Johnston (2001)."""


@dataclass(frozen=True, slots=True)
class Stains:
    """The two stains of a slide; the residual is their cross product.

    Attributes
    ----------
    names : tuple[str, str]
        ``("Hematoxylin", "Eosin")`` or ``("Hematoxylin", "DAB")``, or the user's own.
    vectors : tuple[StainVector, StainVector]
        Unit length.
    background : Rgb
        The color of empty glass, from which optical density is measured.
    """

    names: tuple[str, str] = ("Hematoxylin", "Eosin")
    vectors: tuple[StainVector, StainVector] = (HEMATOXYLIN, EOSIN)
    background: Rgb = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class ChannelDisplay:
    """How one fluorescence channel is shown.

    Attributes
    ----------
    visible : bool
        Whether it is shown.
    color : Rgb
        Its full color.
    low, high : float
        Pixel values shown as black and as the full color; ``low < high``.
    """

    visible: bool
    color: Rgb
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class DisplaySettings:
    """Everything between file and screen.

    Attributes
    ----------
    icc : bool
        Whether the slide's ICC profile is applied, where it has one.
    brightness : float
        -1 to 1; added to each color after the window.
    contrast : float
        -1 to 1; 0 leaves it.
    gamma : float
        0.2 to 5; 1 leaves it; above 1 is brighter.
    black, white : int
        Gray levels, 0 to 255, shown as 0 and as 255; ``black < white``.
    white_point : Rgb | None
        A color of the slide's glass that is shown as white; None leaves the balance.
    monochrome : bool
        Shown as luminance.
    stain_view : StainView
        Color deconvolution.
    stains : Stains
        What it separates.
    channels : tuple[ChannelDisplay, ...]
        Of a fluorescence slide, else empty.
    """

    icc: bool = True
    brightness: float = 0.0
    contrast: float = 0.0
    gamma: float = 1.0
    black: int = 0
    white: int = 255
    white_point: Rgb | None = None
    monochrome: bool = False
    stain_view: StainView = "off"
    stains: Stains = field(default_factory=Stains)
    channels: tuple[ChannelDisplay, ...] = ()

    @property
    def is_adjusted(self) -> bool:
        """Whether anything but color management and the channels differs from the plain picture."""
        return self != DisplaySettings(icc=self.icc, stains=self.stains, channels=self.channels)

    @property
    def is_toned(self) -> bool:
        """Whether window, brightness, contrast, gamma or white balance change any gray level."""
        plain = (0.0, 0.0, 1.0, 0, 255, None)
        return plain != (
            self.brightness,
            self.contrast,
            self.gamma,
            self.black,
            self.white,
            self.white_point,
        )
