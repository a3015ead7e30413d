"""The history panel: every edit with who, when and how many, and a way to each state by mouse and key."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from desktop_app.domain.shapes import drawn
from desktop_app.ui.docks.history import HistoryPanel
from desktop_app.ui.models.history import OBJECTS, WHAT, WHEN, WHO
from desktop_app.ui.slide_view import SlideView
from tests.support.annotation_samples import state
from tests.support.window_driver import WindowDriver


def draw(view: SlideView, *places: float) -> None:
    ring = np.array([(100, 100), (300, 100), (300, 250), (100, 250)], dtype=np.float64)
    shapes = [drawn("rectangle", ((ring + place,),), class_name="Tumor", author="me") for place in places]
    view.document.add(shapes, f"Draw {len(places)}")


def column(panel: HistoryPanel, number: int) -> list[str]:
    return [panel.model.index(row, number).data() for row in range(panel.model.rowCount())]


def prepared(driver: WindowDriver, slide: Path) -> tuple[SlideView, HistoryPanel]:
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    driver.trigger("edit.history")
    return view, driver.window.panels.history


def test_each_edit_is_listed_live_with_who_when_and_how_many(driver: WindowDriver, slide: Path) -> None:
    view, panel = prepared(driver, slide)
    QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal, panel)
    assert column(panel, WHAT) == ["● Start"]
    draw(view, 0)
    draw(view, 20, 40, 60)
    assert column(panel, WHAT) == ["● Draw 3", "Draw 1", "Start"]
    assert column(panel, OBJECTS) == ["3", "1", ""]
    assert column(panel, WHO) == [view.document.author] * 2 + [""]
    assert all(len(text) == 8 and text[2] == ":" for text in column(panel, WHEN)[:2])
    view.document.undo_stack.undo()
    assert column(panel, WHAT) == ["↶ Draw 3", "● Draw 1", "Start"]
    view.document.undo_stack.redo()
    assert column(panel, WHAT) == ["● Draw 3", "Draw 1", "Start"]


def test_a_branch_that_was_left_is_told_apart_in_words_and_looks(driver: WindowDriver, slide: Path) -> None:
    view, panel = prepared(driver, slide)
    draw(view, 0)
    draw(view, 20, 40)
    view.document.undo_stack.undo()
    draw(view, 60, 80, 100)
    assert column(panel, WHAT) == ["● Draw 3", "↶ Draw 2", "Draw 1", "Start"]
    left = panel.model.index(1, WHAT)
    assert left.data(Qt.ItemDataRole.AccessibleTextRole) == "Draw 2 (undone)"
    assert left.data(Qt.ItemDataRole.FontRole).italic()
    assert panel.model.index(0, WHAT).data(Qt.ItemDataRole.FontRole).bold()
    assert "not part of the present state" in left.data(Qt.ItemDataRole.ToolTipRole)


def test_a_double_click_restores_a_state_of_another_branch_and_a_button_leads_back(
    driver: WindowDriver, slide: Path
) -> None:
    view, panel = prepared(driver, slide)
    draw(view, 0)
    draw(view, 20, 40)
    view.document.undo_stack.undo()
    draw(view, 60, 80, 100)
    before = state(view.document.snapshot)
    place = panel.tree.visualRect(panel.model.index(1, WHAT)).center()
    QTest.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    driver.wait(lambda: len(view.document.snapshot) == 3)
    assert column(panel, WHAT) == ["↶ Draw 3", "● Draw 2", "Draw 1", "Start"]
    view.document.undo_stack.undo()
    assert len(view.document.snapshot) == 1, "undo goes on from the restored state"
    view.document.undo_stack.redo()
    driver.window.messages.notices[-1].offers[0].act()
    driver.wait(lambda: len(view.document.snapshot) == 4)
    assert state(view.document.snapshot) == before


def test_the_keyboard_is_enough(driver: WindowDriver, slide: Path) -> None:
    view, panel = prepared(driver, slide)
    for place in (0, 20, 40):
        draw(view, place)
    driver.trigger("edit.history")
    assert panel.tree.hasFocus()
    QTest.keyClick(panel.tree, Qt.Key.Key_Home)
    assert not panel.restore_button.isEnabled(), "the present state needs no restoring"
    QTest.keyClick(panel.tree, Qt.Key.Key_Down)
    QTest.keyClick(panel.tree, Qt.Key.Key_Down)
    assert panel.restore_button.isEnabled()
    QTest.keyClick(panel.tree, Qt.Key.Key_Return)
    driver.wait(lambda: len(view.document.snapshot) == 1)
    QTest.keyClick(panel.tree, Qt.Key.Key_End)
    QTest.keyClick(panel.tree, Qt.Key.Key_Return)
    driver.wait(lambda: len(view.document.snapshot) == 0)
    assert not view.document.undo_stack.canUndo()
    assert view.document.undo_stack.canRedo()


def test_in_view_mode_it_can_only_be_looked_at(driver: WindowDriver, slide: Path) -> None:
    view, panel = prepared(driver, slide)
    draw(view, 0)
    panel.choose(1)
    assert panel.restore_button.isEnabled()
    driver.window.set_mode("view")
    assert not panel.restore_button.isEnabled()
    QTest.keyClick(panel.tree, Qt.Key.Key_Return)
    driver.settle()
    assert len(view.document.snapshot) == 1


def test_an_edit_made_meanwhile_is_not_lost(driver: WindowDriver, slide: Path) -> None:
    view, panel = prepared(driver, slide)
    draw(view, 0)
    panel.choose(1)
    panel.restore_button.click()
    draw(view, 20)
    driver.settle()
    assert len(view.document.snapshot) == 2
    assert any("have been changed meanwhile" in text for text in driver.notices)


def test_the_panel_follows_the_slide_in_front(driver: WindowDriver, slide: Path) -> None:
    view, panel = prepared(driver, slide)
    draw(view, 0)
    driver.window.close_slide()
    assert panel.model.rowCount() == 0
    assert panel.empty.isVisible()
    driver.open(slide)
    assert column(panel, WHAT) == ["● Draw 1", "Start"]
