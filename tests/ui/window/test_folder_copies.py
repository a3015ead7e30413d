"""The copy beside the slide, as the window keeps it: quietly, told once where it cannot."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from desktop_app.domain.shapes import drawn
from desktop_app.storage import folder_copy
from desktop_app.storage.geojson import read_geojson, write_geojson
from desktop_app.storage.geojson_source import TransferWatch
from desktop_app.ui import folder_copies
from desktop_app.ui.slide_view import SlideView
from tests.support.annotation_samples import square
from tests.support.slide_factory import write_pyramid
from tests.support.small_disk import SmallDisk, small_disk
from tests.support.window_driver import WindowDriver

REST_MS = 30


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    (tmp_path / "환자 1").mkdir()
    return write_pyramid(tmp_path / "환자 1" / "Telltale.tiff", size=(700, 500), mpp=0.5)


def copy_of(slide: Path) -> Path:
    return slide.with_name(f"{slide.name}.coverslip.geojson")


def opened(driver: WindowDriver, slide: Path) -> SlideView:
    driver.window.folder_copies.rest_ms = driver.window.folder_copies.retry_ms = REST_MS
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    return view


def draw(view: SlideView, place: float = 0) -> None:
    ring = np.array([(100, 100), (300, 100), (300, 250), (100, 250)], dtype=np.float64) + place
    view.document.add([drawn("rectangle", ((ring,),), class_name="Tumor", author="me")], "Draw")


def count(path: Path) -> int:
    return len(read_geojson(path).annotations) if path.exists() else -1


def test_a_copy_follows_when_the_hand_rests_and_when_the_slide_is_closed(
    driver: WindowDriver, slide: Path
) -> None:
    view = opened(driver, slide)
    driver.settle()
    assert not copy_of(slide).exists(), "nothing is written of what nobody drew"
    draw(view)
    driver.wait(lambda: count(copy_of(slide)) == 1)
    draw(view, 50)
    view.document.undo_stack.undo()
    view.document.undo_stack.redo()
    driver.wait(lambda: count(copy_of(slide)) == 2)
    driver.window.folder_copies.rest_ms = 3_600_000
    draw(view, 90)
    driver.window.close_slide()
    driver.settle()
    assert count(copy_of(slide)) == 3
    assert driver.notices == []


def test_a_window_that_is_closed_writes_first(driver: WindowDriver, slide: Path) -> None:
    view = opened(driver, slide)
    driver.window.folder_copies.rest_ms = 3_600_000
    draw(view)
    driver.window.close()
    assert count(copy_of(slide)) == 1


def test_a_window_that_is_closed_gives_up_a_copy_that_takes_long(
    driver: WindowDriver, slide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def write_for_ever(_path: Path, _snapshot: object, *, offset: object, watch: TransferWatch) -> None:
        assert offset == (0.0, 0.0)
        while True:
            begun.set()
            watch.step(1, 2)
            time.sleep(0.01)

    monkeypatch.setattr(folder_copy, "write_snapshot", write_for_ever)
    monkeypatch.setattr(folder_copies, "LONGEST_AT_QUITTING_S", 0.2)
    draw(opened(driver, slide))
    driver.wait(begun.is_set)
    start = time.monotonic()
    driver.window.close()
    assert driver.window.isHidden()
    assert time.monotonic() - start < 10
    assert [path.name for path in slide.parent.iterdir()] == [slide.name]


def test_what_a_crash_kept_from_being_copied_is_copied_at_the_next_opening(
    driver: WindowDriver, slide: Path
) -> None:
    view = opened(driver, slide)
    draw(view)
    driver.wait(lambda: count(copy_of(slide)) == 1)
    driver.window.close_slide()
    copy_of(slide).unlink()
    opened(driver, slide)
    driver.wait(lambda: count(copy_of(slide)) == 1)


def test_no_copy_is_kept_where_none_is_wanted(driver: WindowDriver, slide: Path) -> None:
    view = opened(driver, slide)
    driver.trigger("file.folder_copy")
    assert not driver.window.actions_by_key["file.folder_copy"].isChecked()
    draw(view)
    driver.qtbot.wait(4 * REST_MS)
    driver.settle()
    assert not copy_of(slide).exists()
    driver.trigger("file.folder_copy")
    driver.wait(lambda: count(copy_of(slide)) == 1)


def test_a_folder_that_is_renamed_is_told_once_and_served_when_it_is_back(
    driver: WindowDriver, slide: Path
) -> None:
    view = opened(driver, slide)
    draw(view)
    driver.wait(lambda: count(copy_of(slide)) == 1)
    gone = slide.parent.rename(slide.parent.with_name("elsewhere"))
    draw(view, 50)
    driver.wait(lambda: any("its folder is not there" in text for text in driver.notices))
    draw(view, 90)
    driver.qtbot.wait(8 * REST_MS)
    assert sum("its folder is not there" in text for text in driver.notices) == 1
    assert len(view.document.snapshot) == 3
    driver.window.messages.dismiss()
    draw(view, 120)
    driver.qtbot.wait(8 * REST_MS)
    assert not any("its folder is not there" in text for text in driver.notices), "no nagging"
    gone.rename(slide.parent)
    driver.wait(lambda: count(copy_of(slide)) == 4)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "share") as made:
        yield made


@pytest.mark.parametrize(
    ("trouble", "words"), [("full", "its disk is full"), ("read only", "cannot be written to")]
)
def test_a_disk_that_is_full_or_read_only(
    driver: WindowDriver, disk: SmallDisk, trouble: str, words: str
) -> None:
    slide = write_pyramid(disk.folder / "a.tiff", size=(700, 500), mpp=0.5)
    if trouble == "full":
        disk.fill()
    else:
        disk.set_writable(False)
    view = opened(driver, slide)
    draw(view)
    driver.wait(lambda: any(words in text for text in driver.notices))
    draw(view, 50)
    assert len(view.document.snapshot) == 2
    assert not view.document.read_only
    if trouble == "full":
        disk.make_room()
    else:
        disk.set_writable(True)
    driver.wait(lambda: count(copy_of(slide)) == 2)
    # What is true no more is withdrawn.
    driver.wait(lambda: not any(words in text for text in driver.notices))
    driver.window.close_slide()
    driver.settle()


def test_somebody_elses_file_is_left_alone_until_the_user_says_so(driver: WindowDriver, slide: Path) -> None:
    view = opened(driver, slide)
    draw(view)
    driver.wait(lambda: count(copy_of(slide)) == 1)
    theirs = copy_of(slide).read_bytes() + b"\n \n"
    copy_of(slide).write_bytes(theirs)
    draw(view, 50)
    driver.wait(lambda: any("by somebody else" in text for text in driver.notices))
    draw(view, 90)
    driver.qtbot.wait(4 * REST_MS)
    assert copy_of(slide).read_bytes() == theirs
    notice = driver.window.messages.notices[-1]
    assert [offer.text for offer in notice.offers] == ["Read it in", "Replace it", "Keep no copies"]
    notice.offers[1].act()
    driver.wait(lambda: count(copy_of(slide)) == 3)


def test_what_another_workstation_left_is_offered_where_nothing_was_drawn_yet(
    driver: WindowDriver, slide: Path
) -> None:
    write_geojson(copy_of(slide), [square(100, 100), square(300, 100)], {})
    view = driver.open(slide)
    driver.wait(lambda: bool(driver.notices))
    (notice,) = driver.window.messages.notices
    assert (
        notice.text
        == f"Telltale.tiff was annotated on another computer: {copy_of(slide).name} lies beside it."
    )
    (read,) = notice.offers
    read.act()
    driver.wait(lambda: len(view.document.snapshot) == 2)
    driver.settle()


def test_nothing_is_offered_again_where_somebody_has_drawn(driver: WindowDriver, slide: Path) -> None:
    view = opened(driver, slide)
    draw(view)
    driver.wait(lambda: count(copy_of(slide)) == 1)
    view.document.undo_stack.undo()
    driver.wait(lambda: count(copy_of(slide)) == 0)
    driver.window.close_slide()
    driver.settle()
    driver.open(slide)
    driver.settle()
    assert driver.notices == []


def test_what_is_told_names_nobody_in_privacy_mode(driver: WindowDriver, slide: Path) -> None:
    driver.trigger("view.privacy")
    copy_of(slide).write_text("mine")
    view = opened(driver, slide)
    driver.wait(lambda: any("another computer" in text for text in driver.notices))
    draw(view)
    driver.wait(lambda: any("somebody else" in text for text in driver.notices))
    assert len(driver.notices) == 1
    shown = [*driver.notices, driver.window.panels.log.toPlainText()]
    assert not any("Telltale" in text or "환자" in text for text in shown)
