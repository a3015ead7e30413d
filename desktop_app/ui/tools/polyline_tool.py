"""Polyline: a line of many vertices, finished by Enter or a double click.

GUI thread.
"""

from __future__ import annotations

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.drawn_lines import line_parts
from desktop_app.ui.tools.vertex_tool import VertexTool
from desktop_app.ui.translation import tr


class PolylineTool(VertexTool):
    """Draws lines of many vertices.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    """

    def finished(self, points: FloatArray, tolerance: float) -> bool:
        """Keep the line, without vertices that nobody could see."""
        kind = self._context.line_kind
        label = tr("Draw arrow") if kind == "arrow" else tr("Draw polyline")
        return self._context.add(kind, line_parts(points, tolerance), label)
