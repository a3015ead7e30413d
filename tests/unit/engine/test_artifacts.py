"""Artifacts in a run: annotations, what they leave out, the warning, and the table of tile fates."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely import box

from desktop_app.domain.artifact import ArtifactMap
from desktop_app.domain.recipe import ArtifactStep
from desktop_app.domain.tissue import Tissue
from desktop_app.engine.artifacts import check_artifacts
from desktop_app.engine.job import JobControl, Roi
from desktop_app.engine.reporter import Reporter
from desktop_app.engine.run_slide import SlideResult, run_slide
from desktop_app.engine.tile_fates import fate_counts, tile_fates
from desktop_app.engine.write_results import write_results
from desktop_app.errors import EngineError, PluginRunError
from desktop_app.storage.results import read_report
from tests.support.engine_cases import Messages, fake_job, fake_recipe, fake_steps, tissue_slide

ROI = Roi(((np.array([[0.0, 0], [320, 0], [320, 448], [0, 448]]),),), "class Tumor")


@dataclass
class FakeArtifact:
    """Finds a rectangle of 8-px map pixels, whatever the slide."""

    class_name: str
    columns: slice
    rows: slice = field(default_factory=lambda: slice(None))
    tissue: Tissue | None = None

    def detect(self, slide: Any, *, tissue: Tissue | None = None) -> tuple[ArtifactMap, ...]:
        self.tissue = tissue
        mask = np.zeros((56, 80), np.bool_)
        mask[self.rows, self.columns] = True
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        outline = box(columns[0] * 8, rows[0] * 8, columns[-1] * 8 + 8, rows[-1] * 8 + 8)
        return (ArtifactMap(self.class_name, mask.astype(np.float32), mask, (4.0, 4.0), 0.5, (outline,)),)


def asked(*found: FakeArtifact, exclude: tuple[str, ...] = (), **job: Any) -> tuple[Any, Any]:
    """Steps and job of a recipe with one artifact step for each detector."""
    artifacts = tuple(ArtifactStep(f"fake/{one.class_name.lower()}", {}, exclude) for one in found)
    recipe = fake_recipe(artifacts=artifacts)
    return fake_steps(artifacts=found), fake_job(recipe=recipe, **job)


def run(*found: FakeArtifact, **options: Any) -> SlideResult:
    steps, job = asked(*found, **options)
    return run_slide(tissue_slide(), steps, job=job, sink=Messages(), control=JobControl())


PEN, FOLD = FakeArtifact("Pen", slice(0, 24)), FakeArtifact("Fold", slice(16, 32), slice(0, 24))


def test_nothing_is_left_out_unless_the_recipe_says_so() -> None:
    result = run(PEN, FOLD)

    assert len(result.tiles.kept) == 40
    assert [one.map.class_name for one in result.artifacts] == ["Pen", "Fold"]
    assert fate_counts(result.plan, result.tiles)["kept"] == 40
    assert result.notes == ()


def test_the_detector_is_told_the_tissue() -> None:
    detector = replace(PEN)
    result = run(detector)

    assert detector.tissue is result.tissue


def test_excluded_tiles_have_the_class_as_their_fate() -> None:
    """Tissue lies in columns 1 to 8 and rows 1 to 5 of the tiles; pen covers columns 0 to 2."""
    result = run(PEN, FOLD, exclude=("Pen", "Fold"))
    fates = tile_fates(result.plan, result.tiles).reshape(7, 10)

    assert (fates[1:6, 1:3] == "Pen").all()
    assert (fates[1:3, 3] == "Fold").all()
    assert (fates[1:6, 4:9] == "kept").all()
    assert (fates[:, 0] == "background").all()
    counts = fate_counts(result.plan, result.tiles)
    assert counts == {
        "kept": 28,
        "background": 30,
        "outside ROI": 0,
        "Pen": 10,
        "Fold": 2,
        "unreadable": 0,
    }
    assert sum(counts.values()) == len(result.plan.grid)


def test_a_class_that_is_not_excluded_stays() -> None:
    result = run(PEN, FOLD, exclude=("Fold",))

    assert fate_counts(result.plan, result.tiles)["Fold"] == 4
    assert "Pen" not in fate_counts(result.plan, result.tiles)


def test_a_tile_needs_more_artifact_than_the_share() -> None:
    half = FakeArtifact("Pen", slice(8, 12))

    assert len(run(half, exclude=("Pen",)).tiles.kept) == 40
    assert len(run(replace(half, columns=slice(8, 13)), exclude=("Pen",)).tiles.kept) == 35


def test_much_left_out_is_worth_a_warning_and_little_is_not() -> None:
    (note,) = run(PEN, exclude=("Pen",)).notes
    little = run(FakeArtifact("Pen", slice(8, 16), slice(0, 16)), exclude=("Pen",))

    assert note.startswith("25% of the tissue was left out because of artifacts (Pen)")
    assert fate_counts(little.plan, little.tiles)["Pen"] == 1
    assert little.notes == ()


def test_when_nothing_is_left_the_way_out_is_said() -> None:
    with pytest.raises(EngineError, match="exclude fewer classes"):
        run(FakeArtifact("Pen", slice(None)), exclude=("Pen",))


def test_the_roi_and_artifacts_go_together() -> None:
    counts = (result := run(PEN, exclude=("Pen",), roi=ROI)) and fate_counts(result.plan, result.tiles)

    assert (counts["outside ROI"], counts["Pen"], counts["kept"]) == (35, 10, 10)


def test_the_files_tell_all_of_it(tmp_path: Path) -> None:
    steps, job = asked(PEN, exclude=("Pen",), out=tmp_path)
    slide = tissue_slide()
    result = run_slide(slide, steps, job=job, sink=Messages(), control=JobControl())
    reporter = Reporter(job.job_id, Messages(), control=JobControl())
    written = write_results(result, slide, steps=steps, job=job, reporter=reporter)

    report = read_report(written.report)
    assert report is not None
    assert report["tiles"]["artifacts"] == {"Pen": 10}
    assert report["artifacts_mm2"] == {"Pen": pytest.approx(24 * 56 * 16 / 1e6)}
    assert report["recipe"]["artifacts"][0]["exclude"] == ["Pen"]
    assert "slide.tiles.csv" in report["outputs"]
    with (tmp_path / "slide.tiles.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 70
    assert rows[11] == {
        "column": "1",
        "row": "1",
        "x": "64",
        "y": "64",
        "width": "64",
        "height": "64",
        "fate": "Pen",
        "tissue_share": "1.0000",
    }
    features = json.loads(written.geojson.read_bytes())["features"]
    (pen,) = [one for one in features if one["properties"].get("classification", {}).get("name") == "Pen"]
    assert pen["properties"]["classification"]["color"] == [255, 0, 0]
    assert pen["properties"]["metadata"]["coverslip:model"] == "fake/pen"


GOOD = PEN.detect(None)[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([GOOD], "a tuple of ArtifactMap"),
        ((GOOD, GOOD), "each class once"),
        ((replace(GOOD, mask=GOOD.score),), "a bool mask"),
        ((replace(GOOD, score=GOOD.score[1:]),), "finite scores"),
        ((replace(GOOD, score=np.full_like(GOOD.score, np.nan)),), "finite scores"),
        ((replace(GOOD, polygons=("no",)),), "valid polygons"),
    ],
)
def test_a_wrong_answer_is_refused(answer: Any, said: str) -> None:
    with pytest.raises(PluginRunError, match=said):
        check_artifacts(answer, "bad/pen")
