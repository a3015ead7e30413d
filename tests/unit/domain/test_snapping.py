from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.shapes import nearest_edge
from desktop_app.domain.snapping import BorderPlace, border_near
from tests.support.annotation_samples import circle, one_of_each, square

ONE, HIDDEN = square(100, 100), square(300, 100, hidden=True)
LINE = Annotation(uuid4(), "line", ((np.array([[500.0, 100], [600, 100], [600, 200]]),),))
POINT = Annotation(uuid4(), "points", ((np.array([[400.0, 400]]),),))
SNAPSHOT = AnnotationSnapshot.of([ONE, HIDDEN, LINE, POINT])


def test_a_vertex_goes_before_an_edge_that_is_nearer() -> None:
    assert border_near(SNAPSHOT, (105, 101), 8) == BorderPlace((100, 100), "vertex")
    assert border_near(SNAPSHOT, (150, 104), 8) == BorderPlace((150, 100), "edge")
    assert border_near(SNAPSHOT, (150, 109), 8) is None


def test_the_last_edge_of_an_area_counts_and_a_line_has_none() -> None:
    assert border_near(SNAPSHOT, (103, 150), 8) == BorderPlace((100, 150), "edge")
    assert border_near(SNAPSHOT, (550, 150), 8) is None
    assert border_near(SNAPSHOT, (596, 150), 8) == BorderPlace((600, 150), "edge")


@pytest.mark.parametrize("place", [(300, 150), (401, 401)])
def test_hidden_objects_and_points_have_no_border(place: tuple[float, float]) -> None:
    assert border_near(SNAPSHOT, place, 8) is None


def test_what_is_changed_itself_is_left_out() -> None:
    assert border_near(SNAPSHOT, (105, 101), 8, leaving_out=frozenset({ONE.id})) is None


@settings(deadline=None)
@given(st.floats(-20, 700), st.floats(-20, 700), st.floats(0.5, 60))
def test_it_is_the_nearest_of_all_borders(x: float, y: float, reach: float) -> None:
    shapes = [*one_of_each(), circle(300, 300, 80)]
    found = border_near(AnnotationSnapshot.of(shapes), (x, y), reach)
    edged = [shape for shape in shapes if shape.kind not in ("points", "note") and not shape.hidden]
    nearest = min(nearest_edge(shape, (x, y))[1] for shape in edged)
    if found is None:
        assert nearest >= reach - 0.02
    else:
        assert np.hypot(found.position[0] - x, found.position[1] - y) <= reach
        assert min(nearest_edge(shape, found.position)[1] for shape in edged) < 0.02
        if found.on == "edge":
            assert np.hypot(found.position[0] - x, found.position[1] - y) == pytest.approx(nearest, abs=0.02)
