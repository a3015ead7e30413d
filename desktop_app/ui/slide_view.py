"""One open slide in the window: canvas, layers, tools and the panels that belong to its document.

Several views may show one document; the last one to go closes it and the slide behind it. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.domain.annotation import AnnotationClass
from desktop_app.domain.edits import AnnotationChange
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.viewport import Point
from desktop_app.engine.job import HeatMapUpdate, MppOverride
from desktop_app.errors import CoverslipError
from desktop_app.storage.settings import Settings
from desktop_app.ui.actions.action_spec import Fact, Mode
from desktop_app.ui.canvas import CanvasTool, HeatMapLayer, SlideCanvas
from desktop_app.ui.canvas.view_mover import MovementStyle
from desktop_app.ui.canvas_layers.annotation_layer import AnnotationLayer
from desktop_app.ui.display_keeper import DisplayKeeper
from desktop_app.ui.docks.annotations import AnnotationsPanel
from desktop_app.ui.docks.classes import ClassesPanel
from desktop_app.ui.models.class_choice import ClassChoice
from desktop_app.ui.models.class_visibility import ClassVisibility
from desktop_app.ui.models.locked_ones import delete_selected, set_class_of_selected
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.models.shape_operations import shape_facts
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.overlays.view_overlays import InspectionTool, ViewOverlays
from desktop_app.ui.tools.context import ToolContext
from desktop_app.ui.tools.roi_tool import RoiTool
from desktop_app.ui.tools.select_tool import SelectTool
from desktop_app.ui.tools.toolbox import make_tools
from desktop_app.ui.view_drawing import ViewDrawing
from desktop_app.ui.view_travel import ViewTravel

FIRST_TOOL = "move"


class SlideView(QWidget):
    """A slide as the user sees and edits it.

    Parameters
    ----------
    document : SlideDocument
        Let go of by :meth:`shutdown`.
    settings : Settings
        How it looks.
    display : DisplayKeeper
        How its colors are shown; the view's from now on.

    Notes
    -----
    ``state_changed()`` says that the facts may have changed, ``edited()`` that an edit was made, ``saved()``
    that it is on disk, ``failed(CoverslipError)`` that an edit could not be made.
    """

    state_changed = Signal()
    edited = Signal()
    saved = Signal()
    unsaved = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        document: SlideDocument,
        settings: Settings,
        *,
        display: DisplayKeeper,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        document.hold()
        self._mode: Mode = "view"
        self._tool = FIRST_TOOL
        self._inspection: InspectionTool | None = None
        self.selection = AnnotationSelection(document, self)
        self.class_choice = ClassChoice(document, self)
        self.class_visibility = ClassVisibility(self)
        self.canvas = SlideCanvas()
        self.travel = ViewTravel(self.canvas, self)
        self.display = display
        display.setParent(self)
        self.heat_map_layer = HeatMapLayer(self)
        self.annotation_layer = AnnotationLayer(document, self.selection, self)
        self.drawing = ViewDrawing(self)
        self._tools = make_tools(
            ToolContext(
                document, self.selection, self.class_choice, canvas=self.canvas, options=self.drawing.options
            )
        )
        self.annotations_panel = AnnotationsPanel(document, self.selection)
        self.classes_panel = ClassesPanel(document, self.selection, self.class_choice, self.class_visibility)
        self._build_layout()
        self._build_connections()
        self.apply_settings(settings)

    def _build_layout(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)
        self.display.lookup_changed.connect(self.canvas.set_display)
        self.display.channels_changed.connect(self.canvas.set_channels)
        self.display.start()
        self.canvas.set_slide(self.document.slide)
        self.canvas.set_channels(self.display.channels)
        self.canvas.add_layer(self.heat_map_layer)
        self.canvas.add_layer(self.annotation_layer)
        self.canvas.add_layer(self.drawing.labels)
        self.overlays = ViewOverlays(self.canvas, lambda: self.inspect(None), self)

    def _build_connections(self) -> None:
        self.display.changed.connect(self.state_changed)
        self.drawing.follow()
        self.drawing.changed.connect(self.state_changed)
        self.travel.changed.connect(self.state_changed)
        self.document.changed.connect(self._follow)
        self.document.saved.connect(self.saved)
        self.document.unsaved.connect(self.unsaved)
        self.document.failed.connect(self.failed)
        self.document.rescaled.connect(self._rescale)
        self.document.access_changed.connect(self._take_tool)
        self.document.undo_stack.indexChanged.connect(self.state_changed)
        self.selection.changed.connect(self.state_changed)
        self.class_choice.changed.connect(self.state_changed)
        self.overlays.changed.connect(self.state_changed)
        self.annotations_panel.show_requested.connect(self.canvas.show_rect)

    # ---- what it shows ------------------------------------------------------------------------------

    @property
    def info(self) -> SlideInfo:
        """The slide's metadata, with the pixel size the user gave."""
        return self.document.slide.info

    @property
    def mpp_override(self) -> MppOverride | None:
        """The pixel size the user gave."""
        return self.document.mpp_override

    @property
    def document_id(self) -> str:
        """The slide's id, or one of its own where two slides share it; names the journal and the runs."""
        return self.document.journal.folder.name

    @property
    def classes(self) -> tuple[AnnotationClass, ...]:
        """The class list in the user's order."""
        return self.document.snapshot.classes

    @property
    def selected_ids(self) -> tuple[UUID, ...]:
        """The selected annotations."""
        return self.selection.ids

    @property
    def heat_map(self) -> HeatMapUpdate | None:
        """The values shown, whether visible or not."""
        return self.heat_map_layer.heat_map

    @property
    def annotations_shown(self) -> bool:
        """Whether annotations are painted."""
        return self.annotation_layer.visible

    @property
    def heat_map_shown(self) -> bool:
        """Whether there is a heat map and it is painted."""
        return self.heat_map is not None and self.heat_map_layer.visible

    def facts(self) -> frozenset[Fact]:
        """What is true of this view, for the action table."""
        return frozenset(self._facts())

    def _facts(self) -> Iterator[Fact]:
        stack = self.document.undo_stack
        present = {
            "slide": True,
            "mpp": self.info.mpp is not None,
            "writable": not self.document.read_only,
            "annotations": bool(len(self.document.snapshot)),
            "selection": bool(len(self.selection)),
            "undo": stack.canUndo(),
            "redo": stack.canRedo(),
            "annotations_shown": self.annotations_shown,
            "heat_map": self.heat_map is not None,
            "heat_map_shown": self.heat_map_shown,
            "brightfield": self.info.is_brightfield,
            "color_profile": self.display.color_state != "no_profile",
            "color_managed": self.display.color_state == "managed",
            "color_adjusted": self.display.settings.is_adjusted or self.display.normalization is not None,
        }
        yield f"stain_{self.display.settings.stain_view}"
        yield from (name for name, true in present.items() if true)
        yield from self.travel.facts()
        yield from shape_facts(self.document, self.selection)
        yield from (f"has_class_{number}" for number in range(1, len(self.classes) + 1))
        index = self.class_choice.index
        yield "class_0" if index is None else f"class_{index + 1}"
        yield from self.overlays.facts()
        yield from self.drawing.facts()
        if self._inspection is not None:
            yield f"inspect_{self._inspection}"
        elif self._mode == "annotate":
            yield f"tool_{self._tool}"

    # ---- what can be done with it -------------------------------------------------------------------

    def set_mode(self, mode: Mode) -> None:
        """Look only, or draw and edit; looking has no tool but the hand, and no selection."""
        self._mode = mode
        if mode == "view":
            self.selection.clear()
        self.annotations_panel.set_editable(mode == "annotate")
        self.classes_panel.set_editable(mode == "annotate")
        self._take_tool()

    def choose_tool(self, name: str) -> None:
        """Take a tool in hand; the canvas gets the keyboard, so that Esc and Enter reach it."""
        self._tool = name
        self.drawing.remember(name)
        self._inspection = None
        self._take_tool()
        self.canvas.setFocus()

    @property
    def drawing_tool(self) -> str | None:
        """The name of the tool in hand that selects or draws; None while there is none."""
        drawing = self._mode == "annotate" and not self.document.read_only and self._inspection is None
        return self._tool if drawing else None

    @property
    def inspection(self) -> InspectionTool | None:
        """The tool in hand that looks and measures, in either mode."""
        return self._inspection

    def inspect(self, name: InspectionTool | None) -> None:
        """Take a tool that looks and measures in hand, or the mode's own again.

        Nothing stays selected meanwhile, so that Del clears measurements and never annotations.
        """
        self._inspection = name
        if name is not None:
            self.selection.clear()
        self._take_tool()
        self.canvas.setFocus()

    def choose_class(self, index: int | None) -> None:
        """Take a class in hand by its place in the list.

        With the select tool what is selected gets it too; with a drawing tool the class is for the next
        shape, and the one just drawn (which is selected) keeps its own.
        """
        self.class_choice.choose_index(index)
        if len(self.selection) and self._tool == FIRST_TOOL:
            name = self.class_choice.name
            self._attempt(lambda: set_class_of_selected(self.document, self.selection, name))

    def borrow_canvas(self, tool: CanvasTool) -> None:
        """Put a tool of somebody else's in hand until :meth:`return_canvas`, in either mode."""
        self.canvas.set_tool(tool)
        self.canvas.setFocus()

    def return_canvas(self) -> None:
        """Take the view's own tool in hand again."""
        self._take_tool()

    def object_at(self, place: Point, reach: float) -> UUID | None:
        """The annotation that is seen at a place; ``reach`` in level-0 pixels, as ``place``."""
        return self.selection.hit(place, reach) if self.annotations_shown else None

    def set_roi_at(self, place: Point) -> None:
        """Set a ROI of the size the user chose around a level-0 place, as one step."""
        tool = self._tools["roi"]
        assert isinstance(tool, RoiTool)
        tool.set_at(place)

    def delete_selected(self) -> None:
        """Delete what is selected, as one step: vertices where any are, else annotations."""
        tool = self.canvas.tool
        if isinstance(tool, SelectTool) and tool.remove_vertices():
            return
        self._attempt(lambda: delete_selected(self.document, self.selection))

    def select_all(self) -> None:
        """Select every annotation."""
        self.selection.select_all()

    def select_none(self) -> None:
        """Select nothing."""
        self.selection.clear()

    def show_annotations(self, shown: bool) -> None:
        """Paint annotations, or not."""
        self.annotation_layer.visible = self.drawing.labels.visible = shown
        self.canvas.update()
        self.state_changed.emit()

    def show_heat_map(self, shown: bool) -> None:
        """Paint the heat map, or not."""
        self.heat_map_layer.visible = shown
        self.state_changed.emit()

    def set_heat_map(self, update: HeatMapUpdate | None) -> None:
        """Show other values, or none."""
        self.heat_map_layer.set_heat_map(update)
        self.state_changed.emit()

    def set_pixel_size(self, override: MppOverride) -> None:
        """Take the user's word on the pixel size, in every view of the slide."""
        self.document.set_pixel_size(override)

    def apply_settings(self, settings: Settings) -> None:
        """Look as the user chose."""
        self.canvas.minimap.wanted = settings.minimap
        self.overlays.apply(settings.overlays)
        self.canvas.set_movement_style(
            MovementStyle(settings.animate_movement, settings.touchpad_pans, settings.wheel_reversed)
        )
        self.drawing.apply(settings)

    def limit_memory(self, slide_bytes: int, overlay_bytes: int) -> None:
        """Keep at most so much of the slide's and of the annotations' tiles, besides the overview."""
        if self.canvas.slide_layer is not None:
            self.canvas.slide_layer.cache.capacity = slide_bytes
        self.annotation_layer.cache.capacity = overlay_bytes

    def shutdown(self) -> None:
        """Stop what reads, and let go of the document; the view is of no use afterwards."""
        self.display.shutdown()
        self.canvas.set_tool(None)
        self.canvas.remove_layer(self.annotation_layer)
        self.annotation_layer.shutdown()
        self.canvas.shutdown()
        self.document.release()

    def _rescale(self) -> None:
        self.annotations_panel.model.refresh_measures()
        self.overlays.follow_slide()
        self.state_changed.emit()

    def _take_tool(self) -> None:
        may_edit = self._mode == "annotate" and not self.document.read_only
        tool = self._tools[self._tool] if may_edit else None
        self.canvas.set_tool(self.overlays.tools[self._inspection] if self._inspection else tool)
        self.state_changed.emit()

    def _attempt(self, edit: Callable[[], object]) -> None:
        try:
            edit()
        except CoverslipError as error:
            self.failed.emit(error)

    def _follow(self, _change: AnnotationChange) -> None:
        self.edited.emit()
        self.state_changed.emit()
