"""Snapshots on disk, so that opening a slide does not replay its whole history.

Each is a file of its own beside the journal, written whole or not at all on a background thread: a large
one never holds up a commit, and a damaged one only makes the opening slower.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from pathlib import Path

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.errors import StorageError
from desktop_app.storage.annotation_codec import DamagedBytesError, decode_snapshot, encode_snapshot
from desktop_app.storage.atomic import atomic_file

KEPT = 3
"""The newest so many are kept."""

_NAME = re.compile(r"checkpoint-(\d+)\.bin")


def list_checkpoints(folder: Path) -> dict[int, Path]:
    """The checkpoint files by the number of the edit they were made after, newest first."""
    found = [(match, path) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))]
    return {int(match[1]): path for match, path in sorted(found, key=lambda entry: -int(entry[0][1]))}


def read_checkpoint(path: Path) -> AnnotationSnapshot | None:
    """The snapshot in a file; None if it is damaged."""
    try:
        return decode_snapshot(path.read_bytes())
    except (OSError, DamagedBytesError, zlib.error, ValueError, KeyError):
        return None


def write_checkpoint(folder: Path, seq: int, snapshot: AnnotationSnapshot) -> None:
    """Write a snapshot and remove the oldest ones.

    Raises
    ------
    StorageError
        If the system refuses.
    """
    with atomic_file(folder / f"checkpoint-{seq}.bin") as temporary, temporary.open("wb") as file:
        file.writelines(encode_snapshot(snapshot))
    remove_checkpoints(list(list_checkpoints(folder).values())[KEPT:])


def remove_checkpoints(files: Iterable[Path]) -> None:
    """Remove checkpoint files.

    Raises
    ------
    StorageError
        If the system refuses.
    """
    for path in files:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(path, error.strerror or str(error)) from error
