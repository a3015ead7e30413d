"""Which tiles a run reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from shapely import box

from desktop_app.domain.recipe import TileSettings
from desktop_app.domain.tissue import Tissue
from desktop_app.engine.tiles import check_resolution, mask_inside, plan_tiles
from desktop_app.errors import MissingMppError, SlideTooCoarseError
from tests.support.engine_cases import FakeDetector, MemorySlide, tissue_slide

SETTINGS = TileSettings(size_px=64)


def test_the_mask_decides_which_tiles_are_read() -> None:
    slide = tissue_slide((640, 448))
    plan = plan_tiles(slide.info, FakeDetector().detect(slide), SETTINGS, ())
    assert (plan.grid.columns, plan.grid.rows) == (10, 7)
    inside = np.zeros((7, 10), dtype=bool)
    inside[1:6, 1:9] = True
    assert plan.candidates.tolist() == np.flatnonzero(inside).tolist()
    assert (plan.background, plan.outside_roi) == (30, 0)
    assert plan.pixel_rule is None


def test_a_tile_needs_more_than_the_minimum_not_just_as_much() -> None:
    mask = np.zeros((10, 10), dtype=bool)
    mask[:1] = True
    tissue = Tissue(mask, (0.5, 0.5), 0.0, ())
    info = MemorySlide(np.zeros((64, 64, 3), np.uint8)).info
    assert len(plan_tiles(info, tissue, TileSettings(64, min_tissue=0.1), ()).candidates) == 0
    assert len(plan_tiles(info, tissue, TileSettings(64, min_tissue=0.0999), ()).candidates) == 1


def test_the_roi_takes_tiles_away_and_they_are_counted_as_outside() -> None:
    slide = tissue_slide((640, 448))
    plan = plan_tiles(slide.info, FakeDetector().detect(slide), SETTINGS, (box(0, 0, 320, 448),))
    assert plan.outside_roi == 35
    assert len(plan.candidates) == 4 * 5
    assert plan.background == 35 - 20


def test_with_the_pixel_rule_every_tile_of_the_extent_is_read() -> None:
    slide = tissue_slide((640, 448))
    tissue = FakeDetector("pixels", centered=True).detect(slide)
    plan = plan_tiles(slide.info, tissue, SETTINGS, ())
    assert len(plan.candidates) == len(plan.grid) == 8 * 5
    assert plan.pixel_rule is not None
    assert plan.background == 0


def test_outlines_end_at_the_slide() -> None:
    slide = tissue_slide((600, 400))
    plan = plan_tiles(slide.info, FakeDetector().detect(slide), SETTINGS, ())
    outlines = plan.outlines(np.arange(len(plan.grid)), slide.info.size)
    assert outlines.min() == 0
    assert outlines[:, 2].max() == 600
    assert outlines[:, 3].max() == 400


def test_mpp_that_differ_by_axis_give_tiles_that_are_square_in_um() -> None:
    slide = tissue_slide((640, 448), mpp=(0.5, 0.25))
    plan = plan_tiles(slide.info, FakeDetector().detect(slide), SETTINGS, ())
    assert plan.grid.tile == (64.0, 128.0)


@pytest.mark.parametrize(("mpp", "passes"), [(0.5, True), (0.52, True), (0.53, False), (29.0, False)])
def test_a_slide_coarser_than_5_percent_is_refused(mpp: float, passes: bool) -> None:
    info = MemorySlide(np.zeros((8, 8, 3), np.uint8), mpp=(0.4, mpp), path=Path("a.svs")).info
    if passes:
        assert check_resolution(info, SETTINGS) == pytest.approx(mpp / 0.5)
        return
    with pytest.raises(SlideTooCoarseError) as caught:
        check_resolution(info, SETTINGS)
    assert (caught.value.mpp, caught.value.target_mpp) == (mpp, 0.5)
    assert check_resolution(info, TileSettings(64, allow_upsampling=True)) == pytest.approx(mpp / 0.5)


def test_a_slide_without_mpp_is_refused() -> None:
    info = MemorySlide(np.zeros((8, 8, 3), np.uint8), mpp=None).info
    with pytest.raises(MissingMppError, match="--mpp"):
        check_resolution(info, SETTINGS)


def test_points_are_looked_up_in_the_mask_and_outside_is_none() -> None:
    tissue = Tissue(np.array([[True, False], [False, True]]), (1.0, 1.0), 0.0, ())
    info = MemorySlide(np.zeros((20, 40, 3), np.uint8)).info
    points = np.array([[0, 0], [19.9, 9.9], [20, 0], [39.9, 19.9], [40, 19], [-0.1, 0]])
    assert mask_inside(tissue, info, points).tolist() == [True, True, False, True, False, False]
