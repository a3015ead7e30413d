"""What has been seen of a slide, in colors: the closer it was looked at, the deeper.

It is shown on the minimap. What was seen only at less than the first of its magnifications stays uncolored,
since every slide is seen whole when it is opened. GUI thread.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from desktop_app.domain.coverage import MAGNIFICATIONS, Coverage, class_downsamples
from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas.tile_source import wrap_argb
from desktop_app.ui.translation import tr

COLORS = (
    QColor(253, 231, 37),
    QColor(94, 201, 98),
    QColor(33, 145, 140),
    QColor(59, 82, 139),
    QColor(68, 1, 84),
)
"""Steps of the viridis map, which readers with any color vision can tell apart; coarse to fine."""

ALPHA = 105


class CoverageLayer(QObject):
    """A canvas layer; see :class:`desktop_app.ui.canvas.layers.CanvasLayer`.

    Attributes
    ----------
    visible, opacity
        As for every layer.
    """

    updated = Signal()
    """More has been seen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.visible = True
        self.opacity = 1.0
        self._coverage: Coverage | None = None
        self._image = QImage()

    def show_coverage(self, coverage: Coverage | None, mpp: Mpp | None) -> None:
        """Show what has been seen, in classes of magnification, or of pixel ratio without an mpp."""
        self._coverage = coverage
        self._image = QImage()
        if coverage is not None:
            classes = coverage.classes(class_downsamples(mpp[0] if mpp is not None else None))
            self._image = wrap_argb(_table()[classes].view(np.uint8).reshape(*classes.shape, 4))
        self.updated.emit()

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint the cells; ``painter`` in device pixels."""
        if self._coverage is None:
            return
        rows, columns = self._coverage.steps.shape
        cell = self._coverage.cell
        painter.setOpacity(self.opacity)
        painter.setWorldTransform(QTransform(*viewport.matrix) * painter.worldTransform())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(QRectF(0, 0, columns * cell, rows * cell), self._image)


def class_names(mpp: Mpp | None) -> tuple[str, ...]:
    """What the colors mean, coarse to fine: ``10×``, or ``1:4`` where the pixel size is unknown."""
    if mpp is None:
        return tuple(f"1:{ratio:g}" for ratio in class_downsamples(None))
    return tuple(tr("{number}×", number=f"{magnification:g}") for magnification in MAGNIFICATIONS)


def opaque_colors() -> tuple[QColor, ...]:
    """The colors as they look on glass."""
    share = ALPHA / 255
    return tuple(
        QColor(*(round(255 + (channel - 255) * share) for channel in (c.red(), c.green(), c.blue())))
        for c in COLORS
    )


def _table() -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    premultiplied = [
        ALPHA << 24
        | (color.red() * ALPHA // 255) << 16
        | (color.green() * ALPHA // 255) << 8
        | color.blue() * ALPHA // 255
        for color in COLORS
    ]
    return np.asarray([0, *premultiplied], np.uint32)
