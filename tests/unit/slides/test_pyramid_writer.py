"""The streaming writer, read back with OpenSlide."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openslide
import pytest
import tifffile
from numpy.typing import NDArray

from desktop_app.domain.slide_info import SYNTHETIC_SOFTWARE
from desktop_app.errors import StorageError
from desktop_app.slides import OpenSlideReader, SlideOpener
from desktop_app.slides.pyramid_writer import PyramidWriter


def smooth(width: int, height: int) -> NDArray[np.uint8]:
    """A picture that JPEG keeps within a few levels: ramps in red and green, flat blue."""
    pixels = np.full((height, width, 3), 120, np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width)[None]
    pixels[..., 1] = np.linspace(255, 0, height)[:, None]
    return pixels


def strips(pixels: NDArray[np.uint8], rows: int) -> Iterator[NDArray[np.uint8]]:
    return (pixels[top : top + rows] for top in range(0, len(pixels), rows))


def write(path: Path, pixels: NDArray[np.uint8], *, rows: int = 100, mpp: float = 0.25) -> Path:
    with PyramidWriter(
        path, (pixels.shape[1], pixels.shape[0]), mpp=mpp, software=SYNTHETIC_SOFTWARE, quality=95
    ) as writer:
        for strip in strips(pixels, rows):
            writer.write_strip(strip)
    return path


def mean_reference(pixels: NDArray[np.uint8], halvings: int) -> NDArray[np.float64]:
    means = pixels.astype(float)
    for _ in range(halvings):
        means = np.pad(means, ((0, means.shape[0] % 2), (0, means.shape[1] % 2), (0, 0)), mode="edge")
        means = means.reshape(means.shape[0] // 2, 2, means.shape[1] // 2, 2, 3).mean(axis=(1, 3))
    return means


def level_pixels(slide: openslide.OpenSlide, level: int) -> NDArray[np.int64]:
    region = slide.read_region((0, 0), level, slide.level_dimensions[level])
    assert np.asarray(region)[..., 3].min() == 255
    return np.asarray(region.convert("RGB")).astype(np.int64)


@pytest.mark.parametrize("size", [(1301, 1103), (2048, 256), (257, 1100), (1, 1), (260, 2051)])
def test_every_level_is_the_area_mean_of_level_0(tmp_path: Path, size: tuple[int, int]) -> None:
    pixels = smooth(*size)
    with openslide.OpenSlide(write(tmp_path / "slide.tif", pixels)) as slide:
        assert slide.dimensions == size
        for level in range(slide.level_count):
            expected = mean_reference(pixels, level)
            assert slide.level_dimensions[level] == (expected.shape[1], expected.shape[0])
            difference = np.abs(level_pixels(slide, level) - expected)
            assert difference.max() <= 6
            assert difference.mean() <= 1.0


def test_the_pyramid_ends_at_a_picture_that_fits_a_screen(tmp_path: Path) -> None:
    with openslide.OpenSlide(write(tmp_path / "slide.tif", smooth(2501, 1703))) as slide:
        assert slide.level_dimensions == ((2501, 1703), (1251, 852), (626, 426))


@pytest.mark.parametrize("rows", [1, 37, 256, 1703])
def test_the_height_of_the_strips_changes_nothing(tmp_path: Path, rows: int) -> None:
    pixels = smooth(530, 390)
    reference = write(tmp_path / "reference.tif", pixels, rows=256).read_bytes()
    assert write(tmp_path / "slide.tif", pixels, rows=rows).read_bytes() == reference


@pytest.mark.parametrize("mpp", [0.25, 0.2527, 0.5, 1.0, 0.499, 7.25])
def test_mpp_and_software_are_read_back_exactly(tmp_path: Path, mpp: float) -> None:
    path = write(tmp_path / "슬라이드 😐.tif", smooth(300, 200), mpp=mpp)
    with SlideOpener([OpenSlideReader()]).open(path) as slide:
        assert slide.info.mpp == (mpp, mpp)
        assert slide.info.mpp_source == "tiff_tag"
        assert slide.info.is_synthetic
        assert slide.info.vendor == "generic-tiff"


def test_coarser_levels_state_their_own_resolution(tmp_path: Path) -> None:
    with tifffile.TiffFile(write(tmp_path / "slide.tif", smooth(2048, 300), mpp=0.5)) as tiff:
        per_cm = [page.resolution[0] for page in tiff.pages]
    assert per_cm == pytest.approx([20000, 10000])


def test_nothing_is_left_behind_when_drawing_fails(tmp_path: Path) -> None:
    def draw() -> None:
        with PyramidWriter(tmp_path / "slide.tif", (300, 300), mpp=0.5, software="") as writer:
            writer.write_strip(smooth(300, 100))
            raise RuntimeError("drawing failed")

    with pytest.raises(RuntimeError, match="drawing"):
        draw()
    assert list(tmp_path.iterdir()) == []


def test_a_slide_with_rows_missing_is_not_written(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="only 100 of 300 rows"),
        PyramidWriter(tmp_path / "slide.tif", (300, 300), mpp=0.5, software="") as writer,
    ):
        writer.write_strip(smooth(300, 100))
    assert list(tmp_path.iterdir()) == []


def test_an_older_slide_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "slide.tif", smooth(64, 64))
    old = path.read_bytes()
    with (
        pytest.raises(ValueError, match="only 10 of 64 rows"),
        PyramidWriter(path, (64, 64), mpp=0.5, software="") as writer,
    ):
        writer.write_strip(smooth(64, 10))
    assert path.read_bytes() == old


@pytest.mark.parametrize(
    "strip",
    [
        np.zeros((5, 99, 3), np.uint8),
        np.zeros((5, 100, 4), np.uint8),
        np.zeros((5, 100, 3), np.float32),
        np.zeros((101, 100, 3), np.uint8),
    ],
)
def test_a_wrong_strip_is_refused(tmp_path: Path, strip: NDArray[np.uint8]) -> None:
    with (
        pytest.raises(ValueError, match=r"strip|rows"),
        PyramidWriter(tmp_path / "slide.tif", (100, 100), mpp=0.5, software="") as writer,
    ):
        writer.write_strip(strip)


def test_a_folder_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="missing"):
        PyramidWriter(tmp_path / "missing" / "slide.tif", (100, 100), mpp=0.5, software="")


def test_a_slide_needs_pixels(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs pixels"):
        PyramidWriter(tmp_path / "slide.tif", (0, 100), mpp=0.5, software="")


def test_memory_is_bounded_by_a_band_per_level(tmp_path: Path) -> None:
    writer = PyramidWriter(tmp_path / "slide.tif", (20_000, 15_000), mpp=0.25, software="")
    with pytest.raises(ValueError, match="rows"), writer:
        held = sum(level.band.nbytes for level in writer._levels)
    # uint8 at level 0, float32 above: 1 + 4 * (1/2 + 1/4 + ...) bands of 256 rows.
    assert held < 5 * 256 * 20_000 * 3
