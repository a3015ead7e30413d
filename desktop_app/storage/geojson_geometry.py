"""A GeoJSON geometry as the shape of an annotation and back, in QuPath's dialect.

Coordinates are checked and moved here and nowhere else. What one annotation cannot be, a collection or
several lines, comes apart into several shapes. Any thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias, cast

import numpy as np

from desktop_app.domain.annotation import OPEN_KINDS, POINT_KINDS, Annotation, ShapeKind
from desktop_app.domain.arrays import FloatArray
from desktop_app.errors import GeometryError

Parts: TypeAlias = tuple[tuple[FloatArray, ...], ...]
Json: TypeAlias = dict[str, Any]

MAX_COORDINATE = 2.0**20
"""No slide is as many pixels wide or high; a vertex farther out is an error of the file, and would cost all
others their exact place, which is kept relative to a common middle."""


class FeatureError(ValueError):
    """A feature that cannot be read at all; the message says what is wrong with it."""


def shapes_of(
    geometry: Json, offset: tuple[float, float]
) -> tuple[list[tuple[ShapeKind, Parts]], tuple[str, ...]]:
    """The shapes of a geometry; collections and multi-lines, which one annotation cannot be, in pieces.

    Parameters
    ----------
    geometry : dict
        A decoded GeoJSON geometry.
    offset : tuple[float, float]
        Added to every coordinate.

    Returns
    -------
    tuple[list[tuple[ShapeKind, Parts]], tuple[str, ...]]
        Kind and parts of each shape, and what was left out or taken apart.

    Raises
    ------
    FeatureError
        If it is not a geometry.
    """
    flat = list(_flattened(geometry))
    shapes: list[tuple[ShapeKind, Parts]] = []
    warnings: list[str] = []
    if len(flat) > 1 or geometry.get("type") == "GeometryCollection":
        warnings.append(f"its {geometry.get('type')} was taken apart into {len(flat)} annotations")
    for piece in flat:
        try:
            shapes.append(_shape(piece, offset))
        except GeometryError as error:
            warnings.append(str(error))
    return shapes, tuple(warnings)


def geometry_of(annotation: Annotation, offset: tuple[float, float]) -> Json:
    """The geometry to write for an annotation; ``offset`` is subtracted."""
    if annotation.kind in POINT_KINDS:
        points = _coordinates(annotation.parts[0][0], offset)
        one = len(points) == 1
        return {"type": "Point" if one else "MultiPoint", "coordinates": points[0] if one else points}
    if annotation.kind in OPEN_KINDS:
        return {"type": "LineString", "coordinates": _coordinates(annotation.parts[0][0], offset)}
    polygons = [[_closed(ring, offset) for ring in part] for part in annotation.parts]
    if len(polygons) > 1:
        return {"type": "MultiPolygon", "coordinates": polygons}
    ellipse = {"isEllipse": True} if annotation.kind == "ellipse" else {}
    return {"type": "Polygon", "coordinates": polygons[0], **ellipse}


def shifted(value: Any, offset: tuple[float, float]) -> Any:
    """A geometry kept as JSON, moved; anything else as it is."""
    if offset == (0.0, 0.0) or value is None:
        return value
    if isinstance(value, dict):
        return {k: shifted(v, offset) if k in ("coordinates", "geometries") else v for k, v in value.items()}
    if isinstance(value, list) and len(value) >= 2 and is_number(value[0]) and is_number(value[1]):
        return [round(value[0] + offset[0], 2), round(value[1] + offset[1], 2), *value[2:]]
    return [shifted(entry, offset) for entry in value] if isinstance(value, list) else value


def _is_rectangle(parts: Parts) -> bool:
    """Whether a shape is one axis-aligned rectangle."""
    if len(parts) != 1 or len(parts[0]) != 1 or len(parts[0][0]) != 4:
        return False
    ring = parts[0][0]
    horizontal = ring[:, 1] == np.roll(ring[:, 1], -1)
    vertical = ring[:, 0] == np.roll(ring[:, 0], -1)
    turns = horizontal != vertical
    return bool(turns.all() and (horizontal != np.roll(horizontal, -1)).all())


def _flattened(geometry: Json) -> Iterator[Json]:
    if geometry.get("type") == "GeometryCollection":
        for member in _list(geometry.get("geometries")):
            yield from _flattened(member_object(member, "geometry"))
    elif geometry.get("type") == "MultiLineString":
        for line in _list(geometry.get("coordinates")):
            yield {"type": "LineString", "coordinates": line}
    else:
        yield geometry


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise FeatureError("its coordinates are not a list")
    return value


def _shape(geometry: Json, offset: tuple[float, float]) -> tuple[ShapeKind, Parts]:
    kind, coordinates = geometry.get("type"), _list(geometry.get("coordinates"))
    match kind:
        case "Point" | "MultiPoint":
            return "points", ((_points([coordinates] if kind == "Point" else coordinates, offset, 1),),)
        case "LineString":
            return "line", ((_points(coordinates, offset, 2),),)
        case "Polygon":
            parts = (_part(coordinates, offset),)
            if geometry.get("isEllipse") is True:
                return "ellipse", parts
            return ("rectangle" if _is_rectangle(parts) else "polygon"), parts
        case "MultiPolygon":
            return "polygon", _parts(coordinates, offset)
    raise FeatureError(f"its geometry is a {kind}, which annotations cannot be")


def _parts(coordinates: list[Any], offset: tuple[float, float]) -> Parts:
    if not coordinates:
        raise GeometryError("its geometry is empty")
    return tuple(_part(_list(part), offset) for part in coordinates)


def _part(rings: list[Any], offset: tuple[float, float]) -> tuple[FloatArray, ...]:
    if not rings:
        raise GeometryError("its geometry is empty")
    return tuple(_opened(_points(_list(ring), offset, 3)) for ring in rings)


def _points(coordinates: list[Any], offset: tuple[float, float], minimum: int) -> FloatArray:
    """Positions as float64 ``(M, 2)``; a third coordinate is left out."""
    if coordinates == [[]]:
        raise GeometryError("its geometry is empty")
    try:
        points = np.array([(x, y) for x, y, *_ in coordinates], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise FeatureError("its coordinates are not numbers") from error
    if points.ndim > 2:
        raise FeatureError("its coordinates are nested more deeply than its geometry has them")
    if len(points) < minimum:
        raise GeometryError(f"its geometry has {len(points)} vertices where {minimum} are needed")
    if not np.isfinite(points).all():
        raise GeometryError("its geometry has a vertex that is not a number")
    moved: FloatArray = points + np.asarray(offset)
    if (np.abs(moved) > MAX_COORDINATE).any():
        raise GeometryError(f"its geometry has a vertex more than {MAX_COORDINATE:.0f} pixels away")
    return moved


def _opened(ring: FloatArray) -> FloatArray:
    opened = ring[:-1] if np.array_equal(ring[0], ring[-1]) else ring
    if len(opened) < 3:
        raise GeometryError(f"its polygon has {len(opened)} vertices where 3 are needed")
    return opened


def _coordinates(points: FloatArray, offset: tuple[float, float]) -> list[list[float]]:
    """Positions with two decimals; adding zero turns ``-0.0`` into ``0.0``."""
    return cast("list[list[float]]", (np.round(points - np.asarray(offset), 2) + 0.0).tolist())


def _closed(ring: FloatArray, offset: tuple[float, float]) -> list[list[float]]:
    points = _coordinates(ring, offset)
    return [*points, points[0]]


def member_object(value: Any, what: str) -> Json:
    """A member that must be an object; an empty one where it is missing or null.

    Raises
    ------
    FeatureError
        If it is something else; the message says ``what``.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise FeatureError(f"its {what} is not an object")
    return value


def is_number(value: Any) -> bool:
    """Whether a decoded value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
