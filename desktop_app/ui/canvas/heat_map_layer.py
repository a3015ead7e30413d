"""A model's values over the slide, with the legend that says what they are.

One picture of one cell per tile, colored by a lookup table; while a job runs it is replaced as values
come in, and says that it is partial. GUI thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QLinearGradient, QPainter, QTransform

from desktop_app.domain.heat_colors import HeatScale
from desktop_app.domain.viewport import Viewport
from desktop_app.engine.job import HeatMapUpdate
from desktop_app.ui.canvas.heat_map_colors import colored, premultiplied_colors
from desktop_app.ui.canvas.heat_map_grid import HeatMapGrid
from desktop_app.ui.canvas.scale_bar import PLATE_TEXT, paint_plate
from desktop_app.ui.canvas.tile_source import wrap_argb
from desktop_app.ui.translation import tr

MARGIN, PADDING, BAR_WIDTH, BAR_HEIGHT, FONT_PIXELS = 14, 10, 210, 12, 12
"""Logical pixels of the legend."""

DEFAULT_OPACITY = 0.55

WARNING_TEXT = QColor(160, 20, 20)


@dataclass(frozen=True, slots=True, eq=False)
class HeatMapStill:
    """A heat map that changes no more, for painting on another thread.

    Attributes
    ----------
    update : HeatMapUpdate
        Its values.
    scale : HeatScale
        The range that the colors stand for.
    rect : QRectF
        What it covers, level-0 pixels.
    image : QImage
        One pixel per cell.
    """

    update: HeatMapUpdate
    scale: HeatScale
    rect: QRectF
    image: QImage

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint the values; ``painter`` in device pixels."""
        painter.save()
        painter.setWorldTransform(QTransform(*viewport.matrix) * painter.worldTransform())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(self.rect, self.image)
        painter.restore()

    def paint_legend(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint what the colors mean."""
        _Legend(self.update, self.scale).paint(painter, viewport, dpr)


class HeatMapLayer(QObject):
    """A canvas layer of values per tile; see :class:`desktop_app.ui.canvas.layers.CanvasLayer`."""

    updated = Signal()
    """The picture changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._visible = True
        self._opacity = DEFAULT_OPACITY
        self._update: HeatMapUpdate | None = None
        self._grid: HeatMapGrid | None = None
        self._scale: HeatScale | None = None
        self._image = QImage()

    @property
    def visible(self) -> bool:
        """Whether it is painted."""
        return self._visible

    @visible.setter
    def visible(self, visible: bool) -> None:
        self._visible = visible
        self.updated.emit()

    @property
    def opacity(self) -> float:
        """How opaque the strongest color is, 0 to 1; the legend stays readable whatever it is."""
        return self._opacity

    @opacity.setter
    def opacity(self, opacity: float) -> None:
        self._opacity = min(max(opacity, 0.0), 1.0)
        self._recolor()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to paint."""
        return self._grid is None

    @property
    def heat_map(self) -> HeatMapUpdate | None:
        """The values shown."""
        return self._update

    @property
    def scale(self) -> HeatScale | None:
        """The range that the colors stand for."""
        return self._scale

    def set_heat_map(self, update: HeatMapUpdate | None) -> None:
        """Show other values, or none."""
        self._update, self._grid, self._scale = update, None, None
        if update is not None and len(update.values):
            self._grid = HeatMapGrid.calculate(update.locations, update.tile_size, update.values)
            self._scale = HeatScale.of(update.values, update.quantity)
        self._recolor()

    def still(self) -> HeatMapStill | None:
        """The map as it is now, for painting on another thread; None without values."""
        if self._update is None or self._grid is None or self._scale is None:
            return None
        return HeatMapStill(self._update, self._scale, QRectF(*self._grid.rect), self._image)

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint the values."""
        still = self.still()
        if still is not None:
            still.paint(painter, viewport, dpr)

    def paint_legend(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint what the colors mean; see :class:`desktop_app.ui.canvas.layers.LegendLayer`."""
        still = self.still()
        if still is not None:
            still.paint_legend(painter, viewport, dpr)

    def legend_text(self) -> str:
        """What the legend says beside its numbers; empty without values."""
        if self._update is None or self._scale is None:
            return ""
        legend = _Legend(self._update, self._scale)
        return "\n".join([legend.title(), *legend.notes()])

    def _recolor(self) -> None:
        if self._update is None or self._grid is None or self._scale is None:
            self._image = QImage()
        else:
            quantity = self._update.quantity
            pixels = colored(self._grid.values, self._scale, quantity=quantity, opacity=self._opacity)
            self._image = wrap_argb(pixels.view(np.uint8).reshape(*pixels.shape, 4))
        self.updated.emit()


class _Legend:
    """The plate at the bottom right: what is shown, its colors, and how far it can be trusted."""

    def __init__(self, update: HeatMapUpdate, scale: HeatScale) -> None:
        self._update = update
        self._scale = scale

    def title(self) -> str:
        """The quantity and its unit."""
        titles = {
            "contribution": tr("Contribution to the prediction (logit)"),
            "attention": tr("Attention (logit)"),
        }
        return titles.get(self._update.quantity, self._update.quantity)

    def notes(self) -> list[str]:
        """What must be known before the colors are believed."""
        notes = []
        if self._update.done < self._update.total:
            notes.append(tr("Partial, {done} of {total}", done=self._update.done, total=self._update.total))
        if self._update.demonstration:
            notes.append(tr("Demonstration model, meaningless on real tissue"))
        return notes

    def numbers(self) -> list[str]:
        """The range's ends and middle, with as many decimals as tell them apart."""
        low, high = self._scale.low, self._scale.high
        decimals = max(0, 1 - math.floor(math.log10(high - low)))
        sign = "+" if self._update.quantity == "contribution" else ""
        middle = round((low + high) / 2, decimals)
        return [f"{value:{sign}.{decimals}f}" if value else "0" for value in (low, middle, high)]

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint at the bottom right; ``painter`` in device pixels."""
        painter.save()
        font, bold = QFont(painter.font()), QFont(painter.font())
        for face in (font, bold):
            face.setPixelSize(round(FONT_PIXELS * dpr))
        bold.setBold(True)
        notes = [QFontMetricsF(bold).horizontalAdvance(note) for note in self.notes()]
        inner = max(BAR_WIDTH * dpr, QFontMetricsF(font).horizontalAdvance(self.title()), *notes)
        line = QFontMetricsF(bold).lineSpacing()
        height = line * (2 + len(notes)) + (BAR_HEIGHT + 2.5 * PADDING) * dpr
        right, bottom = viewport.size[0] - MARGIN * dpr, viewport.size[1] - MARGIN * dpr
        width = inner + 2 * PADDING * dpr
        plate = QRectF(right - width, bottom - height, width, height)
        paint_plate(painter, plate, dpr)
        inside = plate.adjusted(*(side * PADDING * dpr for side in (1, 1, -1, -1)))
        painter.setPen(PLATE_TEXT)
        painter.setFont(font)
        top = self._paint_scale(painter, inside, dpr)
        painter.setFont(bold)
        painter.setPen(WARNING_TEXT)
        for number, note in enumerate(self.notes()):
            place = QRectF(inside.left(), top + number * line, inside.width(), line)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft, note)
        painter.restore()

    def _paint_scale(self, painter: QPainter, inside: QRectF, dpr: float) -> float:
        """Title, colors and numbers; returns where they end."""
        line = QFontMetricsF(painter.font()).lineSpacing()
        title = QRectF(inside.left(), inside.top(), inside.width(), line)
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft, self.title())
        bar = QRectF(inside.left(), title.bottom() + PADDING * dpr / 4, inside.width(), BAR_HEIGHT * dpr)
        painter.fillRect(bar, self._gradient(bar))
        numbers = QRectF(inside.left(), bar.bottom() + PADDING * dpr / 4, inside.width(), line)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for side, number in zip(sides, self.numbers(), strict=True):
            painter.drawText(numbers, side, number)
        return numbers.bottom()

    def _gradient(self, bar: QRectF) -> QLinearGradient:
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        table = premultiplied_colors(self._update.quantity)
        for step in range(0, len(table), 15):
            gradient.setColorAt(step / (len(table) - 1), _opaque_on_white(int(table[step])))
        return gradient


def _opaque_on_white(premultiplied: int) -> QColor:
    alpha, red, green, blue = (premultiplied >> shift & 255 for shift in (24, 16, 8, 0))
    return QColor(*(min(255, channel + 255 - alpha) for channel in (red, green, blue)))
