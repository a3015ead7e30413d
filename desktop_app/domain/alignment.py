"""Where one slide lies on another: the similarity that serial sections are compared through.

Two landmarks seen on both sections are enough for it. Views that move together use it now; annotations
carried from section to section will use the same value. Pure; any thread.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Point, Viewport

ComplexArray = NDArray[np.complex128]
"""Points as complex numbers, ``(N,)``: x is the real part, y the imaginary one."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """A map from level-0 pixels of one slide to level-0 pixels of another.

    A point is mirrored (x becomes -x) if the section lies on its other side, then turned, scaled and moved:
    the order of :class:`Viewport`, so that the two can be put together.

    Attributes
    ----------
    rotation_deg : float
        Clockwise, above -180 and up to 180.
    scale : float
        Pixels of the second slide per pixel of the first; above 0.
    mirrored : bool
        Whether one of the two sections was flipped over.
    shift : Point
        Where the first slide's origin lies on the second, level-0 pixels.
    """

    rotation_deg: float = 0.0
    scale: float = 1.0
    mirrored: bool = False
    shift: Point = (0.0, 0.0)

    @classmethod
    def from_points(
        cls,
        source: Sequence[Point],
        target: Sequence[Point],
        *,
        scale: float | None = None,
        mirrored: bool = False,
    ) -> Alignment:
        """The similarity that brings landmarks together as well as it goes (least squares).

        Parameters
        ----------
        source, target : Sequence[Point]
            The same places on the first and on the second slide, two or more, level-0 pixels.
        scale : float | None
            Fixed where both pixel sizes are known (see :func:`scale_between`); None has it fitted too.
        mirrored : bool
            Whether a section was flipped over, which two points cannot tell.

        Raises
        ------
        ValueError
            If there are fewer than two pairs, or all points of a slide are in one place.

        Notes
        -----
        *Source*: Umeyama, "Least-squares estimation of transformation parameters between two point
        patterns", IEEE PAMI 13(4), 1991; in the plane its rotation is the angle of one complex number.
        """
        here, there = _sides(_complex(source), mirrored), _complex(target)
        if len(here) != len(there) or len(here) < 2:
            raise ValueError("two or more pairs of points are needed")
        middle_here, middle_there = here.mean(), there.mean()
        turned = complex(np.vdot(here - middle_here, there - middle_there))
        spread = float(np.sum(np.abs(here - middle_here) ** 2))
        if spread == 0 or turned == 0:
            raise ValueError("the points of a slide must not all be in one place")
        factor = abs(turned) / spread if scale is None else scale
        linear = factor * cmath.exp(1j * cmath.phase(turned))
        shift = complex(middle_there - linear * middle_here)
        angle = _half_turn(math.degrees(cmath.phase(turned)))
        return cls(angle, float(factor), mirrored, (shift.real, shift.imag))

    @classmethod
    def between(cls, first: Viewport, second: Viewport, *, scale: float | None = None) -> Alignment:
        """The map by which two views show the same place in their middles, turned alike, as they are now.

        Parameters
        ----------
        first, second : Viewport
            Of the first and of the second slide.
        scale : float | None
            As for :meth:`from_points`; None takes the scales at which the two are shown.
        """
        turn = first.rotation_deg - second.rotation_deg
        linear = cls(
            _half_turn(-turn if second.mirrored else turn),
            second.downsample / first.downsample if scale is None else scale,
            first.mirrored != second.mirrored,
        )
        x, y = linear.point(first.center)
        return replace(linear, shift=(second.center[0] - x, second.center[1] - y))

    def apply(self, points: FloatArray) -> FloatArray:
        """Points of the first slide on the second, both float64 ``(N, 2)``, level-0 pixels."""
        moved = self._linear * _sides(_complex(points), self.mirrored) + complex(*self.shift)
        return np.stack([moved.real, moved.imag], axis=-1)

    def point(self, point: Point) -> Point:
        """One point of the first slide on the second, level-0 pixels."""
        x, y = self.apply(np.asarray([point]))[0]
        return float(x), float(y)

    def inverse(self) -> Alignment:
        """The map back."""
        turned = self.rotation_deg if self.mirrored else -self.rotation_deg
        back = Alignment(_half_turn(turned), 1 / self.scale, self.mirrored)
        return replace(back, shift=back.point((-self.shift[0], -self.shift[1])))

    def then(self, other: Alignment) -> Alignment:
        """First this map, then one from the second slide to a third."""
        turned = -self.rotation_deg if other.mirrored else self.rotation_deg
        return Alignment(
            _half_turn(turned + other.rotation_deg),
            self.scale * other.scale,
            self.mirrored != other.mirrored,
            other.point(self.shift),
        )

    def residuals(self, source: Sequence[Point], target: Sequence[Point]) -> FloatArray:
        """How far each landmark ends from its counterpart: float64 ``(N,)``, pixels of the second slide."""
        missed = self.apply(np.asarray(source, dtype=np.float64)) - np.asarray(target, dtype=np.float64)
        return np.hypot(missed[:, 0], missed[:, 1])

    def residual_um(self, source: Sequence[Point], target: Sequence[Point], mpp: Mpp) -> float:
        """The root mean square of :meth:`residuals` in µm; ``mpp`` of the second slide."""
        return float(np.sqrt(np.mean(self.residuals(source, target) ** 2))) * math.sqrt(mpp[0] * mpp[1])

    @property
    def _linear(self) -> complex:
        return self.scale * cmath.exp(1j * math.radians(self.rotation_deg))


@dataclass(frozen=True, slots=True)
class ViewLink:
    """How one view follows another: by an alignment of their slides, and closer or from further away.

    Attributes
    ----------
    alignment : Alignment
        From the leader's slide to the follower's.
    zoom : float
        How many times larger than in the leader a length of tissue is on the screen in the follower.
    """

    alignment: Alignment
    zoom: float = 1.0

    @classmethod
    def between(cls, leader: Viewport, follower: Viewport, *, scale: float | None = None) -> ViewLink:
        """The link that leaves both views where they are.

        Parameters
        ----------
        leader, follower : Viewport
            As they are shown.
        scale : float | None
            Follower's pixels per leader's pixel for the same length of tissue; None where it is unknown.
        """
        alignment = Alignment.between(leader, follower, scale=scale)
        return cls(alignment, alignment.scale * leader.downsample / follower.downsample)

    def carried(self, leader: Viewport, size: tuple[int, int]) -> Viewport:
        """What the follower shows; ``size`` are its device pixels."""
        alignment = self.alignment
        turned = alignment.rotation_deg if leader.mirrored != alignment.mirrored else -alignment.rotation_deg
        return Viewport(
            center=alignment.point(leader.center),
            downsample=alignment.scale * leader.downsample / self.zoom,
            rotation_deg=(leader.rotation_deg + turned) % 360,
            size=size,
            mirrored=leader.mirrored != alignment.mirrored,
        )

    def inverse(self) -> ViewLink:
        """How the leader would follow the follower."""
        return ViewLink(self.alignment.inverse(), 1 / self.zoom)

    def then(self, other: ViewLink) -> ViewLink:
        """How a third view follows the leader, through the follower."""
        return ViewLink(self.alignment.then(other.alignment), self.zoom * other.zoom)


def scale_between(source: Mpp | None, target: Mpp | None) -> float | None:
    """Pixels of the second slide per pixel of the first for the same length; None where one is unknown.

    Pixels that are not quite square count with the mean of their sides.
    """
    if source is None or target is None:
        return None
    return math.sqrt((source[0] * source[1]) / (target[0] * target[1]))


def _complex(points: Sequence[Point] | FloatArray) -> ComplexArray:
    columns = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    return columns[:, 0] + 1j * columns[:, 1]


def _sides(points: ComplexArray, mirrored: bool) -> ComplexArray:
    return -np.conj(points) if mirrored else points


def _half_turn(degrees: float) -> float:
    """An angle above -180 and up to 180."""
    return 180 - (180 - degrees) % 360
