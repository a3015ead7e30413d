"""The Deep Zoom table equals openslide-python's generator."""

from __future__ import annotations

from pathlib import Path

import openslide
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openslide.deepzoom import DeepZoomGenerator

from desktop_app.domain.deepzoom import DeepZoomLevel, deep_zoom_levels
from desktop_app.domain.slide_info import Level
from desktop_app.slides import OpenSlideReader, SlideOpener
from tests.support.shared_data import shared_file
from tests.support.slide_factory import write_pyramid


class Pyramid:
    """What the reference asks of a slide, without pixels."""

    def __init__(self, levels: tuple[Level, ...]) -> None:
        self.dimensions = levels[0].size
        self.level_dimensions = tuple(level.size for level in levels)
        self.level_downsamples = tuple(level.downsample for level in levels)
        self.properties: dict[str, str] = {}

    def get_best_level_for_downsample(self, downsample: float) -> int:
        coarser = (index for index, own in enumerate(self.level_downsamples) if index and downsample < own)
        return next(coarser, len(self.level_downsamples)) - 1


@st.composite
def pyramids(draw: st.DrawFn) -> tuple[Level, ...]:
    """Levels with rounded sizes, as files have them: their downsamples are hardly ever whole numbers."""
    width, height = draw(st.integers(1, 300_000)), draw(st.integers(1, 300_000))
    factors = draw(st.lists(st.sampled_from([2, 3, 4, 8]), max_size=5))
    levels = [Level(0, (width, height), 1.0)]
    for index, factor in enumerate(factors, start=1):
        size = (max(1, levels[-1].size[0] // factor), max(1, levels[-1].size[1] // factor))
        levels.append(Level(index, size, (width / size[0] + height / size[1]) / 2))
    ordered = [level.downsample for level in levels]
    return tuple(levels) if ordered == sorted(set(ordered)) else tuple(levels[:1])


def assert_equal(ours: tuple[DeepZoomLevel, ...], theirs: DeepZoomGenerator) -> None:
    assert [level.index for level in ours] == list(range(theirs.level_count))
    assert tuple(level.size for level in ours) == theirs.level_dimensions
    assert tuple(level.tiles for level in ours) == theirs.level_tiles
    for level in ours:
        (_location, source, size) = theirs.get_tile_coordinates(level.index, (0, 0))
        assert level.level == source
        if level.tiles == (1, 1):
            assert size[0] <= level.size[0] * level.scale + 1


@given(levels=pyramids(), tile_size=st.sampled_from([254, 256, 510, 1024]), overlap=st.integers(0, 2))
def test_the_table_equals_the_reference(levels: tuple[Level, ...], tile_size: int, overlap: int) -> None:
    theirs = DeepZoomGenerator(Pyramid(levels), tile_size=tile_size, overlap=overlap)
    assert_equal(deep_zoom_levels(levels[0].size, levels, tile_size=tile_size), theirs)


@given(levels=pyramids())
def test_scale_brings_each_level_to_full_resolution(levels: tuple[Level, ...]) -> None:
    table = deep_zoom_levels(levels[0].size, levels)
    assert table[0].size == (1, 1)
    for level in table:
        downsample = 2 ** (len(table) - 1 - level.index)
        assert level.scale * levels[level.level].downsample == pytest.approx(downsample)
        assert level.scale >= 1


def test_a_written_slide_gives_the_table_of_the_library(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "a.tif", size=(701, 499), levels=4)
    with SlideOpener([OpenSlideReader()]).open(path) as slide, openslide.OpenSlide(path) as theirs:
        assert_equal(deep_zoom_levels(slide.info.size, slide.info.levels), DeepZoomGenerator(theirs))


@pytest.mark.parametrize("name", ["boxes.tiff", "CMU-1-Small-Region.svs", "TCGA-CR-7395-01A-01-TS1.svs"])
def test_a_real_slide_gives_the_table_of_the_library(name: str) -> None:
    path = shared_file(f"slides/{name}")
    with SlideOpener([OpenSlideReader()]).open(path) as slide, openslide.OpenSlide(path) as theirs:
        assert_equal(deep_zoom_levels(slide.info.size, slide.info.levels), DeepZoomGenerator(theirs))
