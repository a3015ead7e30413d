"""Transparent tiles that are not drawn yet: opaque lines, which can as well be drawn over another picture.

Pixels for a view's worth of lines have to be cleared, drawn, cut into tiles and blended, while the lines
themselves touch few of them. Where a layer is blended into the slide's picture its lines are therefore drawn
straight into that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count, groupby
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

PixelRect = tuple[int, int, int, int]
"""``(x, y, width, height)``, pixels of a level."""

Argb = NDArray[np.uint8]

_numbers = count(1)


class Sketch(Protocol):
    """What several tiles of a level show, as opaque lines."""

    def draw(self, pixels: Argb, corner: tuple[int, int]) -> None:
        """Draw what of it lies in a rectangle of its level, over what is there; any thread.

        Parameters
        ----------
        pixels : Argb
            uint8 ``(H, W, 4)``, premultiplied, native byte order; its rows may lie apart.
        corner : tuple[int, int]
            Where the rectangle begins, pixels of the level.
        """


@dataclass(frozen=True, slots=True, eq=False)
class SketchedTile:
    """A tile's part of a sketch.

    Attributes
    ----------
    sketch : Sketch
        Shared with the tiles around.
    rect : PixelRect
        The tile's place.
    number : int
        Unlike that of any other, and unlike any ``QImage.cacheKey``.
    """

    sketch: Sketch
    rect: PixelRect
    number: int = field(default_factory=lambda: -next(_numbers))

    @property
    def nbytes(self) -> int:
        """Bytes of the picture, drawn or not."""
        return 4 * self.rect[2] * self.rect[3]

    def drawn(self) -> QImage:
        """The tile as a picture of its own; null where nothing is."""
        x, y, width, height = self.rect
        pixels = np.zeros((height, width, 4), np.uint8)
        self.sketch.draw(pixels, (x, y))
        if not pixels.any():
            return QImage()
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        # The picture does not own its memory: without this reference it would show what comes after it.
        image._pixels = pixels  # type: ignore[attr-defined]
        return image


def draw_parts(parts: Iterable[tuple[Sketch, PixelRect]], picture: Argb, origin: tuple[int, int]) -> None:
    """Draw parts of sketches into a picture of their level; neighbors of one sketch are drawn at once.

    Parameters
    ----------
    parts : Iterable[tuple[Sketch, PixelRect]]
        What of them lies beside the picture is left out.
    picture : Argb
        uint8 ``(H, W, 4)``.
    origin : tuple[int, int]
        Where the picture begins, pixels of the level.
    """
    left, top = origin
    for sketch, group in groupby(sorted(parts, key=_by_sketch), key=lambda part: part[0]):
        for x, y, width, height in united(rect for _, rect in group):
            x0, y0 = max(x, left), max(y, top)
            pixels = picture[y0 - top : y - top + height, x0 - left : x - left + width]
            if pixels.size:
                sketch.draw(pixels, (x0, y0))


def _by_sketch(part: tuple[Sketch, PixelRect]) -> int:
    return id(part[0])


def united(rects: Iterable[PixelRect]) -> list[PixelRect]:
    """Rectangles that do not overlap, with neighbors put together: along the rows, then down."""
    return _joined(_joined(rects, along=0), along=1)


def _joined(rects: Iterable[PixelRect], *, along: int) -> list[PixelRect]:
    across = 1 - along
    found: list[PixelRect] = []
    for rect in sorted(rects, key=lambda rect: (rect[across], rect[across + 2], rect[along])):
        last = found[-1] if found else rect
        if last[across::2] == rect[across::2] and last[along] + last[along + 2] == rect[along]:
            size = [*last[2:]]
            size[along] += rect[along + 2]
            found[-1] = (*last[:2], size[0], size[1])
        else:
            found.append(rect)
    return found
