"""A scroll area that is never narrower than what it holds, so that a panel cuts no control off.

A dock can be dragged as narrow as its panel allows; a panel of forms that scrolls up and down has to say
itself what it needs across. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QScrollArea, QWidget

LEAST_WIDTH, WIDEST = 260, 440
"""Logical pixels: of every panel, and what one insists on; what is wider than that is scrolled to."""


class WideScroll(QScrollArea):
    """Tells the width that its content needs.

    Notes
    -----
    ``needs(int)`` follows every change of it, in logical pixels with the scroll bar, between
    ``LEAST_WIDTH`` and ``WIDEST``.
    """

    needs = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the content, on which Qt has installed this filter."""
        used = super().eventFilter(watched, event)
        content = self.widget()
        if event.type() == QEvent.Type.LayoutRequest and content is not None and watched is content:
            bar = self.verticalScrollBar().sizeHint().width()
            self.needs.emit(max(LEAST_WIDTH, min(content.minimumSizeHint().width() + bar, WIDEST)))
        return used
