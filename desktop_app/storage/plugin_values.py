"""The values of parameters that the user wants plugins to begin with, by what they provide.

A small JSON file in the configuration folder; a damaged one remembers nothing. Safe on any thread.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop_app.errors import StorageError
from desktop_app.storage.atomic import write_atomically


@dataclass(frozen=True, slots=True)
class PluginValues:
    """Remembered values.

    Attributes
    ----------
    path : Path
        The JSON file; need not exist.
    """

    path: Path

    def of(self, use: str) -> dict[str, Any]:
        """What to begin with in place of the defaults; not checked against any manifest."""
        values = self._read().get(use, {})
        return dict(values) if isinstance(values, dict) else {}

    def remember(self, use: str, values: Mapping[str, Any]) -> None:
        """Begin with these from now on; none of them means the defaults.

        Raises
        ------
        StorageError
            If the file cannot be written.
        """
        kept = {name: kept for name, kept in self._read().items() if name != use}
        if values:
            kept[use] = dict(values)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(self.path, error.strerror or str(error)) from error
        write_atomically(self.path, json.dumps(kept, indent=2, sort_keys=True).encode())

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}
