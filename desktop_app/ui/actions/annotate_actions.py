"""The drawing tools, how they draw, and the classes; in Annotate mode, but for the names shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from desktop_app.ui.actions.action_spec import ANNOTATE, ActionSpec, Handler, needs
from desktop_app.ui.dialogs.roi_options import RoiOptionsDialog
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.storage.drawing_settings import DrawingSettings
    from desktop_app.ui.main_window import MainWindow

CLASS_KEYS = 9


def _tool(name: str) -> Handler:
    def choose(window: MainWindow) -> None:
        window.current.choose_tool(name)

    return choose


def _class(index: int | None) -> Handler:
    def choose(window: MainWindow) -> None:
        window.current.choose_class(index)

    return choose


def _take(window: MainWindow, drawing: DrawingSettings) -> None:
    window.change_settings(replace(window.settings, drawing=drawing))


def _return_to_move(window: MainWindow) -> None:
    drawing = window.settings.drawing
    _take(window, replace(drawing, return_to_move=not drawing.return_to_move))


def _arrows(window: MainWindow) -> None:
    drawing = window.settings.drawing
    _take(window, replace(drawing, arrows=not drawing.arrows))


def _names(window: MainWindow) -> None:
    drawing = window.settings.drawing
    _take(window, replace(drawing, names=not drawing.names))


def _filled(window: MainWindow) -> None:
    drawing = window.settings.drawing
    _take(window, replace(drawing, filled=not drawing.filled))


def _selecting(window: MainWindow) -> None:
    window.current.drawing.options.switch_selecting()


def _roi_options(window: MainWindow) -> None:
    dialog = RoiOptionsDialog(window.settings.drawing, parent=window)
    dialog.changed.connect(lambda drawing: _take(window, drawing))
    window.dialogs.show(dialog)


def _tool_action(name: str, text: str, shortcut: str, tip: str, **members: Any) -> ActionSpec:
    return ActionSpec(
        f"annotate.{name}",
        text,
        "annotate",
        _tool(name),
        shortcut=shortcut,
        modes=ANNOTATE,
        needs=needs("slide", "writable"),
        checked_when=f"tool_{name}",
        icon=name,
        tip=tip,
        **members,
    )


TOOL_ACTIONS = (
    _tool_action(
        "move",
        marked("&Select and move"),
        "M",
        marked(
            "Drag a vertex or an outline; click an edge for a new vertex. "
            "To select several, hold S and draw around them with another tool."
        ),
    ),
    _tool_action(
        "rectangle",
        marked("&Rectangle"),
        "R",
        marked("Drag from corner to corner; Shift makes a square, Alt subtracts from the selected area."),
    ),
    _tool_action(
        "ellipse",
        marked("&Ellipse"),
        "O",
        marked("Drag from corner to corner; Shift makes a circle, Alt subtracts from the selected area."),
    ),
    _tool_action(
        "line",
        marked("&Line or arrow"),
        "L",
        marked("Drag; Shift keeps to sides and diagonals, Alt draws an arrow instead of a line."),
        icon_when={"arrows": "arrow"},
    ),
    _tool_action(
        "polygon",
        marked("&Polygon"),
        "P",
        marked(
            "Click for a vertex, drag to draw freely; Enter or a double click finishes. "
            "Shift adds to the selected area, Alt subtracts."
        ),
    ),
    _tool_action(
        "polyline",
        marked("Pol&yline"),
        "V",
        marked("Click for a vertex, drag to draw freely; Enter or a double click finishes."),
    ),
    _tool_action(
        "brush",
        marked("&Brush"),
        "B",
        marked(
            "Paints into the selected area of the same class, or begins one. Shift adds, Alt subtracts; "
            "[ and ] or Alt and the wheel change the size."
        ),
    ),
    _tool_action("point", marked("P&oint"), ".", marked("Click; Shift adds to the selected points.")),
    _tool_action("note", marked("&Text note"), "T", marked("Click, type, Enter; Esc gives it up.")),
    _tool_action(
        "roi",
        marked("Region of &interest"),
        "Shift+R",
        marked("Drawn, or set at a fixed size by one click: Annotate, ROI options."),
    ),
    ActionSpec(
        "annotate.roi_options",
        marked("ROI options…"),
        "annotate",
        _roi_options,
        modes=ANNOTATE,
        needs=needs("slide", "writable"),
        tip=marked("What the tool draws, at which size, and how far it counts as annotated."),
    ),
    ActionSpec(
        "annotate.selecting",
        marked("Select by &drawing"),
        "annotate",
        _selecting,
        shortcut="Shift+S",
        modes=ANNOTATE,
        needs=needs("slide", "writable"),
        checked_when="selecting",
        tip=marked("What is drawn selects what it encloses; also while S is held."),
        starts_group=True,
    ),
    ActionSpec(
        "annotate.return_to_move",
        marked("Back to &moving after each shape"),
        "annotate",
        _return_to_move,
        modes=ANNOTATE,
        needs=needs("slide"),
        checked_when="return_to_move",
    ),
    ActionSpec(
        "annotate.arrows",
        marked("Lines are &arrows"),
        "annotate",
        _arrows,
        modes=ANNOTATE,
        needs=needs("slide"),
        checked_when="arrows",
    ),
    ActionSpec(
        "view.names",
        marked("&Names of annotations"),
        "view/overlays",
        _names,
        shortcut="N",
        needs=needs("slide"),
        checked_when="names_shown",
        tip=marked("Where more than 300 would be in view, of the largest only."),
    ),
    ActionSpec(
        "view.filled",
        marked("&Filled areas"),
        "view/overlays",
        _filled,
        shortcut="Shift+F",
        needs=needs("slide"),
        checked_when="filled",
        tip=marked("A faint tint; ROIs, tissue and classes that end with * stay outlines."),
    ),
)
"""The tools in QuPath's order, and their choices."""

ANNOTATE_ACTIONS = (
    *TOOL_ACTIONS,
    ActionSpec(
        "annotate.class_0",
        marked("No class"),
        "annotate/class",
        _class(None),
        shortcut="0",
        modes=ANNOTATE,
        needs=needs("slide", "writable"),
        checked_when="class_0",
    ),
    *(
        ActionSpec(
            f"annotate.class_{number}",
            marked("Class {number}"),
            "annotate/class",
            _class(number - 1),
            shortcut=str(number),
            modes=ANNOTATE,
            needs=needs("slide", "writable", f"has_class_{number}"),
            checked_when=f"class_{number}",
        )
        for number in range(1, CLASS_KEYS + 1)
    ),
)
