"""What the colors on the minimap mean: a strip below it, with a line on how much has been seen.

GUI thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPalette

STRIP_HEIGHT, LINE_HEIGHT, FONT_PIXELS = 15, 17, 11
"""Logical pixels."""

NARROWEST = 110
"""Logical pixels; on a narrower minimap there is no room for it."""


@dataclass(frozen=True, slots=True)
class MinimapLegend:
    """Colors with their names, coarse to fine, and a line below.

    Attributes
    ----------
    entries : tuple[tuple[QColor, str], ...]
        Opaque colors; texts of a few letters.
    text : str
        One short line; it is left out where it does not fit.
    """

    entries: tuple[tuple[QColor, str], ...]
    text: str

    @property
    def height(self) -> int:
        """Logical pixels that it takes."""
        return STRIP_HEIGHT + LINE_HEIGHT

    def paint(self, painter: QPainter, rect: QRectF, palette: QPalette) -> None:
        """Paint it; ``rect`` in logical pixels, as the painter."""
        font = QFont(painter.font())
        font.setPixelSize(FONT_PIXELS)
        painter.setFont(font)
        painter.fillRect(rect, palette.color(QPalette.ColorRole.Base))
        width = rect.width() / len(self.entries)
        for number, (color, name) in enumerate(self.entries):
            cell = QRectF(rect.left() + number * width, rect.top(), width, STRIP_HEIGHT)
            painter.fillRect(cell, color)
            painter.setPen(_writing_on(color))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, name)
        if QFontMetricsF(font).horizontalAdvance(self.text) <= rect.width() - 6:
            painter.setPen(palette.color(QPalette.ColorRole.Text))
            line = rect.adjusted(0, STRIP_HEIGHT, 0, 0)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, self.text)


def _writing_on(color: QColor) -> QColor:
    bright = 0.299 * color.red() + 0.587 * color.green() + 0.114 * color.blue() > 130
    return QColor(20, 20, 20) if bright else QColor(255, 255, 255)
