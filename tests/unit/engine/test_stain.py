"""The stain is fitted on tissue pixels of the whole slide, the same ones every time."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.domain.recipe import TileSettings
from desktop_app.engine import stain
from desktop_app.engine.job import JobControl
from desktop_app.engine.stain import fit_stain
from desktop_app.engine.tiles import plan_tiles
from tests.support.engine_cases import FakeDetector, FakeNormalizer, MemorySlide, tissue_slide


def fitted_pixels(slide: MemorySlide, occupancy: str = "mask") -> np.ndarray:
    tissue = FakeDetector(occupancy).detect(slide)
    plan = plan_tiles(slide.info, tissue, TileSettings(64), ())
    normalizer = FakeNormalizer()
    fit_stain(slide, normalizer, plan=plan, tissue=tissue, control=JobControl())
    assert normalizer.pixels is not None
    return normalizer.pixels


@pytest.mark.parametrize("occupancy", ["mask", "pixels"])
def test_background_is_never_among_the_pixels(occupancy: str) -> None:
    pixels = fitted_pixels(tissue_slide((600, 400)), occupancy)
    assert pixels.shape[1] == 3
    assert len(pixels) > 10_000
    assert (pixels.mean(axis=1) < 250).all()


def test_two_fits_see_the_same_pixels() -> None:
    np.testing.assert_array_equal(fitted_pixels(tissue_slide()), fitted_pixels(tissue_slide()))


def test_the_sample_is_bounded_and_from_all_over_the_slide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stain, "SAMPLE_TILES", 10)
    monkeypatch.setattr(stain, "SAMPLE_PIXELS", 1000)
    slide = tissue_slide((1280, 640))
    slide.pixels[64:-64, 64:640] = (90, 90, 90)
    pixels = fitted_pixels(slide)
    assert len(pixels) == 1000
    assert 0.3 < (pixels == 90).all(axis=1).mean() < 0.7


def test_unreadable_tiles_are_left_out_of_the_fit() -> None:
    slide = tissue_slide(unreadable=(0, 0, 640, 200))
    slide.pixels[:200] = np.minimum(slide.pixels[:200], 50)
    assert (fitted_pixels(slide).mean(axis=1) > 50).all()
