"""The tools of one view by name.

GUI thread.
"""

from __future__ import annotations

from desktop_app.ui.canvas import CanvasTool
from desktop_app.ui.tools.box_tool import BoxTool
from desktop_app.ui.tools.brush_tool import BrushTool
from desktop_app.ui.tools.context import ToolContext
from desktop_app.ui.tools.line_tool import LineTool
from desktop_app.ui.tools.note_tool import NoteTool
from desktop_app.ui.tools.point_tool import PointTool
from desktop_app.ui.tools.polygon_tool import PolygonTool
from desktop_app.ui.tools.polyline_tool import PolylineTool
from desktop_app.ui.tools.reshape_tool import ReshapeTool
from desktop_app.ui.tools.roi_tool import RoiTool
from desktop_app.ui.tools.select_tool import SelectTool

TOOL_NAMES = (
    "move",
    "rectangle",
    "ellipse",
    "line",
    "polygon",
    "polyline",
    "brush",
    "point",
    "note",
    "roi",
)
"""In the order of the tool bar; QuPath's keys are M, R, O, L, P, V, B and the full stop."""


def make_tools(context: ToolContext) -> dict[str, CanvasTool]:
    """One tool of each name, to give to ``SlideCanvas.set_tool``."""
    return {
        "move": SelectTool(context),
        "rectangle": BoxTool(context, "rectangle"),
        "ellipse": BoxTool(context, "ellipse"),
        "line": LineTool(context),
        "polygon": PolygonTool(context),
        "polyline": PolylineTool(context),
        "brush": BrushTool(context),
        "point": PointTool(context),
        "note": NoteTool(context),
        "roi": RoiTool(context),
        "reshape": ReshapeTool(context),
    }
