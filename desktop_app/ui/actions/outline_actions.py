"""Editing outlines: redrawing a stretch, turning, and the modes of snapping, moving and not overlapping."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from desktop_app.domain.annotation import POINT_KINDS
from desktop_app.domain.outline_editing import center_of, rotated
from desktop_app.errors import CoverslipError
from desktop_app.ui.actions.action_spec import ANNOTATE, ActionSpec, Handler, needs
from desktop_app.ui.dialogs.rotate_shapes import RotateShapesDialog
from desktop_app.ui.translation import marked, tr

if TYPE_CHECKING:
    from desktop_app.storage.drawing_settings import DrawingSettings
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView


def _reshape(window: MainWindow) -> None:
    window.current.choose_tool("reshape")


def _rotate(window: MainWindow) -> None:
    view = window.current
    dialog = RotateShapesDialog(window)
    dialog.chosen.connect(lambda degrees: _turn(view, degrees))
    window.dialogs.show(dialog)


def _turn(view: SlideView, degrees: float) -> None:
    """Turn each selected shape about its own middle, as one step; locked ones and points stay."""
    chosen = view.selection.annotations()
    before = [found for found in chosen if not found.locked and found.kind not in POINT_KINDS]
    after = [rotated(found, degrees, center_of(found)) for found in before]
    try:
        view.document.change(tr("Rotate"), before=before, after=after)
    except CoverslipError as error:
        view.document.failed.emit(error)


def _switch(changed: Callable[[DrawingSettings], DrawingSettings]) -> Handler:
    """Turn one of the drawing modes on or off, for good."""

    def toggle(window: MainWindow) -> None:
        window.change_settings(replace(window.settings, drawing=changed(window.settings.drawing)))

    return toggle


OUTLINE_ACTIONS = (
    ActionSpec(
        "annotate.reshape",
        marked("Res&hape outline"),
        "annotate/outline",
        _reshape,
        shortcut="E",
        modes=ANNOTATE,
        needs=needs("slide", "writable"),
        checked_when="tool_reshape",
        icon="reshape",
        tip=marked(
            "Draw from one place of the selected outline to another; Ctrl replaces the longer way round. "
            "The select tool does it with Shift."
        ),
    ),
    ActionSpec(
        "annotate.rotate",
        marked("Rota&te…"),
        "annotate/outline",
        _rotate,
        modes=ANNOTATE,
        needs=needs("slide", "writable", "selection"),
        tip=marked("By an angle; or drag the round handle above the selected shape."),
    ),
    ActionSpec(
        "annotate.move_whole",
        marked("Move &whole shapes"),
        "annotate/outline",
        _switch(lambda drawing: replace(drawing, move_whole=not drawing.move_whole)),
        modes=ANNOTATE,
        starts_group=True,
        needs=needs("slide"),
        checked_when="move_whole",
        tip=marked(
            "A drag inside a selected shape moves it, arrow keys nudge it; otherwise drag its outline, "
            "or hold Ctrl."
        ),
    ),
    ActionSpec(
        "annotate.snap",
        marked("S&nap to neighbors"),
        "annotate/outline",
        _switch(lambda drawing: replace(drawing, snap=not drawing.snap)),
        shortcut="J",
        modes=ANNOTATE,
        needs=needs("slide"),
        checked_when="snap",
        tip=marked("What is drawn or dragged goes to a border within 8 pixels on the screen."),
    ),
    ActionSpec(
        "annotate.no_overlap",
        marked("N&o overlap"),
        "annotate/outline",
        _switch(lambda drawing: replace(drawing, no_overlap=not drawing.no_overlap)),
        shortcut="X",
        modes=ANNOTATE,
        needs=needs("slide"),
        checked_when="no_overlap",
        tip=marked("New and reshaped areas give way to areas of other classes, which stay as they are."),
    ),
)
"""Under *Annotate*, *Outlines*."""
