"""Pixel sizes by table in the window: edited, imported, kept, found again, and applied at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialogButtonBox

from desktop_app.storage.mpp_table import TABLE_NAME
from desktop_app.ui.dialogs.mpp_table import ACROSS, DOWN, FILE_SAYS, NAME, MppTableDialog
from tests.support.slide_factory import aperio_description, write_pyramid
from tests.support.window_driver import WindowDriver


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two slides that do not say their pixel size, one that does, and one that is a screen's."""
    folder = tmp_path / "Präparate 2"
    folder.mkdir()
    silent = aperio_description(mpp=None, objective=None)
    for name in ("a.svs", "b.svs"):
        write_pyramid(
            folder / name, size=(640, 480 + len(list(folder.iterdir()))), mpp=None, description=silent
        )
    write_pyramid(folder / "c.svs", size=(600, 480), mpp=None, description=aperio_description(mpp=0.5))
    write_pyramid(folder / "d.tif", size=(610, 480), mpp=25_400 / 72)
    (folder / "notes.txt").write_text("no slide")
    return folder


def edit(driver: WindowDriver) -> MppTableDialog:
    driver.trigger("slide.pixel_sizes")
    driver.wait(lambda: isinstance(driver.window.dialogs.shown, MppTableDialog))
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, MppTableDialog)
    return dialog


def texts(dialog: MppTableDialog, column: int) -> list[str]:
    return [dialog._item(row, column).text() for row in range(dialog.table.rowCount())]


def save(driver: WindowDriver, dialog: MppTableDialog) -> None:
    dialog._buttons.button(QDialogButtonBox.StandardButton.Save).click()
    driver.wait(lambda: driver.window.dialogs.shown is None)
    driver.settle()


def test_a_table_is_filled_in_and_used_at_once(driver: WindowDriver, folder: Path) -> None:
    driver.open(folder / "a.svs", folder / "c.svs", folder / "d.tif")
    first = next(view for view in driver.window.views if view.info.path.name == "a.svs")
    driver.window.area.activate(first)
    assert first.info.mpp is None
    assert driver.window.status.mpp.text().endswith("pixel size unknown")
    dialog = edit(driver)
    assert texts(dialog, NAME) == ["a.svs", "b.svs", "c.svs", "d.tif"]
    assert texts(dialog, ACROSS) == ["", "", "", ""]
    driver.wait(lambda: not dialog.unasked)
    assert texts(dialog, FILE_SAYS) == ["nothing", "nothing", "0.5 × 0.5", "nothing"]
    dialog._item(0, ACROSS).setText("0.25")
    dialog._item(0, DOWN).setText("0.26")
    dialog.all_box.setValue(0.4)
    dialog.fill_button.click()
    assert texts(dialog, ACROSS) == ["0.25", "0.4", "0.4", "0.4"]
    save(driver, dialog)
    by_name = {view.info.path.name: view.info for view in driver.window.views}
    assert (by_name["a.svs"].mpp, by_name["a.svs"].mpp_source) == ((0.25, 0.26), "table")
    assert (by_name["c.svs"].mpp, by_name["c.svs"].mpp_source) == ((0.5, 0.5), "metadata")
    assert (by_name["d.tif"].mpp, by_name["d.tif"].mpp_source) == ((0.4, 0.4), "table")
    assert (folder / TABLE_NAME).read_text().splitlines() == [
        "slide,mpp_x,mpp_y",
        "a.svs,0.25,0.26",
        "b.svs,0.4,0.4",
        "c.svs,0.4,0.4",
        "d.tif,0.4,0.4",
    ]
    # What hangs on it follows: readout, scale bar, magnification.
    assert "0.25" in driver.window.status.mpp.text()
    assert first.canvas.magnification is not None
    driver.sharpen()
    first.canvas.grab()
    assert first.canvas.scale_bar.mpp == (0.25, 0.26)
    assert "mpp" in first.facts()


def test_the_table_is_found_again_and_what_is_taken_out_is_forgotten(
    driver: WindowDriver, folder: Path
) -> None:
    (folder / TABLE_NAME).write_text("slide;mpp\nb;0.3\nz;0.5\n")
    view = driver.open(folder / "b.svs")
    assert (view.info.mpp, view.info.mpp_source) == ((0.3, 0.3), "table")
    dialog = edit(driver)
    assert texts(dialog, NAME) == ["a.svs", "b.svs", "c.svs", "d.tif", "z"]
    assert texts(dialog, ACROSS) == ["", "0.3", "", "", "0.5"]
    dialog._item(1, ACROSS).setText("")
    save(driver, dialog)
    assert view.info.mpp is None
    assert (folder / TABLE_NAME).read_text() == "slide,mpp\nz,0.5\n"


def test_files_that_are_not_open_say_their_size_too(driver: WindowDriver, folder: Path) -> None:
    (folder / "e.svs").write_bytes(b"no slide")
    driver.open(folder / "a.svs")
    dialog = edit(driver)
    driver.wait(lambda: not dialog.unasked)
    assert texts(dialog, FILE_SAYS) == ["nothing", "nothing", "0.5 × 0.5", "nothing", "cannot be opened"]


def test_a_table_that_is_put_away_looks_into_no_more_files(driver: WindowDriver, folder: Path) -> None:
    driver.open(folder / "a.svs")
    dialog = edit(driver)
    dialog.reject()
    driver.settle()
    assert len(driver.window.views) == 1


def test_what_was_set_by_hand_goes_before_the_table(driver: WindowDriver, folder: Path) -> None:
    from desktop_app.engine.job import MppOverride

    view = driver.open(folder / "a.svs")
    view.set_pixel_size(MppOverride(0.7))
    dialog = edit(driver)
    dialog._item(0, ACROSS).setText("0.3")
    save(driver, dialog)
    assert (view.info.mpp, view.info.mpp_source) == ((0.7, 0.7), "given")


def test_mistakes_are_named_and_cannot_be_saved(driver: WindowDriver, folder: Path) -> None:
    driver.open(folder / "a.svs")
    dialog = edit(driver)
    button = dialog._buttons.button(QDialogButtonBox.StandardButton.Save)
    assert button.isEnabled()
    for column, text, said in (
        (ACROSS, "0,25", "a.svs: 0,25 has a comma where a number has a point; write 0.25."),
        (ACROSS, "25400", "25400 µm per pixel is not between 0.05 and 50."),
        (DOWN, "0.25", "The size across is missing."),
    ):
        dialog._item(0, column).setText(text)
        assert said in dialog.status.text()
        assert not button.isEnabled()
        dialog._item(0, column).setText("")
    assert dialog.status.text() == ""
    assert button.isEnabled()
    dialog.reject()


def test_a_table_is_imported(driver: WindowDriver, folder: Path, tmp_path: Path) -> None:
    driver.open(folder / "a.svs")
    dialog = edit(driver)
    dialog._item(0, ACROSS).setText("0.9")
    dialog._item(1, ACROSS).setText("0.8")
    driver.files.read_answer = tmp_path / "lab.csv"
    driver.files.read_answer.write_text("slide,mpp\na,0,25\n")
    dialog.import_button.click()
    assert "line 2" in dialog.status.text()
    assert texts(dialog, ACROSS)[:2] == ["0.9", "0.8"]
    driver.files.read_answer.write_text("file;mpp\na;0.25\nelsewhere.svs;0.5\n")
    dialog.import_button.click()
    assert texts(dialog, ACROSS) == ["0.25", "0.8", "", "", "0.5"]
    assert dialog.status.text() == ""
    save(driver, dialog)
    assert driver.view.info.mpp == (0.25, 0.25)


def test_a_table_that_cannot_be_used_keeps_no_slide_from_opening(driver: WindowDriver, folder: Path) -> None:
    (folder / TABLE_NAME).write_text("slide,mpp\na,nothing\n")
    view = driver.open(folder / "a.svs")
    assert view.info.mpp is None
    assert any("line 2" in text for text in driver.notices)
    dialog = edit(driver)
    assert "line 2" in dialog.status.text()
    dialog._item(0, ACROSS).setText("0.25")
    save(driver, dialog)
    assert view.info.mpp == (0.25, 0.25)


def test_file_names_are_not_listed_in_privacy_mode(driver: WindowDriver, folder: Path) -> None:
    driver.open(folder / "a.svs")
    driver.window.privacy.set_on(True)
    driver.trigger("slide.pixel_sizes")
    driver.settle()
    assert driver.window.dialogs.shown is None
    assert any("privacy mode" in text for text in driver.notices)
