"""K held: the slide without its stain normalization, for as long as it is held. GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent

if TYPE_CHECKING:
    from desktop_app.ui.slide_view import SlideView


class PeekKey(QObject):
    """Watches the keyboard of one view's canvas.

    Parameters
    ----------
    view : SlideView
        Its owner, too.
    """

    def __init__(self, view: SlideView) -> None:
        super().__init__(view)
        self._display = view.display

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the key where there is anything to be left out."""
        if event.type() == QEvent.Type.FocusOut:
            self._display.peek(False)
        elif (
            isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_K
            and event.type() in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
            and not event.modifiers()
            and self._display.normalization is not None
        ):
            if not event.isAutoRepeat():
                self._display.peek(event.type() == QEvent.Type.KeyPress)
            return True
        return False
