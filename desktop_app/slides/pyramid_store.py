"""The file that keeps the made levels of one slide from one opening to the next.

One SQLite file per slide: parts are added as they are made, each step all or nothing, so that a build that
was stopped half-way goes on where it ended. It is a cache, and may be deleted at any time: what is damaged
or was made for another slide is thrown away, and what the disk refuses is kept in memory instead. Any
thread; one lock guards the connection, which is held for a small read or write only.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

FORMAT_VERSION = 1
"""Part of the file's name: another version never reads it."""

SUFFIX = ".pyramid"

FOLDER_BYTES = 8 * 2**30
"""The folder is kept below this; files that were not used for the longest time go first."""

_BUSY_S = 2.0
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_TABLES = (
    "CREATE TABLE IF NOT EXISTS about (identity TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS parts (level INTEGER, column INTEGER, row INTEGER, picture BLOB, "
    "summary BLOB, picture_check INTEGER, summary_check INTEGER, PRIMARY KEY (level, column, row))",
)

_log = logging.getLogger(__name__)


class PartKey(NamedTuple):
    """A part's place: the slide's level it was made from, and where in the grid of parts."""

    level: int
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class StoredPart:
    """One part as it is kept.

    Attributes
    ----------
    key : PartKey
        Its place.
    picture : bytes
        Its pixels, encoded.
    summary : bytes
        Its share of the overview, encoded.
    """

    key: PartKey
    picture: bytes
    summary: bytes


class PyramidStore:
    """The parts of one slide, on disk as far as the disk takes them.

    Parameters
    ----------
    path : Path
        The file; its folder is made if missing.
    identity : dict[str, Any]
        What the slide is and how parts are made, JSON-able; a file of another identity is replaced.
    """

    def __init__(self, path: Path, identity: dict[str, Any]) -> None:
        self._path = path
        self._identity = json.dumps(identity, sort_keys=True)
        self._lock = threading.Lock()
        self._in_memory: dict[PartKey, bytes] = {}
        self._connection = self._connected()

    @property
    def is_on_disk(self) -> bool:
        """Whether parts outlive this process."""
        return self._connection is not None

    def summaries(self) -> Iterator[tuple[PartKey, bytes]]:
        """Every part's place and share of the overview; damaged ones are forgotten and left out."""
        rows = self._query("SELECT level, column, row, summary, summary_check FROM parts")
        for level, column, row, summary, check in rows:
            key = PartKey(level, column, row)
            if zlib.crc32(summary) == check:
                yield key, summary
            else:
                self.forget(key)

    def picture(self, key: PartKey) -> bytes | None:
        """A part's encoded pixels, or None where it is not there; a damaged one is forgotten."""
        if key in self._in_memory:
            return self._in_memory[key]
        where = "WHERE level = ? AND column = ? AND row = ?"
        rows = self._query(f"SELECT picture, picture_check FROM parts {where}", key)
        if not rows:
            return None
        picture, check = rows[0]
        if zlib.crc32(picture) != check:
            self.forget(key)
            return None
        return bytes(picture)

    def add(self, parts: Sequence[StoredPart]) -> None:
        """Keep parts, all of them in one step; in memory where the disk refuses."""
        rows = [
            (*part.key, part.picture, part.summary, zlib.crc32(part.picture), zlib.crc32(part.summary))
            for part in parts
        ]
        statement = "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)"
        if not self._change(statement, rows):
            self._in_memory.update({part.key: part.picture for part in parts})

    def add_in_memory(self, part: StoredPart) -> None:
        """Keep a part for this opening only (some of it could not be read)."""
        self._in_memory[part.key] = part.picture

    def forget(self, key: PartKey) -> None:
        """Have a part made again."""
        self._in_memory.pop(key, None)
        self._change("DELETE FROM parts WHERE level = ? AND column = ? AND row = ?", [tuple(key)])

    def close(self) -> None:
        """Give the file back; a second call does nothing."""
        with self._lock:
            self._disconnect()
        self._in_memory.clear()

    def _connected(self) -> sqlite3.Connection | None:
        """The file's connection; a second try finds the place of a damaged file free."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _log.info("made levels are kept in memory: %s", type(error).__name__)
            return None
        for _ in range(2):
            try:
                return self._opened()
            except (sqlite3.Error, _OtherSlideError):
                remove_store(self._path)
        return None

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            # Nothing but time is lost with the power: a torn file is found by its checksums and made again.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
            for table in _TABLES:
                connection.execute(table)
            self._check_identity(connection)
            os.utime(self._path)
        except (sqlite3.Error, OSError, _OtherSlideError):
            connection.close()
            raise
        return connection

    def _check_identity(self, connection: sqlite3.Connection) -> None:
        found = connection.execute("SELECT identity FROM about").fetchone()
        if found is None:
            connection.execute("INSERT INTO about VALUES (?)", (self._identity,))
        elif found[0] != self._identity:
            raise _OtherSlideError

    def _query(self, statement: str, values: tuple[int, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            if self._connection is None:
                return []
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                self._cope_with(error)
                return []

    def _change(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> bool:
        """Change the file in one transaction; False if it does not take it."""
        with self._lock:
            if self._connection is None:
                return False
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany(statement, rows)
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._cope_with(error)
                return False
            return True

    def _cope_with(self, error: sqlite3.Error) -> None:
        """A full disk or a busy file may do better later; a damaged file is worth nothing."""
        _log.info("a file of made levels failed: %s", error.sqlite_errorname)
        assert self._connection is not None
        if error.sqlite_errorcode & 0xFF in _DAMAGED:
            self._disconnect()
            remove_store(self._path)
        elif self._connection.in_transaction:
            self._connection.rollback()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class _OtherSlideError(Exception):
    """The file holds the parts of another slide, or of one that has changed."""


def store_path(folder: Path, slide_id: str) -> Path:
    """The file of a slide in the cache folder."""
    return folder / f"{slide_id}-v{FORMAT_VERSION}{SUFFIX}"


def remove_store(path: Path) -> None:
    """Delete a store with what SQLite keeps beside it; what the system will not delete stays."""
    for part in (path, *_companions(path)):
        try:
            part.unlink(missing_ok=True)
        except OSError as error:
            _log.info("a cache file stays: %s", type(error).__name__)


def trim_folder(folder: Path, *, keep: Path | None = None, limit: int = FOLDER_BYTES) -> None:
    """Delete the stores that were not used for the longest time until the folder is small enough.

    Parameters
    ----------
    folder : Path
        Need not exist.
    keep : Path | None
        A store that stays in any case.
    limit : int
        Bytes that all stores may take.
    """
    sizes = {path: _bytes_of(path) for path in folder.glob(f"*{SUFFIX}")}
    total = sum(size for size, _ in sizes.values())
    for path, (size, _) in sorted(sizes.items(), key=lambda entry: entry[1][1]):
        if total <= limit:
            return
        if path != keep:
            remove_store(path)
            total -= size


def _bytes_of(path: Path) -> tuple[int, float]:
    """Bytes of a store with its companions, and when it was used last."""
    size, used = 0, 0.0
    for part in (path, *_companions(path)):
        try:
            found = part.stat()
        except OSError:
            continue
        size, used = size + found.st_size, max(used, found.st_mtime)
    return size, used


def _companions(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
