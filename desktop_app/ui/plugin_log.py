"""What was said by and about each plugin since the start. GUI thread."""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from desktop_app.engine.job import LogLine
from desktop_app.ui.engine.job_engine import JobEngine
from desktop_app.ui.engine.job_record import JobRecord

MOST_LINES = 500
"""Of one plugin; older ones are dropped."""


class PluginLog(QObject):
    """The latest lines of each plugin: what it logs, and how it failed.

    Parameters
    ----------
    engine : JobEngine
        Runs the plugins.

    Notes
    -----
    ``changed(str)`` is emitted with the id of the plugin that has a new line.
    """

    changed = Signal(str)

    def __init__(self, engine: JobEngine) -> None:
        super().__init__(engine)
        self._lines: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=MOST_LINES))
        engine.logged.connect(self._hear)
        engine.changed.connect(self._follow)

    def lines(self, plugin_id: str) -> tuple[str, ...]:
        """What is known of a plugin, oldest first, each with its time."""
        return tuple(self._lines.get(plugin_id, ()))

    def add(self, plugin_id: str, text: str) -> None:
        """Keep a line."""
        self._lines[plugin_id].append(f"{datetime.now().astimezone():%H:%M:%S}  {text}")
        self.changed.emit(plugin_id)

    def _hear(self, line: LogLine) -> None:
        if line.plugin_id:
            self.add(line.plugin_id, line.text)

    def _follow(self, record: JobRecord) -> None:
        if record.failure is not None and record.failure.plugin_id:
            self.add(record.failure.plugin_id, record.failure.sentence)
