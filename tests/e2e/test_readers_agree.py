"""Analyzed pixels do not depend on the way they were read: a recipe with and without direct reading."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from desktop_app.engine.job import Job, JobControl
from desktop_app.engine.run_slide import SlideResult, run_slide
from desktop_app.slides import OpenSlideReader, SlideOpener
from desktop_app.storage.locations import Locations
from desktop_app.storage.recipes import find_recipe
from desktop_app.worker import build_steps
from tests.support.engine_cases import Messages
from tests.support.shared_data import shared_file
from tests.support.slide_factory import aperio_description, textured, write_jpeg_slide


def result_of(path: Path, reader: OpenSlideReader) -> SlideResult:
    locations = Locations.default()
    recipe = find_recipe("default", locations.recipes)
    job = Job("run", path, recipe, path.parent)
    with SlideOpener([reader]).open(path) as slide:
        return run_slide(
            slide, build_steps(recipe, locations), job=job, sink=Messages(), control=JobControl()
        )


def check_equal(path: Path) -> None:
    direct, through = (
        result_of(path, reader) for reader in (OpenSlideReader(), OpenSlideReader(direct=False))
    )
    assert np.array_equal(direct.tissue.mask, through.tissue.mask)
    assert np.array_equal(direct.locations, through.locations)
    assert direct.tiles.features is not None
    assert through.tiles.features is not None
    assert len(direct.tiles.features) >= 4
    assert np.abs(direct.tiles.features - through.tiles.features).max() <= 1e-6


def tissue(width: int, height: int) -> np.ndarray:
    """A purple disc of texture on glass."""
    pixels = np.full((height, width, 3), 243, np.uint8)
    disc = np.zeros((height, width), np.uint8)
    cv2.circle(disc, (width // 2, height // 2), min(width, height) * 2 // 5, 255, thickness=-1)
    texture = np.array([150, 70, 140]) + textured(width, height) // 3
    pixels[disc > 0] = texture[disc > 0]
    return pixels


@pytest.mark.parametrize("size", [(2048, 1536), (2047, 1533)], ids=["whole downsamples", "others"])
def test_a_recipe_finds_the_same_features_through_both_readers(tmp_path: Path, size: tuple[int, int]) -> None:
    """At 0.25 mpp tiles are made of the second level, which OpenSlide interpolates in the second slide."""
    description = aperio_description(0.25)
    check_equal(write_jpeg_slide(tmp_path / "a.svs", tissue(*size), levels=3, description=description))


def test_a_real_slide_gives_the_same_features_through_both_readers() -> None:
    check_equal(shared_file("slides/CMU-1-Small-Region.svs"))
