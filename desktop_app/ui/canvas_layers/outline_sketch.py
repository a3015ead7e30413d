"""Outlines of many objects on their way into overlay tiles, and what is drawn of them.

They are gathered from all chunks of a place, so that those of one color and style are drawn at once. Any
thread; OpenCV draws without the interpreter's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import FloatArray
from desktop_app.ui.canvas_layers.raster_lines import SHIFT, Pen, bgra

Style: TypeAlias = tuple[float, bool, int]
STYLES: tuple[Style, ...] = ((0.0, False, 1), (6.0, True, 1), (40.0, True, 2))
"""How outlines are painted from so many pixels of size on: whether smoothly, and how wide in pixels. Wide
lines would fill a nucleus at low power."""

REACH = 2 << SHIFT
"""How far from its vertices an outline may be drawn, fixed-point pixels."""

Argb = NDArray[np.uint8]


def looks(
    styles: NDArray[np.int64], closed: NDArray[np.bool_], colors: NDArray[np.int32]
) -> NDArray[np.int64]:
    """What outlines look like, each in one number.

    Parameters
    ----------
    styles : NDArray[np.int64]
        ``(N,)``, numbers in :data:`STYLES`.
    closed : NDArray[np.bool_]
        ``(N,)``, whether the last vertex is joined to the first.
    colors : NDArray[np.int32]
        ``(N,)``, ``0xRRGGBB``.
    """
    found: NDArray[np.int64] = styles << 25 | closed.astype(np.int64) << 24 | colors
    return found


@dataclass(frozen=True, slots=True)
class FixedPlace:
    """Where a chunk lies among pixels.

    Attributes
    ----------
    corner : FloatArray
        Its origin, pixels.
    scale : float
        Pixels per level-0 pixel.
    """

    corner: FloatArray
    scale: float

    def of(self, offsets: NDArray[np.float32]) -> NDArray[np.int32]:
        """Offsets ``(N, 2)`` as OpenCV's fixed-point pixels; single precision is a hundredth of a pixel."""
        placed = offsets * np.float32(self.scale * 2**SHIFT)
        # OpenCV puts whole numbers on pixel centers, the canvas on pixel edges.
        placed += ((self.corner - 0.5) * 2**SHIFT).astype(np.float32)
        fixed: NDArray[np.int32] = np.rint(placed, out=placed).astype(np.int32)
        return fixed


class GatheredOutlines:
    """Rings as they are found, chunk by chunk."""

    def __init__(self) -> None:
        self._points: list[NDArray[np.int32]] = []
        self._lengths: list[NDArray[np.int64]] = []
        self._looks: list[NDArray[np.int64]] = []
        self._boxes: list[NDArray[np.int32]] = []

    def add(
        self,
        points: NDArray[np.int32],
        lengths: NDArray[np.int64],
        looks: NDArray[np.int64],
        boxes: NDArray[np.int32],
    ) -> None:
        """Take rings in.

        Parameters
        ----------
        points : NDArray[np.int32]
            ``(V, 2)``, fixed-point pixels.
        lengths : NDArray[np.int64]
            ``(R,)``, vertices of each ring.
        looks : NDArray[np.int64]
            ``(R,)``, what each looks like (:func:`looks`).
        boxes : NDArray[np.int32]
            ``(R, 4)``, fixed-point pixels that no vertex lies outside of.
        """
        self._points.append(points)
        self._lengths.append(lengths)
        self._looks.append(looks)
        self._boxes.append(boxes)

    def sketch(self, corner: tuple[int, int], size: tuple[int, int]) -> OutlineSketch | None:
        """All of them; None where there is none.

        Parameters
        ----------
        corner, size : tuple[int, int]
            The rectangle that they were looked for in, pixels of the level.
        """
        if not self._points:
            return None
        points, lengths = np.concatenate(self._points), np.concatenate(self._lengths)
        looks, boxes = np.concatenate(self._looks), np.concatenate(self._boxes)
        order = np.argsort(looks, kind="stable")
        return OutlineSketch(points, lengths, boxes, order, looks[order], (corner, size))


@dataclass(frozen=True, eq=False)
class OutlineSketch:
    """Outlines that can be drawn at any place of their level; see :class:`desktop_app.ui.canvas.Sketch`.

    Attributes
    ----------
    points : NDArray[np.int32]
        ``(V, 2)``, fixed-point pixels from the corner of ``rect`` on.
    lengths : NDArray[np.int64]
        ``(R,)``, vertices of each ring.
    boxes : NDArray[np.int32]
        ``(R, 4)``, around each ring.
    order, looks : NDArray[np.int64]
        ``(R,)``, the rings in the order of drawing, and what each of these looks like.
    rect : tuple[tuple[int, int], tuple[int, int]]
        Corner and size of where they were looked for, pixels of the level.
    """

    points: NDArray[np.int32]
    lengths: NDArray[np.int64]
    boxes: NDArray[np.int32]
    order: NDArray[np.int64]
    looks: NDArray[np.int64]
    rect: tuple[tuple[int, int], tuple[int, int]]

    def draw(self, pixels: Argb, corner: tuple[int, int]) -> None:
        """Draw the outlines that reach a rectangle, plainly; parameters as for ``Sketch.draw``."""
        for draw in self.steps(pixels, corner, smooth=False):
            draw()

    def steps(self, pixels: Argb, corner: tuple[int, int], *, smooth: bool) -> Iterator[Callable[[], None]]:
        """What to call to draw them, the thin ones first.

        Parameters
        ----------
        pixels, corner
            As for :meth:`draw`.
        smooth : bool
            Whether the styles that want smooth lines get them.
        """
        height, width = pixels.shape[:2]
        by = np.array(corner, np.int32) - np.array(self.rect[0], np.int32) << SHIFT
        shown = self._within(by, (width, height))
        rings = self._rings(self.order[shown], by)
        found = self.looks[shown]
        starts = np.flatnonzero(np.diff(found, prepend=-1))
        for start, end in pairwise([*starts.tolist(), len(shown)]):
            look = int(found[start])
            _, is_smooth, wide = STYLES[look >> 25]
            closed, color = bool(look >> 24 & 1), bgra(look & 0xFFFFFF)
            pen = Pen(color, wide, smooth=is_smooth and smooth)
            yield partial(pen.paint, pixels, rings[start:end], closed=closed)

    def _within(self, by: NDArray[np.int32], size: tuple[int, int]) -> NDArray[np.int64]:
        """The places in ``order`` of the rings that reach a rectangle; ``by`` is its corner from ours."""
        if not by.any() and size == self.rect[1]:
            return np.arange(len(self.order))
        far = by + np.array(size) * (1 << SHIFT)
        meets = (self.boxes[:, :2] <= far + REACH) & (self.boxes[:, 2:] >= by - REACH)
        reached: NDArray[np.int64] = meets.all(1)[self.order].nonzero()[0]
        return reached

    def _rings(self, chosen: NDArray[np.int64], by: NDArray[np.int32]) -> Sequence[NDArray[np.int32]]:
        """The vertices of some rings, from a corner that lies so far away."""
        if self._is_even:
            return list(self.points.reshape(len(self.lengths), -1, 2)[chosen] - by)
        points, ends = self.points - by, self._ends
        return [points[ends[ring] : ends[ring + 1]] for ring in chosen.tolist()]

    @cached_property
    def _is_even(self) -> bool:
        return bool((self.lengths == self.lengths[0]).all())

    @cached_property
    def _ends(self) -> list[int]:
        return [0, *np.cumsum(self.lengths).tolist()]
