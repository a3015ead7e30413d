"""Reshape outline: a stretch of the selected outline is drawn anew, without a key held. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.annotation import POINT_KINDS
from desktop_app.domain.edits import AnnotationChange
from desktop_app.domain.outline_editing import OutlinePlace
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.canvas_layers.live_objects import SELECTED_COLOR
from desktop_app.ui.tools.context import REACH, ToolContext, slide_length
from desktop_app.ui.tools.sketch import paint_vertex
from desktop_app.ui.tools.snapping import Snapper
from desktop_app.ui.tools.stretch_grip import END_REACH, StretchGrip
from desktop_app.ui.tools.vertex_selection import VertexSelection


class ReshapeTool:
    """Redraws stretches; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    """

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._vertices = VertexSelection(context)
        self._snapper = Snapper(context)
        self._grip: StretchGrip | None = None
        self._start: OutlinePlace | None = None
        context.document.changed.connect(self._follow)
        context.options.pointer_left.connect(self._forget_mouse)

    @property
    def cursor(self) -> Cursor:
        """A cross where a stretch can begin."""
        drawing = self._grip is not None or self._start is not None
        return Qt.CursorShape.CrossCursor if drawing else Qt.CursorShape.ArrowCursor

    def press(self, event: ToolEvent) -> bool:
        """Begin a stretch on the selected outline; elsewhere select what is there."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        self.cancel()
        outline, self._start = self._vertices.outline, self._place_at(event)
        if outline is not None and self._start is not None:
            self._grip = StretchGrip(self._context, outline, start=self._start, snapper=self._snapper)
            return True
        found = self._context.selection.hit(event.position, slide_length(event, REACH))
        if found is None or found in self._context.selection:
            return False
        self._context.selection.set([found])
        return True

    def move(self, event: ToolEvent) -> bool:
        """Go on with the stretch, or show where one would begin."""
        if self._grip is not None:
            self._grip.drag(event)
            return True
        before, self._start = self._start, self._place_at(event)
        return before != self._start

    def release(self, event: ToolEvent) -> bool:
        """Replace the stretch, as one step."""
        if self._grip is None or event.button != Qt.MouseButton.LeftButton:
            return False
        grip = self._grip
        self.cancel()
        if grip.drawn:
            grip.drop()
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """Like any press."""
        return self.press(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc gives the stretch up, then the selection."""
        if key != Qt.Key.Key_Escape or not (self._grip or len(self._context.selection)):
            return False
        if self._grip is None:
            self._context.selection.clear()
        self.cancel()
        return True

    def cancel(self) -> None:
        """Give the stretch up."""
        self._grip = None
        self._snapper.clear()
        self._context.selection.in_hand = frozenset()

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the stretch, or where one would begin."""
        if self._grip is not None:
            self._grip.paint(painter, viewport)
        elif self._start is not None:
            paint_vertex(painter, viewport, self._start.position, SELECTED_COLOR)
        self._snapper.paint(painter, viewport)

    def _place_at(self, event: ToolEvent) -> OutlinePlace | None:
        outline = self._vertices.outline
        if outline is None or outline.annotation.locked or outline.annotation.kind in POINT_KINDS:
            return None
        return outline.nearest_place(event.position, slide_length(event, END_REACH))

    def _follow(self, change: AnnotationChange) -> None:
        if self._grip is not None and change.touched(self._grip.touches):
            self.cancel()
        self._start = None

    def _forget_mouse(self) -> None:
        self._start = None
