"""Blocks of usual features straight into columns, without an object for any of them.

Features of one program differ in id, coordinates and measurements; the rest of their text recurs. What that
rest means is read once, by the reader of single features, from a feature with stand-ins in these places;
every other feature with the same rest then only needs its own three decoded. So both ways cannot differ in
meaning, and whatever does not fit is left to the other. One per file, any thread.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
import orjson
from numpy.typing import NDArray

from desktop_app.domain.annotation import Annotation, Color
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk, packed_color, snapped
from desktop_app.domain.annotation_columns import Interned, Ragged
from desktop_app.domain.arrays import FloatArray
from desktop_app.storage.geojson_blocks import TextBlock
from desktop_app.storage.geojson_coordinates import Coordinates, FlatGeometry, coordinates_of
from desktop_app.storage.geojson_features import annotations_of, children_of
from desktop_app.storage.geojson_geometry import MAX_COORDINATE, FeatureError, Json
from desktop_app.storage.geojson_slots import Slots

MAX_PROTOTYPES = 4096
"""So many different rests are remembered; a file with more has nothing that recurs."""

_UNUSUAL, _UNWANTED = -1, -2

_ID = "00000000-0000-4000-8000-00000000c5a1"
_COORDINATES = "@coordinates"
_MEASUREMENTS = {"@measurements": 0}
_STAND_INS: Mapping[FlatGeometry, Any] = {
    "Point": [0, 0],
    "MultiPoint": [[0, 0]],
    "LineString": [[0, 0], [0, 1]],
    "Polygon": [[[0, 0], [1, 0], [0, 1]]],
    "MultiPolygon": [[[[0, 0], [1, 0], [0, 1]]]],
}

Rows: TypeAlias = NDArray[np.int64]
_Rest: TypeAlias = tuple[int, bytes, bytes, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Prototype:
    """What all features with the same rest have in common.

    Attributes
    ----------
    annotation : Annotation
        With a stand-in for id and shape, and no measurements.
    geometry : FlatGeometry
        The type of its geometry.
    class_color : Color | None
        The color that the file gives its class.
    """

    annotation: Annotation
    geometry: FlatGeometry
    class_color: Color | None


@dataclass(frozen=True, slots=True, eq=False)
class DecodedRows:
    """What of a block could be decoded.

    Attributes
    ----------
    chunk : AnnotationChunk
        The annotations.
    rows : Rows
        The feature of the block that each of them was.
    others : Rows
        Features that have to be read one by one, in order.
    firsts : tuple[tuple[int, Prototype], ...]
        The first row of each prototype in the block.
    """

    chunk: AnnotationChunk
    rows: Rows
    others: Rows
    firsts: tuple[tuple[int, Prototype], ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """Measurements of some rows; ``bad`` are those that hold something else than numbers."""

    names: list[tuple[str, ...] | None]
    values: list[list[float]]
    bad: NDArray[np.bool_]


class ColumnDecoder:
    """Decodes the blocks of one file.

    Parameters
    ----------
    offset : tuple[float, float]
        Added to every coordinate.
    object_types : Container[str] | None
        Only these of QuPath's object types; None for all.
    """

    def __init__(self, offset: tuple[float, float], object_types: Container[str] | None) -> None:
        self._offset = offset
        self._wanted = object_types
        self._known: dict[_Rest, int] = {}
        self._prototypes: list[Prototype] = []

    def decode(self, block: TextBlock) -> DecodedRows:
        """Decode what is usual of a block."""
        slots = Slots.of(block)
        numbers = self._numbers(block, slots)
        decoded = [self._decode_rows(block, slots, numbers, rows) for rows in self._by_geometry(numbers)]
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *(rows for _, rows in decoded)])
        chunk = AnnotationChunk.joined([chunk for chunk, _ in decoded])
        if len(decoded) > 1:
            order = np.argsort(rows, kind="stable")
            chunk, rows = chunk.take(order), rows[order]
        others = numbers != _UNWANTED
        others[rows] = False
        return DecodedRows(chunk, rows, np.flatnonzero(others), self._firsts(numbers, rows))

    def _firsts(self, numbers: Rows, rows: Rows) -> tuple[tuple[int, Prototype], ...]:
        used, first = np.unique(numbers[rows], return_index=True)
        return tuple(
            (int(rows[row]), self._prototypes[number])
            for number, row in zip(used.tolist(), first.tolist(), strict=True)
        )

    def _by_geometry(self, numbers: Rows) -> list[Rows]:
        kinds = [prototype.geometry for prototype in self._prototypes]
        names = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
        table = np.array([*(names[kind] for kind in kinds), -1, -1], dtype=np.int64)
        groups = table[numbers]  # the last two are those of the unwanted and the unusual
        found = (np.flatnonzero(groups == group) for group in range(len(names)))
        return [rows for rows in found if len(rows)]

    def _numbers(self, block: TextBlock, slots: Slots) -> Rows:
        """The prototype of each row, or why it has none."""
        numbers = np.full(len(block), _UNUSUAL, dtype=np.int64)
        usual = np.flatnonzero((slots.ids >= 0) & (slots.coordinates >= 0))
        starts = np.column_stack([slots.ids, slots.coordinates, slots.measurements])[usual]
        ends = np.column_stack([slots.id_ends, slots.coordinate_ends, slots.measurement_ends])[usual]
        missing = starts < 0
        starts, ends = (np.where(missing, block.ends[usual, None], place) for place in (starts, ends))
        order = np.argsort(starts, axis=1, kind="stable")
        starts, ends = (np.take_along_axis(place, order, axis=1) for place in (starts, ends))
        codes = order @ np.array([100, 10, 1]) + 1000 * missing[:, 2]
        cuts = np.column_stack([codes, block.starts[usual], starts, ends, block.ends[usual]])
        text, known = block.text, self._known
        for row, (code, a, b, d, f, c, e, g, h) in zip(usual.tolist(), cuts.tolist(), strict=True):
            rest = (code, text[a:b], text[c:d], text[e:f], text[g:h])
            number = known.get(rest)
            numbers[row] = self._learn(rest) if number is None else number
        return numbers

    def _learn(self, rest: _Rest) -> int:
        if len(self._known) >= MAX_PROTOTYPES:
            return _UNUSUAL
        prototype = _prototype(rest, self._offset)
        number = _UNUSUAL
        if prototype is not None and self._wanted is not None:
            number = _UNUSUAL if prototype.annotation.object_type in self._wanted else _UNWANTED
        if prototype is not None and number != _UNWANTED:
            number = len(self._prototypes)
            self._prototypes.append(prototype)
        self._known[rest] = number
        return number

    def _decode_rows(
        self, block: TextBlock, slots: Slots, numbers: Rows, rows: Rows
    ) -> tuple[AnnotationChunk, Rows]:
        """Decode rows of one geometry type; those that turn out unusual are left out."""
        kind = self._prototypes[int(numbers[rows[0]])].geometry
        places = zip(slots.coordinates[rows].tolist(), slots.coordinate_ends[rows].tolist(), strict=True)
        found = coordinates_of([block.text[start:end] for start, end in places], kind)
        if found is None:
            return AnnotationChunk.of(()), rows[:0]
        measured = _measured(block, slots, rows)
        shapes = _Shapes.of(found, np.asarray(self._offset), kind)
        bad = shapes.bad | measured.bad
        if bad.all():
            return AnnotationChunk.of(()), rows[:0]
        if bad.any():
            return self._decode_rows(block, slots, numbers, rows[~bad])
        return self._chunk(slots.uuids(block, rows), numbers[rows], shapes, measured), rows

    def _chunk(
        self, ids: NDArray[np.bytes_], numbers: Rows, shapes: _Shapes, measured: _Measured
    ) -> AnnotationChunk:
        used, inverse = np.unique(numbers, return_inverse=True)
        common = [self._prototypes[number].annotation for number in used.tolist()]
        points = snapped(shapes.points)
        # Column by column, since numpy reduces short rows slowly.
        origin = np.floor([(points[:, axis].min() + points[:, axis].max()) / 2 for axis in (0, 1)])
        offsets = (points - origin).astype(np.float32)
        rings, vertices = Ragged.of(shapes.ring_counts), Ragged.of(shapes.vertex_counts)
        firsts = vertices.starts[rings.starts[:-1]]
        kinds = np.array([_drawn_kind(a) for a in common], dtype=np.uint8)[inverse]
        kinds[shapes.rectangles & (kinds == KINDS.index("polygon"))] = KINDS.index("rectangle")
        return AnnotationChunk(
            origin=origin,
            ids=ids,
            kinds=kinds,
            locked=np.array([a.locked for a in common], dtype=np.bool_)[inverse],
            hidden=np.array([a.hidden for a in common], dtype=np.bool_)[inverse],
            colors=np.array([packed_color(a.color) for a in common], dtype=np.int32)[inverse],
            rings=rings,
            holes=shapes.holes,
            vertices=vertices,
            offsets=offsets,
            boxes=np.hstack([np.minimum.reduceat(offsets, firsts), np.maximum.reduceat(offsets, firsts)]),
            measured=Ragged.of([len(values) for values in measured.values]),
            values=np.array([value for values in measured.values for value in values], dtype=np.float64),
            schemas=Interned.of(measured.names),
            class_names=Interned.of(a.class_name for a in common).take(inverse),
            names=Interned.of(a.name or None for a in common).take(inverse),
            object_types=Interned.of(a.object_type for a in common).take(inverse),
            rois=Interned.of(a.roi for a in common).take(inverse),
            origins=Interned.of(a.origin for a in common).take(inverse),
            extras=Interned.of(a.extra or None for a in common).take(inverse),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Shapes:
    """Shapes with open rings, moved; ``bad`` are those that cannot be one, ``rectangles`` upright ones."""

    ring_counts: Rows
    holes: NDArray[np.bool_]
    vertex_counts: Rows
    points: FloatArray
    bad: NDArray[np.bool_]
    rectangles: NDArray[np.bool_]

    @classmethod
    def of(cls, found: Coordinates, offset: FloatArray, kind: FlatGeometry) -> _Shapes:
        points: FloatArray = found.points + offset
        counts = found.vertex_counts
        is_area = kind in ("Polygon", "MultiPolygon")
        if is_area:
            points, counts = _opened(points, counts)
        ring_rows = np.repeat(np.arange(len(found.ring_counts)), found.ring_counts)
        least = 3 if is_area else 2 if kind == "LineString" else 1
        bad = np.zeros(len(found.ring_counts), dtype=np.bool_)
        bad[ring_rows[(counts < least) | (found.vertex_counts < least)]] = True
        # Not a number is not within reach either.
        reached = np.abs(points) <= MAX_COORDINATE
        if not reached.all():
            bad[np.repeat(ring_rows, counts)[~reached.all(axis=1)]] = True
        rectangles = np.zeros(len(bad), dtype=np.bool_)
        if kind == "Polygon":
            first_rings = np.cumsum(found.ring_counts) - found.ring_counts
            four = np.flatnonzero((found.ring_counts == 1) & (counts[first_rings] == 4))
            starts = (np.cumsum(counts) - counts)[first_rings[four]]
            rectangles[four] = _are_upright(points[starts[:, None] + np.arange(4)])
        return cls(found.ring_counts, found.holes, counts, points, bad, rectangles)


def _opened(points: FloatArray, counts: Rows) -> tuple[FloatArray, Rows]:
    """Rings without a last vertex that is the first again."""
    ends = np.cumsum(counts)
    lasts = ends - 1
    same = points[ends - counts] == points[lasts]
    closed = same[:, 0] & same[:, 1] & (counts > 1)
    kept = np.ones(len(points), dtype=np.bool_)
    kept[lasts[closed]] = False
    return points[np.flatnonzero(kept)], counts - closed


def _are_upright(corners: FloatArray) -> NDArray[np.bool_]:
    """Which of some ``(N, 4, 2)`` are rectangles along the axes; as ``geojson_geometry`` tells one."""
    same = corners == np.roll(corners, -1, axis=1)
    vertical, horizontal = same[..., 0], same[..., 1]
    turns = (horizontal != vertical) & (horizontal != np.roll(horizontal, -1, axis=1))
    upright: NDArray[np.bool_] = turns.all(axis=1)
    return upright


def _drawn_kind(annotation: Annotation) -> int:
    return KINDS.index("polygon" if annotation.kind == "rectangle" else annotation.kind)


def _measured(block: TextBlock, slots: Slots, rows: Rows) -> _Measured:
    names: list[tuple[str, ...] | None] = [None] * len(rows)
    values: list[list[float]] = [[]] * len(rows)
    bad = np.zeros(len(rows), dtype=np.bool_)
    stated = np.flatnonzero(slots.measurements[rows] >= 0)
    places = np.column_stack([slots.measurements, slots.measurement_ends])[rows[stated]].tolist()
    texts = [block.text[start:end] for start, end in places]
    try:
        found: list[dict[str, Any]] = orjson.loads(b"[" + b",".join(texts) + b"]")
    except orjson.JSONDecodeError:
        bad[stated] = True
        return _Measured(names, values, bad)
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}
    for row, measurements in zip(stated.tolist(), found, strict=True):
        if not measurements:
            continue
        keys = tuple(measurements)
        names[row] = shared.setdefault(keys, keys)
        values[row] = numbers = list(measurements.values())
        bad[row] = not {int, float}.issuperset(map(type, numbers))
    return _Measured(names, values, bad)


def _prototype(rest: _Rest, offset: tuple[float, float]) -> Prototype | None:
    """Read a rest with stand-ins where each feature has its own; None if it is not a usual feature."""
    feature = _with_stand_ins(rest)
    if feature is None:
        return None
    geometry = cast("Json", feature["geometry"])
    kind = cast("FlatGeometry", geometry.get("type"))
    if kind not in _STAND_INS:
        return None
    geometry["coordinates"] = _STAND_INS[kind]
    try:
        found = annotations_of(feature, 0, offset)
        has_children = bool(children_of(feature))
    except FeatureError:
        return None
    # Measurements outside of their slot, a list of pairs or text, would be the prototype's alone.
    usual = len(found.annotations) == 1 and not found.annotations[0].measurements
    if has_children or found.warnings or not usual:
        return None
    return Prototype(found.annotations[0], kind, found.class_color)


def _with_stand_ins(rest: _Rest) -> Json | None:
    """The decoded feature, if the stand-ins come out where they should."""
    code, *pieces = rest
    stand_ins = (_ID.encode(), orjson.dumps(_COORDINATES), orjson.dumps(_MEASUREMENTS))
    has_measurements = code < 1000
    order = [int(digit) for digit in f"{code % 1000:03d}"]
    text = pieces[0]
    for slot, piece in zip(order, pieces[1:], strict=True):
        text += (stand_ins[slot] if slot < 2 or has_measurements else b"") + piece
    try:
        feature: Json = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    geometry, properties = feature.get("geometry"), feature.get("properties")
    if feature.get("type") != "Feature" or feature.get("id") != _ID or not isinstance(geometry, dict):
        return None
    if geometry.get("coordinates") != _COORDINATES:
        return None
    if has_measurements:
        if not isinstance(properties, dict) or properties.get("measurements") != _MEASUREMENTS:
            return None
        properties["measurements"] = {}
    return feature
