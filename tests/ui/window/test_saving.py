"""What the status bar says of saving when the disk refuses, and when it does its work again."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.errors import StorageError
from desktop_app.storage.sync import sync_file
from tests.support.window_driver import WindowDriver


class Disk:
    """Syncs files, or refuses to."""

    def __init__(self) -> None:
        self.refuses = False
        self.asked = 0

    def sync(self, path: Path) -> None:
        self.asked += 1
        if self.refuses:
            raise StorageError(path, "the disk is gone")
        sync_file(path)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    made = Disk()
    monkeypatch.setattr("desktop_app.storage.journal.sync_file", made.sync)
    monkeypatch.setattr("desktop_app.ui.models.slide_document.RETRY_MS", 30)
    return made


def draw(driver: WindowDriver, x: float) -> None:
    driver.trigger("annotate.rectangle")
    driver.drag((x, 100), (x + 60, 180))


def test_a_refused_step_is_told_once_tried_again_and_said_to_be_saved(
    driver: WindowDriver, slide: Path, disk: Disk
) -> None:
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    disk.refuses = True
    draw(driver, 100)
    label = driver.window.status.saved
    driver.wait(lambda: label.text() == "Not saved: the disk is gone")
    asked = disk.asked
    driver.wait(lambda: disk.asked > asked + 2)
    told = [text for text in driver.notices if "not safe on the disk yet" in text]
    assert len(told) == 1
    assert "free some room or connect the drive" in told[0]
    assert "tried again" in label.toolTip()
    disk.refuses = False
    driver.wait(lambda: label.text().startswith("Saved"))
    assert label.toolTip() == ""
    assert driver.notices == []
    assert view.document.refusal is None
    draw(driver, 300)
    assert len(view.document.snapshot) == 2, "nothing that was made good is held against the next edit"
    driver.wait(lambda: label.text().startswith("Saved"))
    assert driver.notices == []


def test_each_slide_has_its_own_word(
    driver: WindowDriver, slide: Path, slide_without_mpp: Path, disk: Disk
) -> None:
    first = driver.open(slide)
    driver.window.set_mode("annotate")
    disk.refuses = True
    draw(driver, 100)
    label = driver.window.status.saved
    driver.wait(lambda: label.text().startswith("Not saved"))
    driver.open(slide_without_mpp)
    assert label.text() == ""
    driver.settle()
    driver.window.area.activate(first)
    assert label.text() == "Not saved: the disk is gone"
    disk.refuses = False
    driver.wait(lambda: label.text().startswith("Saved"))
