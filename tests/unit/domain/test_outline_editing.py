from __future__ import annotations

import json
from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import Polygon

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.measure import area_px
from desktop_app.domain.outline_editing import (
    Outline,
    center_of,
    redrawn,
    rotated,
    simplified_stroke,
    with_moved_vertices,
    without_vertices,
)
from desktop_app.domain.shapes import bounding_box, nearest_edge, valid, vertices_of
from desktop_app.errors import GeometryError
from tests.support.annotation_samples import circle, one_of_each, square

WITH_HOLE = Annotation(
    uuid4(),
    "polygon",
    (
        (
            np.array([[0.0, 0], [100, 0], [100, 100], [0, 100]]),
            np.array([[20.0, 20], [40, 20], [30, 40]]),
        ),
        (np.array([[200.0, 0], [300, 0], [250, 80]]),),
    ),
)
LINE = Annotation(uuid4(), "line", ((np.array([[0.0, 0], [50, 0], [100, 0], [150, 0]]),),))

shares = st.floats(0.0, 1.0, exclude_max=True)


def star(radii: list[float]) -> Annotation:
    """A polygon around (500, 500) that never crosses itself."""
    turn = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    ring = np.column_stack([500 + np.cos(turn) * radii, 500 + np.sin(turn) * radii])
    return Annotation(uuid4(), "polygon", ((ring,),))


stars = st.lists(st.floats(50, 400), min_size=4, max_size=40).map(star)


def place_at(outline: Outline, share: float) -> tuple[float, float]:
    """A place on the outline, by a share of its vertices."""
    number = share * len(outline.edges)
    edge, along = int(number), number % 1
    start, end = outline.vertices[outline.edges[edge]], outline.ends[edge]
    x, y = (start + along * (end - start)).tolist()
    return x, y


def rows(points: FloatArray) -> set[bytes]:
    return {row.tobytes() for row in np.ascontiguousarray(points, dtype=np.float64)}


def test_a_point_finds_the_nearest_vertex_and_place_of_any_ring() -> None:
    outline = Outline.of(WITH_HOLE)
    assert outline.nearest_vertex((38, 21), 6) == 5
    assert outline.nearest_vertex((38, 28), 6) is None
    place = outline.nearest_place((225, -3), 6)
    assert place is not None
    assert (place.edge, place.position, place.distance) == (7, (225, 0), 3)
    assert outline.nearest_place((0, 50)).edge == 3  # type: ignore[union-attr]
    assert outline.nearest_place((500, 500), 6) is None
    assert [outline.ring_at(vertex) for vertex in (0, 3, 4, 6, 7, 9)] == [0, 0, 1, 1, 2, 2]


def test_a_line_has_no_edge_from_its_end_to_its_beginning() -> None:
    outline = Outline.of(replace(LINE, parts=((np.array([[0.0, 0], [100, 0], [100, 100]]),),)))
    assert outline.nearest_place((50, 50), 10) is None
    assert not outline.closed


@settings(deadline=None)
@given(stars, st.floats(0, 1000), st.floats(0, 1000), st.floats(1, 300))
def test_the_nearest_place_is_that_of_the_plain_search(
    shape: Annotation, x: float, y: float, reach: float
) -> None:
    _, distance = nearest_edge(shape, (x, y))
    place = Outline.of(shape).nearest_place((x, y), reach)
    assert (place is not None) == (distance <= reach) or distance == pytest.approx(reach)
    if place is not None:
        assert place.distance == pytest.approx(distance)


@settings(deadline=None)
@given(stars, st.data(), st.floats(-500, 500), st.floats(-500, 500))
def test_moved_vertices_leave_the_others_as_they_are_and_come_back(
    shape: Annotation, data: st.DataObject, dx: float, dy: float
) -> None:
    count = len(vertices_of(shape))
    numbers = np.array(sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1))))
    moved = with_moved_vertices(Outline.of(shape), numbers, (dx, dy))
    rest = np.delete(np.arange(count), numbers)
    assert vertices_of(moved)[rest].tobytes() == vertices_of(shape)[rest].tobytes()
    back = with_moved_vertices(Outline.of(moved), numbers, (-dx, -dy))
    assert vertices_of(back) == pytest.approx(vertices_of(shape), abs=1e-9)


def test_rings_without_a_moved_vertex_are_the_same_arrays() -> None:
    moved = with_moved_vertices(Outline.of(WITH_HOLE), np.array([5]), (3, 3))
    assert moved.parts[0][0] is WITH_HOLE.parts[0][0]
    assert moved.parts[1][0] is WITH_HOLE.parts[1][0]
    assert moved.parts[0][1].tolist() == [[20, 20], [43, 23], [30, 40]]
    assert with_moved_vertices(Outline.of(square(0, 0)), np.array([0]), (-5, 0)).kind == "polygon"


def test_a_hole_and_a_part_go_with_their_last_vertices() -> None:
    outline = Outline.of(WITH_HOLE)
    assert [len(ring) for ring in without_vertices(outline, np.array([0])).parts[0]] == [3, 3]
    without_hole = without_vertices(outline, np.array([4]))
    assert [len(part) for part in without_hole.parts] == [1, 1]
    assert len(without_vertices(outline, np.array([7])).parts) == 1
    with pytest.raises(GeometryError, match="At least 3"):
        without_vertices(outline, np.arange(10))
    with pytest.raises(GeometryError, match="At least 2"):
        without_vertices(Outline.of(LINE), np.array([0, 1, 2]))


@pytest.mark.parametrize(
    ("longer", "kept", "area"),
    [(False, [[100, 100], [0, 100], [0, 0]], 9000), (True, [[100, 0]], 1000)],
)
def test_the_shorter_way_is_replaced_or_the_longer_where_that_is_asked(
    longer: bool, kept: list[list[float]], area: float
) -> None:
    shape = Annotation(uuid4(), "polygon", ((np.array([[0.0, 0], [100, 0], [100, 100], [0, 100]]),),))
    outline = Outline.of(shape)
    start, end = outline.nearest_place((80, 0)), outline.nearest_place((100, 20))
    assert start is not None
    assert end is not None
    changed = redrawn(outline, np.array([[50.0, 50.0]]), start=start, end=end, longer=longer)
    added = [[80, 0], [50, 50], [100, 20]]
    ring = changed.parts[0][0].tolist()
    assert len(ring) == len(kept) + len(added)
    assert all(place in ring for place in [*kept, *added])
    assert area_px(changed) == area


@settings(deadline=None, max_examples=60)
@given(stars, shares, shares, st.booleans())
def test_a_redrawn_outline_is_valid_and_keeps_what_was_not_meant(
    shape: Annotation, one: float, other: float, longer: bool
) -> None:
    outline = Outline.of(shape)
    start, end = (
        outline.nearest_place(place_at(outline, one)),
        outline.nearest_place(place_at(outline, other)),
    )
    assert start is not None
    assert end is not None
    assume(np.hypot(*np.subtract(start.position, end.position)) > 1)
    stroke = np.array([[500.0, 500.0]])
    changed = valid(redrawn(outline, stroke, start=start, end=end, longer=longer))
    assert Polygon(changed.parts[0][0], changed.parts[0][1:]).is_valid
    other_way = valid(redrawn(outline, stroke, start=start, end=end, longer=not longer))
    # Both ways together are the whole: each side of the stroke is one of them.
    assert area_px(changed) + area_px(other_way) == pytest.approx(area_px(shape), rel=1e-6)
    made = rows(vertices_of(changed)) | rows(vertices_of(other_way))
    assert rows(vertices_of(shape)) - rows(np.array([start.position, end.position])) <= made


@settings(deadline=None, max_examples=60)
@given(stars, shares, shares)
def test_the_old_stretch_drawn_again_gives_the_old_area(shape: Annotation, one: float, other: float) -> None:
    outline = Outline.of(shape)
    start, end = (
        outline.nearest_place(place_at(outline, one)),
        outline.nearest_place(place_at(outline, other)),
    )
    assert start is not None
    assert end is not None
    assume(np.hypot(*np.subtract(start.position, end.position)) > 1)
    ring, count = outline.vertices, len(outline.vertices)
    steps = (end.edge - start.edge) % count or (count if one > other else 0)
    forward = ring[(start.edge + 1 + np.arange(steps)) % count]
    way = np.concatenate([[start.position], forward, [end.position]])
    length = np.hypot(*np.diff(way, axis=0).T).sum()
    total = np.hypot(*(np.roll(ring, -1, axis=0) - ring).T).sum()
    assume(abs(length - total / 2) > 1e-6)
    same = redrawn(outline, forward, start=start, end=end, longer=bool(length > total / 2))
    assert area_px(same) == pytest.approx(area_px(shape), rel=1e-9)


def test_a_stretch_of_a_line_is_replaced_whichever_way_it_is_drawn() -> None:
    outline = Outline.of(LINE)
    start, end = outline.nearest_place((25, 0)), outline.nearest_place((125, 0))
    assert start is not None
    assert end is not None
    stroke = np.array([[60.0, 40.0], [90.0, 40.0]])
    expected = [[0, 0], [25, 0], [60, 40], [90, 40], [125, 0], [150, 0]]
    assert redrawn(outline, stroke, start=start, end=end).parts[0][0].tolist() == expected
    assert redrawn(outline, stroke[::-1], start=end, end=start).parts[0][0].tolist() == expected


def test_a_stretch_from_one_ring_to_another_is_refused() -> None:
    outline = Outline.of(WITH_HOLE)
    start, end = outline.nearest_place((50, 0)), outline.nearest_place((30, 20))
    assert start is not None
    assert end is not None
    with pytest.raises(GeometryError, match="same outline"):
        redrawn(outline, np.zeros((0, 2)), start=start, end=end)


def test_a_redrawn_hole_leaves_the_outer_ring() -> None:
    outline = Outline.of(WITH_HOLE)
    start, end = outline.nearest_place((25, 20)), outline.nearest_place((35, 20))
    assert start is not None
    assert end is not None
    changed = redrawn(outline, np.array([[30.0, 10.0]]), start=start, end=end)
    assert changed.parts[0][0] is WITH_HOLE.parts[0][0]
    assert [30, 10] in changed.parts[0][1].tolist()


@settings(deadline=None)
@given(st.sampled_from(one_of_each()), st.floats(-720, 720))
def test_a_turn_and_back_is_no_turn(shape: Annotation, degrees: float) -> None:
    center = center_of(shape)
    back = rotated(rotated(shape, degrees, center), -degrees, center)
    assert vertices_of(back) == pytest.approx(vertices_of(shape), abs=1e-6)


def test_a_quarter_is_clockwise_on_the_slide_and_makes_a_polygon() -> None:
    turned = rotated(square(0, 0, 100), 90, (50, 50))
    assert turned.kind == "polygon"
    assert turned.parts[0][0][0] == pytest.approx([100, 0])
    assert rotated(circle(0, 0, 50), 360, (0, 0)).kind == "ellipse", "a whole turn is none"
    assert bounding_box(turned) == pytest.approx((0, 0, 100, 100))


def test_a_cells_nucleus_is_turned_along() -> None:
    members = {"feature": {"nucleusGeometry": {"type": "Polygon", "coordinates": [[[10, 0], [20, 0, 5]]]}}}
    cell = replace(square(0, 0, 100), object_type="cell", extra=json.dumps(members).encode())
    turned = json.loads(rotated(cell, 90, (0, 0)).extra)
    assert turned["feature"]["nucleusGeometry"]["coordinates"] == [[[0, 10], [0, 20, 5]]]


def test_a_stroke_loses_what_cannot_be_seen() -> None:
    assert simplified_stroke([(0, 0), (5, 0.1), (10, 0)], 0.5).tolist() == [[0, 0], [10, 0]]
    assert simplified_stroke([], 1.0).shape == (0, 2)
