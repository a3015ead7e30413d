"""Everything that is painted on a synthetic slide, as outlines and points in µm.

The scene is drawn once and then painted block by block; its memory grows with the number of cells, not with
the number of pixels. Any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from scipy.spatial import Voronoi, cKDTree

from desktop_app.demonstration.layout import CELL_UM, Layout
from desktop_app.demonstration.noise import texture_bank
from desktop_app.demonstration.nuclei import Nuclei, StampBook
from desktop_app.demonstration.outlines import along, blob, inside_ring, jittered_points, rounded, scaled
from desktop_app.demonstration.spec import SlideSpec, factor_stream
from desktop_app.domain.arrays import FloatArray, IntArray, MaskArray

Layer: TypeAlias = Literal["follicle", "nest", "muscle", "epithelium", "lumen", "adipocyte", "erythrocyte"]
"""What an outline is filled with; painted in this order."""

LAYERS: tuple[Layer, ...] = (
    "follicle",
    "nest",
    "muscle",
    "epithelium",
    "lumen",
    "adipocyte",
    "erythrocyte",
)

_GLAND_PITCH_UM = 120.0
_VESSEL_PITCH_UM = 520.0
_ADIPOCYTE_PITCH_UM = 58.0
_STROMA_PITCH_UM = 27.0
_LUMEN_PITCH_UM = 58.0

NucleusGroup: TypeAlias = tuple[FloatArray, IntArray]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Crowded nuclei of one kind: their pitch, and their distance from the border of a lumen, µm."""

    kind: str
    pitch_um: float
    distance_um: float


_FOLLICLE_SHEET = _Sheet("small", 9.4, 3.0)
_NEST_SHEET = _Sheet("enlarged", 14.4, 5.0)


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Filled shapes of one layer.

    Attributes
    ----------
    rings : tuple[FloatArray, ...]
        Each float64 ``(M, 2)`` in µm.
    boxes : FloatArray
        float64 ``(N, 4)``: least x, least y, greatest x, greatest y.
    """

    rings: tuple[FloatArray, ...]
    boxes: FloatArray

    @classmethod
    def of(cls, rings: list[FloatArray]) -> Outlines:
        """With the boxes worked out."""
        boxes = [np.concatenate([ring.min(axis=0), ring.max(axis=0)]) for ring in rings]
        return cls(tuple(rings), np.array(boxes, dtype=np.float64).reshape(-1, 4))

    def within(self, low: tuple[float, float], high: tuple[float, float]) -> list[FloatArray]:
        """The rings whose box meets a rectangle, µm."""
        box = self.boxes
        meets = (box[:, 0] < high[0]) & (box[:, 2] > low[0]) & (box[:, 1] < high[1]) & (box[:, 3] > low[1])
        return [self.rings[index] for index in np.flatnonzero(meets)]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A slide ready to be painted.

    Attributes
    ----------
    spec : SlideSpec
        What was asked for.
    layout : Layout
        Its regions.
    outlines : dict[Layer, Outlines]
        Filled shapes by layer.
    nuclei : Nuclei
        Every nucleus.
    book : StampBook
        The pictures of the nuclei.
    texture_shift : tuple[int, int]
        Where this slide starts in the texture bank, pixels.
    """

    spec: SlideSpec
    layout: Layout
    outlines: dict[Layer, Outlines]
    nuclei: Nuclei
    book: StampBook
    texture_shift: tuple[int, int]

    @classmethod
    def draw(cls, spec: SlideSpec) -> Scene:
        """Draw every object; the same seed gives the same scene."""
        layout = Layout.draw(spec)
        shift = factor_stream(spec.seed, "texture").integers(0, 1 << 16, 2)
        cast = _Cast(spec, layout, shift=(int(shift[0]), int(shift[1])))
        cast.add_follicles()
        cast.add_nests()
        cast.add_glands()
        cast.add_vessels()
        cast.add_fat()
        cast.add_stroma()
        return cls(
            spec=spec,
            layout=layout,
            outlines={layer: Outlines.of(cast.rings[layer]) for layer in LAYERS},
            nuclei=Nuclei.joined(cast.groups),
            book=cast.book,
            texture_shift=cast.shift,
        )


class _Cast:
    """The objects drawn so far, and the cells that are still free for others."""

    def __init__(self, spec: SlideSpec, layout: Layout, *, shift: tuple[int, int]) -> None:
        self.spec, self.layout, self.shift = spec, layout, shift
        self.book = StampBook(spec.mpp, factor_stream(spec.seed, "stamps"))
        self.rings: dict[Layer, list[FloatArray]] = {layer: [] for layer in LAYERS}
        self.groups: list[NucleusGroup] = []
        self._free = (layout.tissue > 0.03) & (layout.fat < -0.01)

    def add_follicles(self) -> None:
        """Crowded small nuclei, half of the follicles with as many gaps as a nest has lumina."""
        rng = factor_stream(self.spec.seed, "follicle cells")
        for ring in self.layout.follicles:
            self.rings["follicle"].append(ring)
            porosity = float(rng.choice([0.0, 1.0])) * rng.uniform(0.3, 0.9)
            self._add_sheet(ring, _FOLLICLE_SHEET, porosity=porosity, rng=rng)

    def add_nests(self) -> None:
        """Cribriform sheets: crowded enlarged nuclei around punched-out lumina."""
        rng = factor_stream(self.spec.seed, "nest cells")
        for ring in self.layout.nests:
            self.rings["nest"].append(ring)
            self._add_sheet(ring, _NEST_SHEET, porosity=rng.uniform(0.3, 0.9), rng=rng)

    def add_glands(self) -> None:
        """Benign glands: one layer of columnar cells around one lumen, in lobules."""
        rng = factor_stream(self.spec.seed, "gland cells")
        lobules = self._lobules()
        for center in jittered_points(
            np.zeros(2), np.array(self.spec.size_um), pitch=_GLAND_PITCH_UM, rng=rng, jitter=0.14
        ):
            radius = rng.uniform(32.0, 62.0)
            if lobules[self._cell(center)] and self._has_room(center, radius + 4):
                self._add_gland(center, radius, rng=rng)

    def add_vessels(self) -> None:
        """Small vessels with red cells."""
        rng = factor_stream(self.spec.seed, "vessel cells")
        for center in jittered_points(
            np.zeros(2), np.array(self.spec.size_um), pitch=_VESSEL_PITCH_UM, rng=rng, jitter=0.3
        ):
            radius = rng.uniform(16.0, 42.0)
            if self._has_room(center, radius + 4):
                self._add_vessel(center, radius, rng=rng)

    def add_fat(self) -> None:
        """Adipocytes: cells of a Voronoi diagram, shrunk and rounded."""
        rng = factor_stream(self.spec.seed, "fat cells")
        centers = jittered_points(
            np.zeros(2), np.array(self.spec.size_um), pitch=_ADIPOCYTE_PITCH_UM, rng=rng, jitter=0.2
        )
        fatty = (self.layout.at(self.layout.fat, centers) > -0.04) & self._in_tissue(centers, -0.08)
        if not fatty.any():
            return
        diagram = Voronoi(centers)
        fatty &= self._free_or_fat(centers)
        walls: list[tuple[float, float, float]] = []
        for index in np.flatnonzero(fatty):
            corners = diagram.vertices[diagram.regions[diagram.point_region[index]]]
            cell = rounded(centers[index] + (corners - centers[index]) * 0.955)
            self.rings["adipocyte"].append(cell)
            if rng.random() < 0.5:
                walls.append(_wall_nucleus(corners, rng))
        self._occupy(self.rings["adipocyte"], 4.0)
        if walls:
            found = np.array(walls)
            self._add_nuclei(found[:, :2], "spindle", angles=found[:, 2])

    def add_stroma(self) -> None:
        """Spindle nuclei along the fibers, and a few inflammatory cells between them."""
        rng = factor_stream(self.spec.seed, "stroma cells")
        points = jittered_points(
            np.zeros(2), np.array(self.spec.size_um), pitch=_STROMA_PITCH_UM, rng=rng, jitter=0.4
        )
        free = self._free[self._cells(points)] & self._in_tissue(points, 0.03)
        points = points[free]
        few = rng.random(len(points)) < 0.12
        self._add_nuclei(points[few], "small")
        self._add_nuclei(points[~few], "spindle", angles=self._fiber_angles(points[~few], rng))

    def _everywhere(self, pitch: float, *, rng: Generator, jitter: float) -> FloatArray:
        return jittered_points(np.zeros(2), np.array(self.spec.size_um), pitch=pitch, rng=rng, jitter=jitter)

    def _add_sheet(self, ring: FloatArray, sheet: _Sheet, *, porosity: float, rng: Generator) -> None:
        """Nuclei and lumina of a crowded area; ``porosity`` is the share of places that have a lumen."""
        low, high = ring.min(axis=0), ring.max(axis=0)
        centers = jittered_points(low, high, pitch=_LUMEN_PITCH_UM, rng=rng, jitter=0.16)
        radii = rng.uniform(8.0, 17.0, len(centers))
        open_ = inside_ring(centers, scaled(ring, 0.86)) & (rng.random(len(centers)) < porosity)
        centers, radii = centers[open_], radii[open_]
        for center, radius in zip(centers, radii, strict=True):
            self.rings["lumen"].append(blob(center, radius, rng=rng, roughness=0.08))
        points = jittered_points(low, high, pitch=sheet.pitch_um, rng=rng, jitter=0.2)
        points = points[inside_ring(points, scaled(ring, 0.985))]
        if len(centers):
            # Nuclei stand around a lumen up to its border and not on it.
            distance, nearest = cKDTree(centers).query(points, k=[1, 2, 3])
            clearance = distance - np.append(radii, 0.0)[nearest]
            points = points[clearance.min(axis=1) > sheet.distance_um]
        self._add_nuclei(points, sheet.kind)
        self._occupy([ring], 10.0)

    def _add_gland(self, center: FloatArray, radius: float, *, rng: Generator) -> None:
        outer = blob(center, radius, rng=rng, roughness=0.13)
        height = rng.uniform(15.0, 21.0)
        self.rings["epithelium"].append(outer)
        lumen = center + (outer - center) * ((radius - height) / radius)
        self.rings["lumen"].append(lumen + rng.normal(0, 0.7, lumen.shape))
        basal = center + (outer - center) * ((radius - 6.5) / radius)
        points, angles = along(basal, rng.uniform(7.4, 8.6), rng=rng)
        self._add_nuclei(points, "columnar", angles=angles + np.pi / 2)
        self._occupy([outer], 5.0)

    def _add_vessel(self, center: FloatArray, radius: float, *, rng: Generator) -> None:
        outer = blob(center, radius, rng=rng, roughness=0.2)
        inner = center + (outer - center) * 0.66
        self.rings["muscle"].append(outer)
        self.rings["lumen"].append(inner)
        red = jittered_points(inner.min(axis=0), inner.max(axis=0), pitch=8.0, rng=rng, jitter=0.25)
        red = red[inside_ring(red, scaled(inner, 0.9)) & (rng.random(len(red)) < 0.8)]
        self.rings["erythrocyte"].extend(
            blob(cell, rng.uniform(2.6, 3.4), rng=rng, roughness=0.06) for cell in red
        )
        points, angles = along(center + (outer - center) * 0.8, 17.0, rng=rng)
        self._add_nuclei(points, "spindle", angles=angles)
        self._occupy([outer], 5.0)

    def _add_nuclei(self, points: FloatArray, kind: str, *, angles: FloatArray | None = None) -> None:
        if len(points):
            self.groups.append((points, self.book.choose(kind, len(points), angles=angles)))

    def _lobules(self) -> MaskArray:
        """Cells in which glands may lie: the most gland-like ``gland_share`` of the tissue."""
        field = cv2.GaussianBlur(self.layout.tone, (0, 0), 6.0)
        inside = self.layout.tissue > 0
        return np.asarray(field > np.quantile(field[inside], 1 - self.spec.gland_share))

    def _fiber_angles(self, points: FloatArray, rng: Generator) -> FloatArray:
        bank = texture_bank(self.spec.mpp)
        pixels = (np.floor(points / self.spec.mpp).astype(np.int64) + self.shift) % bank.period
        return np.asarray(bank.angle[pixels[:, 1], pixels[:, 0]] + rng.normal(0, 0.15, len(points)))

    def _free_or_fat(self, points: FloatArray) -> MaskArray:
        """Not on a gland, follicle, nest or vessel: those are placed where there is no fat."""
        fatty = self.layout.at(self.layout.fat, points) >= -0.01
        return np.asarray(self._free[self._cells(points)] | fatty)

    def _in_tissue(self, points: FloatArray, margin: float) -> MaskArray:
        return np.asarray(self.layout.at(self.layout.tissue, points) > margin)

    def _cells(self, points: FloatArray) -> tuple[IntArray, IntArray]:
        cells = np.floor(points / CELL_UM).astype(np.int64)
        rows, columns = self._free.shape
        return np.clip(cells[:, 1], 0, rows - 1), np.clip(cells[:, 0], 0, columns - 1)

    def _cell(self, point: FloatArray) -> tuple[int, int]:
        rows, columns = self._cells(point[None])
        return int(rows[0]), int(columns[0])

    def _has_room(self, center: FloatArray, radius: float) -> bool:
        """Whether the cells on two circles about a point, and the point's own, are free."""
        theta = np.linspace(0, 2 * np.pi, 16, endpoint=False)
        circle = np.stack([np.cos(theta), np.sin(theta)], axis=1)
        probes = np.concatenate([center[None], center + radius * circle, center + radius / 2 * circle])
        return bool(self._free[self._cells(probes)].all())

    def _occupy(self, rings: list[FloatArray], margin_um: float) -> None:
        taken = np.zeros(self._free.shape, np.uint8)
        for ring in rings:
            cv2.fillPoly(taken, [np.round(ring / CELL_UM - 0.5).astype(np.int32)], 1)
        reach = 2 * round(margin_um / CELL_UM) + 1
        self._free &= cv2.dilate(taken, np.ones((reach, reach), np.uint8)) == 0


def _wall_nucleus(corners: FloatArray, rng: Generator) -> tuple[float, float, float]:
    """x, y and direction of a nucleus pressed flat against one wall of an adipocyte."""
    index = int(rng.integers(len(corners)))
    start, end = corners[index - 1], corners[index]
    middle = start + (end - start) * rng.uniform(0.3, 0.7)
    return float(middle[0]), float(middle[1]), float(np.arctan2(end[1] - start[1], end[0] - start[0]))
