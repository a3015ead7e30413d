from __future__ import annotations

from uuid import UUID, uuid4

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.annotation_chunk import id_array
from desktop_app.domain.id_set import FEW
from desktop_app.ui.models.annotation_rows import AnnotationRows, TextKeys, stable_order


def rows_of(*numbers: int) -> AnnotationRows:
    return AnnotationRows.of(id_array(UUID(int=number) for number in numbers))


def test_rows_are_found_by_their_whole_id() -> None:
    ids = [uuid4() for _ in range(3 * FEW)]
    alike = [UUID(int=(7 << 64) + low) for low in (1, 2)]
    rows = AnnotationRows.of(id_array([*ids, alike[0]]))
    assert [rows.id_at(row) for row in range(len(rows))] == [*ids, alike[0]]
    assert rows.rows_of(id_array([ids[4]])) == [4]
    assert rows.rows_of(id_array([alike[1]])) == []
    assert rows.rows_of(id_array([*ids[2:], uuid4()])) == list(range(2, len(ids)))


def test_ids_that_other_programs_count_are_found_once_each() -> None:
    heads = [UUID(int=(7 << 64) + number) for number in range(4)]
    tails = [UUID(int=(number << 64) + 9) for number in range(10, 14)]
    rows = AnnotationRows.of(id_array([*heads, *tails]))
    assert rows.rows_of(id_array(heads)) == [0, 1, 2, 3]
    assert rows.rows_of(id_array(tails[1:])) == [5, 6, 7]
    assert rows.rows_of(id_array([*heads, *tails, *(uuid4() for _ in range(FEW))])) == list(range(8))


def test_rows_are_put_in_and_taken_out() -> None:
    rows = rows_of(1, 3)
    rows.insert(1, UUID(int=2), 0.5)
    assert [rows.id_at(row).int for row in range(3)] == [1, 2, 3]
    assert rows.keys.tolist() == [0, 0.5, 1]
    rows.remove([0])
    assert [rows.id_at(row).int for row in range(2)] == [2, 3]
    assert rows.place(0.7, descending=False) == 1


@given(st.lists(st.integers(0, 9), max_size=12), st.lists(st.integers(0, 9), max_size=12), st.booleans())
def test_several_rows_are_put_where_their_keys_belong(
    there: list[int], new: list[int], descending: bool
) -> None:
    sign = -1 if descending else 1
    keys = np.array(sorted(there, key=lambda key: sign * key), dtype=np.float64)
    rows = AnnotationRows(id_array(UUID(int=100 + place) for place in range(len(keys))), keys)
    added = id_array(UUID(int=200 + place) for place in range(len(new)))
    rows.put(added, np.array(new, dtype=np.float64), descending=descending)
    assert rows.keys.tolist() == sorted([*there, *new], key=lambda key: sign * key)
    held = {rows.id_at(row).int: rows.keys[row] for row in range(len(rows))}
    assert [held[200 + place] for place in range(len(new))] == new
    old = [number for number in held if number < 200]
    assert old == sorted(old), "what was there stays in its order"


def test_equals_stay_as_they_were_in_both_directions() -> None:
    rows = rows_of(4, 2, 9, 7)
    keys = np.array([1.0, 0.0, 1.0, 0.0])
    up, order = rows.sorted_by(keys, descending=False)
    assert [up.id_at(row).int for row in range(4)] == [2, 7, 4, 9]
    assert order.tolist() == [1, 3, 0, 2]
    down, _ = rows.sorted_by(keys, descending=True)
    assert [down.id_at(row).int for row in range(4)] == [4, 9, 2, 7]


@given(st.permutations(range(12)))
def test_positions_say_where_each_row_is(order: list[int]) -> None:
    ids = id_array(UUID(int=(number % 5 << 64) + number) for number in range(12))
    rows = AnnotationRows.of(ids[np.array(order)])
    assert rows.positions(ids).tolist() == order


@given(st.lists(st.text(max_size=4), max_size=8), st.lists(st.text(max_size=4), max_size=12))
def test_keys_are_in_the_order_of_the_texts(first: list[str], later: list[str]) -> None:
    keys = TextKeys(first)
    everything = [*first, *later]
    numbers = {text: keys.key(text) for text in everything}
    assert sorted(numbers, key=lambda text: numbers[text]) == sorted(numbers)
    assert len(set(numbers.values())) == len(numbers)
    assert all(keys.key(text) == number for text, number in numbers.items())


@given(st.integers(1, 3000), st.integers(1, 6000), st.integers(0, 2**32 - 1))
def test_equals_keep_their_order_however_few_they_are(count: int, different: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    keys = chance.integers(0, different, count).astype(np.float64)
    keys[chance.random(count) < 0.02] = np.nan
    keys[chance.random(count) < 0.02] = -0.0
    assert np.array_equal(stable_order(keys), np.argsort(keys, kind="stable"))
