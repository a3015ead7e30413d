"""Pictures of single nuclei, and where they are stamped.

A slide has some hundred pictures of its own; a nucleus is a position and the number of a picture, so that a
hundred thousand of them are a few megabytes. Any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from desktop_app.domain.arrays import FloatArray, IntArray

ANGLES = 16
"""Directions, evenly spaced over half a turn, that elongated nuclei come in."""


@dataclass(frozen=True, slots=True)
class NucleusKind:
    """One kind of nucleus.

    Attributes
    ----------
    length_um, width_um : float
        Mean axes.
    spread : float
        Relative standard deviation of the axes.
    roughness : float
        How uneven the outline is, relative to the radius.
    density : float
        Hematoxylin of the body, in units of concentration.
    texture : float
        How much of it is in clumps of chromatin.
    rim : float
        Extra density of the nuclear membrane.
    nucleolus : float
        Extra density of a nucleolus.
    variants : int
        Pictures per direction.
    directed : bool
        Whether the direction is chosen by the position (else the pictures have random ones).
    """

    length_um: float
    width_um: float
    spread: float
    roughness: float
    density: float
    texture: float
    rim: float
    nucleolus: float
    variants: int
    directed: bool = False


KINDS: dict[str, NucleusKind] = {
    "spindle": NucleusKind(15.0, 3.4, 0.18, 0.06, 1.35, 0.22, 0.0, 0.0, 6, directed=True),
    "columnar": NucleusKind(9.6, 6.2, 0.10, 0.05, 1.12, 0.30, 0.22, 0.1, 6, directed=True),
    "small": NucleusKind(6.9, 6.3, 0.10, 0.05, 1.45, 0.40, 0.10, 0.0, 64),
    "enlarged": NucleusKind(12.6, 10.2, 0.17, 0.09, 0.98, 0.42, 0.42, 0.55, 120),
}


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """A picture of one nucleus.

    Attributes
    ----------
    hematoxylin : FloatArray
        float32 ``(h, w)``, concentration, 0 outside.
    eosin_left : FloatArray
        float32 ``(h, w)``, the share of the eosin behind it that stays visible, 1 outside.
    """

    hematoxylin: FloatArray
    eosin_left: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Nuclei:
    """Every nucleus of a slide, from top to bottom.

    Attributes
    ----------
    points : FloatArray
        float64 ``(N, 2)``, centers in µm, sorted by y.
    stamps : IntArray
        int64 ``(N,)``, indices of pictures.
    """

    points: FloatArray
    stamps: IntArray

    @classmethod
    def joined(cls, groups: list[tuple[FloatArray, IntArray]]) -> Nuclei:
        """All groups of ``(points, stamps)`` sorted from top to bottom."""
        points = np.concatenate([group[0] for group in groups] or [np.empty((0, 2))])
        stamps = np.concatenate([group[1] for group in groups] or [np.empty(0, np.int64)])
        order = np.argsort(points[:, 1], kind="stable")
        return cls(points[order], stamps[order])

    def within(self, low: tuple[float, float], high: tuple[float, float]) -> IntArray:
        """Indices of the nuclei with their center in a rectangle, µm, from top to bottom."""
        first, last = np.searchsorted(self.points[:, 1], (low[1], high[1]))
        x = self.points[first:last, 0]
        return np.asarray(first + np.flatnonzero((x >= low[0]) & (x < high[0])), dtype=np.int64)


class StampBook:
    """The pictures of one slide's nuclei.

    Parameters
    ----------
    mpp : float
        µm per pixel of the pictures.
    rng : numpy.random.Generator
        The stream to draw them from.
    """

    def __init__(self, mpp: float, rng: Generator) -> None:
        self._mpp = mpp
        self._rng = rng
        self._first: dict[str, int] = {}
        self.stamps: list[Stamp] = []
        for name, kind in KINDS.items():
            self._first[name] = len(self.stamps)
            self._draw_kind(kind)

    def choose(self, kind: str, count: int, *, angles: FloatArray | None = None) -> IntArray:
        """Pictures for nuclei of one kind.

        Parameters
        ----------
        kind : str
            A key of ``KINDS``.
        count : int
            How many.
        angles : FloatArray | None
            float ``(count,)`` directions of the long axis, radians, for kinds that are directed.

        Returns
        -------
        IntArray
            int64 ``(count,)``.
        """
        variants = KINDS[kind].variants
        chosen = self._first[kind] + self._rng.integers(0, variants, count)
        if angles is not None:
            turn = np.round(np.asarray(angles) / np.pi * ANGLES).astype(np.int64) % ANGLES
            chosen = chosen + turn * variants
        return np.asarray(chosen, dtype=np.int64)

    def _draw_kind(self, kind: NucleusKind) -> None:
        directions = np.arange(ANGLES) * np.pi / ANGLES if kind.directed else [None]
        for direction in directions:
            for _ in range(kind.variants):
                angle = self._rng.uniform(0, np.pi) if direction is None else float(direction)
                self.stamps.append(draw_stamp(kind, angle, mpp=self._mpp, rng=self._rng))


def draw_stamp(kind: NucleusKind, angle: float, *, mpp: float, rng: Generator) -> Stamp:
    """One nucleus: an uneven ellipse with clumped chromatin, a membrane and perhaps a nucleolus.

    Parameters
    ----------
    kind : NucleusKind
        What to draw.
    angle : float
        Direction of its long axis, radians.
    mpp : float
        µm per pixel.
    rng : numpy.random.Generator
        The stream to use.
    """
    axes = np.array([kind.length_um, kind.width_um]) / 2 * rng.normal(1, kind.spread, 2).clip(0.6, 1.6)
    x, y = _grid(float(axes.max()) * 1.35 + 1.0, mpp)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    theta = np.arctan2(across, along)
    order = np.arange(2, 6)
    amplitude = rng.normal(0, kind.roughness, order.size) / np.sqrt(order)
    outline = 1 + np.tensordot(
        amplitude, np.cos(order[:, None, None] * theta + rng.uniform(0, 6.3, (order.size, 1, 1))), 1
    )
    depth = (outline - np.hypot(along / axes[0], across / axes[1])) * float(axes.min())
    cover = _smoothstep(depth / 0.5 + 0.5)
    body = kind.density * rng.normal(1, 0.1) + kind.texture * _clumps(x.shape, mpp, rng=rng)
    body += kind.rim * np.exp(-((depth - 0.45) ** 2) / 0.25)
    body += _nucleoli(kind, axes, position=(along, across), rng=rng)
    concentration = (cover * np.clip(body, 0.25, 2.6)).astype(np.float32)
    return Stamp(concentration, (1 - 0.55 * cover).astype(np.float32))


def _grid(radius_um: float, mpp: float) -> tuple[FloatArray, FloatArray]:
    """Pixel centers about the middle, µm, each float32 ``(n, n)`` with n odd."""
    steps = int(np.ceil(radius_um / mpp))
    line = (np.arange(-steps, steps + 1) * mpp).astype(np.float32)
    x, y = np.meshgrid(line, line)
    return x, y


def _clumps(shape: tuple[int, ...], mpp: float, *, rng: Generator) -> FloatArray:
    white = rng.standard_normal((shape[0], shape[1]), dtype=np.float32)
    clumped = cv2.GaussianBlur(white, (0, 0), max(0.75 / mpp, 0.4))
    return np.asarray(clumped / (clumped.std() + 1e-9), dtype=np.float32)


def _nucleoli(
    kind: NucleusKind, axes: FloatArray, *, position: tuple[FloatArray, FloatArray], rng: Generator
) -> FloatArray:
    """One or two round nucleoli away from the border, float32 like the position grids."""
    total = np.zeros_like(position[0])
    if kind.nucleolus == 0:
        return total
    for _ in range(int(rng.integers(1, 3))):
        center, radius = rng.uniform(-0.4, 0.4, 2) * axes, rng.uniform(0.7, 1.2)
        distance = np.hypot(position[0] - center[0], position[1] - center[1])
        total += kind.nucleolus * np.exp(-((distance / radius) ** 2)).astype(np.float32)
    return total


def _smoothstep(value: FloatArray) -> FloatArray:
    t = np.clip(value, 0, 1)
    return t * t * (3 - 2 * t)
