"""A level-0 rectangle at an exact size."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from desktop_app.domain.slide_info import Level, SlideInfo
from desktop_app.slides import OpenSlideReader, SlideOpener
from desktop_app.slides.scaled import BLOCK, read_scaled
from tests.support.slide_factory import write_pyramid

OPENER = SlideOpener([OpenSlideReader()])


def textured(width: int, height: int, cell: int = 16) -> NDArray[np.uint8]:
    shape = (height // cell + 2, width // cell + 2, 3)
    coarse = np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)
    return np.ascontiguousarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))


def area_mean(
    pixels: NDArray[np.uint8],
    location: tuple[float, float],
    extent: tuple[float, float],
    size: tuple[int, int],
) -> NDArray[np.float64]:
    """Means over exact rectangles of a picture on an endless white ground."""

    def weights(start: float, length: float, count: int, side: int) -> NDArray[np.float64]:
        low = start + length * np.arange(count)[:, None] / count
        high = start + length * (np.arange(count)[:, None] + 1) / count
        pixel = np.arange(side)[None]
        shared = np.minimum(high, pixel + 1) - np.maximum(low, pixel)
        return shared.clip(0) / (high - low)

    down = weights(location[1], extent[1], size[1], pixels.shape[0])
    across = weights(location[0], extent[0], size[0], pixels.shape[1])
    inside = np.outer(down.sum(axis=1), across.sum(axis=1))[..., None]
    return np.einsum("yi,ijc,xj->yxc", down, pixels.astype(float), across, optimize=True) + 255 * (1 - inside)


@pytest.fixture(scope="module")
def picture() -> NDArray[np.uint8]:
    return textured(701, 533)


@pytest.fixture(scope="module")
def one_level(picture: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pyramid(tmp_path_factory.mktemp("slides") / "one.tif", picture, levels=1)


@pytest.fixture(scope="module")
def pyramid(picture: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pyramid(tmp_path_factory.mktemp("slides") / "three.tif", picture, levels=3)


@given(
    location=st.tuples(st.floats(-60, 700), st.floats(-60, 530)),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    scale=st.tuples(st.floats(1.0, 9.0), st.floats(1.0, 9.0)),
)
@settings(deadline=None, max_examples=60)
def test_a_one_level_slide_gives_the_mean_over_the_exact_area(
    picture: NDArray[np.uint8],
    one_level: Path,
    location: tuple[float, float],
    size: tuple[int, int],
    scale: tuple[float, float],
) -> None:
    extent = (size[0] * scale[0], size[1] * scale[1])
    with OPENER.open(one_level) as slide:
        result = slide.read_scaled(location, extent, size)
    assert result.shape == (size[1], size[0], 3)
    assert np.abs(result - area_mean(picture, location, extent, size)).max() <= 0.55


@pytest.mark.parametrize("location", [(0.0, 0.0), (100.4, 57.7), (333.0, 201.0)])
@pytest.mark.parametrize("step", [1.5, 2.0, 2.7, 4.0, 5.3])
def test_a_pyramid_gives_nearly_the_same(tmp_path: Path, location: tuple[float, float], step: float) -> None:
    smooth = textured(704, 528, cell=64)
    size = (50, 40)
    extent = (size[0] * step, size[1] * step)
    with OPENER.open(write_pyramid(tmp_path / "a.tif", smooth, levels=3)) as slide:
        result = slide.read_scaled(location, extent, size)
    difference = result - area_mean(smooth, location, extent, size)
    assert np.abs(difference).mean() <= 0.6
    assert np.abs(difference).max() <= 4
    assert abs(difference.mean()) <= 0.2


def test_rounded_level_sizes_shift_a_level_by_less_than_its_pixel(tmp_path: Path) -> None:
    ramp_x = np.repeat((np.arange(701) // 3).astype(np.uint8)[None, :, None], 533, axis=0).repeat(3, axis=2)
    extent, size = (200.0, 120.0), (50, 30)
    with OPENER.open(write_pyramid(tmp_path / "a.tif", np.ascontiguousarray(ramp_x), levels=3)) as slide:
        assert slide.info.levels[2].downsample == pytest.approx(3.98, abs=0.01)
        result = slide.read_scaled((490.0, 400.0), extent, size)
    # Three level-0 pixels to a gray level: 4 pixels are a pixel of the level read.
    assert np.abs(result - area_mean(ramp_x, (490.0, 400.0), extent, size)).max() * 3 <= 4 + 1.5


def test_full_resolution_is_read_as_it_is(picture: NDArray[np.uint8], pyramid: Path) -> None:
    with OPENER.open(pyramid) as slide:
        result = slide.read_scaled((64.0, 32.0), (256.0, 256.0), (256, 256))
    assert np.array_equal(result, picture[32:288, 64:320])


def test_the_coarsest_level_that_is_fine_enough_is_read(pyramid: Path) -> None:
    asked: list[int] = []
    with OPENER.open(pyramid) as slide:

        def read(location: tuple[int, int], level: int, size: tuple[int, int]) -> NDArray[np.uint8]:
            asked.append(level)
            return slide.read_region(location, level, size)

        for step in (0.5, 1.0, 1.9, 2.0, 3.9, 4.0, 11.0):
            extent = (20 * step, 20 * step)
            read_scaled(read, slide.info, location=(0, 0), extent=extent, size=(20, 20))
    assert asked == [0, 0, 0, 1, 1, 2, 2]


def test_growing_is_linear_and_without_seams(pyramid: Path) -> None:
    with OPENER.open(pyramid) as slide:
        whole = slide.read_scaled((100.0, 80.0), (60.0, 40.0), (240, 160))
        left = slide.read_scaled((100.0, 80.0), (30.0, 40.0), (120, 160))
        right = slide.read_scaled((130.0, 80.0), (30.0, 40.0), (120, 160))
        native = slide.read_region((100, 80), 0, (60, 40))
    assert np.array_equal(np.hstack([left, right]), whole)
    assert np.abs(cv2.resize(native, (240, 160)).astype(int)[8:-8, 8:-8] - whole[8:-8, 8:-8]).max() <= 1


def test_neighboring_tiles_join_exactly(one_level: Path) -> None:
    step = 2.37
    with OPENER.open(one_level) as slide:
        whole = slide.read_scaled((10.3, 20.6), (100 * step, 80 * step), (100, 80))
        right = slide.read_scaled((10.3 + 60 * step, 20.6), (40 * step, 80 * step), (40, 80))
    assert np.abs(whole[:, 60:].astype(int) - right).max() <= 1


def test_pixel_sizes_may_differ_between_the_axes(picture: NDArray[np.uint8], one_level: Path) -> None:
    with OPENER.open(one_level) as slide:
        result = slide.read_scaled((40.0, 30.0), (300.0, 60.0), (50, 120))
    rows = area_mean(picture, (40.0, 30.0), (300.0, 60.0), (50, 60))
    assert result.shape == (120, 50, 3)
    assert np.abs(result[::2].astype(float) + result[1::2] - 2 * rows).mean() <= 2


@pytest.mark.parametrize(
    ("extent", "size"), [((0.0, 5.0), (5, 5)), ((5.0, -1.0), (5, 5)), ((5.0, 5.0), (0, 5))]
)
def test_nothing_to_read_is_refused(
    one_level: Path, extent: tuple[float, float], size: tuple[int, int]
) -> None:
    with OPENER.open(one_level) as slide, pytest.raises(ValueError, match="nothing to read"):
        slide.read_scaled((0.0, 0.0), extent, size)


def ramp_slide(width: int, height: int) -> SlideInfo:
    return SlideInfo(Path("ramp"), "id", (width, height), (Level(0, (width, height), 1.0),), "test")


def ramp(location: tuple[int, int], level: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Pixels that depend on their position alone, so that a slide of any size needs no file."""
    assert level == 0
    x = (location[0] + np.arange(size[0])) // 8
    y = (location[1] + np.arange(size[1])) // 8
    pixels = np.empty((size[1], size[0], 3), np.uint8)
    pixels[..., 0] = x % 251
    pixels[..., 1] = (y % 241)[:, None]
    pixels[..., 2] = 77
    return pixels


def test_a_large_region_is_read_in_blocks_that_join() -> None:
    info = ramp_slide(10_000, 9_000)
    sizes: list[int] = []

    def read(location: tuple[int, int], level: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        sizes.append(max(size))
        return ramp(location, level, size)

    result = read_scaled(read, info, location=(0, 0), extent=(10_000, 9_000), size=(1250, 1125))
    assert max(sizes) <= BLOCK + 3
    assert len(sizes) > 20
    assert np.array_equal(result[0, :, 0], np.arange(1250) % 251)
    assert np.array_equal(result[:, 0, 1], np.arange(1125) % 241)
    assert (result[..., 2] == 77).all()


def test_memory_stays_near_that_of_the_result() -> None:
    info = ramp_slide(30_000, 20_000)
    tracemalloc.start()
    try:
        read_scaled(ramp, info, location=(0, 0), extent=(30_000, 2_000), size=(300, 20))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12 * BLOCK * BLOCK * 3
