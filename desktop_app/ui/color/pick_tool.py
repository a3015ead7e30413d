"""Pointing once at a place of the slide, in any mode. GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from desktop_app.domain.viewport import Point
from desktop_app.ui.tools.click_tool import ClickTool
from desktop_app.ui.tools.context import PannedCanvas


class PickTool(ClickTool):
    """Tells one click.

    Parameters
    ----------
    canvas : PannedCanvas
        Panned by a drag.
    picked : Callable[[Point | None], None]
        Told the place, level-0 pixels; None where it was given up with Esc.
    """

    def __init__(self, canvas: PannedCanvas, picked: Callable[[Point | None], None]) -> None:
        super().__init__(canvas)
        self._picked = picked

    def clicked(self, position: Point) -> None:
        """Tell the place, level-0 pixels."""
        self._picked(position)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc gives up."""
        if key != Qt.Key.Key_Escape:
            return False
        self._picked(None)
        return True
