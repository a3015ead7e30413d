"""A file that many threads read at places of their own.

A seek and a read are two steps that another thread may come between; one positioned read is not. The file
is opened a second time where reading fails, because a network drive that went away and came back leaves a
dead descriptor behind. Any thread.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class _Descriptor:
    """An open file; closes itself when its last reader lets go of it.

    Closing a number that another thread reads from could let that thread read a file opened since.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._number = os.open(path, _FLAGS)
        state = os.fstat(self._number)
        self.identity = (state.st_size, state.st_mtime_ns)

    def __del__(self) -> None:
        if hasattr(self, "_number"):
            os.close(self._number)

    def read(self, offset: int, count: int) -> bytes:
        """At most ``count`` bytes; empty at the end of the file."""
        if sys.platform != "win32":
            return os.pread(self._number, count, offset)
        return self.read_seeking(offset, count)

    def read_seeking(self, offset: int, count: int) -> bytes:
        """The same, one thread after the other, for systems that cannot read at a place."""
        with self._lock:
            os.lseek(self._number, offset, os.SEEK_SET)
            return os.read(self._number, count)


class PositionedFile:
    """One file, open for reading until ``close``.

    Parameters
    ----------
    path : Path
        The file; ``OSError`` where it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._closed = False
        self._descriptor: _Descriptor | None = _Descriptor(path)
        self._identity = self._descriptor.identity

    @property
    def size(self) -> int:
        """Bytes, when the file was opened."""
        return self._identity[0]

    def read(self, offset: int, count: int) -> bytes:
        """Exactly ``count`` bytes from ``offset`` on.

        Raises
        ------
        OSError
            If they are not there, also after opening the file again; a later call may succeed. If another
            file lies under its name by then, every call fails.
        ValueError
            After ``close``.
        """
        descriptor = self._shared()
        try:
            return _read_all(descriptor, offset, count)
        except OSError:
            self._forget(descriptor)
        return _read_all(self._shared(), offset, count)

    def close(self) -> None:
        """Give the file back as soon as no read is under way; a second call does nothing."""
        with self._lock:
            self._closed = True
            self._descriptor = None

    def _shared(self) -> _Descriptor:
        with self._lock:
            if self._closed:
                raise ValueError(f"{self._path.name} was closed")
            if self._descriptor is None:
                fresh = _Descriptor(self._path)
                if fresh.identity != self._identity:
                    raise OSError("the file was replaced or is incomplete")
                self._descriptor = fresh
            return self._descriptor

    def _forget(self, descriptor: _Descriptor) -> None:
        with self._lock:
            if self._descriptor is descriptor:
                self._descriptor = None


def _read_all(descriptor: _Descriptor, offset: int, count: int) -> bytes:
    data = descriptor.read(offset, count)
    while len(data) < count:  # network drives may deliver less than was asked for
        more = descriptor.read(offset + len(data), count - len(data))
        if not more:
            raise OSError(f"the file ends {count - len(data)} bytes too early")
        data += more
    return data
