"""The drawing tools and the classes; in Annotate mode only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_spec import ANNOTATE, ActionSpec, Handler, needs
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
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


def _tool_action(name: str, text: str, shortcut: str, tip: str) -> ActionSpec:
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
    )


ANNOTATE_ACTIONS = (
    _tool_action(
        "move", marked("&Select and move"), "M", marked("Drag a vertex or a shape; Del deletes it.")
    ),
    _tool_action("rectangle", marked("&Rectangle"), "R", marked("Drag from corner to corner.")),
    _tool_action("ellipse", marked("&Ellipse"), "O", marked("Drag from corner to corner.")),
    _tool_action(
        "polygon",
        marked("&Polygon"),
        "P",
        marked("Click for a vertex, drag to draw freely; Enter or a double click finishes."),
    ),
    _tool_action("point", marked("P&oint"), ".", marked("Click.")),
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
