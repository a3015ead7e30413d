"""A mark in the middle of the view, for going to a place and coming back to it. GUI thread."""

from __future__ import annotations

from PySide6.QtGui import QPainter

from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas_layers.field_layer import paint_cross

GAP, REACH, WIDTH = 6.0, 28.0, 2.0
"""Logical pixels: from the middle at which its arms begin and end (what is in the middle stays free), and
how wide they are."""


class CrosshairLayer:
    """A canvas layer; see :class:`desktop_app.ui.canvas.layers.CanvasLayer`.

    Attributes
    ----------
    visible, opacity
        As for every layer.
    """

    def __init__(self) -> None:
        self.visible = False
        self.opacity = 1.0

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint the four arms; ``painter`` in device pixels."""
        painter.setOpacity(self.opacity)
        middle = (viewport.size[0] / 2, viewport.size[1] / 2)
        paint_cross(painter, middle, (GAP * dpr, REACH * dpr), dpr, width=WIDTH)
