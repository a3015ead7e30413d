"""The menu on the slide: by the right button and the menu key, never while something is drawn."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from desktop_app.domain.annotation import Annotation
from desktop_app.ui.slide_view import SlideView
from tests.support.annotation_samples import square
from tests.support.window_driver import WindowDriver

RIGHT = Qt.MouseButton.RightButton
MOUSE, KEYBOARD = QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard


def add(view: SlideView, *shapes: Annotation) -> None:
    view.document.add(shapes, "Draw")


def ask(driver: WindowDriver, x: float, y: float, reason: QContextMenuEvent.Reason = MOUSE) -> QMenu | None:
    """The right button at a level-0 position, as the system sends it; the menu that opened, or None."""
    canvas, place = driver.view.canvas, driver.at(x, y)
    before = driver.window.objects.menu.shown
    if before is not None:
        before.close()
    QTest.mousePress(canvas, RIGHT, pos=place)
    QApplication.sendEvent(canvas, QContextMenuEvent(reason, place, canvas.mapToGlobal(place)))
    QTest.mouseRelease(canvas, RIGHT, pos=place)
    shown = driver.window.objects.menu.shown
    return None if shown is before else shown


def texts(menu: QMenu) -> list[str]:
    return [action.text().replace("&", "") for action in menu.actions() if not action.isSeparator()]


def choose(menu: QMenu, text: str) -> None:
    action = next(found for found in menu.actions() if found.text().replace("&", "") == text)
    assert action.isEnabled()
    action.trigger()
    menu.close()


def test_on_an_object(driver: WindowDriver) -> None:
    view = driver.view
    shape = square(100, 100, 200, class_name="Tumor")
    add(view, shape)
    menu = ask(driver, 102, 200)
    assert menu is not None
    assert view.selected_ids == (shape.id,)
    for text in ("Set class", "Properties…", "Lock", "Hide", "Copy", "Duplicate", "Delete"):
        assert text in texts(menu)
    registry = driver.window.actions_by_key
    assert registry["edit.delete"] in menu.actions(), "the action of the table, not another one"
    classes = next(found for found in menu.actions() if found.text() == "Set class").menu()
    assert isinstance(classes, QMenu)
    choose(classes, "Stroma")
    assert view.document.snapshot.get(shape.id).class_name == "Stroma"
    choose(menu, "Lock")
    assert view.document.snapshot.get(shape.id).locked


def test_the_selection_stays_where_the_object_is_part_of_it(driver: WindowDriver) -> None:
    view, shapes = driver.view, [square(100, 100), square(300, 100)]
    add(view, *shapes)
    view.selection.set([shape.id for shape in shapes])
    menu = ask(driver, 102, 150)
    assert menu is not None
    assert len(view.selection) == 2
    choose(menu, "Delete")
    assert len(view.document.snapshot) == 0


def test_on_the_background(driver: WindowDriver) -> None:
    view = driver.view
    add(view, square(100, 100, 50))
    view.selection.set(view.document.snapshot.ids())
    driver.trigger("edit.copy")
    driver.settle()
    menu = ask(driver, 500, 400)
    assert menu is not None
    assert len(view.selection) == 1, "a click beside an object leaves the selection"
    assert {"Paste here", "Center here", "Copy position", "Snapshot…"} <= set(texts(menu))
    choose(menu, "Paste here")
    driver.settle()
    left, top, right, bottom = view.document.snapshot.bounds()[1].tolist()
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((500, 400), abs=2)


def test_a_new_roi_here_is_one_step_and_selected(driver: WindowDriver) -> None:
    view = driver.view
    menu = ask(driver, 350, 250)
    assert menu is not None
    choose(menu, "New ROI here")
    (roi,) = view.document.snapshot.iter_annotations()
    assert roi.roi == "open"
    assert view.selected_ids == (roi.id,)
    left, top, right, bottom = view.document.snapshot.bounds()[0].tolist()
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((350, 250), abs=2)
    view.document.undo_stack.undo()
    assert len(view.document.snapshot) == 0


def test_center_here(driver: WindowDriver) -> None:
    driver.view.canvas.set_magnification(20)
    menu = ask(driver, 250, 200)
    assert menu is not None
    choose(menu, "Center here")
    assert driver.view.canvas.viewport.center == pytest.approx((250, 200), abs=2)


def test_in_view_mode_nothing_that_edits_is_offered(driver: WindowDriver) -> None:
    view = driver.view
    add(view, square(100, 100, 60))
    driver.window.set_mode("view")
    menu = ask(driver, 130, 130)
    assert menu is not None
    assert view.selected_ids == ()
    assert not {"Delete", "Cut", "Paste", "Lock", "Paste here", "Properties…"} & set(texts(menu))
    choose(menu, "Zoom to this object")
    assert view.canvas.viewport.center == pytest.approx((130, 130), abs=1)


def test_it_does_not_open_in_the_middle_of_a_polygon(driver: WindowDriver) -> None:
    view = driver.view
    driver.trigger("annotate.polygon")
    for place in ((100, 100), (300, 100), (300, 300)):
        driver.click(*place)
    assert ask(driver, 200, 150) is None
    driver.click(100, 300)
    driver.key(Qt.Key.Key_Return)
    (drawn,) = view.document.snapshot.iter_annotations()
    assert len(drawn.parts[0][0]) == 4, "the right button neither ended the polygon nor set a vertex"
    menu = ask(driver, 600, 400)
    assert menu is not None


def test_nor_while_a_button_is_held_or_a_tool_is_lent(driver: WindowDriver) -> None:
    driver.trigger("navigate.zoom_box")
    assert ask(driver, 200, 150) is None


def test_by_the_keyboard_it_opens_at_the_selection(driver: WindowDriver) -> None:
    view = driver.view
    shape = square(300, 100, 50)
    add(view, shape)
    view.selection.set([shape.id])
    menu = ask(driver, 10, 10, KEYBOARD)
    assert menu is not None
    assert "Delete" in texts(menu)
    expected = view.canvas.mapToGlobal(driver.at(300, 100))
    assert (menu.pos() - expected).manhattanLength() < 8
    menu.close()
    view.selection.clear()
    menu = ask(driver, 10, 10, KEYBOARD)
    assert menu is not None
    assert "Center here" in texts(menu)


def test_the_right_button_and_the_menu_key_as_the_system_sends_them(driver: WindowDriver) -> None:
    view, window = driver.view, driver.window
    shape = square(300, 100, 50)
    add(view, shape)
    place = view.canvas.mapTo(window, driver.at(302, 125))
    QTest.mousePress(window.windowHandle(), RIGHT, pos=place)
    QTest.mouseRelease(window.windowHandle(), RIGHT, pos=place)
    menu = window.objects.menu.shown
    assert menu is not None
    assert menu.isVisible()
    assert view.selected_ids == (shape.id,)
    menu.close()
    view.canvas.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Menu)
    again = window.objects.menu.shown
    assert again is not None
    assert again.isVisible()
    assert "Delete" in texts(again)
    again.close()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert window.objects.menu.shown is not None
    assert window.objects.menu.shown.isVisible()


def test_hidden_layers_have_no_objects(driver: WindowDriver) -> None:
    add(driver.view, square(100, 100, 60))
    driver.view.show_annotations(False)
    menu = ask(driver, 130, 130)
    assert menu is not None
    assert "Center here" in texts(menu)


def test_the_menu_goes_away_with_its_window(driver: WindowDriver) -> None:
    for _ in range(3):
        menu = ask(driver, 400, 300)
        assert menu is not None
        menu.close()
        driver.qtbot.wait(1)
    open_menus = [found for found in driver.window.findChildren(QMenu) if found.isVisible()]
    assert open_menus == []
    assert isinstance(driver.at(0, 0), QPoint)
