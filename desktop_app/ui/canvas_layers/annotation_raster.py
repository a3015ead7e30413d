"""Annotations drawn with OpenCV, on the overlay's loader threads.

The cost of a million objects is paid here, tile by tile, and not in the window. What would be too small to
see becomes a dot, so that an overview shows every object. Nothing here knows the GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation import AREA_KINDS, POINT_KINDS
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk, packed_color
from desktop_app.domain.annotation_snapshot import LONE_VERTICES, AnnotationSnapshot, banded_edges
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.id_set import NO_IDS, IdSet
from desktop_app.domain.shapes import Box
from desktop_app.ui.canvas_layers.live_objects import SELECTED_COLOR
from desktop_app.ui.canvas_layers.raster_fills import fill_areas
from desktop_app.ui.canvas_layers.raster_lines import (
    SHIFT,
    Color,
    Pen,
    arrow_head,
    border_lines,
    dashes,
    fixed,
)
from desktop_app.ui.canvas_layers.roi_marks import ROI_DASHES

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
    filled : bool
        Whether areas are filled.
    selected : IdSet
        What is shown as selected, where that is too much for the window.
    """

    snapshot: AnnotationSnapshot
    left_out: NDArray[np.bytes_]
    hidden_classes: frozenset[str | None] = frozenset()
    filled: bool = False
    selected: IdSet = NO_IDS

    def found(self, box: Box) -> Iterator[tuple[AnnotationChunk, NDArray[np.int64], NDArray[np.int32]]]:
        """What is shown of a box (level-0 pixels): chunks, rows, and the colors of all objects of a chunk."""
        for chunk, rows in self.snapshot.rows_in(box):
            shown = self._shown(chunk, rows)
            if len(shown):
                yield chunk, shown, self._colors(chunk, shown)

    def _colors(self, chunk: AnnotationChunk, shown: NDArray[np.int64]) -> NDArray[np.int32]:
        colors = object_colors(self.snapshot, chunk)
        if len(self.selected):
            colors[shown[self.selected.holds(chunk.ids[shown])]] = packed_color(SELECTED_COLOR)
        return colors

    def _shown(self, chunk: AnnotationChunk, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        shown = chunk.shown_rows(rows, self.hidden_classes)
        if len(self.left_out) and len(shown):
            shown = shown[~np.isin(chunk.ids[shown], self.left_out)]
        return shown


def object_colors(snapshot: AnnotationSnapshot, chunk: AnnotationChunk) -> NDArray[np.int32]:
    """What each object of a chunk is drawn in: int32 ``(N,)``, ``0xRRGGBB``."""
    names = [packed_color(snapshot.class_color(name)) for name in chunk.class_names.table]
    table = np.array([*names, packed_color(snapshot.class_color(None))], dtype=np.int32)
    colors: NDArray[np.int32] = np.where(chunk.colors >= 0, chunk.colors, table[chunk.class_names.index])
    return colors


@dataclass(slots=True)
class _Outlines:
    """Rings on their way into a tile, gathered from all chunks so that each color and style is painted once.

    Attributes
    ----------
    smooth : bool
        Whether the styles that want smooth lines get them.
    points : list[NDArray[np.int32]]
        ``(V, 2)`` each, fixed-point pixels.
    lengths, looks : list[NDArray[np.int64]]
        ``(R,)`` each: vertices of each ring, and its style, closedness and color in one number.
    """

    smooth: bool
    points: list[NDArray[np.int32]] = field(default_factory=list)
    lengths: list[NDArray[np.int64]] = field(default_factory=list)
    looks: list[NDArray[np.int64]] = field(default_factory=list)

    def steps(self, pixels: Argb) -> Iterator[Callable[[], None]]:
        """What to call to draw them, the thin ones first."""
        if not self.points:
            return
        points, lengths = np.concatenate(self.points), np.concatenate(self.lengths)
        looks = np.concatenate(self.looks)
        if (lengths == lengths[0]).all():
            rings = list(points.reshape(len(lengths), -1, 2))
        else:
            ends = np.cumsum(lengths).tolist()
            rings = [points[start:end] for start, end in pairwise([0, *ends])]
        order = np.argsort(looks, kind="stable")
        groups = np.flatnonzero(np.diff(looks[order], prepend=-1))
        for start, end in pairwise([*groups.tolist(), len(order)]):
            look = int(looks[order[start]])
            _, smooth, width = STYLES[look >> 25]
            closed, color = bool(look >> 24 & 1), _bgra(look & 0xFFFFFF)
            same = [rings[index] for index in order[start:end].tolist()]
            pen = Pen(color, width, smooth=smooth and self.smooth)
            yield partial(pen.paint, pixels, same, closed=closed)


class Raster:
    """Pixels to draw annotations into, premultiplied: OpenCV blends its smooth lines over zeros.

    Parameters
    ----------
    pixels : NDArray[np.uint8]
        ``(H, W, 4)``, contiguous; what is in them is cleared.
    corner : tuple[float, float]
        Their left and top, level-0 pixels.
    downsample : float
        Level-0 pixels per pixel.
    smooth : bool
        Whether lines are smooth, which takes five times as long.
    filled : bool
        Whether areas are filled.

    Attributes
    ----------
    rough : bool
        Whether something was drawn that would look better smooth.
    """

    def __init__(
        self,
        pixels: Argb,
        corner: tuple[float, float],
        downsample: float,
        *,
        smooth: bool,
        filled: bool = False,
    ) -> None:
        pixels.fill(0)
        self.pixels = pixels
        self.rough = False
        self._smooth, self._filled = smooth, filled
        self._corner = np.array(corner)
        self._downsample = downsample
        self._dots: list[tuple[FloatArray, NDArray[np.int32]]] = []
        self._outlines = _Outlines(smooth)
        self._rest: list[tuple[AnnotationChunk, NDArray[np.int32], _Kinds]] = []
        self._areas: list[tuple[AnnotationChunk, NDArray[np.int64], NDArray[np.int32]]] = []

    def add(self, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]) -> None:
        """Take objects in; the small ones are painted first, so that no outline is hidden by dots."""
        if chunk.once("extent", lambda: _extent(chunk)) / self._downsample < DOT_BELOW:
            self._add_dots(chunk, rows, colors)
            return
        if self._filled:
            self._areas.append((chunk, rows, colors))
        kinds = _Kinds.of(chunk, rows, self._downsample)
        if len(kinds.dots):
            self._add_dots(chunk, kinds.dots, colors)
        if len(kinds.plain):
            self._add_outlines(chunk, kinds, colors)
            self.rough = self.rough or (not self._smooth and bool(kinds.styles.any()))
        if kinds.has_more:
            self._rest.append((chunk, colors, kinds))

    def paint(self, wanted: Callable[[], bool] = lambda: True) -> bool:
        """Draw everything that was added; False if it was given up because nobody wanted it any more."""
        for chunk, rows, colors in self._areas:
            if not wanted():
                return False
            fill_areas(self.pixels, chunk, rows, colors=colors, place=(self._corner, self._downsample))
        if self._dots:
            self._paint_dots()
        for draw in self._outlines.steps(self.pixels):
            if not wanted():
                return False
            draw()
        for chunk, colors, kinds in self._rest:
            self._borders(chunk, kinds.long, colors)
            self._rois(chunk, kinds.rois, colors)
            self._heads(chunk, kinds.arrows, colors)
            self._markers(chunk, kinds.markers, colors)
        return True

    def _to_pixels(self, chunk: AnnotationChunk, offsets: FloatArray) -> FloatArray:
        placed: FloatArray = (offsets + (chunk.origin - self._corner)) / self._downsample
        return placed

    def _add_dots(self, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]) -> None:
        boxes = chunk.boxes if len(rows) == len(chunk) else chunk.boxes[rows]
        self._dots.append((self._to_pixels(chunk, (boxes[:, :2] + boxes[:, 2:]) / 2), colors[rows]))

    def _paint_dots(self) -> None:
        """A square of three pixels at each place; where some are close, each keeps its own middle."""
        height, width = self.pixels.shape[:2]
        x, y = np.floor(np.concatenate([centers for centers, _ in self._dots])).astype(np.int32).T
        colors = np.concatenate([colors for _, colors in self._dots])
        near = (x >= -1) & (x <= width) & (y >= -1) & (y <= height)
        # Two rows and columns more on each side, so that what lies beside the tile reaches into it.
        middles = np.zeros((height + 4, width + 4), dtype=np.uint32)
        flat = middles.reshape(-1)
        flat[(y[near] + 2) * (width + 4) + x[near] + 2] = colors[near].astype(np.uint32) | np.uint32(
            0xFF << 24
        )
        pixels = middles[2:-2, 2:-2].copy()
        for down in (1, 2, 3):
            for across in (1, 2, 3):
                beside = middles[down : down + height, across : across + width]
                np.copyto(pixels, beside, where=pixels == 0)
        self.pixels.view("<u4")[..., 0] = pixels

    def _add_outlines(self, chunk: AnnotationChunk, kinds: _Kinds, colors: NDArray[np.int32]) -> None:
        rings, ring_rows = chunk.rings.take(kinds.plain)
        vertices, vertex_rows = chunk.vertices.take(ring_rows)
        looks = kinds.styles << 25 | _CLOSED[chunk.kinds[kinds.plain]].astype(np.int64) << 24
        looks |= colors[kinds.plain]
        self._outlines.points.append(fixed(self._to_pixels(chunk, chunk.offsets[vertex_rows])))
        self._outlines.lengths.append(np.diff(vertices.starts))
        self._outlines.looks.append(np.repeat(looks, np.diff(rings.starts)))

    def _borders(self, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]) -> None:
        """Outlines of very many vertices: only what this tile shows of them."""
        height, width = self.pixels.shape[:2]
        reach = 2 * MARKER_PIXELS * self._downsample
        left, top = self._corner - reach
        right, bottom = self._corner + np.array([width, height]) * self._downsample + reach
        for row in rows.tolist():
            edges = banded_edges(chunk, row)
            lines = border_lines(edges, (left, top, right, bottom), (self._corner, self._downsample))
            pen = Pen(_bgra(int(colors[row])), STYLES[-1][2], smooth=self._smooth)
            pen.paint(self.pixels, [fixed(line) for line in lines])
            self.rough = self.rough or not self._smooth

    def _rois(self, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]) -> None:
        height, width = self.pixels.shape[:2]
        box = (-ROI_WIDTH, -ROI_WIDTH, width + ROI_WIDTH, height + ROI_WIDTH)
        for row in rows.tolist():
            pen, status = Pen(_bgra(int(colors[row])), ROI_WIDTH), chunk.rois[row]
            pattern = [ROI_WIDTH * part for part in ROI_DASHES[status or "open"]]
            for ring in chunk.rings_of(row):
                pieces = dashes((ring - self._corner) / self._downsample, pattern, ROI_WIDTH, within=box)
                pen.paint(self.pixels, [fixed(piece) for piece in pieces])

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


@dataclass(frozen=True, slots=True, eq=False)
class _Kinds:
    """Rows of a chunk by how they are painted at a zoom.

    Attributes
    ----------
    dots, plain, long, rois, arrows, markers : NDArray[np.int64]
        Rows; those of ``arrows`` are in ``plain`` too.
    styles : NDArray[np.int64]
        The number in :data:`STYLES` of each of ``plain``.
    """

    dots: NDArray[np.int64]
    plain: NDArray[np.int64]
    long: NDArray[np.int64]
    rois: NDArray[np.int64]
    arrows: NDArray[np.int64]
    markers: NDArray[np.int64]
    styles: NDArray[np.int64]

    @classmethod
    def of(cls, chunk: AnnotationChunk, rows: NDArray[np.int64], downsample: float) -> _Kinds:
        boxes, kinds = chunk.boxes[rows], chunk.kinds[rows]
        sizes = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) / downsample
        points = _POINTS[kinds]
        dots = np.where(points, downsample > MARKERS_UP_TO, sizes < DOT_BELOW)
        outlined, marked = ~dots & ~points, sizes >= MARKED_FROM
        long = outlined & _is_long(chunk, rows)
        rois = outlined & ~long & marked & (chunk.rois.index[rows] >= 0)
        plain = outlined & ~long & ~rois
        limits = np.array([style[0] for style in STYLES[1:]])
        return cls(
            rows[dots],
            rows[plain],
            rows[long],
            rows[rois],
            rows[plain & marked & (kinds == _ARROW)],
            rows[points & ~dots],
            np.searchsorted(limits, sizes[plain], side="right"),
        )

    @property
    def has_more(self) -> bool:
        """Whether there is anything but dots and plain outlines."""
        return any(len(rows) for rows in (self.long, self.rois, self.arrows, self.markers))


def _extent(chunk: AnnotationChunk) -> float:
    """The longer side of the largest object; infinite where there are points, which have none."""
    if _POINTS[chunk.kinds].any():
        return float("inf")
    return float((chunk.boxes[:, 2:] - chunk.boxes[:, :2]).max(initial=0))


def _is_long(chunk: AnnotationChunk, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    starts, rings = chunk.vertices.starts, chunk.rings.starts
    long: NDArray[np.bool_] = starts[rings[rows + 1]] - starts[rings[rows]] > LONE_VERTICES
    return long


def _bgra(color: int) -> Color:
    return color & 0xFF, color >> 8 & 0xFF, color >> 16, 255
