"""What the plugin tests share: the bundled plugins, a slide in memory, and pixels of known stain."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.slide_info import Level, SlideInfo
from desktop_app.plugin_api import Provided, RgbArray
from desktop_app.plugin_host import PluginHost, PluginListing

CHECKOUT = Path(__file__).resolve().parents[2]
BUNDLED = CHECKOUT / "plugins"

HEMATOXYLIN = np.array([0.5626, 0.7201, 0.4062])
EOSIN = np.array([0.2159, 0.8012, 0.5581])

WHITE = (255, 255, 255)


def bundled_host(folder: Path) -> PluginHost:
    """A host of the bundled plugins, with user files that do not exist below ``folder``."""
    return PluginHost(BUNDLED, folder / "plugins", folder / "trusted.json")


def bundled_listings() -> tuple[PluginListing, ...]:
    """Every bundled plugin; at collection time, so that each becomes a test of its own."""
    return tuple(
        listing
        for listing in bundled_host(CHECKOUT / "no user folder").listings()
        if listing.origin == "bundled"
    )


def bundled_provides() -> tuple[tuple[str, Provided], ...]:
    """``("plugin_id/provided_id", what the manifest says)`` of every bundled plugin that can be listed."""
    return tuple(
        (f"{listing.plugin_id}/{thing.id}", thing)
        for listing in bundled_listings()
        if listing.manifest is not None
        for thing in listing.manifest.provides
    )


class ArraySlide:
    """``SlidePixels`` over arrays in memory, finest level first."""

    def __init__(
        self,
        *levels: RgbArray,
        mpp: tuple[float, float] | None = (0.5, 0.5),
        background: tuple[int, int, int] = WHITE,
    ) -> None:
        self._levels = levels
        height, width = levels[0].shape[:2]
        self.info = SlideInfo(
            path=Path("in memory.svs"),
            slide_id="in-memory",
            size=(width, height),
            levels=tuple(
                Level(index, (pixels.shape[1], pixels.shape[0]), width / pixels.shape[1])
                for index, pixels in enumerate(levels)
            ),
            vendor="memory",
            mpp=mpp,
            mpp_source=None if mpp is None else "metadata",
            background=background,
        )
        self.largest_read = 0

    def read_region(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level, background beyond it."""
        self.largest_read = max(self.largest_read, 3 * size[0] * size[1])
        return self._region(location, level, size)

    def _region(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
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
        self.largest_read = max(self.largest_read, 3 * size[0] * size[1])
        whole = self._region(
            (round(location[0]), round(location[1])), 0, (round(extent[0]), round(extent[1]))
        )
        resized = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
        return np.asarray(resized, dtype=np.uint8)


def stained(concentrations: NDArray[np.float64], intensity: float = 240.0) -> RgbArray:
    """uint8 ``(..., 3)`` pixels of known hematoxylin and eosin concentrations ``(..., 2)`` (Lambert-Beer)."""
    density = concentrations @ np.stack([HEMATOXYLIN, EOSIN])
    return np.clip(np.rint(intensity * np.exp(-density) - 1), 0, 255).astype(np.uint8)


def stained_tiles(count: int = 4, size: int = 64, seed: int = 0) -> RgbArray:
    """uint8 ``(count, size, size, 3)``: eosin of varying depth with round nuclei, different in every tile."""
    rng = np.random.default_rng(seed)
    tiles = np.empty((count, size, size, 3), np.uint8)
    for tile in tiles:
        nuclei = np.zeros((size, size), np.float32)
        for x, y in rng.integers(0, size, (max(3, size * size // 300), 2)):
            cv2.circle(nuclei, (int(x), int(y)), int(rng.integers(3, 6)), 1.0, thickness=-1)
        eosin = 0.35 + 0.25 * cv2.GaussianBlur(rng.random((size, size), dtype=np.float32), (0, 0), 3)
        hematoxylin = 0.05 + 1.1 * cv2.GaussianBlur(nuclei, (0, 0), 0.8)
        noise = rng.normal(0, 0.01, (size, size, 2))
        tile[:] = stained(np.clip(np.stack([hematoxylin, eosin], axis=-1) + noise, 0, None))
    return tiles
