"""Messages: the latest is shown, offers act once, nothing stops the work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.errors import StorageError
from desktop_app.ui.background import Background
from desktop_app.ui.message_bar import MessageBar, Notice, Offer
from tests.support.slide_factory import write_pyramid
from tests.support.window_driver import WindowDriver, pixels, window_driver


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[WindowDriver]:
    with window_driver(qtbot) as driver:
        yield driver


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    return write_pyramid(tmp_path / "a.tiff", np.full((500, 700, 3), 150, np.uint8), mpp=0.5)


@pytest.fixture
def background(qapp: object) -> Iterator[tuple[Background, list[BaseException]]]:
    crashes: list[BaseException] = []
    background = Background(crashes.append)
    yield background, crashes
    background.shutdown()


def shown_button(bar: MessageBar, text: str) -> QPushButton:
    return next(b for b in bar.findChildren(QPushButton) if b.text() == text and not b.isHidden())


def test_the_bar_is_hidden_until_there_is_something(bar: MessageBar) -> None:
    assert bar.isHidden()
    bar.tell("one", "warning")
    assert not bar.isHidden()
    bar.tell("two", "error")
    assert bar.objectName() == "error"
    bar.dismiss()
    assert [notice.text for notice in bar.notices] == ["one"]
    assert bar.objectName() == "warning"
    bar.dismiss()
    assert bar.isHidden()
    bar.dismiss()


def test_the_same_message_is_told_once(bar: MessageBar) -> None:
    for text in ("one", "two", "one"):
        bar.tell(text, "warning")
    assert [notice.text for notice in bar.notices] == ["two", "one"]


def test_news_makes_room_and_what_waits_for_an_answer_is_counted(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_notice(Notice("the same slide?", "info", (Offer("Yes", lambda: None),)))
    bar.tell("saved")
    bar.tell("read")
    bar.tell("cannot be read", "error")
    assert [notice.text for notice in bar.notices] == ["the same slide?", "cannot be read"]
    qtbot.mouseClick(shown_button(bar, "Dismiss (1 more)"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(b.text() == "Yes" and b.isVisible() for b in bar.findChildren(QPushButton)))
    assert shown_button(bar, "Dismiss").isVisible()


def test_an_offer_acts_once_and_closes_its_message(bar: MessageBar, qtbot: QtBot) -> None:
    done: list[str] = []
    bar.show_notice(Notice("lost result", "info", (Offer("Add", lambda: done.append("added")),)))
    qtbot.mouseClick(shown_button(bar, "Add"), Qt.MouseButton.LeftButton)
    assert done == ["added"]
    assert bar.notices == ()


def test_news_goes_by_itself_and_warnings_stay(driver: WindowDriver) -> None:
    messages = driver.window.messages
    messages.news_ms = 30
    QTest.mouseMove(driver.window, QPoint(2, 2))  # news under the mouse stays
    messages.tell("cannot be read", "error")
    messages.tell("saved")
    assert driver.notices == ["cannot be read", "saved"]
    driver.wait(lambda: driver.notices == ["cannot be read"])
    driver.qtbot.wait(80)
    assert not messages.isHidden()


LONG = "What was drawn here lately is kept, but somebody else annotates the slide at this moment. " * 3


def place_of(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_notice_neither_moves_the_slide_nor_covers_what_is_clicked(
    driver: WindowDriver, slide: Path, theme: str
) -> None:
    view, window = driver.open(slide), driver.window
    driver.trigger("layout.grid_2x2")
    driver.trigger("layout.new_view")
    driver.sharpen()
    window.change_settings(replace(window.settings, theme=theme))
    driver.settle()
    before = [(shown.canvas.viewport, place_of(shown.canvas, window)) for shown in window.views]
    for text in ("Saved.", LONG):
        window.messages.show_notice(Notice(text, "warning", (Offer("Go back", lambda: None),)))
        driver.wait(lambda: window.messages.height() > 20)
        after = [(shown.canvas.viewport, place_of(shown.canvas, window)) for shown in window.views]
        assert after == before
        bar = place_of(window.messages, window)
        assert window.rect().contains(bar)
        covered = [cell.header for cell in window.area.grid.cells] + [window.area.tabs, window.tool_bar]
        assert not any(bar.intersects(place_of(one, window)) for one in covered if one.isVisible())
        for button in window.messages.findChildren(QPushButton):
            assert button.isHidden() or window.messages.rect().contains(place_of(button, window.messages))
        red, green, blue = pixels(window)[bar.top() + 4, bar.center().x()].tolist()
        assert (red > 200) == (theme == "light")
        assert red > blue
        assert green > blue
    assert view.document.is_open


def test_a_click_on_a_notice_leaves_the_keyboard_to_the_slide(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    view.canvas.setFocus()
    driver.window.messages.tell("cannot be read", "warning")
    driver.qtbot.mouseClick(shown_button(driver.window.messages, "Dismiss"), Qt.MouseButton.LeftButton)
    assert driver.window.messages.notices == ()
    assert view.canvas.hasFocus()


def test_the_bar_follows_the_window(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    messages = driver.window.messages
    ground = driver.window.centralWidget()
    messages.tell(LONG, "warning")
    for size in ((1500, 900), (1000, 700)):
        driver.window.resize(*size)
        driver.wait(lambda: ground.rect().contains(messages.geometry()))
        driver.wait(lambda: abs(messages.geometry().center().x() - ground.rect().center().x()) <= 1)
        assert messages.height() >= messages.heightForWidth(messages.width())


def test_work_comes_back_on_the_gui_thread(
    background: tuple[Background, list[BaseException]], qtbot: QtBot
) -> None:
    runner, crashes = background
    outcomes: list[object] = []

    def fail() -> None:
        raise StorageError(__file__, "full")  # type: ignore[arg-type]

    def crash() -> None:
        raise ZeroDivisionError

    runner.run(lambda: 7, outcomes.append, outcomes.append)
    runner.run(fail, outcomes.append, outcomes.append)
    runner.run(crash, outcomes.append, outcomes.append)
    assert not runner.is_idle
    qtbot.waitUntil(lambda: runner.is_idle, timeout=5_000)
    assert 7 in outcomes
    assert sum(isinstance(outcome, StorageError) for outcome in outcomes) == 1
    assert [type(error) for error in crashes] == [ZeroDivisionError]
    assert len(outcomes) == 2


def test_nothing_is_delivered_after_the_end(
    background: tuple[Background, list[BaseException]], qtbot: QtBot
) -> None:
    runner, _ = background
    outcomes: list[int] = []
    runner.run(lambda: 7, outcomes.append, lambda _error: None)
    runner.shutdown()
    qtbot.wait(50)
    assert outcomes == []
