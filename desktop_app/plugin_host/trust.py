"""Which contents of third-party plugins the user has trusted, and which plugins are switched off.

A small JSON file in the user's configuration folder. A damaged file trusts nothing: the user is asked again,
which is the safe side. Safe on any thread; written by whoever calls :meth:`TrustFile.add`.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from desktop_app.errors import StorageError


@dataclass(frozen=True, slots=True)
class TrustFile:
    """The trusted content hash of each plugin id, and the ids that are switched off.

    Attributes
    ----------
    path : Path
        The JSON file; need not exist.
    """

    path: Path

    def trusts(self, plugin_id: str, content_hash: str) -> bool:
        """Whether exactly this content was trusted under this id."""
        return self._read().trusted.get(plugin_id) == content_hash

    def add(self, plugin_id: str, content_hash: str) -> None:
        """Trust this content from now on, and no earlier content of the same plugin.

        Raises
        ------
        StorageError
            If the file cannot be written; so in the other methods that change it.
        """
        kept = self._read()
        self._write(replace(kept, trusted={**kept.trusted, plugin_id: content_hash}))

    def is_enabled(self, plugin_id: str) -> bool:
        """Whether it is not switched off."""
        return plugin_id not in self._read().disabled

    def set_enabled(self, plugin_id: str, enabled: bool) -> None:
        """Switch a plugin on or off."""
        kept = self._read()
        others = kept.disabled - {plugin_id}
        self._write(replace(kept, disabled=others if enabled else others | {plugin_id}))

    def forget(self, plugin_id: str) -> None:
        """Know nothing of a plugin any more."""
        kept = self._read()
        trusted = {name: digest for name, digest in kept.trusted.items() if name != plugin_id}
        self._write(_Kept(trusted, kept.disabled - {plugin_id}))

    def _read(self) -> _Kept:
        try:
            data = json.loads(self.path.read_bytes())
            return _Kept(dict(data["trusted"]), frozenset(data.get("disabled", ())))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return _Kept({}, frozenset())

    def _write(self, kept: _Kept) -> None:
        data = {"schema": 1, "trusted": dict(kept.trusted), "disabled": sorted(kept.disabled)}
        try:
            self._replace(json.dumps(data, indent=2, sort_keys=True).encode())
        except OSError as error:
            raise StorageError(self.path, str(error)) from error

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


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the file holds."""

    trusted: Mapping[str, str]
    disabled: frozenset[str]
