"""Margins: shapes made wider or narrower, and bands around or inside them.

Distances are true on the slide also where pixels are not square: the work is done in units of the scale.
Round corners are drawn with 16 chords to a quarter circle, which stay within 0.12 % of the distance; shapes
of very many vertices within 0.4 %. Pure, on any thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.shape_regions import (
    Region,
    Scale,
    ShapeStep,
    new_parts,
    refused_sums,
    region_of,
    scaled,
    with_region,
)
from desktop_app.domain.shapes import Parts
from desktop_app.errors import GeometryError

QUARTER = 16
"""Chords to a quarter circle."""

FINENESS = 0.001
"""Share of a distance by which vertices of a large shape may be left out."""

MANY_VERTICES = 2000
"""A region with more of them is grown in steps."""

RingSide: TypeAlias = Literal["outside", "inside", "both"]

RING_SIDES: Mapping[str, RingSide] = {"outside": "outside", "inside": "inside", "both": "both"}


def expanded(shapes: Sequence[Annotation], amount: float, *, scale: Scale = (1.0, 1.0)) -> ShapeStep:
    """Each shape with everything within a distance; with a negative one, without it.

    Parameters
    ----------
    shapes : Sequence[Annotation]
        Areas.
    amount : float
        Units of the scale; below 0 to shrink.
    scale : Scale
        Units per pixel.

    Raises
    ------
    GeometryError
        If one of them would vanish.
    """
    after = []
    with refused_sums():
        for shape in shapes:
            region = _grown(scaled(region_of(shape), scale), amount)
            if region.is_empty:
                raise GeometryError("A selected area would vanish: choose a smaller amount.")
            after.append(with_region(shape, scaled(region, scale, back=True)))
    return ShapeStep(tuple(shapes), tuple(after))


def ring_parts(
    shapes: Sequence[Annotation], width: float, *, side: RingSide = "outside", scale: Scale = (1.0, 1.0)
) -> Parts:
    """The band along the border of what some shapes cover together.

    Parameters
    ----------
    shapes : Sequence[Annotation]
        Areas; borders inside their union have no band.
    width : float
        Units of the scale, above 0.
    side : RingSide
        ``"both"`` lies so wide on either side.
    scale : Scale
        Units per pixel.

    Raises
    ------
    GeometryError
        If nothing comes of it.
    """
    from shapely import union_all

    with refused_sums():
        region = scaled(union_all([region_of(shape) for shape in shapes]), scale)
        outer: Region = region if side == "inside" else _grown(region, width)
        inner: Region = region if side == "outside" else _grown(region, -width)
        return new_parts(scaled(outer.difference(inner), scale, back=True))


def _grown(region: Region, amount: float) -> Region:
    """A region grown or, below 0, shrunk by a distance.

    Where vertices lie dense, their arcs cross hundreds of others, and all crossings at once would fill the
    memory. Growing by a and then by b is growing by a + b, so it is done in steps that begin at the distance
    of neighboring vertices and double, each of which leaves a smoother outline to the next.
    """
    from shapely import get_num_coordinates

    count = int(get_num_coordinates(region))
    if count <= MANY_VERTICES:
        return region.buffer(amount, quad_segs=QUARTER)
    left, step = abs(amount), 2 * region.convex_hull.length / count
    while left > 0 and not region.is_empty:
        taken = min(step, left)
        region = region.buffer(taken if amount > 0 else -taken, quad_segs=QUARTER).simplify(taken * FINENESS)
        left, step = left - taken, 2 * step
    return region
