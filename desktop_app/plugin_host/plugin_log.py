"""What plugins log, told from what anybody else does.

A plugin logs as every Python module: ``logging.getLogger(__name__)``. Its modules have a private package
name, and from that the plugin is known.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from desktop_app.plugin_host.loader import PACKAGE_PREFIX

_ROOT = logging.getLogger()


def plugin_of(logger_name: str) -> str:
    """The id of the plugin whose module logs under a name; empty for other loggers."""
    package = logger_name.split(".", 1)[0]
    if not package.startswith(PACKAGE_PREFIX):
        return ""
    return package.removeprefix(PACKAGE_PREFIX).rpartition("_")[0]


def keep_plugin_log() -> None:
    """Let informing lines through, too; for a process that runs plugins and nothing else."""
    _ROOT.setLevel(logging.INFO)


@contextmanager
def plugin_lines_to(tell: Callable[[str, str], None]) -> Iterator[None]:
    """Hand each line that a plugin logs inside the block, and its traceback, to ``tell(plugin_id, text)``."""
    handler = _PluginHandler(tell)
    _ROOT.addHandler(handler)
    try:
        yield
    finally:
        _ROOT.removeHandler(handler)


class _PluginHandler(logging.Handler):
    def __init__(self, tell: Callable[[str, str], None]) -> None:
        super().__init__()
        self._tell = tell
        self.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        plugin_id = plugin_of(record.name)
        if not plugin_id:
            return
        try:
            self._tell(plugin_id, self.format(record))
        except Exception:  # noqa: BLE001 - a line that cannot be formatted must not fail the plugin
            self.handleError(record)
