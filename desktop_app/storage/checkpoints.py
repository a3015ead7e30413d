"""Snapshots on disk, so that opening a slide does not replay its whole history.

Each is a file of its own beside the journal, written whole or not at all on a background thread: a large
one never holds up a commit, and a damaged one only makes the opening slower.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.errors import StorageError
from desktop_app.storage.annotation_codec import (
    CHECKED_FROM,
    DamagedBytesError,
    decode_snapshot,
    encode_snapshot,
)
from desktop_app.storage.atomic import atomic_file

if TYPE_CHECKING:
    from io import FileIO

KEPT = 3
"""The newest so many are kept."""

_PIECE = 4 << 20
"""Bytes that are read while the ones before them are checked."""

_NAME = re.compile(r"checkpoint-(\d+)\.bin")


def list_checkpoints(folder: Path) -> dict[int, Path]:
    """The checkpoint files by the number of the edit they were made after, newest first."""
    found = [(match, path) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))]
    return {int(match[1]): path for match, path in sorted(found, key=lambda entry: -int(entry[0][1]))}


def read_checkpoint(path: Path) -> AnnotationSnapshot | None:
    """The snapshot in a file; None if it is damaged."""
    try:
        return decode_snapshot(*_checked_bytes(path))
    except (OSError, DamagedBytesError, zlib.error, ValueError, KeyError):
        return None


def _checked_bytes(path: Path) -> tuple[memoryview, int]:
    """The bytes of a file and their checksum, which is worked out while the next ones are read.

    Memory of numpy's comes in large pages, which are four times as quick to fill.
    """
    with path.open("rb", buffering=0) as file, ThreadPoolExecutor(1) as reader:
        data = np.empty(path.stat().st_size, dtype=np.uint8).data
        edges = [0, *range(CHECKED_FROM, len(data), _PIECE), len(data)]
        pieces = [data[start:stop] for start, stop in pairwise(edges)]
        reading = [reader.submit(_fill, file, piece) for piece in pieces]
        checksum = 0
        for piece, filled in zip(pieces[1:], reading[1:], strict=True):
            filled.result()
            checksum = zlib.crc32(piece, checksum)
    return data.toreadonly(), checksum


def _fill(file: FileIO, piece: memoryview) -> None:
    while len(piece):
        count = file.readinto(piece)
        if not count:
            raise OSError("the file has become shorter")
        piece = piece[count:]


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
