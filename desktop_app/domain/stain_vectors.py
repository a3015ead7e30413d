"""The two stains a slide is mixed from, found in its pixels.

The stain normalizer and the stain view both ask for them; here the answer is the same for both. Pure; any
thread.

Source: M. Macenko et al., *A method for normalizing histology slides for quantitative analysis*, ISBI 2009.
"""

from __future__ import annotations

import numpy as np

from desktop_app.domain.arrays import FloatArray, RgbArray
from desktop_app.domain.display_settings import Rgb, Stains, StainVector
from desktop_app.errors import StainEstimateError

LEAST_DENSITY = 0.15
"""Optical density (natural logarithm) that every color of a pixel must reach to count as stained."""

LEAST_PIXELS = 100
"""Fewer stained pixels say nothing about a slide."""

ANGLE_PERCENTILE = 1.0
"""Of the hue angle: each stain is taken from its end."""

MAX_CONDITION = 30.0
"""Vectors less than about 4 degrees apart are one stain; parting it would only amplify noise."""

MIN_COMPONENT = -0.1
"""A stain absorbs light: a vector with a more negative component is none."""

WHITE, LEAST_GLASS = 255, 200
"""Gray levels: of what was not scanned, and that every color of glass reaches beside it."""

GLASS_PERCENTILE = 90.0
"""Of the brightness: what is brighter is taken for glass."""


def find_stain_vectors(density: FloatArray, alpha: float) -> FloatArray:
    """The optical density vectors of the two stains that pixels are mixed from.

    Parameters
    ----------
    density : FloatArray
        float ``(N, 3)``, R, G and B optical density of stained pixels, N at least 2.
    alpha : float
        Percentile of hue angle at which each stain is taken from its end.

    Returns
    -------
    FloatArray
        float64 ``(3, 2)``, unit columns, hematoxylin (the one that absorbs more red) first.

    Notes
    -----
    Deviation from the source: angles are measured from their mean, which gives the same vectors and cannot
    break at plus or minus 180 degrees.
    """
    centered = density - density.mean(axis=0)
    _, eigenvectors = np.linalg.eigh((centered.T @ centered).astype(np.float64))
    plane = eigenvectors[:, 1:3]
    projected = density @ plane.astype(density.dtype)
    # Densities are positive, so all angles lie within 90 degrees of their mean: no angle wraps around.
    center = projected.mean(axis=0)
    middle = np.arctan2(center[1], center[0])
    turn = np.array([[np.cos(middle), -np.sin(middle)], [np.sin(middle), np.cos(middle)]])
    turned = projected @ turn.astype(density.dtype)
    low, high = middle + _angle_percentiles(turned, alpha)
    first, second = (plane @ np.array([np.cos(angle), np.sin(angle)]) for angle in (low, high))
    return np.column_stack([first, second] if first[0] > second[0] else [second, first])


def _angle_percentiles(turned: FloatArray, alpha: float) -> FloatArray:
    """Of the angles of ``(N, 2)``, at ``alpha`` and ``100 - alpha``, float64 ``(2,)``.

    The tangent rises with the angle, so it is ranked in its place: it costs a division, not an arc tangent.
    """
    percents = [alpha, 100 - alpha]
    if turned[:, 0].min() > 0:
        return np.arctan(np.percentile(turned[:, 1] / turned[:, 0], percents).astype(np.float64))
    angles = np.arctan2(turned[:, 1], turned[:, 0])
    return np.asarray(np.percentile(angles, percents), np.float64)


def problem_of_vectors(vectors: FloatArray) -> str | None:
    """Why two vectors ``(3, 2)`` cannot be two stains, or None."""
    if not np.isfinite(vectors).all() or np.linalg.cond(vectors) > MAX_CONDITION:
        return "The slide shows one stain only."
    if vectors.min() < MIN_COMPONENT:
        return "The slide's colors are not those of hematoxylin and eosin."
    return None


def glass_color(pixels: RgbArray) -> Rgb:
    """The color of empty glass: the median of the brightest tenth of an overview's pixels.

    Parameters
    ----------
    pixels : RgbArray
        uint8 ``(N, 3)``, N at least 1.

    Notes
    -----
    Scanners fill what they did not scan with pure white, which is no glass: it counts only where nearly
    nothing else is bright.
    """
    scanned = pixels[(pixels < WHITE).any(axis=1)]
    glass = _brightest(scanned) if len(scanned) else (WHITE, WHITE, WHITE)
    return glass if min(glass) >= LEAST_GLASS or len(scanned) == len(pixels) else (WHITE, WHITE, WHITE)


def _brightest(pixels: RgbArray) -> Rgb:
    brightness = pixels.sum(axis=1, dtype=np.int64)
    bright = pixels[brightness >= np.percentile(brightness, GLASS_PERCENTILE)]
    red, green, blue = np.rint(np.median(bright, axis=0)).astype(int).tolist()
    return red, green, blue


def optical_density(pixels: RgbArray, background: Rgb) -> FloatArray:
    """``-ln(max(pixel, 1) / background)``, float64 ``(N, 3)``."""
    return np.asarray(-np.log(np.maximum(pixels, 1) / np.maximum(np.asarray(background, float), 1)))


def estimate_stains(
    pixels: RgbArray, background: Rgb, *, names: tuple[str, str] = ("Hematoxylin", "Eosin")
) -> Stains:
    """The stains of a slide or of a drawn region.

    Parameters
    ----------
    pixels : RgbArray
        uint8 ``(N, 3)``, sampled where the estimate shall hold; unstained ones are left out.
    background : Rgb
        The color of empty glass.
    names : tuple[str, str]
        What the user calls them; the one that absorbs more red comes first.

    Raises
    ------
    StainEstimateError
        If too few pixels are stained, or they show one stain only.
    """
    density = optical_density(pixels, background)
    stained = density[(density >= LEAST_DENSITY).all(axis=1)]
    if len(stained) < LEAST_PIXELS:
        raise StainEstimateError(f"Only {len(stained)} stained pixels were found.")
    vectors = find_stain_vectors(stained, ANGLE_PERCENTILE)
    if (problem := problem_of_vectors(vectors)) is not None:
        raise StainEstimateError(problem)
    return Stains(names, (_unit(vectors[:, 0]), _unit(vectors[:, 1])), background)


def residual_vector(stains: Stains) -> StainVector:
    """The unit vector at right angles to both stains."""
    return _unit(np.cross(*np.asarray(stains.vectors)))


def unmixing_matrix(stains: Stains) -> FloatArray:
    """float64 ``(3, 3)``: optical density ``(N, 3) @ matrix`` gives first, second, residual ``(N, 3)``."""
    return np.linalg.inv(np.asarray([*stains.vectors, residual_vector(stains)]))


def _unit(vector: FloatArray) -> StainVector:
    red, green, blue = (vector / max(float(np.linalg.norm(vector)), 1e-12)).tolist()
    return red, green, blue
