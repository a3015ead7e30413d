"""Select and move: click to select, drag what is selected, pull its handles; any other drag pans.

An annotation must be selected before it can be moved, so that no region is shifted by a drag that was
meant for the slide. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.annotation import POINT_KINDS, Annotation
from desktop_app.domain.edits import AnnotationChange
from desktop_app.domain.shapes import nearest_edge, translated, valid, with_new_vertex, without_vertex
from desktop_app.domain.viewport import Viewport
from desktop_app.errors import GeometryError
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.tools.context import REACH, ToolContext, has_moved, slide_length
from desktop_app.ui.tools.handles import handle_at, handle_places, has_box_handles, pulled
from desktop_app.ui.tools.sketch import paint_annotation, paint_handles
from desktop_app.ui.translation import tr

SHOWN_IN_HAND = 500
"""So many of what is dragged are painted under the mouse; all of it moves when the button is let go."""

ADDING = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
"""With one of these a click adds to the selection or takes away from it."""


class SelectTool:
    """Selects, moves and reshapes; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    """

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._pressed: ToolEvent | None = None
        self._dragged = False
        self._last: ToolEvent | None = None
        self._handle: int | None = None
        self._hot: int | None = None
        self._before: tuple[Annotation, ...] = ()
        self._after: tuple[Annotation, ...] = ()
        self._shift = (0.0, 0.0)
        self._over = False
        context.document.changed.connect(self._follow)

    @property
    def cursor(self) -> Cursor:
        """An arrow; a hand over a handle, a cross of arrows over what can be moved."""
        if self._hot is not None or self._handle is not None:
            return Qt.CursorShape.PointingHandCursor
        if self._before or self._over:
            return Qt.CursorShape.SizeAllCursor
        return Qt.CursorShape.ClosedHandCursor if self._dragged else Qt.CursorShape.ArrowCursor

    def press(self, event: ToolEvent) -> bool:
        """Take hold of a handle, of the selection, or of the slide."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        self.cancel()
        only = self._context.selection.only
        self._pressed = self._last = event
        self._handle = None if only is None else handle_at(only, event.position, slide_length(event, REACH))
        if only is not None and self._handle is not None:
            if event.modifiers & Qt.KeyboardModifier.AltModifier:
                self._remove_vertex(only, self._handle)
            else:
                self._before = (only,)
        elif self._hits_selection(event):
            chosen = self._context.selection.annotations()
            self._before = tuple(found for found in chosen if not found.locked)
        return True

    def move(self, event: ToolEvent) -> bool:
        """Drag what was taken hold of."""
        if self._pressed is None:
            return self._hover(event)
        if not self._dragged and not has_moved(event, self._pressed.view_position):
            return True
        self._dragged = True
        if self._before:
            self._drag(event)
        else:
            self._pan(event)
        self._last = event
        return True

    def release(self, event: ToolEvent) -> bool:
        """Finish the drag as one step, or select by the click."""
        if self._pressed is None or event.button != Qt.MouseButton.LeftButton:
            return False
        dragged, before, after, pulled_one = (
            self._dragged,
            self._before,
            self._after,
            self._handle is not None,
        )
        self.cancel()
        if not dragged:
            if not pulled_one:
                self._click(event)
        elif pulled_one and after:
            self._reshape(before[0], lambda: after[0], tr("Reshape"))
        elif after:
            self._move(before)
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """Put a vertex into the selected outline; elsewhere like any press."""
        only = self._context.selection.only
        if event.button != Qt.MouseButton.LeftButton or only is None or not self._takes_vertex(only, event):
            return self.press(event)
        number, _ = nearest_edge(only, event.position)
        self._reshape(only, lambda: with_new_vertex(only, number, event.position), tr("Add vertex"))
        return True

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Delete and Backspace delete the selection, Esc gives up the drag or the selection."""
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and len(self._context.selection):
            self.cancel()
            self._context.attempt(lambda: self._context.document.remove(self._context.selection.ids))
            return True
        if key == Qt.Key.Key_Escape and (self._pressed is not None or len(self._context.selection)):
            if self._pressed is None:
                self._context.selection.clear()
            self.cancel()
            return True
        return False

    def cancel(self) -> None:
        """Let go of everything; what was dragged goes back."""
        self._pressed = self._last = self._handle = None
        self._dragged = False
        self._before = self._after = ()
        self._context.selection.in_hand = frozenset()

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint what is dragged where it would be, else the handles of the one selected annotation."""
        for annotation in self._after:
            paint_annotation(painter, viewport, annotation)
        only = self._after[0] if len(self._after) == 1 else self._context.selection.only
        if only is not None and only.kind not in POINT_KINDS:
            paint_handles(painter, viewport, handle_places(only), self._hot)

    def _follow(self, change: AnnotationChange) -> None:
        """Let go of what changed meanwhile (an undo, a class key): dropping it would bring the old back."""
        touched = {*change.removed_ids, *change.changed_ids}
        if any(found.id in touched for found in self._before):
            self.cancel()

    def _hover(self, event: ToolEvent) -> bool:
        only, before = self._context.selection.only, (self._hot, self._over)
        self._hot = None if only is None else handle_at(only, event.position, slide_length(event, REACH))
        self._over = bool(len(self._context.selection)) and self._hits_selection(event)
        return before != (self._hot, self._over)

    def _hits_selection(self, event: ToolEvent) -> bool:
        found = self._context.selection.hit(event.position, slide_length(event, REACH))
        return found is not None and found in self._context.selection

    def _drag(self, event: ToolEvent) -> None:
        start = self._pressed.position if self._pressed is not None else event.position
        self._shift = event.position[0] - start[0], event.position[1] - start[1]
        try:
            if self._handle is not None:
                self._after = (pulled(self._before[0], self._handle, event.position),)
            else:
                shown = self._before[-SHOWN_IN_HAND:]
                self._after = tuple(translated(found, *self._shift) for found in shown)
        except GeometryError:
            return  # the shape cannot be that small; it stays as it last was
        self._context.selection.in_hand = frozenset(found.id for found in self._before)

    def _pan(self, event: ToolEvent) -> None:
        before = self._last or event
        self._context.canvas.pan_by(
            event.view_position[0] - before.view_position[0],
            event.view_position[1] - before.view_position[1],
        )

    def _click(self, event: ToolEvent) -> None:
        found = self._context.selection.hit(event.position, slide_length(event, REACH))
        if event.modifiers & ADDING:
            if found is not None:
                self._context.selection.toggle(found)
        else:
            self._context.selection.set([] if found is None else [found])

    def _takes_vertex(self, only: Annotation, event: ToolEvent) -> bool:
        if only.locked or only.kind in POINT_KINDS or has_box_handles(only):
            return False
        return nearest_edge(only, event.position)[1] <= slide_length(event, REACH)

    def _remove_vertex(self, only: Annotation, number: int) -> None:
        if not has_box_handles(only) and only.kind not in POINT_KINDS:
            self._reshape(only, lambda: without_vertex(only, number), tr("Remove vertex"))

    def _move(self, before: tuple[Annotation, ...]) -> None:
        after = tuple(translated(found, *self._shift) for found in before)
        self._context.attempt(lambda: self._context.document.change(tr("Move"), before=before, after=after))

    def _reshape(self, only: Annotation, make: Callable[[], Annotation], label: str) -> None:
        document = self._context.document
        self._context.attempt(lambda: document.change(label, before=[only], after=[valid(make())]))
