"""Rectangle and ellipse: drag from corner to corner, Shift for a square or circle, Alt to subtract.

GUI thread.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.shapes import Box, Parts, box_of, ellipse_parts, rectangle_parts
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.tools.context import ToolContext, has_moved
from desktop_app.ui.tools.drawn_area import DrawnArea, Way, finish_area, way_of
from desktop_app.ui.tools.sketch import paint_dashed, paint_rings
from desktop_app.ui.translation import marked, tr

LABELS = {"rectangle": marked("Draw rectangle"), "ellipse": marked("Draw ellipse")}


class BoxTool:
    """Draws what fills a box; see :class:`desktop_app.ui.canvas.CanvasTool`.

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
        self._context = context
        self._kind: Literal["rectangle", "ellipse"] = kind
        self._as_roi = as_roi
        self._start: ToolEvent | None = None
        self._box: Box | None = None
        self._way: Way = "new"

    @property
    def cursor(self) -> Cursor:
        """A cross."""
        return Qt.CursorShape.CrossCursor

    def press(self, event: ToolEvent) -> bool:
        """Begin at a corner."""
        if event.button != Qt.MouseButton.LeftButton:
            return False
        self._start, self._box = event, None
        self._way = way_of(event.modifiers, shift_joins=False)
        return True

    def move(self, event: ToolEvent) -> bool:
        """Stretch to the opposite corner."""
        if self._start is None:
            return False
        if self._box is not None or has_moved(event, self._start.view_position):
            square = bool(event.modifiers & Qt.KeyboardModifier.ShiftModifier)
            self._box = box_of(self._start.position, event.position, square=square)
        return True

    def release(self, event: ToolEvent) -> bool:
        """Finish the shape; without a drag it was a click, which selects nothing."""
        if self._start is None or event.button != Qt.MouseButton.LeftButton:
            return False
        self.move(event)
        box = self._box
        self.cancel()
        if box is None:
            self._context.selection.clear()
        elif box[2] > box[0] and box[3] > box[1]:
            self._finish(box)
        return True

    def double_click(self, event: ToolEvent) -> bool:
        """The second click of a double click begins a shape like any press."""
        return self.press(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc gives the shape up."""
        if key != Qt.Key.Key_Escape or self._start is None:
            return False
        self.cancel()
        return True

    def cancel(self) -> None:
        """Give the shape up."""
        self._start = self._box = None

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the shape as it would be now."""
        if self._box is not None:
            rings = self._parts(self._box)[0]
            dashed = self._as_roi or self._way == "subtract" or self._context.options.selecting
            paint = paint_dashed if dashed else paint_rings
            paint(painter, viewport, rings, self._context.color, closed=True)

    def _finish(self, box: Box) -> None:
        roi = self._context.roi_status if self._as_roi else None
        label = tr("Draw ROI") if self._as_roi else tr(LABELS[self._kind])
        area = DrawnArea(self._kind, lambda: self._parts(box), label, way=self._way, roi=roi)
        if finish_area(self._context, area):
            self._context.options.shape_finished.emit()

    def _parts(self, box: Box) -> Parts:
        return rectangle_parts(box) if self._kind == "rectangle" else ellipse_parts(box)
