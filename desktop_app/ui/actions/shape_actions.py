"""What can be done with whole shapes: combining, splitting, growing, simplifying; in Annotate mode only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_spec import ANNOTATE, ActionSpec, Fact, Handler, needs
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


def _do(name: str) -> Handler:
    def do(window: MainWindow) -> None:
        window.shapes.do(name)

    return do


def _ask(name: str) -> Handler:
    def ask(window: MainWindow) -> None:
        window.shapes.ask(name)

    return ask


def _inverse(window: MainWindow) -> None:
    window.shapes.make_inverse()


def _shape(name: str, text: str, handler: Handler, fact: Fact, tip: str) -> ActionSpec:
    return ActionSpec(
        f"shape.{name}",
        text,
        "annotate/shape",
        handler,
        modes=ANNOTATE,
        needs=needs("slide", "writable", fact),
        tip=tip,
        starts_group=name in {"split", "fill", "simplify"},
    )


SHAPE_ACTIONS = (
    _shape(
        "merge",
        marked("&Merge"),
        _do("merge"),
        "two_areas",
        marked("The selected areas become one; it keeps the class and name of the first."),
    ),
    _shape(
        "subtract",
        marked("&Subtract from the first"),
        _do("subtract"),
        "two_areas",
        marked("The area selected first loses what the others cover; they go."),
    ),
    _shape(
        "subtract_from_last",
        marked("Subtract from the &last"),
        _do("subtract_from_last"),
        "two_areas",
        marked("The area selected last loses what the others cover; they go."),
    ),
    _shape(
        "intersect",
        marked("&Intersect"),
        _do("intersect"),
        "two_areas",
        marked("Only what all selected areas cover stays."),
    ),
    _shape(
        "exclusive",
        marked("E&xclusive"),
        _do("exclusive"),
        "two_areas",
        marked("What two selected areas share goes; the rest becomes one."),
    ),
    _shape(
        "split",
        marked("S&plit by a line"),
        _do("split"),
        "area_and_line",
        marked("The selected areas are cut along the selected lines; the lines go."),
    ),
    _shape(
        "separate",
        marked("Separate p&arts"),
        _do("separate"),
        "area_selected",
        marked("Each part of an area in several parts becomes an object of its own."),
    ),
    _shape(
        "fill", marked("&Fill holes…"), _ask("fill"), "area_selected", marked("All holes, or the small ones.")
    ),
    _shape(
        "ring",
        marked("Make &ring…"),
        _ask("ring"),
        "area_selected",
        marked("A band along the border of the selected areas becomes a new object."),
    ),
    _shape(
        "grow",
        marked("&Expand or shrink…"),
        _ask("grow"),
        "area_selected",
        marked("Moves the border by a distance."),
    ),
    _shape(
        "hull",
        marked("&Convex hull"),
        _do("hull"),
        "selection",
        marked("The smallest area without dents that holds the selected one."),
    ),
    _shape(
        "inverse",
        marked("In&verse"),
        _inverse,
        "area_selected",
        marked("What the selected areas leave of the tissue, or of the slide, becomes a new object."),
    ),
    _shape(
        "simplify",
        marked("Simplif&y…"),
        _ask("simplify"),
        "outline_selected",
        marked("Fewer vertices, within a deviation of your choice."),
    ),
    _shape(
        "smooth",
        marked("Smoot&h…"),
        _ask("smooth"),
        "outline_selected",
        marked("Outlines without their jitter."),
    ),
)
