"""What drawing needs of one view: the user's choices, the tool after a shape, and the words on the slide.

Keys and clicks that concern the tools but belong to none of them end here: S held selects by drawing, a click
of the middle button changes between Move and the last tool, the wheel with Ctrl fades what lies over the
slide. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from desktop_app.storage.drawing_settings import WEAKEST_OVERLAY
from desktop_app.storage.settings import Settings
from desktop_app.ui.actions.action_spec import Fact
from desktop_app.ui.canvas import PausingTool
from desktop_app.ui.canvas_layers.label_layer import LabelLayer
from desktop_app.ui.tools.tool_options import ToolOptions

if TYPE_CHECKING:
    from desktop_app.ui.slide_view import SlideView

MOVE = "move"
OPACITY_PER_NOTCH = 0.05


class ViewDrawing(QObject):
    """The drawing side of one view.

    Parameters
    ----------
    view : SlideView
        Whose tools these are; :meth:`follow` is called once its canvas is there.

    Attributes
    ----------
    options : ToolOptions
        What its tools follow.
    labels : LabelLayer
        Notes and names.

    Notes
    -----
    ``wanted(DrawingSettings)`` asks that other choices be kept, ``changed()`` says that the facts may have
    changed.
    """

    wanted = Signal(object)
    changed = Signal()

    def __init__(self, view: SlideView) -> None:
        super().__init__(view)
        self._view = view
        self._last_tool = "polygon"
        self.options = ToolOptions(parent=self)
        self.labels = LabelLayer(lambda: view.document.snapshot)

    def follow(self) -> None:
        """Answer to the view's canvas."""
        canvas = self._view.canvas
        canvas.installEventFilter(self)
        canvas.middle_clicked.connect(self._toggle_tool)
        canvas.opacity_turned.connect(self._turn_opacity)
        canvas.cursor_moved.connect(self._follow_mouse)
        self._view.class_visibility.changed.connect(self._follow_classes)
        self.options.wanted.connect(self.wanted)
        self.options.changed.connect(canvas.update)
        self.options.changed.connect(self.changed)
        self.options.shape_finished.connect(self._shape_finished)

    def apply(self, settings: Settings) -> None:
        """Draw and show as the user chose."""
        drawing = settings.drawing
        self.options.apply(drawing)
        self._view.document.no_overlap = drawing.no_overlap
        self.labels.names = drawing.names
        self._view.annotation_layer.set_filled(drawing.filled)
        self.labels.opacity = self._view.annotation_layer.opacity = drawing.overlay_opacity
        self._view.heat_map_layer.opacity = settings.heat_map_opacity * drawing.overlay_opacity
        self._view.canvas.update()

    def remember(self, tool: str) -> None:
        """A tool was chosen; the middle button comes back to it."""
        if tool != MOVE:
            self._last_tool = tool

    def facts(self) -> Iterator[Fact]:
        """What is true of it, for the action table."""
        settings = self.options.settings
        present = {
            "selecting": self.options.selecting,
            "return_to_move": settings.return_to_move,
            "arrows": settings.arrows,
            "names_shown": settings.names,
            "filled": settings.filled,
            "move_whole": settings.move_whole,
            "snap": settings.snap,
            "no_overlap": settings.no_overlap,
        }
        yield from (name for name, true in present.items() if true)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """S held selects by drawing, for as long as it is held and the canvas has the keyboard."""
        if event.type() == QEvent.Type.FocusOut:
            self.options.hold_selecting(False)
        elif isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_S and self._may_hold(event):
            self.options.hold_selecting(event.type() == QEvent.Type.KeyPress)
            return True
        return False

    def _may_hold(self, event: QKeyEvent) -> bool:
        kinds = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
        free = event.type() in kinds and not event.modifiers()
        return free and not event.isAutoRepeat() and self._view.drawing_tool is not None

    def _toggle_tool(self) -> None:
        """Move or the last tool; a shape of several clicks is not given up by it."""
        tool, in_hand = self._view.drawing_tool, self._view.canvas.tool
        if tool is not None and not (isinstance(in_hand, PausingTool) and in_hand.unfinished):
            self._view.choose_tool(self._last_tool if tool == MOVE else MOVE)

    def _shape_finished(self) -> None:
        if not self.options.settings.return_to_move:
            return
        keyboard = QApplication.focusWidget()
        self._view.choose_tool(MOVE)
        if keyboard is not None and keyboard is not self._view.canvas:
            keyboard.setFocus()  # a note was ended by going on to something else

    def _follow_classes(self) -> None:
        self.labels.hidden_classes = self._view.class_visibility.hidden
        self._view.canvas.update()

    def _turn_opacity(self, notches: float) -> None:
        settings = self.options.settings
        opacity = round(settings.overlay_opacity + OPACITY_PER_NOTCH * notches, 2)
        self.options.want(replace(settings, overlay_opacity=min(max(opacity, WEAKEST_OVERLAY), 1.0)))

    def _follow_mouse(self, place: object) -> None:
        if place is None:
            self.options.pointer_left.emit()
            self._view.canvas.update()
