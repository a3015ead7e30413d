"""Label and macro pictures: hidden until asked for, shown with a warning, kept nowhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QDialogButtonBox, QLabel
from pytestqt.qtbot import QtBot

from desktop_app.ui.dialogs.associated_image import AssociatedImageDialog
from tests.support.pictures import pixels_of
from tests.support.shared_data import shared_file
from tests.support.window_driver import WindowDriver


def test_a_label_is_shown_when_asked_for(driver: WindowDriver, own_home: Path) -> None:
    driver.open(shared_file("slides/CMU-1-Small-Region.svs"))
    before = {path for path in own_home.rglob("*") if path.is_file()}
    driver.window.panels.show("slide")
    driver.window.panels.slide.image_wanted.emit("label")
    driver.wait(lambda: isinstance(driver.window.dialogs.shown, AssociatedImageDialog))
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, AssociatedImageDialog)
    assert any("patient" in label.text() for label in dialog.findChildren(QLabel))
    assert pixels_of(dialog.picture.pixmap().toImage()).std() > 10
    dialog.close()
    driver.settle()
    written = {path for path in own_home.rglob("*") if path.is_file()} - before
    assert not {path for path in written if path.suffix.lower() in {".png", ".jpg", ".tif"}}


def test_the_picture_fits_and_turns(qtbot: QtBot) -> None:
    pixels = np.zeros((50, 200, 3), np.uint8)
    pixels[:, :100] = (255, 0, 0)
    dialog = AssociatedImageDialog("macro", pixels)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.picture.pixmap().width() == 200
    turn = next(b for b in dialog.findChild(QDialogButtonBox).buttons() if b.text() == "Turn")
    turn.click()
    shown = pixels_of(dialog.picture.pixmap().toImage())
    assert shown.shape[0] > shown.shape[1]
    assert tuple(shown[0, 0]) == (255, 0, 0)
    assert tuple(shown[-1, 0]) == (0, 0, 0)


def test_a_slide_that_was_closed_meanwhile_shows_nothing(driver: WindowDriver) -> None:
    view = driver.open(shared_file("slides/CMU-1-Small-Region.svs"))
    driver.window.panels.slide.image_wanted.emit("macro")
    driver.window.close_slide(view)
    driver.settle()
    assert driver.window.dialogs.shown is None
    assert driver.notices == []
