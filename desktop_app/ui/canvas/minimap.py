"""The whole slide in a corner: shows where the view is, and moves it.

A child of the canvas that paints from the canvas's own pinned overview tiles, so it costs no reading. While
everything is in view there is nothing to show that it would not hide, so it is away. GUI thread.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from desktop_app.domain.viewport import Rect, Viewport
from desktop_app.ui.canvas.tile_layer import TileLayer
from desktop_app.ui.translation import tr

LARGEST, LARGEST_SHARE = 190, 1 / 3
"""Logical pixels, and share of the canvas: a small window keeps its slide, and room for a legend."""

SMALLEST_SIDE = 24
"""Logical pixels; a long strip of tissue is still worth a click."""

SMALLEST_MARK = 6
"""Logical pixels: at high magnification the view's frame becomes a mark of this size."""

EDGE = QColor(128, 128, 128)
FRAME, FRAME_HALO = QColor(200, 0, 30), QColor(255, 255, 255)


class Minimap(QWidget):
    """Shows a slide and the part of it that is seen.

    Parameters
    ----------
    parent : QWidget
        The canvas.
    """

    moved = Signal(object)
    """``(x, y)`` in level-0 pixels that the user wants in the middle of the view."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._layer: TileLayer | None = None
        self._slide_size = (1, 1)
        self._scanned: Rect = (0.0, 0.0, 1.0, 1.0)
        self._wanted = True
        self._view: Viewport | None = None
        self._picture = QImage()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Minimap"))
        self.setToolTip(tr("Click or drag to move the view"))

    @property
    def wanted(self) -> bool:
        """Whether the user wants it where there is something to show."""
        return self._wanted

    @wanted.setter
    def wanted(self, wanted: bool) -> None:
        self._wanted = wanted
        self._come_and_go()

    def set_slide(
        self, layer: TileLayer | None, slide_size: tuple[int, int] = (1, 1), *, scanned: Rect | None = None
    ) -> None:
        """Show another slide's overview, or none.

        Parameters
        ----------
        layer : TileLayer | None
            The slide's tiles.
        slide_size : tuple[int, int]
            Level-0 pixels.
        scanned : Rect | None
            The part that holds anything, where the file says which; level-0 pixels.
        """
        if self._layer is not None:
            self._layer.updated.disconnect(self._forget_picture)
        self._layer = layer
        self._slide_size = slide_size
        self._scanned = scanned or (0.0, 0.0, float(slide_size[0]), float(slide_size[1]))
        if layer is not None:
            layer.updated.connect(self._forget_picture)
        self._forget_picture()
        self._come_and_go()

    def fit_into(self, canvas: QSize) -> None:
        """Take the size that suits a canvas; logical pixels."""
        across, down = (min(LARGEST, side * LARGEST_SHARE) for side in (canvas.width(), canvas.height()))
        scale = min(across / self._slide_size[0], down / self._slide_size[1])
        width, height = (max(SMALLEST_SIDE, round(side * scale)) for side in self._slide_size)
        self.resize(width, height)

    def show_view(self, viewport: Viewport) -> None:
        """Mark what the canvas shows."""
        self._view = viewport
        self._come_and_go()
        self.update()

    def view_polygon(self) -> QPolygonF:
        """The mark of the view, in this widget's logical pixels; never too small to be seen."""
        if self._view is None:
            return QPolygonF()
        corners = self._own_viewport(1.0).to_view(self._view.corners())
        middle = corners.mean(axis=0)
        across = max(float(np.ptp(corners[:, 0])), float(np.ptp(corners[:, 1])))
        if across < SMALLEST_MARK:
            corners = middle + (corners - middle) * (SMALLEST_MARK / max(across, 1e-9))
        return QPolygonF([QPointF(x, y) for x, y in corners.tolist()])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint overview, frame and mark."""
        painter = QPainter(self)
        painter.drawImage(0, 0, self._slide_picture())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        polygon = self.view_polygon()
        for color, width in ((FRAME_HALO, 3.5), (FRAME, 1.5)):
            painter.setPen(QPen(color, width))
            painter.drawPolygon(polygon)
        painter.setPen(QPen(EDGE, 1))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move the view to the click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._ask_for(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the view with the drag."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._ask_for(event.position())

    def changeEvent(self, event: QEvent) -> None:
        """Another theme has another ground."""
        self._forget_picture()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size needs another picture."""
        self._forget_picture()

    def _come_and_go(self) -> None:
        self.setVisible(self._wanted and self._layer is not None and not self._all_is_seen())

    def _all_is_seen(self) -> bool:
        if self._view is None:
            return False
        x, y, width, height = self._scanned
        corners = np.array([(x, y), (x + width, y), (x, y + height), (x + width, y + height)])
        seen = self._view.to_view(corners)
        return bool((seen > -1).all() and (seen < np.add(self._view.size, 1)).all())

    def _forget_picture(self) -> None:
        self._picture = QImage()
        self.update()

    def _slide_picture(self) -> QImage:
        # Kept from one movement of the view to the next: only the mark moves.
        dpr = self.devicePixelRatioF()
        if self._picture.isNull() or self._picture.devicePixelRatio() != dpr:
            viewport = self._own_viewport(dpr)
            self._picture = QImage(*viewport.size, QImage.Format.Format_RGB32)
            self._picture.fill(self.palette().color(QPalette.ColorRole.Mid))
            if self._layer is not None:
                painter = QPainter(self._picture)
                self._layer.paint(painter, viewport, dpr)
                painter.end()
            self._picture.setDevicePixelRatio(dpr)
        return self._picture

    def _ask_for(self, position: QPointF) -> None:
        self.moved.emit(self._own_viewport(1.0).slide_point((position.x(), position.y())))

    def _own_viewport(self, dpr: float) -> Viewport:
        return Viewport.fit(self._slide_size, (round(self.width() * dpr), round(self.height() * dpr)))
