"""What happened, line by line: messages, what jobs say, warnings. GUI thread."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop_app.engine.job import LogLine
from desktop_app.ui.message_bar import Notice
from desktop_app.ui.translation import tr

KEPT_LINES = 2000


class LogPanel(QPlainTextEdit):
    """Lines with the time of day; the oldest go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setMaximumBlockCount(KEPT_LINES)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setPlaceholderText(tr("Nothing has happened yet."))
        self.setAccessibleName(tr("Log"))

    def add_line(self, text: str) -> None:
        """Write one line."""
        self.appendPlainText(f"{datetime.now().astimezone():%H:%M:%S}  {text}")

    def add_notice(self, notice: Notice) -> None:
        """Keep a message that the bar showed."""
        self.add_line(notice.text)

    def add_job_line(self, line: LogLine) -> None:
        """Keep what a job said."""
        self.add_line(tr(line.text))
