"""A compass in the corner of a slide that is turned or mirrored: which way its top lies.

Away while the slide is seen as it was scanned; a click puts it upright. A child of the canvas. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas.readout_text import angle_text, degrees_text
from desktop_app.ui.canvas.scale_bar import PLATE, PLATE_EDGE, PLATE_TEXT
from desktop_app.ui.translation import tr

WIDTH, DIAL, TEXT_HEIGHT, MIRROR_WIDTH = 64, 48, 18, 14
"""Logical pixels."""

NORTH, SOUTH = QColor(200, 0, 30), QColor(120, 126, 134)


class Compass(QWidget):
    """Shows how a view is turned.

    Parameters
    ----------
    parent : QWidget
        The canvas.
    """

    clicked = Signal()
    """The slide is wanted upright."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = Viewport((0.0, 0.0), 1.0)
        self._wanted = True
        self.resize(WIDTH, DIAL + TEXT_HEIGHT + 10)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Compass"))
        self.hide()

    @property
    def wanted(self) -> bool:
        """Whether it is to be seen on a slide that is turned or mirrored."""
        return self._wanted

    @wanted.setter
    def wanted(self, wanted: bool) -> None:
        self._wanted = wanted
        self.show_view(self._view)

    def show_view(self, viewport: Viewport) -> None:
        """Follow the canvas."""
        if (viewport.rotation_deg, viewport.mirrored) != (self._view.rotation_deg, self._view.mirrored):
            self.setToolTip(
                tr("{angle}. Click to show the slide as it was scanned.", angle=angle_text(viewport))
            )
            self.update()
        self._view = viewport
        self.setVisible(self._wanted and not viewport.is_upright)

    def needle(self) -> tuple[QPointF, QPointF]:
        """Where the needle's tip and end are, in this widget's logical pixels: the slide's top and bottom."""
        middle = QPointF(WIDTH / 2, 4 + DIAL / 2)
        _, _, m21, m22, *_ = self._view.matrix
        down = QPointF(m21, m22) * self._view.downsample * (DIAL / 2 - 7)
        return middle - down, middle + down

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint dial, needle and angle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(PLATE_EDGE)
        painter.setBrush(PLATE)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        self._paint_dial(painter)
        self._paint_needle(painter)
        font = QFont(self.font())
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(PLATE_TEXT)
        text = degrees_text(self._view.rotation_deg)
        line = QRectF(0, DIAL + 4, WIDTH, TEXT_HEIGHT)
        if self._view.mirrored:
            line.setWidth(WIDTH - MIRROR_WIDTH - 8)
            _paint_mirror(painter, QRectF(line.right(), DIAL + 9, MIRROR_WIDTH, 9))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the slide upright; the press is no pan."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def _paint_dial(self, painter: QPainter) -> None:
        painter.setPen(QPen(SOUTH, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(WIDTH / 2, 4 + DIAL / 2), DIAL / 2 - 4, DIAL / 2 - 4)
        # Where the top of a slide seen as it was scanned is.
        painter.drawLine(QPointF(WIDTH / 2, 7), QPointF(WIDTH / 2, 12))

    def _paint_needle(self, painter: QPainter) -> None:
        tip, end = self.needle()
        along = (tip - end) / 2
        across = QPointF(-along.y(), along.x()) * 0.24
        middle = (tip + end) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        for point, color in ((end, SOUTH), (tip, NORTH)):
            painter.setBrush(color)
            painter.drawPolygon(QPolygonF([point, middle + across, middle - across]))


def _paint_mirror(painter: QPainter, rect: QRectF) -> None:
    """Two triangles that face each other across a line: what is left is right."""
    middle = rect.center().x()
    painter.setPen(QPen(PLATE_TEXT, 1))
    painter.drawLine(QPointF(middle, rect.top() - 1), QPointF(middle, rect.bottom() + 1))
    for side, brush in ((rect.left(), PLATE_TEXT), (rect.right(), Qt.BrushStyle.NoBrush)):
        inner = middle + (1.5 if side > middle else -1.5)
        painter.setBrush(brush)
        painter.drawPolygon(
            QPolygonF(
                [QPointF(side, rect.bottom()), QPointF(inner, rect.bottom()), QPointF(inner, rect.top())]
            )
        )
