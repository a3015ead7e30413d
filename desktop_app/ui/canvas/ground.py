"""What the canvas shows where there is no slide: around it, before it is read, and before one is open.

GUI thread.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPolygonF
from PySide6.QtWidgets import QWidget

from desktop_app.domain.viewport import Viewport
from desktop_app.ui.translation import tr


def surround(palette: QPalette) -> QColor:
    """The color around a slide."""
    return palette.color(QPalette.ColorRole.Window).darker(112)


def paint_unread(painter: QPainter, viewport: Viewport, size: tuple[int, int], palette: QPalette) -> None:
    """Paint the place of a slide, for what has not been read yet.

    Parameters
    ----------
    painter : QPainter
        In device pixels; its pen and brush are changed.
    viewport : Viewport
        What is seen.
    size : tuple[int, int]
        The slide's, level-0 pixels.
    palette : QPalette
        The canvas's.
    """
    # It is gray, as no slide's glass is: nobody takes it for an empty place.
    width, height = size
    outline = np.asarray([(0, 0), (width, 0), (width, height), (0, height)])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color(QPalette.ColorRole.Mid))
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in viewport.to_view(outline).tolist()]))


def paint_invitation(painter: QPainter, widget: QWidget) -> None:
    """Say how to open a slide; ``painter`` in the widget's logical pixels."""
    align, palette = Qt.AlignmentFlag, widget.palette()
    font = painter.font()
    font.setPointSizeF(font.pointSizeF() * 1.6)
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.WindowText))
    upper = widget.rect().adjusted(0, 0, 0, -widget.height() // 2)
    painter.drawText(upper, align.AlignHCenter | align.AlignBottom, tr("Open a slide…"))
    painter.setFont(widget.font())
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    lower = widget.rect().adjusted(0, widget.height() // 2 + 8, 0, 0)
    hint = tr("Drop a slide file here, or choose File, Open")
    painter.drawText(lower, align.AlignHCenter | align.AlignTop, hint)
