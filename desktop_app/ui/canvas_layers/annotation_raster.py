"""Annotations painted into overlay tiles with OpenCV, on the overlay's one loader thread.

The cost of a million objects is paid here, tile by tile, and not in the window. What would be too small to
see becomes a dot, so that an overview shows every object. Nothing here knows the GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from desktop_app.domain.annotation import AREA_KINDS, POINT_KINDS
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk, packed_color
from desktop_app.domain.annotation_snapshot import LONE_VERTICES, AnnotationSnapshot, banded_edges
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.tile_requests import OVERVIEW_PIXELS, TileKey, TileLevel, TilePyramid
from desktop_app.ui.canvas import TileImage, wrap_argb
from desktop_app.ui.canvas_layers.raster_lines import (
    SHIFT,
    arrow_head,
    border_lines,
    dashes,
    fixed,
    paint_lines,
)
from desktop_app.ui.canvas_layers.roi_marks import ROI_DASHES

TILE_PIXELS = 512
FINEST_POWER = -5
"""The finest level has 32 pixels per slide pixel, as far as the canvas zooms in: lines stay lines."""

MARKER_PIXELS = 4
DOT_BELOW = 3.0
"""Objects smaller than so many pixels become dots."""

Style: TypeAlias = tuple[float, bool, int]
STYLES: tuple[Style, ...] = ((0.0, False, 1), (6.0, True, 1), (40.0, True, 2))
"""How outlines are painted from so many pixels of size on: whether smoothly, and how wide in pixels. Wide
lines would fill a nucleus at low power."""

MARKERS_UP_TO = 4.0
"""At coarser downsamples than this, points are dots as well."""

MARKED_FROM = 12.0
"""Objects of so many pixels show that they are arrows or ROIs."""

ROI_WIDTH = 2

_POINTS = np.array([kind in POINT_KINDS for kind in KINDS])
_CLOSED = np.array([kind in AREA_KINDS for kind in KINDS])
_ARROW, _NOTE = KINDS.index("arrow"), KINDS.index("note")

Argb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class RasterState:
    """What the tiles show; replaced as a whole, never changed.

    Attributes
    ----------
    snapshot : AnnotationSnapshot
        The annotations.
    left_out : NDArray[np.bytes_]
        Ids (``S16``) that the window paints itself.
    hidden_classes : frozenset[str | None]
        Classes that are not shown; None among them stands for no class.
    """

    snapshot: AnnotationSnapshot
    left_out: NDArray[np.bytes_]
    hidden_classes: frozenset[str | None] = frozenset()

    def shown(self, chunk: AnnotationChunk, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of a chunk's rows that tiles show."""
        shown = chunk.shown_rows(rows, self.hidden_classes)
        if len(self.left_out) and len(shown):
            shown = shown[~np.isin(chunk.ids[shown], self.left_out)]
        return shown


class AnnotationTileSource:
    """Overlay tiles of one slide's annotations; see :class:`desktop_app.ui.canvas.TileSource`.

    Parameters
    ----------
    slide_size : tuple[int, int]
        Level-0 pixels.
    state : RasterState
        What to show first.
    """

    def __init__(self, slide_size: tuple[int, int], state: RasterState) -> None:
        self._pyramid = overlay_pyramid(slide_size)
        self._state = state

    @property
    def pyramid(self) -> TilePyramid:
        """Levels at powers of two, finer than the slide's as well."""
        return self._pyramid

    def show(self, state: RasterState) -> None:
        """Show another state from the next tile on; one assignment, no lock needed."""
        self._state = state

    def read(self, key: TileKey, wanted: Callable[[], bool]) -> TileImage | None:
        """One tile; a null picture where nothing is."""
        state = self._state
        _, _, width, height = self._pyramid.pixel_rect(key)
        left, top, right, bottom = self._pyramid.slide_edges(key)
        downsample = self._pyramid.levels[key.level].downsample
        reach = 2 * MARKER_PIXELS * downsample
        box = (left - reach, top - reach, right + reach, bottom + reach)
        raster: _Raster | None = None
        for chunk, rows in state.snapshot.rows_in(box):
            if not wanted():
                return None
            shown = state.shown(chunk, rows)
            if len(shown):
                raster = raster or _Raster((width, height), (left, top), downsample)
                raster.paint(chunk, shown, object_colors(state.snapshot, chunk))
        return TileImage(QImage() if raster is None else wrap_argb(raster.pixels))


def overlay_pyramid(slide_size: tuple[int, int]) -> TilePyramid:
    """Levels at powers of two from the finest zoom to an overview."""
    levels = []
    power = FINEST_POWER
    while True:
        downsample = 2.0**power
        size = (int(np.ceil(slide_size[0] / downsample)), int(np.ceil(slide_size[1] / downsample)))
        levels.append(TileLevel(size, downsample, 0))
        if power >= 0 and max(size) <= OVERVIEW_PIXELS:
            return TilePyramid(tuple(levels), TILE_PIXELS)
        power += 1


def object_colors(snapshot: AnnotationSnapshot, chunk: AnnotationChunk) -> NDArray[np.int32]:
    """What each object of a chunk is drawn in: int32 ``(N,)``, ``0xRRGGBB``."""
    names = [packed_color(snapshot.class_color(name)) for name in chunk.class_names.table]
    table = np.array([*names, packed_color(snapshot.class_color(None))], dtype=np.int32)
    colors: NDArray[np.int32] = np.where(chunk.colors >= 0, chunk.colors, table[chunk.class_names.index])
    return colors


class _Raster:
    """One tile's pixels, premultiplied: OpenCV blends its smooth lines over zeros, which makes them so."""

    def __init__(self, size: tuple[int, int], corner: tuple[float, float], downsample: float) -> None:
        self.pixels: Argb = np.zeros((size[1], size[0], 4), dtype=np.uint8)
        self._corner = np.array(corner)
        self._downsample = downsample

    def paint(self, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]) -> None:
        """Add objects: the small ones first, so that no outline is hidden by dots."""
        boxes = chunk.boxes[rows]
        sizes = (boxes[:, 2:] - boxes[:, :2]).max(1) / self._downsample
        points = _POINTS[chunk.kinds[rows]]
        dots = np.where(points, self._downsample > MARKERS_UP_TO, sizes < DOT_BELOW)
        self._dots(self._to_pixels(chunk, (boxes[dots, :2] + boxes[dots, 2:]) / 2), colors[rows[dots]])
        outlined = ~dots & ~points
        long = outlined & _is_long(chunk, rows)
        rois = outlined & ~long & (chunk.rois.index[rows] >= 0) & (sizes >= MARKED_FROM)
        plain = outlined & ~long & ~rois
        for style, chosen in zip(STYLES, _classed(sizes), strict=True):
            for closed in (True, False):
                these = rows[plain & chosen & (_CLOSED[chunk.kinds[rows]] == closed)]
                self._outlines(chunk, these, colors, style=(closed, style))
        self._borders(chunk, rows[long], colors)
        self._rois(chunk, rows[rois], colors)
        arrows = outlined & (chunk.kinds[rows] == _ARROW) & (sizes >= MARKED_FROM)
        self._heads(chunk, rows[arrows], colors)
        self._markers(chunk, rows[points & ~dots], colors)

    def _to_pixels(self, chunk: AnnotationChunk, offsets: FloatArray) -> FloatArray:
        placed: FloatArray = (offsets + (chunk.origin - self._corner)) / self._downsample
        return placed

    def _dots(self, centers: FloatArray, colors: NDArray[np.int32]) -> None:
        height, width = self.pixels.shape[:2]
        bgra = np.column_stack([colors & 0xFF, colors >> 8 & 0xFF, colors >> 16, np.full_like(colors, 255)])
        x, y = np.floor(centers).astype(np.int64).T
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                inside = (x + dx >= 0) & (x + dx < width) & (y + dy >= 0) & (y + dy < height)
                place = (y[inside] + dy, x[inside] + dx)
                self.pixels[place] = bgra[inside]

    def _outlines(
        self,
        chunk: AnnotationChunk,
        rows: NDArray[np.int64],
        colors: NDArray[np.int32],
        *,
        style: tuple[bool, Style],
    ) -> None:
        import cv2

        closed, (_, smooth, width) = style
        for color in np.unique(colors[rows]).tolist():
            same = rows[colors[rows] == color]
            lines = self._fixed_rings(chunk, same)
            kind = cv2.LINE_AA if smooth else cv2.LINE_8
            cv2.polylines(self.pixels, lines, closed, _bgra(color), width, kind, SHIFT)

    def _borders(self, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]) -> None:
        """Outlines of very many vertices: only what this tile shows of them."""
        height, width = self.pixels.shape[:2]
        reach = 2 * MARKER_PIXELS * self._downsample
        left, top = self._corner - reach
        right, bottom = self._corner + np.array([width, height]) * self._downsample + reach
        for row in rows.tolist():
            edges = banded_edges(chunk, row)
            lines = border_lines(edges, (left, top, right, bottom), (self._corner, self._downsample))
            paint_lines(self.pixels, lines, _bgra(int(colors[row])), STYLES[-1][2])

    def _rois(self, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]) -> None:
        height, width = self.pixels.shape[:2]
        box = (-ROI_WIDTH, -ROI_WIDTH, width + ROI_WIDTH, height + ROI_WIDTH)
        for row in rows.tolist():
            status = chunk.rois[row]
            pattern = [ROI_WIDTH * part for part in ROI_DASHES[status or "open"]]
            for ring in chunk.rings_of(row):
                pieces = dashes((ring - self._corner) / self._downsample, pattern, within=box)
                paint_lines(self.pixels, list(pieces), _bgra(int(colors[row])), ROI_WIDTH)

    def _heads(self, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]) -> None:
        import cv2

        for row in rows.tolist():
            head = arrow_head(self._to_pixels(chunk, chunk.offsets[chunk.vertices_of(row)]))
            if head is not None:
                cv2.fillPoly(self.pixels, [fixed(head)], _bgra(int(colors[row])), cv2.LINE_AA, SHIFT)

    def _markers(self, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]) -> None:
        """A disk at each position of points, a square for a note."""
        import cv2

        for row in rows.tolist():
            centers = fixed(self._to_pixels(chunk, chunk.offsets[chunk.vertices_of(row)]))
            color, radius = _bgra(int(colors[row])), MARKER_PIXELS << SHIFT
            for x, y in centers.tolist():
                if chunk.kinds[row] == _NOTE:
                    corners = (x - radius, y - radius), (x + radius, y + radius)
                    cv2.rectangle(self.pixels, *corners, color, -1, cv2.LINE_AA, SHIFT)
                else:
                    cv2.circle(self.pixels, (x, y), radius, color, -1, cv2.LINE_AA, SHIFT)

    def _fixed_rings(self, chunk: AnnotationChunk, rows: NDArray[np.int64]) -> list[NDArray[np.int32]]:
        """The rings of some objects in fixed-point pixels."""
        _, ring_rows = chunk.rings.take(rows)
        vertices, vertex_rows = chunk.vertices.take(ring_rows)
        placed = fixed(self._to_pixels(chunk, chunk.offsets[vertex_rows]))
        return [placed[start:end] for start, end in pairwise(vertices.starts.tolist())]


def _is_long(chunk: AnnotationChunk, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    starts, rings = chunk.vertices.starts, chunk.rings.starts
    long: NDArray[np.bool_] = starts[rings[rows + 1]] - starts[rings[rows]] > LONE_VERTICES
    return long


def _classed(sizes: FloatArray) -> list[NDArray[np.bool_]]:
    """Which objects are painted in each of the styles."""
    limits = [style[0] for style in STYLES] + [np.inf]
    return [(sizes >= low) & (sizes < high) for low, high in pairwise(limits)]


def _bgra(color: int) -> tuple[int, int, int, int]:
    return color & 0xFF, color >> 8 & 0xFF, color >> 16, 255
