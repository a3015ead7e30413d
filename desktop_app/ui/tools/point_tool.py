"""Point: each click is an annotation of its own, so that points are counted and classified one by one.

GUI thread.
"""

from __future__ import annotations

import numpy as np

from desktop_app.domain.viewport import Point
from desktop_app.ui.tools.click_tool import ClickTool
from desktop_app.ui.tools.context import ToolContext
from desktop_app.ui.translation import tr


class PointTool(ClickTool):
    """Sets points.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    """

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context.canvas)
        self._context = context

    def clicked(self, position: Point) -> None:
        """Set a point, level-0 pixels."""
        self._context.add("points", ((np.array([position]),),), tr("Set point"))
