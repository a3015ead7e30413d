"""What has to be known of the things over the slide, in words above the scale bar. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas.scale_bar import MARGIN, PADDING, PLATE_TEXT, ScaleBar, paint_plate, plate_font
from desktop_app.ui.canvas_layers.field_layer import FieldLayer
from desktop_app.ui.canvas_layers.grid_layer import GridLayer


class OverlayNotes:
    """A canvas layer that only has a legend; see :class:`desktop_app.ui.canvas.layers.LegendLayer`.

    Attributes
    ----------
    visible, opacity
        As for every layer.
    grid : GridLayer
    field : FieldLayer
        What it tells about, where they are visible.
    """

    def __init__(self, grid: GridLayer, field: FieldLayer) -> None:
        self.visible = True
        self.opacity = 1.0
        self.grid = grid
        self.field = field
        self._bar = ScaleBar()

    def lines(self, viewport: Viewport, dpr: float) -> list[str]:
        """One text for each of them."""
        texts = [self.grid.text(viewport, dpr)] if self.grid.visible else []
        return [*texts, self.field.text()] if self.field.visible else texts

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Nothing: there is only the legend."""

    def paint_legend(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint the plate; ``painter`` in device pixels."""
        lines = self.lines(viewport, dpr)
        if not lines:
            return
        painter.setFont(plate_font(painter, dpr))
        metrics = QFontMetricsF(painter.font())
        width = max(metrics.horizontalAdvance(line) for line in lines) + 2 * PADDING * dpr
        height = metrics.lineSpacing() * len(lines) + PADDING * dpr
        bottom = self._bar.plate_top(painter, viewport, dpr) - PADDING * dpr / 2
        plate = QRectF(MARGIN * dpr, bottom - height, width, height)
        paint_plate(painter, plate, dpr)
        painter.setPen(PLATE_TEXT)
        inside = plate.adjusted(PADDING * dpr, PADDING * dpr / 2, 0, 0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, "\n".join(lines))
