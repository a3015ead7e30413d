"""Whole files or none: the one way this application writes a file.

A file is written beside its destination, synced and renamed over it, so that neither a crash nor a full
disk leaves half a file under the name a user trusts. Any thread; two writers of one path never mix, the
later rename wins.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop_app.errors import StorageError


def write_atomically(path: Path, data: bytes) -> None:
    """Write a whole file.

    Parameters
    ----------
    path : Path
        The destination; its folder must exist.
    data : bytes
        The content.

    Raises
    ------
    StorageError
        If the system refuses; the old file, if any, is untouched.
    """
    with atomic_file(path) as temporary:
        temporary.write_bytes(data)


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A temporary path that becomes ``path`` if the block succeeds.

    The block writes and closes the temporary file itself, which suits writers that want a path (HDF5,
    PNG). On success the file is synced, renamed over ``path`` and the folder synced; on any error, also a
    keyboard interrupt, it is removed and ``path`` stays as it was.

    Parameters
    ----------
    path : Path
        The destination; its folder must exist.

    Yields
    ------
    Path
        In the same folder, hidden, with the same suffix (some writers choose the format by it).

    Raises
    ------
    StorageError
        If the system refuses; also for an ``OSError`` raised inside the block.
    """
    # The name is kept short, for the limit on names is in bytes and Korean takes three of them per letter.
    temporary = path.with_name(f".{uuid.uuid4().hex[:12]}.tmp{path.suffix}")
    try:
        yield temporary
        replace_durably(temporary, path)
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error
    finally:
        _remove(temporary)


def replace_durably(finished: Path, path: Path) -> None:
    """Rename a finished file over its destination so that both outlive a power cut.

    Parameters
    ----------
    finished : Path
        On the same file system as ``path``.
    path : Path
        The destination.

    Raises
    ------
    OSError
        If the system refuses; ``path`` is the old file or the whole new one.
    """
    _sync_file(finished)
    finished.replace(path)
    sync_folder(path.parent)


def _sync_file(path: Path) -> None:
    # Opened for writing because Windows syncs only writable handles.
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; Windows has no such call and needs none.

    Raises
    ------
    OSError
        If the system refuses.
    """
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(temporary: Path) -> None:
    """Remove what an error left over; after a success the name is already gone."""
    try:
        temporary.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(temporary, error.strerror or str(error)) from error
