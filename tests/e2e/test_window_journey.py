"""The whole path in the window, with a real worker: open, draw, run, see, cancel, quit, start again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.domain.annotation import Annotation
from desktop_app.storage.geojson import read_geojson
from desktop_app.ui.dialogs.run_recipe import RunRecipeDialog
from tests.support.shared_data import SHARED
from tests.support.slide_factory import write_pyramid
from tests.support.window_driver import WindowDriver, pixels, window_driver

CMU = SHARED / "slides" / "CMU-1-Small-Region.svs"
JOB_MS = 90_000


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    """Tissue with some texture, under a Korean name."""
    rng = np.random.default_rng(7)
    picture = np.full((1200, 1600, 3), 242, np.uint8)
    cv2.ellipse(picture, (800, 600), (620, 430), 0, 0, 360, (205, 130, 190), -1)
    for x, y in rng.integers((250, 250), (1350, 950), (900, 2)):
        cv2.circle(picture, (int(x), int(y)), int(rng.integers(4, 9)), (90, 50, 130), -1)
    folder = tmp_path / "슬라이드"
    folder.mkdir()
    return write_pyramid(folder / "조직 1.tiff", picture, mpp=0.5)


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[WindowDriver]:
    with window_driver(qtbot) as driver:
        yield driver


def run(driver: WindowDriver, recipe: str, out: Path) -> str:
    """Run a shipped recipe through the dialog; the job's id."""
    driver.trigger("analyze.run")
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, RunRecipeDialog)
    dialog.recipe_combo.setCurrentIndex(dialog.recipe_combo.findText(recipe))
    dialog.out_line.setText(str(out))
    driver.qtbot.mouseClick(dialog.run_button, Qt.MouseButton.LeftButton)
    return driver.window.engine.records[-1].job.job_id


def draw_one_of_each(driver: WindowDriver, size: tuple[int, int]) -> None:
    width, height = size

    def at(x: float, y: float) -> tuple[float, float]:
        return x * width, y * height

    driver.key(Qt.Key.Key_Tab)
    # Else a digit would be the class of what was just drawn.
    driver.trigger("annotate.return_to_move")
    driver.key(Qt.Key.Key_1)
    driver.key(Qt.Key.Key_R)
    driver.drag(at(0.2, 0.2), at(0.35, 0.3))
    driver.key(Qt.Key.Key_2)
    driver.key(Qt.Key.Key_O)
    driver.drag(at(0.5, 0.2), at(0.7, 0.35))
    driver.key(Qt.Key.Key_P)
    for corner in ((0.3, 0.5), (0.5, 0.5), (0.45, 0.7)):
        driver.click(*at(*corner))
        driver.qtbot.wait(5)
    driver.key(Qt.Key.Key_Return)
    driver.drag(at(0.6, 0.6), at(0.7, 0.6), at(0.7, 0.7), at(0.6, 0.7))
    driver.key(Qt.Key.Key_Period)
    driver.click(*at(0.25, 0.7))
    driver.qtbot.wait(5)


def drawn(driver: WindowDriver) -> list[Annotation]:
    return [found for found in driver.view.document.snapshot.iter_annotations() if found.origin is None]


def made_by_model(driver: WindowDriver) -> list[Annotation]:
    return [found for found in driver.view.document.snapshot.iter_annotations() if found.origin is not None]


def shapes(annotations: list[Annotation]) -> list[tuple[str, str | None, list[list[float]]]]:
    return [(found.kind, found.class_name, found.parts[0][0].round(2).tolist()) for found in annotations]


def journey(qtbot: QtBot, slide: Path, out: Path, recipe: str) -> None:
    with window_driver(qtbot) as driver:
        view = driver.open(slide)
        draw_one_of_each(driver, view.info.size)
        before = drawn(driver)
        kinds = [found.kind for found in before]
        assert kinds == ["rectangle", "ellipse", "polygon", "polygon", "points"]
        assert [found.class_name for found in before] == ["Tumor"] + ["Stroma"] * 4
        job_id = run(driver, recipe, out)
        driver.wait(lambda: driver.window.engine.record(job_id).is_over, JOB_MS)
        record = driver.window.engine.record(job_id)
        assert record.state == "finished", record.failure
        driver.settle()
        driver.wait(lambda: bool(made_by_model(driver)))
        regions = made_by_model(driver)
        assert {found.origin.run_id for found in regions if found.origin} == {job_id}
        assert "Tissue" in {found.class_name for found in regions}
        assert shapes(drawn(driver)) == shapes(before)
        second = run(driver, recipe, out)
        driver.wait(lambda: driver.window.engine.record(second).state == "running", JOB_MS)
        driver.trigger("analyze.cancel")
        driver.wait(lambda: driver.window.engine.record(second).is_over, 10_000)
        assert driver.window.engine.record(second).state == "cancelled"
        heat_map = driver.view.heat_map
    with window_driver(qtbot) as driver:
        driver.open(slide)
        driver.settle()
        assert shapes(drawn(driver)) == shapes(before)
        assert shapes(made_by_model(driver)) == shapes(regions)
        assert "analyze.add_result" not in enabled(driver)
        if heat_map is None:
            assert driver.view.heat_map is None
        else:
            driver.wait(lambda: driver.view.heat_map is not None)
            again = driver.view.heat_map
            assert again is not None
            np.testing.assert_allclose(again.values, heat_map.values, rtol=1e-5)
            np.testing.assert_array_equal(again.locations, heat_map.locations)
        driver.key(Qt.Key.Key_Tab)
        driver.trigger("edit.undo")
        assert made_by_model(driver) == []
        assert shapes(drawn(driver)) == shapes(before)


def enabled(driver: WindowDriver) -> set[str]:
    registry = driver.window.actions_by_key
    return {spec.key for spec in registry.specs if registry[spec.key].isEnabled()}


def test_open_draw_run_cancel_quit_and_start_again(qtbot: QtBot, slide: Path, tmp_path: Path) -> None:
    journey(qtbot, slide, tmp_path / "결과", "default")


def test_the_same_with_the_demonstration_model(qtbot: QtBot, slide: Path, tmp_path: Path) -> None:
    journey(qtbot, slide, tmp_path / "out", "demonstration")


def test_a_heat_map_changes_pixels_and_is_marked_as_a_demonstration(
    driver: WindowDriver, slide: Path, tmp_path: Path
) -> None:
    view = driver.open(slide)
    plain = pixels(view.canvas)
    job_id = run(driver, "demonstration", tmp_path)
    driver.wait(lambda: driver.window.engine.record(job_id).is_over, JOB_MS)
    driver.settle()
    driver.wait(lambda: view.heat_map is not None)
    assert "meaningless on real tissue" in view.heat_map_layer.legend_text()
    assert any("meaningless" in notice.lower() for notice in driver.notices)
    driver.window.messages.clear()
    driver.qtbot.wait(50)
    view.annotation_layer.visible = False
    assert (pixels(view.canvas) != plain).any(axis=2).mean() > 0.05


def test_an_unmerged_result_is_offered_once_at_the_next_opening(
    qtbot: QtBot, slide: Path, tmp_path: Path
) -> None:
    """As after a crash between the last file and the merge: the registry knows only that it was asked."""
    with window_driver(qtbot) as driver:
        view = driver.open(slide)
        job_id = run(driver, "default", tmp_path)
        driver.wait(lambda: driver.window.engine.record(job_id).state == "finished", JOB_MS)
        driver.settle()
        driver.wait(lambda: bool(made_by_model(driver)))
        count = len(made_by_model(driver))
        view.document.undo_stack.undo()
        driver.window.results._registry.mark(job_id, "asked")
    with window_driver(qtbot) as driver:
        driver.open(slide)
        driver.settle()
        assert any("not on it yet" in notice for notice in driver.notices)
        assert made_by_model(driver) == []
        driver.trigger("analyze.add_result")
        driver.settle()
        assert len(made_by_model(driver)) == count
        assert "analyze.add_result" not in enabled(driver)
    with window_driver(qtbot) as driver:
        driver.open(slide)
        driver.settle()
        assert driver.notices == []


@pytest.mark.skipif(not CMU.is_file(), reason="the real slides are not on this machine")
def test_the_whole_path_on_a_real_slide(qtbot: QtBot, tmp_path: Path) -> None:
    with window_driver(qtbot) as driver:
        view = driver.open(Path(shutil.copy(CMU, tmp_path)))
        draw_one_of_each(driver, view.info.size)
        driver.trigger("annotate.move")
        driver.trigger("edit.select_none")
        # Only one small shape in the tissue is analyzed, which keeps this short.
        view.selection.set([drawn(driver)[3].id])
        driver.trigger("analyze.run")
        dialog = driver.window.dialogs.shown
        assert isinstance(dialog, RunRecipeDialog)
        dialog.recipe_combo.setCurrentIndex(dialog.recipe_combo.findText("default"))
        dialog.region_combo.setCurrentIndex(1)
        dialog.out_line.setText(str(tmp_path))
        dialog.run_button.click()
        record = driver.window.engine.records[-1]
        driver.wait(lambda: driver.window.engine.record(record.job.job_id).is_over, JOB_MS)
        done = driver.window.engine.record(record.job.job_id)
        assert done.result is not None, done.failure
        tiles = [a for a in read_geojson(done.result.geojson).annotations if a.object_type == "tile"]
        assert tiles
        driver.settle()
