"""Regions: connected areas of tiles, and polygons from drawn rings."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from shapely import box

from desktop_app.domain.recipe import TileSettings
from desktop_app.domain.regions import clipped, connected_regions, polygons_from_rings, rings_of
from desktop_app.domain.tiling import TileGrid


@given(st.integers(0, 2**32 - 1), st.floats(0.3, 1.3))
def test_regions_are_the_four_connected_components_of_the_tiles(seed: int, mpp: float) -> None:
    chosen = np.random.default_rng(seed).random((6, 8)) < 0.5
    grid = TileGrid((3.7, -2.2), (64 / mpp, 64 / mpp), (64 / mpp, 64 / mpp), 8, 6)
    regions = connected_regions(grid.boxes(), chosen.ravel())
    labels, count = ndimage.label(chosen)
    assert len(regions) == count
    expected = {tuple(np.flatnonzero(labels.ravel() == number)) for number in range(1, count + 1)}
    assert {tuple(region.tiles) for region in regions} == expected
    boxes = grid.boxes().astype(float)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for region in regions:
        assert region.polygon.is_valid
        np.testing.assert_allclose(region.polygon.area, areas[region.tiles].sum())


def test_the_largest_region_comes_first_and_no_tile_gives_none() -> None:
    boxes = TileGrid.over_slide((500, 100), (1.0, 1.0), TileSettings(100, 1.0)).boxes()
    regions = connected_regions(boxes, np.array([True, False, True, True, True]))
    assert [region.tiles.tolist() for region in regions] == [[2, 3, 4], [0]]
    assert len(regions[0].polygon.exterior.coords) == 5
    assert connected_regions(boxes, np.zeros(5, dtype=bool)) == ()


def test_overlapping_tiles_are_connected() -> None:
    boxes = TileGrid.over_slide((200, 100), (1.0, 1.0), TileSettings(100, 1.0, 50)).boxes()
    regions = connected_regions(boxes, np.ones(len(boxes), dtype=bool))
    assert len(regions) == 1
    assert len(regions[0].tiles) == len(boxes)


def test_rings_become_polygons_and_back() -> None:
    outer = np.array([[0.0, 0], [100, 0], [100, 100], [0, 100]])
    hole = np.array([[20.0, 20], [20, 40], [40, 40], [40, 20]])
    (polygon,) = polygons_from_rings([(outer, hole)])
    assert polygon.area == 10000 - 400
    rings = rings_of(polygon)
    assert [len(ring) for ring in rings] == [4, 4]
    assert polygons_from_rings([rings])[0].equals(polygon)


def test_a_self_crossing_outline_is_repaired_and_a_line_is_nothing() -> None:
    bow = np.array([[0.0, 0], [10, 10], [10, 0], [0, 10]])
    parts = polygons_from_rings([(bow,), (np.array([[0.0, 0], [5, 5]]),)])
    assert sum(part.area for part in parts) == 50
    assert all(part.is_valid for part in parts)


def test_clipping_drops_what_only_touches() -> None:
    parts = clipped([box(0, 0, 10, 10), box(20, 0, 30, 10)], [box(5, 0, 20, 10)])
    assert [part.bounds for part in parts] == [(5, 0, 10, 10)]
