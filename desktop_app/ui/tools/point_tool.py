"""Point: each click is an annotation of its own, so that points are counted and classified one by one.

With Shift a click adds to the points annotation that is selected. GUI thread.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.viewport import Point
from desktop_app.ui.canvas import ToolEvent
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
        self._adds = False

    def press(self, event: ToolEvent) -> bool:
        """Wait whether it is a click or a drag; remember Shift."""
        self._adds = bool(event.modifiers & Qt.KeyboardModifier.ShiftModifier)
        return super().press(event)

    def clicked(self, position: Point) -> None:
        """Set a point, level-0 pixels."""
        only = self._context.selection.only
        if self._adds and only is not None and only.kind == "points" and not only.locked:
            self._add_to(only, position)
        else:
            self._context.add("points", ((np.array([position]),),), tr("Set point"))

    def _add_to(self, points: Annotation, position: Point) -> None:
        ring = np.concatenate([points.parts[0][0], [position]])
        more = replace(points, parts=((ring,),))
        document = self._context.document
        self._context.attempt(lambda: document.change(tr("Add point"), before=[points], after=[more]))
