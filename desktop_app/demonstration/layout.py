"""Where the tissue of a synthetic slide is, and which part of it is fat, follicle or the pattern to find.

Positions are µm from the slide's top left, so a layout does not depend on the resolution it is painted at.
Any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from shapely import Polygon, union_all
from shapely.geometry.base import BaseGeometry

from desktop_app.demonstration.noise import smooth_noise
from desktop_app.demonstration.outlines import blob, polygon_area
from desktop_app.demonstration.spec import SlideSpec, factor_stream
from desktop_app.domain.arrays import FloatArray, MaskArray

CELL_UM = 8.0
"""µm per cell of a layout's fields; cell (i, j) is centered on ((j + 0.5), (i + 0.5)) cells."""

_BLOB_RADIUS_UM = (85.0, 240.0)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The regions of a slide.

    Attributes
    ----------
    tissue, fat : FloatArray
        float32 ``(rows, columns)`` of cells; above 0 on tissue (on fat). A difference of 0.01 is about
        3 µm at the border.
    tone : FloatArray
        float32 ``(rows, columns)``, mean 0 and standard deviation 1: how deeply an area is stained.
    follicles, nests : tuple[FloatArray, ...]
        Outlines, float64 ``(M, 2)`` in µm: hypercellular mimics, and the pattern to find.
    """

    tissue: FloatArray
    fat: FloatArray
    tone: FloatArray
    follicles: tuple[FloatArray, ...]
    nests: tuple[FloatArray, ...]

    @classmethod
    def draw(cls, spec: SlideSpec) -> Layout:
        """Lay out a slide; everything but the nests is the same with and without the label.

        Raises
        ------
        ValueError
            If the slide is too small for the pattern that its label promises.
        """
        shape = _cells(spec)
        tissue = _tissue_field(shape, spec)
        fat = _fat_field(tissue, spec)
        inside = tissue > 0.04
        area = float(np.count_nonzero(tissue > 0)) * CELL_UM**2
        follicles = _Room(inside & (fat < -0.07), factor_stream(spec.seed, "follicle places"))
        mimics = follicles.fill(spec.follicle_share * area)
        room = _Room(follicles.free & inside, factor_stream(spec.seed, "nest places"))
        nests = room.fill(spec.pattern_share * area) if spec.label else ()
        if spec.label and not nests:
            raise ValueError(f"a slide of {spec.size} px at {spec.mpp} µm/px has no room for the pattern")
        return cls(
            tissue=tissue,
            fat=fat,
            tone=smooth_noise(shape, 14.0, rng=factor_stream(spec.seed, "tone")),
            follicles=mimics,
            nests=nests,
        )

    @property
    def tissue_area_um2(self) -> float:
        """Area of the tissue, µm²."""
        return float(np.count_nonzero(self.tissue > 0)) * CELL_UM**2

    def pattern_region(self) -> BaseGeometry:
        """The nests as one geometry in µm."""
        return union_all([Polygon(nest) for nest in self.nests])

    def at(self, field: FloatArray, points: FloatArray) -> FloatArray:
        """A field's value in the cell of each point; ``points`` is ``(N, 2)`` in µm."""
        cells = np.floor(points / CELL_UM).astype(np.int64)
        rows = np.clip(cells[:, 1], 0, field.shape[0] - 1)
        columns = np.clip(cells[:, 0], 0, field.shape[1] - 1)
        return np.asarray(field[rows, columns])


class _Room:
    """Cells that blobs may still be placed in."""

    def __init__(self, free: MaskArray, rng: Generator) -> None:
        self.free = free.copy()
        self._rng = rng

    def fill(self, area: float) -> tuple[FloatArray, ...]:
        """Place blobs until their areas (µm²) reach ``area`` or there is no room."""
        placed: list[FloatArray] = []
        left = max(area, np.pi * _BLOB_RADIUS_UM[0] ** 2)
        while left > 0.25 * np.pi * _BLOB_RADIUS_UM[0] ** 2:
            ring = self._place(min(self._rng.uniform(*_BLOB_RADIUS_UM), np.sqrt(left / np.pi)))
            if ring is None:
                break
            placed.append(ring)
            left -= polygon_area(ring)
        return tuple(placed)

    def _place(self, radius: float) -> FloatArray | None:
        """One blob where there is room for it, a smaller one where there is not."""
        distance = cv2.distanceTransform(self.free.astype(np.uint8), cv2.DIST_L2, 5) * CELL_UM
        radius = min(radius, 0.95 * float(distance.max()))
        if radius < 0.5 * _BLOB_RADIUS_UM[0]:
            return None
        rows, columns = np.nonzero(distance >= radius)
        choice = int(self._rng.integers(rows.size))
        center = np.array([columns[choice] + 0.5, rows[choice] + 0.5]) * CELL_UM
        ring = blob(center, radius, rng=self._rng)
        self._take(ring)
        return ring

    def _take(self, ring: FloatArray) -> None:
        """Keep a margin of 24 µm around the blob free of others."""
        taken = np.zeros(self.free.shape, np.uint8)
        cv2.fillPoly(taken, [np.round(ring / CELL_UM - 0.5).astype(np.int32)], 1)
        self.free &= cv2.dilate(taken, np.ones((7, 7), np.uint8)) == 0


def _cells(spec: SlideSpec) -> tuple[int, int]:
    width, height = spec.size_um
    return int(np.ceil(height / CELL_UM)), int(np.ceil(width / CELL_UM))


def _tissue_field(shape: tuple[int, int], spec: SlideSpec) -> FloatArray:
    """A few rounded pieces with an uneven border, ``tissue_share`` of the slide above 0."""
    rng = factor_stream(spec.seed, "tissue shape")
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j].astype(np.float32)
    dome = np.full(shape, -np.inf, np.float32)
    for _ in range(int(rng.integers(1, 4))):
        center, spread = rng.uniform(-0.45, 0.45, 2), rng.uniform(0.5, 1.0, 2)
        dome = np.maximum(dome, -np.hypot((x - center[0]) / spread[0], (y - center[1]) / spread[1]))
    waves = 0.24 * smooth_noise(shape, 36.0, rng=rng) + 0.07 * smooth_noise(shape, 9.0, rng=rng)
    border = np.maximum(0, (x**4 + y**4) ** 0.25 - 0.78) * 5
    field = dome + waves - border
    return np.asarray(field - np.quantile(field, 1 - spec.tissue_share), dtype=np.float32)


def _fat_field(tissue: FloatArray, spec: SlideSpec) -> FloatArray:
    """Lobules of fat over ``fat_share`` of the tissue; below 0 everywhere where there is none."""
    rng = factor_stream(spec.seed, "fat shape")
    field = 0.3 * smooth_noise((tissue.shape[0], tissue.shape[1]), 26.0, rng=rng)
    threshold = np.quantile(field[tissue > 0], 1 - spec.fat_share) if spec.fat_share > 0 else field.max() + 1
    return np.asarray(field - threshold, dtype=np.float32)
