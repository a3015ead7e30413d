"""Snapping to the borders of neighbors, with a mark where it would happen: what any tool can ask for.

GUI thread.
"""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPolygonF

from desktop_app.domain.snapping import BorderPlace, border_near
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas import ToolEvent
from desktop_app.ui.canvas_layers.contrast_lines import paint_twice
from desktop_app.ui.tools.context import ToolContext, slide_length
from desktop_app.ui.tools.sketch import device_ratio

SNAP_REACH = 8.0
"""Logical pixels within which a border attracts the mouse."""

MARK = 7.0
"""Logical pixels from the middle of the mark to its corners."""


class Snapper:
    """Leads the mouse to a border while *Snap to neighbors* is on.

    Parameters
    ----------
    context : ToolContext
        Whose annotations are the neighbors.
    """

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._place: BorderPlace | None = None
        context.options.pointer_left.connect(self.clear)

    @property
    def on(self) -> bool:
        """Whether the user wants it, so that a mark may have to be painted wherever the mouse is."""
        return self._context.options.settings.snap

    def place(self, event: ToolEvent, *, leaving_out: frozenset[UUID] = frozenset()) -> Point:
        """Where the mouse is meant to be, level-0 pixels: on a border near it, else where it is.

        Parameters
        ----------
        event : ToolEvent
            The mouse.
        leaving_out : frozenset[UUID]
            What is being changed itself.
        """
        self._place = None
        if self.on:
            reach = slide_length(event, SNAP_REACH)
            snapshot = self._context.document.snapshot
            self._place = border_near(snapshot, event.position, reach, leaving_out=leaving_out)
        return event.position if self._place is None else self._place.position

    def clear(self) -> None:
        """Show no mark any more."""
        self._place = None

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Mark the place: a square at a vertex, a diamond on an edge."""
        if self._place is None or not self.on:
            return
        dpr = device_ratio(painter)
        x, y = viewport.view_point(self._place.position)
        half = MARK * dpr
        corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
        if self._place.on == "edge":
            corners = [(-half, 0), (0, -half), (half, 0), (0, half)]
        shape = QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_twice(painter, dpr, lambda: painter.drawPolygon(shape), width=1.5)
