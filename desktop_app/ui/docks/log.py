"""What happened, line by line: messages, what jobs say, warnings. GUI thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop_app.engine.job import LogLine
from desktop_app.ui.message_bar import Notice
from desktop_app.ui.translation import tr

KEPT_LINES = 2000


class LogPanel(QPlainTextEdit):
    """Lines with the time of day; the oldest go.

    Parameters
    ----------
    shown : Callable[[str], str]
        Makes a text as it may be seen (``Privacy.hide``).
    """

    def __init__(self, shown: Callable[[str], str] = str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = shown
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self.setReadOnly(True)
        self.setMaximumBlockCount(KEPT_LINES)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setPlaceholderText(tr("Nothing has happened yet."))
        self.setAccessibleName(tr("Log"))

    def add_line(self, text: str) -> None:
        """Write one line."""
        line = f"{datetime.now().astimezone():%H:%M:%S}  {text}"
        self._lines.append(line)
        self.appendPlainText(self._shown(line))

    def refresh(self) -> None:
        """Write every line again; names may have to be hidden now."""
        self.setPlainText("\n".join(self._shown(line) for line in self._lines))

    def add_notice(self, notice: Notice) -> None:
        """Keep a message that the bar showed."""
        self.add_line(notice.text)

    def add_job_line(self, line: LogLine) -> None:
        """Keep what a job said."""
        self.add_line(tr(line.text))
