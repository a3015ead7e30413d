"""What is remembered of one slide between two openings: small JSON files in a folder of its own.

Display settings, bookmarks and coverage are conveniences: a file that cannot be read counts as not there.
Each room of the window has a file of its own name. Any thread; the window writes from its background pool.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from desktop_app.storage.atomic import write_atomically


class SlideMemory:
    """The memory of one slide.

    Parameters
    ----------
    folder : Path
        ``locations.slide_memory / document_id``; made with the first write.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> dict[str, Any]:
        """What was written under a name; empty if nothing was, or if it is damaged."""
        try:
            content = orjson.loads(self._file(name).read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, name: str, content: Mapping[str, Any]) -> None:
        """Replace what is remembered under a name; numpy arrays are written as lists.

        Raises
        ------
        StorageError
            If the system refuses.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2
        write_atomically(self._file(name), orjson.dumps(dict(content), option=options))

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"
