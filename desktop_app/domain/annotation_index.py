"""Where each annotation is: a map from id to chunk number that snapshots share.

A dictionary of a million ids could not be copied at every edit; a sorted array that is never changed, with
a small dictionary of what differs from it, can. Pure, on any thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_DELTA = 4096
"""So many differences are kept in the dictionary before the sorted array is made anew."""

MANY = 1000
"""So many ids are looked for together."""

_GONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class AnnotationIndex:
    """Chunk numbers by id.

    Attributes
    ----------
    ids : NDArray[np.bytes_]
        ``S16``, sorted.
    chunks : NDArray[np.int32]
        The chunk number of each of ``ids``.
    delta : Mapping[bytes, int]
        Ids whose chunk number differs from that; -1 for those no longer there. Keys are as numpy gives
        them, without trailing zero bytes.
    """

    ids: NDArray[np.bytes_]
    chunks: NDArray[np.int32]
    delta: Mapping[bytes, int]

    @classmethod
    def of(cls, chunk_ids: Sequence[NDArray[np.bytes_]]) -> AnnotationIndex:
        """The index of chunks, from each chunk's ids."""
        ids = np.concatenate([*chunk_ids, np.zeros(0, dtype="S16")])
        numbers = np.repeat(np.arange(len(chunk_ids), dtype=np.int32), [len(part) for part in chunk_ids])
        order = _sorted_rows(ids)
        return cls(ids[order], numbers[order], {})

    def locate(self, wanted: NDArray[np.bytes_]) -> NDArray[np.int32]:
        """The chunk number of each id, int32 ``(M,)``; -1 for an id that is not there."""
        found = np.full(len(wanted), _GONE, dtype=np.int32)
        if len(self.ids):
            position = self._positions(wanted)
            same = self.ids[position] == wanted
            found[same] = self.chunks[position[same]]
        if self.delta:
            differ = _among(wanted, self.delta)
            found[differ] = [self.delta[key] for key in wanted[differ].tolist()]
        return found

    def _positions(self, wanted: NDArray[np.bytes_]) -> NDArray[np.int64]:
        """Where each id is if it is there; many are looked for by their first halves as numbers."""
        last = len(self.ids) - 1
        if len(wanted) < MANY:
            return np.minimum(np.searchsorted(self.ids, wanted), last)
        position = np.minimum(np.searchsorted(_firsts(self.ids), _firsts(wanted)), last)
        other = np.flatnonzero(self.ids[position] != wanted)  # not there, or behind one that begins alike
        position[other] = np.minimum(np.searchsorted(self.ids, wanted[other]), last)
        return position

    def changed(
        self, removed: NDArray[np.bytes_], added: Sequence[tuple[int, NDArray[np.bytes_]]]
    ) -> AnnotationIndex | None:
        """The index after a change; None where so much changed that it should be made anew.

        Parameters
        ----------
        removed : NDArray[np.bytes_]
            Ids that are gone (or moved to another chunk: then they are in ``added`` too).
        added : Sequence[tuple[int, NDArray[np.bytes_]]]
            Chunk numbers and the ids that are now in them.
        """
        if len(removed) + sum(len(ids) for _, ids in added) > MAX_DELTA:
            return None
        changed = dict.fromkeys(removed.tolist(), _GONE)
        for number, ids in added:
            changed.update(dict.fromkeys(ids.tolist(), number))
        # Most edits leave an annotation in its chunk, which is no difference at all.
        before = self.locate(np.array(list(changed), dtype="S16")).tolist()
        moved = {
            key: number for (key, number), old in zip(changed.items(), before, strict=True) if number != old
        }
        if not moved:
            return self
        index = AnnotationIndex(self.ids, self.chunks, {**self.delta, **moved})
        return index if len(index.delta) <= MAX_DELTA else index.folded()

    def folded(self) -> AnnotationIndex:
        """The same with the differences put into the sorted arrays, which costs one copy of them."""
        if not self.delta:
            return self
        keys = np.array(sorted(self.delta), dtype="S16")
        numbers = np.array([self.delta[key] for key in keys.tolist()], dtype=np.int32)
        place = np.searchsorted(self.ids, keys)
        there = np.zeros(len(keys), dtype=np.bool_)
        within = place < len(self.ids)
        there[within] = self.ids[place[within]] == keys[within]
        ids, chunks = np.delete(self.ids, place[there]), np.delete(self.chunks, place[there])
        keys, numbers = keys[numbers >= 0], numbers[numbers >= 0]
        place = np.searchsorted(ids, keys)
        return AnnotationIndex(np.insert(ids, place, keys), np.insert(chunks, place, numbers), {})


def _among(wanted: NDArray[np.bytes_], keys: Mapping[bytes, int]) -> NDArray[np.int64]:
    """Which rows of some ids are among the keys, int64; many are not made into objects for it."""
    if len(wanted) < MANY:
        return np.array([row for row, key in enumerate(wanted.tolist()) if key in keys], dtype=np.int64)
    some = np.sort(np.array(list(keys), dtype="S16"))
    firsts, theirs = _firsts(wanted), _firsts(some)
    place = np.minimum(np.searchsorted(theirs, firsts), len(some) - 1)
    near = np.flatnonzero(theirs[place] == firsts)
    rows: NDArray[np.int64] = near[np.isin(wanted[near], some)]
    return rows


def _firsts(ids: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """The first halves of ids as numbers, which are in the order of the ids."""
    return np.ascontiguousarray(ids).view(">u8").reshape(-1, 2)[:, 0].astype(np.uint64)


def _sorted_rows(ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """What sorts ids; by their first halves as numbers, which is quicker, as long as those differ."""
    firsts = _firsts(ids)
    order = np.argsort(firsts)
    ordered = firsts[order]
    if (ordered[1:] == ordered[:-1]).any():
        order = np.argsort(ids, kind="stable")
    return order
