"""The tools of one view by name.

GUI thread.
"""

from __future__ import annotations

from desktop_app.ui.canvas import CanvasTool
from desktop_app.ui.tools.box_tool import BoxTool
from desktop_app.ui.tools.context import ToolContext
from desktop_app.ui.tools.point_tool import PointTool
from desktop_app.ui.tools.polygon_tool import PolygonTool
from desktop_app.ui.tools.select_tool import SelectTool

TOOL_NAMES = ("move", "rectangle", "ellipse", "polygon", "point")
"""In the order of the tool bar; QuPath's keys are M, R, O, P and the full stop."""


def make_tools(context: ToolContext) -> dict[str, CanvasTool]:
    """One tool of each name, to give to ``SlideCanvas.set_tool``."""
    return {
        "move": SelectTool(context),
        "rectangle": BoxTool(context, "rectangle"),
        "ellipse": BoxTool(context, "ellipse"),
        "polygon": PolygonTool(context),
        "point": PointTool(context),
    }
