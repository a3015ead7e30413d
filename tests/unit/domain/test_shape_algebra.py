from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPoint, MultiPolygon, Polygon, box

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.measure import area_px
from desktop_app.domain.shape_algebra import (
    TISSUE_CLASS,
    exclusive,
    filled,
    hulls,
    intersected,
    inverse_parts,
    merged,
    separated,
    split,
    subtracted,
    subtracted_from_last,
    tissue_of,
)
from desktop_app.domain.shape_regions import ShapeStep, is_same, region_of
from desktop_app.engine.objects import TISSUE
from desktop_app.errors import GeometryError
from tests.support.annotation_samples import circle, one_of_each, square

Operation = Callable[[Sequence[Annotation]], ShapeStep]
COMBINING: list[Operation] = [merged, subtracted, subtracted_from_last, intersected, exclusive]


def polygon(*points: tuple[float, float], **fields: object) -> Annotation:
    return Annotation(**{"id": uuid4(), "kind": "polygon", "parts": ((np.array(points, float),),), **fields})


def line(*points: tuple[float, float], **fields: object) -> Annotation:
    return Annotation(uuid4(), "line", ((np.array(points, float),),), **fields)  # type: ignore[arg-type]


def stored(shape: Annotation) -> MultiPolygon:
    """What a shape is once it has been through the columns."""
    (kept,) = AnnotationChunk.of([shape])
    return MultiPolygon([Polygon(part[0], part[1:]) for part in kept.parts])


def area(step: ShapeStep) -> float:
    return sum(area_px(shape) for shape in step.after)


# ---- closed forms -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "expected", "parts"),
    [
        (merged, 17_500, 1),
        (subtracted, 7_500, 1),
        (subtracted_from_last, 7_500, 1),
        (intersected, 2_500, 1),
        (exclusive, 15_000, 2),
    ],
)
def test_two_squares(operation: Operation, expected: float, parts: int) -> None:
    step = operation([square(0, 0), square(50, 50)])
    assert area(step) == expected
    assert len(step.after[0].parts) == parts


def test_three_shapes_are_exclusive_where_an_odd_number_lies() -> None:
    assert area(exclusive([square(0, 0), square(0, 0), square(0, 0)])) == 10_000


def test_the_result_is_the_first_of_them_with_another_area() -> None:
    first = square(0, 0, class_name="Tumor", name="one", color=(1, 2, 3), roi="open", extra=b'{"a":1}')
    others = [square(50, 0, class_name="Stroma"), square(60, 60)]
    step = merged([first, *others])
    assert step.before == (first, *others)
    (after,) = step.after
    assert after.kind == "polygon"
    assert (after.id, after.class_name, after.name, after.color, after.roi, after.extra) == (
        first.id,
        "Tumor",
        "one",
        (1, 2, 3),
        "open",
        b'{"a":1}',
    )


def test_subtracting_from_the_last_keeps_the_last() -> None:
    shapes = [square(0, 0, class_name="a"), square(20, 0, class_name="b"), square(50, 0, class_name="c")]
    step = subtracted_from_last(shapes)
    assert step.before == tuple(shapes)
    assert [shape.id for shape in step.after] == [shapes[2].id]
    assert area(step) == 3_000
    assert area(subtracted(shapes)) == 2_000


def test_a_shape_inside_another_leaves_a_hole() -> None:
    (ring,) = subtracted([square(0, 0), square(40, 40, 20)]).after
    assert [len(part) for part in ring.parts] == [2]
    assert area_px(ring) == 9_600


def test_parts_that_touch_in_a_corner_or_along_an_edge() -> None:
    assert len(merged([square(0, 0), square(100, 100)]).after[0].parts) == 2
    (joined,) = merged([square(0, 0), square(100, 0)]).after
    assert len(joined.parts) == 1
    assert area_px(joined) == 20_000


def test_an_outline_that_crosses_itself_counts_as_it_is_painted() -> None:
    bow = polygon((0, 0), (100, 100), (100, 0), (0, 100))
    assert area(merged([bow, square(500, 500)])) == 5_000 + 10_000


@pytest.mark.parametrize("operation", COMBINING)
def test_what_cannot_be_combined_is_refused(operation: Operation) -> None:
    with pytest.raises(GeometryError, match="two areas"):
        operation([square(0, 0)])
    with pytest.raises(GeometryError, match="no area"):
        operation([square(0, 0), line((0, 0), (50, 50))])


@pytest.mark.parametrize("operation", [subtracted, subtracted_from_last, exclusive])
def test_nothing_left_is_refused(operation: Operation) -> None:
    with pytest.raises(GeometryError, match="Nothing would be left"):
        operation([square(0, 0), square(0, 0)])


def test_shapes_apart_have_nothing_in_common() -> None:
    with pytest.raises(GeometryError, match="Nothing would be left"):
        intersected([square(0, 0), square(500, 0)])
    with pytest.raises(GeometryError, match="Nothing would be left"):
        intersected([square(0, 0), square(100, 0)])  # an edge is no area


# ---- splitting and separating -----------------------------------------------------------------------


def test_a_line_splits_a_square() -> None:
    area_, knife = square(0, 0, class_name="Tumor"), line((-10, 25), (110, 25))
    step = split([area_, knife])
    assert step.before == (area_, knife)
    assert [area_px(shape) for shape in step.after] == [7_500, 2_500]
    assert step.after[0].id == area_.id != step.after[1].id
    assert {shape.class_name for shape in step.after} == {"Tumor"}


def test_crossing_lines_make_four_quarters() -> None:
    step = split([square(0, 0), line((-9, 50), (109, 50)), line((50, -9), (50, 109))])
    assert [area_px(shape) for shape in step.after] == [2_500] * 4
    assert len({shape.id for shape in step.after}) == 4


def test_uncut_parts_stay_with_the_largest_piece_and_holes_stay_holes() -> None:
    (two,) = merged([square(0, 0), square(300, 300)]).after
    (holed,) = subtracted([two, square(40, 60, 20)]).after
    step = split([holed, line((-10, 30), (110, 30))])
    assert [len(shape.parts) for shape in step.after] == [2, 1]
    assert [area_px(shape) for shape in step.after] == [7_000 - 400 + 10_000, 3_000]


def test_areas_that_no_line_cuts_stay() -> None:
    cut, whole = square(0, 0), square(300, 300)
    step = split([whole, cut, line((-10, 30), (110, 30))])
    assert whole not in step.before


@pytest.mark.parametrize("points", [((-10, 30), (60, 30)), ((300, 0), (400, 0)), ((0, -5), (0, 105))])
def test_a_line_that_does_not_go_through_is_refused(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(GeometryError, match="edge to edge"):
        split([square(0, 0), line(*points)])


def test_splitting_needs_an_area_and_a_line() -> None:
    for shapes in (
        [square(0, 0)],
        [line((0, 0), (1, 1))],
        [square(0, 0), line((0, 0), (1, 1)), one_of_each()[5]],
    ):
        with pytest.raises(GeometryError, match="Select the areas"):
            split(shapes)


def test_parts_become_objects_of_their_own() -> None:
    (three,) = merged([square(0, 0, name="x"), square(300, 0, 50), square(500, 0, 20)]).after
    step = separated([three, square(900, 900)])
    assert step.before == (three,)
    assert [area_px(shape) for shape in step.after] == [10_000, 2_500, 400]
    assert step.after[0].id == three.id
    assert [shape.name for shape in step.after] == ["x"] * 3
    with pytest.raises(GeometryError, match="one piece"):
        separated([square(0, 0)])


# ---- holes, hulls, inverse --------------------------------------------------------------------------


def holed() -> Annotation:
    (one,) = subtracted([square(0, 0), square(10, 10, 10), square(50, 50, 30)]).after
    return one


def test_all_holes_or_the_small_ones_are_filled() -> None:
    assert area(filled([holed()])) == 10_000
    assert area(filled([holed()], 101)) == 10_000 - 900
    assert area(filled([holed()], 26, scale=(0.5, 0.5))) == 10_000 - 900  # a hole of 25 µm²
    with pytest.raises(GeometryError, match="no such hole"):
        filled([holed()], 100)
    with pytest.raises(GeometryError, match="no such hole"):
        filled([square(0, 0)])


def test_an_island_in_a_filled_hole_drowns() -> None:
    (island,) = merged([holed(), square(60, 60, 5)]).after
    assert len(island.parts) == 2
    (after,) = filled([island]).after
    assert len(after.parts) == 1
    assert area_px(after) == 10_000


def test_the_convex_hull_of_an_area_of_points_and_of_a_line() -> None:
    dent = polygon((0, 0), (100, 0), (100, 100), (50, 20), (0, 100))
    assert area(hulls([dent])) == 10_000
    points = Annotation(uuid4(), "points", ((np.array([[0.0, 0], [40, 0], [0, 40], [5, 5]]),),))
    step = hulls([points, line((0, 0), (10, 0), (10, 10))])
    assert [area_px(shape) for shape in step.after] == [800, 50]
    assert [shape.kind for shape in step.after] == ["polygon", "polygon"]
    with pytest.raises(GeometryError, match="convex already"):
        hulls([square(0, 0), circle(0, 0, 50)])
    with pytest.raises(GeometryError, match="three positions"):
        hulls([line((0, 0), (10, 10))])


def test_the_inverse_within_tissue_or_a_box() -> None:
    tissue = [square(0, 0, 300), square(400, 0, 100)]
    parts = inverse_parts([square(100, 100), square(-50, 0)], tissue)
    assert area_px(Annotation(uuid4(), "polygon", parts)) == 90_000 - 10_000 - 5_000 + 10_000
    parts = inverse_parts([square(100, 100)], (0.0, 0.0, 300.0, 200.0))
    assert area_px(Annotation(uuid4(), "polygon", parts)) == 50_000
    with pytest.raises(GeometryError, match="Nothing would be left"):
        inverse_parts([square(0, 0)], (10.0, 10.0, 50.0, 50.0))


def test_tissue_is_known_by_its_class() -> None:
    assert TISSUE_CLASS == TISSUE
    meant = [square(0, 0, class_name="Tissue"), square(9, 0, class_name="Tissue: fat")]
    others = [
        square(0, 0, class_name="Tissue fold"),
        square(0, 0),
        line((0, 0), (9, 9), class_name="Tissue"),
        square(0, 0, class_name="Tissue", object_type="tile"),
    ]
    snapshot = AnnotationSnapshot.of([*others, *meant, *one_of_each()])
    assert {found.id for found in tissue_of(snapshot)} == {shape.id for shape in meant}
    assert [found.id for found in tissue_of(snapshot, without=[meant[0].id])] == [meant[1].id]
    assert tissue_of(AnnotationSnapshot.empty()) == ()


def test_values_that_say_the_same() -> None:
    for one, again in zip(one_of_each(), one_of_each(), strict=True):
        (kept,) = AnnotationChunk.of([one])
        (kept_again,) = AnnotationChunk.of([kept])
        assert is_same(kept, kept_again)
        assert not is_same(one, again)  # another id
    shape = square(0, 0)
    moved = square(0, 1, id=shape.id)
    assert not is_same(shape, moved)


# ---- any outline ------------------------------------------------------------------------------------

POINT = st.tuples(st.floats(-300, 300), st.floats(-300, 300))
OUTLINE = st.lists(POINT, min_size=3, max_size=14)


def outcome(operation: Operation, shapes: list[Annotation]) -> ShapeStep | None:
    try:
        return operation(shapes)
    except GeometryError:
        return None


@settings(deadline=None, max_examples=60)
@given(OUTLINE, OUTLINE, st.sampled_from(COMBINING))
def test_whatever_is_combined_is_valid_once_stored(
    one: list[tuple[float, float]], other: list[tuple[float, float]], operation: Operation
) -> None:
    shapes = [polygon(*one), polygon(*other)]
    step = outcome(operation, shapes)
    if step is None:
        return
    result = stored(step.after[0])
    assert result.is_valid
    assert result.area > 0
    hull = MultiPoint([*one, *other]).convex_hull.buffer(0.02)
    assert hull.covers(result)


@settings(deadline=None, max_examples=60)
@given(OUTLINE, OUTLINE)
def test_areas_add_up(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> None:
    a, b = polygon(*one), polygon(*other)
    sizes = {
        operation: 0.0 if (step := outcome(operation, [a, b])) is None else stored(step.after[0]).area
        for operation in COMBINING
    }
    whole = region_of(a).area + region_of(b).area
    # Rounding to the grid moves outlines of some thousand pixels by 1/256 px at most.
    near = 60.0
    assert sizes[merged] <= whole + near
    assert sizes[merged] + sizes[intersected] == pytest.approx(whole, abs=near)
    assert sizes[exclusive] == pytest.approx(sizes[merged] - sizes[intersected], abs=near)
    assert sizes[exclusive] == pytest.approx(sizes[subtracted] + sizes[subtracted_from_last], abs=near)


@settings(deadline=None, max_examples=40)
@given(OUTLINE, OUTLINE)
def test_de_morgan(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> None:
    ground = (-400.0, -400.0, 400.0, 400.0)

    def outside(*shapes: Annotation) -> Annotation:
        return Annotation(uuid4(), "polygon", inverse_parts(shapes, ground))

    a, b = polygon(*one), polygon(*other)
    both = outcome(intersected, [outside(a), outside(b)])
    assert both is not None
    difference = stored(outside(a, b)).symmetric_difference(stored(both.after[0]))
    assert difference.area < 60


@settings(deadline=None, max_examples=40)
@given(OUTLINE)
def test_doing_it_twice_changes_nothing(outline: list[tuple[float, float]]) -> None:
    shape = polygon(*outline)
    once = outcome(merged, [shape, polygon(*outline)])
    if once is None:
        return
    (again,) = merged([once.after[0], once.after[0]]).after
    assert stored(again).equals(stored(once.after[0]))
    hull = outcome(hulls, [once.after[0]])
    if hull is not None:
        assert stored(hull.after[0]).covers(stored(once.after[0]))
        assert outcome(hulls, list(hull.after)) is None


@settings(deadline=None, max_examples=60)
@given(OUTLINE, st.lists(POINT, min_size=2, max_size=5))
def test_pieces_tile_what_was_split(
    outline: list[tuple[float, float]], knife: list[tuple[float, float]]
) -> None:
    shape = polygon(*outline)
    step = outcome(split, [shape, line(*knife)])
    if step is None:
        return
    pieces = [stored(piece) for piece in step.after]
    assert all(piece.is_valid for piece in pieces)
    assert sum(piece.area for piece in pieces) == pytest.approx(region_of(shape).area, abs=40)
    shared = sum(one.intersection(other).area for n, one in enumerate(pieces) for other in pieces[n + 1 :])
    assert shared < 1e-6


def test_slivers_and_crumbs_do_no_harm() -> None:
    sliver = polygon((0, 0), (500, 0.001), (1000, 0))
    with pytest.raises(GeometryError):
        merged([sliver, sliver])
    assert area(merged([sliver, square(0, 0)])) == pytest.approx(10_000, abs=1)
    assert box(0, 0, 100, 100).equals(stored(subtracted([square(0, 0), sliver]).after[0]))
