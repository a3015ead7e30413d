from __future__ import annotations

from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.annotation_chunk import id_array, uuids_of
from desktop_app.domain.id_set import FEW, NO_IDS, IdSet, rows_among

IDS = st.builds(lambda high, low: UUID(int=high << 64 | low), st.integers(0, 3), st.integers(0, 40))
"""Ids that often share a half, or their last bytes."""


@given(st.lists(IDS, max_size=30, unique=True), st.lists(IDS, max_size=30, unique=True))
def test_a_set_knows_what_is_in_it(chosen: list[UUID], asked: list[UUID]) -> None:
    found = IdSet.of(chosen)
    assert found.holds(id_array(asked)).tolist() == [one in chosen for one in asked]
    assert found.among(asked) == set(chosen) & set(asked)
    assert [one in found for one in asked] == [one in chosen for one in asked]
    rows = rows_among(found.ids, id_array(asked))
    assert rows.tolist() == [row for row, one in enumerate(chosen) if one in asked]


def test_random_ids_are_found_whether_few_or_many_are_asked_for() -> None:
    ids = [uuid4() for _ in range(3000)]
    found, asked = IdSet.of(ids), [*ids[::7], *(uuid4() for _ in range(500))]
    assert found.holds(id_array(asked)).tolist() == [True] * len(ids[::7]) + [False] * 500
    assert found.among(asked) == set(ids[::7])
    assert found.among(ids[: FEW - 1]) == set(ids[: FEW - 1])


def test_ids_keep_their_order_and_are_there_once() -> None:
    one, other = uuid4(), uuid4()
    found = IdSet.of([other, one, other])
    assert found.uuids() == (other, one)
    assert found.is_same(IdSet.of([other, one]))
    assert not found.is_same(IdSet.of([one, other]))
    assert not found.is_same(NO_IDS)


def test_nothing_is_in_the_empty_set() -> None:
    assert NO_IDS.holds(id_array([uuid4()])).tolist() == [False]
    assert uuid4() not in NO_IDS
    assert "Tumor" not in IdSet.of([uuid4()])
    assert NO_IDS.among([uuid4()]) == frozenset()


@pytest.mark.parametrize("count", [2, 40])
def test_ids_that_end_in_zeros_are_ids(count: int) -> None:
    ids = id_array(UUID(int=(number + 1) << 100) for number in range(count))
    rows = rows_among(ids, ids[1:])
    assert uuids_of(ids[rows]) == uuids_of(ids[1:])
    assert np.array_equal(IdSet(ids).holds(ids[::-1]), np.ones(count, np.bool_))
