"""The line below the slide: magnification, pixel size, where the cursor is, and whether edits are saved.

Always there, as is the reminder that this is no medical device. GUI thread.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QWidget

from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas.readout_text import (
    angle_text,
    cursor_text,
    magnification_text,
    screen_pixel_text,
)
from desktop_app.ui.translation import tr

REFRESH_MS = 1000

SPACING = 8
"""Logical pixels between two labels."""


class StatusBar(QStatusBar):
    """Labels that follow the view in front."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        # What it says must never make the window wider.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.magnification = QLabel()
        self.mpp = QLabel()
        self.turned = QLabel()
        self.position = QLabel()
        self.saved = QLabel()
        self.research = QLabel(tr("Research use only, not for diagnosis"))
        self.research.setObjectName("research")
        for label in (self.magnification, self.mpp, self.turned, self.position):
            self.addWidget(label)
        self.privacy = QLabel(tr("Privacy mode: names are hidden"))
        self.privacy.setObjectName("badge")
        self.privacy.hide()
        self.addPermanentWidget(self.privacy)
        self.selecting = QLabel(tr("What you draw selects"))
        self.selecting.setObjectName("badge")
        self.selecting.hide()
        self.addPermanentWidget(self.selecting)
        self.preparing = QLabel()
        self.preparing.setToolTip(tr("The file lacks coarse levels; they are made once, while you work."))
        self.preparing.hide()
        self.addPermanentWidget(self.preparing)
        self.addPermanentWidget(self.saved)
        self.addPermanentWidget(self.research)
        self._saved_at: float | None = None
        self._pending = False
        self._refused = ""
        self._hint = ""
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._show_saved)
        self._timer.start()
        self.messageChanged.connect(self._show_labels)

    def show_view(self, info: SlideInfo | None, viewport: Viewport | None) -> None:
        """Show a view's magnification and pixel size; nothing without a slide."""
        if info is None or viewport is None:
            for label in (self.magnification, self.mpp, self.turned):
                label.clear()
            self.show_cursor(None, None)
        else:
            self.magnification.setText(magnification_text(viewport, info))
            self.mpp.setText(_sizes_text(viewport, info))
            self.turned.setText(angle_text(viewport))
        self._show_labels()
        for label in (self.magnification, self.mpp):
            # Numbers that change while the slide moves do not push the others to and fro.
            label.setMinimumWidth(max(label.minimumWidth(), label.sizeHint().width()))

    def show_hint(self, text: str, milliseconds: int) -> None:
        """Say how the tool just taken is used, in the readout's place, until :meth:`end_hint` or later."""
        self._hint = text
        self.showMessage(text, milliseconds)

    def end_hint(self) -> None:
        """Another tool is in hand, so that the readout is wanted again; other messages stay."""
        if self._hint and self.currentMessage() == self._hint:
            self.clearMessage()
        self._hint = ""

    def show_preparing(self, text: str) -> None:
        """Say how far the slide's missing levels are; empty for nothing."""
        if text != self.preparing.text():
            self.preparing.setText(text)
            self.preparing.setVisible(bool(text))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as there is room for."""
        super().resizeEvent(event)
        self._show_labels()

    def show_cursor(self, info: SlideInfo | None, point: Point | None) -> None:
        """Show a level-0 position in µm and pixels; nothing off the slide."""
        self.position.setText(cursor_text(point, info) if info is not None else "")
        self._show_labels()

    def mark_unsaved(self) -> None:
        """An edit was made and is on its way to the disk."""
        self._pending, self._refused = True, ""
        self._show_saved()

    def mark_refused(self, reason: str) -> None:
        """The disk has refused it, for a reason in a few words."""
        self._refused = reason
        self._show_saved()

    def mark_saved(self) -> None:
        """The journal has been synced."""
        self._pending, self._refused = False, ""
        self._saved_at = time.monotonic()
        self._show_saved()

    def forget_saved(self) -> None:
        """Another slide is in front."""
        self._pending, self._refused = False, ""
        self._saved_at = None
        self._show_saved()

    def _show_labels(self) -> None:
        """Show what has something to say; a passing message takes its place, and so does want of room."""
        readout = (self.magnification, self.mpp, self.turned, self.position)
        shown = [label for label in readout if label.text() and not self.currentMessage()]
        permanent = (self.privacy, self.preparing, self.saved, self.research)
        taken = sum(_width(label) for label in permanent if not label.isHidden())
        while len(shown) > 1 and taken + sum(map(_width, shown)) > self.width():
            # The last is missed least.
            shown.pop()
        for label in readout:
            label.setVisible(label in shown)

    def _show_saved(self) -> None:
        self.saved.setToolTip(tr("It is tried again every few seconds.") if self._refused else "")
        if self._refused:
            self.saved.setText(tr("Not saved: {reason}", reason=self._refused))
        elif self._pending:
            self.saved.setText(tr("Saving…"))
        elif self._saved_at is None:
            self.saved.clear()
        else:
            self.saved.setText(saved_text(time.monotonic() - self._saved_at))


def _width(label: QLabel) -> int:
    return max(label.sizeHint().width(), label.minimumWidth()) + SPACING


def _sizes_text(viewport: Viewport, info: SlideInfo) -> str:
    """How much a screen's pixel shows, and how much one of the scan."""
    if info.mpp is None:
        return tr("{shown}; pixel size unknown", shown=screen_pixel_text(viewport, info))
    scanned = f"{info.mpp[0]:.4g}"
    return tr("{shown}, scanned at {scanned}", shown=screen_pixel_text(viewport, info), scanned=scanned)


def saved_text(seconds: float) -> str:
    """How long ago the last edit reached the disk."""
    if seconds < 2:
        return tr("Saved")
    if seconds < 60:
        return tr("Saved {seconds} s ago", seconds=round(seconds))
    return tr("Saved {minutes} min ago", minutes=round(seconds / 60))
