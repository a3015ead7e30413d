"""What would become of shapes, painted over the slide while its amount is still being chosen. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPainter

from desktop_app.domain.annotation import Annotation, Color
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas_layers.live_objects import LiveObject

PREVIEW_COLOR: Color = (0, 229, 255)
"""Neither a tissue's color nor the selection's."""

SHOWN = 500
"""So many shapes are previewed."""


class ShapePreviewLayer(QObject):
    """A canvas layer; see :class:`desktop_app.ui.canvas.layers.CanvasLayer`.

    Attributes
    ----------
    visible, opacity
        As for every layer.
    """

    updated = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.visible = True
        self.opacity = 1.0
        self._shapes: tuple[LiveObject, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is previewed."""
        return not self._shapes

    def show(self, shapes: Sequence[Annotation]) -> None:
        """Preview other shapes, or none."""
        self._shapes = tuple(LiveObject.of(shape, PREVIEW_COLOR) for shape in shapes[:SHOWN])
        self.updated.emit()

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint the outlines; ``painter`` in device pixels."""
        painter.setOpacity(self.opacity)
        for shape in self._shapes:
            shape.paint(painter, viewport, dpr)
