"""Tile grids: exact size, no gap, no overlap; tissue shares exact to the pixel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box

from desktop_app.domain.recipe import TileSettings
from desktop_app.domain.tiling import TileGrid, dark_pixels, tiles_in_region, tissue_shares

sizes = st.tuples(st.integers(1, 4000), st.integers(1, 4000))
mpps = st.tuples(st.floats(0.1, 2.0), st.floats(0.1, 2.0))
settings = st.builds(
    lambda size, mpp, overlap: TileSettings(size, mpp, int(size * overlap)),
    st.integers(64, 512),
    st.floats(0.25, 4.0),
    st.sampled_from([0.0, 0.25, 0.5]),
)


@given(sizes, mpps, settings)
def test_no_corner_is_more_than_half_a_pixel_off_however_far_it_is(size, mpp, tiles) -> None:
    grid = TileGrid.over_slide(size, mpp, tiles)
    tile = np.array([tiles.size_px * tiles.mpp / mpp[0], tiles.size_px * tiles.mpp / mpp[1]])
    stride = tile * (tiles.size_px - tiles.overlap_px) / tiles.size_px
    columns, rows = np.meshgrid(np.arange(grid.columns), np.arange(grid.rows))
    exact = np.stack([columns.ravel() * stride[0], rows.ravel() * stride[1]], axis=1)
    assert grid.locations().dtype == np.int64
    assert np.abs(grid.locations() - exact).max() <= 0.5 + 1e-6
    assert np.abs(grid.boxes()[:, 2:] - (exact + tile)).max() <= 0.5 + 1e-6


@given(sizes, mpps, settings)
def test_the_grid_covers_the_slide_and_no_row_is_for_nothing(size, mpp, tiles) -> None:
    grid = TileGrid.over_slide(size, mpp, tiles)
    boxes = grid.boxes()
    assert tuple(boxes[:, :2].min(axis=0)) == (0, 0)
    for axis, count in ((0, grid.columns), (1, grid.rows)):
        assert boxes[:, 2 + axis].max() >= size[axis]
        if count > 1:
            last_but_one = (count - 2) * grid.stride[axis] + grid.tile[axis]
            assert last_but_one < size[axis] - 0.5 + 1e-6


@given(sizes, mpps, st.integers(64, 512), st.floats(0.5, 4.0))
def test_without_overlap_every_pixel_is_in_exactly_one_tile(size, mpp, size_px, target) -> None:
    grid = TileGrid.over_slide(size, mpp, TileSettings(size_px, target))
    boxes = grid.boxes().reshape(grid.rows, grid.columns, 4)
    np.testing.assert_array_equal(boxes[:, :-1, 2], boxes[:, 1:, 0])
    np.testing.assert_array_equal(boxes[:-1, :, 3], boxes[1:, :, 1])
    assert (boxes[..., 2] > boxes[..., 0]).all()


@given(
    st.tuples(st.floats(-50, 500), st.floats(-50, 500), st.floats(1, 3000), st.floats(1, 3000)),
    mpps,
    settings,
)
def test_a_centered_grid_is_padded_alike_on_opposite_sides(extent, mpp, tiles) -> None:
    grid = TileGrid.centered_on(extent, mpp, tiles)
    for axis, count in ((0, grid.columns), (1, grid.rows)):
        before = extent[axis] - grid.origin[axis]
        end = grid.origin[axis] + (count - 1) * grid.stride[axis] + grid.tile[axis]
        after = end - extent[axis] - extent[2 + axis]
        assert before == pytest.approx(after, abs=1e-6)
        assert before >= -0.5


def test_centered_padding_is_the_published_one_in_whole_pixels() -> None:
    # Prov-GigaPath pads 300 columns to 512 with 106 on either side, and 301 with 105 before and 106 after.
    for width, before in ((300, 106), (301, 105)):
        grid = TileGrid.centered_on((40.0, 0.0, width, 256.0), (0.5, 0.5), TileSettings(256, 0.5))
        assert (grid.columns, grid.rows) == (2, 1)
        assert grid.locations()[0].tolist() == [40 - before, 0]


def test_tiles_are_numbered_row_by_row_on_a_slide_that_is_not_square() -> None:
    grid = TileGrid.over_slide((700, 300), (1.0, 0.5), TileSettings(100, 1.0))
    assert (grid.columns, grid.rows, len(grid)) == (7, 2, 14)
    assert grid.tile == (100.0, 200.0)
    assert grid.locations()[1].tolist() == [100, 0]
    assert grid.locations()[7].tolist() == [0, 200]


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.tuples(*[st.floats(-20, 80)] * 2, *[st.floats(0.1, 60)] * 2), min_size=1, max_size=5),
)
def test_tissue_shares_are_exact(seed: int, rectangles) -> None:
    mask = np.random.default_rng(seed).random((7, 9)) < 0.5
    slide = (90, 35)
    corners = np.array([(x, y, x + w, y + h) for x, y, w, h in rectangles])
    width, height = slide[0] / 9, slide[1] / 7
    expected = []
    for x0, y0, x1, y1 in corners:
        area = 0.0
        for row, column in zip(*np.nonzero(mask), strict=True):
            across = min(x1, (column + 1) * width) - max(x0, column * width)
            down = min(y1, (row + 1) * height) - max(y0, row * height)
            area += max(0.0, across) * max(0.0, down)
        expected.append(area / ((x1 - x0) * (y1 - y0)))
    np.testing.assert_allclose(tissue_shares(mask, slide, corners), expected, atol=1e-9)


def test_a_tile_is_in_a_region_by_its_center_and_holes_are_outside() -> None:
    grid = TileGrid.over_slide((500, 500), (1.0, 1.0), TileSettings(100, 1.0))
    ring = Polygon(box(0, 0, 500, 500).exterior.coords, [box(101, 101, 399, 399).exterior.coords])
    inside = tiles_in_region(grid, (ring,)).reshape(5, 5)
    assert inside.sum() == 16
    assert not inside[1:4, 1:4].any()


def test_neighboring_regions_share_no_tile() -> None:
    grid = TileGrid.over_slide((1000, 100), (1.0, 1.0), TileSettings(100, 1.0))
    left, right = (box(0, 0, 430, 100),), (box(430, 0, 1000, 100),)
    assert not (tiles_in_region(grid, left) & tiles_in_region(grid, right)).any()
    assert (tiles_in_region(grid, left) | tiles_in_region(grid, right)).all()


def test_a_region_smaller_than_a_tile_takes_the_nearest_one() -> None:
    grid = TileGrid.over_slide((500, 500), (1.0, 1.0), TileSettings(100, 1.0))
    assert np.flatnonzero(tiles_in_region(grid, (box(110, 210, 120, 220),))).tolist() == [11]


def test_dark_pixels_follow_the_mean_and_never_the_background() -> None:
    pixels = np.array([[[10, 10, 10], [100, 100, 102], [100, 100, 99], [0, 0, 0]]], dtype=np.uint8)
    assert dark_pixels(pixels, 100.0, (255, 255, 255)).tolist() == [[True, False, True, True]]
    assert dark_pixels(pixels, 100.0, (0, 0, 0)).tolist() == [[True, False, True, False]]
