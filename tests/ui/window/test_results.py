"""Results: what a prediction file says, and what becomes of heat maps and regions."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import orjson
import pytest

from desktop_app.domain.shapes import drawn
from desktop_app.engine.job import HeatMapUpdate
from desktop_app.errors import StorageError
from desktop_app.storage.geojson import write_geojson
from desktop_app.storage.results import sealed
from desktop_app.storage.run_registry import RunEntry
from desktop_app.ui.engine.plugin_watch import Overdue
from desktop_app.ui.heat_map_file import read_prediction
from desktop_app.ui.results import _found, prediction_text
from tests.support.window_driver import WindowDriver

ADDITIVE: dict[str, Any] = {
    "run_id": "run",
    "demonstration": True,
    "warning": "",
    "classes": [
        {"name": "Quiet", "probability": 0.2, "positive": False},
        {"name": "Loud", "probability": 0.9, "positive": True},
    ],
    "tiles": {
        "size_level0": [256.0, 256.0],
        "locations": [[0, 0], [256, 0]],
        "contributions": [[0.5, -1.0], [0.25, 3.0]],
    },
}


def write(path: Path, **changes: Any) -> Path:
    path.write_bytes(orjson.dumps({**ADDITIVE, **changes}))
    return path


def test_the_class_with_the_highest_probability_is_shown(tmp_path: Path) -> None:
    content = read_prediction(write(tmp_path / "p.json"))
    assert content.heat_map is not None
    np.testing.assert_array_equal(content.heat_map.values, np.float32([-1.0, 3.0]))
    assert (content.heat_map.quantity, content.heat_map.class_name) == ("contribution", "Loud")
    assert (content.heat_map.done, content.heat_map.total) == (2, 2)
    text = prediction_text(content)
    assert "Loud: probability 90.0 %, positive." in text
    assert "Quiet: probability 20.0 %, negative." in text
    assert "demonstration model" in text


def test_attention_alone_is_shown_as_attention(tmp_path: Path) -> None:
    tiles = {"size_level0": [1.0, 1.0], "locations": [[0, 0]], "attention_logits": [0.5]}
    content = read_prediction(write(tmp_path / "p.json", tiles=tiles, warning="WARNING"))
    assert content.heat_map is not None
    assert (content.heat_map.quantity, content.heat_map.demonstration) == ("attention", True)
    assert "WARNING" in prediction_text(content)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"classes": [{}], "warning": ""}'])
def test_a_file_that_is_no_prediction_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(content)
    with pytest.raises(StorageError):
        read_prediction(path)
    with pytest.raises(StorageError):
        read_prediction(tmp_path / "missing.json")


def test_files_of_a_run_are_found_by_its_id_and_only_whole(tmp_path: Path) -> None:
    entry = RunEntry("run", "slide", str(tmp_path), "default")
    assert _found(entry) is None
    (tmp_path / "가.run.json").write_bytes(sealed({"run_id": "another"}))
    assert _found(entry) is None
    (tmp_path / "가.2.run.json").write_bytes(sealed({"run_id": "run"}))
    (tmp_path / "가.2.prediction.json").write_bytes(b"{}")
    found = _found(entry)
    assert found is not None
    assert found.state == "finished"
    assert found.geojson == str(tmp_path / "가.2.geojson")
    assert found.prediction == str(tmp_path / "가.2.prediction.json")


def test_a_cancelled_runs_partial_heat_map_gives_way_to_the_last_whole_one(
    driver: WindowDriver, slide: Path, tmp_path: Path, fake_worker: ModuleType
) -> None:
    view = driver.open(slide)
    whole = write(tmp_path / "old.prediction.json", run_id="old")
    old = RunEntry("old", view.document_id, str(tmp_path), "r", "merged", prediction=str(whole))
    driver.window.results._registry.put(old)
    job = fake_worker.make_job("new", "silent", tmp_path)
    record = driver.window.engine.submit(job)
    driver.window.results.asked(view, record)
    driver.wait(lambda: driver.window.engine.record("new").progress is not None)
    partial = HeatMapUpdate("new", np.zeros((1, 2), np.int64), (9.0, 9.0), np.ones(1, np.float32), "a", 1, 5)
    view.set_heat_map(partial)
    driver.window.engine.cancel("new")
    driver.wait(lambda: view.heat_map is not None and view.heat_map.job_id == "old")
    assert driver.window.results._registry.get("new") is None


def test_a_plugin_that_does_not_answer_can_be_given_time_until_its_job_is_over(
    driver: WindowDriver, slide: Path, tmp_path: Path, fake_worker: ModuleType
) -> None:
    driver.open(slide)
    engine, messages = driver.window.engine, driver.window.messages
    engine.submit(fake_worker.make_job("new", "silent", tmp_path))
    driver.wait(lambda: engine.record("new").progress is not None)
    engine.overdue.emit(Overdue("new", "slow_one", 240.0, 60.0))
    notice = messages.notices[-1]
    assert "The plugin slow_one has not answered for 240 s" in notice.text
    assert [offer.text for offer in notice.offers] == ["Give it more time", "Cancel the job"]
    notice.offers[1].act()
    driver.wait(lambda: engine.record("new").state == "cancelled")
    assert notice not in messages.notices


def test_a_wanted_result_is_merged_when_its_slide_opens(
    driver: WindowDriver, slide: Path, tmp_path: Path
) -> None:
    view = driver.open(slide)
    geojson = tmp_path / "r.geojson"
    ring = np.array([(10, 10), (60, 10), (60, 60)], dtype=np.float64)
    write_geojson(geojson, [drawn("polygon", ((ring,),), class_name="Tissue", author="x")], {})
    entry = RunEntry("run", view.document_id, str(tmp_path), "r", geojson=str(geojson))
    driver.window.results._registry.want(entry)
    driver.window.close_slide()
    view = driver.open(slide)
    driver.wait(lambda: len(view.document.snapshot) == 1)
    kept = driver.window.results._registry.get("run")
    assert kept is not None
    assert kept.state == "merged"


def test_a_result_is_merged_once_as_one_step(driver: WindowDriver, slide: Path, tmp_path: Path) -> None:
    view = driver.open(slide)
    geojson = tmp_path / "r.geojson"
    rings = [np.array([(x, 10), (x + 50, 10), (x + 50, 60)], dtype=np.float64) for x in (10, 100)]
    shapes = [drawn("polygon", ((ring,),), class_name="Tissue", author="x") for ring in rings]
    write_geojson(geojson, shapes, {})
    entry = RunEntry("run", view.document_id, str(tmp_path), "r", "finished", geojson=str(geojson))
    driver.window.results._registry.put(entry)
    for _ in range(2):
        driver.window.results.add_unmerged()
        driver.settle()
    assert len(view.document.snapshot) == 2
    assert view.document.undo_stack.count() == 1
    origins = {found.origin.run_id for found in view.document.snapshot.iter_annotations() if found.origin}
    assert origins == {"run"}
