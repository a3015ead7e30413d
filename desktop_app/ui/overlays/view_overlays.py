"""What one view shows over its slide besides annotations and heat map: grid, circle, crosshair, measurements.

Looking and measuring change nothing in the document, so all of it works in View mode too. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from typing import Literal, TypeAlias

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.storage.overlay_settings import OverlaySettings
from desktop_app.ui.actions.action_spec import Fact
from desktop_app.ui.canvas import CanvasLayer, CanvasTool, SlideCanvas
from desktop_app.ui.canvas_layers.crosshair_layer import CrosshairLayer
from desktop_app.ui.canvas_layers.field_layer import FieldLayer
from desktop_app.ui.canvas_layers.grid_layer import CORNER, GridLayer
from desktop_app.ui.canvas_layers.measurement_layer import MeasurementLayer
from desktop_app.ui.canvas_layers.overlay_notes import OverlayNotes
from desktop_app.ui.models.measurements import Measurements
from desktop_app.ui.tools.field_tool import FieldTool
from desktop_app.ui.tools.measure_tool import MeasureTool

InspectionTool: TypeAlias = Literal["ruler", "angle", "place_field"]
"""The tools that look and measure, in either mode."""


class ViewOverlays(QObject):
    """The overlays of one view.

    Parameters
    ----------
    canvas : SlideCanvas
        Gets the layers; it shows its slide already.
    put_away : Callable[[], None]
        Called by a tool that the user is done with.

    Attributes
    ----------
    grid, field, crosshair, measured, notes
        The layers.
    measurements : Measurements
        What has been measured.
    tools : dict[InspectionTool, CanvasTool]
        The tools that make them.

    Notes
    -----
    ``changed()`` says that the facts may have changed.
    """

    changed = Signal()

    def __init__(
        self, canvas: SlideCanvas, put_away: Callable[[], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._canvas = canvas
        info = canvas.slide_info
        self.grid = GridLayer(info.size if info is not None else (1, 1))
        self.field = FieldLayer()
        self.crosshair = CrosshairLayer()
        self.measured = MeasurementLayer()
        self.notes = OverlayNotes(self.grid, self.field)
        self.measurements = Measurements(self)
        self.measurements.changed.connect(self._show_measurements)
        self.tools: dict[InspectionTool, CanvasTool] = {
            "ruler": MeasureTool("length", self.measurements, layer=self.measured, put_away=put_away),
            "angle": MeasureTool("angle", self.measurements, layer=self.measured, put_away=put_away),
            "place_field": FieldTool(self.pin_field, put_away),
        }
        for layer in self._layers():
            canvas.add_layer(layer)
        self.follow_slide()

    def apply(self, settings: OverlaySettings) -> None:
        """Show what the user chose."""
        self.grid.visible = settings.grid
        self.grid.spacing_um, self.grid.spacing_px = settings.grid_spacing_um, settings.grid_spacing_px
        self.field.visible, self.field.area_mm2 = settings.field, settings.field_area_mm2
        self.crosshair.visible = settings.crosshair
        self._canvas.update()

    def follow_slide(self) -> None:
        """Measure with the slide's present pixel size."""
        info = self._canvas.slide_info
        mpp = info.mpp if info is not None else None
        for layer in (self.grid, self.field, self.measured):
            layer.mpp = mpp
        self._canvas.update()

    def facts(self) -> Iterator[Fact]:
        """What is true of them, for the action table."""
        if self.field.pinned is not None:
            yield "field_pinned"
        if self.grid.origin != CORNER:
            yield "grid_moved"
        if len(self.measurements):
            yield "measurements"

    def pin_field(self, place: Point | None) -> None:
        """Pin the circle to a place on the slide (level-0 pixels), or let it follow the view."""
        self.field.pinned = place
        self._canvas.update()
        self.changed.emit()

    def move_grid(self, origin: Point) -> None:
        """Let lines of the grid cross at a place, level-0 pixels."""
        self.grid.origin = origin
        self._canvas.update()
        self.changed.emit()

    def stills(self, view: Viewport, mpp: Mpp | None, *, of_view: bool) -> list[CanvasLayer]:
        """Copies of what is visible, for a picture; the crosshair belongs to the screen alone.

        Parameters
        ----------
        view : Viewport
            What the canvas shows.
        mpp : Mpp | None
            µm per level-0 pixel.
        of_view : bool
            Whether the picture is of the very view; in any other one the circle stays where it is now.
        """
        grid, field, measured = copy(self.grid), copy(self.field), copy(self.measured)
        for layer in (grid, field, measured):
            layer.mpp = mpp
        if not of_view and field.pinned is None:
            field.pinned = view.center
        shown: list[CanvasLayer] = [layer for layer in (grid, field, measured) if layer.visible]
        return [*shown, OverlayNotes(grid, field)]

    @property
    def any_shown(self) -> bool:
        """Whether a picture of the view has any of them."""
        return self.grid.visible or self.field.visible or bool(self.measurements.items)

    def _layers(self) -> tuple[CanvasLayer, ...]:
        return self.grid, self.field, self.measured, self.crosshair, self.notes

    def _show_measurements(self) -> None:
        self.measured.items = self.measurements.items
        self._canvas.update()
        self.changed.emit()
