"""The pipeline on a slide whose every pixel is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from desktop_app.domain.bundle import ModelClass
from desktop_app.domain.recipe import AggregatorStep, Step, TileSettings
from desktop_app.domain.slide_info import SYNTHETIC_SOFTWARE
from desktop_app.domain.stain import FittedStain
from desktop_app.engine.job import HeatMapUpdate, JobControl, MppOverride, Progress, Roi
from desktop_app.engine.run_slide import SlideResult, run_slide
from desktop_app.errors import (
    EngineError,
    JobCancelledError,
    MissingMppError,
    NoTissueError,
    PluginRunError,
    SlideReadError,
    SlideTooCoarseError,
)
from tests.support.engine_cases import (
    TISSUE_COLOR,
    AdditiveModel,
    CancelAfter,
    FakeDetector,
    FakeEncoder,
    FakeNormalizer,
    MemorySlide,
    Messages,
    fake_bundle,
    fake_job,
    fake_recipe,
    fake_steps,
    tissue_slide,
)


def square(x0: float, y0: float, x1: float, y1: float) -> Roi:
    return Roi(((np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]),),), "a test")


def run(slide: MemorySlide, steps: Any = None, **job: Any) -> SlideResult:
    job.setdefault("recipe", fake_recipe())
    steps = steps or fake_steps()
    return run_slide(slide, steps, job=fake_job(**job), sink=Messages(), control=JobControl())


def fates(result: SlideResult) -> tuple[int, int, int, int]:
    background = result.plan.background + result.tiles.background
    return len(result.tiles.kept), background, result.plan.outside_roi, len(result.tiles.unreadable)


def test_features_belong_to_their_locations() -> None:
    slide = tissue_slide()
    result = run(slide)
    bag = result.bag(("red", "green", "blue"))
    assert bag.features.shape == (40, 3)
    assert bag.tile_size == (64.0, 64.0)
    for (x, y), feature in zip(bag.locations, bag.features, strict=True):
        expected = slide.pixels[y : y + 64, x : x + 64].mean(axis=(0, 1)) / 255
        np.testing.assert_allclose(feature, expected, atol=1e-5)
    assert fates(result) == (40, 30, 0, 0)


@pytest.mark.parametrize("occupancy", ["mask", "pixels"])
@pytest.mark.parametrize("roi", [None, square(0, 0, 320, 448)])
@pytest.mark.parametrize("unreadable", [None, (130, 130, 140, 140)])
def test_every_tile_has_exactly_one_fate(occupancy: str, roi: Roi | None, unreadable: Any) -> None:
    slide = tissue_slide(unreadable=unreadable)
    result = run(slide, fake_steps(tissue=FakeDetector(occupancy)), roi=roi)
    assert sum(fates(result)) == len(result.plan.grid) == 70
    assert len(result.tiles.unreadable) == (1 if unreadable else 0)
    assert len(result.tiles.kept) == (20 if roi else 40) - (1 if unreadable else 0)


def test_the_pixel_rule_counts_pixels_of_the_tile_itself() -> None:
    slide = tissue_slide()
    slide.pixels[64:128, 64:128] = 255
    slide.pixels[64:71, 64:128] = 100
    by_mask = run(slide, fake_steps(tissue=FakeDetector("mask")))
    by_pixels = run(slide, fake_steps(tissue=FakeDetector("pixels")))
    assert by_pixels.tiles.shares[0] == pytest.approx(7 / 64)
    assert by_mask.tiles.shares[0] != pytest.approx(7 / 64)
    slide.pixels[70:71, 64:128] = 255
    assert len(run(slide, fake_steps(tissue=FakeDetector("pixels"))).tiles.kept) == 39


def test_tissue_outlines_are_cut_at_the_roi() -> None:
    result = run(tissue_slide(), roi=square(0, 0, 320, 448))
    assert [outline.bounds for outline in result.outlines] == [(64, 64, 320, 384)]


def test_without_encoder_no_tile_is_read() -> None:
    slide = tissue_slide(unreadable=(0, 0, 640, 448))
    result = run(slide, fake_steps(encoder=None), recipe=fake_recipe(encoder=None))
    assert fates(result) == (40, 30, 0, 0)
    with pytest.raises(ValueError, match="no encoder"):
        result.bag()


def test_the_encoder_sees_normalized_tiles() -> None:
    half = FittedStain("fake", np.eye(3), 240.0)
    black = replace(half, matrix=np.eye(3) * 50)
    slide = tissue_slide()
    recipe = fake_recipe(normalizer=Step("fake/normalizer"))
    result = run(slide, fake_steps(normalizer=FakeNormalizer(black)), recipe=recipe)
    assert result.stain is black
    assert result.bag().features.max() < 0.05 < run(slide).bag().features.min()


def test_a_fit_that_failed_says_so() -> None:
    recipe = fake_recipe(normalizer=Step("fake/normalizer"))
    result = run(tissue_slide(), fake_steps(normalizer=FakeNormalizer()), recipe=recipe)
    assert "too little stain" in result.notes


def test_an_aggregator_predicts_once_at_the_end_and_shows_a_complete_heat_map() -> None:
    messages = Messages()
    job = fake_job(recipe=fake_recipe(aggregator=True))
    steps = fake_steps(model=AdditiveModel())
    result = run_slide(tissue_slide(), steps, job=job, sink=messages, control=JobControl())
    assert result.prediction is not None
    assert result.prediction.contributions.sum() == pytest.approx(2.0)
    (update,) = messages.of(HeatMapUpdate)
    assert (update.done, update.total) == (40, 40)
    assert update.demonstration
    assert result.regions
    assert "Demonstration model, meaningless on real tissue." in result.notes
    stages = [progress.stage for progress in messages.of(Progress) if progress.done == 0]
    assert stages == ["tissue", "tiles", "features", "aggregate"]
    assert result.timings.keys() == set(stages)


def test_a_demonstration_model_on_its_own_slide_needs_no_warning() -> None:
    slide = tissue_slide(properties={"tiff.Software": f"{SYNTHETIC_SOFTWARE} 1"})
    steps = fake_steps(model=AdditiveModel())
    result = run(slide, steps, recipe=fake_recipe(aggregator=True))
    assert result.heat_map is not None
    assert not result.heat_map.demonstration
    assert result.notes == ()


def test_a_negative_slide_draws_regions_only_when_asked() -> None:
    low = fake_bundle(classes=(ModelClass("Synthetic pattern", (200, 80, 0), 0.5, 0.02),))
    steps = fake_steps(model=AdditiveModel((-2.0,)), bundle=low)
    recipe = fake_recipe(aggregator=True)
    assert run(tissue_slide(), steps, recipe=recipe).regions == ()
    asked = replace(recipe, aggregator=AggregatorStep("demonstration", regions_on_negative=True))
    assert run(tissue_slide(), steps, recipe=asked).regions


def test_refusals_come_before_any_pixel_is_read() -> None:
    unreadable = tissue_slide(mpp=None, unreadable=(0, 0, 9999, 9999))
    with pytest.raises(MissingMppError):
        run(unreadable)
    with pytest.raises(SlideTooCoarseError):
        run(tissue_slide(mpp=(28.97, 28.97)))


def test_upsampling_is_recorded_where_it_is_allowed() -> None:
    recipe = fake_recipe(tiles=TileSettings(64, 0.25, allow_upsampling=True))
    result = run(tissue_slide(), recipe=recipe)
    assert result.upsampling == pytest.approx(2.0)
    assert any("enlarged 2 times" in note for note in result.notes)
    assert run(tissue_slide()).upsampling is None


def test_an_mpp_of_the_user_is_said() -> None:
    slide = tissue_slide()
    slide.info = slide.info.with_mpp((0.5, 0.5), "given")
    assert run(slide).notes == ("The pixel size, 0.5 µm, was given by the user.",)
    (forced,) = run(slide, mpp=MppOverride(0.5, force=True)).notes
    assert forced == "The pixel size, 0.5 µm, was given by the user, whatever the file says."


def test_an_mpp_that_the_file_made_needless_is_said() -> None:
    (note,) = run(tissue_slide(), mpp=MppOverride(0.25)).notes
    assert note == "The file states a pixel size, 0.5 µm; the 0.25 µm given by the user was not used."
    assert run(tissue_slide(), mpp=MppOverride(0.5)).notes == ()


def test_no_tissue_is_an_error_and_not_an_empty_result() -> None:
    blank = MemorySlide(np.full((256, 256, 3), 255, np.uint8))
    with pytest.raises(NoTissueError):
        run(blank)
    with pytest.raises(NoTissueError):
        run(tissue_slide(), roi=square(0, 0, 30, 30))


def test_no_tissue_in_the_roi_is_said_of_the_roi() -> None:
    with pytest.raises(NoTissueError, match=r"in the ROI on slide\.svs"):
        run(tissue_slide(), roi=square(0, 0, 30, 30))


@pytest.mark.parametrize(
    "roi",
    [
        pytest.param(square(9000, 9000, 9500, 9500), id="beside the slide"),
        pytest.param(square(-900, -900, -1, -1), id="before the slide"),
        pytest.param(square(100, 100, 300, 100), id="no area"),
        pytest.param(Roi((), "a test"), id="empty"),
    ],
)
def test_an_roi_without_a_share_of_the_slide_never_means_the_whole_slide(roi: Roi) -> None:
    with pytest.raises(EngineError, match=r"The ROI \(a test\) encloses no part of slide.svs"):
        run(tissue_slide(), roi=roi)


def test_a_part_of_the_roi_beside_the_slide_takes_no_tile() -> None:
    """Its nearest tile would be one that the user did not draw around."""
    slide = MemorySlide(np.full((448, 640, 3), TISSUE_COLOR, np.uint8))
    inside, beside = square(0, 0, 128, 128), square(9000, 9000, 9500, 9500)
    both = Roi((*inside.rings, *beside.rings), "a test")
    assert len(run(slide, roi=both).tiles.kept) == len(run(slide, roi=inside).tiles.kept) == 4


def test_a_slide_of_unreadable_tiles_is_an_error() -> None:
    with pytest.raises(SlideReadError, match="the tile is damaged"):
        run(tissue_slide(unreadable=(0, 0, 640, 448)))


@pytest.mark.parametrize("bad", [np.nan, "shape"])
def test_an_encoder_that_breaks_its_contract_is_named(bad: Any) -> None:
    class BadEncoder(FakeEncoder):
        def encode(self, tiles: np.ndarray, mpp: float) -> np.ndarray:
            features = super().encode(tiles, mpp)
            return features[:, :2] if bad == "shape" else features * np.float32(bad)

    with pytest.raises(PluginRunError, match=r"fake failed: mean must give .* features") as caught:
        run(tissue_slide(), fake_steps(encoder=BadEncoder()))
    assert caught.value.plugin_id == "fake"


@pytest.mark.parametrize("checkpoints", [0, 1, 5])
def test_a_cancelled_run_ends_wherever_it_is(checkpoints: int) -> None:
    with pytest.raises(JobCancelledError):
        run_slide(
            tissue_slide(), fake_steps(), job=fake_job(), sink=Messages(), control=CancelAfter(checkpoints)
        )


def test_two_runs_give_the_same_numbers() -> None:
    first, second = run(tissue_slide()), run(tissue_slide())
    np.testing.assert_array_equal(first.tiles.features, second.tiles.features)
    np.testing.assert_array_equal(first.locations, second.locations)
