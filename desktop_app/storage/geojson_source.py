"""The text of an annotation file as a stream, unpacked on the way, with its progress.

A file of a million objects has half a gigabyte of text; it is read in pieces, from ``.gz`` and ``.zip``
too, and whoever waits can see how far it is and stop it. Any thread.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from desktop_app.errors import AnnotationFormatError, StorageError, TransferCancelledError

_MARK = b"\xef\xbb\xbf"
"""A byte order mark, which some editors put in front."""


def _unwatched(_done: int, _total: int) -> None:
    """Nobody looks."""


@dataclass(frozen=True, slots=True)
class TransferWatch:
    """Who waits for a file to be read or written.

    Attributes
    ----------
    progress : Callable[[int, int], None]
        Told how much of how much is done, every few milliseconds, on the thread that does it: bytes of the
        file while reading, objects while writing.
    cancelled : Callable[[], bool]
        Asked as often whether to stop.
    """

    progress: Callable[[int, int], None] = _unwatched
    cancelled: Callable[[], bool] = bool

    def step(self, done: int, total: int) -> None:
        """Tell, and stop if that is wanted.

        Raises
        ------
        TransferCancelledError
            If it is.
        """
        if self.cancelled():
            raise TransferCancelledError
        self.progress(done, total)


class GeoJsonSource:
    """A file open for reading; a context manager.

    Parameters
    ----------
    path : Path
        ``.geojson``, ``.json``, either compressed with gzip, or a ``.zip`` with one of them inside; its
        first bytes say which.

    Raises
    ------
    StorageError
        If the file cannot be read.
    AnnotationFormatError
        If it cannot be unpacked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()
        try:
            self._file = self._stack.enter_context(path.open("rb"))
            self.total = path.stat().st_size
            kind = self._file.read(4)
            self._file.seek(0)
        except OSError as error:
            self._stack.close()
            raise StorageError(path, error.strerror or str(error)) from error
        self._text: IO[bytes] | gzip.GzipFile = self._file
        self._is_packed = kind.startswith((b"\x1f\x8b", b"PK\x03\x04"))
        self._is_first = True
        if self._is_packed:
            self._unpack(kind)

    def __enter__(self) -> GeoJsonSource:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def done(self) -> int:
        """Bytes of the file that have been read, of ``total``."""
        return min(self._file.tell(), self.total)

    def read(self, size: int = -1) -> bytes:
        """The next ``size`` bytes of text, fewer at its end, all that is left if negative.

        Raises
        ------
        StorageError, AnnotationFormatError
            If it cannot be read, or not be unpacked.
        """
        data = self._read(size)
        if not self._is_first:
            return data
        self._is_first = False
        while 0 < len(data) < len(_MARK) and (more := self._read(len(_MARK) - len(data))):
            data += more
        return data.removeprefix(_MARK)

    def _read(self, size: int) -> bytes:
        try:
            return self._text.read(size)
        except (EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise self._not_unpacked(error) from error
        except OSError as error:
            if self._is_packed:
                raise self._not_unpacked(error) from error
            raise StorageError(self._path, error.strerror or str(error)) from error

    def _unpack(self, kind: bytes) -> None:
        try:
            if kind.startswith(b"PK"):
                self._text = self._stack.enter_context(self._entry())
            else:
                self._text = self._stack.enter_context(gzip.GzipFile(fileobj=self._file))
        # The last two are how zipfile refuses an encrypted archive and one of a rare compression.
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            self._stack.close()
            raise self._not_unpacked(error) from error
        except AnnotationFormatError:
            self._stack.close()
            raise

    def _entry(self) -> IO[bytes]:
        archive = self._stack.enter_context(zipfile.ZipFile(self._file))
        names = [name for name in archive.namelist() if name.lower().endswith((".geojson", ".json"))]
        if not names:
            raise AnnotationFormatError(self._path, "there is no .geojson file in the archive.")
        return archive.open(names[0])

    def _not_unpacked(self, error: Exception) -> AnnotationFormatError:
        return AnnotationFormatError(self._path, f"it cannot be unpacked: {error}.")
