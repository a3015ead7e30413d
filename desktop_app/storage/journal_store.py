"""The table of edits and cursor moves in SQLite: append-only, read whole at opening.

Used by one thread at a time (opened on a pool thread, then the GUI thread's alone), except
:func:`fold_log`. A damaged database is put aside, never repaired in place, and what can be read of it goes
into a new one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

from desktop_app.domain.edits import Edit
from desktop_app.errors import StorageError
from desktop_app.storage.annotation_codec import DamagedBytesError, decode_edit, encode_edit

START = 0
"""The cursor before any edit."""

_BUSY_S = 5.0
_COLUMNS = "seq, kind, parent, edit_id, label, author, utc, payload"
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
    """One journal database."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open or make it.

        Raises
        ------
        StorageError
            If it cannot be opened.
        sqlite3.DatabaseError
            If it is damaged (see :func:`put_aside`).
        """
        self.path = path
        self._next = 1
        self._connection = _connected(path, read_only=read_only)

    @property
    def log_path(self) -> Path:
        """The file that holds the latest commit and must be synced."""
        wal = self.path.with_name(f"{self.path.name}-wal")
        return wal if wal.exists() else self.path

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
            self._next = seq + 1
            cursor = seq if kind == "edit" else parent
            if kind == "edit":
                records[seq] = EditRecord(seq, parent, UUID(bytes=edit_id), label, author, utc)
        return StoredLog(records, cursor if cursor in records else START)

    def edit(self, seq: int) -> Edit:
        """Read one edit.

        Raises
        ------
        StorageError
            If it is damaged or cannot be read.
        """
        with _mapped(self.path):
            row = self._connection.execute("SELECT payload FROM log WHERE seq = ?", (seq,)).fetchone()
        try:
            return decode_edit(row[0] if row else b"")
        except DamagedBytesError as error:
            raise StorageError(self.path, f"edit {seq} is damaged ({error})") from error

    def append_edit(self, parent: int, edit: Edit) -> EditRecord:
        """Commit an edit.

        Raises
        ------
        StorageError
            If the system refuses (a full disk); nothing is stored then.
        """
        record = EditRecord(self._next, parent, edit.edit_id, edit.label, edit.author, edit.utc)
        described = (edit.edit_id.bytes, edit.label, edit.author, edit.utc)
        self._append([(record.seq, "edit", parent, *described, encode_edit(edit))])
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

    def _append(self, rows: Sequence[_Row]) -> None:
        with _mapped(self.path), self._connection:
            self._connection.executemany(
                f"INSERT INTO log ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows
            )
        self._next = rows[-1][0] + 1


def fold_log(path: Path) -> None:
    """Copy the write-ahead log into the database without holding up a writer; on any thread.

    Raises
    ------
    StorageError
        If the system refuses.
    """
    with _mapped(path), closing(sqlite3.connect(path, timeout=_BUSY_S)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


def put_aside(path: Path, stamp: str) -> list[_Row]:
    """Rename a damaged database and return the rows that can still be read, oldest first.

    Raises
    ------
    StorageError
        If it cannot be renamed.
    """
    rows = _readable_rows(path)
    for suffix in ("", "-wal", "-shm"):
        old = path.with_name(path.name + suffix)
        if old.exists():
            try:
                old.replace(path.with_name(f"damaged-{stamp}-{path.name}{suffix}"))
            except OSError as error:
                raise StorageError(old, error.strerror or str(error)) from error
    return rows


def _readable_rows(path: Path) -> list[_Row]:
    rows: list[_Row] = []
    try:
        with closing(_connected(path, read_only=False)) as connection:
            for row in connection.execute(f"SELECT {_COLUMNS} FROM log ORDER BY seq"):
                rows.append(row)  # noqa: PERF402 - the rows before a damaged page are kept
    except (sqlite3.Error, StorageError):
        return rows
    return rows


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


@contextmanager
def _mapped(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(path, str(error)) from error
