"""Select and edit: click to select, drag what was meant to be dragged; any other drag pans.

Shapes are pinned: a drag that begins inside one moves the slide, so that no region is shifted by a drag that
was meant for the slide. A shape moves by its outline, by a drag with Ctrl, or in the mode *Move whole
shapes*. On the one selected outline a click on an edge puts in a vertex, a click on a vertex selects it, and
a stretch is redrawn with Shift. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.annotation import POINT_KINDS, Annotation
from desktop_app.domain.edits import AnnotationChange
from desktop_app.domain.outline_editing import Outline, OutlinePlace, with_moved_vertices, without_vertices
from desktop_app.domain.shapes import bounding_box, nearest_edge, translated, valid, with_new_vertex
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.models.locked_ones import delete_selected
from desktop_app.ui.tools.context import REACH, ToolContext, has_moved, slide_length
from desktop_app.ui.tools.grips import (
    SHOWN_IN_HAND,
    BoxHandleGrip,
    Grip,
    ShapeGrip,
    SlideGrip,
    TurnGrip,
    VertexBoxGrip,
    VertexGrip,
    paint_changed,
)
from desktop_app.ui.tools.handles import handle_at, has_box_handles
from desktop_app.ui.tools.nudge import WAYS, Nudge
from desktop_app.ui.tools.outline_marks import TURN_RADIUS, Hot, OutlineMarks
from desktop_app.ui.tools.sketch import device_ratio
from desktop_app.ui.tools.snapping import Snapper
from desktop_app.ui.tools.stretch_grip import StretchGrip
from desktop_app.ui.tools.vertex_selection import VertexSelection
from desktop_app.ui.translation import tr

SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier

ADDING = SHIFT | CTRL | ALT
"""With one of these a click adds to the selection or takes away from it."""

BURST_KEYS = (*WAYS, Qt.Key.Key_Shift, Qt.Key.Key_Escape)
"""Keys that do not end a burst of nudges as something done: Esc gives it up."""

DELETING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class SelectTool:
    """Selects, moves and reshapes; see :class:`desktop_app.ui.canvas.CanvasTool`.

    Parameters
    ----------
    context : ToolContext
        What it acts on.

    Attributes
    ----------
    vertices : VertexSelection
        The selected vertices of the one selected annotation.
    """

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self.vertices = VertexSelection(context)
        self._snapper = Snapper(context)
        self._marks = OutlineMarks()
        self._nudge = Nudge(self._end_nudge)
        self._nudged: tuple[Annotation, ...] = ()
        self._pressed: ToolEvent | None = None
        self._grip: Grip | None = None
        self._dragged = False
        self._hot = Hot()
        self._dpr = 1.0
        self._last_click: ToolEvent | None = None
        self._just_added = False
        self._just_selected: UUID | None = None
        context.document.changed.connect(self._follow)
        context.selection.changed.connect(self._forget_mouse)
        context.options.pointer_left.connect(self._forget_mouse)

    @property
    def cursor(self) -> Cursor:
        """What a drag or a click would do here."""
        if self._grip is not None and (self._dragged or not isinstance(self._grip, SlideGrip)):
            return self._grip.cursor
        if self._hot.handle is not None or self._hot.turns:
            return Qt.CursorShape.PointingHandCursor
        if self._hot.edge is not None:
            return Qt.CursorShape.CrossCursor
        return Qt.CursorShape.SizeAllCursor if self._hot.inside else Qt.CursorShape.ArrowCursor

    # ---- the mouse ----------------------------------------------------------------------------------

    def press(self, event: ToolEvent) -> bool:
        """Take hold of a handle, of the outline, of the selection, or of the slide."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        self.cancel()
        self._pressed, self._dpr = event, event.dpr
        self._grip = self._grip_at(event)
        return True

    def move(self, event: ToolEvent) -> bool:
        """Drag what was taken hold of; without a button show what is under the mouse."""
        if self._pressed is None or self._grip is None:
            return self._hover(event)
        if not self._dragged and not has_moved(event, self._pressed.view_position):
            return True
        if not self._dragged and isinstance(self._grip, VertexGrip):
            self._take_vertex()
        self._dragged = True
        self._grip.drag(event)
        return True

    def release(self, event: ToolEvent) -> bool:
        """Finish the drag as one step, or do what a click means here."""
        if self._pressed is None or event.button != Qt.MouseButton.LeftButton:
            return False
        grip, dragged, pressed = self._grip, self._dragged, self._pressed
        self.cancel()
        if dragged and grip is not None:
            grip.drop()
            self._last_click = None
        else:
            self._click(pressed)
        self._hover(event)
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """Remove the vertex that was clicked, keep the one that the click put in, or show the object."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        outline = self.vertices.editable
        handle = self._handle_at(event)
        if self._just_added:
            self._just_added = False
        elif self._just_selected is not None and self._just_selected in self._context.selection:
            self._show(self._just_selected)
        elif outline is not None and handle is not None:
            self._remove_vertices(outline, [handle])
        else:
            return self.press(event)
        return True

    def _grip_at(self, event: ToolEvent) -> Grip:
        """What a drag that begins here has hold of."""
        outline, keys = self.vertices.outline, event.modifiers
        place = self._place_at(event)
        if keys & SHIFT and outline is not None:
            if place is not None and outline.annotation.kind not in POINT_KINDS:
                return StretchGrip(self._context, outline, start=place, snapper=self._snapper)
            if self.vertices.editable is not None:
                return VertexBoxGrip(self._context, event, self.vertices)
        if outline is not None and self._is_turn_handle(event):
            return TurnGrip(self._context, event, outline.annotation)
        handle = self._handle_at(event)
        if outline is not None and handle is not None and not keys & ALT:
            return self._handle_grip(outline, handle)
        shapes = self._unlocked() if self._would_move(event, on_outline=place is not None) else ()
        return ShapeGrip(self._context, event, shapes) if shapes else SlideGrip(self._context, event)

    def _handle_grip(self, outline: Outline, handle: int) -> Grip:
        if has_box_handles(outline.annotation):
            return BoxHandleGrip(self._context, outline.annotation, handle, self._snapper)
        return VertexGrip(
            self._context, outline, vertices=self.vertices, number=handle, snapper=self._snapper
        )

    def _take_vertex(self) -> None:
        """A drag of a vertex that is not selected drags it alone, unless Ctrl is held."""
        outline, pressed = self.vertices.editable, self._pressed
        handle = None if pressed is None else self._handle_at(pressed)
        if outline is None or handle is None or pressed is None:
            return
        if handle not in self.vertices.numbers:
            kept = self.vertices.numbers.tolist() if pressed.modifiers & CTRL else []
            self.vertices.set([*kept, handle])
            self._grip = self._handle_grip(outline, handle)

    def _would_move(self, event: ToolEvent, *, on_outline: bool) -> bool:
        """Whether a drag moves what is selected: by an outline, with Ctrl, or in the mode for it."""
        if on_outline or not len(self._context.selection):
            return on_outline
        if event.modifiers & CTRL or self._context.options.settings.move_whole:
            return self._hits_selection(event)
        # The outline of one selected annotation has been asked; of several, the one under the mouse counts.
        return len(self._context.selection) > 1 and self._hits_selection(event) and self._is_on_border(event)

    def _unlocked(self) -> tuple[Annotation, ...]:
        return tuple(found for found in self._context.selection.annotations() if not found.locked)

    def _is_on_border(self, event: ToolEvent) -> bool:
        """Whether the selected annotation under the mouse is caught by its line, not by its inside."""
        found = self._hits(event)
        shape = self._context.document.snapshot.get(found[0]) if found else None
        if shape is None or shape.kind in POINT_KINDS:
            return shape is not None
        return nearest_edge(shape, event.position)[1] <= slide_length(event, REACH)

    def _click(self, event: ToolEvent) -> None:
        """A click without a drag."""
        self._just_added, self._just_selected = False, None
        handle, outline, place = self._handle_at(event), self.vertices.editable, self._place_at(event)
        if outline is not None and handle is not None and not event.modifiers & SHIFT:
            self._click_vertex(outline, handle, event.modifiers)
        elif outline is not None and place is not None and not event.modifiers & ADDING:
            self._add_vertex(outline, place, event)
        elif not self._is_turn_handle(event) and self._box_handle_at(event) is None:
            self._select_at(event)
        self._last_click = event

    def _click_vertex(self, outline: Outline, handle: int, keys: Qt.KeyboardModifier) -> None:
        if keys & ALT:
            self._remove_vertices(outline, [handle])
        elif keys & CTRL:
            self.vertices.toggle(handle)
        else:
            self.vertices.set([handle])

    def _add_vertex(self, outline: Outline, place: OutlinePlace, event: ToolEvent) -> None:
        """Put a vertex into an edge, where the ghost of it was."""
        only = outline.annotation
        position = self._snapper.place(event, leaving_out=frozenset({only.id}))
        self._snapper.clear()
        if position == event.position:
            position = place.position
        self.vertices.clear()
        self._just_added = self._reshape(
            only, lambda: with_new_vertex(only, place.edge, position), tr("Add vertex")
        )

    def _select_at(self, event: ToolEvent) -> None:
        """Select the smallest object here; at the same place again, the next one beneath."""
        found, selection = self._hits(event), self._context.selection
        if event.modifiers & ADDING:
            if found:
                selection.toggle(found[0])
            return
        self.vertices.clear()
        again = self._last_click is not None and not has_moved(event, self._last_click.view_position)
        before, latest = selection.chosen, selection.latest
        if again and len(before) == 1 and latest in found:
            found = [found[(found.index(latest) + 1) % len(found)]]
        selection.set(found[:1])
        if found and found[0] not in before:
            self._just_selected = found[0]

    def _hover(self, event: ToolEvent) -> bool:
        before, self._dpr = self._hot, event.dpr
        turns = self._is_turn_handle(event)
        handle = None if turns else self._handle_at(event)
        place = None if turns or handle is not None else self._place_at(event)
        adds = place is not None and self.vertices.editable is not None and not event.modifiers & SHIFT
        inside = not turns and handle is None and self._would_move(event, on_outline=place is not None)
        edge = place.position if place is not None and adds else None
        self._hot = Hot(handle, edge, turns, inside)
        return before != self._hot

    # ---- keys ---------------------------------------------------------------------------------------

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Arrows nudge, Delete and Backspace delete, Esc gives up the drag, the vertices, the selection."""
        if key not in BURST_KEYS:
            self._end_nudge()  # Ctrl comes before Z: what is undone is the nudge
        if key in DELETING and len(self._context.selection):
            self.cancel()
            return self.remove_vertices() or self._remove_objects()
        if key == Qt.Key.Key_Escape and (self._pressed is not None or len(self._context.selection)):
            self._escape()
            return True
        return self._pressed is None and self._nudges(key, modifiers)

    def remove_vertices(self) -> bool:
        """Remove the selected vertices, as one step after a nudge; whether any were selected."""
        self._end_nudge()
        outline, chosen = self.vertices.editable, self.vertices.numbers
        if outline is None or not len(chosen):
            return False
        self._remove_vertices(outline, chosen.tolist())
        return True

    def cancel(self) -> None:
        """Let go of everything; what was dragged goes back, what keys have moved stays."""
        self._end_nudge()
        self._pressed = self._grip = None
        self._dragged = False
        self._snapper.clear()
        self._context.selection.in_hand = frozenset()

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint what is dragged where it would be, else the handles of the one selected annotation."""
        if self._grip is not None and self._dragged:
            self._grip.paint(painter, viewport)
        paint_changed(painter, viewport, self._nudged)
        outline = self.vertices.outline
        if outline is not None and not self._context.selection.in_hand:
            self._marks.paint(painter, viewport, outline, self._hot, chosen=self.vertices.numbers)
        self._snapper.paint(painter, viewport)
        self._dpr = device_ratio(painter)

    def _escape(self) -> None:
        if self._nudged:
            self._give_up_nudge()
            self.cancel()
        elif self._pressed is not None:
            self.cancel()
        elif not self.vertices.clear():
            self._context.selection.clear()

    def _nudges(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Move selected vertices, or in the mode for it whole shapes, by screen pixels."""
        before = self._nudgeable()
        if not before or not self._nudge.press(
            key, modifiers, viewport=self._context.canvas.viewport, dpr=self._dpr
        ):
            return False
        self._nudged = self._shifted(before[-SHOWN_IN_HAND:])
        self._context.selection.in_hand = frozenset(found.id for found in before)
        return True

    def _nudgeable(self) -> tuple[Annotation, ...]:
        outline = self.vertices.editable
        if outline is not None and len(self.vertices.numbers):
            return (outline.annotation,)
        if not self._context.options.settings.move_whole:
            return ()
        return self._unlocked()

    def _shifted(self, shapes: tuple[Annotation, ...]) -> tuple[Annotation, ...]:
        outline, chosen = self.vertices.editable, self.vertices.numbers
        if outline is not None and len(chosen):
            return (with_moved_vertices(outline, chosen, self._nudge.shift),)
        return tuple(translated(found, *self._nudge.shift) for found in shapes)

    def _give_up_nudge(self) -> None:
        """Show what a burst of arrow keys has moved where it is stored."""
        self._nudge.stop()
        self._nudged = ()
        self._context.selection.in_hand = frozenset()

    def _end_nudge(self) -> None:
        """A burst of arrow keys is over: do it, as one step."""
        if not self._nudged:
            return
        outline, chosen, before = self.vertices.editable, self.vertices.numbers, self._nudgeable()
        self._give_up_nudge()
        after = [valid(found) for found in self._shifted(before)]
        self._context.attempt(lambda: self._context.document.change(tr("Nudge"), before=before, after=after))
        if outline is not None and len(chosen):
            self.vertices.set_at(outline.vertices[chosen] + np.asarray(self._nudge.shift))
        self._context.canvas.update()

    # ---- what is here -------------------------------------------------------------------------------

    def _handle_at(self, event: ToolEvent) -> int | None:
        outline = self.vertices.outline
        return None if outline is None else handle_at(outline, event.position, slide_length(event, REACH))

    def _box_handle_at(self, event: ToolEvent) -> int | None:
        outline = self.vertices.outline
        boxed = outline is not None and has_box_handles(outline.annotation)
        return self._handle_at(event) if boxed else None

    def _place_at(self, event: ToolEvent) -> OutlinePlace | None:
        """The place under the mouse on the outline of the one selected annotation, unless it is locked."""
        outline = self.vertices.outline
        if outline is None or outline.annotation.locked:
            return None
        return outline.nearest_place(event.position, slide_length(event, REACH))

    def _is_turn_handle(self, event: ToolEvent) -> bool:
        outline = self.vertices.outline
        if outline is None:
            return False
        handle = self._marks.turn(self._context.canvas.viewport, outline, event.dpr)
        if handle is None:
            return False
        away = np.hypot(*(np.array(handle[0]) - event.view_position))
        return bool(away <= (TURN_RADIUS + 2) * event.dpr)

    def _hits(self, event: ToolEvent) -> list[UUID]:
        reach, hidden = slide_length(event, REACH), self._context.selection.hidden_classes
        return self._context.document.snapshot.hits(event.position, reach, hidden_classes=hidden)

    def _hits_selection(self, event: ToolEvent) -> bool:
        found = self._hits(event)
        return bool(found) and found[0] in self._context.selection

    # ---- what is done -------------------------------------------------------------------------------

    def _remove_vertices(self, outline: Outline, numbers: list[int]) -> None:
        label = tr("Remove vertex") if len(numbers) == 1 else tr("Remove vertices")
        gone = np.array(numbers, dtype=np.int64)
        self._reshape(outline.annotation, lambda: without_vertices(outline, gone), label)

    def _remove_objects(self) -> bool:
        self._context.attempt(lambda: delete_selected(self._context.document, self._context.selection))
        return True

    def _show(self, annotation_id: UUID) -> None:
        found = self._context.document.snapshot.get(annotation_id)
        if found is not None:
            left, top, right, bottom = bounding_box(found)
            self._context.canvas.show_rect((left, top, max(right - left, 1.0), max(bottom - top, 1.0)))

    def _reshape(self, only: Annotation, make: Callable[[], Annotation], label: str) -> bool:
        document = self._context.document
        return self._context.attempt(lambda: document.change(label, before=[only], after=[valid(make())]))

    def _follow(self, change: AnnotationChange) -> None:
        """Let go of what changed meanwhile (an undo, a class key): dropping it would bring the old back."""
        if change.touched(found.id for found in self._nudged):
            self._give_up_nudge()
        if self._grip is not None and change.touched(self._grip.touches):
            self.cancel()

    def _forget_mouse(self) -> None:
        self._hot = Hot()
