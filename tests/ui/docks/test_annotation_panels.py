from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QColorDialog
from pytestqt.qtbot import QtBot

from desktop_app.domain.annotation import Origin
from desktop_app.errors import AnnotationError
from desktop_app.ui.docks.annotations import AnnotationsPanel
from desktop_app.ui.docks.classes import ClassesPanel
from desktop_app.ui.models.class_choice import ClassChoice
from desktop_app.ui.models.class_visibility import ClassVisibility
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.models.slide_document import SlideDocument
from tests.support.annotation_samples import square

LEFT, NO_KEYS, CTRL = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture
def panel(
    document: SlideDocument, selection: AnnotationSelection, qtbot: QtBot
) -> Iterator[AnnotationsPanel]:
    made = AnnotationsPanel(document, selection)
    qtbot.addWidget(made)
    made.resize(560, 300)
    made.show()
    return made


@pytest.fixture
def classes(
    document: SlideDocument, selection: AnnotationSelection, choice: ClassChoice, qtbot: QtBot
) -> ClassesPanel:
    made = ClassesPanel(document, selection, choice, ClassVisibility(document))
    qtbot.addWidget(made)
    made.resize(260, 420)
    made.show()
    return made


def click_row(panel: Any, row: int, keys: Any = NO_KEYS, *, double: bool = False) -> None:
    view = getattr(panel, "table", None) or panel.list
    place = view.visualRect(view.model().index(row, 0)).center()
    QTest.mouseClick(view.viewport(), LEFT, keys, place)
    if double:
        QTest.mouseDClick(view.viewport(), LEFT, keys, place)


def selected_rows(panel: AnnotationsPanel) -> list[int]:
    return sorted(index.row() for index in panel.table.selectionModel().selectedRows())


def test_class_area_and_perimeter_are_seen_first(panel: AnnotationsPanel) -> None:
    header = panel.table.horizontalHeader()
    shown = [
        panel.model.headerData(header.logicalIndex(place), Qt.Orientation.Horizontal) for place in range(3)
    ]
    assert shown == ["Class", "Area (mm²)", "Perimeter (µm)"]


def test_the_selection_goes_both_ways(
    panel: AnnotationsPanel, document: SlideDocument, selection: AnnotationSelection
) -> None:
    made = [square(i * 300, 0) for i in range(4)]
    document.add(made, "Draw")
    click_row(panel, 1)
    assert selection.ids == (made[1].id,)
    click_row(panel, 3, CTRL)
    assert set(selection.ids) == {made[1].id, made[3].id}
    selection.set([made[0].id])
    assert selected_rows(panel) == [0]
    selection.clear()
    assert selected_rows(panel) == []


def test_the_selection_stays_right_while_rows_come_and_go(
    panel: AnnotationsPanel, document: SlideDocument, selection: AnnotationSelection
) -> None:
    made = [square(i * 300, 0, 10 + i) for i in range(4)]
    document.add(made, "Draw")
    selection.set([made[2].id])
    document.remove([made[0].id])
    assert selected_rows(panel) == [1]
    assert selection.ids == (made[2].id,)
    panel.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    assert selected_rows(panel) == [1]
    assert selection.ids == (made[2].id,)
    document.add([square(i, 0) for i in range(300)], "Many")
    assert selection.ids == (made[2].id,)
    assert len(selected_rows(panel)) == 1
    document.remove([made[2].id])
    assert selected_rows(panel) == []


def test_a_double_click_asks_for_the_place(
    panel: AnnotationsPanel, document: SlideDocument, qtbot: QtBot
) -> None:
    document.add([square(300, 200, 500), square(300, 200, 100)], "Draw")
    with qtbot.waitSignal(panel.show_requested) as asked:
        click_row(panel, 0, double=True)
    assert asked.args[0] == (300, 200, 500, 500)
    with qtbot.waitSignal(panel.show_requested) as asked:
        click_row(panel, 1, double=True)
    assert asked.args[0] == (150, 50, 400, 400), "a small one is shown with its surroundings"


def test_an_empty_table_says_what_to_do(panel: AnnotationsPanel, document: SlideDocument) -> None:
    assert not panel.table.isVisible()
    document.add([square(0, 0)], "Draw")
    assert panel.table.isVisible()
    document.undo_stack.undo()
    assert not panel.table.isVisible()


def test_the_menu_edits_what_is_selected(panel: AnnotationsPanel, document: SlideDocument) -> None:
    made = square(0, 0, origin=Origin("run", "model"))
    document.add([made], "Draw")
    menu = panel.menu_for((made.id,))
    actions = {action.text(): action for action in menu.actions()}
    actions["Accept"].trigger()
    assert document.snapshot.get(made.id).origin.state == "accepted"
    actions["Lock"].trigger()
    actions["Delete"].trigger()
    assert made.id in document.snapshot
    actions["Unlock"].trigger()
    names = {action.text(): action for action in actions["Set class"].menu().actions()}
    names["Immune cells"].trigger()
    assert document.snapshot.get(made.id).class_name == "Immune cells"
    actions["Delete"].trigger()
    assert len(document.snapshot) == 0


def test_a_click_takes_a_class_in_hand(classes: ClassesPanel, choice: ClassChoice) -> None:
    click_row(classes, 2)
    assert choice.name == "Stroma"
    choice.choose("Necrosis")
    assert classes.list.currentIndex().row() == 4
    click_row(classes, 0)
    assert choice.name is None


def test_a_class_is_added_and_taken_in_hand(
    classes: ClassesPanel, document: SlideDocument, choice: ClassChoice
) -> None:
    assert not classes.add_button.isEnabled()
    QTest.keyClicks(classes.name_field, "Gland")
    assert classes.add_button.isEnabled()
    QTest.keyClick(classes.name_field, Qt.Key.Key_Return)
    assert document.snapshot.classes[-1].name == "Gland"
    assert choice.name == "Gland"
    assert classes.name_field.text() == ""
    document.undo_stack.undo()
    assert choice.name is None


def test_a_name_that_cannot_be_is_told(classes: ClassesPanel, document: SlideDocument, qtbot: QtBot) -> None:
    QTest.keyClicks(classes.name_field, "a:b")
    with qtbot.waitSignal(document.failed) as told:
        classes.add_button.click()
    assert isinstance(told.args[0], AnnotationError)
    assert classes.name_field.text() == "a:b"


def test_a_color_is_chosen_in_a_dialog(
    classes: ClassesPanel, document: SlideDocument, choice: ClassChoice, qtbot: QtBot
) -> None:
    choice.choose("Tumor")
    classes.color_button.click()
    dialog = classes.findChild(QColorDialog)
    assert dialog.currentColor().getRgb()[:3] == (200, 0, 0)
    dialog.setCurrentColor(QColor(1, 2, 3))
    dialog.accept()
    qtbot.waitUntil(lambda: document.snapshot.class_color("Tumor") == (1, 2, 3))
    assert choice.name == "Tumor"
    document.undo_stack.undo()
    assert document.snapshot.class_color("Tumor") == (200, 0, 0)


def test_a_class_is_given_to_what_is_selected(
    classes: ClassesPanel, document: SlideDocument, selection: AnnotationSelection, choice: ClassChoice
) -> None:
    made = square(0, 0)
    document.add([made], "Draw")
    assert not classes.apply_button.isEnabled()
    selection.set([made.id])
    choice.choose("Stroma")
    classes.apply_button.click()
    assert document.snapshot.get(made.id).class_name == "Stroma"
    classes.set_editable(False)
    assert not classes.apply_button.isEnabled()
    assert not classes.color_button.isEnabled()
