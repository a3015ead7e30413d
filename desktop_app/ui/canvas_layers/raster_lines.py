"""Lines of overlay tiles that are more than outlines: dashes of ROIs, heads of arrows, very long borders.

Everything is in pixels of the tile, and painted with OpenCV on the overlay's loader threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.rings import BandedEdges

SHIFT = 4
"""Binary places of OpenCV's fixed-point coordinates."""

HEAD_LENGTH, HEAD_HALF_WIDTH = 14.0, 5.5
"""Pixels; as heads painted live."""

Box = tuple[float, float, float, float]
Color = tuple[int, int, int, int]
"""Blue, green, red, alpha."""


@dataclass(frozen=True, slots=True)
class Pen:
    """What lines are drawn with.

    Attributes
    ----------
    color : Color
    width : int
        Pixels: 1 or 2.
    smooth : bool
        Smooth lines take five times as long, wide ones fifteen times.
    """

    color: Color
    width: int
    smooth: bool = True

    def paint(
        self, pixels: NDArray[np.uint8], lines: Sequence[NDArray[np.int32]], *, closed: bool = False
    ) -> None:
        """Draw lines, ``(M, 2)`` each as :func:`fixed` gives them."""
        import cv2

        if not lines:  # given none, OpenCV draws something all the same
            return
        if self.smooth:
            cv2.polylines(pixels, lines, closed, self.color, self.width, cv2.LINE_AA, SHIFT)
            return
        # A wide line drawn plainly is thin ones, each a pixel farther down a diagonal.
        for by in range(self.width):
            cv2.polylines(pixels[by:, by:], lines, closed, self.color, 1, cv2.LINE_8, SHIFT)


def bgra(color: int) -> Color:
    """``0xRRGGBB`` as OpenCV wants it, opaque."""
    return color & 0xFF, color >> 8 & 0xFF, color >> 16, 255


def fixed(points: FloatArray) -> NDArray[np.int32]:
    """Pixels as OpenCV wants them: it puts whole numbers on pixel centers, the canvas on pixel edges."""
    placed: NDArray[np.int32] = np.round((points - 0.5) * 2**SHIFT).astype(np.int32)
    return placed


def dashes(ring: FloatArray, pattern: Sequence[float], width: float, *, within: Box) -> FloatArray:
    """The pieces of a closed ring that are drawn, float64 ``(K, 2, 2)``.

    The dashes begin at the ring's first vertex, so that those of neighboring tiles meet. OpenCV draws lines
    with round ends, which reach a line width farther than they are told: the pieces are that much shorter.

    Parameters
    ----------
    ring : FloatArray
        float64 ``(M, 2)``.
    pattern : Sequence[float]
        A dash and a gap, pixels.
    width : float
        Of the line.
    within : Box
        Left, top, right, bottom; pieces that do not touch it are left out.
    """
    dash, gap = pattern
    line = np.concatenate([ring, ring[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    starts = np.arange(width, along[-1], dash + gap)
    length = max(dash - 2 * width, 0.5)
    cuts = np.unique(np.concatenate([along, starts, np.minimum(starts + length, along[-1])]))
    drawn = ((cuts[1:] + cuts[:-1]) / 2 - width) % (dash + gap) < length
    places = np.column_stack([np.interp(cuts, along, line[:, 0]), np.interp(cuts, along, line[:, 1])])
    pieces = np.stack([places[:-1], places[1:]], axis=1)[drawn]
    low, high = pieces.min(1), pieces.max(1)
    left, top, right, bottom = within
    touches = (low[:, 0] <= right) & (high[:, 0] >= left) & (low[:, 1] <= bottom) & (high[:, 1] >= top)
    seen: FloatArray = pieces[touches]
    return seen


def arrow_head(line: FloatArray) -> FloatArray | None:
    """The triangle at the last place of a line, float64 ``(3, 2)``; None where the line has no direction.

    A line shorter than a head gets one of half its length.
    """
    tip = line[-1]
    away = np.hypot(*(line - tip).T)
    if not away.any():
        return None
    # Vertices nearer than the head say nothing of where the line comes from.
    far = np.flatnonzero(away >= HEAD_LENGTH)
    start = line[far[-1] if len(far) else int(away.argmax())]
    span = float(np.hypot(*(tip - start)))
    along = (tip - start) / span
    length = HEAD_LENGTH if span >= HEAD_LENGTH else span / 2
    across = np.array([-along[1], along[0]]) * (HEAD_HALF_WIDTH * length / HEAD_LENGTH)
    base = tip - along * length
    return np.array([tip, base + across, base - across])


def border_lines(edges: BandedEdges, box: Box, place: tuple[FloatArray, float]) -> list[FloatArray]:
    """What a box shows of a border of very many vertices: lines float64 ``(M, 2)`` in the tile's pixels.

    Vertices that fall on the same pixel are one.

    Parameters
    ----------
    edges : BandedEdges
        Level-0 pixels.
    box : Box
        Level-0 pixels.
    place : tuple[FloatArray, float]
        The tile's corner in level-0 pixels, and its downsample.
    """
    numbers = edges.within(box)
    if not len(numbers):
        return []
    corner, downsample = place
    follows = (np.diff(numbers) == 1) & (edges.starts[numbers[1:]] == edges.ends[numbers[:-1]]).all(1)
    breaks = np.flatnonzero(~follows) + 1
    lines = []
    for run in np.split(numbers, breaks):
        points = np.concatenate([edges.starts[run], edges.ends[run[-1:]]])
        lines.append(_by_pixel((points - corner) / downsample))
    return lines


def _by_pixel(points: FloatArray) -> FloatArray:
    cells = np.floor(points)
    kept = np.ones(len(points), dtype=np.bool_)
    kept[1:-1] = (cells[1:-1] != cells[:-2]).any(1)
    thinned: FloatArray = points[kept]
    return thinned
