"""GeoJSON files in QuPath's dialect: reading whatever QuPath accepts, writing what it reads best.

The format every exchange goes through, and what the engine's results are written in. Any thread.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid5

import orjson

from desktop_app.domain.annotation import Annotation, AnnotationClass, Color
from desktop_app.domain.annotation_classes import color_for
from desktop_app.errors import AnnotationFormatError, StorageError
from desktop_app.storage.atomic import atomic_file
from desktop_app.storage.geojson_features import (
    FeatureContent,
    annotations_of,
    children_of,
    feature_of,
    object_type_of,
)
from desktop_app.storage.geojson_geometry import FeatureError, Json

MAX_WARNINGS = 100
"""After so many warnings the rest is only counted."""

_GEOMETRIES = {
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
}


@dataclass(frozen=True, slots=True)
class GeoJsonContent:
    """What a file holds.

    Attributes
    ----------
    annotations : tuple[Annotation, ...]
        Of every object type, nested ones included, in the file's order; ids are unique.
    classes : tuple[AnnotationClass, ...]
        The classes used, in order of appearance, with the color the file gives them.
    warnings : tuple[str, ...]
        What could not be kept, each with the number of its feature.
    """

    annotations: tuple[Annotation, ...]
    classes: tuple[AnnotationClass, ...]
    warnings: tuple[str, ...]


def read_geojson(
    path: Path,
    *,
    offset: tuple[float, float] = (0.0, 0.0),
    object_types: Container[str] | None = None,
) -> GeoJsonContent:
    """Read ``.geojson``, ``.json``, ``.geojson.gz`` or a ``.zip`` with one of them inside.

    Parameters
    ----------
    path : Path
        A FeatureCollection, a Feature, a bare array of either, or a bare geometry.
    offset : tuple[float, float]
        Added to every coordinate: ``openslide.bounds-x`` and ``-y`` for a file from QuPath, whose origin
        is the corner of the scanned part.
    object_types : Container[str] | None
        Only these of QuPath's object types; None for all. What is left out costs little.

    Raises
    ------
    AnnotationFormatError
        If it is not GeoJSON; the reason says where.
    StorageError
        If the file cannot be read.
    """
    collected = _Collected(path, offset, object_types)
    try:
        for feature in _features(path, _decoded(path)):
            collected.add(feature)
    except RecursionError as error:
        raise AnnotationFormatError(path, "its objects are nested too deeply.") from error
    return collected.content()


def write_geojson(
    path: Path,
    annotations: Iterable[Annotation],
    classes: Mapping[str, Color],
    *,
    offset: tuple[float, float] = (0.0, 0.0),
) -> None:
    """Write a FeatureCollection, one feature a line, whole or not at all; compressed if it ends in ``.gz``.

    Parameters
    ----------
    path : Path
        The file; its folder must exist.
    annotations : Iterable[Annotation]
        Read once, written as they come, so that a file may be larger than memory.
    classes : Mapping[str, Color]
        Class colors.
    offset : tuple[float, float]
        Subtracted from every coordinate: ``openslide.bounds-x`` and ``-y`` for QuPath.

    Raises
    ------
    StorageError
        If the file cannot be written; an older one stays as it was.
    """
    with atomic_file(path) as temporary, temporary.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as packed:
                _write(packed, annotations, classes, offset)
        else:
            _write(file, annotations, classes, offset)


def _write(
    file: IO[bytes] | gzip.GzipFile,
    annotations: Iterable[Annotation],
    classes: Mapping[str, Color],
    offset: tuple[float, float],
) -> None:
    file.write(b'{"type":"FeatureCollection","features":[')
    separator = b"\n"
    for annotation in annotations:
        file.write(separator + orjson.dumps(feature_of(annotation, classes, offset)))
        separator = b",\n"
    file.write(b"\n]}\n")


@dataclass(slots=True)
class _Collected:
    """What has been read so far."""

    path: Path
    offset: tuple[float, float]
    object_types: Container[str] | None
    annotations: dict[UUID, Annotation] = field(default_factory=dict)
    classes: dict[str, Color | None] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    number: int = 0

    def add(self, value: Any) -> None:
        self.number += 1
        number = self.number
        try:
            feature = _as_feature(value)
            if self.object_types is None or object_type_of(feature) in self.object_types:
                self._take(annotations_of(feature, number, self.offset))
            children = children_of(feature)
        except FeatureError as error:
            raise AnnotationFormatError(self.path, f"feature {number}: {error}.") from error
        for child in children:
            self.add(child)

    def _take(self, found: FeatureContent) -> None:
        for annotation in found.annotations:
            self._keep(annotation, found.class_color)
        self.warnings.extend(f"Feature {self.number}: {warning}." for warning in found.warnings)

    def _keep(self, annotation: Annotation, class_color: Color | None) -> None:
        if annotation.id in self.annotations:
            self.warnings.append(f"Feature {self.number}: its id occurs twice; it was given a new one.")
            annotation = replace(annotation, id=uuid5(annotation.id, f"again {self.number}"))
        self.annotations[annotation.id] = annotation
        name = annotation.class_name
        if name is not None and self.classes.get(name) is None:
            self.classes[name] = class_color

    def content(self) -> GeoJsonContent:
        classes = (AnnotationClass(name, color or color_for(name)) for name, color in self.classes.items())
        warnings = self.warnings[:MAX_WARNINGS]
        if len(self.warnings) > MAX_WARNINGS:
            warnings.append(f"{len(self.warnings) - MAX_WARNINGS} more warnings.")
        return GeoJsonContent(tuple(self.annotations.values()), tuple(classes), tuple(warnings))


def _as_feature(value: Any) -> Json:
    """A Feature as it is; a bare geometry as a feature of nothing else."""
    if not isinstance(value, dict):
        raise FeatureError("it is not an object")
    if value.get("type") == "Feature":
        return value
    if value.get("type") in _GEOMETRIES:
        return {"type": "Feature", "geometry": value}
    raise FeatureError(f"it is a {value.get('type')}, not a Feature")


def _features(path: Path, document: Any) -> Iterator[Any]:
    """The features of anything that QuPath reads, nested collections included."""
    if isinstance(document, list):
        for entry in document:
            yield from _features(path, entry)
    elif isinstance(document, dict) and document.get("type") == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            raise AnnotationFormatError(path, "its FeatureCollection has no list of features.")
        yield from features
    elif isinstance(document, dict):
        yield document
    else:
        raise AnnotationFormatError(path, "it holds neither features nor a geometry.")


def _decoded(path: Path) -> Any:
    data = _unpacked(path, _read(path)).removeprefix(b"\xef\xbb\xbf")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        strict = error
    try:  # QuPath's reader accepts NaN and Infinity as bare words, and so does this one
        document = json.loads(data)
        # Half a Unicode pair or a huge number could be read but never written again.
        orjson.dumps(document)
    except UnicodeDecodeError as error:
        raise AnnotationFormatError(path, f"byte {error.start} is not UTF-8 text.") from error
    except (json.JSONDecodeError, RecursionError, TypeError) as error:
        where = f"line {strict.lineno}, column {strict.colno}"
        raise AnnotationFormatError(path, f"{where}: {strict.msg}.") from error
    else:
        return document


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error


def _unpacked(path: Path, data: bytes) -> bytes:
    try:
        if data.startswith(b"\x1f\x8b"):
            return gzip.decompress(data)
        if data.startswith(b"PK\x03\x04"):
            return _from_zip(path, data)
    # The last two are how zipfile refuses an encrypted archive and one of a rare compression.
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise AnnotationFormatError(path, f"it cannot be unpacked: {error}.") from error
    return data


def _from_zip(path: Path, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith((".geojson", ".json"))]
        if not names:
            raise AnnotationFormatError(path, "there is no .geojson file in the archive.")
        return archive.read(names[0])
