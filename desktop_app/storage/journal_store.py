"""The table of edits and cursor moves in SQLite: append-only, read whole at opening.

Used by one thread at a time (opened on a pool thread, then the GUI thread's alone); what other threads do
goes through connections of their own. A damaged database is put aside, never repaired in place, and what can
be read of it goes into a new one.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np

from desktop_app.domain.edits import Edit
from desktop_app.errors import DiskFullError, StorageError
from desktop_app.storage.annotation_codec import (
    Buffer,
    DamagedBytesError,
    count_objects,
    decode_edit,
    edit_buffers,
)

START = 0
"""The cursor before any edit."""

_BUSY_S = 5.0
_PAGE_BYTES = 4096
LARGE_BYTES = 1 << 20
"""A payload of at least so many bytes is written and read part by part."""

_LEAST_ROOM = 32_768
"""Bytes that SQLite needs for the index of its log."""
_COLUMNS = "seq, kind, parent, edit_id, label, author, utc, payload"
_KINDS = ("edit", "move")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS log (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('edit', 'move')),
    parent INTEGER NOT NULL,
    edit_id BLOB UNIQUE,
    label TEXT NOT NULL,
    author TEXT NOT NULL,
    utc TEXT NOT NULL,
    payload BLOB
);
CREATE TABLE IF NOT EXISTS paths (path TEXT PRIMARY KEY);
PRAGMA user_version = 1;
"""

_Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class EditRecord:
    """An edit as the history shows it, without its annotations.

    Attributes
    ----------
    seq : int
        Its number in the journal, from 1.
    parent : int
        The number of the edit it was made on; 0 for none.
    edit_id : UUID
    label, author, utc : str
        As in :class:`desktop_app.domain.edits.Edit`.
    """

    seq: int
    parent: int
    edit_id: UUID
    label: str
    author: str
    utc: str


@dataclass(frozen=True, slots=True)
class StoredLog:
    """Everything in the journal but the annotations.

    Attributes
    ----------
    records : dict[int, EditRecord]
        Every edit ever made, undone ones included, by number.
    cursor : int
        The edit whose result is the present state; 0 for the empty start.
    """

    records: dict[int, EditRecord]
    cursor: int


class JournalStore:
    """One journal database.

    Attributes
    ----------
    path : Path
        The database.
    log_path : Path
        The file that holds the latest commit and must be synced; where the system allows no write-ahead
        log, the database itself.
    """

    def __init__(self, path: Path, *, read_only: bool = False, alone: bool = False) -> None:
        """Open or make it.

        Parameters
        ----------
        path : Path
            The file.
        read_only : bool
            Whether nothing is to be stored.
        alone : bool
            Whether nobody else may open it meanwhile. Its log is then read without the file that SQLite
            shares between readers, for which a full disk has no room.

        Raises
        ------
        StorageError
            If it cannot be opened.
        sqlite3.DatabaseError
            If it is damaged (see :func:`put_aside`).
        """
        self.path = path
        self._next = 1
        if not read_only:
            _keep_log_of_emptied(path)
        self._connection = _opened_alone(path) if alone else _connected(path, read_only=read_only)
        (mode,) = self._connection.execute("PRAGMA journal_mode").fetchone()
        self.log_path = path.with_name(f"{path.name}-wal") if mode == "wal" else path

    @property
    def last_seq(self) -> int:
        """The last number given; 0 for none."""
        return self._next - 1

    def load(self) -> StoredLog:
        """Read all records and where the cursor is.

        Raises
        ------
        sqlite3.DatabaseError
            If the database is damaged.
        """
        records: dict[int, EditRecord] = {}
        cursor = START
        rows = self._connection.execute(
            "SELECT seq, kind, parent, edit_id, label, author, utc FROM log ORDER BY seq"
        )
        for seq, kind, parent, edit_id, label, author, utc in rows:
            if kind not in _KINDS or not isinstance(parent, int):  # a missing page reads as zeros
                raise sqlite3.DatabaseError("an entry of the journal is damaged")
            self._next = seq + 1
            cursor = seq if kind == "edit" else parent
            if kind == "edit":
                records[seq] = EditRecord(seq, parent, _uuid(edit_id), label, author, utc)
        return StoredLog(records, cursor if cursor in records else START)

    def edit(self, seq: int) -> Edit:
        """Read one edit.

        Raises
        ------
        StorageError
            If it is damaged or cannot be read.
        """
        with _mapped(self.path), self._connection.blobopen("log", "payload", seq, readonly=True) as payload:
            encoded = payload.read() if len(payload) < LARGE_BYTES else _read_in_parts(payload)
        try:
            return decode_edit(encoded)
        except DamagedBytesError as error:
            raise StorageError(self.path, f"edit {seq} is damaged ({error})") from error

    def object_count(self, seq: int) -> int:
        """How many objects an edit touches, without reading them; 0 where that cannot be told.

        Raises
        ------
        StorageError
            If the database cannot be read.
        """
        with _mapped(self.path), self._connection.blobopen("log", "payload", seq, readonly=True) as payload:
            try:
                return count_objects(payload.read)
            except DamagedBytesError:
                return 0

    def count_from(self, last_seq: int) -> None:
        """Take a number as the last one given; another connection gave it."""
        self._next = last_seq + 1

    def append_edit(self, parent: int, edit: Edit) -> EditRecord:
        """Commit an edit.

        Raises
        ------
        StorageError
            If the system refuses (a full disk); nothing is stored then.
        """
        record = EditRecord(self._next, parent, edit.edit_id, edit.label, edit.author, edit.utc)
        described = (edit.edit_id.bytes, edit.label, edit.author, edit.utc)
        buffers = edit_buffers(edit)
        size = sum(map(len, buffers))
        if size < LARGE_BYTES:
            self._append([(record.seq, "edit", parent, *described, b"".join(buffers))])
        else:
            self._append_in_parts((record.seq, "edit", parent, *described), buffers, size)
        return record

    def append_move(self, target: int, author: str, utc: str) -> None:
        """Commit a move of the cursor.

        Raises
        ------
        StorageError
            If the system refuses.
        """
        self._append([(self._next, "move", target, None, "", author, utc, None)])

    def append_rows(self, rows: Sequence[_Row]) -> None:
        """Commit rows that were saved from a damaged database, with their numbers.

        Raises
        ------
        StorageError
            If the system refuses.
        """
        if rows:
            self._append(rows)

    def paths(self) -> tuple[str, ...]:
        """The slide files that were opened with this journal."""
        with _mapped(self.path):
            return tuple(row[0] for row in self._connection.execute("SELECT path FROM paths ORDER BY rowid"))

    def add_path(self, path: str) -> None:
        """Remember a slide file."""
        with _mapped(self.path), self._connection:
            self._connection.execute("INSERT OR IGNORE INTO paths VALUES (?)", (path,))

    def close(self) -> None:
        """Fold the log into the database and close it."""
        with _mapped(self.path):
            self._connection.close()

    def _append_in_parts(self, row: _Row, buffers: Sequence[Buffer], size: int) -> None:
        """Commit a row whose payload is written part by part, so that other threads may run meanwhile."""
        with _mapped(self.path), self._connection:
            self._connection.execute(
                f"INSERT INTO log ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, zeroblob(?))", (*row, size)
            )
            with self._connection.blobopen("log", "payload", row[0]) as payload:
                for buffer in buffers:
                    payload.write(buffer)
        self._next = row[0] + 1

    def _append(self, rows: Sequence[_Row]) -> None:
        with _mapped(self.path), self._connection:
            self._connection.executemany(
                f"INSERT INTO log ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows
            )
        self._next = rows[-1][0] + 1


def _read_in_parts(payload: sqlite3.Blob) -> memoryview:
    """All of a large payload, so that other threads may run meanwhile."""
    encoded = np.empty(len(payload), dtype=np.uint8)
    for start in range(0, len(payload), LARGE_BYTES):
        encoded[start : start + LARGE_BYTES] = np.frombuffer(payload.read(LARGE_BYTES), np.uint8)
    return encoded.data.toreadonly()


def _uuid(stored: object) -> UUID:
    if isinstance(stored, bytes) and len(stored) == 16:
        return UUID(bytes=stored)
    raise sqlite3.DatabaseError("an edit has no id")


def _keep_log_of_emptied(path: Path) -> None:
    """Give a database that was cut to nothing its first page's room, or SQLite would throw its log away.

    The log holds the page itself, unless it was folded; then the database is found to be damaged, and put
    aside with its log.
    """
    log = path.with_name(f"{path.name}-wal")
    try:
        if path.exists() and log.exists() and log.stat().st_size and path.stat().st_size < _PAGE_BYTES:
            os.truncate(path, _PAGE_BYTES)
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error


def has_content(path: Path) -> bool:
    """Whether anything was ever stored in a database or its log; without room it stays an empty file."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return any(file.exists() and file.stat().st_size for file in files)


def fold_log(path: Path) -> None:
    """Copy the write-ahead log into the database without holding up a writer; on any thread.

    Raises
    ------
    StorageError
        If the system refuses.
    """
    with _mapped(path), closing(sqlite3.connect(path, timeout=_BUSY_S)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


def empty_log(path: Path) -> None:
    """The same, and leave the log empty, for which a writer would have to wait; on any thread.

    Raises
    ------
    StorageError
        If the system refuses.
    """
    with _mapped(path), closing(sqlite3.connect(path, timeout=_BUSY_S)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def put_aside(path: Path, stamp: str) -> list[_Row]:
    """Rename a damaged database and return the rows that can still be read, oldest first.

    Raises
    ------
    StorageError
        If it cannot be renamed.
    """
    rows = _readable_rows(path)
    aside = f"damaged-{stamp}-{path.name}"
    number = 1
    while path.with_name(aside).exists():  # the clock may have gone back
        number += 1
        aside = f"damaged-{stamp}-{number}-{path.name}"
    for suffix in ("", "-wal", "-shm"):
        old = path.with_name(path.name + suffix)
        if old.exists():
            try:
                old.replace(path.with_name(aside + suffix))
            except OSError as error:
                raise StorageError(old, error.strerror or str(error)) from error
    return rows


def _readable_rows(path: Path) -> list[_Row]:
    rows: list[_Row] = []
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_S)) as connection:
            # Else SQLite refuses a file that is shorter than it should be, whatever is left of it.
            connection.execute("PRAGMA writable_schema = ON")
            for row in connection.execute(f"SELECT {_COLUMNS} FROM log ORDER BY seq"):
                if not _is_sound(row):
                    break
                rows.append(row)  # the rows before a damaged page are kept
    except sqlite3.Error:
        return rows
    return rows


def _is_sound(row: _Row) -> bool:
    """Whether a row is one that was written; a missing page reads as zeros."""
    _, kind, parent, edit_id, *texts, payload = row
    described = isinstance(parent, int) and all(isinstance(text, str) for text in texts)
    if kind == "move":
        return described
    if kind != "edit" or not isinstance(edit_id, bytes) or not isinstance(payload, bytes):
        return False
    try:
        decode_edit(payload)
    except DamagedBytesError:
        return False
    return described and len(edit_id) == 16


def _connected(path: Path, *, read_only: bool) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_S, check_same_thread=False)
    except sqlite3.OperationalError as error:
        raise StorageError(path, str(error)) from error
    try:
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA wal_autocheckpoint = 0")  # the storage thread does it
            connection.execute("PRAGMA journal_size_limit = 0")  # folded, it is small again
            if connection.execute("PRAGMA user_version").fetchone() == (0,):
                connection.executescript(_SCHEMA)  # only where missing: opening writes nothing
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _opened_alone(path: Path) -> sqlite3.Connection:
    """For reading only; Raises as :func:`_connected`."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_S, check_same_thread=False)
    except sqlite3.OperationalError as error:
        raise StorageError(path, str(error)) from error
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA query_only = ON")
    return connection


@contextmanager
def _mapped(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise refusal(path, error) from error


def refusal(path: Path, error: sqlite3.Error) -> StorageError:
    """What SQLite's error means to the user; without room it may speak of an I/O error only."""
    full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return DiskFullError(path) if full or _has_no_room(path.parent) else StorageError(path, str(error))


def _has_no_room(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _LEAST_ROOM
    except OSError:
        return False
