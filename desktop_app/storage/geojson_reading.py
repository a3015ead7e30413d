"""The features of a GeoJSON file gathered into columns, in the file's order, with what is wrong with them.

Blocks of usual features are decoded at once (``geojson_columns``); any other feature, and any text that
cannot be cut into features, is read here one object at a time. One per file, any thread.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import orjson
from numpy.typing import NDArray

from desktop_app.domain.annotation import Annotation, AnnotationClass, Color
from desktop_app.domain.annotation_chunk import AnnotationChunk, id_array
from desktop_app.domain.annotation_classes import color_for
from desktop_app.errors import AnnotationFormatError
from desktop_app.storage.geojson_blocks import FeatureBlocks, TextBlock
from desktop_app.storage.geojson_columns import ColumnDecoder, DecodedRows
from desktop_app.storage.geojson_features import annotations_of, children_of, object_type_of
from desktop_app.storage.geojson_geometry import FeatureError, Json

MAX_WARNINGS = 100
"""After so many warnings the rest is only counted."""

MAX_PROBLEMS = 1000
"""A file with more features that cannot be read is none that could be used."""

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
class FeatureProblem:
    """A feature that cannot be read.

    Attributes
    ----------
    number : int
        Which feature of the file, from 1; nested ones count.
    line, byte : int
        Where it is in the text, from 1.
    reason : str
        What is wrong with it.
    """

    number: int
    line: int
    byte: int
    reason: str

    def __str__(self) -> str:
        return f"feature {self.number} (line {self.line}, byte {self.byte}): {self.reason}."


@dataclass(slots=True)
class _Single:
    """Annotations that were read one by one, each with the row and the number of its feature."""

    annotations: list[Annotation]
    rows: list[int]
    numbers: list[int]


class FeatureGatherer:
    """What has been read of one file so far.

    Parameters
    ----------
    path : Path
        The file, for messages.
    offset : tuple[float, float]
        Added to every coordinate.
    object_types : Container[str] | None
        Only these of QuPath's object types; None for all.
    tolerant : bool
        Whether features that cannot be read are gathered as problems; the first one is an error otherwise.
    """

    def __init__(
        self,
        path: Path,
        *,
        offset: tuple[float, float],
        object_types: Container[str] | None,
        tolerant: bool,
    ) -> None:
        self._path = path
        self._offset = offset
        self._object_types = object_types
        self._tolerant = tolerant
        self._decoder = ColumnDecoder(offset, object_types)
        self._chunks: list[AnnotationChunk] = []
        self._numbers: list[NDArray[np.int64]] = []
        self._classes: dict[str, Color | None] = {}
        self._warnings: list[str] = []
        self._unsaid = 0
        self._number = 0
        self.problems: list[FeatureProblem] = []

    def add_block(self, block: TextBlock, blocks: FeatureBlocks) -> None:
        """Take up a block; it may be gone on with inside of a feature that is damaged."""
        decoded = self._decoder.decode(block)
        single, base, nested = _Single([], [], []), self._number, np.zeros(len(block), dtype=np.int64)
        firsts, end = dict(decoded.firsts), len(block)
        for row in sorted({*decoded.others.tolist(), *firsts}):
            if row in firsts:
                self._use_class(firsts[row].annotation.class_name, firsts[row].class_color)
                continue
            self._number = before = base + row + int(nested.sum())
            is_sound = self._add_text(block, row, blocks, single)
            nested[row] = self._number - before - 1
            if not is_sound and blocks.resume_within(int(block.starts[row]), int(block.ends[row])):
                end = row + 1
                break
        self._number = base + end + int(nested.sum())
        self._gather(decoded, single, base + 1 + np.arange(len(block)) + np.cumsum(nested), end)

    def add_document(self, document: Any) -> None:
        """Take up a decoded document of any form that QuPath reads."""
        single = _Single([], [], [])
        for value in _features(self._path, document):
            self._add_value(value, single, 0, (1, 0))
        self._gather_single(single)

    def report(self, place: tuple[int, int], reason: str, *, counts: bool = True) -> None:
        """Something at a byte (from 0) and line is no feature that can be read.

        Raises
        ------
        AnnotationFormatError
            Unless that is tolerated, or if there are too many.
        """
        self._number += counts
        problem = FeatureProblem(self._number, place[1], place[0] + 1, reason)
        if not self._tolerant:
            raise AnnotationFormatError(self._path, str(problem))
        self.problems.append(problem)
        if len(self.problems) > MAX_PROBLEMS:
            raise AnnotationFormatError(
                self._path,
                f"more than {MAX_PROBLEMS} of its features are damaged, the first is {self.problems[0]}",
            )

    def annotations(self) -> AnnotationChunk:
        """All of them; a later one with the id of an earlier one gets an id of its own."""
        chunk = AnnotationChunk.joined(self._chunks)
        self._chunks.clear()
        again = _repeated(chunk.ids)
        if not len(again):
            return chunk
        numbers, ids = np.concatenate(self._numbers), chunk.ids.copy()
        for row in again.tolist():
            number = int(numbers[row])
            self._warn(f"Feature {number}: its id occurs twice; it was given a new one.")
            key = UUID(bytes=ids[row].ljust(16, b"\0"))
            ids[row] = id_array([uuid5(key, f"again {number}")])[0]
        return replace(chunk, ids=ids)

    def classes(self) -> tuple[AnnotationClass, ...]:
        """The classes used, in order of appearance."""
        found = self._classes.items()
        return tuple(AnnotationClass(name, color or color_for(name)) for name, color in found)

    def warnings(self) -> tuple[str, ...]:
        """What could not be kept."""
        more = (f"{self._unsaid} more warnings.",) if self._unsaid else ()
        return (*self._warnings, *more)

    def _add_text(self, block: TextBlock, row: int, blocks: FeatureBlocks, single: _Single) -> bool:
        """Read the feature of a row; whether its text is JSON."""
        place = blocks.place(int(block.starts[row]))
        try:
            value = decoded_json(block.feature(row))
        except JsonTextError as error:
            self.report((place[0] + error.byte, place[1] + error.line - 1), error.reason)
            return False
        listed = [value] if blocks.is_collection else _features(self._path, value)
        for entry in listed:
            self._add_value(entry, single, row, place[::-1])
        return True

    def _add_value(self, value: Any, single: _Single, row: int, place: tuple[int, int]) -> None:
        self._number += 1
        number, children = self._number, []
        try:
            feature = _as_feature(value)
            children = children_of(feature)
            if self._object_types is None or object_type_of(feature) in self._object_types:
                self._take(annotations_of(feature, number, self._offset), single, row)
        except FeatureError as error:
            self.report(place[::-1], str(error), counts=False)
        for child in children:
            self._add_value(child, single, row, place)

    def _take(self, found: Any, single: _Single, row: int) -> None:
        for annotation in found.annotations:
            single.annotations.append(annotation)
            single.rows.append(row)
            single.numbers.append(self._number)
            self._use_class(annotation.class_name, found.class_color)
        for warning in found.warnings:
            self._warn(f"Feature {self._number}: {warning}.")

    def _use_class(self, name: str | None, color: Color | None) -> None:
        if name is not None and self._classes.get(name) is None:
            self._classes[name] = color

    def _warn(self, warning: str) -> None:
        if len(self._warnings) < MAX_WARNINGS:
            self._warnings.append(warning)
        else:
            self._unsaid += 1

    def _gather(self, decoded: DecodedRows, single: _Single, numbers: NDArray[np.int64], end: int) -> None:
        """Take up what was read of a block before the row ``end``, in the order of its features."""
        kept = np.flatnonzero(decoded.rows < end)
        chunk = decoded.chunk if len(kept) == len(decoded.rows) else decoded.chunk.take(kept)
        found = numbers[decoded.rows[kept]]
        if single.annotations:
            rows = np.concatenate([decoded.rows[kept], np.array(single.rows, dtype=np.int64)])
            order = np.argsort(rows, kind="stable")
            chunk = AnnotationChunk.joined([chunk, AnnotationChunk.of(single.annotations)]).take(order)
            found = np.concatenate([found, np.array(single.numbers, dtype=np.int64)])[order]
        self._chunks.append(chunk)
        self._numbers.append(found)

    def _gather_single(self, single: _Single) -> None:
        self._chunks.append(AnnotationChunk.of(single.annotations))
        self._numbers.append(np.array(single.numbers, dtype=np.int64))


class JsonTextError(ValueError):
    """Text that is not JSON.

    Attributes
    ----------
    reason : str
        What is wrong.
    byte : int
        Where, from 0.
    line, column : int
        Where, from 1.
    """

    def __init__(self, reason: str, byte: int, line: int, column: int) -> None:
        super().__init__(reason)
        self.reason, self.byte, self.line, self.column = reason, byte, line, column


def decoded_json(data: bytes) -> Any:
    """Decode JSON, and what QuPath's reader takes for it besides: NaN and Infinity as bare words.

    Raises
    ------
    JsonTextError
        If it cannot be decoded, or holds what could never be written again.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        strict = error
    before = strict.doc[: strict.pos]
    byte = len(before.encode("utf-8", "surrogatepass"))
    try:
        document = json.loads(data)
        # Half a Unicode pair or a huge number could be read but never written again.
        orjson.dumps(document)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise JsonTextError(
            f"byte {error.start} of it is not UTF-8 text", error.start, line, column
        ) from error
    except (ValueError, RecursionError, TypeError) as error:
        raise JsonTextError(strict.msg, byte, strict.lineno, strict.colno) from error
    else:
        return document


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


def _repeated(ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Rows whose id is that of an earlier row, in order."""
    # The first halves of many ids are sorted in a tenth of the time, and hardly ever is one there twice.
    halves = np.sort(np.ascontiguousarray(ids).view(np.uint64)[::2])
    if not (halves[1:] == halves[:-1]).any():
        return np.zeros(0, dtype=np.int64)
    order = np.argsort(ids, kind="stable")
    again = order[1:][ids[order[1:]] == ids[order[:-1]]]
    return np.sort(again)
