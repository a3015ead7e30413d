"""A button that shows a color and is pressed to choose another. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QPushButton, QWidget

from desktop_app.domain.display_settings import Rgb
from desktop_app.ui.translation import as_data

SIDE = 16


class SwatchButton(QPushButton):
    """Shows a color as a square with its three numbers."""

    def __init__(self, parent: QWidget | None = None, *, numbers: bool = True) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self.color: Rgb = (255, 255, 255)
        self.setIconSize(QSize(SIDE, SIDE))
        as_data(self)
        self.set_color(self.color)

    def set_color(self, color: Rgb) -> None:
        """Show a color."""
        self.color = color
        square = QPixmap(SIDE, SIDE)
        square.fill(QColor(*color))
        self.setIcon(QIcon(square))
        if self._numbers:
            self.setText(", ".join(str(part) for part in color))
