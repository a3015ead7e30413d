"""Canvas tiles of a JPEG slide: the level's very pixels, and levels between made by the decoder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_app.domain.tile_requests import TileKey
from desktop_app.slides import OpenSlideReader, Slide, SlideOpener
from desktop_app.ui.canvas import SlideTileSource
from tests.support.pictures import pixels_of
from tests.support.slide_factory import damage_tile, textured, write_jpeg_slide

Open = Callable[[Path], Slide]


def level_of(slide: Slide, level: int) -> tuple[NDArray[np.uint8], list[str]]:
    """A whole level as the canvas has it, put together from its tiles, and what could not be read."""
    source = SlideTileSource(slide)
    width, height = source.pyramid.levels[level].size
    picture = np.zeros((height, width, 3), np.uint8)
    failures = []
    for key in source.pyramid.all_tiles(level):
        tile = source.read(TileKey(*key.place), lambda: True)
        assert tile is not None
        x, y, w, h = source.pyramid.pixel_rect(key)
        picture[y : y + h, x : x + w] = pixels_of(tile.image)
        failures += [tile.unreadable] if tile.unreadable else []
    return picture, failures


def soft(width: int, height: int) -> NDArray[np.uint8]:
    return textured(width, height) // 3 + 80


@pytest.mark.parametrize("size", [(1500, 1100), (1501, 1099)], ids=["whole downsample", "other"])
def test_the_files_levels_are_shown_byte_for_byte(
    tmp_path: Path, open_slide: Open, size: tuple[int, int]
) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(*size))
    with SlideOpener([OpenSlideReader(direct=False)]).open(path) as theirs:
        for level in theirs.info.levels:
            wanted = theirs.read_region((0, 0), level.index, level.size)
            shown, failures = level_of(open_slide(path), level.index)
            assert np.array_equal(shown, wanted)
            assert not failures


@pytest.mark.parametrize("size", [(2304, 2048), (2301, 2043)], ids=["whole tiles", "cut tiles"])
def test_levels_between_are_near_the_mean_and_have_no_seams(
    tmp_path: Path, open_slide: Open, size: tuple[int, int]
) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", soft(*size), levels=1)
    slide = open_slide(path)
    whole = slide.read_region((0, 0), 0, slide.info.size)
    for level, shrink in ((1, 2), (2, 4), (3, 8)):
        shown, _ = level_of(slide, level)
        even = whole[: size[1] // shrink * shrink, : size[0] // shrink * shrink]
        wanted = cv2.resize(even, (size[0] // shrink, size[1] // shrink), interpolation=cv2.INTER_AREA)
        difference = np.abs(shown[: wanted.shape[0], : wanted.shape[1]].astype(float) - wanted)
        assert difference.mean() < 2
        seam = 256 // shrink
        on_seams = difference[:, seam - 1 :: seam].mean(), difference[:, seam::seam].mean()
        assert max(on_seams) < 3 * difference.mean() + 0.2


def test_a_damaged_tile_is_hatched_alone_in_a_level_between(tmp_path: Path, open_slide: Open) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", soft(1024, 512), levels=1)
    damage_tile(path, 5)
    shown, failures = level_of(open_slide(path), 1)
    assert len(failures) == 1
    gray = shown.max(axis=2).astype(int) - shown.min(axis=2) <= 1
    assert gray[130:254, 130:254].all()
    gray[126:, 126:258] = False
    assert gray.mean() < 0.1
