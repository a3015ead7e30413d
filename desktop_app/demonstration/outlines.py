"""Outlines and points that the objects of a slide are made of.

A ring is float64 ``(M, 2)``, not closed, in µm unless said otherwise. Pure functions of their random stream;
any thread.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from desktop_app.domain.arrays import FloatArray, MaskArray

_BLOB_VERTICES = 72


def blob(center: FloatArray, radius: float, *, rng: Generator, roughness: float = 0.16) -> FloatArray:
    """A smooth closed outline about a center.

    Parameters
    ----------
    center : FloatArray
        ``(2,)``, any unit.
    radius : float
        Root mean square radius in that unit, nearly.
    rng : numpy.random.Generator
        The stream to use.
    roughness : float
        Relative amplitude of the slowest deviation from a circle.

    Returns
    -------
    FloatArray
        float64 ``(72, 2)``, counter-clockwise in a frame with y up.
    """
    theta = np.linspace(0, 2 * np.pi, _BLOB_VERTICES, endpoint=False)
    order = np.arange(2, 7)
    amplitude = rng.normal(0, roughness / (order - 1.0))
    phase = rng.uniform(0, 2 * np.pi, order.size)
    waves = amplitude @ np.cos(order[:, None] * theta + phase[:, None])
    distance = radius * np.clip(1 + waves, 0.55, 1.5)
    return np.asarray(center + distance[:, None] * np.stack([np.cos(theta), np.sin(theta)], axis=1))


def polygon_area(ring: FloatArray) -> float:
    """Area inside a ring ``(M, 2)``, in its unit squared."""
    x, y = ring[:, 0], ring[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def jittered_points(
    low: FloatArray, high: FloatArray, *, pitch: float, rng: Generator, jitter: float = 0.3
) -> FloatArray:
    """Points of a hexagonal lattice, each moved a little.

    Parameters
    ----------
    low, high : FloatArray
        ``(2,)``, corners of the rectangle to cover, µm.
    pitch : float
        Distance between neighbors, µm.
    rng : numpy.random.Generator
        The stream to use.
    jitter : float
        Standard deviation of the move, relative to ``pitch``.

    Returns
    -------
    FloatArray
        float64 ``(N, 2)``.
    """
    rows = np.arange(low[1], high[1] + pitch, pitch * np.sqrt(0.75))
    columns = np.arange(low[0], high[0] + pitch, pitch)
    x = columns[None, :] + (np.arange(rows.size) % 2 * pitch / 2)[:, None]
    y = np.broadcast_to(rows[:, None], x.shape)
    points = np.stack([x, y], axis=-1).reshape(-1, 2)
    return points + rng.normal(0, jitter * pitch, points.shape)


def inside_ring(points: FloatArray, ring: FloatArray) -> MaskArray:
    """Which points ``(N, 2)`` are inside a ring ``(M, 2)``, by the even-odd rule; bool ``(N,)``."""
    start, end = ring, np.roll(ring, -1, axis=0)
    x, y = points[:, :1], points[:, 1:]
    spans = (start[:, 1] > y) != (end[:, 1] > y)
    rise = np.where(end[:, 1] == start[:, 1], 1.0, end[:, 1] - start[:, 1])
    crossing = start[:, 0] + (y - start[:, 1]) * (end[:, 0] - start[:, 0]) / rise
    return np.asarray((spans & (x < crossing)).sum(axis=1) % 2 == 1)


def scaled(ring: FloatArray, factor: float) -> FloatArray:
    """The ring enlarged about the mean of its vertices."""
    center = ring.mean(axis=0)
    return np.asarray(center + (ring - center) * factor)


def along(ring: FloatArray, pitch: float, *, rng: Generator) -> tuple[FloatArray, FloatArray]:
    """Points along a ring at nearly even distances.

    Parameters
    ----------
    ring : FloatArray
        float64 ``(M, 2)``, µm.
    pitch : float
        Mean distance, µm.
    rng : numpy.random.Generator
        The stream that moves each a little.

    Returns
    -------
    tuple[FloatArray, FloatArray]
        Points float64 ``(N, 2)``, at least three, and the ring's direction at each, radians ``(N,)``.
    """
    closed = np.concatenate([ring, ring[:1]])
    steps = np.diff(closed, axis=0)
    travelled = np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
    count = max(int(travelled[-1] / pitch), 3)
    where = (np.arange(count) + rng.normal(0, 0.12, count)) * travelled[-1] / count % travelled[-1]
    points = np.stack([np.interp(where, travelled, closed[:, axis]) for axis in (0, 1)], axis=1)
    step = steps[np.searchsorted(travelled, where, side="right") - 1]
    points += rng.normal(0, 0.7, points.shape)
    return points, np.arctan2(step[:, 1], step[:, 0])


def rounded(ring: FloatArray) -> FloatArray:
    """The ring ``(M, 2)`` with its corners cut twice, ``(4 M, 2)``.

    Source
    ------
    Chaikin, Computer Graphics and Image Processing 3 (1974).
    """
    for _ in range(2):
        following = np.roll(ring, -1, axis=0)
        ring = np.stack([0.75 * ring + 0.25 * following, 0.25 * ring + 0.75 * following], 1).reshape(-1, 2)
    return ring
