"""Rectangle and ellipse: drag from corner to corner, Shift for a square or circle, Alt to subtract.

GUI thread.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.shapes import Box, Parts, box_of, ellipse_parts, rectangle_parts
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas import ToolEvent
from desktop_app.ui.tools.context import ToolContext
from desktop_app.ui.tools.drag_tool import ShapeDragTool
from desktop_app.ui.tools.drawn_area import DrawnArea, Way, finish_area, way_of
from desktop_app.ui.tools.sketch import paint_dashed, paint_rings
from desktop_app.ui.translation import marked, tr

LABELS = {"rectangle": marked("Draw rectangle"), "ellipse": marked("Draw ellipse")}


class BoxTool(ShapeDragTool):
    """Draws what fills a box.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    kind : Literal["rectangle", "ellipse"]
        What it draws.
    as_roi : bool
        Whether that is a ROI.
    """

    def __init__(
        self, context: ToolContext, kind: Literal["rectangle", "ellipse"], *, as_roi: bool = False
    ) -> None:
        super().__init__(context)
        self._kind: Literal["rectangle", "ellipse"] = kind
        self._as_roi = as_roi

    def dragged(self, start: ToolEvent, end: ToolEvent) -> None:
        """Finish the shape, unless it is empty."""
        box = _box(start, end)
        if box[2] <= box[0] or box[3] <= box[1]:
            return
        roi = self._context.roi_status if self._as_roi else None
        label = tr("Draw ROI") if self._as_roi else tr(LABELS[self._kind])
        area = DrawnArea(self._kind, lambda: self._parts(box), label, way=_way(start), roi=roi)
        if finish_area(self._context, area):
            self._context.options.shape_finished.emit()

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the shape as it would be now."""
        if self._start is not None and self._end is not None:
            rings = self._parts(_box(self._start, self._end))[0]
            selecting = self._context.options.selecting
            dashed = self._as_roi or _way(self._start) == "subtract" or selecting
            color = self._context.roi_color if self._as_roi else self._context.color
            (paint_dashed if dashed else paint_rings)(painter, viewport, rings, color, closed=True)
        super().paint(painter, viewport)

    def _parts(self, box: Box) -> Parts:
        return rectangle_parts(box) if self._kind == "rectangle" else ellipse_parts(box)


def _box(start: ToolEvent, end: ToolEvent) -> Box:
    square = bool(end.modifiers & Qt.KeyboardModifier.ShiftModifier)
    return box_of(start.position, end.position, square=square)


def _way(start: ToolEvent) -> Way:
    return way_of(start.modifiers, shift_joins=False)
