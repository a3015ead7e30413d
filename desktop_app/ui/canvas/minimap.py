"""The whole slide in a corner: shows where the view is, and moves it.

A child of the canvas that paints from the canvas's own pinned overview tiles, so it costs no reading; other
layers (the heat map, annotations, what has been seen) are painted into the same picture, which is kept from
one movement to the next. While everything is in view there is nothing to show that it would not hide, so it
is away. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
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

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.viewport import Point, Rect, Viewport
from desktop_app.ui.canvas.layers import CanvasLayer, NotifyingLayer
from desktop_app.ui.canvas.minimap_legend import NARROWEST, MinimapLegend
from desktop_app.ui.canvas.tile_layer import TileLayer
from desktop_app.ui.translation import tr

LARGEST, LARGEST_SHARE = 190, 1 / 3
"""Logical pixels, and share of the canvas: a small window keeps its slide, and room for a legend."""

SMALLEST_SIDE = 24
"""Logical pixels; a long strip of tissue is still worth a click."""

SMALLEST_MARK = 6
"""Logical pixels: at high magnification the view's frame becomes a mark of this size."""

REFRESH_MS = 80
"""What changes on the slide is on the minimap so much later: tiles arrive in quick succession."""

THINNER = 0.5
"""Lines of a layer are so much thinner here than on the slide."""

EDGE = QColor(128, 128, 128)
PIN, PIN_RADIUS = QColor(0, 92, 190), 3.0
"""Of a bookmark; logical pixels."""

FRAME, FRAME_HALO = QColor(200, 0, 30), QColor(255, 255, 255)


@dataclass(slots=True, eq=False)
class _Shown:
    """A layer on the minimap, and whether the user wants it there."""

    layer: CanvasLayer
    wanted: bool


class Minimap(QWidget):
    """Shows a slide and the part of it that is seen.

    Parameters
    ----------
    parent : QWidget
        The canvas.
    """

    moved = Signal(object)
    """``(x, y)`` in level-0 pixels that the user wants in the middle of the view."""

    reshaped = Signal()
    """It wants another size and has to be placed anew."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._layer: TileLayer | None = None
        self._slide_size = (1, 1)
        self._scanned: Rect = (0.0, 0.0, 1.0, 1.0)
        self._wanted = True
        self._view: Viewport | None = None
        self._picture = QImage()
        self._layers: dict[str, _Shown] = {}
        self._legend: MinimapLegend | None = None
        self._pins: FloatArray = np.zeros((0, 2))
        self._largest = LARGEST
        self._refresh = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._refresh.timeout.connect(self._forget_picture)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        # Not declared opaque: the hole it would cut into the canvas's clip makes each of its paints slower.
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
            self._layer.updated.disconnect(self._expect_news)
        self._layer = layer
        self._slide_size = slide_size
        self._scanned = scanned or (0.0, 0.0, float(slide_size[0]), float(slide_size[1]))
        if layer is not None:
            layer.updated.connect(self._expect_news)
        self._forget_picture()
        self._come_and_go()

    def fit_into(self, canvas: QSize) -> None:
        """Take the size that suits a canvas; logical pixels."""
        sides = (canvas.width(), canvas.height())
        across, down = (min(self._largest, side * LARGEST_SHARE) for side in sides)
        scale = min(across / self._slide_size[0], down / self._slide_size[1])
        width, height = (max(SMALLEST_SIDE, round(side * scale)) for side in self._slide_size)
        self.resize(width, height + self._legend_height(width))

    @property
    def largest(self) -> int:
        """Logical pixels of its longer side, where the canvas has room for it."""
        return self._largest

    @largest.setter
    def largest(self, largest: int) -> None:
        if largest != self._largest:
            self._largest = largest
            self.reshaped.emit()

    def set_layer(self, name: str, layer: CanvasLayer, *, wanted: bool = True) -> None:
        """Paint a layer over the overview while it is visible and wanted; once for each name."""
        self._layers[name] = _Shown(layer, wanted)
        if isinstance(layer, NotifyingLayer):
            layer.updated.connect(self._expect_news)
        self._forget_picture()

    def show_layer(self, name: str, wanted: bool) -> None:
        """Paint a layer from now on, or not."""
        shown = self._layers[name]
        if shown.wanted != wanted:
            shown.wanted = wanted
            self._forget_picture()

    def shows_layer(self, name: str) -> bool:
        """Whether a layer is wanted here; it may still be hidden on the slide itself."""
        return self._layers[name].wanted

    def set_legend(self, legend: MinimapLegend | None) -> None:
        """Say below the overview what its colors mean, or nothing."""
        before = self._legend
        self._legend = legend
        if (before is None) != (legend is None):
            self.reshaped.emit()
        self.update()

    def set_pins(self, places: Sequence[Point]) -> None:
        """Mark places with dots, level-0 pixels."""
        self._pins = np.asarray(places, dtype=np.float64).reshape(-1, 2)
        self.update()

    def refresh(self) -> None:
        """Paint everything anew soon: something of a layer was hidden, or shown again."""
        self._expect_news()

    def show_view(self, viewport: Viewport) -> None:
        """Mark what the canvas shows; seen with the canvas's next paint, which paints this widget, too."""
        self._view = viewport
        self._come_and_go()

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
        width, height = self._map_size()
        painter.save()
        painter.setClipRect(QRectF(0, 0, width, height))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_pins(painter)
        polygon = self.view_polygon()
        for color, line in ((FRAME_HALO, 3.5), (FRAME, 1.5)):
            painter.setPen(QPen(color, line))
            painter.drawPolygon(polygon)
        painter.restore()
        if self._legend is not None and height < self.height():
            below = QRectF(0, height, width, self.height() - height)
            self._legend.paint(painter, below, self.palette())
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

    def _legend_height(self, width: float) -> int:
        return self._legend.height if self._legend is not None and width >= NARROWEST else 0

    def _map_size(self) -> tuple[int, int]:
        return self.width(), self.height() - self._legend_height(self.width())

    def _expect_news(self) -> None:
        if not self._refresh.isActive():
            self._refresh.start()

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
                self._paint_layers(painter, viewport, dpr)
                painter.end()
            self._picture.setDevicePixelRatio(dpr)
        return self._picture

    def _paint_pins(self, painter: QPainter) -> None:
        painter.save()
        painter.setPen(QPen(FRAME_HALO, 1.5))
        painter.setBrush(PIN)
        for x, y in self._own_viewport(1.0).to_view(self._pins).tolist():
            painter.drawEllipse(QPointF(x, y), PIN_RADIUS, PIN_RADIUS)
        painter.restore()

    def _paint_layers(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        for shown in self._layers.values():
            if shown.wanted and shown.layer.visible:
                painter.save()
                shown.layer.paint(painter, viewport, dpr * THINNER)
                painter.restore()

    def _ask_for(self, position: QPointF) -> None:
        if position.y() <= self._map_size()[1]:
            self.moved.emit(self._own_viewport(1.0).slide_point((position.x(), position.y())))

    def _own_viewport(self, dpr: float) -> Viewport:
        width, height = self._map_size()
        return Viewport.fit(self._slide_size, (max(1, round(width * dpr)), max(1, round(height * dpr))))
