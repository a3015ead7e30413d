"""ROIs of a fixed size, and how large they are on a slide. Pure, on any thread."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from desktop_app.domain.shapes import Box, Parts, ellipse_parts, rectangle_parts
from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Point

StampUnit: TypeAlias = Literal["um", "mm2", "px"]
StampShape: TypeAlias = Literal["rectangle", "ellipse"]


@dataclass(frozen=True, slots=True)
class RoiStamp:
    """What one click sets.

    Attributes
    ----------
    shape : StampShape
        A rectangle, or an ellipse that fills it; of an area, a square or a circle.
    unit : StampUnit
        What the size is given in.
    width, height : float
        µm for ``"um"``; pixels of ``mpp`` for ``"px"``.
    area_mm2 : float
        For ``"mm2"``.
    mpp : float
        µm per pixel that ``"px"`` counts in.
    """

    shape: StampShape = "rectangle"
    unit: StampUnit = "um"
    width: float = 500.0
    height: float = 500.0
    area_mm2: float = 1.0
    mpp: float = 0.5

    @property
    def size_um(self) -> tuple[float, float]:
        """Width and height in µm."""
        if self.unit == "um":
            return self.width, self.height
        if self.unit == "px":
            return self.width * self.mpp, self.height * self.mpp
        circle = self.shape == "ellipse"
        side = 1000 * math.sqrt(self.area_mm2) * (2 / math.sqrt(math.pi) if circle else 1)
        return side, side

    def box_at(self, center: Point, mpp: Mpp) -> Box:
        """What it covers on a slide, level-0 pixels.

        Parameters
        ----------
        center : Point
            Its middle, level-0 pixels.
        mpp : Mpp
            The slide's µm per level-0 pixel.
        """
        (width, height), (x, y) = self.size_um, center
        half_x, half_y = width / mpp[0] / 2, height / mpp[1] / 2
        return x - half_x, y - half_y, x + half_x, y + half_y

    def parts_at(self, center: Point, mpp: Mpp) -> Parts:
        """Its outline; parameters as for :meth:`box_at`."""
        box = self.box_at(center, mpp)
        return rectangle_parts(box) if self.shape == "rectangle" else ellipse_parts(box)
