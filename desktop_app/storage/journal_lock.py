"""Who may write a slide's journal: one window at a time, wherever it runs.

The operating system holds the lock and gives it back when the process dies, however it dies; the file's
text only tells a second window who is there. Any thread, one holder object per lock.
"""

from __future__ import annotations

import errno
import getpass
import os
import socket
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import orjson

from desktop_app.errors import StorageError

_LOCKED_BYTE = 1 << 30
"""Windows keeps others from reading what is locked, so a byte far behind the text is locked there."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The one who has a journal open for writing.

    Attributes
    ----------
    user, host : str
        Login name and machine.
    pid : int
        Process id on that machine.
    since : str
        ISO 8601 UTC.
    """

    user: str
    host: str
    pid: int
    since: str

    @classmethod
    def this_process(cls, since: str) -> Holder:
        """The holder that this process is."""
        return cls(login_name(), socket.gethostname(), os.getpid(), since)

    def describe(self) -> str:
        """Who it is, for a sentence: *mina on path-lab-3*."""
        return f"{self.user} on {self.host}"


class JournalLock:
    """A lock on a folder's journal; the file stays, the lock does not outlive the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    @property
    def held(self) -> bool:
        """Whether this object has the lock."""
        return self._file is not None

    def acquire(self, holder: Holder) -> bool:
        """Take the lock if it is free, and write down who has it.

        Raises
        ------
        StorageError
            If the file cannot be made.
        """
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            file = os.fdopen(descriptor, "rb+", buffering=0)
        except OSError as error:
            raise StorageError(self.path, error.strerror or str(error)) from error
        if not _try_lock(file):
            file.close()
            return False
        self._file = file
        with suppress(OSError):  # a full disk: the text only tells others who is here, the lock holds
            file.truncate(0)
            file.write(orjson.dumps(asdict(holder)))
        return True

    def holder(self) -> Holder | None:
        """Who has the lock, as far as the file tells."""
        try:
            return Holder(**orjson.loads(self.path.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def release(self) -> None:
        """Give the lock back; may be called again."""
        if self._file is not None:
            self._file.close()
            self._file = None


def login_name() -> str:
    """The user's login name, ``"unknown"`` where the system has none (a container without accounts)."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes]) -> bool:
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(0)
        return True

else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            # a file system without locks (ENOLCK, ENOTSUP) must not keep its only user from writing
            return error.errno not in (errno.EAGAIN, errno.EACCES)
        return True
