"""The window's hand on what lies over its slides: the actions end here, and the minimap is kept in line.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPoint

from desktop_app.domain.shapes import drawn
from desktop_app.domain.viewport import Point
from desktop_app.errors import CoverslipError
from desktop_app.storage.overlay_settings import MINIMAP_SIZES
from desktop_app.ui.actions.action_spec import Fact
from desktop_app.ui.canvas_layers.grid_layer import CORNER
from desktop_app.ui.dialogs.grid_and_field import GridAndFieldDialog
from desktop_app.ui.overlays.coverage_desk import CoverageDesk
from desktop_app.ui.overlays.view_overlays import InspectionTool
from desktop_app.ui.translation import marked, tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

MINIMAP_MENU = "view/minimap"

HINTS: dict[InspectionTool, str] = {
    "ruler": marked("Drag, or click twice. Ends can be dragged; Esc clears the last, Del all."),
    "angle": marked(
        "Click the end of one arm, the vertex, the end of the other. Esc clears the last, Del all."
    ),
    "place_field": marked("Click where the circle goes. Esc ends it."),
}
HINT_MS = 5_000

SWITCHES = (
    "grid",
    "field",
    "crosshair",
    "minimap_coverage",
    "minimap_heat_map",
    "minimap_annotations",
    "minimap_bookmarks",
    "record_coverage",
)
"""Members of the settings that an action turns on and off; ``overlay_`` before its name is the fact."""


class OverlayDesk:
    """Overlays, minimap and coverage of a window.

    Parameters
    ----------
    window : MainWindow
        Whose views they are on.

    Attributes
    ----------
    coverage : CoverageDesk
        What has been seen.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._views: set[SlideView] = set()
        self._applied = window.settings.overlays
        self.coverage = CoverageDesk(window)

    def add_view(self, view: SlideView) -> None:
        """Take care of a new view."""
        self.coverage.add_view(view)
        minimap = view.canvas.minimap
        minimap.set_layer("heat_map", view.heat_map_layer)
        minimap.set_layer("annotations", view.annotation_layer)
        view.state_changed.connect(minimap.refresh)
        bookmarks = self._window.navigation.bookmarks.of(view)
        bookmarks.changed.connect(partial(self._show_pins, view))
        minimap.customContextMenuRequested.connect(partial(self._show_menu, view))
        self._views.add(view)
        self._apply_to(view)

    def remove_view(self, view: SlideView) -> None:
        """Let go of a view that is about to be closed."""
        self._views.discard(view)
        self.coverage.remove_view(view)

    def apply_settings(self) -> None:
        """Show on every view what the user chose."""
        settings = self._window.settings.overlays
        if settings == self._applied:
            return
        self._applied = settings
        for view in self._views:
            self._apply_to(view)
            self.coverage.apply_settings(view)

    def facts(self) -> Iterator[Fact]:
        """What is true of the overlays, for the action table."""
        settings = self._window.settings.overlays
        yield from (f"overlay_{name}" for name in SWITCHES if getattr(settings, name))
        yield f"minimap_size_{MINIMAP_SIZES.index(settings.minimap_size)}"
        view = self._window.front
        if view is not None and not self.coverage.record_of(view).coverage.is_empty:
            yield "coverage"

    def change(self, **changes: Any) -> None:
        """Take over another choice, for every view."""
        settings = self._window.settings
        self._window.change_settings(replace(settings, overlays=replace(settings.overlays, **changes)))

    def switch(self, name: str) -> None:
        """Turn one of ``SWITCHES`` on or off."""
        self.change(**{name: not getattr(self._window.settings.overlays, name)})

    def ask_grid_and_field(self) -> None:
        """Let the user set spacing and area, seen at once."""
        view = self._window.current
        settings = self._window.settings.overlays
        dialog = GridAndFieldDialog(settings, calibrated=view.info.mpp is not None, parent=self._window)
        dialog.changed.connect(lambda chosen: self.change(**asdict(chosen)))
        dialog.grid_here_wanted.connect(lambda: self._move_grid(view, view.canvas.viewport.center))
        dialog.grid_corner_wanted.connect(lambda: self._move_grid(view, CORNER))
        self._window.dialogs.show(dialog)

    def pin_field(self) -> None:
        """Pin the circle to what is in the middle of the view, or let it follow the view again."""
        view = self._window.current
        free = view.overlays.field.pinned is None
        view.overlays.pin_field(view.canvas.viewport.center if free else None)
        if free:
            self.change(field=True)

    def inspect(self, name: InspectionTool) -> None:
        """Take a tool in hand and say how it is used; put it away if it is in hand."""
        view = self._window.current
        if view.inspection == name:
            view.inspect(None)
            return
        if name == "place_field":
            self.change(field=True)
        view.inspect(name)
        self._window.status.show_hint(tr(HINTS[name]), HINT_MS)

    def keep_measurements(self) -> None:
        """Make annotations of the measurements, as one step."""
        view = self._window.current
        name, author = view.class_choice.name, view.document.author
        lines = [np.asarray(item.points, dtype=np.float64) for item in view.overlays.measurements.items]
        shapes = [drawn("line", ((line,),), class_name=name, author=author) for line in lines]
        try:
            view.document.add(shapes, tr("Keep measurements"))
        except CoverslipError as error:
            view.failed.emit(error)
        else:
            view.overlays.measurements.clear()

    def _move_grid(self, view: SlideView, origin: Point) -> None:
        view.overlays.move_grid(origin)
        self.change(grid=True)

    def _apply_to(self, view: SlideView) -> None:
        settings, minimap = self._window.settings.overlays, view.canvas.minimap
        minimap.largest = settings.minimap_size
        minimap.show_layer("heat_map", settings.minimap_heat_map)
        minimap.show_layer("annotations", settings.minimap_annotations)
        self._show_pins(view)

    def _show_pins(self, view: SlideView) -> None:
        if view in self._views:
            wanted = self._window.settings.overlays.minimap_bookmarks
            bookmarks = self._window.navigation.bookmarks.of(view).bookmarks if wanted else ()
            view.canvas.minimap.set_pins([bookmark.center for bookmark in bookmarks])

    def _show_menu(self, view: SlideView, place: QPoint) -> None:
        menu = self._window.actions_by_key.menu(MINIMAP_MENU)
        menu.popup(view.canvas.minimap.mapToGlobal(place))
