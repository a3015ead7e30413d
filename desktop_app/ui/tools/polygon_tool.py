"""Polygon: clicks and free drags in one outline, closed by Enter, a double click or its first vertex.

GUI thread.
"""

from __future__ import annotations

import math

from desktop_app.domain.annotation import Color
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.shapes import polygon_parts
from desktop_app.domain.viewport import Point
from desktop_app.ui.canvas import ToolEvent
from desktop_app.ui.tools.context import REACH, ToolContext, slide_length
from desktop_app.ui.tools.drawn_area import DrawnArea, finish_area
from desktop_app.ui.tools.vertex_tool import VertexTool
from desktop_app.ui.translation import tr


class PolygonTool(VertexTool):
    """Draws polygons.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    as_roi : bool
        Whether they are ROIs.
    """

    least = 3

    def __init__(self, context: ToolContext, *, as_roi: bool = False) -> None:
        super().__init__(context)
        self._as_roi = as_roi

    @property
    def color(self) -> Color:
        """That of a ROI, or of the class in hand."""
        return self._context.roi_color if self._as_roi else self._context.color

    def closes(self, event: ToolEvent, place: Point) -> bool:
        """On the first vertex."""
        if len(self._vertices) < self.least:
            return False
        first = self._vertices[0]
        return place == first or math.dist(event.position, first) <= slide_length(event, REACH)

    def finished(self, points: FloatArray, tolerance: float) -> bool:
        """Close the outline."""
        roi = self._context.roi_status if self._as_roi else None
        label = tr("Draw ROI") if self._as_roi else tr("Draw polygon")
        crumb = (2 * tolerance) ** 2
        area = DrawnArea(
            "polygon", lambda: polygon_parts(points, tolerance), label, way=self._way, roi=roi, crumb=crumb
        )
        return finish_area(self._context, area)
