"""A grid of known spacing over the slide, for counting and for reading in order.

It turns with the slide and ends with it. Where its lines would come too close to be told apart, only every
second, fifth, tenth ... is shown, and the notes on the canvas say so. GUI thread.
"""

from __future__ import annotations

from itertools import count

import numpy as np
from PySide6.QtGui import QPainter

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas.scale_bar import length_text
from desktop_app.ui.canvas_layers.contrast_lines import paint_segments
from desktop_app.ui.translation import tr

CLOSEST = 9.0
"""Logical pixels between two lines."""

CORNER: Point = (0.0, 0.0)


class GridLayer:
    """A canvas layer; see :class:`desktop_app.ui.canvas.layers.CanvasLayer`.

    Attributes
    ----------
    visible, opacity
        As for every layer.
    mpp : Mpp | None
        µm per level-0 pixel; None makes a grid in pixels.
    spacing_um, spacing_px : float
        Between two lines, with and without an mpp.
    origin : Point
        A crossing of lines, level-0 pixels.
    slide_size : tuple[int, int]
        Level-0 pixels.
    """

    def __init__(self, slide_size: tuple[int, int]) -> None:
        self.visible = False
        self.opacity = 1.0
        self.mpp: Mpp | None = None
        self.spacing_um = 250.0
        self.spacing_px = 1000.0
        self.origin: Point = CORNER
        self.slide_size = slide_size

    @property
    def spacing(self) -> float:
        """As it was asked for: µm, or level-0 pixels without an mpp."""
        return self.spacing_um if self.mpp is not None else self.spacing_px

    def shown_spacing(self, viewport: Viewport, dpr: float) -> float:
        """What is shown at this scale: the spacing asked for, times 1, 2, 5, 10, ... where it is too fine."""
        finest = min(self._pixels(self.spacing)) / viewport.downsample
        factors = ((1, 2, 5)[number % 3] * 10.0 ** (number // 3) for number in count())
        return self.spacing * next(factor for factor in factors if finest * factor >= CLOSEST * dpr)

    def text(self, viewport: Viewport, dpr: float) -> str:
        """What a reader must know of it."""
        calibrated = self.mpp is not None
        shown, asked = self.shown_spacing(viewport, dpr), self.spacing
        size = length_text(shown, calibrated=calibrated)
        if shown != asked:
            wanted = length_text(asked, calibrated=calibrated)
            return tr("Grid {spacing} (too fine here: {wanted})", spacing=size, wanted=wanted)
        if not calibrated:
            return tr("Grid {spacing}, pixel size unknown", spacing=size)
        return tr("Grid {spacing}", spacing=size)

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint the lines; ``painter`` in device pixels."""
        across, down = self._pixels(self.shown_spacing(viewport, dpr))
        x, y, width, height = viewport.slide_rect()
        left, right = max(0.0, x), min(float(self.slide_size[0]), x + width)
        top, bottom = max(0.0, y), min(float(self.slide_size[1]), y + height)
        if left >= right or top >= bottom:
            return
        painter.setOpacity(self.opacity)
        columns = _lines(left, right, across, self.origin[0])
        rows = _lines(top, bottom, down, self.origin[1])
        upright = [((at, top), (at, bottom)) for at in columns.tolist()]
        level = [((left, at), (right, at)) for at in rows.tolist()]
        paint_segments(painter, np.asarray([*upright, *level]).reshape(-1, 2, 2), viewport, dpr)

    def _pixels(self, spacing: float) -> Point:
        """A spacing in level-0 pixels, across and down: pixels need not be square."""
        return (spacing, spacing) if self.mpp is None else (spacing / self.mpp[0], spacing / self.mpp[1])


def _lines(start: float, end: float, spacing: float, origin: float) -> FloatArray:
    first, last = np.ceil((start - origin) / spacing), np.floor((end - origin) / spacing)
    lines: FloatArray = origin + np.arange(first, last + 1) * spacing
    return lines
