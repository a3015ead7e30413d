"""Awkward geometry: what is read lies where it lies on the slide, at every scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desktop_app.domain.slide_info import Level
from desktop_app.slides import OpenSlideReader, SlideOpener
from desktop_app.slides.level_geometry import well_placed
from tests.support.geometry_traps import BLOCK, TRAPS
from tests.support.slide_factory import textured, write_pyramid


@pytest.mark.parametrize("name", TRAPS)
def test_pixels_are_read_from_where_they_are(tmp_path: Path, name: str) -> None:
    trap = TRAPS[name](tmp_path / "a.tif")
    with SlideOpener([OpenSlideReader()]).open(trap.path) as slide:
        downsamples = [level.downsample for level in slide.info.levels]
        assert downsamples == sorted(downsamples)
        assert downsamples[0] == 1
        for (x, y), color in trap.squares(6):
            for shrink in (1.0, 2.0, 3.7, 8.0, 16.0):
                size = (max(1, round(64 / shrink)), max(1, round(64 / shrink)))
                pixels = slide.read_scaled((x - 32, y - 32), (64, 64), size)
                error = np.abs(pixels.astype(int) - color).max()
                assert error <= 8, (x, y, shrink)


@pytest.mark.parametrize("name", TRAPS)
def test_every_level_lies_under_the_first(tmp_path: Path, name: str) -> None:
    trap = TRAPS[name](tmp_path / "a.tif")
    with SlideOpener([OpenSlideReader()]).open(trap.path) as slide:
        for level in slide.info.levels:
            if level.downsample > BLOCK / 6:
                continue
            for (x, y), color in trap.squares(4):
                corner = (int(x / level.downsample), int(y / level.downsample))
                pixel = slide.read_level(corner, level.index, (1, 1))[0, 0, 2::-1]
                assert np.abs(pixel.astype(int) - color).max() <= 8, (level, x, y)


def test_misplaced_levels_are_left_out_with_all_after_them() -> None:
    def level(index: int, width: int, height: int) -> Level:
        mean = (100_000 / width + 200 / height) / 2
        return Level(index, (width, height), mean)

    levels = [Level(0, (100_000, 200), 1.0), level(1, 25_000, 50), level(2, 6250, 13), level(3, 1563, 3)]
    assert [found.index for found in well_placed(levels)] == [0, 1]
    ordinary = [Level(0, (1001, 701), 1.0), Level(1, (250, 175), (1001 / 250 + 701 / 175) / 2)]
    assert well_placed(ordinary) == tuple(ordinary)
    assert well_placed(ordinary[:1]) == (ordinary[0],)


def test_a_slide_of_one_pixel(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "1.tif", textured(1, 1), levels=1)
    with SlideOpener([OpenSlideReader()]).open(path) as slide:
        assert slide.info.size == (1, 1)
        color = slide.read_region((0, 0), 0, (1, 1))[0, 0]
        assert (slide.read_scaled((0, 0), (1, 1), (7, 5))[2, 3] == color).all()
        assert (slide.read_region((-3, -2), 0, (9, 9))[2, 3] == color).all()
