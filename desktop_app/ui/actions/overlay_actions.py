"""What lies over the slide: grid, field circle, crosshair, measuring; and what the minimap shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.storage.overlay_settings import MINIMAP_SIZES
from desktop_app.ui.actions.action_spec import ANNOTATE, ActionSpec, Handler, needs
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.overlays.view_overlays import InspectionTool

NEEDS_MPP = marked("Needs the slide's pixel size: Slide, Set pixel size.")

SIZE_NAMES = (marked("S&mall"), marked("M&edium"), marked("&Large"))


def _switch(name: str) -> Handler:
    return lambda window: window.overlays.switch(name)


def _inspect(name: InspectionTool) -> Handler:
    return lambda window: window.overlays.inspect(name)


def _size(index: int) -> Handler:
    return lambda window: window.overlays.change(minimap_size=MINIMAP_SIZES[index])


def _grid_and_field(window: MainWindow) -> None:
    window.overlays.ask_grid_and_field()


def _pin_field(window: MainWindow) -> None:
    window.overlays.pin_field()


def _clear(window: MainWindow) -> None:
    window.current.overlays.measurements.clear()


def _keep(window: MainWindow) -> None:
    window.overlays.keep_measurements()


def _forget(window: MainWindow) -> None:
    window.overlays.coverage.forget(window.current)


OVERLAY_ACTIONS = (
    ActionSpec(
        "overlay.grid",
        marked("&Grid"),
        "view/overlays",
        _switch("grid"),
        shortcut="Shift+G",
        checked_when="overlay_grid",
        needs=needs("slide"),
        tip=marked("Lines of known spacing; in pixels where the pixel size is unknown."),
    ),
    ActionSpec(
        "overlay.field",
        marked("&High-power field"),
        "view/overlays",
        _switch("field"),
        shortcut="Shift+H",
        checked_when="overlay_field",
        needs=needs("slide", "mpp"),
        tip=NEEDS_MPP,
    ),
    ActionSpec(
        "overlay.field_pinned",
        marked("&Pin the field to the slide"),
        "view/overlays",
        _pin_field,
        checked_when="field_pinned",
        needs=needs("slide", "mpp"),
        tip=marked("Otherwise it stays in the middle of the view."),
    ),
    ActionSpec(
        "overlay.field_placed",
        marked("P&lace the field"),
        "view/overlays",
        _inspect("place_field"),
        shortcut="Ctrl+Shift+F",
        checked_when="inspect_place_field",
        needs=needs("slide", "mpp"),
        tip=marked("Click where it goes; Esc ends it."),
    ),
    ActionSpec(
        "overlay.crosshair",
        marked("&Crosshair"),
        "view/overlays",
        _switch("crosshair"),
        shortcut="Shift+X",
        checked_when="overlay_crosshair",
        needs=needs("slide"),
        tip=marked("Marks the middle of the view."),
    ),
    ActionSpec(
        "overlay.settings",
        marked("Grid and &field…"),
        "view/overlays",
        _grid_and_field,
        needs=needs("slide"),
        tip=marked("The grid's spacing and the field's area."),
        starts_group=True,
    ),
    ActionSpec(
        "measure.ruler",
        marked("&Ruler"),
        "view/measure",
        _inspect("ruler"),
        shortcut="Shift+M",
        checked_when="inspect_ruler",
        needs=needs("slide"),
        icon="ruler",
        tip=marked("Drag, or click twice; Shift keeps to the slide's sides. Nothing is changed by it."),
    ),
    ActionSpec(
        "measure.angle",
        marked("&Angle"),
        "view/measure",
        _inspect("angle"),
        shortcut="Shift+V",
        checked_when="inspect_angle",
        needs=needs("slide"),
        icon="angle",
        tip=marked("Click the end of one arm, the vertex, and the end of the other."),
    ),
    ActionSpec(
        "measure.clear",
        marked("&Clear measurements"),
        "view/measure",
        _clear,
        needs=needs("slide", "measurements"),
        starts_group=True,
    ),
    ActionSpec(
        "measure.keep",
        marked("&Keep measurements as annotations"),
        "view/measure",
        _keep,
        modes=ANNOTATE,
        needs=needs("slide", "writable", "measurements"),
        tip=marked("As lines of the class in hand, in Annotate mode."),
    ),
    ActionSpec(
        "minimap.coverage",
        marked("What has been &seen"),
        "view/minimap",
        _switch("minimap_coverage"),
        shortcut="Ctrl+Shift+M",
        checked_when="overlay_minimap_coverage",
        needs=needs("slide", "minimap"),
        tip=marked("Colors what was in a resting view, by its magnification."),
    ),
    ActionSpec(
        "minimap.heat_map",
        marked("&Heat map"),
        "view/minimap",
        _switch("minimap_heat_map"),
        checked_when="overlay_minimap_heat_map",
        needs=needs("slide", "minimap"),
        tip=marked("Where it is shown on the slide, too."),
    ),
    ActionSpec(
        "minimap.annotations",
        marked("&Annotations"),
        "view/minimap",
        _switch("minimap_annotations"),
        checked_when="overlay_minimap_annotations",
        needs=needs("slide", "minimap"),
        tip=marked("Where they are shown on the slide, too."),
    ),
    ActionSpec(
        "minimap.bookmarks",
        marked("&Bookmarks"),
        "view/minimap",
        _switch("minimap_bookmarks"),
        checked_when="overlay_minimap_bookmarks",
        needs=needs("slide", "minimap"),
        tip=marked("A dot where each one is."),
    ),
    *(
        ActionSpec(
            f"minimap.size_{index}",
            text,
            "view/minimap",
            _size(index),
            checked_when=f"minimap_size_{index}",
            needs=needs("slide", "minimap"),
            starts_group=index == 0,
        )
        for index, text in enumerate(SIZE_NAMES)
    ),
    ActionSpec(
        "coverage.record",
        marked("&Record what has been seen"),
        "view/minimap",
        _switch("record_coverage"),
        checked_when="overlay_record_coverage",
        tip=marked("Kept on this machine only, for each slide; never exported."),
        starts_group=True,
    ),
    ActionSpec(
        "coverage.forget",
        marked("&Forget what has been seen"),
        "view/minimap",
        _forget,
        needs=needs("slide", "coverage"),
    ),
)
