"""Copy, paste, duplicate and transfer, by keys, between slides of different pixel sizes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from desktop_app.domain.alignment import Alignment
from desktop_app.domain.annotation import Annotation, Origin
from desktop_app.domain.shapes import bounding_box
from desktop_app.ui import clipboard
from desktop_app.ui.slide_view import SlideView
from tests.support.annotation_samples import circle, square
from tests.support.slide_factory import aperio_description, write_pyramid
from tests.support.window_driver import WindowDriver

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def add(view: SlideView, *shapes: Annotation) -> None:
    view.document.add(shapes, "Draw")
    view.selection.set([shape.id for shape in shapes])


def every(view: SlideView) -> list[Annotation]:
    return list(view.document.snapshot.iter_annotations())


def press(driver: WindowDriver, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    driver.key(key, modifiers)
    driver.settle()


def text() -> str:
    return QGuiApplication.clipboard().text()


def boxes(view: SlideView) -> list[tuple[float, ...]]:
    return [bounding_box(found) for found in every(view)]


def test_a_paste_in_the_same_slide_is_in_place_and_one_step(driver: WindowDriver) -> None:
    view = driver.view
    add(
        view,
        square(100, 100, 50, class_name="Tumor", name="a", measurements={"m": 1.0}),
        circle(300, 200, 40),
    )
    press(driver, Qt.Key.Key_C, CTRL)
    view.selection.clear()
    press(driver, Qt.Key.Key_V, CTRL)
    shapes = every(view)
    assert len(shapes) == 4
    assert boxes(view)[:2] == boxes(view)[2:]
    assert len({shape.id for shape in shapes}) == 4
    assert set(view.selected_ids) == {shape.id for shape in shapes[2:]}
    assert shapes[2].measurements == {"m": 1.0}
    assert driver.notices == []
    view.document.undo_stack.undo()
    assert len(every(view)) == 2


def test_um_stay_um_on_another_slide(driver: WindowDriver, section: Path) -> None:
    add(driver.view, square(100, 100, 50, class_name="Gland"), circle(300, 200, 40))
    press(driver, Qt.Key.Key_C, CTRL)
    other = driver.open(section)
    press(driver, Qt.Key.Key_V, CTRL)
    assert boxes(other) == [(200, 200, 300, 300), (520, 320, 680, 480)]
    assert "Gland" not in [entry.name for entry in other.classes[:-1]]
    assert other.classes[-1].name == "Gland", "a class that the slide lacks comes along"
    other.document.undo_stack.undo()
    assert "Gland" not in [entry.name for entry in other.classes]


def test_nothing_on_the_clipboard_names_the_slide(driver: WindowDriver, slide: Path) -> None:
    add(driver.view, square(100, 100))
    press(driver, Qt.Key.Key_C, CTRL)
    copied = json.loads(text())
    assert copied["coverslip:mpp"] == [0.5, 0.5]
    assert QGuiApplication.clipboard().mimeData().hasFormat("application/geo+json")
    for word in (*slide.stem.split(), slide.name, str(slide.parent), driver.view.document_id):
        assert word not in text()


def test_what_would_lie_beyond_the_slide_comes_to_the_middle_of_the_view(driver: WindowDriver) -> None:
    view = driver.view
    QGuiApplication.clipboard().setText(
        '{"type":"Polygon","coordinates":[[[9000,9000],[9100,9000],[9100,9100],[9000,9000]]]}'
    )
    press(driver, Qt.Key.Key_V, CTRL)
    x, y = view.canvas.viewport.center
    assert boxes(view) == [pytest.approx((x - 50, y - 50, x + 50, y + 50), abs=0.01)]
    assert "does not say how large its pixels are" in driver.notices[-1]


def test_a_paste_at_the_mouse(driver: WindowDriver) -> None:
    add(driver.view, square(100, 100, 50))
    press(driver, Qt.Key.Key_C, CTRL)
    driver.window.objects.clipboard.paste((400.0, 300.0))
    driver.settle()
    assert boxes(driver.view)[-1] == (375, 275, 425, 325)
    press(driver, Qt.Key.Key_V, CTRL | SHIFT)
    assert len(every(driver.view)) == 3


def test_a_cut_leaves_what_is_locked(driver: WindowDriver) -> None:
    free, locked = square(100, 100), square(300, 100, locked=True)
    add(driver.view, free, locked)
    press(driver, Qt.Key.Key_X, CTRL)
    assert [found.id for found in every(driver.view)] == [locked.id]
    assert "stay where they are: 1" in driver.notices[-1]
    press(driver, Qt.Key.Key_V, CTRL)
    assert not any(found.locked for found in every(driver.view)[1:])


def test_a_paste_that_comes_before_the_copy_is_made_waits(driver: WindowDriver) -> None:
    add(driver.view, square(100, 100))
    QGuiApplication.clipboard().setText("older")
    driver.key(Qt.Key.Key_C, CTRL)
    driver.key(Qt.Key.Key_V, CTRL)
    driver.wait(lambda: len(every(driver.view)) == 2)


def test_other_text_and_broken_geojson_change_nothing(driver: WindowDriver) -> None:
    QGuiApplication.clipboard().setText("a report")
    press(driver, Qt.Key.Key_V, CTRL)
    assert "no annotations on the clipboard" in driver.notices[-1]
    QGuiApplication.clipboard().setText('{"type":"Polygon","coordinates":"x"}')
    press(driver, Qt.Key.Key_V, CTRL)
    assert every(driver.view) == []
    assert len(driver.notices) >= 1


def test_too_many_are_refused_with_the_way_out(driver: WindowDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "MOST", 3)
    add(driver.view, *(square(20 * i, 100) for i in range(4)))
    press(driver, Qt.Key.Key_C, CTRL)
    assert "Save them as a file" in driver.notices[-1]
    assert text() == ""


def test_a_slide_without_a_pixel_size_says_so(driver: WindowDriver, tmp_path: Path) -> None:
    description = aperio_description(mpp=None, objective=None)
    plain = write_pyramid(tmp_path / "plain.tiff", size=(640, 480), mpp=None, description=description)
    add(driver.view, square(100, 100, 50))
    press(driver, Qt.Key.Key_C, CTRL)
    view = driver.open(plain)
    press(driver, Qt.Key.Key_V, CTRL)
    assert boxes(view) == [(100, 100, 150, 150)]
    assert "Set pixel size" in driver.notices[-1]
    press(driver, Qt.Key.Key_C, CTRL)
    driver.window.messages.clear()
    press(driver, Qt.Key.Key_V, CTRL)
    assert len(boxes(view)) == 2
    assert driver.notices == [], "within one slide the pixel size does not matter"


def test_a_duplicate_lies_beside_and_is_a_persons_word(driver: WindowDriver) -> None:
    view = driver.view
    first = square(100, 100, origin=Origin("run", "model"))
    add(view, first)
    press(driver, Qt.Key.Key_D, SHIFT)
    copy = every(view)[-1]
    step = clipboard.DUPLICATE_STEP * view.canvas.dpr * view.canvas.viewport.downsample
    assert bounding_box(copy) == pytest.approx((100 + step, 100 + step, 200 + step, 200 + step), abs=0.01)
    assert copy.origin is not None
    assert copy.origin.state == "edited"
    assert view.selected_ids == (copy.id,)
    driver.view.document.undo_stack.undo()
    assert [found.id for found in every(view)] == [first.id]


def test_keys_in_a_text_field_are_the_fields(driver: WindowDriver) -> None:
    add(driver.view, square(100, 100))
    field = driver.view.classes_panel.name_field
    field.setFocus()
    QTest.keyClicks(field, "Gland")
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_C, CTRL)
    driver.settle()
    assert text() == "Gland"
    QTest.keyClick(field, Qt.Key.Key_D, SHIFT)
    assert field.text() == "d"
    assert len(every(driver.view)) == 1


def test_the_table_answers_to_the_clipboards_keys(driver: WindowDriver) -> None:
    add(driver.view, square(100, 100))
    table = driver.view.annotations_panel.table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_C, CTRL)
    driver.settle()
    assert text().startswith('{"type":"FeatureCollection"')
    QTest.keyClick(table, Qt.Key.Key_V, CTRL)
    driver.settle()
    assert len(every(driver.view)) == 2


# ---- from section to section ------------------------------------------------------------------------


@pytest.fixture
def two(driver: WindowDriver, section: Path) -> tuple[SlideView, SlideView]:
    first = driver.view
    driver.window.comparison.set_layout(1, 2)
    second = driver.open(section)
    driver.window.area.activate(first)
    return first, second


def test_through_the_alignment(driver: WindowDriver, two: tuple[SlideView, SlideView]) -> None:
    first, second = two
    alignment = Alignment.from_points([(100, 100), (500, 100)], [(900, 210), (900, 1010)])
    driver.window.comparison.alignments.keep(first.document_id, second.document_id, alignment)
    shape = square(100, 100, 50, class_name="Tumor")
    add(first, shape)
    press(driver, Qt.Key.Key_E, SHIFT)
    (there,) = every(second)
    assert there.kind == "rectangle", "a quarter turn leaves its sides upright"
    assert np.allclose(bounding_box(there), (800, 210, 900, 310), atol=0.01)
    assert second.selected_ids == (there.id,)
    assert driver.notices == []
    second.document.undo_stack.undo()
    assert every(second) == []
    # With nothing selected here, what is selected there comes back.
    second.document.undo_stack.redo()
    second.selection.set([there.id])
    first.selection.clear()
    press(driver, Qt.Key.Key_E, SHIFT)
    assert len(every(first)) == 2
    assert bounding_box(every(first)[-1]) == pytest.approx((100, 100, 150, 150), abs=0.02)


def test_without_an_alignment_by_um_and_it_says_so(
    driver: WindowDriver, two: tuple[SlideView, SlideView]
) -> None:
    first, second = two
    add(first, square(100, 100, 50))
    press(driver, Qt.Key.Key_E, SHIFT)
    assert boxes(second) == [(200, 200, 300, 300)]
    assert "not aligned" in driver.notices[-1]


def test_what_ends_beside_the_slide_is_told(driver: WindowDriver, two: tuple[SlideView, SlideView]) -> None:
    first, second = two
    far = Alignment(shift=(50_000.0, 0.0))
    driver.window.comparison.alignments.keep(first.document_id, second.document_id, far)
    add(first, square(100, 100, 50))
    press(driver, Qt.Key.Key_E, SHIFT)
    assert "outside the other slide: 1" in driver.notices[-1]


def test_the_transfer_needs_something_to_carry(
    driver: WindowDriver, two: tuple[SlideView, SlideView]
) -> None:
    action = driver.window.actions_by_key["object.transfer"]
    assert not action.isEnabled()
    add(two[0], square(0, 0))
    assert action.isEnabled()
