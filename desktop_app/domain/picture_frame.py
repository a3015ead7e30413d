"""The part of a slide that goes into a picture, before its scale is chosen. Pure; any thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Point, Rect, Viewport

MOST_PIXELS = 100_000_000
"""Of one picture: 400 MB in memory."""

LONGEST_SIDE = 30_000
"""Pixels; many programs open nothing longer."""


@dataclass(frozen=True, slots=True)
class PictureFrame:
    """A rectangle that may be turned and mirrored, as a view is.

    Attributes
    ----------
    center : Point
        Level-0 pixels.
    extent : tuple[float, float]
        Width and height as seen, level-0 pixels; above 0.
    rotation_deg, mirrored
        As of a :class:`desktop_app.domain.viewport.Viewport`.
    """

    center: Point
    extent: tuple[float, float]
    rotation_deg: float = 0.0
    mirrored: bool = False

    @classmethod
    def of_view(cls, view: Viewport) -> PictureFrame:
        """Everything that a view shows."""
        return cls.of_view_rect(view, (0.0, 0.0, float(view.size[0]), float(view.size[1])))

    @classmethod
    def of_view_rect(cls, view: Viewport, rect: Rect) -> PictureFrame:
        """A rectangle of a view, in its device pixels."""
        x, y, width, height = rect
        extent = (width * view.downsample, height * view.downsample)
        center = view.slide_point((x + width / 2, y + height / 2))
        return cls(center, extent, view.rotation_deg, view.mirrored)

    @classmethod
    def around(cls, rect: Rect, view: Viewport) -> PictureFrame:
        """The smallest frame, turned as a view is, that holds a rectangle of the slide (level-0 pixels)."""
        x, y, width, height = rect
        corners = view.to_view(np.asarray([(x, y), (x + width, y), (x + width, y + height), (x, y + height)]))
        (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        return cls.of_view_rect(view, (left, top, right - left, bottom - top))

    def at(self, downsample: float) -> Viewport:
        """The picture at a scale, level-0 pixels per pixel of the picture; at least one pixel."""
        width, height = (max(1, round(side / downsample)) for side in self.extent)
        return Viewport(self.center, downsample, self.rotation_deg, (width, height), self.mirrored)


def is_too_large(viewport: Viewport) -> bool:
    """Whether a picture of that many pixels is more than is made."""
    width, height = viewport.size
    return width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE


def picture_mpp(viewport: Viewport, mpp: Mpp | None) -> Mpp | None:
    """µm per pixel of a picture, ``(x, y)``; None where it is unknown or no such pair exists.

    Where the slide's pixels are not square, a picture turned by other than right angles has none.
    """
    if mpp is None:
        return None
    across, down = mpp[0] * viewport.downsample, mpp[1] * viewport.downsample
    if across == down or viewport.rotation_deg % 180 == 0:
        return across, down
    return (down, across) if viewport.rotation_deg % 90 == 0 else None
