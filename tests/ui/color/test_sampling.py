"""Pixels sampled from a slide: where, how many, and only inside a region."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from desktop_app.slides import OpenSlideReader, SlideOpener
from desktop_app.ui.color.sampling import BLOCK, sample_pixels, sample_places, whole_slide
from tests.support.slide_factory import GLASS, RED, TISSUE, write_pyramid


@pytest.fixture(scope="module")
def slide_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pyramid(tmp_path_factory.mktemp("slides") / "a.tiff", size=(700, 500))


def test_blocks_lie_inside_the_rectangle_and_do_not_overlap(slide_path: Path) -> None:
    with SlideOpener([OpenSlideReader()]).open(slide_path) as slide:
        level, places = sample_places(slide.info, (100.0, 50.0, 400.0, 300.0), downsample=1.0, grid=6)
        assert level == 0
        assert len(places) == len(set(places)) == 36
        columns = sorted({x for x, _ in places})
        assert min(np.diff(columns)) >= BLOCK
        assert columns[0] >= 100
        assert columns[-1] + BLOCK <= 500


def test_a_place_beside_the_slide_gives_nothing(slide_path: Path) -> None:
    with SlideOpener([OpenSlideReader()]).open(slide_path) as slide:
        pixels = sample_pixels(slide, (900.0, 0.0, 50.0, 50.0), downsample=1.0)
        assert pixels.shape == (0, 3)


def test_a_coarse_view_reads_a_coarse_level(slide_path: Path) -> None:
    with SlideOpener([OpenSlideReader()]).open(slide_path) as slide:
        level, _ = sample_places(slide.info, whole_slide(slide.info), downsample=4.0, grid=4)
        assert level == 2


def test_only_pixels_inside_a_region_count(slide_path: Path) -> None:
    disc = shapely.Point(280, 250).buffer(80)
    with SlideOpener([OpenSlideReader()]).open(slide_path) as slide:
        pixels = sample_pixels(slide, (200.0, 170.0, 160.0, 160.0), downsample=1.0, grid=8, inside=disc)
    assert len(pixels) > 1000
    assert (np.abs(pixels.astype(int) - TISSUE).max(axis=1) <= 1).mean() > 0.99


def test_the_whole_slide_shows_all_its_colors(slide_path: Path) -> None:
    with SlideOpener([OpenSlideReader()]).open(slide_path) as slide:
        pixels = sample_pixels(slide, whole_slide(slide.info), downsample=1.0, grid=16)
        found = {tuple(color) for color in np.unique(pixels, axis=0).tolist()}
    assert {GLASS, TISSUE, RED} <= found


def test_the_scanned_part_is_the_whole_slide(slide_path: Path) -> None:
    with SlideOpener([OpenSlideReader()]).open(slide_path) as slide:
        assert whole_slide(slide.info) == (0.0, 0.0, 700.0, 500.0)
        assert whole_slide(replace(slide.info, bounds=(10, 20, 300, 200))) == (10.0, 20.0, 300.0, 200.0)
