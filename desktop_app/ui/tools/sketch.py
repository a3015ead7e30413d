"""How a shape looks while it is drawn or changed: a line in its class's color over a dark edge.

``painter`` is in device pixels everywhere. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF

from desktop_app.domain.annotation import AREA_KINDS, POINT_KINDS, Annotation, Color
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas_layers.arrow_heads import paint_arrow_head
from desktop_app.ui.canvas_layers.live_objects import (
    HALO,
    LINE_WIDTH,
    MARKER_RADIUS,
    SELECTED,
    SELECTED_CASING,
    SELECTED_COLOR,
    casing,
)
from desktop_app.ui.canvas_layers.raster_fills import FILL_ALPHA
from desktop_app.ui.tools.seen_outline import seen

DASHES = (4.0, 3.0)
"""A dash and a gap, in line widths."""

HANDLE = 4.0
"""Logical pixels from a handle's middle to its side."""


def device_ratio(painter: QPainter) -> float:
    """Device pixels per logical pixel of what is painted on."""
    return float(painter.device().devicePixelRatioF())


def paint_rings(
    painter: QPainter, viewport: Viewport, rings: Iterable[FloatArray], color: Color, *, closed: bool
) -> None:
    """Paint outlines that are being made, level-0 pixels."""
    polygons = [_polygon(viewport, ring, closed=closed) for ring in rings]
    _paint_outlines(painter, polygons, color, QPen(QColor(*color), LINE_WIDTH * device_ratio(painter)))
    if closed:
        _fill(painter, polygons, color)


def paint_dashed(
    painter: QPainter, viewport: Viewport, rings: Iterable[FloatArray], color: Color, *, closed: bool
) -> None:
    """Paint outlines that will not stay as they are drawn: what selects, is taken away, or is a ROI."""
    polygons = [_polygon(viewport, ring, closed=closed) for ring in rings]
    line = QPen(QColor(*color), LINE_WIDTH * device_ratio(painter))
    line.setDashPattern(DASHES)
    line.setCapStyle(Qt.PenCapStyle.FlatCap)
    _paint_outlines(painter, polygons, color, line)
    if closed:
        _fill(painter, polygons, color)


def paint_line(painter: QPainter, viewport: Viewport, line: FloatArray, color: Color, *, arrow: bool) -> None:
    """Paint a line that is being made, with its head where it is an arrow."""
    paint_rings(painter, viewport, [line], color, closed=False)
    if arrow:
        paint_arrow_head(painter, viewport.to_view(line[-2:]), QColor(*color), device_ratio(painter))


def paint_annotation(painter: QPainter, viewport: Viewport, annotation: Annotation) -> None:
    """Paint an annotation that is being changed, as selected."""
    if annotation.kind in POINT_KINDS:
        paint_markers(painter, viewport, annotation.parts[0][0])
        return
    if annotation.kind == "arrow":
        paint_line(painter, viewport, annotation.parts[0][0], SELECTED_COLOR, arrow=True)
        return
    rings = [ring for part in annotation.parts for ring in part]
    paint_rings(painter, viewport, rings, SELECTED_COLOR, closed=annotation.kind in AREA_KINDS)


def paint_markers(painter: QPainter, viewport: Viewport, points: FloatArray) -> None:
    """Paint points that are being changed."""
    dpr = device_ratio(painter)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(HALO, 1.5 * dpr))
    painter.setBrush(QBrush(SELECTED))
    for x, y in viewport.to_view(points).tolist():
        painter.drawEllipse(QPointF(x, y), MARKER_RADIUS * dpr, MARKER_RADIUS * dpr)


def paint_handles(painter: QPainter, viewport: Viewport, places: FloatArray, hot: int | None = None) -> None:
    """Paint squares to take hold of; the one under the mouse is filled."""
    half = HANDLE * device_ratio(painter)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for number, (x, y) in enumerate(np.round(viewport.to_view(places)).tolist()):
        painter.setPen(QPen(QColor(20, 20, 20), device_ratio(painter)))
        painter.setBrush(SELECTED if number == hot else QColor(255, 255, 255))
        painter.drawRect(QRectF(x - half, y - half, 2 * half, 2 * half))


def paint_vertex(painter: QPainter, viewport: Viewport, place: Point, color: Color) -> None:
    """Paint the ring around the first vertex, on which a click closes the outline."""
    x, y = viewport.view_point(place)
    radius = MARKER_RADIUS * device_ratio(painter)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(HALO, 1.5 * device_ratio(painter)))
    painter.setBrush(QColor(*color))
    painter.drawEllipse(QPointF(x, y), radius, radius)


def _paint_outlines(painter: QPainter, polygons: Iterable[QPolygonF], color: Color, line: QPen) -> None:
    around = HALO if color == SELECTED_COLOR else casing(color)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(around, SELECTED_CASING * device_ratio(painter)), line):
        painter.setPen(pen)
        for polygon in polygons:
            painter.drawPolyline(polygon)


def _fill(painter: QPainter, polygons: Iterable[QPolygonF], color: Color) -> None:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for polygon in polygons:
        path.addPolygon(polygon)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*color, FILL_ALPHA))
    painter.drawPath(path)


def _polygon(viewport: Viewport, ring: FloatArray, *, closed: bool) -> QPolygonF:
    points = viewport.to_view(np.concatenate([ring, ring[:1]]) if closed else ring)
    return QPolygonF([QPointF(x, y) for x, y in seen(points, viewport.size).tolist()])
