"""Drawing in the window: keys, what comes after a shape, middle button, fingers, pen, choices kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QInputDevice,
    QMouseEvent,
    QPointingDevice,
    QPointingDeviceUniqueId,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop_app.domain.measure import area_px
from desktop_app.storage.settings import read_settings
from desktop_app.ui.actions.table import TOOLBAR
from desktop_app.ui.dialogs.roi_options import RoiOptionsDialog
from desktop_app.ui.dialogs.rotate_shapes import RotateShapesDialog
from desktop_app.ui.tools import TOOL_NAMES
from desktop_app.ui.tools.note_tool import NoteEditor
from tests.support.annotation_samples import square
from tests.support.pictures import pixels_of
from tests.support.window_driver import WindowDriver

KEYS = {
    "move": Qt.Key.Key_M,
    "rectangle": Qt.Key.Key_R,
    "ellipse": Qt.Key.Key_O,
    "line": Qt.Key.Key_L,
    "polygon": Qt.Key.Key_P,
    "polyline": Qt.Key.Key_V,
    "brush": Qt.Key.Key_B,
    "point": Qt.Key.Key_Period,
    "note": Qt.Key.Key_T,
}
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
MIDDLE = Qt.MouseButton.MiddleButton


@pytest.fixture
def annotating(driver: WindowDriver, slide: Path) -> WindowDriver:
    driver.open(slide)
    driver.key(Qt.Key.Key_Tab)
    return driver


def kinds(driver: WindowDriver) -> list[str]:
    return [found.kind for found in driver.view.document.snapshot.iter_annotations()]


def test_the_tools_stand_in_the_tool_bar_and_have_their_keys(annotating: WindowDriver) -> None:
    assert tuple(f"annotate.{name}" for name in TOOL_NAMES) in TOOLBAR
    for name, key in KEYS.items():
        annotating.key(key)
        assert annotating.view.drawing_tool == name
        assert annotating.window.actions_by_key[f"annotate.{name}"].isChecked()
        assert not annotating.window.actions_by_key[f"annotate.{name}"].icon().isNull()
    annotating.key(Qt.Key.Key_R, SHIFT)
    assert annotating.view.drawing_tool == "roi"


def test_the_button_shows_a_line_until_lines_are_arrows(annotating: WindowDriver) -> None:
    action = annotating.window.actions_by_key["annotate.line"]
    looks = []
    for drawn in ("line", "arrow", "line"):
        annotating.key(Qt.Key.Key_L)
        annotating.drag((150, 150), (300, 250))
        assert kinds(annotating)[-1] == drawn
        looks.append(pixels_of(action.icon().pixmap(20, 20).toImage()))
        annotating.trigger("annotate.arrows")
    assert (looks[0] == looks[2]).all()
    assert (looks[0] != looks[1]).any()


def test_move_comes_after_a_shape_unless_that_is_not_wanted(annotating: WindowDriver) -> None:
    annotating.key(Qt.Key.Key_R)
    annotating.drag((150, 150), (300, 250))
    assert annotating.view.drawing_tool == "move"
    annotating.key(Qt.Key.Key_V)
    annotating.click(100, 100)
    annotating.click(200, 120)
    annotating.key(Qt.Key.Key_Return)
    assert annotating.view.drawing_tool == "move"
    for key, stays in ((Qt.Key.Key_Period, "point"), (Qt.Key.Key_B, "brush")):
        annotating.key(key)
        annotating.click(400, 300)
        assert annotating.view.drawing_tool == stays, "many are set in a row"
    annotating.trigger("annotate.return_to_move")
    annotating.key(Qt.Key.Key_O)
    annotating.drag((350, 150), (450, 250))
    assert annotating.view.drawing_tool == "ellipse"
    assert kinds(annotating) == ["rectangle", "line", "points", "polygon", "ellipse"]


def middle_click(driver: WindowDriver, tremble: int = 0) -> None:
    canvas, at = driver.view.canvas, QPoint(200, 200)
    QTest.mousePress(canvas, MIDDLE, pos=at)
    if tremble:
        QTest.mouseMove(canvas, at + QPoint(tremble, 0))
    QTest.mouseRelease(canvas, MIDDLE, pos=at + QPoint(tremble, 0))


def test_the_middle_button_changes_between_move_and_the_last_tool(annotating: WindowDriver) -> None:
    annotating.key(Qt.Key.Key_O)
    middle_click(annotating)
    assert annotating.view.drawing_tool == "move"
    middle_click(annotating, tremble=3)
    assert annotating.view.drawing_tool == "ellipse", "3 pixels are still a click"
    middle_click(annotating, tremble=30)
    assert annotating.view.drawing_tool == "ellipse", "that was a drag of the slide"
    annotating.key(Qt.Key.Key_P)
    annotating.click(100, 100)
    middle_click(annotating)
    assert annotating.view.drawing_tool == "polygon", "an outline begun is not given up"
    annotating.key(Qt.Key.Key_Escape)
    annotating.key(Qt.Key.Key_Tab)
    middle_click(annotating)
    assert annotating.view.drawing_tool is None, "in View mode there are no tools"


def test_s_held_selects_by_drawing(annotating: WindowDriver) -> None:
    annotating.key(Qt.Key.Key_Period)
    annotating.click(200, 200)
    annotating.click(500, 400)
    first = annotating.view.document.snapshot.ids()[0]
    annotating.key(Qt.Key.Key_R)
    QTest.keyPress(annotating.view.canvas, Qt.Key.Key_S)
    assert annotating.window.actions_by_key["annotate.selecting"].isChecked()
    annotating.drag((150, 150), (250, 250))
    QTest.keyRelease(annotating.view.canvas, Qt.Key.Key_S)
    assert annotating.view.selected_ids == (first,)
    assert kinds(annotating) == ["points", "points"]
    annotating.key(Qt.Key.Key_R)
    annotating.drag((150, 150), (250, 250))
    assert kinds(annotating) == ["points", "points", "rectangle"]
    annotating.key(Qt.Key.Key_S, SHIFT)
    annotating.key(Qt.Key.Key_O)
    annotating.drag((100, 100), (300, 300))
    assert len(annotating.view.selected_ids) == 2
    assert len(kinds(annotating)) == 3


def wheel(driver: WindowDriver, notches: int, keys: Qt.KeyboardModifier) -> None:
    canvas, at = driver.view.canvas, QPointF(200, 200)
    event = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_ctrl_and_the_wheel_fade_everything_over_the_slide(annotating: WindowDriver) -> None:
    view = annotating.view
    wheel(annotating, -4, CTRL)
    assert annotating.window.settings.drawing.overlay_opacity == pytest.approx(0.8)
    assert view.annotation_layer.opacity == view.drawing.labels.opacity == pytest.approx(0.8)
    shown = annotating.window.settings.heat_map_opacity
    assert view.heat_map_layer.opacity == pytest.approx(0.8 * shown)
    wheel(annotating, -100, CTRL)
    assert annotating.window.settings.drawing.overlay_opacity == pytest.approx(0.1)
    wheel(annotating, 100, CTRL)
    assert view.annotation_layer.opacity == 1


def test_choices_are_kept_for_the_next_start(annotating: WindowDriver) -> None:
    annotating.key(Qt.Key.Key_B)
    annotating.key(Qt.Key.Key_BracketRight)
    annotating.key(Qt.Key.Key_N)
    annotating.window._write_settings()
    kept = read_settings(annotating.window._settings_file).drawing
    assert kept.brush_size == pytest.approx(57.5)
    assert not kept.names
    assert not annotating.view.drawing.labels.names


def test_roi_options_are_taken_at_once(annotating: WindowDriver) -> None:
    annotating.key(Qt.Key.Key_R, SHIFT)
    annotating.trigger("annotate.roi_options")
    dialog = annotating.window.dialogs.shown
    assert isinstance(dialog, RoiOptionsDialog)
    assert not dialog.area_box.isVisible()
    dialog.shape_box.setCurrentIndex(dialog.shape_box.findData("stamp"))
    dialog.shape_box.activated.emit(3)
    dialog.unit_box.setCurrentIndex(dialog.unit_box.findData("mm2"))
    dialog.unit_box.activated.emit(1)
    assert dialog.area_box.isVisible()
    assert not dialog.width_box.isVisible()
    dialog.area_box.setValue(0.01)
    dialog.state_box.setCurrentIndex(1)
    dialog.state_box.activated.emit(1)
    dialog.close()
    annotating.click(350, 250)
    (roi,) = annotating.view.document.snapshot.iter_annotations()
    assert roi.roi == "exhaustive"
    ring = roi.parts[0][0]
    assert (ring.max(0) - ring.min(0)).tolist() == pytest.approx([200, 200]), "100 µm at 0.5 µm per pixel"


def test_one_finger_draws_and_two_move_the_slide(annotating: WindowDriver) -> None:
    canvas = annotating.view.canvas
    annotating.key(Qt.Key.Key_R)
    screen = QTest.createTouchDevice()
    finger = QTest.touchEvent(canvas, screen)
    before = canvas.viewport
    finger.press(0, QPoint(200, 200), canvas).commit()
    for step in range(1, 6):
        finger.move(0, QPoint(200 + 20 * step, 200 + 10 * step), canvas).commit()
    finger.release(0, QPoint(300, 250), canvas).commit()
    annotating.wait(lambda: kinds(annotating) == ["rectangle"])
    assert canvas.viewport == before
    annotating.key(Qt.Key.Key_P)
    annotating.click(100, 100)
    polygon = canvas.tool
    fingers = QTest.touchEvent(canvas, screen)
    fingers.press(0, QPoint(250, 200), canvas).commit()
    fingers.stationary(0).press(1, QPoint(350, 200), canvas).commit()
    for step in range(1, 9):
        fingers.move(0, QPoint(250 - 10 * step, 200), canvas)
        fingers.move(1, QPoint(350 + 10 * step, 200), canvas).commit()
        annotating.qtbot.wait(2)
    fingers.release(0, QPoint(170, 200), canvas).release(1, QPoint(430, 200), canvas).commit()
    assert canvas.viewport.downsample < before.downsample / 1.5
    assert len(polygon.vertices) == 1  # type: ignore[union-attr]


def stylus(end: QPointingDevice.PointerType) -> QPointingDevice:
    return QPointingDevice(
        "pen",
        9,
        QInputDevice.DeviceType.Stylus,
        end,
        QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
        1,
        1,
        "",
        QPointingDeviceUniqueId(),
    )


def test_the_other_end_of_a_pen_takes_away(annotating: WindowDriver) -> None:
    canvas = annotating.view.canvas
    annotating.key(Qt.Key.Key_R)
    annotating.drag((200, 200), (300, 300))
    (whole,) = annotating.view.document.snapshot.iter_annotations()
    eraser = stylus(QPointingDevice.PointerType.Eraser)
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    annotating.key(Qt.Key.Key_R)
    for kind, x, y, button, buttons in (
        (QEvent.Type.MouseButtonPress, 250, 150, left, left),
        (QEvent.Type.MouseMove, 300, 250, none, left),
        (QEvent.Type.MouseMove, 350, 350, none, left),
        (QEvent.Type.MouseButtonRelease, 350, 350, left, none),
    ):
        place, no_keys = QPointF(annotating.at(x, y)), Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(kind, place, canvas.mapToGlobal(place), button, buttons, no_keys, eraser)
        QApplication.sendEvent(canvas, event)
    (rest,) = annotating.view.document.snapshot.iter_annotations()
    assert rest.id == whole.id
    assert area_px(rest) == pytest.approx(area_px(whole) / 2, rel=0.05)


def test_a_pen_draws_as_a_mouse_does(annotating: WindowDriver) -> None:
    canvas = annotating.view.canvas
    pen = stylus(QPointingDevice.PointerType.Pen)
    at, none = QPointF(200, 200), Qt.MouseButton.NoButton
    left, no_keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    tablet = QTabletEvent(
        QEvent.Type.TabletPress, pen, at, canvas.mapToGlobal(at), 0.5, 0, 0, 0, 0, 0, no_keys, left, left
    )
    QApplication.sendEvent(canvas, tablet)
    assert not tablet.isAccepted(), "so that Qt makes a mouse of it"
    annotating.key(Qt.Key.Key_R)
    steps = [
        (QEvent.Type.MouseButtonPress, QPointF(200.4, 200.2), left, left),
        (QEvent.Type.MouseMove, QPointF(260.5, 240.5), none, left),
        (QEvent.Type.MouseMove, QPointF(300.5, 270.5), none, left),
        (QEvent.Type.MouseButtonRelease, QPointF(300.5, 270.5), left, none),
    ]
    corners = [canvas.viewport.slide_point(canvas.device_point(steps[index][1])) for index in (0, 2)]
    for kind, place, button, buttons in steps:
        event = QMouseEvent(kind, place, canvas.mapToGlobal(place), button, buttons, no_keys, pen)
        QApplication.sendEvent(canvas, event)
    (shape,) = annotating.view.document.snapshot.iter_annotations()
    ring = shape.parts[0][0]
    assert ring.min(0).tolist() == pytest.approx(list(corners[0]), abs=0.01), "also between pixels"
    assert ring.max(0).tolist() == pytest.approx(list(corners[1]), abs=0.01)


def test_a_note_is_typed_in_the_window(annotating: WindowDriver) -> None:
    annotating.key(Qt.Key.Key_T)
    annotating.click(300, 250)
    editor = annotating.view.canvas.findChild(NoteEditor)
    assert editor is not None
    QTest.keyClicks(editor, "Mr. B 1.")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    (note,) = annotating.view.document.snapshot.iter_annotations()
    assert note.name == "Mr. B 1.", "letters that are keys of tools are typed"
    assert annotating.view.drawing_tool == "move"


def test_areas_are_filled_by_a_key_and_stay_so_for_the_next_slide(
    annotating: WindowDriver, slide_without_mpp: Path
) -> None:
    annotating.key(Qt.Key.Key_F, SHIFT)
    assert annotating.window.settings.drawing.filled
    assert annotating.window.actions_by_key["view.filled"].isChecked()
    annotating.open(slide_without_mpp)
    assert "filled" in annotating.view.facts()
    annotating.key(Qt.Key.Key_F, SHIFT)
    assert not annotating.window.settings.drawing.filled


def test_how_much_of_what_is_changed_is_locked_is_told(annotating: WindowDriver) -> None:
    view = annotating.view
    view.document.add([square(200, 200, locked=True), square(400, 200)], "Add")
    told: list[Exception] = []
    view.document.failed.connect(told.append)
    annotating.key(Qt.Key.Key_M)
    view.selection.set([found.id for found in view.document.snapshot.iter_annotations()])
    annotating.key(Qt.Key.Key_1)
    classes = [found.class_name for found in view.document.snapshot.iter_annotations()]
    assert set(classes) == {None, "Tumor"}
    annotating.trigger("annotate.rotate")
    dialog = annotating.window.findChild(RotateShapesDialog)
    assert dialog is not None
    dialog.chosen.emit(30.0)
    assert len(told) == 2
    assert all("not changed: 1." in str(error) for error in told)
