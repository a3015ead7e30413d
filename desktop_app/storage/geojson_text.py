"""Annotations as GeoJSON text, for a clipboard: QuPath's dialect, with the pixel size they were drawn at.

A text editor, QuPath and another window of this program all take it. Nothing in it names the slide. Any
thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from desktop_app.domain.annotation import Annotation, AnnotationClass, Color
from desktop_app.domain.annotation_classes import color_for
from desktop_app.domain.slide_info import Mpp
from desktop_app.errors import AnnotationError
from desktop_app.storage.geojson_features import annotations_of, children_of, feature_of
from desktop_app.storage.geojson_geometry import FeatureError

MPP_MEMBER = "coverslip:mpp"
"""µm per pixel of the coordinates, ``[x, y]``; a foreign member of the collection."""


@dataclass(frozen=True, slots=True)
class TextContent:
    """What a text holds.

    Attributes
    ----------
    annotations : tuple[Annotation, ...]
        In the text's coordinates, nested ones included.
    classes : tuple[AnnotationClass, ...]
        The classes used, with the color the text gives them.
    warnings : tuple[str, ...]
        What could not be kept.
    mpp : Mpp | None
        Of the coordinates; None where the text does not say.
    """

    annotations: tuple[Annotation, ...]
    classes: tuple[AnnotationClass, ...]
    warnings: tuple[str, ...]
    mpp: Mpp | None


def geojson_text(
    annotations: Iterable[Annotation],
    classes: Mapping[str, Color],
    *,
    offset: tuple[float, float],
    mpp: Mpp | None,
) -> str:
    """A FeatureCollection of one feature a line.

    Parameters
    ----------
    annotations : Iterable[Annotation]
        What it holds.
    classes : Mapping[str, Color]
        Class colors.
    offset : tuple[float, float]
        Subtracted from every coordinate: ``openslide.bounds-x`` and ``-y``, as in files.
    mpp : Mpp | None
        Of the slide; left out where it is unknown.
    """
    features = ",\n".join(orjson.dumps(feature_of(found, classes, offset)).decode() for found in annotations)
    stated = "" if mpp is None else f'"{MPP_MEMBER}":{orjson.dumps(list(mpp)).decode()},'
    return f'{{"type":"FeatureCollection",{stated}"features":[\n{features}\n]}}\n'


def read_geojson_text(
    text: str, *, most: int, offset: tuple[float, float] = (0.0, 0.0)
) -> TextContent | None:
    """Read a text that may be GeoJSON: a collection, a feature, an array of either, or a bare geometry.

    Parameters
    ----------
    text : str
        Anything a person may have copied.
    most : int
        So many annotations are read; of more the text is refused.
    offset : tuple[float, float]
        Added to every coordinate, as for a file.

    Returns
    -------
    TextContent | None
        None if it is no GeoJSON.

    Raises
    ------
    AnnotationError
        If it is, but one of its features cannot be read, or there are too many.
    """
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return None
    try:
        document = orjson.loads(text.lstrip("\ufeff"))
    except orjson.JSONDecodeError:
        return None
    features = [_as_feature(entry) for entry in _entries(document)]
    if not features or any(feature is None for feature in features):
        return None
    mpp = _mpp(document.get(MPP_MEMBER)) if isinstance(document, dict) else None
    collected = _collected([feature for feature in features if feature is not None], most, offset)
    return TextContent(*collected, mpp)


def _collected(
    features: list[dict[str, Any]], most: int, offset: tuple[float, float]
) -> tuple[tuple[Annotation, ...], tuple[AnnotationClass, ...], tuple[str, ...]]:
    annotations: list[Annotation] = []
    classes: dict[str, Color] = {}
    warnings: list[str] = []
    waiting = features[::-1]
    number = 0
    while waiting:
        feature, number = waiting.pop(), number + 1
        try:
            found = annotations_of(feature, number, offset)
            children = [child for child in children_of(feature) if isinstance(child, dict)]
        except FeatureError as error:
            raise AnnotationError(f"Feature {number} of the copied text cannot be read: {error}.") from error
        waiting.extend(children[::-1])
        annotations.extend(found.annotations)
        warnings.extend(f"Feature {number}: {warning}." for warning in found.warnings)
        for name in {entry.class_name for entry in found.annotations if entry.class_name}:
            classes.setdefault(name, found.class_color or color_for(name))
        if len(annotations) > most:
            raise AnnotationError(
                f"The copied text holds more than {most} annotations; save them as a file and import that."
            )
    listed = tuple(AnnotationClass(name, color) for name, color in classes.items())
    return tuple(annotations), listed, tuple(warnings)


def _entries(document: Any) -> Iterator[Any]:
    """The features of a document, however deep its arrays are nested."""
    waiting = [document]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, list):
            waiting.extend(entry[::-1])
        elif isinstance(entry, dict) and entry.get("type") == "FeatureCollection":
            features = entry.get("features")
            yield from features if isinstance(features, list) else ()
        else:
            yield entry


def _as_feature(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    if value.get("type") == "Feature":
        return value
    is_geometry = "coordinates" in value or "geometries" in value
    return {"type": "Feature", "geometry": value} if is_geometry else None


def _mpp(value: Any) -> Mpp | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    usable = all(isinstance(entry, int | float) and math.isfinite(entry) and entry > 0 for entry in value)
    return (float(value[0]), float(value[1])) if usable else None
