from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.area_drawing import geometry_of
from desktop_app.domain.measure import area_px
from desktop_app.domain.no_overlap import gives_way, kept_apart
from desktop_app.errors import GeometryError
from tests.support.annotation_samples import circle, square


def tumor(shape: Annotation, **fields: object) -> Annotation:
    return replace(shape, id=uuid4(), class_name="Tumor", **fields)  # type: ignore[arg-type]


def test_an_area_gives_way_to_another_class_and_to_nothing_else() -> None:
    new = tumor(square(100, 100))
    stroma = replace(square(150, 100), class_name="Stroma")
    same, roi = tumor(square(100, 150)), replace(square(100, 50), class_name="ROI", roi="open")
    hidden = replace(square(50, 100), class_name="Stroma", hidden=True)
    cell = replace(square(100, 100), id=uuid4(), class_name="Immune", object_type="cell")
    apart = kept_apart(new, AnnotationSnapshot.of([stroma, same, roi, hidden, cell]))
    assert area_px(apart) == 5000
    assert apart.id == new.id
    assert apart.class_name == "Tumor"


def test_one_that_only_touches_a_neighbor_stays_as_it_is() -> None:
    new = tumor(square(100, 100))
    snapshot = AnnotationSnapshot.of([replace(square(200, 100), class_name="Stroma")])
    assert kept_apart(new, snapshot) is new


def test_one_without_a_class_is_another_class() -> None:
    snapshot = AnnotationSnapshot.of([square(150, 100)])
    assert area_px(kept_apart(tumor(square(100, 100)), snapshot)) == 5000


def test_the_tissue_around_is_no_neighbor() -> None:
    new = tumor(square(100, 100))
    tissue = [replace(square(0, 0, 500), id=uuid4(), class_name=name) for name in ("Tissue", "Tissue: fat")]
    assert kept_apart(new, AnnotationSnapshot.of(tissue)) is new


def test_it_is_refused_where_nothing_would_be_left() -> None:
    around = AnnotationSnapshot.of([replace(square(0, 0, 500), class_name="Stroma")])
    with pytest.raises(GeometryError, match="nothing would be left"):
        kept_apart(tumor(square(100, 100)), around)
    inside = tumor(square(100, 100))
    assert kept_apart(inside, around, leaving_out=frozenset(around.ids())) is inside


@pytest.mark.parametrize(
    ("shape", "way"),
    [
        (square(0, 0), True),
        (circle(0, 0, 5), True),
        (square(0, 0, roi="open"), False),
        (square(0, 0, object_type="detection"), False),
    ],
)
def test_regions_give_way_and_nothing_else(shape: Annotation, way: bool) -> None:
    assert gives_way(shape) is way


sizes = st.tuples(st.floats(0, 300), st.floats(0, 300), st.floats(5, 200))


@settings(deadline=None, max_examples=60)
@given(sizes, st.lists(sizes, min_size=1, max_size=5))
def test_the_rest_is_valid_and_overlaps_no_neighbor(
    new: tuple[float, float, float], others: list[tuple[float, float, float]]
) -> None:
    neighbors = [
        replace(circle(*place) if number % 2 else square(*place), id=uuid4(), class_name="Stroma")
        for number, place in enumerate(others)
    ]
    snapshot = AnnotationSnapshot.of(neighbors)
    try:
        apart = kept_apart(tumor(square(*new)), snapshot)
    except GeometryError:
        return
    stored = AnnotationSnapshot.of([apart])
    (kept,) = stored.iter_annotations()
    rest = geometry_of(kept.parts)
    assert rest.is_valid
    for neighbor in snapshot.iter_annotations():
        over = rest.intersection(geometry_of(neighbor.parts)).area
        assert over <= 0.02 * (rest.length + 1)
