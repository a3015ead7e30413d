"""What has been seen: turned views, merging, the file, and the share of the tissue."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.coverage import (
    MOST_CELLS,
    Coverage,
    cell_side,
    class_downsamples,
    step_of,
    tissue_cells,
)
from desktop_app.domain.viewport import Viewport

SLIDE = (40_000, 25_000)

views = st.builds(
    Viewport,
    center=st.tuples(st.floats(0, SLIDE[0]), st.floats(0, SLIDE[1])),
    downsample=st.floats(0.5, 120),
    rotation_deg=st.one_of(st.sampled_from([0.0, 90.0, 180.0, 270.0]), st.floats(0, 360)),
    size=st.tuples(st.integers(1, 1500), st.integers(1, 1200)),
    mirrored=st.booleans(),
)


@given(views)
def test_exactly_the_cells_whose_middle_is_in_a_view_are_seen(view: Viewport) -> None:
    seen = Coverage.empty(SLIDE).with_view(view)
    rows, columns = np.nonzero(np.ones_like(seen.steps))
    edges = [
        np.minimum((axis + end) * seen.cell, side)
        for axis, side in ((columns, SLIDE[0]), (rows, SLIDE[1]))
        for end in (0, 1)
    ]
    middles = np.column_stack([(edges[0] + edges[1]) / 2, (edges[2] + edges[3]) / 2])
    placed = view.to_view(middles)
    distance = np.minimum(placed, np.asarray(view.size) - placed).min(axis=1)
    found = seen.steps[rows, columns] > 0
    assert found[distance > 1e-6].all()
    assert not found[distance < -1e-6].any()


@given(views, views)
def test_the_finest_scale_wins_in_any_order(one: Viewport, other: Viewport) -> None:
    empty = Coverage.empty(SLIDE)
    both = empty.with_view(one).with_view(other)
    assert np.array_equal(both.steps, empty.with_view(other).with_view(one).steps)
    assert np.array_equal(both.steps, empty.with_view(one).merged(empty.with_view(other)).steps)
    assert both.with_view(one) is both
    assert both.with_view(other) is both


@given(st.tuples(st.integers(1, 300_000), st.integers(1, 300_000)))
def test_cells_cover_any_slide(size: tuple[int, int]) -> None:
    empty = Coverage.empty(size)
    rows, columns = empty.steps.shape
    assert max(rows, columns) <= MOST_CELLS + 1
    assert (columns - 1) * cell_side(size) < size[0] <= columns * cell_side(size) + 1e-6
    assert (rows - 1) * cell_side(size) < size[1] <= rows * cell_side(size) + 1e-6
    # A view of the whole slide sees all of it, however narrow the last cells are.
    assert (empty.with_view(Viewport.fit(size, (800, 600))).steps > 0).all()


def test_what_is_written_is_read_again_and_small() -> None:
    seen = Coverage.empty(SLIDE)
    for number in range(30):
        seen = seen.with_view(Viewport((number * 1000.0, number * 600.0), 4.0, number, (1200, 900)))
    written = seen.written()
    assert len(written["cells"]) < 12_000
    assert np.array_equal(Coverage.read(written, SLIDE).steps, seen.steps)


@pytest.mark.parametrize(
    "damage", [{"cells": "%%"}, {"cells": "AAAA"}, {"cells": 5}, {"size": [1, 2]}, {"size": None}]
)
def test_a_damaged_or_foreign_file_counts_as_nothing_seen(damage: dict[str, object]) -> None:
    written = Coverage.empty(SLIDE).with_view(Viewport.fit(SLIDE, (500, 500))).written()
    assert Coverage.read({**written, **damage}, SLIDE).is_empty
    assert Coverage.read({}, SLIDE).is_empty


def test_classes_follow_the_pixel_size() -> None:
    seen = Coverage.empty(SLIDE).with_view(Viewport((20_000, 12_500), 2.0, 0.0, (4000, 4000)))
    middle = (seen.steps.shape[0] // 2, seen.steps.shape[1] // 2)
    # 2 px per device pixel: 20x at 0.25 µm, 10x at 0.5 µm, one to two where that is unknown.
    assert seen.classes(class_downsamples(0.25))[middle] == 4
    assert seen.classes(class_downsamples(0.5))[middle] == 3
    assert seen.classes(class_downsamples(None))[middle] == 4
    assert seen.classes(class_downsamples(0.25))[0, 0] == 0


@given(st.floats(1 / 32, 60_000))
def test_a_step_tells_scales_that_differ_by_a_sixth_apart(downsample: float) -> None:
    assert 1 <= step_of(downsample) <= 255
    assert step_of(downsample / 1.19) > step_of(downsample)
    assert abs(step_of(downsample * 1.02) - step_of(downsample)) <= 1


def test_shares_of_the_slide_and_of_the_tissue() -> None:
    size = (8192, 8192)
    seen = Coverage.empty(size).with_view(Viewport((2048, 4096), 4.0, 0.0, (1024, 2048)))
    assert seen.share(4.0) == 0.5
    assert seen.share(2.0) == 0.0
    tissue = np.zeros(seen.steps.shape, np.bool_)
    tissue[:, 128:384] = True
    assert seen.share(4.0, tissue) == 0.5
    tissue[:, 256:] = False
    assert seen.share(4.0, tissue) == 1.0
    assert seen.share(4.0, np.zeros_like(tissue)) == 0.0


def test_tissue_is_what_is_darker_than_glass() -> None:
    random = np.random.default_rng(3)
    picture = random.integers(236, 246, (100, 160, 3)).astype(np.uint8)
    picture[20:60, 30:90] = random.integers(-20, 20, (40, 60, 3)) + np.asarray([190, 120, 170])
    tissue = tissue_cells(picture)
    assert tissue is not None
    assert tissue[22:58, 32:88].mean() > 0.99
    assert tissue[:15].mean() < 0.01
    assert tissue_cells(np.full((10, 10, 3), 240, np.uint8)) is None
    assert tissue_cells(np.zeros((10, 10, 3), np.uint8)) is None
