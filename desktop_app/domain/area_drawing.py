"""Drawing into an area that is there: a drawn piece added to it or taken from it.

What comes out lies on the grid that annotations are stored on (1/128 px), so that storing it cannot make it
cross itself. Pure, on any thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import GRID, snapped
from desktop_app.domain.shapes import Parts, parts_of, polygons_of


def with_area(annotation: Annotation, piece: Parts, *, crumb: float = 0.0) -> Annotation:
    """An area annotation with a piece added; it is a polygon then.

    Parameters
    ----------
    annotation : Annotation
        A rectangle, an ellipse or a polygon.
    piece : Parts
        What was drawn, valid, level-0 pixels.
    crumb : float
        New holes smaller than this (square level-0 pixels) are closed: nobody drew them on purpose.

    Raises
    ------
    GeometryError
        If nothing can be made of the shape.
    """
    drawn = geometry_of(piece)
    joined = combined("union", geometry_of(annotation.parts), drawn)
    return replace(annotation, kind="polygon", parts=parts_of(_without_holes(joined, drawn, crumb)))


def without_area(annotation: Annotation, piece: Parts, *, crumb: float = 0.0) -> Annotation | None:
    """An area annotation with a piece taken away; None if nothing is left.

    Parameters
    ----------
    annotation, piece
        As for :func:`with_area`.
    crumb : float
        Pieces cut off that are smaller than this (square level-0 pixels) go as well.
    """
    drawn = geometry_of(piece)
    rest = combined("difference", geometry_of(annotation.parts), drawn)
    left = [kept for kept in polygons_of(rest) if kept.area >= crumb or not kept.intersects(drawn)]
    return replace(annotation, kind="polygon", parts=parts_of(left)) if left else None


def geometry_of(parts: Parts) -> Any:
    """Parts as one shapely geometry; a shape that crosses itself as the area that is painted."""
    from shapely import MultiPolygon, Polygon, make_valid

    rings = [[snapped(ring) for ring in part] for part in parts]
    shape = MultiPolygon([Polygon(part[0], part[1:]) for part in rings])
    return shape if shape.is_valid else MultiPolygon(polygons_of(make_valid(shape)))


def combined(how: str, one: Any, other: Any) -> Any:
    """The ``"union"`` or ``"difference"`` of two valid geometries, valid and on the grid.

    Notes
    -----
    The exact result is taken where rounding it leaves it valid; only else is everything noded on the grid,
    which takes several times as long.
    """
    import shapely

    operate = {"union": shapely.union, "difference": shapely.difference}[how]
    rounded = shapely.transform(operate(one, other), snapped)
    return rounded if rounded.is_valid else operate(one, other, grid_size=GRID)


def _without_holes(shape: Any, drawn: Any, crumb: float) -> list[Any]:
    """The polygons of a shape without the small holes that the drawn piece has left."""
    from shapely import Polygon

    kept = []
    for piece in polygons_of(shape):
        holes = [hole for hole in piece.interiors if not _is_crumb(Polygon(hole), drawn, crumb)]
        same = len(holes) == len(piece.interiors)
        kept.append(piece if same else Polygon(piece.exterior, holes))
    return kept


def _is_crumb(hole: Any, drawn: Any, crumb: float) -> bool:
    return bool(hole.area < crumb and hole.intersects(drawn))
