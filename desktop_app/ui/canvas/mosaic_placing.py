"""Where a mosaic's picture lies on its slide and on the screen, and how it is painted there.

A picture of tiles has the view's quarter turns and mirroring in itself, because rows that run down the memory
are slow to read; the painter is left with scaling, moving, and turning by at most 45 degrees. GUI thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas.draw_list import Edges, within
from desktop_app.ui.canvas.tile_painter import PIXELS_FROM, ROUNDING, SMOOTH

SNAP = 0.75
"""Device pixels: a level whose width on the screen differs by less than this from its own is not resized."""

BEYOND = 2
"""Pixels of a level painted around the view, so that smoothing at its edge has its neighbors."""

Words = NDArray[np.uint32]
"""Pixels, each one number."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The quarter turns and the mirroring that a picture has in itself."""

    quarters: int
    mirrored: bool

    @classmethod
    def of(cls, viewport: Viewport) -> Turn:
        """What leaves at most 45 degrees to the painter."""
        return cls(math.floor(viewport.rotation_deg / 90 + 0.5) % 4, viewport.mirrored)

    @property
    def axes(self) -> tuple[int, int, int, int]:
        """``(xx, xy, yx, yy)``: level pixels to the picture's, ``x' = xx * x + xy * y``."""
        cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[self.quarters]
        side = -1 if self.mirrored else 1
        return side * cos, -sin, side * sin, cos

    def turned(self, rect: Edges, size: tuple[int, int]) -> Edges:
        """A rectangle of an upright picture of that size, in the picture turned."""
        xx, xy, yx, yy = self.axes
        dx, dy = self.shift(size)
        x0, x1 = sorted((xx * rect[0] + xy * rect[1] + dx, xx * rect[2] + xy * rect[3] + dx))
        y0, y1 = sorted((yx * rect[0] + yy * rect[1] + dy, yx * rect[2] + yy * rect[3] + dy))
        return x0, y0, x1, y1

    def shift(self, size: tuple[int, int]) -> tuple[int, int]:
        """What brings the turned picture's top left back to (0, 0)."""
        xx, xy, yx, yy = self.axes
        return -min(0, xx * size[0] + xy * size[1]), -min(0, yx * size[0] + yy * size[1])

    def transform(self, origin: tuple[int, int], size: tuple[int, int]) -> QTransform:
        """Pixels of the level to those of a picture of that (upright) size which begins at ``origin``."""
        xx, xy, yx, yy = self.axes
        dx, dy = self.shift(size)
        x, y = origin
        return QTransform(xx, yx, xy, yy, dx - xx * x - xy * y, dy - yx * x - yy * y)

    def pixels(self, pixels: Words) -> Words:
        """A tile's pixels, turned; a view, not a copy."""
        return np.rot90(pixels[:, ::-1] if self.mirrored else pixels, -self.quarters)


UPRIGHT = Turn(0, mirrored=False)


@dataclass(frozen=True, slots=True)
class Lie:
    """How a picture lies on its slide.

    Attributes
    ----------
    turn : Turn
        The turns it has in itself.
    origin : tuple[int, int]
        Pixels of its level at the top left of the upright picture; may be negative.
    size : tuple[int, int]
        ``(width, height)`` of the upright picture.
    downsample : float
        Level-0 pixels per pixel.
    """

    turn: Turn
    origin: tuple[int, int]
    size: tuple[int, int]
    downsample: float


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a picture lies in a view: ``device = matrix * picture + shift``.

    Attributes
    ----------
    matrix : tuple[float, float, float, float]
        ``(xx, xy, yx, yy)``.
    shift : Point
        Device pixels.
    view : tuple[int, int]
        Device pixels, ``(width, height)``.
    """

    matrix: tuple[float, float, float, float]
    shift: Point
    view: tuple[int, int]

    @classmethod
    def of(cls, viewport: Viewport, lie: Lie) -> Placing:
        """The place of a picture in a view that it need not have been made for."""
        m11, m12, m21, m22, dx, dy = viewport.matrix
        xx, xy, yx, yy = lie.turn.axes
        scale = lie.downsample
        # The turn's inverse is its transpose.
        matrix = (
            scale * (m11 * xx + m21 * xy),
            scale * (m11 * yx + m21 * yy),
            scale * (m12 * xx + m22 * xy),
            scale * (m12 * yx + m22 * yy),
        )
        x, y = (scale * side for side in lie.origin)
        a, b = lie.turn.shift(lie.size)
        shift = (
            m11 * x + m21 * y + dx - matrix[0] * a - matrix[1] * b,
            m12 * x + m22 * y + dy - matrix[2] * a - matrix[3] * b,
        )
        return cls(matrix, shift, viewport.size)

    def paint(self, painter: QPainter, image: QImage, viewport: Viewport, parts: Iterable[Edges]) -> None:
        """Paint parts of the picture; the painter's transform and smoothing are changed.

        Parameters
        ----------
        painter : QPainter
            In device pixels.
        image : QImage
            The picture.
        viewport : Viewport
            The one that this was made for.
        parts : Iterable[Edges]
            In pixels of the picture.
        """
        painter.setRenderHint(SMOOTH, viewport.downsample > 1 / PIXELS_FROM)
        if viewport.rotation_deg % 90 == 0:
            placing = self._snapped(viewport.size)
            if placing is not self:
                painter.setRenderHint(SMOOTH, on=False)
            for part in parts:
                placing._paint_straight(painter, image, part)
        else:
            a, b, c, d = self.matrix
            transform = QTransform(a, c, b, d, *self.shift)
            seen = transform.inverted()[0].mapRect(QRectF(0, 0, *viewport.size))
            painter.setWorldTransform(transform * painter.worldTransform())
            for part in parts:
                _paint_turned(painter, image, within(part, _around(seen)))

    def _snapped(self, view: tuple[int, int]) -> Placing:
        """The level's own pixels, unchanged, where it is seen at its own scale or as good as that."""
        scale = self.matrix[0]
        if abs(scale - 1) * max(view) >= SNAP:
            return self
        # What is in the middle of the view stays there.
        moved = (side / 2 - (side / 2 - by) / scale for side, by in zip(view, self.shift, strict=True))
        x, y = (math.floor(by + 0.5 + ROUNDING) for by in moved)
        return Placing((1.0, 0.0, 0.0, 1.0), (x, y), view)

    def _paint_straight(self, painter: QPainter, image: QImage, part: Edges) -> None:
        scale, shift = self.matrix[0], (*self.shift, *self.shift)
        device = [
            math.floor(edge * scale + by + 0.5 + ROUNDING) for edge, by in zip(part, shift, strict=True)
        ]
        x0, y0, x1, y1 = target = within(device, (0, 0, *self.view))
        if x0 < x1 and y0 < y1:
            source = [(edge - by) / scale for edge, by in zip(target, shift, strict=True)]
            painter.drawImage(_rect(target), image, _rect(within(source, part)))


def _paint_turned(painter: QPainter, image: QImage, part: Edges) -> None:
    if part[0] < part[2] and part[1] < part[3]:
        painter.drawImage(_rect(part), image, _rect(part))


def _rect(edges: Edges) -> QRectF:
    x0, y0, x1, y1 = edges
    return QRectF(x0, y0, x1 - x0, y1 - y0)


def _around(rect: QRectF) -> Edges:
    x0, y0 = math.floor(rect.left()) - BEYOND, math.floor(rect.top()) - BEYOND
    return x0, y0, math.ceil(rect.right()) + BEYOND, math.ceil(rect.bottom()) + BEYOND
