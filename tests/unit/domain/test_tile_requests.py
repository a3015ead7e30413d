"""Which tiles a view asks for, and in which order."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.slide_info import Level
from desktop_app.domain.tile_requests import (
    FRAMES_AHEAD,
    OVERVIEW_PIXELS,
    STEP_SHARE,
    TileKey,
    TileLevel,
    TilePyramid,
    expected_view,
    tile_levels,
    tile_requests,
)
from desktop_app.domain.viewport import Viewport


def levels(size: tuple[int, int], *downsamples: float) -> tuple[Level, ...]:
    return tuple(
        Level(index, (round(size[0] / ds), round(size[1] / ds)), ds) for index, ds in enumerate(downsamples)
    )


def pyramid(size: tuple[int, int] = (60_000, 40_000), *downsamples: float, tile: int = 256) -> TilePyramid:
    return TilePyramid(tile_levels(levels(size, *(downsamples or (1, 2, 4, 8, 16, 32, 64)))), tile)


def test_a_pyramid_of_factor_four_gets_half_levels() -> None:
    made = tile_levels(levels((60_000, 40_000), 1, 4.0003, 16.001))
    assert [level.shrink for level in made[:5]] == [1, 2, 1, 2, 1]
    assert [level.read_level for level in made[:5]] == [0, 0, 1, 1, 2]
    assert made[1].size == (30_000, 20_000)
    assert made[1].downsample == 2


def test_a_full_pyramid_is_left_alone_but_for_the_overview() -> None:
    made = tile_levels(levels((6_000, 4_000), 1, 2, 4, 8, 16))
    assert [(level.downsample, level.shrink) for level in made] == [(ds, 1) for ds in (1, 2, 4, 8, 16)]


@given(
    st.tuples(st.integers(1, 200_000), st.integers(1, 200_000)),
    st.lists(st.floats(1.4, 9), max_size=6),
)
def test_levels_are_close_to_each_other_and_end_in_an_overview(
    size: tuple[int, int], factors: list[float]
) -> None:
    downsamples = np.cumprod([1.0, *factors])
    made = tile_levels(levels(size, *(ds for ds in downsamples if min(size) / ds >= 1)))
    steps = [coarse.downsample / fine.downsample for fine, coarse in pairwise(made)]
    assert all(1 < step < 2.9 for step in steps)
    assert max(made[-1].size) <= OVERVIEW_PIXELS


@pytest.mark.parametrize(
    ("downsample", "level"), [(0.1, 0), (1.0, 0), (1.99, 1), (1.9, 0), (2.0, 1), (3.9, 1), (500.0, 7)]
)
def test_the_level_is_the_coarsest_that_is_fine_enough(downsample: float, level: int) -> None:
    assert pyramid().level_for(downsample) == level


def test_tiles_at_the_edge_are_cut_off() -> None:
    made = pyramid((1000, 700), 1, 2)
    assert made.grid(0) == (4, 3)
    assert made.pixel_rect(TileKey(0, 3, 2)) == (768, 512, 232, 188)
    assert made.slide_rect(TileKey(1, 1, 1)) == (512, 512, 488, 188)


views = st.builds(
    Viewport,
    st.tuples(st.floats(0, 60_000), st.floats(0, 40_000)),
    st.floats(0.05, 200),
    st.floats(0, 360),
    st.tuples(st.integers(20, 1500), st.integers(20, 1500)),
)


@given(views, st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_every_seen_place_of_the_slide_is_in_a_requested_tile(
    view: Viewport, where: tuple[float, float]
) -> None:
    made = pyramid()
    x, y = view.slide_point((where[0] * view.size[0], where[1] * view.size[1]))
    if not (1 <= x <= 59_999 and 1 <= y <= 39_999):
        return
    rects = [made.slide_edges(key) for key in tile_requests(made, view).visible]
    assert any(x0 - 1 <= x <= x1 + 1 and y0 - 1 <= y <= y1 + 1 for x0, y0, x1, y1 in rects)


@given(views)
def test_a_turned_view_asks_for_nothing_that_it_does_not_touch(view: Viewport) -> None:
    made = pyramid()
    for key in tile_requests(made, view).visible:
        x0, y0, x1, y1 = made.slide_edges(key)
        level = made.levels[key.level]
        edge = made.tile_size * level.downsample
        square = np.asarray([(x0, y0), (x0 + edge, y0), (x0, y0 + edge), (x0 + edge, y0 + edge)])
        in_view = view.to_view(square)
        assert (in_view.max(axis=0) >= -1e-6).all()
        assert (in_view.min(axis=0) <= np.asarray(view.size) + 1e-6).all()
        assert max(x1 - x0, y1 - y0) <= edge + 1e-6


def test_the_middle_comes_first() -> None:
    view = Viewport((30_000.0, 20_000.0), 1.0, 0.0, (1280, 900))
    made = pyramid()
    visible = tile_requests(made, view).visible
    distances = [
        np.hypot((key.column + 0.5) * 256 - 30_000, (key.row + 0.5) * 256 - 20_000) for key in visible
    ]
    assert distances == sorted(distances)
    # 1280 × 900 px, 30,000 and 20,000 are no multiples of 256: at most one column and row more than fit.
    assert len(set(visible)) == len(visible) <= 6 * 5


def test_coarse_comes_before_fine_and_the_ring_last() -> None:
    view = Viewport((30_000.0, 20_000.0), 1.0, 0.0, (1280, 900))
    made = pyramid((60_000, 40_000), 1, 2, 4, 8, 16, 32, 64, 128)
    requests = tile_requests(made, view)
    order = [key.level for key in requests.ordered]
    assert order[0] == made.coarsest
    first_fine = order.index(0)
    assert set(order[:first_fine]) == {made.coarsest}
    assert requests.ordered[first_fine : first_fine + len(requests.visible)] == requests.visible
    ring = requests.ordered[-1]
    assert ring.level == 0
    assert ring not in requests.visible
    assert len(set(requests.ordered)) == len(requests.ordered)


def test_an_overview_that_must_be_made_does_not_delay_what_is_seen() -> None:
    made = pyramid((20_000, 20_000), 1)
    requests = tile_requests(made, Viewport((10_000.0, 10_000.0), 1.0, 0.0, (600, 400)))
    assert requests.ordered[: len(requests.visible)] == requests.visible
    levels_asked = {key.level for key in requests.ordered}
    assert levels_asked == {0, made.coarsest}


def test_pinned_levels_are_the_coarsest_that_fit_the_budget() -> None:
    made = pyramid()
    held = sum(4 * made.levels[level].size[0] * made.levels[level].size[1] for level in made.pinned)
    assert made.coarsest in made.pinned
    assert 0 not in made.pinned
    assert held <= 24 * 2**20
    assert sorted(made.pinned) == list(range(min(made.pinned), made.coarsest + 1))


def test_a_denser_screen_gets_the_finer_level() -> None:
    made = pyramid()
    plain = Viewport.fit_rect((0, 0, 2560, 1800), (1280, 900))
    dense = Viewport.fit_rect((0, 0, 2560, 1800), (2560, 1800))
    assert tile_requests(made, plain).visible[0].level == 1
    assert tile_requests(made, dense).visible[0].level == 0


def test_neighbors_share_the_very_same_edge() -> None:
    made = TilePyramid((TileLevel((10_000, 10_000), 4.000301, 0),), 240)
    for column in range(40):
        assert made.slide_edges(TileKey(0, column, 0))[2] == made.slide_edges(TileKey(0, column + 1, 0))[0]


def test_where_the_level_has_to_be_made_a_coarser_one_comes_first() -> None:
    made = pyramid((60_000, 40_000), 1, 4, 16, 64)
    view = Viewport((30_000.0, 20_000.0), 3.0, 0.0, (1280, 900))
    requests = tile_requests(made, view)
    assert {made.levels[key.level].downsample for key in requests.visible} == {2}
    assert {made.levels[key.level].downsample for key in requests.first} == {4}
    seen = np.asarray([made.slide_edges(key) for key in requests.first])
    x, y, width, height = view.slide_rect()
    assert seen[:, 0].min() <= x
    assert seen[:, 1].min() <= y
    assert seen[:, 2].max() >= x + width
    assert seen[:, 3].max() >= y + height
    order = [*requests.ordered]
    assert order.index(requests.first[-1]) < order.index(requests.visible[0])


def test_where_the_level_is_there_nothing_coarser_is_read_first() -> None:
    view = Viewport((30_000.0, 20_000.0), 4.0, 0.0, (1280, 900))
    assert tile_requests(pyramid((60_000, 40_000), 1, 4, 16, 64), view).first == ()


def test_a_moving_view_asks_for_what_lies_ahead_before_what_lies_around() -> None:
    made = pyramid((60_000, 40_000), 1, 2, 4, 8, 16, 32, 64, 128)
    view = Viewport((30_000.0, 20_000.0), 1.0, 0.0, (1280, 900))
    before = view.centered_on((29_970.0, 20_000.0))
    requests = tile_requests(made, view, before=before)
    behind_and_ahead = [key for key in requests.ordered if key.level == 0 and key not in requests.visible]
    assert behind_and_ahead[0].column > max(key.column for key in requests.visible)
    assert set(requests.ordered) >= set(tile_requests(made, view).ordered)


def test_a_view_that_zooms_out_asks_for_the_next_level_in_time() -> None:
    made = pyramid((60_000, 40_000), 1, 2, 4, 8, 16, 32, 64, 128)
    view = Viewport((30_000.0, 20_000.0), 1.8, 0.0, (1280, 900))
    at_rest, zooming = (
        {key.level for key in tile_requests(made, view, before=before).ordered}
        for before in (view, view.with_downsample(1.7))
    )
    assert 1 not in at_rest
    assert 1 in zooming


@given(views, st.tuples(st.floats(-400, 400), st.floats(-400, 400)), st.floats(0.7, 1.4))
def test_what_is_expected_is_near_and_jumps_say_nothing(
    view: Viewport, step: tuple[float, float], zoom: float
) -> None:
    dx, dy = (side * view.downsample for side in step)
    after = view.centered_on((view.center[0] + dx, view.center[1] + dy)).zoomed(zoom)
    expected = expected_view(view, after)
    if expected is None:
        return
    moved = np.hypot(*np.subtract(expected.center, after.center)) / after.downsample
    assert moved <= FRAMES_AHEAD * STEP_SHARE * min(view.size) * 1.001
    assert 0.49 <= expected.downsample / after.downsample <= 2.01
    assert expected_view(after, after) is None
    assert expected_view(view, view.centered_on((view.center[0] + view.downsample * 5000, 0.0))) is None
