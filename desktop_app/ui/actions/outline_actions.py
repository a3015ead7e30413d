"""Editing outlines: redrawing a stretch, turning, and the modes of snapping, moving and not overlapping."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from desktop_app.domain.annotation import POINT_KINDS
from desktop_app.domain.outline_editing import center_of, rotated
from desktop_app.errors import CoverslipError
from desktop_app.ui.actions.action_spec import ANNOTATE, ActionSpec, Handler, needs
from desktop_app.ui.dialogs.rotate_shapes import RotateShapesDialog
from desktop_app.ui.models.locked_ones import tell_of_locked
from desktop_app.ui.translation import marked, tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

TOLD_MS = 4000
"""How long the status bar says that a mode was switched."""


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
        tell_of_locked(view.document, view.selection)
    except CoverslipError as error:
        view.document.failed.emit(error)


def _switch(mode: Literal["move_whole", "snap", "no_overlap"], *, on: str, off: str) -> Handler:
    """Turn one of the drawing modes on or off, for good, and say so: a key may have been hit by mistake."""

    def toggle(window: MainWindow) -> None:
        drawing = window.settings.drawing
        change: dict[str, Any] = {mode: not getattr(drawing, mode)}
        window.change_settings(replace(window.settings, drawing=replace(drawing, **change)))
        window.status.showMessage(tr(on if change[mode] else off), TOLD_MS)

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
        _switch(
            "move_whole",
            on=marked("Shapes move by a drag from inside, and by the arrow keys"),
            off=marked("Shapes are pinned: a drag from inside moves the slide"),
        ),
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
        _switch("snap", on=marked("Snapping to neighbors is on"), off=marked("Snapping to neighbors is off")),
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
        _switch(
            "no_overlap",
            on=marked("No overlap: areas give way to those of other classes"),
            off=marked("Areas may overlap"),
        ),
        shortcut="X",
        modes=ANNOTATE,
        needs=needs("slide"),
        checked_when="no_overlap",
        tip=marked("New and reshaped areas give way to areas of other classes, which stay as they are."),
    ),
)
"""Under *Annotate*, *Outlines*."""
