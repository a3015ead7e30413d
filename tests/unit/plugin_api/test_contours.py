"""Outlines of masks: exact area, validity, and the mask back from its outlines."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays

from desktop_app.plugin_api import polygons_from_mask

masks = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=14))


def rasterized(polygons: tuple[shapely.Polygon, ...], shape: tuple[int, int]) -> np.ndarray:
    """The pixels whose center lies in a polygon, asked of shapely alone."""
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    inside = np.zeros(shape, np.bool_)
    for polygon in polygons:
        inside |= shapely.contains_xy(polygon, x, y)
    return inside


@given(masks)
@settings(max_examples=150, deadline=None)
def test_outlines_give_the_mask_back(mask: np.ndarray) -> None:
    polygons = polygons_from_mask(mask, (1.0, 1.0))

    assert all(polygon.is_valid for polygon in polygons)
    assert sum(polygon.area for polygon in polygons) == mask.sum()
    assert np.array_equal(rasterized(polygons, mask.shape), mask)


@given(masks)
@settings(max_examples=60, deadline=None)
def test_one_polygon_per_four_connected_region(mask: np.ndarray) -> None:
    from scipy.ndimage import label

    labels, count = label(mask)
    polygons = polygons_from_mask(mask, (1.0, 1.0))

    assert len(polygons) == count
    areas = [polygon.area for polygon in polygons]
    assert areas == sorted(np.bincount(labels.ravel())[1:].astype(float), reverse=True)
    for one, other in itertools.pairwise(polygons):
        assert not one.overlaps(other)


def test_scale_and_origin_are_level_0_pixels() -> None:
    mask = np.zeros((4, 5), np.bool_)
    mask[1:3, 2:5] = True

    (polygon,) = polygons_from_mask(mask, (10.0, 20.0), origin=(100.0, 1000.0))

    assert polygon.bounds == (120.0, 1020.0, 150.0, 1060.0)
    assert len(polygon.exterior.coords) == 5


def test_a_hole_is_a_hole() -> None:
    mask = np.ones((5, 5), np.bool_)
    mask[2, 2] = False

    (polygon,) = polygons_from_mask(mask, (2.0, 2.0))

    assert polygon.area == 4 * 24
    assert len(polygon.interiors) == 1
    assert shapely.Polygon(polygon.interiors[0]).bounds == (4.0, 4.0, 6.0, 6.0)


def test_a_region_inside_a_hole_is_a_polygon_of_its_own() -> None:
    mask = np.ones((9, 9), np.bool_)
    mask[1:8, 1:8] = False
    mask[3:6, 3:6] = True

    large, small = polygons_from_mask(mask, (1.0, 1.0))

    assert (large.area, small.area) == (32.0, 9.0)
    assert not large.intersects(small)


@pytest.mark.parametrize("mask", [np.eye(2, dtype=np.bool_), np.fliplr(np.eye(2, dtype=np.bool_))])
def test_pixels_touching_at_a_corner_are_two_regions(mask: np.ndarray) -> None:
    assert [polygon.area for polygon in polygons_from_mask(mask, (1.0, 1.0))] == [1.0, 1.0]


@pytest.mark.parametrize("turns", range(4))
def test_a_region_closed_at_a_corner_is_one_valid_polygon(turns: int) -> None:
    """The hole touches the outside in one point, which must not make the outer ring touch itself."""
    mask = np.ones((3, 3), np.bool_)
    mask[1, 1] = mask[0, 0] = False

    (polygon,) = polygons_from_mask(np.rot90(mask, turns), (1.0, 1.0))

    assert polygon.is_valid
    assert polygon.area == 7.0
    assert len(polygon.interiors) == 1


@pytest.mark.parametrize("shape", [(3, 4), (1, 1), (0, 5)])
def test_an_empty_mask_has_no_outline(shape: tuple[int, int]) -> None:
    assert polygons_from_mask(np.zeros(shape, np.bool_), (1.0, 1.0)) == ()


def test_a_full_mask_is_one_rectangle() -> None:
    (polygon,) = polygons_from_mask(np.ones((30, 40), np.bool_), (1.0, 1.0))

    assert polygon.equals(shapely.box(0, 0, 40, 30))
