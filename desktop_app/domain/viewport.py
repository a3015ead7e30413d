"""The part of a slide that a view shows: where, how large, and turned how far.

One frozen value that the canvas, its layers, the minimap and the tests share, so that every conversion
between slide and screen is written once. Pure; any thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from desktop_app.domain.arrays import FloatArray

Point: TypeAlias = tuple[float, float]
"""``(x, y)`` in level-0 or device pixels; the name of the argument says which."""

Rect: TypeAlias = tuple[float, float, float, float]
"""``(x, y, width, height)``."""

FINEST_DOWNSAMPLE = 1 / 32
"""A slide pixel is shown at most this many (32) device pixels wide."""

COARSEST_OF_FIT = 4.0
"""The slide is shown at most this many times smaller than it fits."""

MICROMETRES_AT_1X = 10.0
"""N× shows 10/N µm per device pixel, the convention of this field's viewers."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """What a view shows.

    Attributes
    ----------
    center : Point
        Level-0 pixels at the middle of the view.
    downsample : float
        Level-0 pixels per device pixel; below 1 is beyond the scan's resolution.
    rotation_deg : float
        The slide is turned clockwise by this on the screen.
    size : tuple[int, int]
        Device pixels, ``(width, height)``.
    mirrored : bool
        Left and right are exchanged before the slide is turned, as if it were seen through the glass from
        behind; upside down is mirrored and turned by 180 degrees.
    """

    center: Point
    downsample: float
    rotation_deg: float = 0.0
    size: tuple[int, int] = (1, 1)
    mirrored: bool = False

    @classmethod
    def fit(
        cls,
        slide_size: tuple[int, int],
        view_size: tuple[int, int],
        *,
        rotation_deg: float = 0.0,
        margin: float = 0.0,
    ) -> Viewport:
        """The whole slide, as large as it goes into the view; ``margin`` as in :meth:`fit_rect`."""
        rect = (0.0, 0.0, float(slide_size[0]), float(slide_size[1]))
        return cls.fit_rect(rect, view_size, rotation_deg=rotation_deg, margin=margin)

    @classmethod
    def fit_rect(
        cls, rect: Rect, view_size: tuple[int, int], *, rotation_deg: float = 0.0, margin: float = 0.0
    ) -> Viewport:
        """A rectangle of the slide, as large as it goes into the view.

        Parameters
        ----------
        rect : Rect
            Level-0 pixels.
        view_size : tuple[int, int]
            Device pixels.
        rotation_deg : float
            Clockwise; the rectangle's turned bounding box is what fits.
        margin : float
            Share of the view left free at each side, 0 to below 0.5.
        """
        x, y, width, height = rect
        cos, sin = _cos_sin(rotation_deg)
        turned = (abs(cos) * width + abs(sin) * height, abs(sin) * width + abs(cos) * height)
        free = 1 - 2 * margin
        downsample = max(turned[0] / (view_size[0] * free), turned[1] / (view_size[1] * free))
        return cls((x + width / 2, y + height / 2), max(downsample, 1e-6), rotation_deg, view_size)

    @property
    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """Level-0 to device pixels: ``(m11, m12, m21, m22, dx, dy)`` in the order of ``QTransform``.

        ``x' = m11 * x + m21 * y + dx`` and ``y' = m12 * x + m22 * y + dy``.
        """
        cos, sin = _cos_sin(self.rotation_deg)
        a, b = cos / self.downsample, sin / self.downsample
        side = -1.0 if self.mirrored else 1.0
        x, y = self.center
        dx = self.size[0] / 2 - side * a * x + b * y
        return side * a, side * b, -b, a, dx, self.size[1] / 2 - side * b * x - a * y

    def to_view(self, points: FloatArray) -> FloatArray:
        """Level-0 pixels to device pixels, both float64 ``(N, 2)``."""
        relative = (np.asarray(points, dtype=np.float64) - self.center) / self.downsample
        return relative @ _turn(self.rotation_deg, self.mirrored) + np.asarray(self.size) / 2

    def to_slide(self, points: FloatArray) -> FloatArray:
        """Device pixels to level-0 pixels, both float64 ``(N, 2)``; the inverse of :meth:`to_view`."""
        relative = np.asarray(points, dtype=np.float64) - np.asarray(self.size) / 2
        # An orthogonal matrix: its inverse is its transpose.
        return relative @ _turn(self.rotation_deg, self.mirrored).T * self.downsample + self.center

    def slide_point(self, view_point: Point) -> Point:
        """One device pixel position in level-0 pixels."""
        (x, y) = self.to_slide(np.asarray([view_point]))[0]
        return float(x), float(y)

    def view_point(self, slide_point: Point) -> Point:
        """One level-0 position in device pixels."""
        (x, y) = self.to_view(np.asarray([slide_point]))[0]
        return float(x), float(y)

    def corners(self) -> FloatArray:
        """Level-0 positions of the view's corners: float64 ``(4, 2)``, clockwise from the top left."""
        width, height = self.size
        return self.to_slide(np.asarray([(0, 0), (width, 0), (width, height), (0, height)]))

    def slide_rect(self) -> Rect:
        """Level-0 bounding box of what is seen; larger than the view's own area where it is turned."""
        cos, sin = (abs(value) * self.downsample for value in _cos_sin(self.rotation_deg))
        width = cos * self.size[0] + sin * self.size[1]
        height = sin * self.size[0] + cos * self.size[1]
        return self.center[0] - width / 2, self.center[1] - height / 2, width, height

    def zoomed(self, factor: float, about_view_point: Point | None = None) -> Viewport:
        """Magnified by ``factor`` (above 1 is closer), the given device pixel staying where it is.

        Without a point the middle of the view stays.
        """
        return self.with_downsample(self.downsample / factor, about_view_point)

    def with_downsample(self, downsample: float, about_view_point: Point | None = None) -> Viewport:
        """At another scale, the given device pixel (else the middle) staying where it is."""
        changed = replace(self, downsample=downsample)
        return self._keeping(changed, about_view_point)

    def rotated(self, degrees: float, about_view_point: Point | None = None) -> Viewport:
        """Turned clockwise by ``degrees`` more, about a device pixel (else the middle)."""
        changed = replace(self, rotation_deg=(self.rotation_deg + degrees) % 360)
        return self._keeping(changed, about_view_point)

    def turned_to(self, degrees: float, *, mirrored: bool | None = None) -> Viewport:
        """The same middle and scale at this angle; ``mirrored`` None leaves that as it is."""
        side = self.mirrored if mirrored is None else mirrored
        return replace(self, rotation_deg=degrees % 360, mirrored=side)

    def flipped(self) -> Viewport:
        """Left and right of the *screen* exchanged about the middle of the view."""
        return replace(self, mirrored=not self.mirrored, rotation_deg=-self.rotation_deg % 360)

    def flipped_upside_down(self) -> Viewport:
        """Top and bottom of the *screen* exchanged about the middle of the view."""
        return replace(self, mirrored=not self.mirrored, rotation_deg=(180 - self.rotation_deg) % 360)

    @property
    def is_upright(self) -> bool:
        """Whether the slide is seen as it was scanned, neither turned nor mirrored."""
        return self.rotation_deg % 360 == 0 and not self.mirrored

    def panned(self, dx: float, dy: float) -> Viewport:
        """The picture moved by ``(dx, dy)`` device pixels, as a drag moves it."""
        middle = (self.size[0] / 2 - dx, self.size[1] / 2 - dy)
        return replace(self, center=self.slide_point(middle))

    def centered_on(self, point: Point) -> Viewport:
        """The same view of another place, level-0 pixels."""
        return replace(self, center=point)

    def holding(self, slide_point: Point, view_point: Point) -> Viewport:
        """Moved so that a level-0 position lies under a device pixel, as a hand holds it there."""
        here = self.slide_point(view_point)
        x, y = self.center
        return replace(self, center=(x + slide_point[0] - here[0], y + slide_point[1] - here[1]))

    def showing(self, rect: Rect, *, margin: float = 0.0) -> Viewport:
        """A level-0 rectangle as large as it goes into this view, turned and mirrored as it is.

        ``margin`` as in :meth:`fit_rect`.
        """
        fitting = Viewport.fit_rect(rect, self.size, rotation_deg=self.rotation_deg, margin=margin)
        return replace(fitting, mirrored=self.mirrored)

    def enlarging(self, view_rect: Rect) -> Viewport:
        """A rectangle of this view (device pixels, sides above 0), as large as it goes into the view."""
        x, y, width, height = view_rect
        factor = max(width / self.size[0], height / self.size[1])
        middle = self.slide_point((x + width / 2, y + height / 2))
        return replace(self, center=middle, downsample=self.downsample * factor)

    def resized(self, size: tuple[int, int]) -> Viewport:
        """The same middle and scale in a view of another size (device pixels)."""
        return replace(self, size=size)

    def clamped(self, slide_size: tuple[int, int]) -> Viewport:
        """The nearest viewport that cannot lose the slide.

        The middle of the view stays on the slide, and the scale stays between ``FINEST_DOWNSAMPLE`` and
        ``COARSEST_OF_FIT`` times the scale at which the slide fits.
        """
        x = min(max(self.center[0], 0.0), float(slide_size[0]))
        y = min(max(self.center[1], 0.0), float(slide_size[1]))
        return replace(self, center=(x, y), downsample=self.nearest_downsample(self.downsample, slide_size))

    def nearest_downsample(self, downsample: float, slide_size: tuple[int, int]) -> float:
        """The nearest scale that :meth:`clamped` leaves as it is, for a view of this size."""
        fitting = Viewport.fit(slide_size, self.size).downsample
        return min(max(downsample, FINEST_DOWNSAMPLE), max(fitting * COARSEST_OF_FIT, 1.0))

    def magnification(self, mpp_x: float) -> float:
        """The N of N×; ``mpp_x`` in µm per level-0 pixel."""
        return MICROMETRES_AT_1X / (mpp_x * self.downsample)

    def _keeping(self, changed: Viewport, view_point: Point | None) -> Viewport:
        if view_point is None:
            return changed
        stays = self.slide_point(view_point)
        moved = changed.slide_point(view_point)
        center = (changed.center[0] + stays[0] - moved[0], changed.center[1] + stays[1] - moved[1])
        return replace(changed, center=center)


def downsample_at(magnification: float, mpp_x: float) -> float:
    """Level-0 pixels per device pixel at N×; ``mpp_x`` in µm per level-0 pixel."""
    return MICROMETRES_AT_1X / (magnification * mpp_x)


def _cos_sin(degrees: float) -> tuple[float, float]:
    # Right angles are exact, so that a slide turned by 90 degrees stays on whole pixels.
    quarter, rest = divmod(degrees % 360, 90)
    if rest == 0:
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarter) % 4]
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))


def _turn(degrees: float, mirrored: bool) -> FloatArray:
    cos, sin = _cos_sin(degrees)
    side = -1.0 if mirrored else 1.0
    return np.asarray([[side * cos, side * sin], [-sin, cos]])
