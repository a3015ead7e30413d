"""Coordinates of many geometries of one type, from their text straight into arrays.

Decoding a polygon into nested lists takes three times as long as its numbers, and most of the memory. Here
the brackets of all geometries are looked at as a text of their own, and the numbers are decoded as one flat
list. Any thread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from desktop_app.domain.arrays import FloatArray

FlatGeometry: TypeAlias = Literal["Point", "MultiPoint", "LineString", "Polygon", "MultiPolygon"]

_OPEN, _CLOSE, _VERTEX, _COMMA = b"[]v,"
_BRACKETS_TO_SPACE = bytes.maketrans(b"[]", b"  ")
_NUMBERS_AND_SPACE = b"0123456789.-+eE \t\r\n"
_SPACE = b" \t\r\n"
_RING = rb"\[v(?:,v)*+\]"
_POLYGON = rb"\[" + _RING + rb"(?:," + _RING + rb")*+\]"
_MULTI = rb"\[" + _POLYGON + rb"(?:," + _POLYGON + rb")*+\]"


def _many(one: bytes) -> re.Pattern[bytes]:
    return re.compile(one + rb"(?:," + one + rb")*+")


_SHAPES: Mapping[FlatGeometry, re.Pattern[bytes]] = {
    "Point": _many(rb"v"),
    "MultiPoint": _many(_RING),
    "LineString": _many(_RING),
    "Polygon": _many(_POLYGON),
    "MultiPolygon": _many(_MULTI),
}
"""How each type is bracketed, where ``v`` is a vertex."""


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates:
    """The vertices of some geometries.

    Attributes
    ----------
    ring_counts : NDArray[np.int64]
        ``(N,)``: rings of each geometry; a line and points have one.
    holes : NDArray[np.bool_]
        ``(R,)``: whether a ring is a hole of the part before it.
    vertex_counts : NDArray[np.int64]
        ``(R,)``: vertices of each ring, as written.
    points : FloatArray
        float64 ``(V, 2)``, as written.
    """

    ring_counts: NDArray[np.int64]
    holes: NDArray[np.bool_]
    vertex_counts: NDArray[np.int64]
    points: FloatArray


def coordinates_of(texts: Sequence[bytes], kind: FlatGeometry) -> Coordinates | None:
    """Decode the ``coordinates`` members of some geometries, none of which may hold a string or an object.

    Returns
    -------
    Coordinates | None
        None where not every one is well-formed and of two numbers a vertex: they are to be looked at one by
        one then.
    """
    text = b",".join(texts)
    if not _commas_are_between(text):
        return None
    skeleton = text.translate(None, _NUMBERS_AND_SPACE).replace(b"[,]", b"v")
    if _SHAPES[kind].fullmatch(skeleton) is None:
        return None
    try:
        numbers = orjson.loads(b"[" + text.translate(_BRACKETS_TO_SPACE) + b"]")
    except orjson.JSONDecodeError:
        return None
    points = np.array(numbers, dtype=np.float64)
    ring_counts, holes, vertex_counts = _structure(np.frombuffer(skeleton, np.uint8), kind)
    if len(ring_counts) != len(texts) or len(points) != 2 * vertex_counts.sum():
        return None
    return Coordinates(ring_counts, holes, vertex_counts, points.reshape(-1, 2))


def _commas_are_between(text: bytes) -> bool:
    """Whether no comma stands next to the inside of a bracket.

    With the bracketing checked, and as many numbers as vertices need, no number can then stand anywhere else
    than in a vertex.
    """
    dense = text.translate(None, _SPACE) if any(space in text for space in _SPACE) else text
    codes = np.frombuffer(dense, np.uint8)
    commas = np.flatnonzero(codes == _COMMA)
    if not len(commas):
        return True
    if commas[0] == 0 or commas[-1] == len(codes) - 1:
        return False
    return not ((codes[commas - 1] == _OPEN) | (codes[commas + 1] == _CLOSE)).any()


def _structure(
    codes: NDArray[np.uint8], kind: FlatGeometry
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Rings of each geometry, which are holes, and vertices of each ring, from the brackets alone."""
    if kind == "Point":
        ones = np.ones(int((codes == _VERTEX).sum()), dtype=np.int64)
        return ones, np.zeros(len(ones), dtype=np.bool_), ones
    openings, closings = np.flatnonzero(codes == _OPEN), np.flatnonzero(codes == _CLOSE)
    rings = openings[codes[openings + 1] == _VERTEX]
    ring_ends = closings[codes[closings - 1] == _VERTEX]
    vertex_counts = (ring_ends - rings) // 2
    if kind in ("MultiPoint", "LineString"):
        ones = np.ones(len(rings), dtype=np.int64)
        return ones, np.zeros(len(ones), dtype=np.bool_), vertex_counts
    holes = codes[rings - 1] != _OPEN
    level = 1 if kind == "Polygon" else 2
    outer = closings[(codes[closings - 1] == _CLOSE) & (codes[closings - level] == _CLOSE)]
    before = np.searchsorted(ring_ends, outer)
    return np.diff(before, prepend=0), holes, vertex_counts
