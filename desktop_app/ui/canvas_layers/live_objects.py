"""The annotations that the window paints itself: the largest of a slide, as vector outlines.

A slide with few annotations is painted entirely so, crisp at every zoom and angle. With many, all but the
largest go into overlay tiles, which would have to be painted anew along the whole of a large outline.
GUI thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from desktop_app.domain.annotation import AREA_KINDS, POINT_KINDS, Annotation, Color, RoiStatus, ShapeKind
from desktop_app.domain.annotation_chunk import AnnotationChunk, id_array
from desktop_app.domain.annotation_snapshot import LONE_VERTICES, AnnotationSnapshot
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.edits import AnnotationChange
from desktop_app.domain.shapes import Box, bounding_box
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas_layers.arrow_heads import paint_arrow_head
from desktop_app.ui.canvas_layers.raster_fills import FILL_ALPHA, is_filled
from desktop_app.ui.canvas_layers.roi_marks import ROI_DASHES, paint_roi_badge

LIVE_LIMIT, LARGE = 200, 500.0
"""So many of the largest annotations are painted as vectors; where there are more annotations than that,
only those of at least ``LARGE`` level-0 pixels, since tiles suit small ones better."""

LINE_WIDTH, CASING, SELECTED_CASING, MARKER_RADIUS = 2.0, 3.5, 5.0, 5.0
"""Logical pixels; a casing is the wider line under an outline that sets it off from any tissue."""

FINE, PIECE = 2000, 64
"""An outline of more vertices is stroked in pieces of so many."""

SELECTED_COLOR: Color = (255, 255, 0)
SELECTED = QColor(*SELECTED_COLOR)
HALO = QColor(0, 0, 0, 170)
MARKER_EDGE = QColor(255, 255, 255, 230)


def casing(color: Color) -> QColor:
    """What a line of some color stands out from: white under dark colors, black under bright ones."""
    red, green, blue = color
    bright = 0.299 * red + 0.587 * green + 0.114 * blue > 130
    return QColor(0, 0, 0, 90) if bright else QColor(255, 255, 255, 130)


@dataclass(slots=True, eq=False)
class LiveObject:
    """One annotation ready to be painted at any zoom.

    Attributes
    ----------
    annotation_id : UUID
    kind : ShapeKind
    color : Color
    box : Box
        What it covers, level-0 pixels.
    rings : tuple[FloatArray, ...]
        float64 ``(M, 2)`` each, level-0 pixels.
    roi : RoiStatus | None
        Whether it is a ROI, and how far that is annotated.
    fills : bool
        Whether it is filled where areas are.
    """

    annotation_id: UUID
    kind: ShapeKind
    color: Color
    box: Box
    rings: tuple[FloatArray, ...]
    roi: RoiStatus | None = None
    fills: bool = False
    _paths: dict[int, QPainterPath] = field(default_factory=dict)
    _pieces: dict[int, list[QPolygonF]] = field(default_factory=dict)

    @classmethod
    def of(cls, annotation: Annotation, color: Color) -> LiveObject:
        """The object of an annotation."""
        rings = tuple(ring for part in annotation.parts for ring in part)
        fills = annotation.kind in AREA_KINDS and annotation.roi is None and is_filled(annotation.class_name)
        box = bounding_box(annotation)
        return cls(annotation.id, annotation.kind, color, box, rings, annotation.roi, fills)

    def copied(self) -> LiveObject:
        """A copy that shares no path, for painting on another thread."""
        box, rings = self.box, self.rings
        return LiveObject(self.annotation_id, self.kind, self.color, box, rings, self.roi, self.fills)

    def paint(
        self,
        painter: QPainter,
        viewport: Viewport,
        dpr: float,
        *,
        selected: bool = False,
        filled: bool = False,
    ) -> None:
        """Paint it, filled where areas are; ``painter`` in device pixels, its state is restored."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.kind in POINT_KINDS:
            self._paint_markers(painter, viewport, dpr, selected=selected)
        else:
            painter.setWorldTransform(QTransform(*viewport.matrix) * painter.worldTransform())
            if (filled and self.fills) or (selected and self.kind in AREA_KINDS):
                painter.fillPath(self._path(viewport.downsample), QColor(*self.color, FILL_ALPHA))
            self._paint_outline(painter, viewport.downsample, dpr, selected=selected)
            painter.restore()
            painter.save()
            self._paint_marks(painter, viewport, dpr, selected=selected)
        painter.restore()

    def _paint_outline(self, painter: QPainter, downsample: float, dpr: float, *, selected: bool) -> None:
        unit = downsample * dpr  # level-0 pixels per logical pixel, so that lines keep their width
        color, around = (SELECTED, HALO) if selected else (QColor(*self.color), casing(self.color))
        self._stroke(painter, downsample, _pen(around, (SELECTED_CASING if selected else CASING) * unit))
        line = _pen(color, LINE_WIDTH * unit)
        if self.roi is not None:
            line.setCapStyle(Qt.PenCapStyle.FlatCap)
            line.setDashPattern(ROI_DASHES[self.roi])
        self._stroke(painter, downsample, line)

    def _stroke(self, painter: QPainter, downsample: float, pen: QPen) -> None:
        """Stroke the outline: a fine one piece by piece, which takes a tenth of the time.

        Qt goes through all edges of a stroke that cross a row of pixels.
        """
        if self.roi is not None or sum(map(len, self.rings)) <= FINE:
            painter.strokePath(self._path(downsample), pen)
            return
        octave = _octave(downsample)
        if octave not in self._pieces:
            self._pieces[octave] = _pieces_of(self.rings, 2.0**octave / 2, closed=self.kind in AREA_KINDS)
        if pen.color().alpha() < 255:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)  # where round ones lie over each other dots would be seen
        painter.setPen(pen)
        for piece in self._pieces[octave]:
            painter.drawPolyline(piece)

    def _paint_marks(self, painter: QPainter, viewport: Viewport, dpr: float, *, selected: bool) -> None:
        """What has the same size at every zoom: an arrow's head, the badge of a ROI annotated in full."""
        color = SELECTED if selected else QColor(*self.color)
        if self.kind == "arrow":
            paint_arrow_head(painter, viewport.to_view(self.rings[0]), color, dpr)
        elif self.roi == "exhaustive":
            paint_roi_badge(painter, viewport.to_view(self.rings[0]), color, dpr)

    def _paint_markers(self, painter: QPainter, viewport: Viewport, dpr: float, *, selected: bool) -> None:
        painter.setPen(QPen(HALO if selected else MARKER_EDGE, 1.5 * dpr))
        painter.setBrush(QBrush(SELECTED if selected else QColor(*self.color)))
        radius = MARKER_RADIUS * dpr
        for x, y in viewport.to_view(self.rings[0]).tolist():
            painter.drawEllipse(QPointF(x, y), radius, radius)

    def _path(self, downsample: float) -> QPainterPath:
        """The outline without the vertices that nobody could tell apart at this zoom."""
        octave = _octave(downsample)
        if octave not in self._paths:
            self._paths[octave] = _path_of(self.rings, 2.0**octave / 2, closed=self.kind in AREA_KINDS)
        return self._paths[octave]


@dataclass(frozen=True, slots=True, eq=False)
class LiveStill:
    """Live annotations that change no more, for painting on another thread.

    Attributes
    ----------
    objects : tuple[LiveObject, ...]
        The largest first.
    filled : bool
        Whether areas are filled.
    """

    objects: tuple[LiveObject, ...]
    filled: bool = False

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint them; ``painter`` in device pixels."""
        for found in self.objects:
            found.paint(painter, viewport, dpr, filled=self.filled)


class LiveObjects:
    """The live annotations of a slide, the largest first.

    Parameters
    ----------
    snapshot : AnnotationSnapshot
        The annotations at first.
    """

    def __init__(self, snapshot: AnnotationSnapshot) -> None:
        self._objects: dict[UUID, LiveObject] = {}
        self._hidden_classes: frozenset[str | None] = frozenset()
        self._ids: tuple[UUID, ...] = ()
        self._arrange(snapshot)

    @property
    def ids(self) -> tuple[UUID, ...]:
        """Which annotations are live."""
        return self._ids

    def id_array(self) -> NDArray[np.bytes_]:
        """The same as ``S16``."""
        return id_array(self._ids)

    def hide_classes(self, snapshot: AnnotationSnapshot, hidden_classes: frozenset[str | None]) -> None:
        """Leave out the annotations of some classes; None among them stands for no class."""
        self._hidden_classes = hidden_classes
        self._arrange(snapshot)

    def follow(self, change: AnnotationChange) -> tuple[Box, ...]:
        """Take up a change; returns where objects went from tiles to live or back, besides the change's own.

        Returns
        -------
        tuple[Box, ...]
            Level-0 boxes in which tiles must be painted anew.
        """
        stale = set(self._objects) if change.classes_changed else change.touched(self._objects)
        old = dict(self._objects)
        for annotation_id in stale:
            self._objects.pop(annotation_id, None)
        self._arrange(change.snapshot)
        crossed = old.keys() ^ self._objects.keys()
        both = {**old, **self._objects}
        return tuple(both[annotation_id].box for annotation_id in crossed)

    def in_view(self, viewport: Viewport, dpr: float) -> list[LiveObject]:
        """The objects that a view shows, the largest first."""
        x, y, width, height = viewport.slide_rect()
        reach = 2 * MARKER_RADIUS * dpr * viewport.downsample
        left, top, right, bottom = x - reach, y - reach, x + width + reach, y + height + reach
        return [
            found
            for found in self._objects.values()
            if found.box[0] <= right
            and found.box[2] >= left
            and found.box[1] <= bottom
            and found.box[3] >= top
        ]

    def _arrange(self, snapshot: AnnotationSnapshot) -> None:
        candidates: list[tuple[float, AnnotationChunk, int]] = []
        crowded = len(snapshot) > LIVE_LIMIT
        for chunk in snapshot.chunks:
            rows = _largest(chunk, LARGE if crowded else 0.0)
            if len(rows):
                shown = chunk.shown_rows(rows, self._hidden_classes)
                candidates += [(_size(chunk, row), chunk, row) for row in shown.tolist()]
        candidates.sort(key=lambda entry: -entry[0])
        objects: dict[UUID, LiveObject] = {}
        for _, chunk, row in candidates[:LIVE_LIMIT]:
            annotation_id = UUID(bytes=chunk.ids[row].ljust(16, b"\0"))
            known = self._objects.get(annotation_id)
            if known is None:
                annotation = chunk[row]
                known = LiveObject.of(annotation, snapshot.color_of(annotation))
            objects[annotation_id] = known
        self._objects = objects
        self._ids = tuple(objects)


def _largest(chunk: AnnotationChunk, least: float) -> NDArray[np.int64]:
    """The largest rows of a chunk that are not hidden and at least so large.

    Worked out once for each chunk. What has very many vertices is left to the tiles, for it would be stroked
    whole in every frame.
    """

    def found() -> NDArray[np.int64]:
        boxes = chunk.boxes
        sizes = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
        # A hidden object takes no place from one that is seen.
        rows = np.flatnonzero((sizes >= least) & ~chunk.hidden)
        if len(rows):
            counts = np.diff(chunk.vertices.starts[chunk.rings.starts])
            rows = rows[counts[rows] <= LONE_VERTICES]
        return rows[np.argsort(-sizes[rows], kind="stable")[:LIVE_LIMIT]]

    return chunk.once(("largest", least), found)


def _size(chunk: AnnotationChunk, row: int) -> float:
    left, top, right, bottom = chunk.boxes[row]
    return float(max(right - left, bottom - top))


def _pen(color: QColor, width: float) -> QPen:
    pen = QPen(color, width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


def _path_of(rings: tuple[FloatArray, ...], step: float, *, closed: bool) -> QPainterPath:
    """An even-odd path through every vertex that is at least about ``step`` from the one before."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for ring in rings:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in _thinned(ring, step).tolist()]))
        if closed:
            path.closeSubpath()
    return path


def _pieces_of(rings: tuple[FloatArray, ...], step: float, *, closed: bool) -> list[QPolygonF]:
    """The same vertices as short lines, each beginning where the one before ends."""
    pieces: list[QPolygonF] = []
    for ring in rings:
        line = _thinned(ring, step)
        places = [QPointF(x, y) for x, y in (np.concatenate([line, line[:1]]) if closed else line).tolist()]
        pieces.extend(
            QPolygonF(places[start : start + PIECE + 1]) for start in range(0, len(places) - 1, PIECE)
        )
    return pieces


def _octave(downsample: float) -> int:
    return max(0, int(np.floor(np.log2(max(downsample, 1.0)))))


def _thinned(ring: FloatArray, step: float) -> FloatArray:
    if len(ring) < 8 or step <= 0.5:
        return ring
    cells = np.floor(ring / step)
    kept = np.ones(len(ring), dtype=np.bool_)
    kept[1:-1] = (np.diff(cells, axis=0) != 0).any(1)[:-1]
    thinned: FloatArray = ring[kept]
    return thinned
