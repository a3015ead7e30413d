"""What a drag of the select tool has taken hold of: the slide, whole shapes, a handle, vertices, a stretch.

A grip shows what would become of the annotations while it is dragged, and does it as one step when it is let
go; dropped before that, nothing has happened. GUI thread.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from uuid import UUID

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.annotation import AREA_KINDS, POINT_KINDS, Annotation
from desktop_app.domain.arrays import IntArray
from desktop_app.domain.outline_editing import Outline, center_of, rotated, with_moved_vertices
from desktop_app.domain.shapes import translated, valid
from desktop_app.domain.viewport import Viewport
from desktop_app.errors import GeometryError
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.tools.context import ToolContext
from desktop_app.ui.tools.handles import pulled
from desktop_app.ui.tools.outline_marks import paint_box, paint_fine
from desktop_app.ui.tools.sketch import paint_annotation
from desktop_app.ui.tools.snapping import Snapper
from desktop_app.ui.tools.vertex_selection import VertexSelection
from desktop_app.ui.translation import tr

SHOWN_IN_HAND = 500
"""So many of what is dragged are painted under the mouse; all of it moves when the button is let go."""

MANY_VERTICES = 5000
"""Outlines of more vertices are painted as thin lines while they are changed."""

TURN_STEP = 15.0
"""Degrees; with Shift a shape is turned in such steps."""


def paint_changed(painter: QPainter, viewport: Viewport, shapes: Sequence[Annotation]) -> None:
    """Paint annotations that are being changed, those of very many vertices as thin lines."""
    for annotation in shapes:
        rings = [ring for part in annotation.parts for ring in part]
        if annotation.kind in POINT_KINDS or sum(map(len, rings)) <= MANY_VERTICES:
            paint_annotation(painter, viewport, annotation)
        else:
            paint_fine(painter, viewport, rings, closed=annotation.kind in AREA_KINDS)


class Grip(ABC):
    """Something taken hold of.

    Attributes
    ----------
    cursor : Cursor
        While it is dragged.
    touches : frozenset[UUID]
        What it is about to change; the grip is lost when somebody else does so meanwhile.
    """

    cursor: Cursor = Qt.CursorShape.SizeAllCursor
    touches: frozenset[UUID] = frozenset()

    @abstractmethod
    def drag(self, event: ToolEvent) -> None:
        """Follow the mouse."""

    @abstractmethod
    def drop(self) -> None:
        """Do what was shown; nothing where nothing was."""

    @abstractmethod
    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint what would become of it, ``painter`` in device pixels."""


class SlideGrip(Grip):
    """The slide itself, which is panned."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, context: ToolContext, event: ToolEvent) -> None:
        self._context = context
        self._last = event

    def drag(self, event: ToolEvent) -> None:
        """Pan by what the mouse has moved since."""
        x, y = self._last.view_position
        self._context.canvas.pan_by(event.view_position[0] - x, event.view_position[1] - y)
        self._last = event

    def drop(self) -> None:
        """The slide is where it was dragged to."""

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """The slide paints itself."""


class ChangeGrip(Grip):
    """Annotations that become others while they are dragged.

    Parameters
    ----------
    context : ToolContext
        Gets the step.
    before : Sequence[Annotation]
        As they are.
    label : str
        For the undo menu.
    """

    def __init__(self, context: ToolContext, before: Sequence[Annotation], label: str) -> None:
        self._context = context
        self.before = tuple(before)
        self.after: tuple[Annotation, ...] = ()
        self.touches = frozenset(found.id for found in self.before)
        self._label = label

    def show(self, after: Sequence[Annotation]) -> None:
        """Take annotations from the slide and paint these under the mouse."""
        self.after = tuple(after)
        self._context.selection.in_hand = self.touches

    def drop(self) -> None:
        """Change them, as one step."""
        if self.after:
            self._context.attempt(self._change)

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint them as they would be."""
        paint_changed(painter, viewport, self.after)

    def finished(self) -> Sequence[Annotation]:
        """What the step makes of them, in the order of ``before``; may raise a ``GeometryError``."""
        return [valid(annotation) for annotation in self.after]

    def _change(self) -> None:
        self._context.document.change(self._label, before=self.before, after=self.finished())


class ShapeGrip(ChangeGrip):
    """Whole shapes, which are moved."""

    def __init__(self, context: ToolContext, event: ToolEvent, shapes: Sequence[Annotation]) -> None:
        super().__init__(context, shapes, tr("Move"))
        self._start = event.position
        self._shift = (0.0, 0.0)

    def drag(self, event: ToolEvent) -> None:
        """Move them with the mouse."""
        self._shift = event.position[0] - self._start[0], event.position[1] - self._start[1]
        self.show([translated(found, *self._shift) for found in self.before[-SHOWN_IN_HAND:]])

    def finished(self) -> Sequence[Annotation]:
        """All of them, those that were too many to be shown as well."""
        return [translated(found, *self._shift) for found in self.before]


class BoxHandleGrip(ChangeGrip):
    """A handle of a rectangle or ellipse."""

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, context: ToolContext, shape: Annotation, handle: int, snapper: Snapper) -> None:
        super().__init__(context, [shape], tr("Reshape"))
        self._handle = handle
        self._snapper = snapper

    def drag(self, event: ToolEvent) -> None:
        """Stretch the shape; one that cannot be that small stays as it last was."""
        place = self._snapper.place(event, leaving_out=self.touches)
        try:
            self.show([pulled(self.before[0], self._handle, place)])
        except GeometryError:
            return


class VertexGrip(ChangeGrip):
    """A vertex, and all selected ones with it.

    Parameters
    ----------
    context : ToolContext
        Gets the step.
    outline : Outline
        Whose vertices they are.
    vertices : VertexSelection
        The selected ones.
    number : int
        The one under the mouse.
    snapper : Snapper
        Leads it to borders.
    """

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(
        self,
        context: ToolContext,
        outline: Outline,
        *,
        vertices: VertexSelection,
        number: int,
        snapper: Snapper,
    ) -> None:
        super().__init__(context, [outline.annotation], tr("Reshape"))
        self._outline, self._vertices, self._number, self._snapper = outline, vertices, number, snapper
        self._numbers: IntArray = np.union1d(vertices.numbers, [number]).astype(np.int64)
        self._shift = np.zeros(2)

    def drag(self, event: ToolEvent) -> None:
        """Move the vertex to the mouse, or to the border near it, and the others by as much."""
        place = self._snapper.place(event, leaving_out=self.touches)
        self._shift = np.asarray(place) - self._outline.vertices[self._number]
        shift = float(self._shift[0]), float(self._shift[1])
        self.show([with_moved_vertices(self._outline, self._numbers, shift)])

    def drop(self) -> None:
        """Change the outline; the vertices stay selected where they are now."""
        super().drop()
        if self.after:
            self._vertices.set_at(self._outline.vertices[self._numbers] + self._shift)


class TurnGrip(ChangeGrip):
    """The handle that turns a shape."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, context: ToolContext, event: ToolEvent, shape: Annotation) -> None:
        super().__init__(context, [shape], tr("Rotate"))
        self._center = center_of(shape)
        self._start = self._angle(event)

    def drag(self, event: ToolEvent) -> None:
        """Turn it with the mouse; with Shift in steps."""
        degrees = self._angle(event) - self._start
        if event.modifiers & Qt.KeyboardModifier.ShiftModifier:
            degrees = round(degrees / TURN_STEP) * TURN_STEP
        self.show([rotated(self.before[0], degrees, self._center)])

    def _angle(self, event: ToolEvent) -> float:
        """Clockwise on the slide, degrees."""
        dx, dy = event.position[0] - self._center[0], event.position[1] - self._center[1]
        return float(np.degrees(np.arctan2(dy, dx)))


class VertexBoxGrip(Grip):
    """A box of the screen that selects vertices."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, context: ToolContext, event: ToolEvent, vertices: VertexSelection) -> None:
        self._context, self._vertices = context, vertices
        self._start = self._end = event.view_position

    def drag(self, event: ToolEvent) -> None:
        """Stretch the box to the mouse."""
        self._end = event.view_position

    def drop(self) -> None:
        """Select what is in the box as well."""
        corners = np.array(self._start), np.array(self._end)
        found = self._vertices.within(corners, self._context.canvas.viewport)
        self._vertices.set(np.union1d(self._vertices.numbers, found).astype(np.int64))

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the box."""
        paint_box(painter, self._start, self._end)
