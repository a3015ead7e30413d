"""Lock, hide and the classes shown: by keys and the mouse, in models, in the table and on the slide."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop_app.domain.annotation import Annotation
from desktop_app.storage.slide_memory import SlideMemory
from desktop_app.ui.class_view_keeper import FILE, hidden_in
from desktop_app.ui.docks.annotations import AnnotationsPanel
from desktop_app.ui.docks.class_list_view import eye_rect
from desktop_app.ui.models.annotation_table import CLASS
from desktop_app.ui.slide_view import SlideView
from tests.support.annotation_samples import square
from tests.support.window_driver import WindowDriver, pixels

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
LEFT = Qt.MouseButton.LeftButton


def add(view: SlideView, *shapes: Annotation) -> None:
    view.document.add(shapes, "Draw")
    view.selection.set([shape.id for shape in shapes])


def every(view: SlideView) -> list[Annotation]:
    return list(view.document.snapshot.iter_annotations())


def red_share(driver: WindowDriver) -> float:
    """How much of the canvas is drawn in a pure, strong red (the color of *no class*)."""
    driver.sharpen()
    shown = pixels(driver.view.canvas).astype(int)
    return float(((shown[..., 0] > 200) & (shown[..., 1] < 60) & (shown[..., 2] < 60)).mean())


def press_eye(panel: object, row: int) -> None:
    view = panel.list  # type: ignore[attr-defined]
    place = eye_rect(view.visualRect(view.model().index(row, 0))).center()
    QTest.mouseClick(view.viewport(), LEFT, pos=place)


def test_lock_unlock_and_toggle_have_the_keys_of_qupath(driver: WindowDriver) -> None:
    view = driver.view
    add(view, square(100, 100), square(300, 100, locked=True))
    driver.key(Qt.Key.Key_K, CTRL)
    assert [found.locked for found in every(view)] == [True, True], "some are not locked: all become so"
    driver.key(Qt.Key.Key_K, CTRL)
    assert [found.locked for found in every(view)] == [False, False]
    driver.key(Qt.Key.Key_K, CTRL | SHIFT)
    assert [found.locked for found in every(view)] == [True, True]
    driver.key(Qt.Key.Key_K, CTRL | ALT)
    assert [found.locked for found in every(view)] == [False, False]
    driver.key(Qt.Key.Key_Z, CTRL)
    assert [found.locked for found in every(view)] == [True, True]


def test_what_is_hidden_is_neither_painted_nor_hit_nor_selected(driver: WindowDriver) -> None:
    view = driver.view
    add(view, square(100, 100, 200))
    view.selection.clear()
    painted = red_share(driver)
    assert painted > 0
    driver.click(102, 200)
    assert len(view.selection) == 1
    driver.key(Qt.Key.Key_H, CTRL)
    assert [found.hidden for found in every(view)] == [True]
    assert view.selected_ids == ()
    assert red_share(driver) == 0
    driver.click(102, 200)
    assert view.selected_ids == ()
    driver.trigger("edit.select_all")
    assert view.selected_ids == ()
    driver.trigger("object.show_hidden")
    assert red_share(driver) == pytest.approx(painted, rel=0.2)
    assert not driver.window.actions_by_key["object.show_hidden"].isEnabled()


def test_hide_others(driver: WindowDriver) -> None:
    view = driver.view
    add(view, square(100, 100), square(300, 100))
    kept = every(view)[1].id
    view.selection.set([kept])
    driver.key(Qt.Key.Key_O, CTRL | ALT)
    assert {found.id for found in every(view) if not found.hidden} == {kept}
    assert view.selected_ids == (kept,)
    driver.key(Qt.Key.Key_Z, CTRL)
    assert [found.hidden for found in every(view)] == [False, False]


def first_cell(panel: AnnotationsPanel, row: int) -> np.ndarray:
    index = panel.model.index(row, CLASS)
    panel.table.scrollTo(index)
    cell = panel.table.visualRect(index)
    corner = panel.table.viewport().mapTo(panel.table, cell.topLeft())
    shown = pixels(panel.table)
    return shown[corner.y() : corner.y() + cell.height(), corner.x() : corner.x() + cell.width()].copy()


def test_the_table_shows_what_is_locked_and_hidden(driver: WindowDriver) -> None:
    view, panel = driver.view, driver.view.annotations_panel
    panel.table.horizontalHeader().resizeSection(CLASS, 200)
    add(view, square(100, 100, name="one"))
    view.selection.clear()
    plain = first_cell(panel, 0)
    view.document.set_locked([every(view)[0].id], True)
    locked = first_cell(panel, 0)
    assert (plain != locked).any()
    changed = np.flatnonzero((plain != locked).any(axis=(0, 2)))
    assert changed.min() > 0.5 * plain.shape[1], "the sign stands at the right, the text as before"
    view.selection.set([every(view)[0].id])
    driver.key(Qt.Key.Key_H, CTRL)
    both = first_cell(panel, 0)
    assert (both != locked).any()


# ---- classes ----------------------------------------------------------------------------------------


def test_an_eye_hides_its_class_without_an_edit(driver: WindowDriver) -> None:
    view, panel = driver.view, driver.view.classes_panel
    add(view, square(100, 100, 200), square(400, 100, class_name="Stroma"))
    view.selection.clear()
    history, choice = view.document.undo_stack.count(), view.class_choice.name
    assert red_share(driver) > 0
    press_eye(panel, 0)
    assert view.class_visibility.hidden == {None}
    assert red_share(driver) == 0
    assert view.document.undo_stack.count() == history
    assert view.class_choice.name == choice, "the eye does not take a class in hand"
    driver.click(102, 200)
    assert view.selected_ids == (), "what is not shown is not hit"
    driver.trigger("edit.select_all")
    assert [found.class_name for found in view.selection.annotations()] == ["Stroma"]
    view.selection.clear()
    press_eye(panel, 0)
    assert red_share(driver) > 0


def test_space_is_the_eye_and_the_selection_lets_go(driver: WindowDriver) -> None:
    view, panel = driver.view, driver.view.classes_panel
    add(view, square(100, 100, class_name="Tumor"), square(300, 100))
    panel.list.setFocus()
    panel.list.setCurrentIndex(panel.model.index(1, 0))
    QTest.keyClick(panel.list, Qt.Key.Key_Space)
    assert view.class_visibility.hidden == {"Tumor"}
    assert [found.class_name for found in view.selection.annotations()] == [None]


def test_a_double_click_on_an_eye_opens_no_dialog(driver: WindowDriver) -> None:
    panel = driver.view.classes_panel
    place = eye_rect(panel.list.visualRect(panel.model.index(1, 0))).center()
    QTest.mouseClick(panel.list.viewport(), LEFT, pos=place)
    QTest.mouseDClick(panel.list.viewport(), LEFT, pos=place)
    assert driver.view.class_visibility.hidden == frozenset()
    assert panel.findChildren(object, "QColorDialog") == []


def test_the_menu_of_a_class(driver: WindowDriver) -> None:
    view, panel = driver.view, driver.view.classes_panel
    add(view, square(100, 100, class_name="Tumor"), square(300, 100, class_name="Elsewhere"), square(500, 1))
    actions = {action.text(): action for action in panel.menu_for(1).actions()}
    actions["Hide all others"].trigger()
    hidden = view.class_visibility.hidden
    assert {None, "Stroma", "Elsewhere"} <= hidden
    assert "Tumor" not in hidden
    actions = {action.text(): action for action in panel.menu_for(1).actions()}
    actions["Select all of this class"].trigger()
    assert [found.class_name for found in view.selection.annotations()] == ["Tumor"]
    actions["Show all classes"].trigger()
    assert view.class_visibility.hidden == frozenset()


def test_a_class_that_is_drawn_is_shown_again(driver: WindowDriver) -> None:
    view = driver.view
    view.class_visibility.set_hidden(["Tumor", "Stroma"])
    add(view, square(100, 100, class_name="Tumor"))
    assert view.class_visibility.hidden == {"Stroma"}


def test_what_is_shown_is_remembered_and_shared(driver: WindowDriver, slide: Path) -> None:
    view = driver.view
    press_eye(view.classes_panel, 2)
    driver.trigger("layout.new_view")
    other = driver.view
    assert other is not view
    assert other.class_visibility.hidden == {"Stroma"}
    other.class_visibility.toggle(None)
    assert view.class_visibility.hidden == {"Stroma", None}
    driver.settle()
    memory = driver.window.memory_of(view)
    assert hidden_in(memory.read(FILE)) == {"Stroma", None}
    driver.window.close_slide(other)
    driver.window.close_slide(view)
    again = driver.open(slide)
    driver.wait(lambda: again.class_visibility.hidden == {"Stroma", None})
    driver.trigger("object.show_everything")
    assert again.class_visibility.hidden == frozenset()


def test_a_damaged_memory_hides_nothing(tmp_path: Path) -> None:
    memory = SlideMemory(tmp_path)
    memory.write(FILE, {"hidden": ["a", 3, None, ["b"]]})
    assert hidden_in(memory.read(FILE)) == {"a", None}
    assert hidden_in({"hidden": "a"}) == hidden_in({}) == frozenset()


def test_everything_is_shown_again(driver: WindowDriver) -> None:
    view, action = driver.view, driver.window.actions_by_key["object.show_everything"]
    add(view, square(100, 100))
    assert not action.isEnabled()
    driver.key(Qt.Key.Key_H, CTRL)
    view.class_visibility.set_hidden(["Tumor"])
    view.show_annotations(False)
    assert action.isEnabled()
    driver.key(Qt.Key.Key_E, CTRL | ALT)
    assert view.annotations_shown
    assert view.class_visibility.hidden == frozenset()
    assert [found.hidden for found in every(view)] == [False]
    assert not action.isEnabled()


def test_in_view_mode_nothing_is_edited_by_it(driver: WindowDriver) -> None:
    view = driver.view
    add(view, square(100, 100, hidden=True))
    driver.window.set_mode("view")
    driver.trigger("object.show_everything")
    assert [found.hidden for found in every(view)] == [True]
    assert "Annotate mode" in driver.notices[-1]


def test_eyes_are_pressed_where_they_are_painted(driver: WindowDriver) -> None:
    view = driver.view.classes_panel.list
    row = view.visualRect(view.model().index(1, 0))
    before = pixels(view)
    QTest.mouseClick(view.viewport(), LEFT, pos=eye_rect(row).center())
    corner: QPoint = view.viewport().mapTo(view, eye_rect(row).topLeft())
    changed = (pixels(view) != before).any(axis=2)
    inside = changed[corner.y() : corner.y() + row.height(), corner.x() : corner.x() + 28]
    assert inside.any()
