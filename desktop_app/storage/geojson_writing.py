"""Columns as GeoJSON features, chunk by chunk, without an object for any annotation.

Annotations that differ in id, shape and measured values only have the rest of their text in common. It is
made once, by the writer of single features, with stand-ins in these places, so that both write the same.
Any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import numpy as np
import orjson
from numpy.typing import NDArray

from desktop_app.domain.annotation import AREA_KINDS, POINT_KINDS, Color
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk
from desktop_app.domain.arrays import FloatArray
from desktop_app.storage.geojson_features import feature_of, json_number
from desktop_app.storage.geojson_source import TransferWatch

ROWS = 2048
"""So many annotations are written at a time."""

MAX_RESTS = 4096
"""So many texts are remembered."""

_ID = UUID("00000000-0000-4000-8000-00000000c5a1")
_COORDINATES, _MEASUREMENTS = "@coverslip coordinates", "@coverslip measurements"
_ID_TEXT = str(_ID).encode()
_COORDINATES_TEXT, _MEASUREMENTS_TEXT = orjson.dumps(_COORDINATES), orjson.dumps(_MEASUREMENTS)

_AREAS = np.array([kind in AREA_KINDS for kind in KINDS])
_POINTS = np.array([kind in POINT_KINDS for kind in KINDS])

_Rest: TypeAlias = tuple[bytes, bytes, bytes, bytes]
"""What stands before the id, the coordinates and the measurements, and after them; the last but one is empty
where there are none."""


@dataclass(frozen=True, slots=True, eq=False)
class _ChunkText:
    """The parts of a chunk's features that are made for all of them at once.

    Attributes
    ----------
    ids : bytes
        36 letters each.
    vertices : bytes
        All positions, rings of areas closed, as one list.
    ends : list[int]
        Where each position ends in it; the first is where the list begins.
    rings : list[int]
        Where each ring begins among the positions.
    numbers : list[bytes]
        The measured values.
    """

    ids: bytes
    vertices: bytes
    ends: list[int]
    rings: list[int]
    numbers: list[bytes]

    @classmethod
    def of(cls, chunk: AnnotationChunk, offset: tuple[float, float]) -> _ChunkText:
        points, rings = _closed_points(chunk, offset)
        vertices = orjson.dumps(points, option=orjson.OPT_SERIALIZE_NUMPY)
        ends = np.flatnonzero(np.frombuffer(vertices, np.uint8) == ord("]")) + 1
        return cls(_id_texts(chunk), vertices, [0, *ends[:-1].tolist()], rings, _value_texts(chunk.values))

    def positions(self, first: int, last: int) -> bytes:
        """Some positions, a comma between them."""
        return self.vertices[self.ends[first] + 1 : self.ends[last]]

    def ring(self, number: int) -> bytes:
        """One ring as a list."""
        return b"[" + self.positions(self.rings[number], self.rings[number + 1]) + b"]"


class FeatureWriter:
    """Writes the features of one file.

    Parameters
    ----------
    classes : Mapping[str, Color]
        Class colors.
    offset : tuple[float, float]
        Subtracted from every coordinate.
    """

    def __init__(self, classes: Mapping[str, Color], offset: tuple[float, float]) -> None:
        self._classes = classes
        self._offset = offset
        self._rests: dict[tuple[object, ...], _Rest | None] = {}

    def lines(self, chunks: Sequence[AnnotationChunk], watch: TransferWatch) -> Iterator[bytes]:
        """Features, some thousand at a time, each on a line of its own.

        Raises
        ------
        TransferCancelledError
            If it was stopped.
        """
        done, total = 0, sum(map(len, chunks))
        watch.step(done, total)
        for chunk in chunks:
            for start in range(0, len(chunk), ROWS):
                part = chunk if len(chunk) <= ROWS else chunk[start : start + ROWS]
                yield b",\n".join(self._features(part))
                done += len(part)
                watch.step(done, total)

    def _features(self, chunk: AnnotationChunk) -> Iterator[bytes]:
        text = _ChunkText.of(chunk, self._offset)
        rests: dict[bytes, _Rest | None] = {}
        rings, measured = chunk.rings.starts.tolist(), chunk.measured.starts.tolist()
        keys = _keys(chunk)
        width, raw = keys.itemsize * keys.shape[1], keys.tobytes()
        for row, form in enumerate(keys[:, 0].tolist()):
            key = raw[width * row : width * row + width]
            if key not in rests:
                rests[key] = self._rest(chunk, row)
            rest = rests[key]
            if rest is None:
                yield orjson.dumps(feature_of(chunk[row], self._classes, self._offset))
                continue
            coordinates = _coordinates(chunk, text, form, (rings[row], rings[row + 1]))
            values = text.numbers[measured[row] : measured[row + 1]]
            yield b"".join(
                (
                    rest[0],
                    text.ids[36 * row : 36 * row + 36],
                    rest[1],
                    coordinates,
                    rest[2],
                    _measurements(chunk.schemas[row] or (), values) if values else b"",
                    rest[3],
                )
            )

    def _rest(self, chunk: AnnotationChunk, row: int) -> _Rest | None:
        """What the feature of a row shares with others."""
        annotation = chunk[row]
        form = int(_forms(chunk)[row])
        values = (
            form,
            annotation.kind,
            annotation.class_name,
            annotation.name,
            annotation.object_type,
            annotation.color,
            annotation.locked,
            annotation.hidden,
            annotation.roi,
            annotation.origin,
            bool(annotation.measurements),
            annotation.extra,
        )
        if values not in self._rests:
            if len(self._rests) >= MAX_RESTS:
                self._rests.clear()
            self._rests[values] = _cut_text(feature_of(annotation, self._classes, self._offset))
        return self._rests[values]


_SIMPLE, _HOLED, _SEVERAL, _LINE, _ONE_POINT = range(5)
"""Forms of coordinates: one ring, a polygon of several, several polygons, a list of positions, a position."""


def _forms(chunk: AnnotationChunk) -> NDArray[np.int64]:
    ring_counts = np.diff(chunk.rings.starts)
    outer = np.add.reduceat((~chunk.holes).astype(np.int64), chunk.rings.starts[:-1])
    vertex_counts = np.diff(chunk.vertices.starts)[chunk.rings.starts[:-1]]
    areas, points = _AREAS[chunk.kinds], _POINTS[chunk.kinds]
    forms = np.where(ring_counts == 1, _SIMPLE, np.where(outer == 1, _HOLED, _SEVERAL))
    return np.where(areas, forms, np.where(points & (vertex_counts == 1), _ONE_POINT, _LINE))


def _keys(chunk: AnnotationChunk) -> NDArray[np.int64]:
    """int64 ``(N, 12)``: rows with the same have everything in common but id, shape and values."""
    return np.column_stack(
        [
            _forms(chunk),
            chunk.kinds,
            chunk.locked,
            chunk.hidden,
            chunk.colors,
            chunk.class_names.index,
            chunk.names.index,
            chunk.object_types.index,
            chunk.rois.index,
            chunk.origins.index,
            chunk.extras.index,
            np.diff(chunk.measured.starts) > 0,
        ]
    ).astype(np.int64)


def _cut_text(feature: dict[str, object]) -> _Rest | None:
    """A feature's text without what is its own; None where it cannot be told apart."""
    geometry, properties = feature["geometry"], feature["properties"]
    assert isinstance(geometry, dict)
    assert isinstance(properties, dict)
    feature = {**feature, "id": str(_ID), "geometry": {**geometry, "coordinates": _COORDINATES}}
    has_measurements = "measurements" in properties
    if has_measurements:
        feature["properties"] = {**properties, "measurements": _MEASUREMENTS}
    head, *middle = orjson.dumps(feature).split(_ID_TEXT)
    if len(middle) != 1:
        return None
    before, *after = middle[0].split(_COORDINATES_TEXT)
    if len(after) != 1:
        return None
    if not has_measurements:
        return head, before, after[0], b""
    first, *last = after[0].split(_MEASUREMENTS_TEXT)
    return (head, before, first, last[0]) if len(last) == 1 else None


def _coordinates(chunk: AnnotationChunk, text: _ChunkText, form: int, rings: tuple[int, int]) -> bytes:
    if form == _SIMPLE:
        return b"[" + text.ring(rings[0]) + b"]"
    if form == _LINE:
        return text.ring(rings[0])
    if form == _ONE_POINT:
        return text.positions(text.rings[rings[0]], text.rings[rings[0] + 1])
    parts: list[list[bytes]] = []
    for ring, hole in zip(range(*rings), chunk.holes[rings[0] : rings[1]].tolist(), strict=True):
        if hole:
            parts[-1].append(text.ring(ring))
        else:
            parts.append([text.ring(ring)])
    polygons = [b"[" + b",".join(part) + b"]" for part in parts]
    return polygons[0] if form == _HOLED else b"[" + b",".join(polygons) + b"]"


def _closed_points(
    chunk: AnnotationChunk, offset: tuple[float, float]
) -> tuple[NDArray[np.float64], list[int]]:
    """Positions with two decimals, rings of areas closed, and where each ring begins among them."""
    points = np.round(chunk.offsets + chunk.origin - np.asarray(offset), 2) + 0.0
    starts = chunk.vertices.starts
    ring_areas = np.repeat(_AREAS[chunk.kinds], np.diff(chunk.rings.starts))
    closed_starts = starts + np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(ring_areas)])
    source = np.arange(closed_starts[-1], dtype=np.int64)
    source -= np.repeat(closed_starts[:-1] - starts[:-1], np.diff(closed_starts))
    source[closed_starts[1:][ring_areas] - 1] = starts[:-1][ring_areas]
    return np.ascontiguousarray(points[source]), closed_starts.tolist()


def _id_texts(chunk: AnnotationChunk) -> bytes:
    digits = np.frombuffer(chunk.ids.tobytes().hex().encode(), np.uint8).reshape(-1, 32)
    return np.insert(digits, (8, 12, 16, 20), ord("-"), axis=1).tobytes()


def _value_texts(values: FloatArray) -> list[bytes]:
    if not len(values):
        return []
    texts = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
    for row in np.flatnonzero(~np.isfinite(values)).tolist():
        texts[row] = orjson.dumps(json_number(float(values[row])))
    return texts


def _measurements(names: Sequence[str], values: Sequence[bytes]) -> bytes:
    pairs = (orjson.dumps(name) + b":" + value for name, value in zip(names, values, strict=True))
    return b"{" + b",".join(pairs) + b"}"
