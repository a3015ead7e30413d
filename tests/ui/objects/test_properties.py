"""The properties dialog, by Enter and the keyboard, on one and on several annotations."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog, QDialogButtonBox

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_metadata import (
    description_of,
    metadata_of,
    with_description,
    with_metadata,
)
from desktop_app.ui.dialogs.annotation_properties import AnnotationPropertiesDialog
from desktop_app.ui.slide_view import SlideView
from tests.support.annotation_samples import circle, square
from tests.support.window_driver import WindowDriver

PARTIAL = Qt.CheckState.PartiallyChecked


def add(view: SlideView, *shapes: Annotation) -> None:
    view.document.add(shapes, "Draw")
    view.selection.set([shape.id for shape in shapes])


def opened(driver: WindowDriver) -> AnnotationPropertiesDialog:
    """The dialog that Enter on the slide opens."""
    driver.key(Qt.Key.Key_Return)
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, AnnotationPropertiesDialog)
    driver.wait(dialog.isActiveWindow)
    return dialog


def accept(dialog: AnnotationPropertiesDialog) -> None:
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()


def only(view: SlideView) -> Annotation:
    (found,) = view.document.snapshot.iter_annotations()
    return found


def rows(table: object) -> dict[str, str]:
    return {
        table.item(row, 0).text(): table.item(row, 1).text()  # type: ignore[attr-defined]
        for row in range(table.rowCount())  # type: ignore[attr-defined]
    }


def test_everything_of_one_object_is_one_step(driver: WindowDriver) -> None:
    view = driver.view
    add(view, square(100, 100, 400, measurements={"Tumor %": 12.5}))
    dialog = opened(driver)
    assert dialog.focusWidget() is dialog.name_line
    assert rows(dialog.measurements.table) == {
        "Area": "40000 µm²",
        "Perimeter": "800 µm",
        "Tumor %": "12.5",
    }
    QTest.keyClicks(dialog.name_line, "Region 1")
    dialog.class_combo.setCurrentText("Tumor")
    dialog.description.setPlainText("solid\nno necrosis")
    dialog.roi_combo.setCurrentIndex(2)
    dialog.color_combo.setCurrentIndex(1)
    dialog.color_button.click()
    picker = dialog.findChild(QColorDialog)
    picker.setCurrentColor(Qt.GlobalColor.blue)
    picker.accept()
    dialog.locked_box.click()
    history = view.document.undo_stack.count()
    accept(dialog)
    found = only(view)
    assert (found.name, found.class_name, found.color) == ("Region 1", "Tumor", (0, 0, 255))
    assert (found.roi, found.locked, found.hidden) == ("exhaustive", True, False)
    assert description_of(found) == "solid\nno necrosis"
    assert view.document.undo_stack.count() == history + 1
    assert driver.window.dialogs.shown is None
    # Without a window manager nobody does it after two dialogs.
    driver.window.activateWindow()
    driver.wait(driver.window.isActiveWindow)
    driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    back = only(view)
    assert (back.name, back.class_name, back.color, back.extra) == ("", None, None, b"")


def test_what_is_not_touched_is_no_step(driver: WindowDriver) -> None:
    view = driver.view
    add(view, with_description(square(100, 100, name="a", color=(1, 2, 3), roi="open"), "text"))
    history = view.document.undo_stack.count()
    accept(opened(driver))
    assert view.document.undo_stack.count() == history


def test_of_several_the_mixed_values_stay(driver: WindowDriver) -> None:
    view = driver.view
    one = with_metadata(
        square(100, 100, 200, name="a", class_name="Tumor", locked=True), {"k": "1", "same": "s"}
    )
    two = with_metadata(
        circle(500, 300, 50, name="b", class_name="Stroma", color=(9, 9, 9)), {"k": "2", "same": "s"}
    )
    add(view, one, two)
    dialog = opened(driver)
    assert dialog.name_line.text() == ""
    assert "stay" in dialog.name_line.placeholderText()
    assert dialog.locked_box.checkState() == PARTIAL
    assert rows(dialog.metadata.table) == {"k": "several values, which stay", "same": "s"}
    dialog.hidden_box.click()
    dialog.roi_combo.setCurrentText("ROI, still being annotated")
    accept(dialog)
    first, second = view.document.snapshot.iter_annotations()
    assert (first.name, second.name) == ("a", "b")
    assert (first.class_name, second.class_name) == ("Tumor", "Stroma")
    assert (first.locked, second.locked) == (True, False)
    assert (first.color, second.color) == (None, (9, 9, 9))
    assert (first.hidden, second.hidden, first.roi, second.roi) == (True, True, "open", "open")
    assert metadata_of(first)["k"] == "1"
    assert metadata_of(second)["k"] == "2"


def test_metadata_are_typed_added_and_removed_with_the_keyboard(driver: WindowDriver) -> None:
    view = driver.view
    first = with_metadata(square(100, 100), {"stain": "HE", "coverslip:author": "Mina"})
    add(view, first)
    dialog = opened(driver)
    dialog.tabs.setCurrentWidget(dialog.metadata)
    table = dialog.metadata.table
    table.setFocus()
    table.setCurrentCell(0, 0)
    dialog.metadata.remove_button.setFocus()
    QTest.keyClick(dialog.metadata.remove_button, Qt.Key.Key_Space)
    assert not dialog.metadata.remove_button.isEnabled(), "what this program wrote stays"
    QTest.keyClick(dialog.metadata.add_button, Qt.Key.Key_Space)
    editor = QApplication.focusWidget()
    QTest.keyClicks(editor, "block")
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    QTest.keyClicks(QApplication.focusWidget(), "3")
    accept(dialog)
    assert metadata_of(only(view)) == {"coverslip:author": "Mina", "block": "3"}
    assert json.loads(only(view).extra) == {"metadata": {"coverslip:author": "Mina", "block": "3"}}


@pytest.mark.parametrize(
    ("key", "complaint"), [("coverslip:roi", "this program's own"), ("a", "there twice"), ("", "needs a key")]
)
def test_keys_that_cannot_be_are_told_and_nothing_changes(
    driver: WindowDriver, key: str, complaint: str
) -> None:
    view = driver.view
    add(view, with_metadata(square(100, 100), {"a": "1"}))
    dialog = opened(driver)
    dialog.metadata.add_row()
    dialog.metadata.table.item(1, 0).setText(key)
    dialog.metadata.table.item(1, 1).setText("x")
    accept(dialog)
    assert dialog.isVisible()
    assert complaint in dialog.metadata._problem.text()
    assert metadata_of(only(view)) == {"a": "1"}
    dialog.reject()


def test_the_class_of_what_is_locked_waits_for_the_lock(driver: WindowDriver) -> None:
    add(driver.view, square(100, 100, class_name="Tumor", locked=True))
    dialog = opened(driver)
    assert not dialog.class_combo.isEnabled()
    dialog.locked_box.click()
    assert dialog.class_combo.isEnabled()
    dialog.class_combo.setCurrentText("Stroma")
    accept(dialog)
    assert only(driver.view).class_name == "Stroma"


def test_enter_in_the_table_is_the_same_and_a_double_click_is_not(driver: WindowDriver) -> None:
    view = driver.view
    add(view, square(300, 200, 50))
    table = view.annotations_panel.table
    table.setFocus()
    place = table.visualRect(table.model().index(0, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert driver.window.dialogs.shown is None
    assert view.canvas.viewport.center == pytest.approx((325, 225), abs=1)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert isinstance(driver.window.dialogs.shown, AnnotationPropertiesDialog)


def test_enter_while_drawing_finishes_the_shape(driver: WindowDriver) -> None:
    driver.trigger("annotate.polygon")
    for place in ((100, 100), (300, 100), (300, 300)):
        driver.click(*place)
    driver.key(Qt.Key.Key_Return)
    assert len(driver.view.document.snapshot) == 1
    assert driver.window.dialogs.shown is None


def test_a_line_can_be_no_roi(driver: WindowDriver) -> None:
    shape = square(100, 100)
    line = Annotation(shape.id, "line", shape.parts)
    add(driver.view, line)
    dialog = opened(driver)
    assert not dialog.roi_combo.isEnabled()
    assert "Area" not in rows(dialog.measurements.table)
    dialog.reject()


def test_many_are_refused_with_a_sentence(driver: WindowDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.ui.object_desk.MOST", 2)
    add(driver.view, *(square(100 * i, 100) for i in range(3)))
    driver.key(Qt.Key.Key_Return)
    assert driver.window.dialogs.shown is None
    assert "panel Classes" in driver.notices[-1]
