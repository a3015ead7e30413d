"""What has been painted already, kept for as long as the view stands still.

Stroking an outline of twenty thousand vertices takes several frames' time; while the mouse moves over it, or
a brush paints into it, only the tool's own marks change. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter

from desktop_app.domain.viewport import Viewport


class KeptPicture:
    """One picture of the size of a view, painted anew when what it shows is another."""

    def __init__(self) -> None:
        self._view: Viewport | None = None
        self._kept: tuple[object, ...] = ()
        self._image = QImage()

    def paint(
        self,
        painter: QPainter,
        viewport: Viewport,
        *,
        key: tuple[object, ...],
        draw: Callable[[QPainter], None],
    ) -> None:
        """Paint something, from the picture where it is asked for again.

        Parameters
        ----------
        painter : QPainter
            In device pixels.
        viewport : Viewport
            What is seen.
        key : tuple
            Equal for what looks the same in the same view. In a new view it is painted straight away, since
            one that moves asks once for each place.
        draw : Callable[[QPainter], None]
            Paints it in device pixels.
        """
        if viewport != self._view:
            self._view, self._kept, self._image = viewport, (), QImage()
            draw(painter)
            return
        if key != self._kept:
            self._image, self._kept = _drawn(viewport, draw), key
        painter.drawImage(QPointF(0, 0), self._image)


def _drawn(viewport: Viewport, draw: Callable[[QPainter], None]) -> QImage:
    image = QImage(*viewport.size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    draw(painter)
    painter.end()
    return image
