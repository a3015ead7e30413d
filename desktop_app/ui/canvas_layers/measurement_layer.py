"""Lengths and angles as they stand on the slide, each with its value on a plate of its own.

The tool paints the one being made in the same way. GUI thread, or the thread that paints a picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas.scale_bar import PLATE_TEXT, paint_plate, plate_font
from desktop_app.ui.canvas_layers.contrast_lines import lines_between
from desktop_app.ui.models.measurements import POINTS_OF, Measurement

LINE, CASING = QColor(255, 214, 0), QColor(0, 0, 0, 190)
LINE_WIDTH, CASING_WIDTH = 1.6, 3.8
TICK, ARC, PADDING, AWAY = 6.0, 22.0, 5.0, 14.0
"""Logical pixels: half an end tick, the radius of an angle's arc, and the label's distances."""


class MeasurementLayer:
    """A canvas layer; see :class:`desktop_app.ui.canvas.layers.CanvasLayer`.

    Attributes
    ----------
    visible, opacity
        As for every layer.
    mpp : Mpp | None
        µm per level-0 pixel.
    items : Sequence[Measurement]
        What is painted.
    """

    def __init__(self) -> None:
        self.visible = True
        self.opacity = 1.0
        self.mpp: Mpp | None = None
        self.items: Sequence[Measurement] = ()

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint all of them; ``painter`` in device pixels."""
        painter.setOpacity(self.opacity)
        for item in self.items:
            self.paint_one(painter, item, viewport, dpr)

    def paint_one(self, painter: QPainter, item: Measurement, viewport: Viewport, dpr: float) -> None:
        """Paint one, finished or not, with its value."""
        points = [viewport.view_point(point) for point in item.points]
        lines = lines_between(points)
        ticks = [] if not lines else [_tick(lines[0], 0.0, dpr), _tick(lines[-1], 1.0, dpr)]
        arc = _arc(points, dpr) if item.kind == "angle" and len(points) == POINTS_OF["angle"] else QPolygonF()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((CASING, CASING_WIDTH), (LINE, LINE_WIDTH)):
            pen = QPen(color, width * dpr)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLines([*lines, *ticks])
            painter.drawPolyline(arc)
        if lines:
            place = _label_place(item, points, viewport.size, dpr)
            _paint_label(painter, item.text(self.mpp), place, dpr)


def _tick(line: QLineF, at: float, dpr: float) -> QLineF:
    """A short line across the end of another: the place that is measured is where they cross."""
    normal = line.normalVector().unitVector()
    step = QPointF(normal.dx(), normal.dy()) * TICK * dpr
    end = line.pointAt(at)
    return QLineF(end - step, end + step)


def _arc(points: Sequence[Point], dpr: float) -> QPolygonF:
    """The arc between the arms, as far as the shorter arm reaches, in device pixels."""
    first, vertex, second = points
    radius = min(ARC * dpr, math.dist(first, vertex), math.dist(second, vertex))
    start, turn = _opening(points)
    steps = max(2, round(abs(turn) / math.radians(4)))
    angles = [start + turn * step / steps for step in range(steps + 1)]
    return QPolygonF(
        [QPointF(vertex[0] + radius * math.cos(a), vertex[1] + radius * math.sin(a)) for a in angles]
    )


def _opening(points: Sequence[Point]) -> tuple[float, float]:
    """Where an angle's first arm points to on the screen, and how far it is to the second, in radians."""
    first, vertex, second = points
    start = math.atan2(first[1] - vertex[1], first[0] - vertex[0])
    end = math.atan2(second[1] - vertex[1], second[0] - vertex[0])
    return start, math.remainder(end - start, 2 * math.pi)


def _label_place(
    item: Measurement, points: Sequence[Point], size: tuple[int, int], dpr: float
) -> tuple[Point, Point]:
    """Where a label stands, and in which direction it keeps away from there (a unit vector)."""
    if item.kind == "angle" and len(points) == POINTS_OF["angle"]:
        start, turn = _opening(points)
        middle = start + turn / 2
        away = (math.cos(middle), math.sin(middle))
        return (points[1][0] + away[0] * ARC * dpr, points[1][1] + away[1] * ARC * dpr), away
    one, other = points[-2:]
    length = math.dist(one, other) or 1.0
    across = ((one[1] - other[1]) / length, (other[0] - one[0]) / length)
    # Above the line rather than below it.
    away = across if across[1] < 0 or (across[1] == 0 and across[0] > 0) else (-across[0], -across[1])
    return _visible_middle(one, other, size), away


def _visible_middle(one: Point, other: Point, size: tuple[int, int]) -> Point:
    """The middle of what the view shows of a line, so that a long one keeps its label in sight."""
    enter, leave = 0.0, 1.0
    for axis in range(2):
        step = other[axis] - one[axis]
        if step:
            ends = sorted((-one[axis] / step, (size[axis] - one[axis]) / step))
            enter, leave = max(enter, ends[0]), min(leave, ends[1])
    at = (enter + leave) / 2 if enter < leave else 0.5
    return one[0] + (other[0] - one[0]) * at, one[1] + (other[1] - one[1]) * at


def _paint_label(painter: QPainter, text: str, place: tuple[Point, Point], dpr: float) -> None:
    painter.setFont(plate_font(painter, dpr))
    metrics = QFontMetricsF(painter.font())
    width = metrics.horizontalAdvance(text) + 2 * PADDING * dpr
    height = metrics.height() + PADDING * dpr
    (x, y), (across, down) = place
    # The plate's nearest point, not its middle, keeps the distance.
    away = AWAY * dpr / 2 + abs(across) * width / 2 + abs(down) * height / 2
    plate = QRectF(x + across * away - width / 2, y + down * away - height / 2, width, height)
    paint_plate(painter, plate, dpr)
    painter.setPen(PLATE_TEXT)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
