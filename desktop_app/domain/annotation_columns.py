"""Columns of annotations that are more than an array: few different values, and runs of different lengths.

They never change; what is taken from them or put together is a new one. Any thread.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

Value = TypeVar("Value", bound=Hashable)

Rows: TypeAlias = NDArray[np.int64] | slice
"""Numbers of rows, or a slice with both ends and no step, of which views are made."""


@dataclass(frozen=True, slots=True, eq=False)
class Interned(Generic[Value]):
    """A column of few different values: a table of them and an index into it.

    Attributes
    ----------
    index : NDArray[np.int32]
        ``(N,)``; -1 for None.
    table : tuple[Value, ...]
        The different values.
    """

    index: NDArray[np.int32]
    table: tuple[Value, ...]

    @classmethod
    def of(cls, values: Iterable[Value | None]) -> Interned[Value]:
        """A column from one value for each object."""
        table: dict[Value, int] = {}
        index = [-1 if value is None else table.setdefault(value, len(table)) for value in values]
        return cls(np.array(index, dtype=np.int32), tuple(table))

    def __getitem__(self, row: int) -> Value | None:
        position = int(self.index[row])
        return None if position < 0 else self.table[position]

    def take(self, rows: Rows) -> Interned[Value]:
        """The column of some rows, without the values that none of them uses; of a slice a view with all."""
        taken = Interned(self.index[rows], self.table)
        return taken if isinstance(rows, slice) else taken.pruned()

    def pruned(self) -> Interned[Value]:
        """The same without the values that no row uses."""
        if not self.table:
            return self
        # An index of -1 is the last entry, which is no value.
        present = np.zeros(len(self.table) + 1, dtype=np.bool_)
        present[self.index] = True
        used = present[:-1].nonzero()[0]
        if len(used) == len(self.table):
            return self
        renumbered = np.full(len(present), -1, dtype=np.int32)
        renumbered[used] = np.arange(len(used), dtype=np.int32)
        return Interned(renumbered[self.index], tuple(self.table[i] for i in used.tolist()))

    def overwritten(self, rows: NDArray[np.int64], others: Interned[Value]) -> Interned[Value]:
        """The column with another one's values in some rows; itself where they are the same."""
        values = [others[number] for number in range(len(rows))]
        if values == [self[row] for row in rows.tolist()]:
            return self
        table = {value: number for number, value in enumerate(self.table)}
        index = self.index.copy()
        index[rows] = [-1 if value is None else table.setdefault(value, len(table)) for value in values]
        return Interned(index, tuple(table)).pruned()

    @classmethod
    def joined(cls, columns: Sequence[Interned[Value]]) -> Interned[Value]:
        """Columns one after the other, without the values that no row uses."""
        first = columns[0].table
        if all(column.table == first for column in columns):
            return cls(np.concatenate([column.index for column in columns]), first).pruned()
        table: dict[Value, int] = {}
        parts = []
        for column in columns:
            numbers = [table.setdefault(value, len(table)) for value in column.table]
            parts.append(np.array([*numbers, -1], dtype=np.int32)[column.index])
        return cls(np.concatenate(parts), tuple(table)).pruned()


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """A column of runs of different lengths over rows of something else.

    Attributes
    ----------
    starts : NDArray[np.int64]
        ``(N + 1,)``; run ``i`` is ``starts[i]:starts[i + 1]``.
    """

    starts: NDArray[np.int64]

    @classmethod
    def of(cls, lengths: Iterable[int] | NDArray[np.int64]) -> Ragged:
        """Runs of the given lengths."""
        counts = lengths if isinstance(lengths, np.ndarray) else np.fromiter(lengths, dtype=np.int64)
        starts = np.zeros(len(counts) + 1, dtype=np.int64)
        np.cumsum(counts, out=starts[1:])
        return cls(starts)

    def __getitem__(self, row: int) -> slice:
        return slice(int(self.starts[row]), int(self.starts[row + 1]))

    @overload
    def take(self, rows: NDArray[np.int64]) -> tuple[Ragged, NDArray[np.int64]]: ...
    @overload
    def take(self, rows: Rows) -> tuple[Ragged, Rows]: ...
    def take(self, rows: Rows) -> tuple[Ragged, Rows]:
        """The runs of some rows, and the positions they covered before: a slice for a slice."""
        if isinstance(rows, slice):
            starts = self.starts[rows.start : rows.stop + 1]
            return Ragged(starts - starts[0]), slice(int(starts[0]), int(starts[-1]))
        first = self.starts[rows]
        lengths = self.starts[rows + 1] - first
        taken = Ragged.of(lengths)
        shift = np.repeat(first - taken.starts[:-1], lengths)
        return taken, np.arange(taken.starts[-1], dtype=np.int64) + shift

    @classmethod
    def joined(cls, columns: Sequence[Ragged]) -> Ragged:
        """Runs one after the other."""
        return cls.of(np.concatenate([np.diff(column.starts) for column in columns]))
