"""The rows of the table of annotations as columns: which annotation each is, and what it is sorted by.

A Python object for each of a million rows would take more memory than the annotations themselves. Knows
nothing of Qt; used on the GUI thread.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import AnnotationChunk, id_array, uuids_of
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.id_set import halves, rows_among


@dataclass(slots=True, eq=False)
class AnnotationRows:
    """Ids in row order, each with a number by which the rows are in order.

    Attributes
    ----------
    ids : NDArray[np.bytes_]
        ``S16`` ``(N,)``.
    keys : FloatArray
        float64 ``(N,)``.
    """

    ids: NDArray[np.bytes_]
    keys: FloatArray

    @classmethod
    def of(cls, ids: NDArray[np.bytes_]) -> AnnotationRows:
        """Rows in the order of some ids (``S16``), with their numbers as keys."""
        return cls(ids, np.arange(len(ids), dtype=np.float64))

    def __len__(self) -> int:
        return len(self.ids)

    def id_at(self, row: int) -> UUID:
        """The annotation of a row."""
        (found,) = uuids_of(self.ids[row : row + 1])
        return found

    def rows_of(self, ids: NDArray[np.bytes_]) -> list[int]:
        """The rows of those annotations (``S16``) that are listed, in ascending order; quick for a few."""
        rows: list[int] = rows_among(self.ids, ids).tolist()
        return rows

    def place(self, key: float, *, descending: bool) -> int:
        """Where a row of some key belongs: behind its equals in ascending order, before them otherwise."""
        if descending:
            return len(self) - int(np.searchsorted(self.keys[::-1], key, side="right"))
        return int(np.searchsorted(self.keys, key, side="right"))

    def insert(self, row: int, annotation_id: UUID, key: float) -> None:
        """Put an annotation before the one of a row."""
        self.ids = np.insert(self.ids, row, id_array([annotation_id]))
        self.keys = np.insert(self.keys, row, key)

    def put(self, ids: NDArray[np.bytes_], keys: FloatArray, *, descending: bool) -> None:
        """Put annotations where their keys (float64 ``(M,)``) belong, all at once."""
        order = np.argsort(-keys if descending else keys, kind="stable")
        rows = [self.place(key, descending=descending) for key in keys[order].tolist()]
        self.ids = np.insert(self.ids, rows, ids[order])
        self.keys = np.insert(self.keys, rows, keys[order])

    def remove(self, rows: Sequence[int]) -> None:
        """Take rows out."""
        self.ids, self.keys = np.delete(self.ids, rows), np.delete(self.keys, rows)

    def positions(self, ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
        """Where each row is among some ids (``S16``), int64 ``(N,)``; every row must be one of them."""
        there, here = halves(ids), halves(self.ids)
        if np.array_equal(there, here):
            return np.arange(len(self), dtype=np.int64)
        positions = np.empty(len(self), dtype=np.int64)
        positions[_sorted(here)] = _sorted(there)
        return positions

    def sorted_by(self, keys: FloatArray, *, descending: bool) -> tuple[AnnotationRows, NDArray[np.int64]]:
        """The rows in order of new keys, equals as they were, and which row each of them was before."""
        order = stable_order(-keys if descending else keys)
        return AnnotationRows(self.ids[order], keys[order]), order


class TextKeys:
    """Numbers that are in the order of texts: one for each different text, with room for new ones between."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts = sorted(set(texts))
        self._keys = [float(number) for number in range(len(self._texts))]

    def key(self, text: str) -> float:
        """The number of a text, a new one where it was not known."""
        place = bisect_left(self._texts, text)
        if place == len(self._texts) or self._texts[place] != text:
            before = self._keys[place - 1] if place else (self._keys[0] - 2 if self._keys else -1.0)
            after = self._keys[place] if place < len(self._keys) else before + 2
            self._texts.insert(place, text)
            self._keys.insert(place, (before + after) / 2)
        return self._keys[place]


def snapshot_ids(snapshot: AnnotationSnapshot) -> NDArray[np.bytes_]:
    """All ids as ``S16``, in the snapshot's order."""
    return np.concatenate([np.zeros(0, dtype="S16"), *(chunk.ids for chunk in snapshot.chunks)])


def text_keys(
    snapshot: AnnotationSnapshot,
    alike: Callable[[AnnotationChunk], NDArray[np.int64]],
    text: Callable[[Annotation], str],
) -> tuple[FloatArray, TextKeys]:
    """Numbers in the order of a column of text, float64 ``(N,)``, and what gives numbers to later texts.

    Parameters
    ----------
    snapshot : AnnotationSnapshot
        The annotations.
    alike : Callable[[AnnotationChunk], NDArray[np.int64]]
        ``(N,)``: objects of a chunk with the same number have the same text, which is made once for them.
    text : Callable[[Annotation], str]
        What an annotation is sorted by.
    """
    numbers: dict[str, int] = {}
    columns = []
    for chunk in snapshot.chunks:
        _, first, inverse = np.unique(alike(chunk), return_index=True, return_inverse=True)
        texts = [numbers.setdefault(text(chunk[row]), len(numbers)) for row in first.tolist()]
        columns.append(np.array(texts, dtype=np.int64)[inverse])
    keys = TextKeys(numbers)
    ranks = np.array([keys.key(entry) for entry in numbers])
    return ranks[np.concatenate([np.zeros(0, dtype=np.int64), *columns])], keys


def stable_order(keys: FloatArray) -> NDArray[np.int64]:
    """What ``np.argsort(keys, kind="stable")`` gives, several times as fast where few keys are equal.

    The quick sort of current processors does not keep the order of equals: it is mended afterwards.
    """
    order: NDArray[np.int64] = np.argsort(keys)
    ordered = keys[order]
    same = (ordered[1:] == ordered[:-1]) | np.isnan(ordered[:-1])
    if not same.any():
        return order
    equal = np.append(same, False) | np.insert(same, 0, False)
    places = equal.nonzero()[0]
    if 4 * len(places) > len(keys):
        return np.argsort(keys, kind="stable")
    rows = order[places]
    order[places] = rows[np.lexsort((rows, ordered[places]))]
    return order


def _sorted(pairs: NDArray[np.uint64]) -> NDArray[np.int64]:
    order = np.argsort(pairs[:, 0])
    ordered = pairs[order, 0]
    if (ordered[1:] == ordered[:-1]).any():
        return np.lexsort((pairs[:, 1], pairs[:, 0]))
    return order
