"""Where each feature of a block keeps what is its own: id, coordinates and measurements.

Features that one program wrote are alike but for these three. Found by quotes and braces for a whole block
at a time; nothing is decoded here, and what is not found is simply left to the slower way. Any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.storage.geojson_blocks import Positions, TextBlock

_COLON, _SPACE, _DASH, _LIST_END, _OBJECT = b": -]{"
_ID_LENGTH = 36
_DASHES = (8, 13, 18, 23)
_IS_HEX = np.zeros(256, dtype=np.bool_)
_IS_HEX[np.frombuffer(b"0123456789abcdefABCDEF", np.uint8)] = True


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """Three stretches of text in each feature of a block; -1 where one is not there.

    Attributes
    ----------
    ids, id_ends : Positions
        A UUID in its usual form, without the quotes.
    coordinates, coordinate_ends : Positions
        The geometry's coordinates: a list of anything but strings and objects.
    measurements, measurement_ends : Positions
        An object without objects in it.
    """

    ids: Positions
    id_ends: Positions
    coordinates: Positions
    coordinate_ends: Positions
    measurements: Positions
    measurement_ends: Positions

    @classmethod
    def of(cls, block: TextBlock) -> Slots:
        """Find them."""
        return cls(*_ids(block), *_coordinates(block), *_measurements(block))

    def uuids(self, block: TextBlock, rows: NDArray[np.int64]) -> NDArray[np.bytes_]:
        """``S16`` ``(M,)``: the ids of rows that have one."""
        codes = block.marks.codes[self.ids[rows, None] + np.arange(_ID_LENGTH)]
        digits = np.delete(codes, _DASHES, axis=1)
        return np.frombuffer(bytes.fromhex(digits.tobytes().decode("ascii")), dtype="S16")


def _ids(block: TextBlock) -> tuple[Positions, Positions]:
    codes, quotes = block.marks.codes, block.marks.quotes
    keys = _keys(block, b"id", depth=1)
    keys = keys[2 * keys + 3 < len(quotes)]
    opening = quotes[2 * keys + 2]
    stated = opening == _after_colon(codes, quotes[2 * keys + 1])
    stated &= quotes[2 * keys + 3] - opening == _ID_LENGTH + 1
    starts = opening[stated] + 1
    text = codes[starts[:, None] + np.arange(_ID_LENGTH)]
    usual = _IS_HEX[text]
    usual[:, _DASHES] = text[:, _DASHES] == _DASH
    if not usual.all():
        starts = starts[usual.all(axis=1)]
    return _by_feature(block, starts, starts + _ID_LENGTH)


def _coordinates(block: TextBlock) -> tuple[Positions, Positions]:
    codes, marks = block.marks.codes, block.marks
    keys = _keys(block, b"coordinates", depth=2)
    starts = _after_colon(codes, marks.quotes[2 * keys + 1])
    # Nothing but lists and numbers comes before the next quote or brace, or it is no usual geometry.
    edges = np.concatenate([marks.quotes, [len(codes)]])[2 * keys + 2]
    edges = np.minimum(edges, np.append(marks.braces, len(codes))[np.searchsorted(marks.braces, starts)])
    ends = np.where(codes[edges - 1] == _LIST_END, edges, edges - 1)
    for row in np.flatnonzero(codes[ends - 1] != _LIST_END).tolist():
        ends[row] = block.text.rfind(b"]", int(starts[row]), int(edges[row])) + 1
    found = ends > starts
    return _by_feature(block, starts[found], ends[found])


def _measurements(block: TextBlock) -> tuple[Positions, Positions]:
    codes, marks = block.marks.codes, block.marks
    keys = _keys(block, b"measurements", depth=2)
    starts = _after_colon(codes, marks.quotes[2 * keys + 1])
    braces = np.append(marks.braces, [len(codes) - 1, len(codes) - 1])
    at = np.searchsorted(marks.braces, starts)
    found = (braces[at] == starts) & (codes[braces[at]] == _OBJECT) & (codes[braces[at + 1]] != _OBJECT)
    return _by_feature(block, starts[found], braces[at + 1][found] + 1)


def _keys(block: TextBlock, name: bytes, *, depth: int) -> Positions:
    """Which strings of a block are this member's name, at a depth within the feature."""
    quotes, codes = block.marks.quotes, block.marks.codes
    pairs = len(quotes) // 2
    opening, closing = quotes[0 : 2 * pairs : 2], quotes[1 : 2 * pairs : 2]
    found = np.flatnonzero(closing - opening == len(name) + 1)
    # Compared from the end, where names of one length differ soonest.
    for back, code in enumerate(reversed(name), start=1):
        found = found[codes[closing[found] - back] == code]
    is_name = codes[np.minimum(closing[found] + 1, len(codes) - 1)] == _COLON
    found = found[is_name]
    keys: Positions = found[block.marks.depth_at(opening[found]) == depth]
    return keys


def _after_colon(codes: NDArray[np.uint8], closing: Positions) -> Positions:
    """Where a value begins, after a colon and at most one space."""
    after = np.minimum(closing + 2, len(codes) - 1)
    starts: Positions = after + (codes[after] == _SPACE)
    return starts


def _by_feature(block: TextBlock, starts: Positions, ends: Positions) -> tuple[Positions, Positions]:
    """The first stretch of each feature, in rows of the block."""
    rows = np.searchsorted(block.starts, starts, side="right") - 1
    inside = (rows >= 0) & (ends <= block.ends[rows])
    rows, starts, ends = rows[inside], starts[inside], ends[inside]
    is_first = np.diff(rows, prepend=-1) > 0
    firsts, lasts = np.full((2, len(block)), -1, dtype=np.int64)
    firsts[rows[is_first]] = starts[is_first]
    lasts[rows[is_first]] = ends[is_first]
    return firsts, lasts
