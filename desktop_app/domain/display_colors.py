"""What becomes of a color between file and screen: stain view, color profile, balance, window, gamma.

One function from colors to colors; the lookup that the canvas applies is this function asked once for every
color there is, so nothing here runs per pixel. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import FloatArray, RgbArray
from desktop_app.domain.display_settings import DisplaySettings, Rgb
from desktop_app.domain.stain_vectors import unmixing_matrix

ColorProfile: TypeAlias = Callable[[RgbArray], RgbArray]
"""uint8 ``(N, 3)`` as stored to uint8 ``(N, 3)`` for the screen."""

Normalization: TypeAlias = Callable[[RgbArray], RgbArray]
"""uint8 ``(N, 3)`` as stored to uint8 ``(N, 3)`` as another slide of the same tissue would have them."""

FALSE_COLORS = ((1.0, 0.55, 0.0), (0.0, 0.35, 1.0), (0.3, 1.0, 0.3))
"""Optical density of the inks for first stain, second stain and residual: blue, orange, magenta."""

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Weights of red, green and blue (ITU-R BT.709)."""


def display_colors(
    colors: RgbArray,
    settings: DisplaySettings,
    profile: ColorProfile | None = None,
    normalization: Normalization | None = None,
) -> RgbArray:
    """Colors as they are shown.

    Parameters
    ----------
    colors : RgbArray
        uint8 ``(N, 3)`` as stored.
    settings : DisplaySettings
        What the user wants; ``channels`` is not looked at.
    profile : ColorProfile | None
        From the slide's colors to the screen's; not asked where ``settings.icc`` is off.
    normalization : Normalization | None
        Of the stain; before everything else, as in an analysis.

    Returns
    -------
    RgbArray
        uint8 ``(N, 3)``. Stains are parted in stored colors, as analysis does; a single stain is then shown
        through the profile, false colors are the screen's own.
    """
    managed = profile if settings.icc else None
    shown = colors if normalization is None else normalization(colors)
    if settings.stain_view != "off":
        shown = stain_colors(shown, settings)
    if managed is not None and settings.stain_view != "false_color":
        shown = managed(shown)
    if settings.is_toned:
        curves = tone_curves(settings, _screen_white(settings, managed))
        shown = np.column_stack([curve[shown[:, channel]] for channel, curve in enumerate(curves)])
    return _gray(shown) if settings.monochrome else shown


def is_identity(settings: DisplaySettings, *, has_profile: bool) -> bool:
    """Whether every color stays what it is, so that no lookup is needed."""
    return not settings.is_adjusted and not (settings.icc and has_profile)


def stain_colors(colors: RgbArray, settings: DisplaySettings) -> RgbArray:
    """Colors with one stain alone, or with stains in false colors.

    Parameters
    ----------
    colors : RgbArray
        uint8 ``(N, 3)``.
    settings : DisplaySettings
        ``stain_view`` is not ``"off"``.

    Returns
    -------
    RgbArray
        uint8 ``(N, 3)``. One stain: what glass with this stain alone would look like. Residual: gray,
        darker where the color is further from any mixture of the two. False color: three inks on white.

    Notes
    -----
    *Source*: A. Ruifrok and D. Johnston, *Quantification of histochemical staining by color deconvolution*,
    2001. Negative amounts count as none.
    """
    stains, view = settings.stains, settings.stain_view
    amounts = _densities(stains.background)[_offsets(colors)] @ unmixing_matrix(stains).astype(np.float32)
    if view == "residual":
        return _through(np.abs(amounts[:, 2:]), np.ones((1, 3)), (255, 255, 255))
    amounts = np.maximum(amounts, 0)
    if view == "false_color":
        return _through(amounts, np.asarray(FALSE_COLORS), (255, 255, 255))
    which = 0 if view == "first" else 1
    return _through(
        amounts[:, which : which + 1], np.asarray(stains.vectors[which : which + 1]), stains.background
    )


def tone_curves(settings: DisplaySettings, white: Rgb | None) -> tuple[NDArray[np.uint8], ...]:
    """What becomes of each gray level of red, green and blue.

    Parameters
    ----------
    settings : DisplaySettings
        Window, brightness, contrast and gamma.
    white : Rgb | None
        The screen color that shall become white, or None.

    Returns
    -------
    tuple[NDArray[np.uint8], ...]
        Three of uint8 ``(256,)``.
    """
    return tuple(_curve(settings, 255 if white is None else white[channel]) for channel in range(3))


def _curve(settings: DisplaySettings, white: int) -> NDArray[np.uint8]:
    levels = np.minimum(np.arange(256) * (255 / max(white, 1)), 255)
    share = (levels - settings.black) / max(settings.white - settings.black, 1)
    # At full contrast everything is black or white; at none everything is middle gray.
    slope = np.tan((settings.contrast + 1) * np.pi / 4) if settings.contrast < 1 else 1e6
    share = (share - 0.5) * slope + 0.5 + settings.brightness
    levels = np.rint(255 * np.clip(share, 0, 1) ** (1 / settings.gamma))
    return np.asarray(levels, np.uint8)


def _screen_white(settings: DisplaySettings, profile: ColorProfile | None) -> Rgb | None:
    if settings.white_point is None:
        return None
    stored = np.asarray([settings.white_point], np.uint8)
    red, green, blue = (stored if profile is None else profile(stored))[0].tolist()
    return red, green, blue


def _gray(colors: RgbArray) -> RgbArray:
    light: RgbArray = np.rint(colors @ np.asarray(LUMINANCE, np.float32)).astype(np.uint8)
    return np.repeat(light[:, None], 3, axis=1)


def _densities(background: Rgb) -> NDArray[np.float32]:
    """Optical density by channel and gray level, flattened: ``256 * channel + level``."""
    light = np.maximum(np.arange(256), 1) / np.maximum(np.asarray(background, float), 1)[:, None]
    return np.asarray(-np.log(light), np.float32).ravel()


def _offsets(colors: RgbArray) -> NDArray[np.intp]:
    return np.asarray(colors + np.asarray([0, 256, 512]), np.intp)


def _through(amounts: NDArray[np.float32], inks: FloatArray, paper: Rgb) -> RgbArray:
    """Light through inks: amounts ``(N, k)``, optical density of the inks ``(k, 3)``."""
    light = np.exp(-(amounts @ inks.astype(np.float32)))
    light *= np.asarray(paper, np.float32)
    return np.asarray(np.rint(np.clip(light, 0, 255)), np.uint8)
