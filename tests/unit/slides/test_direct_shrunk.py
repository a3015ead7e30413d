"""Levels made smaller by the decoder, for the screen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_app.slides import OpenSlideReader, SlideOpener
from tests.support.slide_factory import JpegKind, textured, write_jpeg_slide

OPENER = SlideOpener([OpenSlideReader()])


def means(pixels: NDArray[np.uint8], step: int) -> NDArray[np.float64]:
    """Means of squares of ``step`` pixels, those at the far edges of what is there."""
    height, width = (-(-side // step) * step for side in pixels.shape[:2])
    padded = np.full((height, width, 4), np.nan)
    padded[: pixels.shape[0], : pixels.shape[1]] = pixels
    return np.nanmean(padded.reshape(height // step, step, width // step, step, 4), axis=(1, 3))


def soft(width: int, height: int) -> NDArray[np.uint8]:
    """Texture without black and white: what the decoder clips there is no matter of resampling."""
    return textured(width, height) // 3 + 80


@pytest.mark.parametrize("shrink", [2, 4, 8])
@pytest.mark.parametrize("kind", [JpegKind(), JpegKind("rgb"), JpegKind(subsampling="444")], ids=str)
def test_it_is_near_the_mean_over_the_pixels(tmp_path: Path, shrink: int, kind: JpegKind) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", soft(768, 512), kind, levels=1)
    with OPENER.open(path) as slide:
        whole = slide.read_argb((0, 0), 0, (768, 512))
        small = slide.read_shrunk((0, 0), 0, (768 // shrink, 512 // shrink), shrink)
    assert small is not None
    difference = np.abs(small.astype(float) - means(whole, shrink))[..., :3]
    assert difference.mean() < 1
    assert (small[..., 3] == 255).all()


@pytest.mark.parametrize("shrink", [2, 4, 8])
@pytest.mark.parametrize("size", [(700, 500), (701, 499), (257, 263), (100, 90)])
def test_nothing_from_beyond_the_edge_gets_in(tmp_path: Path, size: tuple[int, int], shrink: int) -> None:
    """The file's filling is magenta; the cut tiles are exact means of what lies inside."""
    width, height = size
    path = write_jpeg_slide(tmp_path / "a.tif", textured(width, height), levels=1)
    small_size = (-(-width // shrink), -(-height // shrink))
    with OPENER.open(path) as slide:
        whole = slide.read_argb((0, 0), 0, size)
        small = slide.read_shrunk((0, 0), 0, small_size, shrink)
    assert small is not None
    wanted = means(whole, shrink)
    right, bottom = width // 256 * 256 // shrink, height // 256 * 256 // shrink
    for part in (np.s_[bottom:, :], np.s_[:, right:]):
        assert np.abs(small[part].astype(float) - wanted[part]).max() <= 0.51


@pytest.mark.parametrize("tile", [(256, 256), (240, 240), (128, 128), (512, 256)])
def test_windows_fit_together(tmp_path: Path, tile: tuple[int, int]) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(901, 650), tile=tile, levels=1)
    with OPENER.open(path) as slide:
        whole = slide.read_shrunk((0, 0), 0, (451, 325), 2)
        assert whole is not None
        for corner, size in (((0, 0), (128, 128)), ((128, 64), (300, 250)), ((7, 9), (31, 63))):
            window = slide.read_shrunk(corner, 0, size, 2)
            assert window is not None
            (x, y), (width, height) = corner, size
            assert np.array_equal(window, whole[y : y + height, x : x + width])


def test_beyond_the_smaller_level_is_nothing(tmp_path: Path) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(300, 200), levels=1)
    with OPENER.open(path) as slide:
        window = slide.read_shrunk((-10, 40), 0, (200, 100), 2)
    assert window is not None
    assert (window[:60, 10:160, 3] == 255).all()
    assert not window[60:].any()
    assert not window[:, :10].any()
    assert not window[:, 160:].any()


def test_a_coarser_level_shrinks_too(tmp_path: Path) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", soft(1024, 768), levels=2)
    with OPENER.open(path) as slide:
        whole = slide.read_argb((0, 0), 1, (512, 384))
        small = slide.read_shrunk((0, 0), 1, (128, 96), 4)
    assert small is not None
    assert np.abs(small.astype(float) - means(whole, 4))[..., :3].mean() < 2


@pytest.mark.parametrize("shrink", [1, 3, 16])
def test_other_factors_are_not_offered(tmp_path: Path, shrink: int) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(300, 200), levels=1)
    with OPENER.open(path) as slide:
        assert slide.read_shrunk((0, 0), 0, (10, 10), shrink) is None


def test_openslide_alone_offers_none(tmp_path: Path) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(300, 200), levels=1)
    with SlideOpener([OpenSlideReader(direct=False)]).open(path) as slide:
        assert slide.read_shrunk((0, 0), 0, (10, 10), 2) is None
