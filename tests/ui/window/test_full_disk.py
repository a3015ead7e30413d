"""A disk without room for the journal, and a clock that goes back, as the window shows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt

from tests.support.small_disk import SmallDisk, small_disk
from tests.support.window_driver import WindowDriver


@pytest.fixture
def home_disk(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDisk]:
    """The user's folders on a disk that can be filled; made before the window."""
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(own_home))
    with small_disk(tmp_path / "home", megabytes=4) as disk:
        monkeypatch.setenv("COVERSLIP_HOME", str(disk.folder))
        yield disk


@pytest.fixture
def driver_at_home(home_disk: SmallDisk, request: pytest.FixtureRequest) -> WindowDriver:
    found: WindowDriver = request.getfixturevalue("driver")
    return found


def draw(driver: WindowDriver, x: float) -> None:
    driver.trigger("annotate.rectangle")
    driver.drag((x, 100), (x + 60, 180))


def test_an_edit_without_room_is_refused_with_one_sentence_and_done_again_with_room(
    driver_at_home: WindowDriver, home_disk: SmallDisk, slide: Path
) -> None:
    driver = driver_at_home
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    draw(driver, 100)
    view.document.journal.flush()
    assert len(view.document.snapshot) == 1
    home_disk.fill()
    draw(driver, 300)
    told = [text for text in driver.notices if "is full, so nothing was changed. Free some room" in text]
    assert len(told) == 1
    assert len(view.document.snapshot) == 1
    assert view.document.undo_stack.count() == 1
    assert driver.window.panels.history.model.rowCount() == 2
    home_disk.make_room()
    draw(driver, 300)
    assert len(view.document.snapshot) == 2
    driver.trigger("edit.undo")
    driver.trigger("edit.redo")
    assert len(view.document.snapshot) == 2


@pytest.mark.parametrize("annotated", [False, True], ids=["new", "annotated"])
def test_a_full_disk_opens_a_slide_to_look_at_it(
    driver_at_home: WindowDriver, home_disk: SmallDisk, slide: Path, annotated: bool
) -> None:
    driver = driver_at_home
    if annotated:
        driver.open(slide)
        driver.window.set_mode("annotate")
        draw(driver, 100)
        driver.window.close_slide()
    home_disk.fill()
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    assert len(view.document.snapshot) == int(annotated)
    told = [notice for notice in driver.window.messages.notices if "is full, so" in notice.text]
    assert len(told) == 1
    assert f"{slide.name} can only be looked at" in told[0].text
    assert not driver.window.actions_by_key["annotate.rectangle"].isEnabled()
    driver.key(Qt.Key.Key_R)
    driver.drag((300, 100), (360, 180))
    assert len(view.document.snapshot) == int(annotated)
    home_disk.make_room()
    told[0].offers[0].act()
    driver.wait(lambda: len(driver.window.views) == 1 and driver.view is not view)
    driver.settle()
    assert len(driver.view.document.snapshot) == int(annotated)
    draw(driver, 300)
    assert len(driver.view.document.snapshot) == int(annotated) + 1


def test_a_clock_that_goes_back_does_not_mix_up_the_history(
    driver: WindowDriver, slide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    for year, x in ((2031, 100), (2029, 250), (2030, 400)):
        stamp = f"{year}-05-01T10:00:00.000+00:00"
        monkeypatch.setattr("desktop_app.domain.edits.utc_now", lambda stamp=stamp: stamp)
        draw(driver, x)
    history = view.document.journal.history
    assert [record.utc[:4] for record in history] == ["2031", "2029", "2030"]
    driver.trigger("edit.undo")
    assert len(view.document.snapshot) == 2
    driver.window.close_slide()
    again = driver.open(slide)
    assert len(again.document.snapshot) == 2
    assert [record.utc[:4] for record in again.document.journal.undo_path] == ["2031", "2029"]
    assert driver.notices == []
