"""Painting pieces of tiles so that no seam shows and no pixel is invented.

At right angles every edge is rounded to a whole device pixel, and neighbors share the rounded edge; at
the scale of a level its pixels reach the screen unchanged. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas.draw_list import DrawTile, Edges

PIXELS_FROM = 4.0
"""From this many device pixels per slide pixel on, pixels are shown as squares, not smoothed."""

SMOOTH = QPainter.RenderHint.SmoothPixmapTransform

ROUNDING = 1e-6
"""Added before rounding, so that edges at exactly half a pixel do not part by floating-point noise."""


def paint_tiles(painter: QPainter, viewport: Viewport, tiles: Sequence[tuple[DrawTile, QImage]]) -> None:
    """Paint pieces of tiles.

    Parameters
    ----------
    painter : QPainter
        In device pixels; its transform is restored.
    viewport : Viewport
        What is seen.
    tiles : Sequence[tuple[DrawTile, QImage]]
        The pieces with their tiles' pixels; null images are skipped.
    """
    shown = [(piece, image) for piece, image in tiles if not image.isNull()]
    if not shown:
        return
    painter.save()
    painter.setRenderHint(SMOOTH, viewport.downsample > 1 / PIXELS_FROM)
    if viewport.rotation_deg % 90 == 0:
        _paint_at_right_angle(painter, viewport, shown)
    else:
        _paint_turned(painter, viewport, shown)
    painter.restore()


def device_rects(viewport: Viewport, edges: Iterable[Edges]) -> FloatArray:
    """Level-0 edges as whole device pixels ``(x0, y0, x1, y1)``, for a view at a right angle.

    Parameters
    ----------
    viewport : Viewport
        ``rotation_deg`` must be a multiple of 90.
    edges : Iterable[Edges]
        Level-0 pixels.

    Returns
    -------
    FloatArray
        float64 ``(N, 4)`` of whole numbers, ``x0 <= x1`` and ``y0 <= y1``.
    """
    corners = np.asarray(list(edges), dtype=np.float64).reshape(-1, 2)
    placed = np.floor(viewport.to_view(corners) + 0.5 + ROUNDING).reshape(-1, 2, 2)
    return np.concatenate([placed.min(axis=1), placed.max(axis=1)], axis=1)


def _paint_at_right_angle(
    painter: QPainter, viewport: Viewport, tiles: Sequence[tuple[DrawTile, QImage]]
) -> None:
    base, smooth = painter.worldTransform(), painter.testRenderHint(SMOOTH)
    rects = device_rects(viewport, (piece.edges for piece, _ in tiles)).astype(int).tolist()
    lies = viewport.rotation_deg % 180 != 0
    for (piece, image), (x0, y0, x1, y1) in zip(tiles, rects, strict=True):
        width, height = (y1 - y0, x1 - x0) if lies else (x1 - x0, y1 - y0)
        if not viewport.is_upright:
            painter.setWorldTransform(_turned_into(viewport, (x0, y0, x1, y1)) * base)
            x0, y0 = 0, 0  # noqa: PLW2901 - the transform has moved the origin to the tile's corner
        target, source = QRectF(QRect(x0, y0, width, height)), rect_of(piece.source)
        # Smoothing what is not resized would still round some bytes on turned slides.
        if smooth:
            painter.setRenderHint(SMOOTH, target.size() != source.size())
        painter.drawImage(target, image, source)


def _turned_into(viewport: Viewport, rect: tuple[int, int, int, int]) -> QTransform:
    """A tile's own pixels, from its top left, to a device rectangle: one of the eight right-angled ways."""
    x0, y0, x1, y1 = rect
    m11, m12, m21, m22 = (round(value * viewport.downsample) for value in viewport.matrix[:4])
    # Where an axis runs backwards, the tile begins at the rectangle's far edge.
    return QTransform(m11, m12, m21, m22, x0 if m11 + m21 > 0 else x1, y0 if m12 + m22 > 0 else y1)


def _paint_turned(painter: QPainter, viewport: Viewport, tiles: Sequence[tuple[DrawTile, QImage]]) -> None:
    painter.setWorldTransform(QTransform(*viewport.matrix) * painter.worldTransform())
    for piece, image in tiles:
        painter.drawImage(rect_of(piece.edges), image, rect_of(piece.source))


def rect_of(edges: Edges) -> QRectF:
    """The rectangle between edges."""
    x0, y0, x1, y1 = edges
    return QRectF(x0, y0, x1 - x0, y1 - y0)
