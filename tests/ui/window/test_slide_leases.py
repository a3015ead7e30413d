"""A slide that is annotated on another workstation, as this window shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.shapes import drawn
from desktop_app.errors import StorageError
from desktop_app.storage.geojson import write_geojson
from desktop_app.storage.journal_lock import Holder
from desktop_app.storage.lease import LeaseRecord, SlideLease, lease_path
from desktop_app.ui.message_bar import Offer
from desktop_app.ui.slide_view import SlideView
from tests.support.lease_process import Workstation
from tests.support.slide_factory import write_pyramid
from tests.support.window_driver import WindowDriver

BEAT_S = 0.2


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    (tmp_path / "공유").mkdir()
    return write_pyramid(tmp_path / "공유" / "a.tiff", size=(700, 500), mpp=0.5)


@pytest.fixture
def workstation(slide: Path) -> Iterator[Callable[[], Workstation]]:
    made: list[Workstation] = []

    def make() -> Workstation:
        made.append(Workstation(lease_path(slide), "lab-2", beat_s=BEAT_S))
        return made[-1]

    yield make
    for one in made:
        one.kill()


def opened(driver: WindowDriver, slide: Path) -> SlideView:
    driver.window.leases.beat_s = BEAT_S
    driver.window.folder_copies.rest_ms = 3_600_000
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    return view


RING = np.array([(100, 100), (300, 100), (300, 250), (100, 250)], dtype=np.float64)


def square() -> Annotation:
    return drawn("rectangle", ((RING,),), class_name="Tumor", author="me")


def draw(view: SlideView) -> None:
    view.document.add([square()], "Draw")


def offer_to_read(driver: WindowDriver) -> Offer:
    """What the button *Read it in* does; it closes its message first."""
    (notice,) = (found for found in driver.window.messages.notices if "lies beside it" in found.text)
    driver.window.messages.withdraw(notice)
    return notice.offers[0]


def told(driver: WindowDriver, words: str) -> Callable[[], bool]:
    return lambda: any(words in text for text in driver.notices)


def may_draw(driver: WindowDriver) -> bool:
    return driver.view.canvas.tool is not None and driver.window.actions_by_key["file.import"].isEnabled()


def test_looking_leaves_nothing_beside_the_slide(driver: WindowDriver, slide: Path) -> None:
    driver.window.leases.beat_s = BEAT_S
    view = driver.open(slide)
    driver.settle()
    assert list(slide.parent.iterdir()) == [slide]
    driver.window.folder_copies.rest_ms = 3_600_000
    draw(view)
    driver.wait(lease_path(slide).exists)


def test_a_slide_alone_is_held_and_given_back(driver: WindowDriver, slide: Path) -> None:
    opened(driver, slide)
    driver.wait(lease_path(slide).exists)
    assert driver.notices == []
    assert may_draw(driver)
    driver.trigger("layout.new_view")
    driver.window.close_slide()
    assert lease_path(slide).exists(), "another view of it is open"
    driver.window.close_slide()
    assert not lease_path(slide).exists()


def test_the_second_opens_read_only_says_who_and_takes_over_when_asked(
    driver: WindowDriver, slide: Path, workstation: Callable[[], Workstation]
) -> None:
    other = workstation()
    assert other.state() == "held"
    view = opened(driver, slide)
    driver.wait(told(driver, "is being annotated on another workstation (mina on lab-2, since "))
    assert not may_draw(driver)
    with pytest.raises(StorageError, match="mina on lab-2 has this slide open"):
        draw(view)
    assert len(view.document.snapshot) == 0
    other.kill()
    driver.wait(told(driver, "has not been heard of for a while"))
    (notice,) = driver.window.messages.notices
    assert [offer.text for offer in notice.offers] == ["Annotate here"]
    notice.offers[0].act()
    driver.wait(told(driver, "can be annotated here now"))
    assert may_draw(driver)
    draw(view)
    assert len(view.document.snapshot) == 1


def test_who_comes_after_the_other_has_left_is_offered_to_annotate(
    driver: WindowDriver, slide: Path, workstation: Callable[[], Workstation]
) -> None:
    other = workstation()
    assert other.state() == "held"
    opened(driver, slide)
    driver.wait(told(driver, "is being annotated"))
    other.leave()
    driver.wait(told(driver, "has been closed on the other workstation"))
    driver.window.messages.notices[-1].offers[0].act()
    driver.wait(lambda: may_draw(driver))


def test_what_lies_beside_the_slide_can_still_be_read_in_after_the_other_has_left(
    driver: WindowDriver, slide: Path, workstation: Callable[[], Workstation]
) -> None:
    write_geojson(slide.with_name("a.tiff.coverslip.geojson"), [square()], {})
    other = workstation()
    assert other.state() == "held"
    view = opened(driver, slide)
    driver.wait(told(driver, "lies beside it"))
    driver.wait(told(driver, "is being annotated"))
    offer_to_read(driver).act()
    assert told(driver, "Read the file in once you may annotate")()
    assert not len(view.document.snapshot)
    other.leave()
    driver.wait(told(driver, "has been closed on the other workstation"))
    driver.window.messages.notices[-1].offers[0].act()
    driver.wait(lambda: may_draw(driver))
    offer_to_read(driver).act()
    driver.wait(lambda: len(view.document.snapshot) == 1)
    driver.settle()


def test_a_lease_that_is_taken_over_while_working_makes_it_read_only_and_loses_nothing(
    driver: WindowDriver, slide: Path
) -> None:
    view = opened(driver, slide)
    driver.wait(lease_path(slide).exists)
    draw(view)
    record = LeaseRecord.of(Holder("jun", "lab-3", 5, "2026-01-02T03:04:05.000+00:00"), "lab-3")
    SlideLease(lease_path(slide), record).take_over()
    driver.wait(told(driver, "is now annotated on another workstation (jun on lab-3, since "))
    assert not may_draw(driver)
    with pytest.raises(StorageError):
        draw(view)
    assert len(view.document.snapshot) == 1
    driver.window.close_slide()
    assert lease_path(slide).exists(), "it is theirs"
    lease_path(slide).unlink()
    assert len(opened(driver, slide).document.snapshot) == 1


def test_a_share_that_vanishes_does_not_stop_the_work(driver: WindowDriver, slide: Path) -> None:
    view = opened(driver, slide)
    driver.wait(lease_path(slide).exists)
    gone = slide.parent.rename(slide.parent.with_name("gone"))
    driver.wait(told(driver, "cannot be reached. You can go on"))
    draw(view)
    assert len(view.document.snapshot) == 1
    gone.rename(slide.parent)
    driver.wait(told(driver, "is there again"))
    assert not told(driver, "cannot be reached")()
    draw(view)
