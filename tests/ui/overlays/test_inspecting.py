"""Measuring and the circle in the window: both modes, keys, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from desktop_app.domain.distances import distance
from desktop_app.domain.shapes import drawn
from desktop_app.engine.job import MppOverride
from desktop_app.ui.dialogs.grid_and_field import GridAndFieldDialog
from tests.support.slide_factory import aperio_description, write_pyramid
from tests.support.window_driver import WindowDriver

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.mark.parametrize("mode", ["view", "annotate"])
def test_the_ruler_works_in_both_modes(driver: WindowDriver, slide: Path, mode: str) -> None:
    view = driver.open(slide)
    driver.window.set_mode(mode)  # type: ignore[arg-type]
    view.canvas.set_viewport(view.canvas.viewport.with_downsample(4.0))
    driver.key(Qt.Key.Key_M, SHIFT)
    assert view.inspection == "ruler"
    assert driver.window.actions_by_key["measure.ruler"].isChecked()
    assert not driver.window.actions_by_key["annotate.move"].isChecked()
    driver.drag((1600, 1200), (1800, 1200), (2400, 1200))
    (measured,) = view.overlays.measurements.items
    assert measured.text((0.5, 0.5)) == "400.0 µm"
    assert len(view.document.snapshot) == 0
    driver.key(Qt.Key.Key_M, SHIFT)
    assert view.inspection is None
    assert driver.window.actions_by_key["annotate.move"].isChecked() == (mode == "annotate")
    assert len(view.overlays.measurements) == 1


def test_delete_clears_measurements_and_never_annotations(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    ring = np.array([(100, 100), (900, 100), (900, 900)], dtype=np.float64)
    shape = drawn("polygon", ((ring,),), class_name=None)
    view.document.add([shape], "Draw")
    view.selection.set([shape.id])
    driver.trigger("measure.ruler")
    driver.drag((1600, 1200), (1800, 1200), (2400, 1200))
    driver.key(Qt.Key.Key_Delete)
    assert len(view.overlays.measurements) == 0
    assert len(view.document.snapshot) == 1


def test_a_drawing_tool_takes_the_rulers_place(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    driver.trigger("measure.angle")
    driver.trigger("annotate.rectangle")
    assert view.inspection is None
    driver.drag((1600, 1200), (1800, 1400), (2400, 1900))
    assert len(view.document.snapshot) == 1


def test_escape_puts_the_tool_away(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.trigger("measure.ruler")
    driver.key(Qt.Key.Key_Escape)
    assert view.inspection is None
    assert view.canvas.tool is None


def test_measurements_become_annotations_as_one_step(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    view.choose_class(1)
    driver.trigger("measure.ruler")
    driver.drag((1600, 1200), (1800, 1200), (2400, 1200))
    driver.trigger("measure.angle")
    for place in ((2400, 2000), (1600, 2000), (1600, 2400)):
        driver.click(*place)
    kinds = [item.kind for item in view.overlays.measurements.items]
    assert kinds == ["length", "angle"]
    points = [item.points for item in view.overlays.measurements.items]
    driver.trigger("measure.keep")
    kept = list(view.document.snapshot.iter_annotations())
    assert [found.kind for found in kept] == ["line", "line"]
    assert {found.class_name for found in kept} == {view.classes[1].name}
    for found, places in zip(kept, points, strict=True):
        assert np.allclose(found.parts[0][0], places)
    assert len(view.overlays.measurements) == 0
    driver.trigger("edit.undo")
    assert len(view.document.snapshot) == 0


def test_the_pixel_size_that_is_given_counts_at_once(driver: WindowDriver, tmp_path: Path) -> None:
    description = aperio_description(mpp=None, objective=None)
    slide = write_pyramid(tmp_path / "plain.tiff", size=(2000, 1500), mpp=None, description=description)
    view = driver.open(slide)
    registry = driver.window.actions_by_key
    assert not registry["overlay.field"].isEnabled()
    assert "pixel size" in registry["overlay.field"].toolTip()
    driver.trigger("overlay.grid")
    driver.trigger("measure.ruler")
    driver.drag((600, 700), (700, 700), (1000, 700))
    (measured,) = view.overlays.measurements.items
    pixels = distance(*measured.points, None)
    assert measured.text(view.overlays.measured.mpp) == f"{pixels:.0f} px"
    assert view.overlays.notes.lines(view.canvas.viewport, 1.0) == ["Grid 1000 px, pixel size unknown"]
    view.set_pixel_size(MppOverride(0.25))
    assert registry["overlay.field"].isEnabled()
    assert measured.text(view.overlays.measured.mpp) == f"{pixels / 4:.1f} µm"
    assert view.overlays.notes.lines(view.canvas.viewport, 1.0) == ["Grid 250 µm"]


def test_the_circle_is_placed_by_a_click(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.trigger("overlay.field_placed")
    assert driver.window.settings.overlays.field
    driver.click(1000, 800)
    assert view.overlays.field.pinned == pytest.approx((1000, 800), abs=4)
    assert driver.window.actions_by_key["overlay.field_pinned"].isChecked()
    driver.trigger("overlay.field_pinned")
    assert view.overlays.field.pinned is None


def test_spacing_and_area_are_seen_while_they_are_chosen(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.trigger("overlay.settings")
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, GridAndFieldDialog)
    dialog.spacing_box.setValue(125.0)
    assert (view.overlays.grid.visible, view.overlays.grid.spacing_um) == (True, 125.0)
    dialog.diameter_box.setValue(0.5)
    assert view.overlays.field.area_mm2 == pytest.approx(0.19635, rel=1e-4)
    assert dialog.area_box.value() == pytest.approx(0.19635, rel=1e-4)
    dialog.field_presets.activated.emit(dialog.field_presets.findData(1.0))
    assert dialog.diameter_box.value() == pytest.approx(1.128, abs=1e-3)
    view.canvas.center_on((1234.0, 987.0))
    dialog.here_button.click()
    assert view.overlays.grid.origin == pytest.approx((1234, 987))
    dialog.corner_button.click()
    assert view.overlays.grid.origin == (0, 0)
    dialog.close()


def test_a_hint_takes_the_place_of_the_readouts_for_a_while(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    status = driver.window.status
    driver.trigger("measure.ruler")
    assert status.currentMessage().startswith("Drag, or click twice.")
    view.canvas.zoom_by(2)
    assert not status.magnification.isVisible()
    assert not status.mpp.isVisible()
    driver.trigger("measure.ruler")
    assert status.currentMessage() == ""
    assert status.magnification.isVisible()
    assert status.mpp.isVisible()
    assert not status.turned.isVisible()
