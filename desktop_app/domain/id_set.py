"""Sets of annotation ids as arrays: a million are chosen, compared and looked for in milliseconds.

A set of a million ``UUID`` takes a second to make and a hundred bytes each. Pure, on any thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation_chunk import id_array, uuids_of
from desktop_app.domain.memo import Memo

FEW = 8
"""Up to so many ids are looked for one by one."""

TAIL_BITS = 20
"""Bits of an id by which most of those that are not looked for are told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class IdSet(Memo):
    """Ids in the order they were chosen, each once; never changes.

    Attributes
    ----------
    ids : NDArray[np.bytes_]
        ``S16`` ``(N,)``.
    """

    ids: NDArray[np.bytes_]

    @classmethod
    def of(cls, uuids: Iterable[UUID]) -> IdSet:
        """The set of some ids, of which several may be the same."""
        return cls(id_array(dict.fromkeys(uuids)))

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, annotation_id: object) -> bool:
        return isinstance(annotation_id, UUID) and bool(len(rows_among(self.ids, id_array([annotation_id]))))

    def uuids(self) -> tuple[UUID, ...]:
        """All of them; a million take a second."""
        return uuids_of(self.ids)

    def is_same(self, other: IdSet) -> bool:
        """Whether these are the same in the same order."""
        return np.array_equal(halves(self.ids), halves(other.ids))

    def among(self, few: Iterable[UUID]) -> frozenset[UUID]:
        """Those of a few ids that are in the set; goes through the set once, and sorts nothing."""
        return frozenset(uuids_of(self.ids[rows_among(self.ids, id_array(few))]))

    def holds(self, many: NDArray[np.bytes_]) -> NDArray[np.bool_]:
        """Which of many ids (``S16``) are in the set, bool ``(M,)``; the set is sorted at the first call."""
        if not len(self):
            return np.zeros(len(many), dtype=np.bool_)
        first, second, differ = self.once("sorted", self._sorted)
        if not differ:
            return np.isin(many, self.ids)
        wanted = halves(many)
        place = np.minimum(np.searchsorted(first, wanted[:, 0]), len(self) - 1)
        held: NDArray[np.bool_] = (first[place] == wanted[:, 0]) & (second[place] == wanted[:, 1])
        return held

    def _sorted(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64], bool]:
        """Both halves in the order of the first, and whether all first ones differ."""
        pairs = halves(self.ids)
        order = np.argsort(pairs[:, 0])
        first = pairs[order, 0]
        return first, pairs[order, 1], bool((first[1:] != first[:-1]).all())


NO_IDS = IdSet(np.zeros(0, dtype="S16"))


def rows_among(ids: NDArray[np.bytes_], few: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Where ids (``S16``) are that are among a few, int64 ``(M,)``, ascending; only those few are sorted."""
    if len(few) <= FEW:
        ends = halves(ids)[:, 1]
        places = [(ends == end).nonzero()[0] for end in halves(few)[:, 1]]
        near = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *places]))
        return near[np.isin(ids[near], few)]
    marked = np.zeros(1 << TAIL_BITS, dtype=np.bool_)
    marked[_tails(few)] = True
    near = marked[_tails(ids)].nonzero()[0]
    rows: NDArray[np.int64] = near[np.isin(ids[near], few)]
    return rows


def _tails(ids: NDArray[np.bytes_]) -> NDArray[np.uint32]:
    """The last bits of ids as numbers; they differ in random ids and in counted ones."""
    last = np.ascontiguousarray(ids).view(np.uint32).reshape(-1, 4)[:, 3]
    tails: NDArray[np.uint32] = last >> np.uint32(32 - TAIL_BITS)
    return tails


def halves(ids: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """Ids as pairs of numbers, uint64 ``(N, 2)``, in no order that means anything."""
    return np.ascontiguousarray(ids).view(np.uint64).reshape(-1, 2)
