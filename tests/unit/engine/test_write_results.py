"""What stands in a run's files, read back from disk."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image

from desktop_app.domain.annotation_classes import color_for
from desktop_app.domain.bundle import DEMONSTRATION_WARNING, ModelClass
from desktop_app.domain.recipe import Step
from desktop_app.domain.slide_info import SYNTHETIC_SOFTWARE
from desktop_app.domain.stain import FittedStain
from desktop_app.engine.job import JobControl, MppOverride, Roi, RunResult
from desktop_app.engine.reporter import Reporter
from desktop_app.engine.run_slide import run_slide
from desktop_app.engine.write_results import write_results
from desktop_app.errors import JobCancelledError
from desktop_app.storage.geojson import read_geojson
from desktop_app.storage.results import read_report
from tests.support.engine_cases import (
    AdditiveModel,
    AttentionModel,
    CancelAfter,
    FakeNormalizer,
    MemorySlide,
    Messages,
    fake_bundle,
    fake_job,
    fake_recipe,
    fake_steps,
    tissue_slide,
)

PATTERN = "Synthetic pattern"
ROI = Roi(((np.array([[0.0, 0], [320, 0], [320, 448], [0, 448]]),),), "class Tumor")


def run(out: Path, slide: MemorySlide | None = None, steps: Any = None, **job: Any) -> RunResult:
    job.setdefault("recipe", fake_recipe())
    slide, steps, asked = slide or tissue_slide(), steps or fake_steps(), fake_job(out, **job)
    result = run_slide(slide, steps, job=asked, sink=Messages(), control=JobControl())
    reporter = Reporter(asked.job_id, Messages(), control=JobControl())
    return write_results(result, slide, steps=steps, job=asked, reporter=reporter)


def run_model(out: Path, model: Any = None, slide: MemorySlide | None = None, **job: Any) -> RunResult:
    steps = fake_steps(model=model or AdditiveModel())
    return run(out, slide, steps, recipe=fake_recipe(aggregator=True), **job)


def features_of(path: Path, object_type: str, **properties: Any) -> list[dict[str, Any]]:
    found = json.loads(path.read_bytes())["features"]
    return [
        feature
        for feature in found
        if feature["properties"]["objectType"] == object_type
        and all(feature["properties"].get(key) == value for key, value in properties.items())
    ]


def report_of(result: RunResult) -> dict[str, Any]:
    report = read_report(result.report)
    assert report is not None
    return report


def test_without_model_there_are_four_files(tmp_path: Path) -> None:
    result = run(tmp_path / "결과")
    assert (result.prediction, result.heatmap, result.notes) == (None, None, ())
    visible = {path.name for path in (tmp_path / "결과").iterdir() if not path.name.startswith(".")}
    assert visible == {"slide.geojson", "slide.h5", "slide.tiles.csv", "slide.run.json"}


def test_without_encoder_there_is_no_feature_file(tmp_path: Path) -> None:
    result = run(tmp_path, steps=fake_steps(encoder=None), recipe=fake_recipe(encoder=None))
    assert result.features is None
    assert len(features_of(result.geojson, "tile")) == 40


def test_tissue_and_tiles_are_what_qupath_reads(tmp_path: Path) -> None:
    result = run(tmp_path)
    document = json.loads(result.geojson.read_bytes())
    assert document["type"] == "FeatureCollection"
    (tissue,) = features_of(result.geojson, "annotation")
    color = list(color_for("Tissue"))
    assert tissue["properties"]["classification"] == {"name": "Tissue", "color": color}
    tiles = features_of(result.geojson, "tile")
    assert len(tiles) == 40
    for feature in (tissue, *tiles):
        (ring,) = feature["geometry"]["coordinates"]
        assert ring[0] == ring[-1]
        assert "name" not in feature["properties"]
        assert feature["properties"]["metadata"]["coverslip:run"] == "run-1"
        assert feature["properties"]["metadata"]["coverslip:state"] == "unreviewed"
    assert tissue["properties"]["metadata"]["coverslip:model"] == "fake/detector"
    assert tiles[0]["properties"]["metadata"]["coverslip:model"] == "fake/mean"
    assert tiles[0]["properties"]["measurements"] == {"tissue share": 1.0}
    assert len({feature["id"] for feature in document["features"]}) == 41


def test_ids_are_those_of_the_run(tmp_path: Path) -> None:
    first = [a.id for a in read_geojson(run(tmp_path / "a").geojson).annotations]
    again = [a.id for a in read_geojson(run(tmp_path / "b").geojson).annotations]
    other = [a.id for a in read_geojson(run(tmp_path / "c", job_id="run-2").geojson).annotations]
    assert first == again
    assert not set(first) & set(other)


def test_contributions_in_every_file_sum_to_the_logit(tmp_path: Path) -> None:
    result = run_model(tmp_path)
    prediction = json.loads(result.prediction.read_bytes())
    (entry,) = prediction["classes"]
    tiles = features_of(result.geojson, "tile")
    from_tiles = sum(tile["properties"]["measurements"][f"contribution: {PATTERN}"] for tile in tiles)
    assert from_tiles == pytest.approx(entry["logit"], abs=1e-4)
    assert np.sum(prediction["tiles"]["contributions"]) == pytest.approx(entry["logit"], abs=1e-4)
    assert entry["logit"] == 2.0
    assert entry["probability"] == pytest.approx(1 / (1 + np.exp(-2)))
    with h5py.File(result.features) as file:
        assert file["coords"][:].tolist() == prediction["tiles"]["locations"]


def test_the_prediction_says_what_it_rests_on(tmp_path: Path) -> None:
    result = run_model(tmp_path)
    prediction = json.loads(result.prediction.read_bytes())
    (entry,) = prediction["classes"]
    assert entry["name"] == PATTERN
    assert (entry["positive"], entry["decision_threshold"], entry["region_threshold"]) == (True, 0.5, 0.1)
    assert prediction["explanation"] == "additive"
    assert prediction["model"]["sha256"] == "ab" * 32
    assert prediction["research_use_only"] is True


def test_regions_have_the_models_class_color_and_name(tmp_path: Path) -> None:
    result = run_model(tmp_path)
    regions = [f for f in features_of(result.geojson, "annotation") if "measurements" in f["properties"]]
    assert regions
    for region in regions:
        assert region["properties"]["classification"] == {"name": PATTERN, "color": [200, 80, 0]}
        assert region["properties"]["metadata"]["coverslip:model"] == "demonstration 1.0"
        assert region["properties"]["measurements"]["tiles"] >= 1


def test_attention_names_no_class(tmp_path: Path) -> None:
    result = run_model(tmp_path, AttentionModel())
    tile = features_of(result.geojson, "tile")[-1]["properties"]
    assert tile["measurements"]["attention_logit"] == 5.0
    assert tile["measurements"]["attention_percentile"] == 100.0
    assert not [key for key in tile["measurements"] if "contribution" in key]
    regions = [f for f in features_of(result.geojson, "annotation") if "measurements" in f["properties"]]
    assert regions
    for region in regions:
        assert region["properties"]["name"].startswith("High attention")
        assert "classification" not in region["properties"]
    tiles = json.loads(result.prediction.read_bytes())["tiles"]
    assert "contributions" not in tiles
    assert len(tiles["attention_percentiles"]) == 40


def test_every_output_of_a_demonstration_model_on_a_real_slide_says_so(tmp_path: Path) -> None:
    result = run_model(tmp_path)
    assert report_of(result)["warning"] == DEMONSTRATION_WARNING
    prediction = json.loads(result.prediction.read_bytes())
    assert (prediction["warning"], prediction["demonstration"]) == (DEMONSTRATION_WARNING, True)
    with h5py.File(result.features) as file:
        assert file.attrs["warning"] == DEMONSTRATION_WARNING
    for feature in json.loads(result.geojson.read_bytes())["features"]:
        properties = feature["properties"]
        if properties.get("classification", {}).get("name") != "Tissue":
            assert properties["name"] == DEMONSTRATION_WARNING
            assert properties["metadata"]["warning"] == DEMONSTRATION_WARNING
    assert any(DEMONSTRATION_WARNING in note.lower() for note in result.notes)


def test_on_a_slide_of_the_generator_only_the_flag_stays(tmp_path: Path) -> None:
    slide = tissue_slide(properties={"tiff.Software": SYNTHETIC_SOFTWARE})
    result = run_model(tmp_path, slide=slide)
    prediction = json.loads(result.prediction.read_bytes())
    assert (prediction["warning"], prediction["demonstration"]) == ("", True)
    assert DEMONSTRATION_WARNING.encode() not in result.geojson.read_bytes()
    assert report_of(result)["warning"] == ""


def test_the_picture_warns_and_shows_the_tiles_where_they_are(tmp_path: Path) -> None:
    warned = Image.open(run_model(tmp_path / "a").heatmap)
    synthetic = tissue_slide(properties={"tiff.Software": SYNTHETIC_SOFTWARE})
    plain = Image.open(run_model(tmp_path / "b", slide=synthetic).heatmap)
    assert warned.size[1] - plain.size[1] == 44
    assert warned.getpixel((3, 3)) == (170, 20, 20)
    assert plain.getpixel((3, 3)) == (255, 255, 255)
    picture = np.asarray(plain)[24 : 24 + 448, 24 : 24 + 640].astype(int)
    assert (picture[:60] == 255).all()
    first, last = picture[70:120, 70:120].mean(axis=(0, 1)), picture[330:380, 520:570].mean(axis=(0, 1))
    assert first[2] - first[0] > last[2] - last[0] + 50


def test_the_report_holds_what_is_needed_to_repeat_and_to_doubt_the_run(tmp_path: Path) -> None:
    fitted = FittedStain("fake", np.eye(3), diagnostics={"pixels": 5})
    recipe = fake_recipe(normalizer=Step("fake/normalizer", {"alpha": 1.0}))
    slide = tissue_slide(unreadable=(130, 130, 140, 140))
    steps = fake_steps(normalizer=FakeNormalizer(fitted))
    result = run(tmp_path, slide, steps, recipe=recipe, roi=ROI)
    report = report_of(result)
    assert report["slide"] == {
        "file": "slide.svs",
        "slide_id": "0123456789abcdef",
        "size": [640, 448],
        "vendor": "memory",
        "objective": None,
        "mpp": [0.5, 0.5],
        "mpp_source": "metadata",
        "mpp_note": "",
        "bounds": None,
        "synthetic": False,
    }
    assert report["recipe"]["normalizer"] == {"use": "fake/normalizer", "params": {"alpha": 1.0}}
    tiles = report["tiles"]
    assert tiles["unreadable_tiles"] == [{"location": [128, 128], "reason": "the tile is damaged"}]
    assert (
        tiles["kept"] + tiles["background"] + tiles["outside_roi"] + tiles["unreadable"]
        == tiles["grid"]
        == 70
    )
    assert report["roi"]["description"] == "class Tumor"
    assert report["roi"]["geometry"]["coordinates"][0][0][0] == [0, 0]
    assert report["stain"]["diagnostics"] == {"pixels": 5}
    assert report["steps"]["encoder"]["content_hash"] == "cd" * 32
    assert report["timings_s"].keys() == {"tissue", "tiles", "stain", "features"}
    assert report["upsampling"] is None
    assert report["tissue"]["area_mm2"] == pytest.approx(256 * 320 * 0.25 / 1e6)
    assert any("1 tiles cannot be read" in note for note in report["notes"])
    assert str(tmp_path) not in result.report.read_text()


def test_a_slide_with_bounds_is_written_for_qupath_and_the_offset_recorded(tmp_path: Path) -> None:
    slide = tissue_slide(bounds=(64, 32, 500, 400))
    result = run_model(tmp_path, slide=slide)
    assert report_of(result)["geojson_offset"] == [64.0, 32.0]
    ring = features_of(result.geojson, "tile")[0]["geometry"]["coordinates"][0]
    assert ring[0] == [0.0, 32.0]
    back = read_geojson(result.geojson, offset=(64.0, 32.0))
    first = next(a for a in back.annotations if a.object_type == "tile")
    assert first.parts[0][0][0].tolist() == [64.0, 64.0]
    assert json.loads(result.prediction.read_bytes())["tiles"]["locations"][0] == [64, 64]


def test_a_different_question_keeps_the_earlier_answer(tmp_path: Path) -> None:
    plain = run(tmp_path)
    assert run(tmp_path).geojson == plain.geojson
    with_roi = run(tmp_path, roi=ROI)
    assert with_roi.geojson.name == "slide.2.geojson"
    assert any("kept" in note for note in with_roi.notes)
    assert run(tmp_path, mpp=MppOverride(0.5)).geojson.name == "slide.3.geojson"
    model = run_model(tmp_path)
    assert model.heatmap.name == "slide.4.heatmap.png"
    new_weights = fake_steps(model=AdditiveModel(), bundle=fake_bundle(sha256="ef" * 32))
    assert (
        run(tmp_path, steps=new_weights, recipe=fake_recipe(aggregator=True)).geojson.name
        == "slide.5.geojson"
    )
    assert run(tmp_path, roi=ROI).geojson == with_roi.geojson


def test_a_drawing_of_the_user_is_not_overwritten(tmp_path: Path) -> None:
    first = run(tmp_path)
    edited = first.geojson.read_text().replace("unreviewed", "accepted")
    first.geojson.write_text(edited)
    second = run(tmp_path)
    assert first.geojson.read_text() == edited
    assert {second.geojson.name, second.features.name, second.report.name} == {
        "slide.2.geojson",
        "slide.2.h5",
        "slide.2.run.json",
    }
    assert report_of(second)["notes"] == list(second.notes)


def test_cancel_before_writing_leaves_nothing(tmp_path: Path) -> None:
    slide, steps, job = tissue_slide(), fake_steps(), fake_job(tmp_path / "out", recipe=fake_recipe())
    result = run_slide(slide, steps, job=job, sink=Messages(), control=JobControl())
    reporter = Reporter(job.job_id, Messages(), control=CancelAfter(0))
    with pytest.raises(JobCancelledError):
        write_results(result, slide, steps=steps, job=job, reporter=reporter)
    assert not (tmp_path / "out").exists()


def test_class_names_in_any_script_reach_every_file(tmp_path: Path) -> None:
    name = "종양 – β"
    bundle = fake_bundle(classes=(ModelClass(name, (1, 2, 3), 0.5, 0.1),))
    steps = fake_steps(model=AdditiveModel(classes=(name,)), bundle=bundle)
    slide = tissue_slide(path=Path("슬라이드 😐.svs"))
    result = run(tmp_path / "결과", slide, steps, recipe=fake_recipe(aggregator=True))
    assert result.geojson.name == "슬라이드 😐.geojson"
    assert json.loads(result.prediction.read_bytes())["classes"][0]["name"] == name
    tiles = features_of(result.geojson, "tile")
    assert f"contribution: {name}" in tiles[0]["properties"]["measurements"]
    Image.open(io.BytesIO(result.heatmap.read_bytes())).verify()
