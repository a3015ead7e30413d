"""One GeoJSON feature as an annotation and back, in QuPath's dialect.

Kept apart from reading and writing files, so that a stream, a clipboard or a test can use it. What this
application does not know travels in ``Annotation.extra`` and is written back where it was found. Any
thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast, get_args
from uuid import UUID, uuid5

import orjson

from desktop_app.domain.annotation import (
    Annotation,
    Color,
    Origin,
    ReviewState,
    RoiStatus,
    ShapeKind,
)
from desktop_app.domain.annotation_classes import color_for
from desktop_app.storage.geojson_geometry import (
    FeatureError,
    Json,
    geometry_of,
    is_number,
    member_object,
    shapes_of,
    shifted,
)

OBJECT_TYPES = ("annotation", "detection", "cell", "tile", "tmaCore", "root")
_LEGACY_IDS = {
    "PathAnnotationObject": "annotation",
    "PathDetectionObject": "detection",
    "PathCellObject": "cell",
    "PathTileObject": "tile",
    "TMACoreObject": "tmaCore",
    "PathRootObject": "root",
}
_PREFIX = "coverslip:"
_SHAPE, _HIDDEN, _ROI = f"{_PREFIX}shape", f"{_PREFIX}hidden", f"{_PREFIX}roi"
_OWN_KEYS = frozenset(f"{_PREFIX}{key}" for key in ("run", "model", "state", "reviewer", "reviewed"))
_OWN_KEYS |= {_SHAPE, _HIDDEN, _ROI}
_STATED_SHAPES: Mapping[tuple[str, ShapeKind], ShapeKind] = {
    ("arrow", "line"): "arrow",
    ("note", "points"): "note",
}
"""What a line and a point may be said to be besides."""
_ID_SPACE = UUID("8b4fbd12-6f0e-4c3c-9d5a-3f6b2f0c7a11")


@dataclass(frozen=True, slots=True)
class FeatureContent:
    """What one feature holds.

    Attributes
    ----------
    annotations : tuple[Annotation, ...]
        None for an empty geometry, several for a collection.
    class_color : Color | None
        The color that the file gives the class.
    warnings : tuple[str, ...]
        What could not be kept.
    """

    annotations: tuple[Annotation, ...]
    class_color: Color | None = None
    warnings: tuple[str, ...] = ()


def annotations_of(feature: Json, number: int, offset: tuple[float, float]) -> FeatureContent:
    """Read one feature.

    Parameters
    ----------
    feature : dict
        A decoded GeoJSON Feature.
    number : int
        Its position in the file, from 1; part of the id of a feature that has none.
    offset : tuple[float, float]
        Added to every coordinate.

    Raises
    ------
    FeatureError
        If it is not GeoJSON: an unknown geometry, coordinates that are not numbers.
    """
    properties = member_object(feature.get("properties"), "properties")
    reading = _PropertyReading.of(properties)
    geometry = feature.get("geometry")
    if geometry is None:
        return FeatureContent((), reading.class_color, ("it has no geometry",))
    shapes, warnings = shapes_of(member_object(geometry, "geometry"), offset)
    first_id = _feature_id(feature, number)
    base = Annotation(
        id=first_id,
        kind="polygon",
        parts=(),
        class_name=reading.class_name,
        name=reading.name,
        object_type=object_type_of(feature),
        color=reading.color,
        locked=properties.get("isLocked") is True,
        hidden=reading.own.get(_HIDDEN) == "true",
        roi=_roi(reading.own.get(_ROI)),
        origin=reading.origin,
        measurements=reading.measurements,
        extra=_extra(feature, geometry, reading, offset),
    )
    annotations = tuple(
        replace(
            base,
            id=first_id if part == 0 else uuid5(first_id, str(part)),
            kind=_STATED_SHAPES.get((str(reading.own.get(_SHAPE)), kind), kind),
            parts=parts,
        )
        for part, (kind, parts) in enumerate(shapes)
    )
    return FeatureContent(annotations, reading.class_color, (*warnings, *reading.warnings))


def children_of(feature: Json) -> list[Any]:
    """The features nested in one.

    Raises
    ------
    FeatureError
        If they are not a list.
    """
    properties = member_object(feature.get("properties"), "properties")
    children = properties.get("childObjects", properties.get("children")) or []
    if not isinstance(children, list):
        raise FeatureError("its nested objects are not a list")
    return children


def feature_of(annotation: Annotation, classes: Mapping[str, Color], offset: tuple[float, float]) -> Json:
    """Write one feature; members in QuPath's order.

    Parameters
    ----------
    annotation : Annotation
        What to write.
    classes : Mapping[str, Color]
        Class colors; a class that is missing here gets the color of its name, since QuPath refuses a
        classification without one.
    offset : tuple[float, float]
        Subtracted from every coordinate.
    """
    extra: Json = orjson.loads(annotation.extra) if annotation.extra else {}
    feature: Json = {"type": "Feature", "id": str(annotation.id)}
    feature["geometry"] = {**geometry_of(annotation, offset), **extra.get("geometry", {})}
    members: Json = dict(extra.get("feature", {}))
    if "nucleusGeometry" in members:
        feature["nucleusGeometry"] = shifted(members.pop("nucleusGeometry"), (-offset[0], -offset[1]))
    feature["properties"] = _properties_of(annotation, classes, extra)
    return {**feature, **members}


@dataclass(frozen=True, slots=True)
class _PropertyReading:
    """The properties of a feature, sorted into what is known and what is not."""

    class_name: str | None
    class_color: Color | None
    name: str
    color: Color | None
    measurements: dict[str, float]
    origin: Origin | None
    unknown: Json
    metadata: Json
    own: Json
    class_alpha: int | None
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, properties: Json) -> _PropertyReading:
        class_name, class_color, alpha = _classification(properties.get("classification"))
        measurements, dropped = _measurements(properties.get("measurements"))
        metadata = properties.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        known = {"classification", "name", "color", "isLocked", "measurements", "metadata"}
        known |= {"objectType", "object_type", "childObjects", "children"}
        if properties.get("type") in OBJECT_TYPES:
            known.add("type")
        name = properties.get("name")
        return cls(
            class_name=class_name,
            class_color=class_color,
            name="" if name is None else str(name),
            color=_color(properties.get("color")),
            measurements=measurements,
            origin=_origin(metadata),
            unknown={key: value for key, value in properties.items() if key not in known},
            metadata={key: value for key, value in metadata.items() if key not in _OWN_KEYS},
            own={key: value for key, value in metadata.items() if key in _OWN_KEYS},
            class_alpha=alpha,
            warnings=tuple(f"its measurement {key} is not a number and was left out" for key in dropped),
        )


def _feature_id(feature: Json, number: int) -> UUID:
    """The feature's UUID, else one made from its content, so that reading twice gives the same object."""
    try:
        return UUID(str(feature.get("id")))
    except ValueError:
        return uuid5(_ID_SPACE, _packed([number, feature]).decode())


def _packed(value: Any) -> bytes:
    """Decoded JSON as JSON again, to hash or to keep."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except TypeError as error:  # nested more deeply than can be written
        raise FeatureError(f"it cannot be kept ({error})") from error


def object_type_of(feature: Json) -> str:
    """QuPath's object type of a feature, whatever the generation of QuPath that wrote it."""
    properties = member_object(feature.get("properties"), "properties")
    for value in (properties.get("objectType"), properties.get("object_type"), properties.get("type")):
        if value in OBJECT_TYPES:
            return str(value)
    return _LEGACY_IDS.get(str(feature.get("id")), "annotation")


def _color(value: Any) -> Color | None:
    """A color as QuPath writes it: three or four numbers, or one packed (maybe negative) integer."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value >> 16 & 0xFF, value >> 8 & 0xFF, value & 0xFF
    if isinstance(value, list) and len(value) in (3, 4) and all(map(_is_finite, value)):
        red, green, blue = (min(255, max(0, round(entry))) for entry in value[:3])
        return red, green, blue
    return None


def _classification(value: Any) -> tuple[str | None, Color | None, int | None]:
    if isinstance(value, str):
        return value.strip() or None, None, None
    if not isinstance(value, dict):
        return None, None, None
    names = value.get("names")
    given = names if isinstance(names, list) else [value.get("name")]
    name = ": ".join(str(entry).strip() for entry in given if entry)
    color = value.get("color", value.get("colorRGB"))
    alpha = color[3] if isinstance(color, list) and len(color) == 4 else None
    kept = isinstance(alpha, int) and not isinstance(alpha, bool) and 0 < alpha < 255
    return name.strip() or None, _color(color), alpha if kept else None


def _measurements(value: Any) -> tuple[dict[str, float], list[str]]:
    """Numbers by name, from an object or from the list of pairs that QuPath wrote before 0.4."""
    if isinstance(value, list):
        entries = [entry for entry in value if isinstance(entry, dict)]
        value = {str(entry.get("name")): entry.get("value") for entry in entries}
    if not isinstance(value, dict):
        return {}, []
    numbers = {key: _number(entry) for key, entry in value.items()}
    kept = {key: number for key, number in numbers.items() if number is not None}
    return kept, [key for key in numbers if key not in kept]


def _is_finite(value: Any) -> bool:
    return is_number(value) and math.isfinite(value)


def _number(value: Any) -> float | None:
    """A number, or a string that is one (``NaN`` and infinities in any case)."""
    if not is_number(value) and not isinstance(value, str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _origin(metadata: Json) -> Origin | None:
    run = metadata.get(f"{_PREFIX}run")
    if run is None:
        return None
    state = str(metadata.get(f"{_PREFIX}state", "unreviewed"))
    return Origin(
        run_id=str(run),
        model=str(metadata.get(f"{_PREFIX}model", "")),
        state=cast("ReviewState", state) if state in get_args(ReviewState) else "unreviewed",
        reviewer=str(metadata.get(f"{_PREFIX}reviewer", "")),
        reviewed_at=str(metadata.get(f"{_PREFIX}reviewed", "")),
    )


def _extra(feature: Json, geometry: Json, reading: _PropertyReading, offset: tuple[float, float]) -> bytes:
    """Unknown members as JSON, grouped by where they were; a stated bounding box would go stale."""
    members = {k: v for k, v in feature.items() if k not in ("type", "id", "geometry", "properties", "bbox")}
    if "nucleusGeometry" in members:
        members["nucleusGeometry"] = shifted(members["nucleusGeometry"], offset)
    known = ("type", "coordinates", "geometries", "isEllipse", "bbox")
    alpha = reading.class_alpha
    groups = {
        "feature": members,
        "geometry": {k: v for k, v in geometry.items() if k not in known and _keepable(k, v)},
        "properties": reading.unknown,
        "metadata": reading.metadata,
        "class": {} if alpha is None else {"name": reading.class_name, "alpha": alpha},
    }
    groups = {name: group for name, group in groups.items() if group}
    return _packed(groups) if groups else b""


def _keepable(key: str, value: Any) -> bool:
    """QuPath's reader fails on a plane that is anything but numbers for channel, slice and time point."""
    if key != "plane":
        return True
    known = isinstance(value, dict) and value.keys() <= {"c", "z", "t"}
    return known and all(map(_is_finite, value.values()))


def _properties_of(annotation: Annotation, classes: Mapping[str, Color], extra: Json) -> Json:
    properties: Json = {"objectType": annotation.object_type}
    if annotation.name:
        properties["name"] = annotation.name
    if annotation.color is not None:
        properties["color"] = list(annotation.color)
    if annotation.class_name is not None:
        properties["classification"] = _classification_of(annotation.class_name, classes, extra)
    if annotation.locked:
        properties["isLocked"] = True
    if annotation.measurements:
        properties["measurements"] = {k: json_number(v) for k, v in annotation.measurements.items()}
    kept = {key: _metadata_text(value) for key, value in extra.get("metadata", {}).items()}
    metadata = {**kept, **_metadata_of(annotation.origin), **_own_metadata(annotation)}
    if metadata:
        properties["metadata"] = metadata
    return {**properties, **extra.get("properties", {})}


def _classification_of(class_name: str, classes: Mapping[str, Color], extra: Json) -> Json:
    names = class_name.split(": ")
    color = [*(classes.get(class_name) or color_for(class_name))]
    stated = extra.get("class", {})
    if stated.get("name") == class_name:  # another class since then is not as transparent
        color.append(stated["alpha"])
    return {"name": class_name, "color": color} if len(names) == 1 else {"names": names, "color": color}


def json_number(value: float) -> float | str:
    """A number as JSON has it: QuPath writes what is not finite as a string."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def _metadata_text(value: Any) -> str:
    """Metadata as QuPath has it, strings only; on a list or an object its whole import would fail."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _own_metadata(annotation: Annotation) -> dict[str, str]:
    """What QuPath has no member for."""
    own: dict[str, str] = {_SHAPE: annotation.kind} if annotation.kind in _STATED_SHAPES.values() else {}
    if annotation.hidden:
        own[_HIDDEN] = "true"
    return own if annotation.roi is None else {**own, _ROI: annotation.roi}


def _roi(stated: Any) -> RoiStatus | None:
    return cast("RoiStatus", stated) if stated in get_args(RoiStatus) else None


def _metadata_of(origin: Origin | None) -> dict[str, str]:
    if origin is None:
        return {}
    entries = {
        "run": origin.run_id,
        "model": origin.model,
        "state": origin.state,
        "reviewer": origin.reviewer,
        "reviewed": origin.reviewed_at,
    }
    return {f"{_PREFIX}{key}": value for key, value in entries.items() if value}
