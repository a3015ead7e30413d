"""Areas filled with a faint tint: as the window paints them itself, and in overlay tiles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from desktop_app.domain.annotation import Annotation
from desktop_app.ui.canvas_layers.live_objects import LIVE_LIMIT
from tests.support.annotation_bench import Bench
from tests.support.annotation_samples import square

WHITE = (255, 255, 255)
TINT = (245, 210, 210)
"""Tumor, 200, 0, 0, over white."""


@pytest.fixture(params=["live", "tiles"])
def crowd(bench: Bench, request: pytest.FixtureRequest) -> Bench:
    """A bench whose small objects are painted live, or by tiles since there are many."""
    count = LIVE_LIMIT + 50 if request.param == "tiles" else 0
    bench.document.add([square(900.0 + 4 * at, 900, 2) for at in range(count)], "Add")
    return bench


def add(bench: Bench, *shapes: Annotation) -> None:
    bench.document.add(shapes, "Add")


def test_an_area_is_tinted_inside_and_nowhere_else(crowd: Bench) -> None:
    add(crowd, square(300, 250, 60, class_name="Tumor"))
    assert crowd.color_at(330, 280) == WHITE
    crowd.layer.set_filled(True)
    assert crowd.color_at(330, 280) == pytest.approx(TINT, abs=2)
    assert crowd.color_at(380, 280) == WHITE
    crowd.layer.set_filled(False)
    assert crowd.color_at(330, 280) == WHITE


def test_a_hole_is_not_filled(crowd: Bench) -> None:
    outer, hole = square(300, 250, 80), square(320, 270, 40)
    rings = (outer.parts[0][0], hole.parts[0][0])
    add(crowd, replace(outer, kind="polygon", parts=(rings,), class_name="Tumor"))
    crowd.layer.set_filled(True)
    assert crowd.color_at(310, 290) == pytest.approx(TINT, abs=2)
    assert crowd.color_at(340, 290) == WHITE


def test_what_only_says_where_to_look_stays_an_outline(crowd: Bench) -> None:
    add(
        crowd,
        square(300, 250, 60, class_name="Region*"),
        square(400, 250, 60, class_name="Tissue"),
        replace(square(500, 250, 60), roi="open"),
        replace(square(600, 250, 60), kind="line", class_name="Tumor"),
    )
    crowd.layer.set_filled(True)
    crowd.layer.updated.emit()
    assert {crowd.color_at(x, 280) for x in (330, 430, 530)} == {WHITE}
    assert crowd.color_at(615, 300) == WHITE


def test_a_picture_is_filled_as_the_view_is(bench: Bench) -> None:
    add(bench, square(300, 250, 60, class_name="Tumor"))
    stills = []
    for filled in (False, True):
        bench.layer.set_filled(filled)
        stills.append(bench.layer.still(bench.canvas.viewport)[1].filled)
    assert stills == [False, True]


def test_overlapping_tints_of_many_small_areas_do_not_hide_the_slide(crowd: Bench) -> None:
    add(crowd, *(square(300 + 5 * at, 250, 60, class_name="Tumor") for at in range(6)))
    crowd.layer.set_filled(True)
    seen = np.array(crowd.color_at(327, 280))
    assert seen[0] > 200
    assert seen[1] > 60
