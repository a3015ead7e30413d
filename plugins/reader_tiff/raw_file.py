"""A file read at any place by several threads at once, without a lock where the system allows it.

A network drive that went away and came back leaves every open file useless; a read that fails is therefore
tried once more on the file opened afresh.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from .library_errors import DamageError


class RawFile:
    """Reads bytes of one file.

    Parameters
    ----------
    path : Path
        Must exist.

    Raises
    ------
    OSError
        If it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: _Handle | None = _Handle(path)
        self._identity = self._handle.identity

    @property
    def size(self) -> int:
        """Bytes, when the file was opened."""
        return self._identity[0]

    def read(self, offset: int, count: int) -> bytes:
        """So many bytes.

        Raises
        ------
        DamageError
            If the file ends before them, or another one lies under its name by now.
        OSError
            If the system cannot read them.
        """
        handle = self._handle
        if handle is not None:
            data = handle.read_or_nothing(offset, count)
            if len(data) == count:
                return data
        # Threads that still read through the old handle keep it; it closes itself after the last of them.
        handle = _Handle(self._path)
        if handle.identity != self._identity:
            raise DamageError("the file was replaced or is incomplete")
        self._handle = handle
        data = handle.read(offset, count)
        if len(data) < count:
            raise DamageError("the file ends before this part")
        return data

    def close(self) -> None:
        """Let the file go; a later read opens it again."""
        self._handle = None


class _Handle:
    """A file descriptor that is closed with its last reference."""

    __slots__ = ("_descriptor", "_lock", "identity")

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._descriptor = -1
        self._descriptor = os.open(
            path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        )
        state = os.fstat(self._descriptor)
        self.identity = (state.st_size, state.st_mtime_ns)

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def read_or_nothing(self, offset: int, count: int) -> bytes:
        try:
            return self.read(offset, count)
        except OSError:
            return b""

    def read(self, offset: int, count: int) -> bytes:
        parts = []
        while count > 0:
            # One call may give less than asked for, on Linux never more than 2 GiB.
            part = self._read_once(offset, count)
            if not part:
                break
            parts.append(part)
            offset, count = offset + len(part), count - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _read_once(self, offset: int, count: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._descriptor, count, offset)
        with self._lock:
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            return os.read(self._descriptor, count)
