"""The window itself: opening, modes, what is always visible, and what it remembers."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QGuiApplication, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QProgressBar, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.shapes import drawn
from desktop_app.engine.job import MppOverride, Progress
from desktop_app.storage.geojson import read_geojson, write_geojson
from desktop_app.ui.dialogs.pixel_size import PixelSizeDialog
from desktop_app.ui.dialogs.run_recipe import RunRecipeDialog
from desktop_app.ui.docks.jobs import progress_text, time_left_text
from desktop_app.ui.status_bar import saved_text
from desktop_app.ui.theme import look_of
from desktop_app.ui.window_dialogs import WindowDialogs
from tests.support.annotation_samples import square
from tests.support.slide_factory import write_bounded, write_pyramid
from tests.support.window_driver import WindowDriver, pixels, window_driver


def draw(driver: WindowDriver, kind: str = "rectangle") -> None:
    ring = np.array([(100, 100), (300, 100), (300, 250), (100, 250)], dtype=np.float64)
    shape = drawn(kind, ((ring,),), class_name=None, author="me")  # type: ignore[arg-type]
    driver.view.document.add([shape], "Draw")


def drop(driver: WindowDriver, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    driver.window.dropEvent(event)


# ---- opening ----------------------------------------------------------------------------------------


def test_a_slide_opens_from_the_action_and_shows_its_pixels(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    assert driver.window.windowTitle().startswith("슬라이드.tiff")
    red = view.canvas.grab().toImage().pixelColor(driver.at(20, 20))
    assert red.red() > 150 > 100 > red.blue()


def test_slides_and_annotations_can_be_dropped(driver: WindowDriver, slide: Path, tmp_path: Path) -> None:
    drop(driver, slide)
    driver.wait(lambda: driver.window.front is not None)
    draw(driver)
    driver.files.write_answer = tmp_path / "out.geojson"
    driver.trigger("file.save")
    driver.settle()
    driver.view.document.undo_stack.undo()
    assert len(driver.view.document.snapshot) == 0
    drop(driver, tmp_path / "out.geojson")
    driver.settle()
    assert len(driver.view.document.snapshot) == 1


def test_a_file_that_is_no_slide_is_told_without_a_dialog(driver: WindowDriver, tmp_path: Path) -> None:
    path = tmp_path / "가.svs"
    path.write_bytes(b"nothing")
    driver.window.open_paths([path])
    driver.settle()
    assert driver.window.views == ()
    assert any("가.svs" in notice for notice in driver.notices)
    driver.window.open_paths([tmp_path / "missing.svs"])
    driver.settle()
    assert any("missing.svs" in notice for notice in driver.notices)


def test_the_same_slide_opens_once(driver: WindowDriver, slide: Path, tmp_path: Path) -> None:
    driver.open(slide)
    driver.window.open_paths([slide, slide])
    driver.settle()
    copy = tmp_path / "copy.tiff"
    copy.write_bytes(slide.read_bytes())
    driver.window.open_paths([copy])
    driver.settle()
    assert len(driver.window.views) == 1
    assert any("open already" in notice for notice in driver.notices)


def test_a_second_file_with_the_same_content_is_asked_about_once(
    qtbot: QtBot, slide: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.tiff"
    copy.write_bytes(slide.read_bytes())
    with window_driver(qtbot) as driver:
        driver.open(slide)
        draw(driver)
    with window_driver(qtbot) as driver:
        driver.open(copy)
        assert any(str(slide) in notice for notice in driver.notices)
        press(driver, "The same slide")
        assert len(driver.view.document.snapshot) == 1
    with window_driver(qtbot) as driver:
        driver.open(copy)
        assert driver.notices == []
    other = tmp_path / "other.tiff"
    other.write_bytes(slide.read_bytes())
    with window_driver(qtbot) as driver:
        driver.open(other)
        press(driver, "Another slide")
        driver.wait(lambda: driver.window.front is not None and not driver.window.opening.under_way)
        assert len(driver.view.document.snapshot) == 0
        draw(driver)
        draw(driver)
    with window_driver(qtbot) as driver:
        driver.open(other)
        assert driver.notices == []
        assert len(driver.view.document.snapshot) == 2


def press(driver: WindowDriver, text: str) -> None:
    driver.qtbot.wait(10)
    buttons = driver.window.messages.findChildren(QPushButton)
    driver.qtbot.mouseClick(next(b for b in buttons if b.text() == text), Qt.MouseButton.LeftButton)


def test_several_slides_are_tabs_with_panels_of_their_own(
    driver: WindowDriver, slide: Path, tmp_path: Path
) -> None:
    other = write_pyramid(tmp_path / "other.tiff", size=(400, 300), mpp=0.25)
    first = driver.open(slide)
    second = driver.open(other)
    assert driver.window.views == (first, second)
    assert driver.window.panels.annotations.currentWidget() is second.annotations_panel
    driver.window.area.activate(first)
    assert driver.window.panels.annotations.currentWidget() is first.annotations_panel
    assert "0.5" in driver.window.status.mpp.text()
    driver.window.area.activate(second)
    assert "0.25" in driver.window.status.mpp.text()
    driver.trigger("file.close")
    driver.trigger("file.close")
    assert driver.window.stack.currentWidget() is driver.window.start_page


def test_recent_slides_are_offered_after_a_restart(qtbot: QtBot, slide: Path) -> None:
    with window_driver(qtbot) as driver:
        driver.open(slide)
    with window_driver(qtbot) as driver:
        menu = driver.window.actions_by_key.menu("file/recent")
        menu.aboutToShow.emit()
        assert [action.text() for action in menu.actions()] == [slide.name]
        menu.actions()[0].trigger()
        driver.wait(lambda: driver.window.front is not None)
        driver.sharpen()


class ShownWindows(QObject):
    """Notes every widget that is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.found.append(type(watched).__name__)
        return False


def test_no_part_flashes_as_a_window_of_its_own(
    driver: WindowDriver, slide: Path, qapp: QApplication
) -> None:
    shown = ShownWindows()
    qapp.installEventFilter(shown)
    driver.open(slide)
    driver.trigger("analyze.run")
    driver.trigger("analyze.plugins")
    qapp.removeEventFilter(shown)
    assert set(shown.found) <= {"RunRecipeDialog", "PluginsDialog"}


# ---- modes ------------------------------------------------------------------------------------------


def test_tab_switches_modes_and_digits_mean_what_the_mode_says(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    assert driver.window.tool_bar.mode_buttons["view"].isChecked()
    assert view.canvas.tool is None
    driver.key(Qt.Key.Key_4)
    assert view.canvas.magnification == pytest.approx(10)
    driver.key(Qt.Key.Key_Tab)
    assert driver.window.mode == "annotate"
    assert driver.window.tool_bar.mode_buttons["annotate"].isChecked()
    assert view.canvas.tool is not None
    driver.key(Qt.Key.Key_3)
    assert view.class_choice.name == "Immune cells"
    assert view.canvas.magnification == pytest.approx(10)
    driver.key(Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)
    assert view.canvas.magnification == pytest.approx(20)
    driver.key(Qt.Key.Key_Tab)
    assert driver.window.mode == "view"


def test_nothing_can_be_edited_in_view_mode(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    draw(driver)
    snapshot = view.document.snapshot
    for key in (Qt.Key.Key_R, Qt.Key.Key_Delete, Qt.Key.Key_P, Qt.Key.Key_Period):
        driver.key(key)
        driver.drag((150, 150), (400, 300))
    driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert view.document.snapshot is snapshot
    assert not view.annotations_panel._editable


def test_shapes_are_drawn_with_the_mouse_and_undone_with_keys(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.key(Qt.Key.Key_Tab)
    driver.key(Qt.Key.Key_R)
    driver.drag((150, 150), (400, 300))
    (shape,) = view.document.snapshot.iter_annotations()
    assert shape.kind == "rectangle"
    corners = shape.parts[0][0]
    np.testing.assert_allclose(corners.min(axis=0), (150, 150), atol=2)
    np.testing.assert_allclose(corners.max(axis=0), (400, 300), atol=2)
    driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(view.document.snapshot) == 0
    driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert len(view.document.snapshot) == 1


def test_a_digit_reclassifies_with_the_select_tool_only(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.key(Qt.Key.Key_Tab)
    driver.trigger("annotate.return_to_move")
    driver.key(Qt.Key.Key_1)
    driver.key(Qt.Key.Key_R)
    driver.drag((150, 150), (400, 300))
    driver.key(Qt.Key.Key_2)
    assert [found.class_name for found in view.document.snapshot.iter_annotations()] == ["Tumor"]
    driver.key(Qt.Key.Key_M)
    driver.key(Qt.Key.Key_4)
    assert [found.class_name for found in view.document.snapshot.iter_annotations()] == ["Necrosis"]


# ---- always visible ---------------------------------------------------------------------------------


def test_magnification_pixel_size_and_cursor_are_shown(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    status = driver.window.status
    view.canvas.set_magnification(10)
    assert status.magnification.text() == "10×"
    view.canvas.set_magnification(40)
    assert status.magnification.text() == "40× (digital)"
    assert "0.5" in status.mpp.text()
    view.canvas.cursor_moved.emit((100.0, 60.0))
    assert "50.0, 30.0 µm" in status.position.text()
    assert "100, 60 px" in status.position.text()
    view.canvas.cursor_moved.emit(None)
    assert status.position.text() == ""


def test_research_use_is_always_said(driver: WindowDriver, slide: Path) -> None:
    label = driver.window.status.research
    assert label.isVisible()
    assert "not for diagnosis" in label.text()
    driver.open(slide)
    driver.window.status.showMessage("Busy")
    assert label.isVisible()


def test_saving_is_shown_once_the_journal_is_on_disk(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    draw(driver)
    driver.wait(lambda: driver.window.status.saved.text().startswith("Saved"))
    assert saved_text(1) == "Saved"
    assert saved_text(31.4) == "Saved 31 s ago"
    assert saved_text(185) == "Saved 3 min ago"


def test_the_status_bar_never_makes_the_window_wider(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    window, status = driver.window, driver.window.status
    for dock in window.panels.docks.values():
        dock.hide()
    driver.trigger("view.privacy")
    view.canvas.turn_to(33.0, mirrored=True)
    view.canvas.cursor_moved.emit((100.0, 60.0))
    status.mark_saved()
    window.resize(1700, 700)
    driver.settle()
    wide = [label for label in (status.magnification, status.mpp, status.turned) if label.isVisible()]
    window.resize(820, 700)
    driver.settle()
    assert window.width() == 820
    assert len(wide) == 3
    assert status.magnification.isVisible()
    assert not status.position.isVisible()
    assert status.research.geometry().right() <= status.width()


def test_a_slide_without_pixel_size_hides_magnification_and_asks_before_a_run(
    driver: WindowDriver, slide_without_mpp: Path
) -> None:
    view = driver.open(slide_without_mpp)
    status = driver.window.status
    assert not status.magnification.isVisible()
    assert "unknown" in status.mpp.text()
    view.canvas.cursor_moved.emit((100.0, 60.0))
    assert "µm" not in status.position.text()
    before = view.canvas.viewport
    driver.trigger("view.magnify_3")
    assert view.canvas.viewport.downsample == before.downsample
    assert driver.notices == ["The size of this slide's pixels is unknown, and so is its magnification."]
    assert driver.window.messages.notices[0].offers[0].text == "Set pixel size…"
    driver.trigger("analyze.run")
    asked = driver.window.dialogs.shown
    assert isinstance(asked, PixelSizeDialog)
    asked.size_box.setValue(0.25)
    asked._accept()
    assert isinstance(driver.window.dialogs.shown, RunRecipeDialog)
    assert status.magnification.isVisible()
    assert view.info.mpp_source == "given"
    assert view.mpp_override == MppOverride(0.25, force=False)


def test_a_given_pixel_size_is_remembered(qtbot: QtBot, slide_without_mpp: Path) -> None:
    with window_driver(qtbot) as driver:
        driver.open(slide_without_mpp)
        driver.window.dialogs._set_pixel_size(driver.view, MppOverride(0.25), then_run=False)
    with window_driver(qtbot) as driver:
        view = driver.open(slide_without_mpp)
        assert view.info.mpp == (0.25, 0.25)
        assert view.mpp_override == MppOverride(0.25, force=False)


def test_associated_images_are_named_and_not_shown(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    driver.trigger("slide.information")
    texts = [label.text() for label in driver.window.panels.slide.findChildren(QLabel)]
    assert "700 × 500 px" in texts
    assert not [label for label in driver.window.panels.slide.findChildren(QLabel) if label.pixmap()]


# ---- files ------------------------------------------------------------------------------------------


def test_geojson_is_in_the_frame_of_the_scanned_part(driver: WindowDriver, tmp_path: Path) -> None:
    slide = write_bounded(tmp_path / "bounded.scn")
    driver.open(slide)
    draw(driver)
    out = tmp_path / "out.geojson"
    driver.files.write_answer = out
    driver.trigger("file.save")
    driver.settle()
    x, y, _, _ = driver.view.info.bounds or (0, 0, 0, 0)
    assert (x, y) != (0, 0)
    (written,) = read_geojson(out).annotations
    np.testing.assert_allclose(written.parts[0][0].min(axis=0), (100 - x, 100 - y), atol=0.01)


def test_a_file_changed_by_another_program_is_not_replaced_in_silence(
    driver: WindowDriver, slide: Path, tmp_path: Path
) -> None:
    driver.open(slide)
    out = tmp_path / "out.geojson"
    driver.files.write_answer = out
    driver.trigger("file.save")
    driver.settle()
    draw(driver)
    driver.trigger("file.save")
    driver.settle()
    assert len(read_geojson(out).annotations) == 1
    out.write_text('{"theirs": true}', encoding="utf-8")
    draw(driver)
    driver.trigger("file.save")
    driver.settle()
    assert out.read_text(encoding="utf-8") == '{"theirs": true}'
    press(driver, "Replace it")
    driver.settle()
    assert len(read_geojson(out).annotations) == 2


def test_annotations_that_lie_beside_the_slide_are_told(
    driver: WindowDriver, slide: Path, tmp_path: Path
) -> None:
    view = driver.open(slide)
    driver.files.read_answer = tmp_path / "다른.geojson"
    inside, beside = square(100, 100), square(90_000, 100)
    write_geojson(driver.files.read_answer, [inside, beside], {})
    driver.trigger("file.import")
    driver.settle()
    assert len(view.document.snapshot) == 2
    assert "1 of 2 annotations of 다른.geojson" in driver.notices[-1]


def test_the_window_can_be_made_as_small_as_a_dense_screen(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    driver.window.resize(1, 1)
    driver.qtbot.wait(20)
    assert driver.window.width() <= 820
    assert driver.window.height() <= 600


def test_panels_on_both_sides_fit_a_small_screen_with_recent_slides(qtbot: QtBot, slide: Path) -> None:
    with window_driver(qtbot) as first:
        first.open(slide)
    with window_driver(qtbot) as driver:
        driver.trigger("view.panel_color")
        driver.open(slide)
        driver.window.resize(1024, 740)
        driver.qtbot.wait(50)
        assert (driver.window.width(), driver.window.height()) == (1024, 740)
        # The slide has more than a strip between them.
        assert driver.view.canvas.width() >= 320


def test_a_broken_annotation_file_is_told(driver: WindowDriver, slide: Path, tmp_path: Path) -> None:
    driver.open(slide)
    driver.files.read_answer = tmp_path / "bad.geojson"
    driver.files.read_answer.write_text("{", encoding="utf-8")
    driver.trigger("file.import")
    driver.settle()
    assert any("bad.geojson" in notice for notice in driver.notices)


# ---- jobs -------------------------------------------------------------------------------------------


def test_a_job_is_followed_paused_and_cancelled_in_its_panel(
    driver: WindowDriver, slide: Path, fake_worker: ModuleType
) -> None:
    driver.open(slide)
    engine = driver.window.engine
    engine.submit(fake_worker.make_job("a", "slow", slide.parent))
    driver.wait(lambda: engine.record("a").progress is not None)
    row = driver.window.panels.jobs.row("a")
    driver.window.panels.show("jobs")
    assert row.findChild(QProgressBar).value() > 0
    assert "Computing features" in row.text.text()
    driver.qtbot.mouseClick(row.pause_button, Qt.MouseButton.LeftButton)
    assert row.text.text() == "Paused"
    driver.qtbot.mouseClick(row.pause_button, Qt.MouseButton.LeftButton)
    assert engine.record("a").state == "running"
    driver.qtbot.mouseClick(row.cancel_button, Qt.MouseButton.LeftButton)
    driver.wait(lambda: engine.record("a").state == "cancelled", 5_000)
    assert "cancelled" in row.text.text()
    assert not row.cancel_button.isVisible()


def test_a_worker_that_dies_is_told_in_a_sentence(
    driver: WindowDriver, slide: Path, fake_worker: ModuleType
) -> None:
    driver.open(slide)
    driver.window.engine.submit(fake_worker.make_job("a", "dies", slide.parent))
    driver.wait(lambda: driver.window.engine.is_idle)
    assert any("ended unexpectedly" in notice for notice in driver.notices)


def test_quitting_while_a_job_runs_is_asked_about(
    driver: WindowDriver, slide: Path, fake_worker: ModuleType
) -> None:
    driver.open(slide)
    driver.window.engine.submit(fake_worker.make_job("a", "silent", slide.parent))
    driver.trigger("file.quit")
    assert driver.window.isVisible()
    asked = driver.window.dialogs.shown
    assert asked is not None
    next(b for b in asked.findChildren(QPushButton) if "Go on" in b.text()).click()
    assert driver.window.isVisible()
    driver.trigger("file.quit")
    asked = driver.window.dialogs.shown
    assert asked is not None
    next(b for b in asked.findChildren(QPushButton) if "stop it" in b.text()).click()
    assert not driver.window.isVisible()


def test_the_dialogs_choices_become_a_job(driver: WindowDriver, slide: Path, tmp_path: Path) -> None:
    view = driver.open(slide)
    draw(driver)
    draw(driver, "points")
    view.set_mode("annotate")
    view.select_all()
    driver.trigger("analyze.run")
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, RunRecipeDialog)
    # Points have no area to run on.
    assert dialog.region_combo.itemText(1) == "Selected annotations (1)"
    dialog.region_combo.setCurrentIndex(1)
    dialog.out_line.setText(str(tmp_path / "out"))
    dialog.run_button.click()
    (record,) = driver.window.engine.records
    assert record.job.slide == slide
    assert record.job.out == tmp_path / "out"
    assert record.job.roi is not None
    assert len(record.job.roi.rings) == 1
    assert record.job.roi.description == "selected annotations"
    driver.wait(lambda: driver.window.engine.is_idle)


def test_progress_is_told_in_words() -> None:
    assert progress_text(Progress("a", "tissue", 0, 1)) == "Finding tissue"
    text = progress_text(Progress("a", "features", 120, 400, 130.0))
    assert text == "Computing features, 120 of 400, about 2 min left"
    assert time_left_text(3) == "a few seconds left"
    assert time_left_text(42) == "about 40 s left"
    assert time_left_text(9000) == "about 2.5 h left"


# ---- layout and look --------------------------------------------------------------------------------


def test_choices_and_layout_come_back(qtbot: QtBot, slide: Path) -> None:
    with window_driver(qtbot) as driver:
        driver.open(slide)
        driver.trigger("view.theme_dark")
        driver.trigger("view.minimap")
        driver.trigger("view.panel_log")
    with window_driver(qtbot) as driver:
        view = driver.open(slide)
        view.canvas.zoom_by(8)
        assert driver.window.settings.theme == "dark"
        assert not view.canvas.minimap.isVisible()
        assert driver.window.panels.docks["log"].isHidden()
        driver.trigger("view.theme_system")


def test_the_minimap_stays_hidden_when_another_slide_opens(
    driver: WindowDriver, slide: Path, tmp_path: Path
) -> None:
    driver.open(slide)
    driver.trigger("view.minimap")
    view = driver.open(write_pyramid(tmp_path / "other.tiff", size=(400, 300), mpp=0.25))
    view.canvas.zoom_by(8)
    assert not view.canvas.minimap.isVisible()
    driver.trigger("view.minimap")
    assert view.canvas.minimap.isVisible()


def test_enter_goes_on_working_when_asked_whether_to_quit(driver: WindowDriver) -> None:
    driver.window.dialogs.ask_quit()
    box = driver.window.dialogs.shown
    assert isinstance(box, QMessageBox)
    QTest.keyClick(box, Qt.Key.Key_Return)
    driver.wait(lambda: driver.window.dialogs.shown is None)
    assert driver.window.isVisible()


def test_both_themes_paint_the_whole_window(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    driver.trigger("view.theme_dark")
    driver.qtbot.wait(50)
    dark = pixels(driver.window.panels.docks["annotations"]).mean()
    driver.trigger("view.theme_light")
    driver.qtbot.wait(50)
    light = pixels(driver.window.panels.docks["annotations"]).mean()
    assert dark < 90 < 190 < light


def test_the_system_theme_is_followed_only_where_it_was_chosen(
    driver: WindowDriver, qapp: QApplication
) -> None:
    strange = QPalette(QColor("#123456"))
    changed = QGuiApplication.styleHints().colorSchemeChanged
    driver.trigger("view.theme_light")
    qapp.setPalette(strange)
    changed.emit(Qt.ColorScheme.Dark)
    assert qapp.palette().window().color() == strange.window().color()
    driver.trigger("view.theme_system")
    qapp.setPalette(strange)
    changed.emit(Qt.ColorScheme.Dark)
    assert qapp.palette().window().color() == QColor(look_of("system").window)


def test_an_unforeseen_error_is_told_and_the_window_lives(driver: WindowDriver) -> None:
    driver.window.background.run(lambda: 1 // 0, lambda _result: None, lambda _error: None)
    driver.settle()
    assert any("ZeroDivisionError" in notice for notice in driver.notices)
    assert isinstance(driver.window.dialogs, WindowDialogs)
