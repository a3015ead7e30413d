"""Slides from file to files: the shipped recipes and plugins on slides the test writes and on real ones."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest
import shapely
from PIL import Image
from shapely.geometry import shape

from desktop_app import worker
from desktop_app.domain.bundle import DEMONSTRATION_WARNING, ModelBundle, ModelClass
from desktop_app.domain.recipe import AggregatorStep, Recipe, Step
from desktop_app.domain.slide_info import SYNTHETIC_SOFTWARE
from desktop_app.engine.job import Failed, HeatMapUpdate, Job, JobControl, MppOverride, RunResult
from desktop_app.errors import MissingMppError, RecipeError, SlideError, SlideTooCoarseError
from desktop_app.plugin_host import PluginHost
from desktop_app.storage.bundles import write_bundle
from desktop_app.storage.features import read_features
from desktop_app.storage.locations import Locations
from desktop_app.storage.recipes import find_recipe
from desktop_app.worker import run_job
from tests.support.engine_cases import Messages
from tests.support.shared_data import shared_file
from tests.support.slide_factory import write_pyramid

PATTERN = "Synthetic pattern"
GIGAPATH = Step("tissue_otsu/gigapath")


def default_recipe() -> Recipe:
    return find_recipe("default", Locations.default().recipes)


def run(slide: Path, out: Path, recipe: Recipe | None = None, *, sink: Any = None, **job: Any) -> RunResult:
    asked = Job(f"run of {slide.stem}", slide, recipe or default_recipe(), out, **job)
    return run_job(asked, Locations.default(), sink=sink or Messages(), control=JobControl())


def tissue_of(result: RunResult) -> shapely.Geometry:
    features = json.loads(result.geojson.read_bytes())["features"]
    return shapely.union_all(
        [
            shape(feature["geometry"])
            for feature in features
            if feature["properties"].get("classification", {}).get("name") == "Tissue"
        ]
    )


def make_slide(path: Path, software: str = "") -> Path:
    """1000 × 800 px at 0.5 mpp: white, with 768 × 512 px of purple grains, denser to the right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    pixels = np.full((800, 1000, 3), 244, dtype=np.uint8)
    tissue = np.full((512, 768, 3), (225, 160, 200), dtype=np.uint8)
    grains = rng.random((512, 768)) < np.linspace(0.02, 0.5, 768)
    tissue[grains] = (110, 60, 140)
    pixels[144:656, 116:884] = tissue
    return write_pyramid(path, pixels, description="Aperio Image Library|MPP = 0.5", software=software)


@pytest.fixture
def make_model(tmp_path: Path) -> Any:
    """Puts a bundle with fresh weights for the texture encoder into the user's model folder."""

    def make(architecture: str, **changes: Any) -> ModelBundle:
        import torch
        from safetensors.torch import save_file

        torch.manual_seed(0)
        locations = Locations.default()
        host = PluginHost(locations.bundled_plugins, locations.user_plugins, locations.trust_file)
        encoder = host.build("encoder", "encoder_texture/texture", {})
        network = host.build("aggregator", architecture, {}).build(encoder.n_features, 1)
        weights = tmp_path / "fresh.safetensors"
        save_file(network.state_dict(), weights)
        bundle = ModelBundle(
            path=tmp_path,
            bundle_id="test-model",
            name="Test model",
            version="1",
            licence="CC0-1.0",
            kind="aggregator",
            architecture=architecture,
            encoder="encoder_texture/texture",
            n_features=encoder.n_features,
            feature_names=encoder.feature_names,
            tile_px=256,
            mpp=0.5,
            classes=(ModelClass(PATTERN, (200, 80, 0), 0.0, -1e-9),),
            weights=weights,
            sha256="",
            demonstration=True,
        )
        return write_bundle(locations.models / "test-model", replace(bundle, **changes), weights)

    return make


def model_recipe() -> Recipe:
    return replace(default_recipe(), name="with model", aggregator=AggregatorStep("test-model"))


def test_the_default_recipe_predicts_nothing_and_leaves_three_files(tmp_path: Path) -> None:
    slide = make_slide(tmp_path / "표본" / "슬라이드 😐.svs")
    result = run(slide, tmp_path / "결과")
    assert (result.prediction, result.heatmap) == (None, None)
    assert result.geojson.name == "슬라이드 😐.geojson"
    report = json.loads(result.report.read_bytes())
    assert report["tiles"]["kept"] == len(read_features(result.features).features) > 6
    assert tissue_of(result).area == pytest.approx(768 * 512, rel=0.05)
    assert report["steps"]["encoder"]["version"]
    assert len(report["steps"]["tissue"]["content_hash"]) == 64
    assert report["steps"]["tissue"]["params"]["fixed_threshold"] == 7


def test_the_contributions_of_additive_mil_in_the_files_sum_to_the_logit(
    tmp_path: Path, make_model: Any
) -> None:
    make_model("mil_attention/additive")
    messages = Messages()
    result = run(make_slide(tmp_path / "a.svs"), tmp_path / "out", model_recipe(), sink=messages)
    (entry,) = json.loads(result.prediction.read_bytes())["classes"]
    tiles = [
        feature["properties"]["measurements"]
        for feature in json.loads(result.geojson.read_bytes())["features"]
        if feature["properties"]["objectType"] == "tile"
    ]
    assert len(tiles) > 6
    assert sum(tile[f"contribution: {PATTERN}"] for tile in tiles) == pytest.approx(entry["logit"], abs=1e-4)
    assert entry["probability"] == pytest.approx(1 / (1 + np.exp(-entry["logit"])))
    assert messages.of(HeatMapUpdate)[-1].values.sum() == pytest.approx(entry["logit"], abs=1e-4)
    assert Image.open(result.heatmap).size[0] > 1000
    assert any(DEMONSTRATION_WARNING in note.lower() for note in result.notes)


def test_abmil_draws_attention_and_no_class(tmp_path: Path, make_model: Any) -> None:
    make_model("mil_attention/abmil")
    slide = make_slide(tmp_path / "a.svs", SYNTHETIC_SOFTWARE)
    result = run(slide, tmp_path / "out", model_recipe())
    features = json.loads(result.geojson.read_bytes())["features"]
    named = {feature["properties"].get("classification", {}).get("name") for feature in features}
    assert named == {"Tissue", None}
    tiles = [f["properties"]["measurements"] for f in features if f["properties"]["objectType"] == "tile"]
    assert max(tile["attention_percentile"] for tile in tiles) == 100
    regions = [f["properties"] for f in features if f["properties"].get("name")]
    assert {region["name"] for region in regions} == {"High attention"}


def test_a_model_is_not_given_other_tiles_than_it_learned_from(tmp_path: Path, make_model: Any) -> None:
    make_model("mil_attention/additive", mpp=0.25)
    with pytest.raises(RecipeError, match=r"trained on tiles at 0\.25 µm per pixel"):
        run(make_slide(tmp_path / "a.svs"), tmp_path / "out", model_recipe())
    assert not (tmp_path / "out").exists()


def test_a_model_is_not_given_features_made_with_other_parameters(tmp_path: Path, make_model: Any) -> None:
    make_model("mil_attention/additive")
    recipe = replace(model_recipe(), encoder=Step("encoder_texture/texture", {"nucleus_od": 0.5}))
    with pytest.raises(RecipeError, match=r"features with nucleus_od = 0\.7, not 0\.5"):
        run(make_slide(tmp_path / "a.svs"), tmp_path / "out", recipe)
    make_model("mil_attention/additive", training={"encoder_params": {"nucleus_od": 0.5}})
    assert run(tmp_path / "a.svs", tmp_path / "out", recipe).prediction


def test_two_slides_of_one_name_keep_apart(tmp_path: Path) -> None:
    first = make_slide(tmp_path / "a" / "slide.svs")
    second = make_slide(tmp_path / "b" / "slide.svs", "another scanner")
    results = [run(path, tmp_path / "out") for path in (first, second)]
    assert results[0].geojson.name == "slide.geojson"
    identity = json.loads(results[1].report.read_bytes())["slide"]["slide_id"]
    assert results[1].geojson.name == f"slide-{identity[:8]}.geojson"


def test_cmu_tissue_agrees_with_another_library_and_the_files_with_each_other(tmp_path: Path) -> None:
    slide = shared_file("slides/CMU-1-Small-Region.svs")
    reference = json.loads(shared_file("mil/wsidata_CMU-1-Small-Region_tissue.geojson").read_bytes())
    theirs = shapely.union_all([shapely.make_valid(shape(f["geometry"])) for f in reference["features"]])
    overlaps = {}
    for name, step in {"saturation": default_recipe().tissue, "gigapath": GIGAPATH}.items():
        result = run(slide, tmp_path / name, replace(default_recipe(), tissue=step))
        ours = tissue_of(result)
        overlaps[name] = ours.intersection(theirs).area / ours.union(theirs).area
        with h5py.File(result.features) as file:
            assert file["coords"].attrs["patch_size_level0"] == 257
            assert file["coords"].attrs["level0_magnification"] == 20
    print(f"tissue IoU with wsidata on CMU-1-Small-Region: {overlaps}")  # noqa: T201 - a figure to be read
    assert overlaps["saturation"] >= 0.88
    assert overlaps["gigapath"] >= 0.8


def test_a_slide_without_mpp_needs_it_given_and_the_source_is_recorded(tmp_path: Path) -> None:
    slide = shared_file("slides/TCGA-CR-7395-01A-01-TS1.svs")
    recipe = replace(default_recipe(), encoder=None)
    with pytest.raises(MissingMppError, match="--mpp"):
        run(slide, tmp_path, recipe)
    result = run(slide, tmp_path, recipe, mpp=MppOverride(0.5))
    report = json.loads(result.report.read_bytes())
    assert (report["slide"]["mpp"], report["slide"]["mpp_source"]) == ([0.5, 0.5], "given")
    assert any("given by the user" in note for note in report["notes"])


def test_a_pixel_size_from_a_table_is_recorded_as_such(tmp_path: Path) -> None:
    slide = shared_file("slides/TCGA-CR-7395-01A-01-TS1.svs")
    recipe = replace(default_recipe(), encoder=None)
    result = run(slide, tmp_path, recipe, table_mpp=(0.5, 0.51))
    report = json.loads(result.report.read_bytes())
    assert (report["slide"]["mpp"], report["slide"]["mpp_source"]) == ([0.5, 0.51], "table")


def test_a_slide_coarser_than_the_recipe_is_refused_unless_upsampling_is_allowed(tmp_path: Path) -> None:
    slide = shared_file("slides/camelyon_jpeg.dcm")
    recipe = replace(default_recipe(), encoder=None)
    with pytest.raises(SlideTooCoarseError, match="allow_upsampling"):
        run(slide, tmp_path, recipe)
    tiles = replace(recipe.tiles, mpp=20.0, size_px=64, allow_upsampling=True)
    report = json.loads(run(slide, tmp_path, replace(recipe, tiles=tiles)).report.read_bytes())
    assert report["upsampling"] == pytest.approx(28.969 / 20)


@pytest.mark.parametrize(
    "name", ["malformed/openslide-python_unreadable.svs", "malformed/openslide-python_unopenable.tiff"]
)
def test_a_damaged_slide_fails_with_one_sentence(tmp_path: Path, name: str) -> None:
    slide = shared_file(name)
    with pytest.raises(SlideError) as caught:
        run(slide, tmp_path / "out", mpp=MppOverride(0.5))
    assert slide.name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_job_with_a_name_of_its_own_names_the_slide_nowhere(tmp_path: Path) -> None:
    slide = make_slide(tmp_path / "Telltale family" / "Telltale Hans.tiff", SYNTHETIC_SOFTWARE)
    out = tmp_path / "out"
    result = run(slide, out, slide_name="0123456789ab")
    assert result.geojson.name == "0123456789ab.geojson"
    assert json.loads(result.report.read_bytes())["slide"]["file"] == "0123456789ab"
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) >= 4
    for path in files:
        assert "Telltale" not in path.name
        assert b"Telltale" not in path.read_bytes().replace(b"run of Telltale Hans", b"")


def test_a_failed_job_with_a_name_of_its_own_does_not_tell_the_files(tmp_path: Path) -> None:
    slide = tmp_path / "Telltale Hans.tiff"
    slide.write_bytes(b"no slide at all")
    job = Job("x", slide, default_recipe(), tmp_path / "out", slide_name="0123456789ab")
    sink: Any = SimpleNamespace(send=Messages())
    run_it = partial(run_job, job, Locations.default(), sink=sink.send, control=JobControl())
    failed = worker._outcome(job, sink, run_it)
    assert isinstance(failed, Failed)
    assert "Telltale" not in failed.sentence
    assert failed.sentence.startswith("0123456789ab cannot be opened")
