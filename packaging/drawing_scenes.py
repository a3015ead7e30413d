"""What there is to see of drawing: lines, notes, the brush at work, regions of interest and their options.

A scene brings the window to a state, takes its pictures and leaves the window as it was. One of them is the
manual's. GUI thread.
"""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from studio import Shares, Studio

from desktop_app.storage.drawing_settings import DrawingSettings
from desktop_app.ui.tools.note_tool import NoteEditor

NOTE = "Budding here?"


def shoot_drawing(studio: Studio) -> None:
    """Every scene, on the first slide."""
    studio.tidy()
    studio.open_slide()
    with studio.narrow():
        studio.look(5, (0.5, 0.5))
        draw_lines_and_notes(studio)
        draw_regions(studio)
        show_brush(studio)
    show_roi_options(studio)
    studio.window.current.document.remove(studio.window.current.document.snapshot.ids())
    choose(studio, DrawingSettings())
    studio.window.set_mode("view")
    studio.close_slides()


def choose(studio: Studio, drawing: DrawingSettings) -> None:
    """Draw with other choices."""
    studio.window.change_settings(replace(studio.window.settings, drawing=drawing))


def draw_lines_and_notes(studio: Studio) -> None:
    """An arrow and a note of the class in hand."""
    choose(studio, DrawingSettings(arrows=True))
    studio.window.set_mode("annotate")
    studio.settle()  # the tool bar asks for more room in this mode
    studio.press("annotate.line", "annotate.class_1")
    studio.drag((0.40, 0.40), (0.46, 0.46))
    studio.press("annotate.note", "annotate.class_5")
    studio.click(studio.at((0.56, 0.44)))
    editor = studio.window.current.canvas.findChild(NoteEditor)
    QTest.keyClicks(editor, NOTE)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def draw_regions(studio: Studio) -> None:
    """A ROI that is open and one that is annotated in full, with a name."""
    for exhaustive, corners in ((False, ((0.37, 0.36), (0.52, 0.64))), (True, ((0.54, 0.49), (0.63, 0.64)))):
        choose(studio, DrawingSettings(roi_exhaustive=exhaustive))
        studio.press("annotate.roi")
        studio.drag(*corners)
    document = studio.window.current.document
    (roi,) = [found for found in document.snapshot.iter_annotations() if found.roi == "exhaustive"]
    document.change("Name", before=[roi], after=[replace(roi, name="Hot spot")])


def show_brush(studio: Studio) -> None:
    """The brush in the middle of a stroke."""
    studio.press("annotate.brush", "annotate.class_1")
    studio.window.current.selection.clear()
    path: list[Shares] = [(0.40 + step / 200, 0.55 + 0.02 * math.sin(step / 3)) for step in range(17)]
    studio.drag_points(*map(studio.at, path), let_go=False)
    view = studio.window.current
    studio.shoot("drawing", manual=[view.canvas, studio.window.tool_bar])
    QTest.mouseRelease(view.canvas, Qt.MouseButton.LeftButton, pos=studio.at(path[-1]))


def show_roi_options(studio: Studio) -> None:
    """The dialog, for each way to give a size."""
    for unit in ("um", "mm2", "px"):
        choose(studio, DrawingSettings(roi_shape="stamp", stamp_unit=unit))
        studio.press("annotate.roi_options")
        studio.shoot(f"roi-options-{unit}")
        studio.close_dialog()
