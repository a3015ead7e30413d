"""What is painted on a selected outline: its vertices, the place of a new one, the handle that turns it.

``painter`` is in device pixels everywhere. GUI thread.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream, QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from desktop_app.domain.annotation import POINT_KINDS
from desktop_app.domain.arrays import FloatArray, IntArray
from desktop_app.domain.outline_editing import Outline
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas_layers.contrast_lines import paint_twice
from desktop_app.ui.canvas_layers.live_objects import SELECTED
from desktop_app.ui.tools.handles import box_places, has_box_handles, turn_handle
from desktop_app.ui.tools.seen_outline import seen, spaced
from desktop_app.ui.tools.sketch import HANDLE, device_ratio, paint_handles

SPACING = 11.0
"""Logical pixels; of vertices closer than this one is shown. Any of them can be taken hold of."""

CHOSEN = QColor(30, 110, 255)
EDGE = QColor(20, 20, 20)
PLAIN = QColor(255, 255, 255)
GHOST = QColor(255, 255, 255, 150)

FINE_CELL = 2.0
"""Device pixels within which a thin outline is not exact."""

TURN_RADIUS = 5.0
"""Logical pixels."""


@dataclass(frozen=True, slots=True)
class Hot:
    """What the mouse is over.

    Attributes
    ----------
    handle : int | None
        A vertex, or one of the eight places of a box.
    edge : Point | None
        Where a click would put in a vertex, level-0 pixels.
    turns : bool
        The handle that turns the shape.
    inside : bool
        Something that a drag would move.
    """

    handle: int | None = None
    edge: Point | None = None
    turns: bool = False
    inside: bool = False


class OutlineMarks:
    """Paints the marks of one outline; what depends on outline and view alone is worked out once."""

    def __init__(self) -> None:
        self._known: tuple[Outline, Viewport, IntArray] | None = None
        self._turn: tuple[Outline, Viewport, tuple[Point, Point] | None] | None = None

    def paint(
        self, painter: QPainter, viewport: Viewport, outline: Outline, hot: Hot, *, chosen: IntArray
    ) -> None:
        """Paint handles that can be taken hold of.

        Parameters
        ----------
        painter : QPainter
            In device pixels.
        viewport : Viewport
            What is seen.
        outline : Outline
            Of the one selected annotation.
        hot : Hot
            What the mouse is over.
        chosen : IntArray
            Numbers of the selected vertices.
        """
        if outline.annotation.locked:
            return
        if has_box_handles(outline.annotation):
            paint_handles(painter, viewport, box_places(outline.annotation), hot.handle)
        elif outline.annotation.kind not in POINT_KINDS or len(outline.vertices) > 1:
            self._paint_vertices(painter, viewport, outline, hot, chosen)
        dpr = device_ratio(painter)
        if hot.edge is not None:
            _paint_square(painter, viewport.view_point(hot.edge), HANDLE * dpr, GHOST)
        handle = self.turn(viewport, outline, dpr)
        if handle is not None:
            paint_turn_handle(painter, *handle, hot=hot.turns)

    def shown(self, viewport: Viewport, outline: Outline, dpr: float) -> IntArray:
        """Numbers of the vertices that are painted as handles, int64."""
        known = self._known
        if known is None or known[0] is not outline or known[1] != viewport:
            found = spaced(viewport.to_view(outline.vertices), viewport.size, SPACING * dpr)
            self._known = known = (outline, viewport, found)
        return known[2]

    def turn(self, viewport: Viewport, outline: Outline, dpr: float) -> tuple[Point, Point] | None:
        """The handle that turns the shape; see :func:`desktop_app.ui.tools.handles.turn_handle`."""
        known = self._turn
        if known is None or known[0] is not outline or known[1] != viewport:
            self._turn = known = (outline, viewport, turn_handle(outline, viewport, dpr))
        return known[2]

    def _paint_vertices(
        self, painter: QPainter, viewport: Viewport, outline: Outline, hot: Hot, chosen: IntArray
    ) -> None:
        shown = self.shown(viewport, outline, device_ratio(painter))
        _paint_squares(painter, viewport.to_view(outline.vertices[shown]), PLAIN)
        if len(chosen):
            places = viewport.to_view(outline.vertices[chosen])
            near = spaced(places, viewport.size, SPACING * device_ratio(painter))
            _paint_squares(painter, places[near], CHOSEN)
        if hot.handle is not None and hot.handle < len(outline.vertices):
            _paint_squares(painter, viewport.to_view(outline.vertices[[hot.handle]]), SELECTED)


def paint_turn_handle(painter: QPainter, place: Point, top: Point, *, hot: bool) -> None:
    """Paint the round handle above a shape, device pixels."""
    dpr = device_ratio(painter)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_twice(painter, dpr, lambda: painter.drawLine(QLineF(QPointF(*top), QPointF(*place))))
    painter.setPen(QPen(EDGE, dpr))
    painter.setBrush(SELECTED if hot else PLAIN)
    painter.drawEllipse(QPointF(*place), TURN_RADIUS * dpr, TURN_RADIUS * dpr)


def paint_fine(painter: QPainter, viewport: Viewport, outline: Sequence[FloatArray], *, closed: bool) -> None:
    """Paint an outline of very many vertices that is being changed, as a thin line: a wide one takes long."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(SELECTED, 1))
    for ring in outline:
        points = viewport.to_view(np.concatenate([ring, ring[:1]]) if closed else ring)
        painter.drawPolyline(_polygon_of(seen(points, viewport.size, FINE_CELL)))


def paint_box(painter: QPainter, one: Point, other: Point) -> None:
    """Paint a box that selects, between two corners in device pixels."""
    (x0, y0), (x1, y1) = one, other
    box = QRectF(QPointF(min(x0, x1), min(y0, y1)), QPointF(max(x0, x1), max(y0, y1)))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    paint_twice(painter, device_ratio(painter), lambda: painter.drawRect(box))


def _polygon_of(points: FloatArray) -> QPolygonF:
    """Device pixel positions as Qt has them, through Qt's own stream: without an object for each."""
    polygon = QPolygonF()
    content = struct.pack(">I", len(points)) + points.astype(">f8").tobytes()
    stream = QDataStream(QByteArray(content))
    stream >> polygon
    return polygon


def _paint_squares(painter: QPainter, places: FloatArray, color: QColor) -> None:
    half = HANDLE * device_ratio(painter)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(EDGE, device_ratio(painter)))
    painter.setBrush(color)
    painter.drawRects([QRectF(x - half, y - half, 2 * half, 2 * half) for x, y in np.round(places).tolist()])


def _paint_square(painter: QPainter, place: Point, half: float, color: QColor) -> None:
    x, y = place
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(EDGE, device_ratio(painter), Qt.PenStyle.DotLine)
    painter.setPen(pen)
    painter.setBrush(color)
    painter.drawRect(QRectF(x - half, y - half, 2 * half, 2 * half))
