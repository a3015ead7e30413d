from __future__ import annotations

from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from desktop_app.domain.annotation import AnnotationClass, Origin
from desktop_app.domain.annotation_classes import DEFAULT_CLASSES, with_class
from desktop_app.ui.background import Background
from desktop_app.ui.models import annotation_table
from desktop_app.ui.models import selection as selection_module
from desktop_app.ui.models.annotation_table import (
    AREA,
    CLASS,
    ID_ROLE,
    NAME,
    ORIGIN,
    PERIMETER,
    AnnotationTableModel,
)
from desktop_app.ui.models.class_choice import ClassChoice
from desktop_app.ui.models.class_list import KEY_ROLE, ClassListModel
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.models.slide_document import SlideDocument
from tests.support.annotation_samples import circle, one_of_each, square

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
DOWN, UP = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder


@pytest.fixture
def table(document: SlideDocument) -> AnnotationTableModel:
    model = AnnotationTableModel(document)
    model.tester = QAbstractItemModelTester(model, FATAL)
    return model


def texts(model: AnnotationTableModel, column: int) -> list[str]:
    return [model.data(model.index(row, column)) for row in range(model.rowCount())]


def rows(model: AnnotationTableModel) -> list[UUID]:
    return [model.data(model.index(row, 0), ID_ROLE) for row in range(model.rowCount())]


def test_a_row_says_what_the_annotation_is(document: SlideDocument, table: AnnotationTableModel) -> None:
    made = square(0, 0, 400, class_name="Tumor", name="α", origin=Origin("r", "model 1"))
    document.add([made, circle(900, 900, 100)], "Draw")
    mpp = document.slide.info.mpp
    assert mpp == (0.5, 0.5)
    assert texts(table, CLASS) == ["Tumor", "No class"]
    assert texts(table, NAME) == ["α", "Ellipse"]
    assert texts(table, AREA) == ["0.04", "0.007854"]
    assert texts(table, PERIMETER) == ["800", "314.2"]
    assert texts(table, ORIGIN) == ["model 1, unreviewed", ""]
    swatch = table.data(table.index(0, CLASS), Qt.ItemDataRole.DecorationRole)
    assert swatch.getRgb()[:3] == (200, 0, 0)
    assert table.headerData(AREA, Qt.Orientation.Horizontal) == "Area (mm²)"


def test_the_smallest_area_is_written_without_a_power_of_ten(
    document: SlideDocument, table: AnnotationTableModel
) -> None:
    document.add([square(0, 0, 2), square(0, 0, 30_000)], "Draw")
    assert texts(table, AREA) == ["0.000001", "225"]


def test_the_table_follows_every_step(document: SlideDocument, table: AnnotationTableModel) -> None:
    samples = one_of_each()
    document.add(samples, "Draw")
    assert rows(table) == [a.id for a in samples]
    document.remove([samples[1].id, samples[3].id])
    assert rows(table) == [a.id for a in samples if a not in (samples[1], samples[3])]
    document.undo_stack.undo()
    assert set(rows(table)) == {a.id for a in samples}
    document.set_class([samples[4].id], "Necrosis")
    assert table.data(table.index(table.row_of(samples[4].id), CLASS)) == "Necrosis"
    document.add([square(i, i) for i in range(400)], "Many")
    assert table.rowCount() == 400 + len(samples)


@pytest.mark.parametrize("order", [UP, DOWN])
def test_sorting_by_numbers_and_by_text(
    document: SlideDocument, table: AnnotationTableModel, order: Qt.SortOrder
) -> None:
    sizes = [30, 5, 100, 8]
    made = [square(0, 0, size, name=f"n{size:03}") for size in sizes]
    document.add(made, "Draw")
    expected = [
        a.id for _, a in sorted(zip(sizes, made, strict=True), key=lambda e: e[0], reverse=order == DOWN)
    ]
    table.sort(AREA, order)
    assert rows(table) == expected
    table.sort(-1)
    assert rows(table) == [a.id for a in made]
    table.sort(NAME, order)
    assert rows(table) == expected


@pytest.mark.parametrize("order", [UP, DOWN])
def test_a_new_row_takes_its_place_in_the_order(
    document: SlideDocument, table: AnnotationTableModel, order: Qt.SortOrder
) -> None:
    document.add([square(0, 0, size) for size in (10, 30, 50)], "Draw")
    table.sort(AREA, order)
    middle = square(0, 0, 40)
    document.add([middle], "Draw")
    assert table.row_of(middle.id) == (2 if order == UP else 1)


@pytest.mark.parametrize("order", [UP, DOWN])
def test_several_new_rows_take_their_places_and_the_old_ones_stay(
    document: SlideDocument, table: AnnotationTableModel, order: Qt.SortOrder
) -> None:
    made = [square(0, 0, size) for size in range(10, 60, 5)]
    document.add(made, "Draw")
    table.sort(AREA, order)
    more = [square(0, 0, size) for size in range(12, 62, 5)]
    document.add(more, "Draw")
    sizes = [texts(table, AREA)[row] for row in range(table.rowCount())]
    assert sizes == sorted(sizes, key=float, reverse=order == DOWN)
    document.remove([shape.id for shape in made])
    assert set(rows(table)) == {shape.id for shape in more}
    document.undo_stack.undo()
    table.sort(-1)
    assert set(rows(table)) == {shape.id for shape in (*made, *more)}


def test_a_large_table_is_sorted_on_the_pool(
    document: SlideDocument, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(annotation_table, "LARGE", 2)
    crashes: list[BaseException] = []
    document.background = Background(crashes.append)
    document.add([square(0, 0, size) for size in (30, 10, 50)], "Draw")
    table = AnnotationTableModel(document)
    table.tester = QAbstractItemModelTester(table, FATAL)
    before = rows(table)
    table.sort(AREA, UP)
    assert rows(table) == before, "it stays as it is until the pool is done"
    document.add([square(0, 0, 20)], "Draw")
    qtbot.waitUntil(lambda: texts(table, AREA) == ["0.000025", "0.0001", "0.000225", "0.000625"])
    document.add([square(0, 0, 40)], "Draw")
    assert table.row_of(list(document.snapshot.iter_annotations())[-1].id) == 3
    table.sort(AREA, DOWN)
    table.sort(-1)
    qtbot.waitUntil(lambda: rows(table) == [one.id for one in document.snapshot.iter_annotations()])
    document.background.shutdown()
    assert crashes == []


def test_an_order_that_is_wanted_comes_back_after_the_table_was_filled_anew(
    document: SlideDocument, table: AnnotationTableModel
) -> None:
    table.sort(AREA, UP)
    document.add([square(0, 0, 400 - size) for size in range(300)], "Many")
    sizes = [float(text) for text in texts(table, AREA)]
    assert sizes == sorted(sizes)


def test_a_name_is_edited_in_the_table(document: SlideDocument, table: AnnotationTableModel) -> None:
    document.add([square(0, 0)], "Draw")
    assert table.flags(table.index(0, NAME)) & Qt.ItemFlag.ItemIsEditable
    assert not table.flags(table.index(0, AREA)) & Qt.ItemFlag.ItemIsEditable
    assert table.setData(table.index(0, NAME), " 결절 1 ")
    assert next(document.snapshot.iter_annotations()).name == "결절 1"
    document.undo_stack.undo()
    assert texts(table, NAME) == ["Rectangle"]


def test_without_a_pixel_size_everything_is_in_pixels(
    document: SlideDocument, table: AnnotationTableModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    document.add([square(0, 0)], "Draw")
    monkeypatch.setattr(AnnotationTableModel, "_mpp", None)
    assert table.headerData(PERIMETER, Qt.Orientation.Horizontal) == "Perimeter (px)"
    assert texts(table, AREA) == ["10\u202f000"]
    table.refresh_measures()


def test_the_selection_forgets_what_is_removed(
    document: SlideDocument, selection: AnnotationSelection
) -> None:
    one, other = square(0, 0), square(500, 0)
    document.add([one, other], "Draw")
    told: list[int] = []
    selection.changed.connect(lambda: told.append(len(selection)))
    selection.set([one.id, other.id])
    selection.set([one.id, other.id])
    document.remove([one.id])
    assert selection.ids == (other.id,)
    assert selection.only.id == other.id
    selection.toggle(other.id)
    selection.toggle(other.id)
    assert told == [2, 1, 0, 1]
    selection.select_all()
    assert other.id in selection


def test_what_is_chosen_by_rows_is_what_is_shown(
    document: SlideDocument, selection: AnnotationSelection
) -> None:
    shown, other = square(0, 0, class_name="Tumor"), square(300, 0, class_name="Stroma")
    document.add([shown, square(200, 0, hidden=True), other], "Draw")
    selection.select_all()
    assert set(selection.ids) == {shown.id, other.id}
    assert selection.latest == selection.ids[-1]
    selection.hidden_classes = frozenset({"Stroma"})
    selection.select_all()
    assert selection.ids == (shown.id,)
    before = selection.chosen
    selection.select_all()
    assert selection.chosen is before, "the same selection is no change"


def test_of_very_many_that_are_removed_nothing_stays_selected(
    document: SlideDocument, selection: AnnotationSelection, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [square(i * 10, 0, 5) for i in range(9)]
    document.add(made, "Draw")
    monkeypatch.setattr(selection_module, "MANY", 3)
    selection.select_all()
    document.remove([shape.id for shape in made[:2]])
    assert set(selection.ids) == {shape.id for shape in made[2:]}
    selection.set([made[2].id, made[8].id])
    document.remove([shape.id for shape in made[3:]])
    assert selection.ids == (made[2].id,), "few that are selected are looked for"
    document.undo_stack.undo()
    selection.select_all()
    document.remove([shape.id for shape in made[3:]])
    assert selection.ids == ()
    assert selection.latest is None


def test_the_class_in_hand_survives_edits_but_not_its_class(
    document: SlideDocument, choice: ClassChoice
) -> None:
    choice.choose_index(1)
    assert (choice.name, choice.index) == ("Stroma", 1)
    choice.choose_index(99)
    assert choice.name == "Stroma"
    document.add([square(0, 0)], "Draw")
    assert choice.name == "Stroma"
    document.set_classes((DEFAULT_CLASSES[0],), "Fewer")
    assert (choice.name, choice.index) == (None, None)


def test_the_class_list_shows_its_keys(document: SlideDocument) -> None:
    model = ClassListModel(document)
    tester = QAbstractItemModelTester(model, FATAL)
    assert model.data(model.index(0, 0)) == "No class"
    assert model.data(model.index(1, 0)) == "Tumor"
    assert model.data(model.index(9, 0), KEY_ROLE) == "9"
    document.set_classes(with_class(DEFAULT_CLASSES, AnnotationClass("Gland", (1, 2, 3))), "Add")
    assert model.rowCount() == 11
    assert model.data(model.index(10, 0), KEY_ROLE) == ""
    assert model.data(model.index(10, 0), Qt.ItemDataRole.DecorationRole).getRgb()[:3] == (1, 2, 3)
    assert model.row_of("Gland") == 10
    assert model.row_of("nowhere") == 0
    del tester
