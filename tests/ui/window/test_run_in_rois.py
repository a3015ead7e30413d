"""A run limited to the slide's ROIs, from the drawing to the job."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.domain.regions import polygons_from_rings
from desktop_app.ui.dialogs.run_recipe import RunRecipeDialog
from tests.support.annotation_samples import square
from tests.support.window_driver import WindowDriver


def test_a_run_is_limited_to_the_union_of_the_rois(driver: WindowDriver, slide: Path, tmp_path: Path) -> None:
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    open_roi, exhaustive = square(50, 50, roi="open"), square(100, 50, roi="exhaustive")
    view.document.add([open_roi, exhaustive, square(400, 300, class_name="Tumor")], "Draw")
    driver.trigger("analyze.run")
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, RunRecipeDialog)
    driver.wait(dialog.isActiveWindow)
    dialog.region_combo.setFocus()
    QTest.keyClick(dialog.region_combo, Qt.Key.Key_Down)
    assert dialog.region_combo.currentText() == "All ROIs (2)"
    dialog.out_line.setText(str(tmp_path / "out"))
    dialog.run_button.click()
    job = driver.window.engine.records[-1].job
    driver.window.engine.cancel(job.job_id)
    assert job.roi is not None
    assert job.roi.description == "all ROIs"
    assert sum(polygon.area for polygon in polygons_from_rings(job.roi.rings)) == 150 * 100
    driver.wait(lambda: driver.window.engine.is_idle)


def test_without_a_roi_the_choice_is_there_and_says_why_not(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    driver.trigger("analyze.run")
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, RunRecipeDialog)
    dialog.region_combo.setFocus()
    QTest.keyClick(dialog.region_combo, Qt.Key.Key_Down)
    assert dialog.region_combo.currentText() == "Whole slide", "what cannot be chosen is passed over"
    assert dialog.region_combo.itemText(1) == "ROIs: none is drawn on this slide"
    dialog.close()
