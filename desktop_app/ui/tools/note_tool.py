"""Text note: click, type beside the place, Enter.

Esc gives the note up; clicking elsewhere keeps what was typed. GUI thread.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.domain.viewport import Point
from desktop_app.ui.canvas import Cursor, ToolEvent
from desktop_app.ui.tools.click_tool import ClickTool
from desktop_app.ui.tools.context import ToolContext
from desktop_app.ui.translation import tr

LONGEST_NOTE = 200
"""Characters; longer texts belong into the description."""

EDITOR_WIDTH = 220
"""Logical pixels."""


class NoteEditor(QLineEdit):
    """The line on the canvas that a note is typed into.

    Parameters
    ----------
    tool : NoteTool
        Told how it ends.
    parent : QWidget
        The canvas.
    """

    def __init__(self, tool: NoteTool, parent: QWidget) -> None:
        super().__init__(parent)
        self._tool = tool
        self.setMaxLength(LONGEST_NOTE)
        self.setFixedWidth(EDITOR_WIDTH)
        self.setPlaceholderText(tr("Note"))
        self.setAccessibleName(tr("Text of the note"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter keeps the note, Esc gives it up."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._tool.keep()
        elif event.key() == Qt.Key.Key_Escape:
            self._tool.cancel()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep what was typed, unless it was only the window that lost the keyboard."""
        super().focusOutEvent(event)
        kept = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
        if event.reason() not in kept:
            self._tool.keep()


class NoteTool(ClickTool):
    """Sets notes.

    Parameters
    ----------
    context : ToolContext
        What it acts on; its canvas is a widget, on which the text is typed.
    """

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context.canvas)
        self._context = context
        self._place: Point | None = None
        self._clicked_at: Point = (0.0, 0.0)
        self._editor: NoteEditor | None = None

    @property
    def cursor(self) -> Cursor:
        """The mark of a place for text."""
        return Qt.CursorShape.IBeamCursor

    @property
    def editor(self) -> NoteEditor | None:
        """Where the text is being typed; None while it is not."""
        return self._editor

    def press(self, event: ToolEvent) -> bool:
        """Wait whether it is a click or a drag; a note being typed is kept."""
        self.keep()
        self._clicked_at = event.view_position[0] / event.dpr, event.view_position[1] / event.dpr
        return super().press(event)

    def clicked(self, position: Point) -> None:
        """Ask for the text beside the place, level-0 pixels."""
        canvas = cast("QWidget", self._canvas)
        self._place = position
        editor = NoteEditor(self, canvas)
        size = editor.sizeHint()
        x = min(round(self._clicked_at[0]) + 8, canvas.width() - EDITOR_WIDTH - 4)
        y = min(round(self._clicked_at[1]) - size.height() // 2, canvas.height() - size.height() - 4)
        editor.move(QPoint(max(4, x), max(4, y)))
        self._editor = editor
        editor.show()
        editor.setFocus()

    def keep(self) -> None:
        """Set the note that was typed; one without text is none."""
        text = "" if self._editor is None else self._editor.text().strip()
        place = self._place
        self._close_editor()
        if text and place is not None and self._set(place, text):
            self._context.options.shape_finished.emit()

    def cancel(self) -> None:
        """Give the note up."""
        super().cancel()
        self._close_editor()

    def _set(self, place: Point, text: str) -> bool:
        return self._context.add("note", ((np.array([place]),),), tr("Set note"), name=text)

    def _close_editor(self) -> None:
        """Put the line away, and the keyboard back to the canvas."""
        editor, self._editor, self._place = self._editor, None, None
        if editor is not None:
            had_keyboard = editor.hasFocus()
            editor.hide()
            editor.deleteLater()
            if had_keyboard:
                cast("QWidget", self._canvas).setFocus()
