"""A bar of round length at the bottom left of the slide.

Painted last, on a plate of its own, so that it can be read on glass, tissue and overlays alike. GUI
thread.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.translation import tr

LONGEST_BAR = 160
"""Logical pixels."""

MARGIN, PADDING, BAR_HEIGHT, FONT_PIXELS = 14, 8, 4, 12
"""Logical pixels."""

MICROMETRES_PER_MM = 1000


def round_length(longest: float) -> float:
    """The greatest of 1, 2, 5 times a power of ten that is at most ``longest`` (above 0)."""
    power = 10.0 ** math.floor(math.log10(longest) + 1e-9)
    return max(step * power for step in (1, 2, 5) if step * power <= longest * (1 + 1e-9))


def length_text(length: float, *, calibrated: bool) -> str:
    """A length in words: µm below 1 mm, else mm; pixels where the pixel size is unknown.

    Parameters
    ----------
    length : float
        µm if ``calibrated``, else level-0 pixels.
    calibrated : bool
        Whether the slide's mpp is known.
    """
    if not calibrated:
        return tr("{length} px", length=f"{length:g}")
    if length >= MICROMETRES_PER_MM:
        return tr("{length} mm", length=f"{length / MICROMETRES_PER_MM:g}")
    return tr("{length} µm", length=f"{length:g}")


class ScaleBar:
    """A canvas layer; see :class:`desktop_app.ui.canvas.layers.CanvasLayer`.

    Attributes
    ----------
    visible, opacity
        As for every layer.
    mpp : Mpp | None
        µm per level-0 pixel; None measures in pixels.
    """

    def __init__(self) -> None:
        self.visible = True
        self.opacity = 1.0
        self.mpp: Mpp | None = None

    def length(self, viewport: Viewport, dpr: float) -> tuple[float, float]:
        """The bar's length: in µm (or level-0 pixels), and in device pixels."""
        unit_per_pixel = viewport.downsample * (self.mpp[0] if self.mpp is not None else 1.0)
        length = round_length(LONGEST_BAR * dpr * unit_per_pixel)
        return length, length / unit_per_pixel

    def plate_top(self, painter: QPainter, viewport: Viewport, dpr: float) -> float:
        """Where the bar's plate begins, in device pixels: what is written above it ends there."""
        height = QFontMetricsF(plate_font(painter, dpr)).height() + (BAR_HEIGHT + 3 * PADDING / 2) * dpr
        return viewport.size[1] - MARGIN * dpr - height

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint the bar with its plate; ``painter`` in device pixels."""
        length, pixels = self.length(viewport, dpr)
        text = length_text(length, calibrated=self.mpp is not None)
        font = plate_font(painter, dpr)
        metrics = QFontMetricsF(font)
        width = max(pixels, metrics.horizontalAdvance(text)) + 2 * PADDING * dpr
        top = self.plate_top(painter, viewport, dpr)
        plate = QRectF(MARGIN * dpr, top, width, viewport.size[1] - MARGIN * dpr - top)
        paint_plate(painter, plate, dpr)
        painter.setFont(font)
        painter.setPen(PLATE_TEXT)
        writing = plate.adjusted(0, PADDING * dpr / 2, 0, 0)
        painter.drawText(writing, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)
        left = plate.center().x() - pixels / 2
        top = plate.bottom() - (PADDING + BAR_HEIGHT) * dpr
        painter.fillRect(QRectF(round(left), round(top), round(pixels), BAR_HEIGHT * dpr), PLATE_TEXT)


PLATE, PLATE_EDGE, PLATE_TEXT = QColor(255, 255, 255, 225), QColor(0, 0, 0, 90), QColor(20, 20, 20)
"""Dark on light in both themes: what lies on the slide is judged against the slide, which is light."""


def plate_font(painter: QPainter, dpr: float) -> QFont:
    """The font of what is written on plates, for a painter in device pixels."""
    font = QFont(painter.font())
    font.setPixelSize(round(FONT_PIXELS * dpr))
    return font


def paint_plate(painter: QPainter, rect: QRectF, dpr: float) -> None:
    """Paint the light plate that writing on the slide stands on; ``rect`` in device pixels."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(PLATE_EDGE)
    painter.setBrush(PLATE)
    painter.drawRoundedRect(rect, 4 * dpr, 4 * dpr)
    painter.restore()
