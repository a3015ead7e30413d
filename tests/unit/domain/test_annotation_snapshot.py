from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import EXACT_RANGE, AnnotationChunk, id_array, snapped
from desktop_app.domain.annotation_classes import DEFAULT_CLASSES, color_for
from desktop_app.domain.annotation_index import MAX_DELTA
from desktop_app.domain.annotation_snapshot import CHUNK_SIZE, LONE_VERTICES, AnnotationSnapshot
from desktop_app.errors import AnnotationError, GeometryError
from tests.support.annotation_samples import circle, content, one_of_each, square, state

NONE = np.zeros(0, dtype="S16")
TWO_DECIMALS = st.integers(-10_000_000, 10_000_000).map(lambda value: value / 100)


def test_every_member_comes_back() -> None:
    samples = one_of_each()
    snapshot = AnnotationSnapshot.of(samples)
    for sample in samples:
        stored = snapshot.get(sample.id)
        expected = replace(sample, parts=tuple(tuple(map(snapped, part)) for part in sample.parts))
        assert stored is not None
        assert content(stored) == content(expected)


@settings(deadline=None)
@given(npst.arrays(np.float64, st.tuples(st.integers(3, 20), st.just(2)), elements=TWO_DECIMALS))
def test_coordinates_with_two_decimals_come_back_exactly(ring: np.ndarray) -> None:
    chunk = AnnotationChunk.of([Annotation(uuid4(), "polygon", ((ring,),))])
    assert (np.round(chunk.rings_of(0)[0], 2) == ring).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(TWO_DECIMALS, TWO_DECIMALS), min_size=2, max_size=12))
def test_rebuilding_a_chunk_never_moves_a_vertex(places: list[tuple[float, float]]) -> None:
    snapshot = AnnotationSnapshot.of([square(*places[0])])
    first = snapshot.ids()[0]
    expected = content(next(snapshot.iter_annotations()))
    for place in places[1:]:
        snapshot = snapshot.replaced(np.zeros(0, "S16"), AnnotationChunk.of([square(*place)]))
        stored = snapshot.get(first)
        assert stored is not None
        assert content(stored) == expected


def test_offsets_stay_in_the_exact_range() -> None:
    near, far = square(0, 0), square(200_000.37, 150_000.11)
    joined = AnnotationChunk.joined([AnnotationChunk.of([near]), AnnotationChunk.of([far])])
    assert np.abs(joined.offsets).max() <= EXACT_RANGE
    assert (np.round(joined[1].parts[0][0], 2) == far.parts[0][0]).all()


def test_an_edit_shares_the_chunks_it_does_not_touch() -> None:
    snapshot = AnnotationSnapshot.of([square(i * 10, i % 97, 5) for i in range(3 * CHUNK_SIZE)])
    touched = next(iter(snapshot.chunks[1]))
    after = snapshot.replaced(
        AnnotationChunk.of([touched]).ids, AnnotationChunk.of([replace(touched, name="x")])
    )
    shared = [one is other for one, other in zip(snapshot.chunks, after.chunks, strict=True)]
    assert shared.count(False) == 1
    assert after.get(touched.id).name == "x"
    assert snapshot.get(touched.id).name == ""


@pytest.mark.parametrize("far", [0.0, 2 * EXACT_RANGE])
def test_a_few_changed_objects_keep_their_places_and_share_what_stays(far: float) -> None:
    samples = [replace(sample, extra=b"", color=None) for sample in one_of_each()]
    snapshot = AnnotationSnapshot.of(samples)
    first, last = samples[0], samples[-1]
    moved = replace(first, parts=tuple(tuple(ring + 1.0 + far for ring in part) for part in first.parts))
    named = replace(last, class_name="New", color=(1, 2, 3), extra=b'"a":1', locked=not last.locked)
    ids = id_array([last.id, first.id])
    after = snapshot.replaced(ids, AnnotationChunk.of([named, moved]))
    again = after.replaced(ids, AnnotationChunk.of([last, first]))
    assert state(after) == state(AnnotationSnapshot.of([moved, *samples[1:-1], named]))
    assert state(again) == state(snapshot)
    if not far:
        assert after.ids() == again.ids() == snapshot.ids()
        assert after.chunks[0].rings is snapshot.chunks[0].rings
        assert after.chunks[0].names is snapshot.chunks[0].names
        assert again.chunks[0].class_names.table == snapshot.chunks[0].class_names.table


def test_a_changed_object_of_another_number_of_vertices_or_values_is_stored_anew() -> None:
    one, other = square(0, 0), square(500, 0)
    snapshot = AnnotationSnapshot.of([one, other])
    for changed in (
        replace(one, parts=((np.array([(0.0, 0.0), (9.0, 0.0), (9.0, 9.0)]),),), kind="polygon"),
        replace(one, measurements={"Area": 4.0}),
    ):
        after = snapshot.replaced(id_array([one.id]), AnnotationChunk.of([changed]))
        assert state(after) == state(AnnotationSnapshot.of([changed, other]))


def test_queries_agree_with_a_search_of_everything() -> None:
    rng = np.random.default_rng(3)
    samples = [square(x, y, s) for x, y, s in rng.uniform(1, 9000, (CHUNK_SIZE + 500, 3)) * [1, 1, 0.02]]
    snapshot = AnnotationSnapshot.of(samples)
    left, top, right, bottom = box = (2000.0, 3000.0, 2500.0, 3300.0)
    expected = {
        a.id
        for a in samples
        if (a.parts[0][0].min(0) <= (right, bottom)).all() and (a.parts[0][0].max(0) >= (left, top)).all()
    }
    assert set(snapshot.in_rect(box)) == expected
    assert len(expected) > 3
    bounds = dict(zip(snapshot.ids(), snapshot.bounds(), strict=True))
    for sample in samples[:50]:
        ring = sample.parts[0][0]
        assert np.allclose(bounds[sample.id], [*ring.min(0), *ring.max(0)], atol=0.01)


def test_the_smallest_object_under_the_point_is_hit() -> None:
    region, nucleus = square(0, 0, 1000), circle(500, 500, 20)
    snapshot = AnnotationSnapshot.of([nucleus, region])
    assert snapshot.hit((500, 500), 2) == nucleus.id
    assert snapshot.hit((600, 600), 2) == region.id
    assert snapshot.hit((1001, 500), 2) == region.id
    assert snapshot.hit((1005, 500), 2) is None


def test_a_hole_is_not_hit_and_a_line_and_a_point_are_near_only() -> None:
    outer = np.array([[0.0, 0], [100, 0], [100, 100], [0, 100]])
    ring = Annotation(uuid4(), "polygon", ((outer, outer * 0.5 + 25),))
    line = Annotation(uuid4(), "line", ((np.array([[200.0, 0], [300, 0]]),),))
    points = Annotation(uuid4(), "points", ((np.array([[200.0, 100], [300, 100]]),),))
    snapshot = AnnotationSnapshot.of([ring, line, points])
    assert snapshot.hit((50, 50), 3) is None
    assert snapshot.hit((10, 50), 3) == ring.id
    assert snapshot.hit((250, 2), 3) == line.id
    assert snapshot.hit((250, 100), 3) is None
    assert snapshot.hit((299, 101), 3) == points.id


def test_an_id_that_ends_in_zero_bytes_is_found() -> None:
    awkward = square(0, 0, id=UUID(bytes=b"\x01" + bytes(15)))
    nil = square(9, 9, id=UUID(int=0))
    snapshot = AnnotationSnapshot.of([awkward, nil])
    assert snapshot.get(awkward.id).id == awkward.id
    assert snapshot.get(nil.id).id == nil.id
    assert set(snapshot.ids()) == {awkward.id, nil.id}


def test_many_small_edits_keep_the_index_right() -> None:
    snapshot = AnnotationSnapshot.of([square(0, 0)])
    kept = snapshot.ids()[0]
    for start in range(0, MAX_DELTA + 2000, 500):
        added = AnnotationChunk.of([square(start, 0, 1) for _ in range(500)])
        snapshot = snapshot.replaced(np.zeros(0, "S16"), added).replaced(
            added.ids[:499], AnnotationChunk.of([])
        )
    assert kept in snapshot
    assert all(key in snapshot for key in snapshot.ids())
    assert len(snapshot) == len(set(snapshot.ids())) == 1 + (MAX_DELTA + 2000) // 500 + 1


def test_what_does_not_fit_is_refused() -> None:
    here, elsewhere = square(0, 0), square(5, 5)
    snapshot = AnnotationSnapshot.of([here])
    with pytest.raises(AnnotationError):
        snapshot.replaced(AnnotationChunk.of([elsewhere]).ids, AnnotationChunk.of([]))
    with pytest.raises(AnnotationError):
        snapshot.replaced(np.zeros(0, "S16"), AnnotationChunk.of([here]))
    with pytest.raises(AnnotationError):
        AnnotationSnapshot.of([here, here])
    with pytest.raises(GeometryError):
        AnnotationSnapshot.of([replace(here, parts=((here.parts[0][0][:2],),))])
    with pytest.raises(GeometryError):
        AnnotationSnapshot.of([replace(here, parts=((here.parts[0][0] * np.nan,),))])


def test_colors_come_from_the_object_then_the_class_then_its_name() -> None:
    own, tumor, unknown, none = (
        square(0, 0, color=(9, 8, 7), class_name="Tumor"),
        square(0, 0, class_name="Tumor"),
        square(0, 0, class_name="Aorta"),
        square(0, 0),
    )
    snapshot = AnnotationSnapshot.of([own, tumor, unknown, none])
    assert snapshot.color_of(own) == (9, 8, 7)
    assert snapshot.color_of(tumor) == DEFAULT_CLASSES[0].color == (200, 0, 0)
    assert snapshot.color_of(unknown) == color_for("Aorta") != color_for("Vein")
    assert snapshot.color_of(none) == (255, 0, 0)


def test_an_emptied_snapshot_answers_every_question() -> None:
    snapshot = AnnotationSnapshot.of([square(0, 0)])
    emptied = snapshot.replaced(snapshot.chunks[0].ids, AnnotationChunk.of([]))
    assert len(emptied) == 0
    assert emptied.hit((5, 5), 3) is None
    assert emptied.bounds().shape == (0, 4)
    assert state(emptied)[1] == {}


def test_annotations_of_many_ids_come_in_the_order_asked_for() -> None:
    samples = [square(i, i) for i in range(CHUNK_SIZE + 50)]
    snapshot = AnnotationSnapshot.of(samples)
    gone, late = samples[7], square(5, 5)
    snapshot = snapshot.replaced(id_array([gone.id]), AnnotationChunk.of([late]))
    wanted = [late.id, *(found.id for found in samples[::-3]), uuid4(), gone.id, late.id]
    found = [annotation.id for annotation in snapshot.iter_annotations(wanted)]
    assert found == [key for key in wanted if key in snapshot]
    assert list(snapshot.iter_annotations([])) == []


def long_border(count: int, radius: float) -> Annotation:
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = radius * np.column_stack([np.cos(turn), np.sin(turn)]) + 2000
    return Annotation(uuid4(), "polygon", ((ring,),), class_name="Region*")


def test_one_of_very_many_vertices_has_a_chunk_of_its_own_and_keeps_it() -> None:
    border, small = long_border(LONE_VERTICES + 1, 1500), square(10, 10)
    snapshot = AnnotationSnapshot.of([square(0, 0), border])
    chunk = next(chunk for chunk in snapshot.chunks if chunk.row_of(border.id) is not None)
    assert len(chunk) == 1
    grown = snapshot.replaced(NONE, AnnotationChunk.of([small]))
    assert any(other is chunk for other in grown.chunks)
    assert grown.get(small.id) is not None
    only_border = AnnotationSnapshot.of([border]).replaced(NONE, AnnotationChunk.of([small]))
    assert sorted(map(len, only_border.chunks)) == [1, 1]
    assert len(only_border.replaced(id_array([border.id]), AnnotationChunk.of([]))) == 1


def test_hits_on_a_border_of_very_many_vertices() -> None:
    border, nucleus = long_border(LONE_VERTICES + 1, 1500), square(1990, 1990, 20)
    snapshot = AnnotationSnapshot.of([border, nucleus])
    assert snapshot.hit((2000, 2000), 2) == nucleus.id
    assert snapshot.hit((2000, 2100), 2) == border.id
    assert snapshot.hit((3501, 2000), 2) == border.id
    assert snapshot.hit((3504, 2000), 2) is None
    hidden = frozenset({"Region*"})
    assert snapshot.hit((2000, 2100), 2, hidden_classes=hidden) is None
    assert snapshot.hit((2000, 2000), 2, hidden_classes=hidden) == nucleus.id
    assert snapshot.hit((2000, 2000), 2, hidden_classes=frozenset({None})) == border.id


def test_ids_may_share_a_half_but_not_be_there_twice() -> None:
    ids = [UUID(int=(7 << 64) + 1), UUID(int=(7 << 64) + 2)]
    shapes = [replace(square(place, 0), id=one) for place, one in enumerate(ids)]
    assert AnnotationSnapshot.of(shapes).ids() == tuple(ids)
    with pytest.raises(AnnotationError):
        AnnotationSnapshot.of([*shapes, shapes[0]])
