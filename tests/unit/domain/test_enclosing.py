from __future__ import annotations

from dataclasses import replace

import numpy as np

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.enclosing import enclosed
from desktop_app.domain.shapes import Parts, drawn, ellipse_parts, rectangle_parts


def outline(points: list[tuple[float, float]]) -> Parts:
    return ((np.array(points, dtype=np.float64),),)


def test_only_what_is_inside_whole_is_enclosed() -> None:
    inside = drawn("rectangle", rectangle_parts((20, 20, 40, 40)))
    across = drawn("rectangle", rectangle_parts((90, 20, 110, 40)))
    point = drawn("points", outline([(50, 50)]))
    far = drawn("points", outline([(500, 50)]))
    hidden = replace(drawn("points", outline([(60, 60)])), hidden=True)
    snapshot = AnnotationSnapshot.of([inside, across, point, far, hidden])
    assert set(enclosed(snapshot, rectangle_parts((0, 0, 100, 100)))) == {inside.id, point.id}


def test_a_hollow_outline_holds_what_its_box_does_not_tell() -> None:
    horseshoe = outline(
        [(0, 0), (300, 0), (300, 300), (200, 300), (200, 100), (100, 100), (100, 300), (0, 300)]
    )
    in_the_gap = drawn("rectangle", rectangle_parts((140, 200, 160, 220)))
    in_an_arm = drawn("rectangle", rectangle_parts((20, 200, 60, 260)))
    around_the_gap = drawn("line", outline([(50, 250), (50, 50), (250, 50), (250, 250)]))
    over_the_gap = drawn("line", outline([(50, 250), (250, 250), (150, 200)]))
    snapshot = AnnotationSnapshot.of([in_the_gap, in_an_arm, around_the_gap, over_the_gap])
    assert set(enclosed(snapshot, horseshoe)) == {in_an_arm.id, around_the_gap.id}


def test_the_ellipse_holds_less_than_its_box() -> None:
    corner, middle = drawn("points", outline([(5, 5)])), drawn("points", outline([(50, 50)]))
    snapshot = AnnotationSnapshot.of([corner, middle])
    assert enclosed(snapshot, ellipse_parts((0, 0, 100, 100))) == [middle.id]


def test_a_class_that_is_not_shown_is_not_enclosed() -> None:
    tumor = replace(drawn("points", outline([(50, 50)])), class_name="Tumor")
    plain = drawn("points", outline([(60, 60)]))
    snapshot = AnnotationSnapshot.of([tumor, plain])
    box = rectangle_parts((0, 0, 100, 100))
    assert enclosed(snapshot, box, hidden_classes=frozenset({"Tumor"})) == [plain.id]
    assert enclosed(snapshot, box, hidden_classes=frozenset({None})) == [tumor.id]
