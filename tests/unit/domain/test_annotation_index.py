from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from desktop_app.domain import annotation_index
from desktop_app.domain.annotation_chunk import id_array
from desktop_app.domain.annotation_index import MANY, AnnotationIndex

KEYS = st.integers(0, 2**128 - 1)


def ids(*keys: int) -> NDArray[np.bytes_]:
    return id_array(UUID(int=key) for key in keys)


@given(st.lists(KEYS, unique=True, max_size=30), st.lists(KEYS, max_size=5))
def test_every_id_is_found_in_its_chunk_and_no_other(keys: list[int], others: list[int]) -> None:
    half = len(keys) // 2
    index = AnnotationIndex.of([ids(*keys[:half]), ids(*keys[half:])])
    assert index.locate(ids(*keys)).tolist() == [0] * half + [1] * (len(keys) - half)
    strangers = [key for key in others if key not in keys]
    assert index.locate(ids(*strangers)).tolist() == [-1] * len(strangers)


def test_ids_that_begin_alike_are_told_apart() -> None:
    keys = [(7 << 64) + low for low in (5, 1, 9, 0)]
    index = AnnotationIndex.of([ids(keys[0], keys[2]), ids(keys[1], keys[3])])
    assert index.locate(ids(*keys)).tolist() == [0, 1, 0, 1]


def test_an_annotation_that_stays_in_its_chunk_is_no_difference() -> None:
    index = AnnotationIndex.of([ids(1, 2), ids(3)])
    assert index.changed(ids(2), [(0, ids(2))]) is index
    moved = index.changed(ids(2), [(1, ids(2))])
    assert moved is not None
    assert len(moved.delta) == 1
    assert moved.locate(ids(1, 2, 3)).tolist() == [0, 1, 1]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(-1, 4)), max_size=60))
def test_changes_one_by_one_give_what_they_give_at_once(steps: list[tuple[int, int]]) -> None:
    first = list(range(0, 40, 2))
    index, model = AnnotationIndex.of([ids(*first)]), dict.fromkeys(first, 0)
    for key, number in steps:
        if number < 0:
            changed = index.changed(ids(key), []) if key in model else index
            model.pop(key, None)
        else:
            changed = index.changed(ids(*([key] if key in model else [])), [(number, ids(key))])
            model[key] = number
        assert changed is not None
        index = changed
    for one in (index, index.folded()):
        assert one.locate(ids(*range(41))).tolist() == [model.get(key, -1) for key in range(41)]
    assert not index.folded().delta
    assert (np.sort(index.folded().ids) == index.folded().ids).all()


def test_many_small_changes_never_make_the_differences_grow_without_end() -> None:
    index = AnnotationIndex.of([ids(*range(10))])
    for key in range(10, 10 + 2 * annotation_index.MAX_DELTA):
        changed = index.changed(ids(), [(key % 3, ids(key))])
        assert changed is not None
        index = changed
        assert len(index.delta) <= annotation_index.MAX_DELTA
    assert index.locate(ids(15, 4000, 5000)).tolist() == [0, 1, 2]


@pytest.mark.parametrize("ids_share", [1, 3, 400])
def test_many_are_found_as_one_by_one(ids_share: int) -> None:
    numbers = np.random.default_rng(ids_share).permutation(3 * MANY)
    every = id_array(UUID(int=(int(one) // ids_share << 64) + int(one)) for one in numbers)
    there, others = every[: 2 * MANY], every[2 * MANY :]
    index = AnnotationIndex.of(np.array_split(there, 7))
    moved = index.changed(np.concatenate([there[:30], there[200:205]]), [(9, there[:30]), (8, others[:3])])
    assert moved is not None
    for state in (index, moved):
        together = state.locate(every).tolist()
        assert together == [int(state.locate(every[row : row + 1])[0]) for row in range(len(every))]
    assert moved.locate(every).tolist()[:30] == [9] * 30
    assert moved.locate(every)[200:205].tolist() == [-1] * 5
