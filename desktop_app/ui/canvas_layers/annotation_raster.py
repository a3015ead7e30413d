"""Annotations drawn with OpenCV, on the overlay's loader threads.

The cost of a million objects is paid here, tile by tile, and not in the window. What would be too small to
see becomes a dot, so that an overview shows every object. Nothing here knows the GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation import AREA_KINDS, POINT_KINDS
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk, packed_color
from desktop_app.domain.annotation_snapshot import LONE_VERTICES, AnnotationSnapshot, banded_edges
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.id_set import NO_IDS, IdSet
from desktop_app.domain.shapes import Box
from desktop_app.ui.canvas_layers.live_objects import SELECTED_COLOR
from desktop_app.ui.canvas_layers.outline_sketch import (
    STYLES,
    FixedPlace,
    GatheredOutlines,
    OutlineSketch,
    looks,
)
from desktop_app.ui.canvas_layers.raster_fills import fill_areas
from desktop_app.ui.canvas_layers.raster_lines import (
    SHIFT,
    Pen,
    arrow_head,
    bgra,
    border_lines,
    dashes,
    fixed,
)
from desktop_app.ui.canvas_layers.roi_marks import ROI_DASHES

MARKER_PIXELS = 4
DOT_BELOW = 3.0
"""Objects smaller than so many pixels become dots."""

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


class Raster:
    """Pixels to draw annotations into, premultiplied: OpenCV blends its smooth lines over zeros.

    Parameters
    ----------
    size : tuple[int, int]
        Width and height of the pixels.
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
        size: tuple[int, int],
        corner: tuple[float, float],
        downsample: float,
        *,
        smooth: bool,
        filled: bool = False,
    ) -> None:
        self._size = size
        self.rough = False
        self._smooth, self._filled = smooth, filled
        self._corner = np.array(corner)
        self._downsample = downsample
        self._dots: list[tuple[FloatArray, NDArray[np.int32]]] = []
        self._outlines = GatheredOutlines()
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
        if len(kinds.long):
            self._add_borders(chunk, kinds.long, colors)
        if kinds.has_more:
            self._rest.append((chunk, colors, kinds))

    def paint(self, pixels: Argb, wanted: Callable[[], bool] = lambda: True) -> bool:
        """Draw everything that was added; False if it was given up because nobody wanted it any more.

        Parameters
        ----------
        pixels : NDArray[np.uint8]
            ``(H, W, 4)``, contiguous; what is in them is cleared.
        wanted : Callable[[], bool]
            Asked between long steps.
        """
        pixels.fill(0)
        for chunk, rows, colors in self._areas:
            if not wanted():
                return False
            fill_areas(pixels, chunk, rows, colors=colors, place=(self._corner, self._downsample))
        if self._dots:
            self._paint_dots(pixels)
        outlines = self._outlines.sketch((0, 0), self._size)
        for draw in outlines.steps(pixels, (0, 0), smooth=self._smooth) if outlines else ():
            if not wanted():
                return False
            draw()
        for chunk, colors, kinds in self._rest:
            self._rois(pixels, chunk, kinds.rois, colors)
            self._heads(pixels, chunk, kinds.arrows, colors)
            self._markers(pixels, chunk, kinds.markers, colors)
        return True

    def sketch(self, corner: tuple[int, int]) -> OutlineSketch | None:
        """What was added, to be drawn later; None if it is nothing, or more than plain outlines.

        Parameters
        ----------
        corner : tuple[int, int]
            That of the pixels, on their level.
        """
        more = self._smooth or self._areas or self._dots or self._rest
        return None if more else self._outlines.sketch(corner, self._size)

    def _to_pixels(self, chunk: AnnotationChunk, offsets: FloatArray) -> FloatArray:
        placed: FloatArray = (offsets + (chunk.origin - self._corner)) / self._downsample
        return placed

    def _add_dots(self, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]) -> None:
        boxes = chunk.boxes if len(rows) == len(chunk) else chunk.boxes[rows]
        self._dots.append((self._to_pixels(chunk, (boxes[:, :2] + boxes[:, 2:]) / 2), colors[rows]))

    def _paint_dots(self, canvas: Argb) -> None:
        """A square of three pixels at each place; where some are close, each keeps its own middle."""
        width, height = self._size
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
        canvas.view("<u4")[..., 0] = pixels

    def _add_outlines(self, chunk: AnnotationChunk, kinds: _Kinds, colors: NDArray[np.int32]) -> None:
        found = looks(kinds.styles, _CLOSED[chunk.kinds[kinds.plain]], colors[kinds.plain])
        place = self._fixed_place(chunk)
        boxes = place.of(chunk.boxes[kinds.plain].reshape(-1, 2)).reshape(-1, 4)
        count = chunk.once("vertex_count", lambda: _vertex_count(chunk))
        if count:
            offsets = chunk.offsets.reshape(-1, count, 2)[kinds.plain].reshape(-1, 2)
            self._outlines.add(place.of(offsets), np.full(len(found), count), found, boxes)
            return
        rings, ring_rows = chunk.rings.take(kinds.plain)
        vertices, vertex_rows = chunk.vertices.take(ring_rows)
        placed = place.of(chunk.offsets[vertex_rows])
        counts = np.diff(rings.starts)
        self._outlines.add(
            placed, np.diff(vertices.starts), found.repeat(counts), boxes.repeat(counts, axis=0)
        )

    def _fixed_place(self, chunk: AnnotationChunk) -> FixedPlace:
        return FixedPlace((chunk.origin - self._corner) / self._downsample, 1 / self._downsample)

    def _add_borders(
        self, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]
    ) -> None:
        """Outlines of very many vertices: only what this tile shows of them."""
        width, height = self._size
        reach = 2 * MARKER_PIXELS * self._downsample
        left, top = self._corner - reach
        right, bottom = self._corner + np.array([width, height]) * self._downsample + reach
        for row in rows.tolist():
            edges = banded_edges(chunk, row)
            lines = border_lines(edges, (left, top, right, bottom), (self._corner, self._downsample))
            look = looks(np.array([len(STYLES) - 1]), np.array([False]), colors[row : row + 1])
            for line in map(fixed, lines):
                box = np.concatenate([line.min(0), line.max(0)])
                self._outlines.add(line, np.array([len(line)]), look, box[None])
            self.rough = self.rough or (bool(lines) and not self._smooth)

    def _rois(
        self, pixels: Argb, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]
    ) -> None:
        width, height = self._size
        box = (-ROI_WIDTH, -ROI_WIDTH, width + ROI_WIDTH, height + ROI_WIDTH)
        for row in rows.tolist():
            pen, status = Pen(bgra(int(colors[row])), ROI_WIDTH), chunk.rois[row]
            pattern = [ROI_WIDTH * part for part in ROI_DASHES[status or "open"]]
            for ring in chunk.rings_of(row):
                pieces = dashes((ring - self._corner) / self._downsample, pattern, ROI_WIDTH, within=box)
                pen.paint(pixels, [fixed(piece) for piece in pieces])

    def _heads(
        self, pixels: Argb, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]
    ) -> None:
        import cv2

        for row in rows.tolist():
            head = arrow_head(self._to_pixels(chunk, chunk.offsets[chunk.vertices_of(row)]))
            if head is not None:
                cv2.fillPoly(pixels, [fixed(head)], bgra(int(colors[row])), cv2.LINE_AA, SHIFT)

    def _markers(
        self, pixels: Argb, chunk: AnnotationChunk, rows: NDArray[np.int64], colors: NDArray[np.int32]
    ) -> None:
        """A disk at each position of points, a square for a note."""
        import cv2

        for row in rows.tolist():
            centers = fixed(self._to_pixels(chunk, chunk.offsets[chunk.vertices_of(row)]))
            color, radius = bgra(int(colors[row])), MARKER_PIXELS << SHIFT
            for x, y in centers.tolist():
                if chunk.kinds[row] == _NOTE:
                    corners = (x - radius, y - radius), (x + radius, y + radius)
                    cv2.rectangle(pixels, *corners, color, -1, cv2.LINE_AA, SHIFT)
                else:
                    cv2.circle(pixels, (x, y), radius, color, -1, cv2.LINE_AA, SHIFT)


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
        """Whether there is anything but dots and outlines."""
        return any(len(rows) for rows in (self.rois, self.arrows, self.markers))


def _extent(chunk: AnnotationChunk) -> float:
    """The longer side of the largest object; infinite where there are points, which have none."""
    if _POINTS[chunk.kinds].any():
        return float("inf")
    return float((chunk.boxes[:, 2:] - chunk.boxes[:, :2]).max(initial=0))


def _vertex_count(chunk: AnnotationChunk) -> int:
    """How many vertices every object has, as those of a star-convex detector; 0 where they differ."""
    starts = chunk.vertices.starts
    if len(chunk) != len(starts) - 1 or len(chunk) != len(chunk.rings.starts) - 1:
        return 0
    counts = np.diff(starts)
    return int(counts[0]) if (counts == counts[0]).all() and (np.diff(chunk.rings.starts) == 1).all() else 0


def _is_long(chunk: AnnotationChunk, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    starts, rings = chunk.vertices.starts, chunk.rings.starts
    long: NDArray[np.bool_] = starts[rings[rows + 1]] - starts[rings[rows]] > LONE_VERTICES
    return long
