"""Made-up pixels that plugins are tried on: stained tissue of known place, as tiles and as a slide.

Pure functions of a seed; no file is read.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.slide_info import Level, SlideInfo

HEMATOXYLIN = np.array([0.5626, 0.7201, 0.4062])
EOSIN = np.array([0.2159, 0.8012, 0.5581])
"""Optical densities of the stains by channel, unit length (Macenko et al. 2009, natural logarithm)."""

GLASS = 244

TISSUE_RECT = (640, 112, 1168, 640)
"""Where the tissue of :class:`SampleSlide` is: left, top, right, bottom in level-0 pixels."""

SLIDE_SIZE = (1280, 768)


def stained_tiles(count: int = 4, size: int = 64, seed: int = 0) -> RgbArray:
    """Tiles of H&E-stained tissue with round nuclei, different in every tile.

    Returns
    -------
    RgbArray
        uint8 ``(count, size, size, 3)``.
    """
    import cv2

    rng = np.random.default_rng(seed)
    tiles = np.empty((count, size, size, 3), np.uint8)
    for tile in tiles:
        nuclei = np.zeros((size, size), np.float32)
        for x, y in rng.integers(0, size, (max(3, size * size // 300), 2)):
            cv2.circle(nuclei, (int(x), int(y)), int(rng.integers(3, 6)), 1.0, thickness=-1)
        eosin = 0.35 + 0.25 * cv2.GaussianBlur(rng.random((size, size), dtype=np.float32), (0, 0), 3)
        hematoxylin = 0.05 + 1.1 * cv2.GaussianBlur(nuclei, (0, 0), 0.8)
        noise = rng.normal(0, 0.01, (size, size, 2))
        tile[:] = _stained(np.clip(np.stack([hematoxylin, eosin], axis=-1) + noise, 0, None))
    return tiles


def _stained(concentrations: NDArray[np.float64], intensity: float = 240.0) -> RgbArray:
    """Pixels of known hematoxylin and eosin concentrations ``(..., 2)`` by Lambert and Beer."""
    density = concentrations @ np.stack([HEMATOXYLIN, EOSIN])
    pixels = np.clip(np.rint(intensity * np.exp(-density) - 1), 0, 255)
    return np.asarray(pixels, dtype=np.uint8)


class SampleSlide:
    """``SlidePixels`` in memory: tissue in the right half of a slide that is not square, on bright glass.

    Parameters
    ----------
    mpp : float
        µm per level-0 pixel.
    """

    def __init__(self, mpp: float = 1.0) -> None:
        width, height = SLIDE_SIZE
        left, top, right, bottom = TISSUE_RECT
        pixels = np.full((height, width, 3), GLASS, np.uint8)
        pixels[top:bottom, left:right] = stained_tiles(1, right - left)[0]
        self._levels = (pixels, pixels[::2, ::2])
        self.info = SlideInfo(
            path=Path("sample.svs"),
            slide_id="sample",
            size=SLIDE_SIZE,
            levels=(Level(0, SLIDE_SIZE, 1.0), Level(1, (width // 2, height // 2), 2.0)),
            vendor="memory",
            mpp=(mpp, mpp),
            mpp_source="metadata",
        )

    def read_region(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level, background beyond it."""
        pixels = self._levels[level]
        downsample = self.info.levels[level].downsample
        x, y = round(location[0] / downsample), round(location[1] / downsample)
        region = np.empty((size[1], size[0], 3), np.uint8)
        region[:] = self.info.background
        left, top = max(0, x), max(0, y)
        inside = pixels[top : max(top, y + size[1]), left : max(left, x + size[0])]
        region[top - y : top - y + inside.shape[0], left - x : left - x + inside.shape[1]] = inside
        return region

    def read_scaled(
        self, location: tuple[float, float], extent: tuple[float, float], size: tuple[int, int]
    ) -> RgbArray:
        """A level-0 rectangle, resampled by area."""
        import cv2

        corner = (round(location[0]), round(location[1]))
        whole = self.read_region(corner, 0, (round(extent[0]), round(extent[1])))
        return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
