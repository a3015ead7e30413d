"""Tools of the Annotate mode: they turn mouse and keys into edits of the document. GUI thread."""

from desktop_app.ui.tools.context import ToolContext
from desktop_app.ui.tools.toolbox import TOOL_NAMES, make_tools

__all__ = ["TOOL_NAMES", "ToolContext", "make_tools"]
