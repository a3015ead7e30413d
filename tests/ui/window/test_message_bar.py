"""Messages: the latest is shown, offers act once, nothing stops the work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.errors import StorageError
from desktop_app.ui.background import Background
from desktop_app.ui.message_bar import MessageBar, Notice, Offer


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


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
