"""The line below the slide: magnification, pixel size, where the cursor is, and whether edits are saved.

Always there, as is the reminder that this is no medical device. GUI thread.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas.readout_text import cursor_text, magnification_text, pixel_size_text
from desktop_app.ui.translation import tr

REFRESH_MS = 1000


class StatusBar(QStatusBar):
    """Labels that follow the view in front."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.magnification = QLabel()
        self.mpp = QLabel()
        self.position = QLabel()
        self.saved = QLabel()
        self.research = QLabel(tr("Research use only, not for diagnosis"))
        self.research.setObjectName("research")
        for label in (self.magnification, self.mpp, self.position):
            self.addWidget(label)
        self.addPermanentWidget(self.saved)
        self.addPermanentWidget(self.research)
        self._saved_at: float | None = None
        self._pending = False
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._show_saved)
        self._timer.start()

    def show_view(self, info: SlideInfo | None, viewport: Viewport | None) -> None:
        """Show a view's magnification and pixel size; nothing without a slide."""
        if info is None or viewport is None:
            for label in (self.magnification, self.mpp):
                label.clear()
            self.show_cursor(None, None)
        else:
            self.magnification.setText(magnification_text(viewport, info))
            self.mpp.setText(pixel_size_text(info))
        self.magnification.setVisible(bool(self.magnification.text()))
        self.mpp.setVisible(bool(self.mpp.text()))

    def show_cursor(self, info: SlideInfo | None, point: Point | None) -> None:
        """Show a level-0 position in µm and pixels; nothing off the slide."""
        self.position.setText(cursor_text(point, info) if info is not None else "")

    def mark_unsaved(self) -> None:
        """An edit was made and is on its way to the disk."""
        self._pending = True
        self._show_saved()

    def mark_saved(self) -> None:
        """The journal has been synced."""
        self._pending = False
        self._saved_at = time.monotonic()
        self._show_saved()

    def forget_saved(self) -> None:
        """Another slide is in front."""
        self._pending = False
        self._saved_at = None
        self._show_saved()

    def _show_saved(self) -> None:
        if self._pending:
            self.saved.setText(tr("Saving…"))
        elif self._saved_at is None:
            self.saved.clear()
        else:
            self.saved.setText(saved_text(time.monotonic() - self._saved_at))


def saved_text(seconds: float) -> str:
    """How long ago the last edit reached the disk."""
    if seconds < 2:
        return tr("Saved")
    if seconds < 60:
        return tr("Saved {seconds} s ago", seconds=round(seconds))
    return tr("Saved {minutes} min ago", minutes=round(seconds / 60))
