"""What is out of focus: a map of sharpness at one pixel size, cell by cell.

The slide is read at 1 µm per pixel where there is tissue, so one threshold serves every scanner. Runs on
the thread of the job.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from desktop_app.plugin_api import ArtifactMap, FloatArray, RgbArray, SlidePixels, Tissue, polygons_from_mask

from .view import DensityView

READING_MPP = 1.0
CELL_UM = 64.0
BLOCK_CELLS = 16
"""Cells of a block a side that is read at once."""

FINE, COARSE = 1.0, 4.0
"""Widths of the Gaussians, µm, between which the two bands lie."""

LEAST_TEXTURE = 3.0
"""Gray levels of the coarse band below which a cell has nothing to be sharp."""

LEAST_TISSUE = 0.5
"""Share of a cell that must be tissue."""


@dataclass(frozen=True, slots=True)
class FocusDetector:
    """Sharpness as the strength of fine detail over that of coarser detail.

    Parameters
    ----------
    sharpness : float
        Ratio below which a cell is out of focus.

    Notes
    -----
    *Source*: own; that blur takes the fine band first and leaves the coarse one is common to measures of
    focus (Pertuz et al. 2013). The ratio does not depend on the stain's strength.
    """

    sharpness: float = 0.25

    def detect(self, slide: SlidePixels, *, tissue: Tissue | None = None) -> tuple[ArtifactMap, ...]:
        """Detect blur; see ``ArtifactDetector``.

        A slide coarser than 1.5 µm per pixel cannot be judged: nothing is found.
        """
        mpp, full = slide.info.require_mpp(), slide.info.size
        columns, rows = (max(1, round(full[axis] * mpp[axis] / CELL_UM)) for axis in (0, 1))
        ratio = np.full((rows, columns), np.inf, np.float32)
        if max(mpp) <= 1.5 * READING_MPP:
            wanted = _cells_with_tissue(slide, tissue, (columns, rows))
            for top, left, pixels in _blocks(slide, wanted):
                sharp = sharpness(pixels)
                place = np.s_[top : top + sharp.shape[0], left : left + sharp.shape[1]]
                ratio[place] = np.where(wanted[place], sharp, np.inf)
        mask = ratio < self.sharpness
        score = np.clip(1 - ratio / (2 * self.sharpness), 0, 1).astype(np.float32)
        um = full[0] * mpp[0] / columns, full[1] * mpp[1] / rows
        polygons = polygons_from_mask(mask, (full[0] / columns, full[1] / rows))
        return (ArtifactMap("Out of focus", score, mask, um, 0.5, polygons),)


def sharpness(pixels: RgbArray) -> FloatArray:
    """The ratio of the bands in each cell, float32 ``(h, w)``; infinite where there is no texture.

    Parameters
    ----------
    pixels : RgbArray
        uint8, whole cells of 64 × 64 pixels at 1 µm per pixel.
    """
    import cv2

    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    middle = cv2.GaussianBlur(gray, (0, 0), FINE)
    fine = _cell_deviation(gray - middle)
    coarse = _cell_deviation(middle - cv2.GaussianBlur(gray, (0, 0), COARSE))
    ratio = fine / np.maximum(coarse, 1e-6)
    ratio[coarse < LEAST_TEXTURE] = np.inf
    return np.asarray(ratio, np.float32)


def _cell_deviation(band: FloatArray) -> FloatArray:
    cell = round(CELL_UM / READING_MPP)
    rows, columns = band.shape[0] // cell, band.shape[1] // cell
    cells = band.reshape(rows, cell, columns, cell)
    return np.asarray(np.sqrt(np.mean(cells**2, axis=(1, 3))), np.float32)


def _cells_with_tissue(slide: SlidePixels, tissue: Tissue | None, size: tuple[int, int]) -> np.ndarray:
    import cv2

    inside = tissue.mask if tissue is not None else DensityView.of(slide).tissue_mask(None)
    share = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(share >= LEAST_TISSUE, np.bool_)


def _blocks(slide: SlidePixels, wanted: np.ndarray) -> Iterator[tuple[int, int, RgbArray]]:
    """First row and column of each block with tissue, and its pixels."""
    rows, columns = wanted.shape
    cell = round(CELL_UM / READING_MPP)
    step = slide.info.size[0] / columns, slide.info.size[1] / rows
    for top in range(0, rows, BLOCK_CELLS):
        for left in range(0, columns, BLOCK_CELLS):
            block = wanted[top : top + BLOCK_CELLS, left : left + BLOCK_CELLS]
            if block.any():
                high, wide = block.shape
                location, extent = (left * step[0], top * step[1]), (wide * step[0], high * step[1])
                yield top, left, slide.read_scaled(location, extent, (wide * cell, high * cell))
