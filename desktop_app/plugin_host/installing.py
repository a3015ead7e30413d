"""A plugin's folder copied to the user's plugins, replaced and deleted, so that no half of one is ever there.

Files only; nothing of a plugin runs. Any thread.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from desktop_app.errors import StorageError
from desktop_app.plugin_host.content import read_content


def copy_plugin(source: Path, target: Path) -> None:
    """Put a copy of a plugin's folder at a place, in place of what is there.

    Raises
    ------
    ManifestError
        If the folder holds links or is too large to be a plugin.
    StorageError
        If it cannot be written; what was there stays.
    """
    read_content(source)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # A name that begins with a dot is no plugin to the listing.
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as aside:
            copy = Path(aside, "copy")
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
            if target.exists():
                target.rename(Path(aside, "old"))
            copy.rename(target)
    except OSError as error:
        raise StorageError(target, error.strerror or str(error)) from error


def delete_plugin(folder: Path) -> None:
    """Delete a plugin's folder; from the first moment on it is no plugin any more.

    Raises
    ------
    StorageError
        If it cannot be deleted.
    """
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".old-") as aside:
            folder.rename(Path(aside, "old"))
    except OSError as error:
        raise StorageError(folder, error.strerror or str(error)) from error
