"""Icons drawn from line art in the colors of the theme.

Each icon is one SVG file in ``resources/icons`` whose lines are ``currentColor``; it is rendered at the
sizes that menus and toolbars use, for screens of one and two device pixels per pixel. GUI thread.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 20)
RATIOS = (1.0, 2.0)


class IconSet:
    """The icons of one theme.

    Parameters
    ----------
    folder : Path
        Where the SVG files are.
    palette : QPalette
        Gives the color of enabled, chosen and disabled icons.
    """

    def __init__(self, folder: Path, palette: QPalette) -> None:
        self._folder = folder
        self._colors = {
            (QIcon.Mode.Normal, QIcon.State.Off): palette.color(QPalette.ColorRole.ButtonText),
            (QIcon.Mode.Normal, QIcon.State.On): palette.color(QPalette.ColorRole.HighlightedText),
            (QIcon.Mode.Disabled, QIcon.State.Off): palette.color(
                QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText
            ),
        }
        self._made: dict[str, QIcon] = {}

    def icon(self, name: str) -> QIcon:
        """The icon of that file name (without suffix); an empty name gives an empty icon."""
        if not name:
            return QIcon()
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> QIcon:
        drawing = (self._folder / f"{name}.svg").read_text(encoding="utf-8")
        icon = QIcon()
        for (mode, state), color in self._colors.items():
            renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", color.name()).encode()))
            for size in SIZES:
                for ratio in RATIOS:
                    icon.addPixmap(_rendered(renderer, size, ratio), mode, state)
        return icon


def application_icon(folder: Path) -> QIcon:
    """The application's own icon, in its own colors."""
    renderer = QSvgRenderer(str(folder / "coverslip.svg"))
    icon = QIcon()
    for size in (16, 24, 32, 48, 64, 128):
        icon.addPixmap(_rendered(renderer, size, 1.0))
    return icon


def swatch(color: QColor, size: int = 14) -> QIcon:
    """A filled square, for classes and colors."""
    pixmap = QPixmap(size, size)
    pixmap.fill(color)
    return QIcon(pixmap)


def _rendered(renderer: QSvgRenderer, size: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
