"""The circle of a high-power field: how much a microscope's eyepiece would show.

Mitoses and other counts are given per field or per mm²; the circle stays in the middle of the view, or is
pinned to a place on the slide. GUI thread.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QLineF
from PySide6.QtGui import QPainter

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas_layers.contrast_lines import paint_twice, polygon_in_view
from desktop_app.ui.translation import tr

LINE_WIDTH, CROSS = 1.5, 4.0
"""Logical pixels: the circle's line, and half the mark in the middle of one that is pinned."""

VERTICES = 180

MICROMETRES_PER_MM = 1000


class FieldLayer:
    """A canvas layer; see :class:`desktop_app.ui.canvas.layers.CanvasLayer`.

    Attributes
    ----------
    visible, opacity
        As for every layer.
    mpp : Mpp | None
        µm per level-0 pixel; without it there is no circle, since its size would be a guess.
    area_mm2 : float
        What it encloses.
    pinned : Point | None
        Its middle, level-0 pixels; None for the middle of the view.
    """

    def __init__(self) -> None:
        self.visible = False
        self.opacity = 1.0
        self.mpp: Mpp | None = None
        self.area_mm2 = 0.2376
        self.pinned: Point | None = None

    def text(self) -> str:
        """What a reader must know of it."""
        if self.mpp is None:
            return tr("No field circle: pixel size unknown")
        sizes = {"area": f"{self.area_mm2:.4g}", "diameter": f"{diameter_mm(self.area_mm2):.3g}"}
        if self.pinned is not None:
            return tr("Field {area} mm², ⌀ {diameter} mm, pinned", **sizes)
        return tr("Field {area} mm², ⌀ {diameter} mm", **sizes)

    def outline(self, viewport: Viewport) -> FloatArray:
        """The circle as level-0 positions, float64 ``(N, 2)``; none without an mpp."""
        if self.mpp is None:
            return np.zeros((0, 2))
        radius = diameter_mm(self.area_mm2) * MICROMETRES_PER_MM / 2
        turn = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
        circle = np.column_stack([np.cos(turn) / self.mpp[0], np.sin(turn) / self.mpp[1]])
        return circle * radius + (self.pinned or viewport.center)

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint the circle; ``painter`` in device pixels."""
        if self.mpp is None:
            return
        painter.setOpacity(self.opacity)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        polygon = polygon_in_view(viewport, self.outline(viewport))
        paint_twice(painter, dpr, lambda: painter.drawPolygon(polygon), width=LINE_WIDTH)
        if self.pinned is not None:
            paint_cross(painter, viewport.view_point(self.pinned), (0.0, CROSS * dpr), dpr)


def diameter_mm(area_mm2: float) -> float:
    """The diameter in mm of a circle of that area in mm²."""
    return 2 * math.sqrt(area_mm2 / math.pi)


def area_of(diameter: float) -> float:
    """The area in mm² of a circle of that diameter in mm."""
    return math.pi * (diameter / 2) ** 2


def paint_cross(
    painter: QPainter, middle: Point, arm: tuple[float, float], dpr: float, *, width: float = 1.0
) -> None:
    """Paint a cross whose arms run from ``arm[0]`` to ``arm[1]`` device pixels away from its middle."""
    x, y = (math.floor(at) + 0.5 for at in middle)
    start, end = arm
    arms = [QLineF(x + side * start, y, x + side * end, y) for side in (-1, 1)]
    arms += [QLineF(x, y + side * start, x, y + side * end) for side in (-1, 1)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    paint_twice(painter, dpr, lambda: painter.drawLines(arms), width=width)
