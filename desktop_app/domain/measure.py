"""Sizes of annotations in pixels, mm² and µm.

Pure, on any thread. Pixels need not be square: every measure is taken after scaling by ``(mpp_x, mpp_y)``.
"""

from __future__ import annotations

import math

import numpy as np

from desktop_app.domain.annotation import AREA_KINDS, POINT_KINDS, Annotation
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.rings import ring_area, ring_length
from desktop_app.domain.slide_info import Mpp

_SQUARE_UM_PER_SQUARE_MM = 1e6


def area_px(annotation: Annotation) -> float:
    """The area in level-0 pixels; 0 for lines and points."""
    return _area(annotation, (1.0, 1.0))


def perimeter_px(annotation: Annotation) -> float:
    """The length of all outlines in level-0 pixels, holes included; a line's length; 0 for points."""
    return _perimeter(annotation, (1.0, 1.0))


def area_mm2(annotation: Annotation, mpp: Mpp) -> float:
    """The area in mm²; 0 for lines and points.

    Parameters
    ----------
    annotation : Annotation
        A self-crossing outline counts by the even-odd rule, as it is painted. An ellipse is measured as
        the ellipse (pi/4 x width x height), not as the 64-vertex polygon that stands for it.
    mpp : Mpp
        µm per level-0 pixel, ``(x, y)``.
    """
    return _area(annotation, mpp) / _SQUARE_UM_PER_SQUARE_MM


def perimeter_um(annotation: Annotation, mpp: Mpp) -> float:
    """The length of all outlines in µm, holes included; a line's length; 0 for points.

    An ellipse is measured by Ramanujan's second approximation (relative error below 1e-4 up to an axis
    ratio of 10).

    Source: S. Ramanujan, "Modular equations and approximations to pi", Quart. J. Math. 45 (1914).
    """
    return _perimeter(annotation, mpp)


def _area(annotation: Annotation, mpp: Mpp) -> float:
    if annotation.kind not in AREA_KINDS:
        return 0.0
    if annotation.kind == "ellipse":
        half_width, half_height = _half_axes(annotation, mpp)
        return math.pi * half_width * half_height
    return sum(_part_area(part) for part in annotation.parts) * mpp[0] * mpp[1]


def _part_area(part: tuple[FloatArray, ...]) -> float:
    from shapely import Polygon, make_valid  # takes 0.2 s to import, and the window must start without

    shape = Polygon(part[0], part[1:])
    if not shape.is_valid:
        return float(make_valid(shape).area)
    return ring_area(part[0]) - sum(ring_area(hole) for hole in part[1:])


def _perimeter(annotation: Annotation, mpp: Mpp) -> float:
    if annotation.kind in POINT_KINDS:
        return 0.0
    if annotation.kind == "ellipse":
        return _ellipse_perimeter(*_half_axes(annotation, mpp))
    closed = annotation.kind in AREA_KINDS
    return sum(
        ring_length(ring * np.asarray(mpp), closed=closed) for part in annotation.parts for ring in part
    )


def _half_axes(annotation: Annotation, mpp: Mpp) -> tuple[float, float]:
    outline = annotation.parts[0][0]
    width, height = (outline.max(0) - outline.min(0)) * np.asarray(mpp)
    return float(width) / 2, float(height) / 2


def _ellipse_perimeter(a: float, b: float) -> float:
    if a + b == 0:
        return 0.0
    h = ((a - b) / (a + b)) ** 2
    return math.pi * (a + b) * (1 + 3 * h / (10 + math.sqrt(4 - 3 * h)))
