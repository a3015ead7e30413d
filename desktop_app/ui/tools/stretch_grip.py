"""A stretch of an outline that is being redrawn: what the select tool does with Shift, and a tool of its own.

GUI thread.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.outline_editing import Outline, OutlinePlace, redrawn, simplified_stroke
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.errors import GeometryError
from desktop_app.ui.canvas import ToolEvent
from desktop_app.ui.canvas_layers.live_objects import SELECTED_COLOR
from desktop_app.ui.tools.context import REACH, ToolContext, slide_length
from desktop_app.ui.tools.grips import ChangeGrip
from desktop_app.ui.tools.sketch import paint_dashed, paint_vertex
from desktop_app.ui.tools.snapping import Snapper
from desktop_app.ui.translation import tr

END_REACH = 2 * REACH
"""Logical pixels from the outline within which a stretch can end."""

SIMPLIFIED = 0.5
"""Device pixels that the finished stretch may be from the drawn one."""


class StretchGrip(ChangeGrip):
    """A stretch drawn from one place of an outline to another.

    Parameters
    ----------
    context : ToolContext
        Gets the step.
    outline : Outline
        Of an area or a line that may be changed.
    start : OutlinePlace
        Where the stretch begins.
    snapper : Snapper
        Leads the stroke to borders.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self, context: ToolContext, outline: Outline, *, start: OutlinePlace, snapper: Snapper
    ) -> None:
        super().__init__(context, [outline.annotation], tr("Reshape outline"))
        self._outline, self._start, self._snapper = outline, start, snapper
        self._stroke: list[Point] = []
        self._tolerance = 1.0
        self._meets = False

    @property
    def drawn(self) -> bool:
        """Whether anything has been drawn."""
        return bool(self._stroke)

    def drag(self, event: ToolEvent) -> None:
        """Go on with the stretch; on the outline again, show what it would become."""
        self._tolerance = SIMPLIFIED * event.slide_px_per_view_px
        place = self._snapper.place(event, leaving_out=self.touches)
        before = self._stroke[-1] if self._stroke else self._start.position
        if self._stroke and math.dist(place, before) < event.slide_px_per_view_px:
            self._stroke[-1] = place
        else:
            self._stroke.append(place)
        end = self._outline.nearest_place(place, slide_length(event, END_REACH))
        longer = bool(event.modifiers & Qt.KeyboardModifier.ControlModifier)
        self._meets = end is not None and self._shows(end, longer)
        if not self._meets:
            self._context.selection.in_hand = frozenset()

    def drop(self) -> None:
        """Replace the stretch; one that does not end on the outline is refused."""
        self._context.attempt(self._finish)

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the outline as it would be, or the stretch drawn so far."""
        if self._meets:
            super().paint(painter, viewport)
        elif self._stroke:
            line = np.array([self._start.position, *self._stroke])
            paint_dashed(painter, viewport, [line], SELECTED_COLOR, closed=False)
        paint_vertex(painter, viewport, self._start.position, SELECTED_COLOR)

    def _shows(self, end: OutlinePlace, longer: bool) -> bool:
        # The last place drawn is near the outline; the stretch ends on it instead.
        whole = [self._start.position, *self._stroke[:-1], end.position]
        stroke = simplified_stroke(whole, self._tolerance)[1:-1]
        try:
            changed = redrawn(self._outline, stroke, start=self._start, end=end, longer=longer)
        except GeometryError:
            return False
        self.show([changed])
        return True

    def _finish(self) -> None:
        if not self._meets:
            raise GeometryError("The drawn stretch must end on the outline where it began.")
        self._change()
