"""What of a slide has been looked at, and how closely: a small grid over the slide.

Each cell keeps the finest scale at which its middle was in a view that rested, so that a reader sees what
was passed over. The scale is kept as such and becomes a magnification only where the pixel size is known,
which may be learnt later. Pure; any thread.
"""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import FloatArray, MaskArray, RgbArray
from desktop_app.domain.viewport import Viewport, downsample_at

MOST_CELLS = 512
"""Cells along the slide's longer side."""

SMALLEST_CELL = 16.0
"""Level-0 pixels; a tiny slide has fewer cells."""

STEPS_PER_OCTAVE, COARSEST_OCTAVE = 8, 16
"""A step of scale is an eighth of a factor of two; views coarser than 2**16 count as that."""

MAGNIFICATIONS = (2.5, 5.0, 10.0, 20.0, 40.0)
"""The classes of a slide whose pixel size is known."""

DOWNSAMPLES = (16.0, 8.0, 4.0, 2.0, 1.0)
"""The classes of the others: level-0 pixels per device pixel."""

TISSUE_DARKNESS = (12, 60)
"""Bounds of the threshold between glass and tissue: 255 less the darkest of red, green and blue."""

StepArray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """What has been seen of one slide.

    Attributes
    ----------
    slide_size : tuple[int, int]
        Level-0 pixels, ``(width, height)``.
    steps : StepArray
        uint8 ``(rows, columns)``: 0 for never seen, else the finer the larger, see :func:`step_of`.
    """

    slide_size: tuple[int, int]
    steps: StepArray

    @classmethod
    def empty(cls, slide_size: tuple[int, int]) -> Coverage:
        """Nothing has been seen yet."""
        cell = cell_side(slide_size)
        shape = (math.ceil(slide_size[1] / cell), math.ceil(slide_size[0] / cell))
        return cls(slide_size, np.zeros(shape, np.uint8))

    @classmethod
    def read(cls, content: Mapping[str, Any], slide_size: tuple[int, int]) -> Coverage:
        """From :meth:`written`; empty where that is damaged or of another slide."""
        empty = cls.empty(slide_size)
        try:
            steps = np.frombuffer(zlib.decompress(base64.b64decode(content["cells"])), np.uint8)
        except (KeyError, TypeError, ValueError, binascii.Error, zlib.error):
            return empty
        if content.get("size") != list(slide_size) or steps.size != empty.steps.size:
            return empty
        return cls(slide_size, steps.reshape(empty.steps.shape))

    def written(self) -> dict[str, Any]:
        """As JSON; some kilobytes for a slide read at many magnifications."""
        cells = base64.b64encode(zlib.compress(np.ascontiguousarray(self.steps).tobytes())).decode()
        return {"size": list(self.slide_size), "cells": cells}

    @property
    def cell(self) -> float:
        """Level-0 pixels of a cell's side; the last column and row may reach beyond the slide."""
        return cell_side(self.slide_size)

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been seen."""
        return not self.steps.any()

    def with_view(self, viewport: Viewport) -> Coverage:
        """After a view rested: cells whose middle it shows have been seen at its scale at least.

        Returns
        -------
        Coverage
            The same object where there is nothing new.
        """
        (x0, x1), (y0, y1) = self._touched(viewport)
        part = self.steps[y0:y1, x0:x1]
        seen = _inside(viewport, self._middles(x0, x1, 0), self._middles(y0, y1, 1))
        step = step_of(viewport.downsample)
        new = seen & (part < step)
        if not new.any():
            return self
        steps = self.steps.copy()
        steps[y0:y1, x0:x1][new] = step
        return Coverage(self.slide_size, steps)

    def merged(self, other: Coverage) -> Coverage:
        """What has been seen in either; ``other`` is of the same slide."""
        return Coverage(self.slide_size, np.maximum(self.steps, other.steps))

    def share(self, downsample: float, among: MaskArray | None = None) -> float:
        """How much has been seen at this scale or finer, 0 to 1.

        Parameters
        ----------
        downsample : float
            Level-0 pixels per device pixel.
        among : MaskArray | None
            bool ``(rows, columns)``: the cells that count; None for all.
        """
        seen = self.steps >= step_of(downsample)
        counted = seen if among is None else seen[among]
        return float(counted.mean()) if counted.size else 0.0

    def classes(self, downsamples: Sequence[float]) -> StepArray:
        """Which of some scales each cell was seen at.

        Parameters
        ----------
        downsamples : Sequence[float]
            Coarse to fine.

        Returns
        -------
        StepArray
            uint8 ``(rows, columns)``: 0 for coarser than all or not at all, n for the n-th.
        """
        limits = np.asarray([step_of(downsample) for downsample in downsamples])
        return np.searchsorted(limits, self.steps, side="right").astype(np.uint8)

    def _touched(self, viewport: Viewport) -> tuple[tuple[int, int], tuple[int, int]]:
        x, y, width, height = viewport.slide_rect()
        rows, columns = self.steps.shape
        across = _between(x / self.cell, (x + width) / self.cell, columns)
        return across, _between(y / self.cell, (y + height) / self.cell, rows)

    def _middles(self, first: int, last: int, axis: int) -> FloatArray:
        # The middle of what the slide has of a cell: the last ones reach beyond it.
        edges = np.minimum(np.arange(first, last + 1) * self.cell, self.slide_size[axis])
        middles: FloatArray = (edges[:-1] + edges[1:]) / 2
        return middles


def cell_side(slide_size: tuple[int, int]) -> float:
    """Level-0 pixels of a cell's side."""
    return max(SMALLEST_CELL, max(slide_size) / MOST_CELLS)


def step_of(downsample: float) -> int:
    """A scale (level-0 pixels per device pixel) as a step, 1 (coarsest) to 255."""
    step = round(STEPS_PER_OCTAVE * (COARSEST_OCTAVE - math.log2(downsample))) + 1
    return min(max(step, 1), 255)


def class_downsamples(mpp_x: float | None) -> tuple[float, ...]:
    """The scales of the classes, coarse to fine; ``mpp_x`` in µm per level-0 pixel."""
    if mpp_x is None:
        return DOWNSAMPLES
    return tuple(downsample_at(magnification, mpp_x) for magnification in MAGNIFICATIONS)


def tissue_cells(picture: RgbArray) -> MaskArray | None:
    """Which cells hold tissue, as far as a small picture tells.

    A threshold on 255 less the darkest channel, in which both stains are dark and glass is bright.

    Parameters
    ----------
    picture : RgbArray
        uint8 ``(rows, columns, 3)``: one pixel per cell of the coverage.

    Returns
    -------
    MaskArray | None
        None if everything or nothing looks like tissue, as on a fluorescence slide.

    Notes
    -----
    Source: N. Otsu, "A threshold selection method from gray-level histograms", IEEE Trans. SMC 9 (1979);
    the threshold is held between ``TISSUE_DARKNESS``.
    """
    darkness = 255 - picture.min(axis=2)
    low, high = TISSUE_DARKNESS
    found: MaskArray = darkness > min(max(_otsu(darkness), low), high)
    return found if 0 < found.mean() < 1 else None


def _otsu(values: NDArray[np.uint8]) -> int:
    counts = np.bincount(values.ravel(), minlength=256).astype(np.float64)
    below = np.cumsum(counts)
    above = counts.sum() - below
    sums = np.cumsum(counts * np.arange(256))
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = sums / below - (sums[-1] - sums) / above
    return int(np.nan_to_num(below * above * apart**2).argmax())


def _between(start: float, end: float, count: int) -> tuple[int, int]:
    first = min(max(math.floor(start), 0), count)
    return first, max(first, min(max(math.ceil(end), 0), count))


def _inside(viewport: Viewport, x: FloatArray, y: FloatArray) -> MaskArray:
    """Which places of a grid a view shows, ``(len(y), len(x))``; sums of rows and columns are quick."""
    m11, m12, m21, m22, dx, dy = viewport.matrix
    across = np.add.outer(m21 * y + dx, m11 * x)
    down = np.add.outer(m22 * y + dy, m12 * x)
    width, height = viewport.size
    inside: MaskArray = (across >= 0) & (across <= width) & (down >= 0) & (down <= height)
    return inside
