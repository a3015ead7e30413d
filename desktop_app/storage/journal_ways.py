"""Ways through the history of a journal: which edits lead from one state to another.

Undo, redo and restoring any state are ways. They only read, so that a long one can be found on the pool.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edit_sequence import combined
from desktop_app.domain.edits import AnnotationChange, Edit, apply, change_of, difference, inverse
from desktop_app.storage.journal_store import EditRecord

FAR = 64
"""Steps; a way of more is gone at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """From one state of the history to another.

    Attributes
    ----------
    start, target : int
        Numbers of the edits whose results they are; 0 for the empty start.
    change : AnnotationChange
        The state there, and what is different.
    """

    start: int
    target: int
    change: AnnotationChange


def ancestors(records: Mapping[int, EditRecord], seq: int) -> list[int]:
    """The edits on the way from the start to ``seq``, which is the last of them."""
    path = []
    while seq in records:
        path.append(seq)
        seq = records[seq].parent
    return path[::-1]


def find_way(
    records: Mapping[int, EditRecord],
    origin: tuple[int, AnnotationSnapshot],
    target: int,
    read: Callable[[int], Edit],
) -> Way:
    """The state after ``target`` and what is different there.

    Parameters
    ----------
    records : Mapping[int, EditRecord]
        The history.
    origin : tuple[int, AnnotationSnapshot]
        The edit whose result is the state to start from, and that state.
    target : int
        The edit whose result is wanted; 0 for the empty start.
    read : Callable[[int], Edit]
        Gives an edit of the history with its annotations; what it raises is raised.
    """
    start, before = origin
    steps = _steps(records, start, target, read)
    if len(steps) > FAR:
        steps = [combined(steps)]
    after = before
    for step in steps:
        after = apply(after, step)
    change = change_of(after, steps[0]) if len(steps) == 1 else difference(before, after, steps)
    return Way(start, target, change)


def _steps(
    records: Mapping[int, EditRecord], start: int, target: int, read: Callable[[int], Edit]
) -> list[Edit]:
    """The edits to apply, some of them inverted, to get from one edit's result to another's."""
    if start in records and records[start].parent == target:
        return [inverse(read(start))]
    if target in records and records[target].parent == start:
        return [read(target)]
    here, there = ancestors(records, start), ancestors(records, target)
    shared = sum(1 for one, other in zip(here, there, strict=False) if one == other)
    back = [inverse(read(seq)) for seq in reversed(here[shared:])]
    return back + [read(seq) for seq in there[shared:]]
