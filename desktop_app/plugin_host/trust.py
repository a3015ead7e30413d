"""Which contents of third-party plugins the user has trusted.

A small JSON file in the user's configuration folder. A damaged file trusts nothing: the user is asked again,
which is the safe side. Safe on any thread; written by whoever calls :meth:`TrustFile.add`.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from desktop_app.errors import StorageError


@dataclass(frozen=True, slots=True)
class TrustFile:
    """The trusted content hash of each plugin id.

    Attributes
    ----------
    path : Path
        The JSON file; need not exist.
    """

    path: Path

    def trusts(self, plugin_id: str, content_hash: str) -> bool:
        """Whether exactly this content was trusted under this id."""
        return self._read().get(plugin_id) == content_hash

    def add(self, plugin_id: str, content_hash: str) -> None:
        """Trust this content from now on, and no earlier content of the same plugin.

        Raises
        ------
        StorageError
            If the file cannot be written.
        """
        trusted = {**self._read(), plugin_id: content_hash}
        text = json.dumps({"schema": 1, "trusted": trusted}, indent=2, sort_keys=True)
        try:
            self._replace(text.encode())
        except OSError as error:
            raise StorageError(self.path, str(error)) from error

    def _read(self) -> dict[str, str]:
        try:
            trusted = json.loads(self.path.read_bytes())["trusted"]
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return dict(trusted) if isinstance(trusted, dict) else {}

    def _replace(self, data: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(self.path)
        finally:
            temporary.unlink(missing_ok=True)
