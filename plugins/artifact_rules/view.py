"""What the detectors look at: one overview in optical density, and the maps they make of it.

Runs on the thread of the job.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.plugin_api import (
    ArtifactMap,
    FloatArray,
    MaskArray,
    SlidePixels,
    Tissue,
    glass_color,
    optical_density,
    pixel_um,
    polygons_from_mask,
    read_overview,
)

READING_MPP = 8.0
"""µm per pixel of the overview, whatever the slide's own; a slide that is coarser is read at its own."""

MAX_OVERVIEW_PX = 4096

STAINED = 0.06
"""Difference between the channels' optical densities above which a pixel is stained."""


@dataclass(frozen=True, slots=True)
class DensityView:
    """A slide in optical density over its own glass.

    Attributes
    ----------
    density : FloatArray
        float32 ``(H, W, 3)``, natural logarithm.
    um : tuple[float, float]
        µm per pixel, ``(x, y)``.
    slide_size : tuple[int, int]
        Level-0 pixels.
    """

    density: FloatArray
    um: tuple[float, float]
    slide_size: tuple[int, int]

    @classmethod
    def of(cls, slide: SlidePixels) -> DensityView:
        """Read a slide.

        Raises
        ------
        MissingMppError
            If the slide's pixel size is unknown.
        SlideReadError
            If the slide cannot be read.
        """
        mpp, full = slide.info.require_mpp(), slide.info.size
        size = full[0] * mpp[0] / READING_MPP, full[1] * mpp[1] / READING_MPP
        overview = read_overview(slide, size, MAX_OVERVIEW_PX)
        density = optical_density(overview, glass_color(overview))
        return cls(density, pixel_um(slide, overview.shape), full)

    @property
    def gray(self) -> FloatArray:
        """What all channels absorb alike, float32 ``(H, W)``."""
        import cv2

        red, green, blue = cv2.split(self.density)
        return np.asarray(cv2.min(cv2.min(red, green), blue), np.float32)

    @property
    def chroma(self) -> FloatArray:
        """The largest less the smallest channel, float32 ``(H, W)``."""
        import cv2

        red, green, blue = cv2.split(self.density)
        return np.asarray(cv2.max(cv2.max(red, green), blue), np.float32) - self.gray

    def pixels(self, length_um: float) -> int:
        """A length in pixels, at least 1."""
        return max(1, round(length_um / ((self.um[0] + self.um[1]) / 2)))

    def area_pixels(self, area_um2: float) -> float:
        """An area in pixels."""
        return area_um2 / (self.um[0] * self.um[1])

    def smoothed(self, width_um: float) -> FloatArray:
        """The density averaged over a square."""
        import cv2

        width = self.pixels(width_um)
        return np.asarray(cv2.blur(self.density, (width, width)), np.float32)

    def tissue_mask(self, tissue: Tissue | None) -> MaskArray:
        """The tissue at this view's size; without a detector's answer, all that is stained."""
        import cv2

        if tissue is None:
            width = self.pixels(24.0)
            return np.asarray(cv2.blur(self.chroma, (width, width)) > STAINED, np.bool_)
        size = self.density.shape[1], self.density.shape[0]
        resized = cv2.resize(tissue.mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
        return np.asarray(resized > 0, np.bool_)

    def result(self, class_name: str, score: FloatArray, mask: MaskArray) -> tuple[ArtifactMap, ...]:
        """A map whose threshold is half the score's range."""
        scale = self.slide_size[0] / mask.shape[1], self.slide_size[1] / mask.shape[0]
        bounded = np.clip(score, 0.0, 1.0).astype(np.float32)
        polygons = polygons_from_mask(mask, scale)
        return (ArtifactMap(class_name, bounded, mask, self.um, 0.5, polygons),)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Connected pieces of a mask.

    Attributes
    ----------
    labels : NDArray[np.int32]
        ``(H, W)``, 0 beside the mask.
    stats : NDArray[np.int32]
        One row for each label, OpenCV's columns; row 0 is the background.
    """

    labels: NDArray[np.int32]
    stats: NDArray[np.int32]

    @classmethod
    def of(cls, mask: MaskArray) -> Pieces:
        """Find the 8-connected pieces."""
        import cv2

        _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
        return cls(np.asarray(labels, np.int32), np.asarray(stats, np.int32))

    @property
    def areas(self) -> NDArray[np.int32]:
        """Pixels of each label."""
        return self.stats[:, 4]

    @property
    def diagonals(self) -> FloatArray:
        """Diagonal of each label's bounding box, pixels."""
        return np.hypot(self.stats[:, 2], self.stats[:, 3])

    def shares(self, inside: MaskArray) -> FloatArray:
        """The share of each label that lies inside a mask."""
        counts = np.bincount(self.labels[inside], minlength=len(self.stats))
        return np.asarray(counts / np.maximum(self.areas, 1), np.float64)

    def only(self, keep: MaskArray) -> MaskArray:
        """The mask of the labels to keep."""
        chosen = keep.copy()
        chosen[0] = False
        return np.asarray(chosen[self.labels], np.bool_)


def disk(pixels: int) -> NDArray[np.uint8]:
    """A round kernel of that radius."""
    import cv2

    side = 2 * pixels + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def closed(mask: MaskArray, pixels: int) -> MaskArray:
    """Closing with a disk of that radius."""
    import cv2

    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, disk(pixels)), np.bool_)


def opened(mask: MaskArray, pixels: int) -> MaskArray:
    """Opening with a disk of that radius."""
    import cv2

    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, disk(pixels)), np.bool_)
