"""CLAM's rule: its presets, its areas in squares of 512 pixels, its holes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop_app.plugin_api import MaskArray, RgbArray, Tissue
from tests.support.plugin_cases import ArraySlide, bundled_host

GLASS, PINK = (244, 244, 244), (200, 120, 180)
SIDE = 64
"""Pixels of the level that 512 level-0 pixels take at a downsample of 8."""


def detect(folder: Path, level: RgbArray, **params: Any) -> Tissue:
    """Run the detector on a slide whose lowest level, reduced 8 times, is given."""
    slide = ArraySlide(np.kron(level, np.ones((8, 8, 1), np.uint8)), level, mpp=(0.5, 0.5))
    tissue = bundled_host(folder).build("tissue_detector", "tissue_clam/clam", params).detect(slide)
    assert isinstance(tissue, Tissue)
    return tissue


def picture(color: tuple[int, int, int] = PINK, side: int = 3 * SIDE) -> RgbArray:
    pixels = np.full((300, 420, 3), GLASS, np.uint8)
    pixels[40 : 40 + side, 60 : 60 + side] = color
    return pixels


def expected(side: int = 3 * SIDE) -> MaskArray:
    mask = np.zeros((300, 420), np.bool_)
    mask[40 : 40 + side, 60 : 60 + side] = True
    return mask


def test_a_piece_is_found_as_it_is(tmp_path: Path) -> None:
    tissue = detect(tmp_path, picture())

    # The median filter rounds the corners, and a closing square of even side shifts by one pixel, as in CLAM.
    assert (tissue.mask != expected()).sum() < 5 * 3 * SIDE
    assert tissue.threshold == 15
    assert tissue.mpp == (4.0, 4.0)


@pytest.mark.parametrize(("preset", "found"), [("bwh_biopsy", 9), ("tcga", 0), ("default", 0)])
def test_pieces_are_measured_in_squares_of_512_pixels(tmp_path: Path, preset: str, found: int) -> None:
    """The piece has nine squares; tcga asks for more than 16, default for more than 100."""
    tissue = detect(tmp_path, picture(), preset=preset)

    assert round(tissue.mask.sum() / SIDE**2) == found


def test_the_largest_holes_stay_and_small_ones_are_filled(tmp_path: Path) -> None:
    level = picture()
    level[50:130, 70:150] = GLASS  # 80 px a side: 1.6 squares
    level[180:210, 180:210] = GLASS
    kept = detect(tmp_path, level)
    filled = detect(tmp_path, level, preset="custom", threshold=15, min_object=1.0, min_hole=1.0, max_holes=0)

    assert not kept.mask[60:120, 80:140].any()
    assert kept.mask[180:210, 180:210].all()
    assert filled.mask[60:120, 80:140].all()


def test_the_area_of_holes_does_not_count(tmp_path: Path) -> None:
    ring = picture()
    ring[46:226, 66:246] = GLASS

    assert not detect(tmp_path, ring, preset="custom", threshold=15, min_object=2.0).mask.any()


def test_custom_values_count_and_presets_ignore_them(tmp_path: Path) -> None:
    pale = picture((234, 222, 230))  # saturation 13

    assert not detect(tmp_path, pale, threshold=5).mask.any()
    assert detect(tmp_path, pale, preset="custom", threshold=5, min_object=1.0).mask.any()


def test_otsu_parts_strong_from_weak(tmp_path: Path) -> None:
    level = picture()
    level[40:232, 260:400] = (236, 226, 231)
    tissue = detect(tmp_path, level, use_otsu=True)

    assert 10 < tissue.threshold < 102
    assert not tissue.mask[60:200, 280:380].any()
