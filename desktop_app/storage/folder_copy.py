"""The copy of a slide's annotations beside the slide, as GeoJSON that every other program reads.

The journal is where annotations are kept; the copy is for whoever gets the slide's folder: a colleague, a
backup, QuPath. Its name is one that no person gives a file, and a file of that name that we did not write, or
that somebody has changed since, is never written over. Any thread, one at a time for each slide.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.errors import ForeignFileError, StorageError
from desktop_app.storage.atomic import atomic_file, write_atomically
from desktop_app.storage.geojson import write_snapshot
from desktop_app.storage.geojson_source import TransferWatch

SUFFIXES = (".coverslip.geojson", ".coverslip.geojson.gz")
"""Plain, and compressed for many objects."""

PACKED_FROM = 8 << 20
"""Bytes of GeoJSON, roughly, from which on it is compressed."""

_OBJECT_BYTES, _VERTEX_BYTES = 250, 20
_TIME_GRAIN_NS = 2_000_000_000
"""Some file systems keep times to two seconds only."""

_REMEMBERED = 2
_LEFT_AFTER_NS = 3_600_000_000_000
_LEFT_OVER = re.compile(r"\.[0-9a-f]{12}\.tmp\.(geojson|gz)")
"""What a process that was killed while it wrote a copy leaves behind (see ``storage.atomic``)."""


@dataclass(frozen=True, slots=True)
class WrittenCopy:
    """A copy as we left it.

    Attributes
    ----------
    suffix : str
        One of ``SUFFIXES``.
    size, modified_ns : int
        Of the file.
    state : str
        Which state of the annotations it holds; the id of the edit that led to it.
    """

    suffix: str
    size: int
    modified_ns: int
    state: str

    def describes(self, path: Path) -> bool:
        """Whether a file is still what we left."""
        try:
            status = path.stat()
        except OSError:
            return False
        return status.st_size == self.size and abs(status.st_mtime_ns - self.modified_ns) <= _TIME_GRAIN_NS


@dataclass(frozen=True, slots=True)
class FolderCopy:
    """The copy of one slide.

    Attributes
    ----------
    slide : Path
        The slide's file.
    memory : Path
        The journal's folder, where we remember what we wrote, without the slide's name.
    offset : tuple[float, float]
        As for :func:`desktop_app.storage.geojson.write_snapshot`.
    """

    slide: Path
    memory: Path
    offset: tuple[float, float] = (0.0, 0.0)

    def path(self, suffix: str) -> Path:
        """Where a copy is."""
        return self.slide.with_name(self.slide.name + suffix)

    def is_current(self, state: str) -> bool:
        """Whether the copy is there and holds a state."""
        return any(
            written.state == state and written.describes(self.path(written.suffix))
            for written in self._written()
        )

    def left_by_others(self) -> Path | None:
        """A file of the copy's name that is not as we left it: another workstation's, or a changed one."""
        written = self._written()
        for suffix in SUFFIXES:
            path = self.path(suffix)
            if not any(ours.suffix == suffix and ours.describes(path) for ours in written) and path.is_file():
                return path
        return None

    def write(
        self,
        snapshot: AnnotationSnapshot,
        state: str,
        *,
        replace: bool = False,
        watch: TransferWatch | None = None,
    ) -> Path | None:
        """Write a state, whole or not at all; None where there is nothing to write and never was.

        Parameters
        ----------
        snapshot : AnnotationSnapshot
            The annotations.
        state : str
            See :class:`WrittenCopy`.
        replace : bool
            Write over a file that is not ours; to be asked of the user before.
        watch : TransferWatch | None
            Who may stop it.

        Raises
        ------
        ForeignFileError
            If a file of that name is not as we left it.
        StorageError, TransferCancelledError
            If the system refuses, or somebody stops it; an older copy stays as it was.
        """
        before = self._written()
        if not before and not len(snapshot):
            return None
        suffix = SUFFIXES[_rough_bytes(snapshot) >= PACKED_FROM]
        path = self.path(suffix)
        ours = any(written.suffix == suffix and written.describes(path) for written in before)
        if not ours and not replace and _is_there(path):
            raise ForeignFileError(path)
        with atomic_file(path) as temporary:
            write_snapshot(temporary, snapshot, offset=self.offset, watch=watch or TransferWatch())
            status = temporary.stat()
            new = WrittenCopy(suffix, status.st_size, status.st_mtime_ns, state)
            # Before it takes its name, or a process killed in between would not know its own copy again.
            self._remember((new, *before[: _REMEMBERED - 1]))
        self._tidy(before, suffix)
        return path

    def _tidy(self, before: tuple[WrittenCopy, ...], suffix: str) -> None:
        """Remove the older copy of the other kind, and what a killed process left."""
        with suppress(OSError):
            for written in before:
                if written.suffix != suffix and written.describes(self.path(written.suffix)):
                    self.path(written.suffix).unlink()
        with suppress(OSError):
            now = self.path(suffix).stat().st_mtime_ns  # by the clock of the folder's machine
            for entry in self.slide.parent.iterdir():
                if _LEFT_OVER.fullmatch(entry.name) and now - entry.stat().st_mtime_ns > _LEFT_AFTER_NS:
                    entry.unlink()

    def _remember(self, copies: tuple[WrittenCopy, ...]) -> None:
        write_atomically(self._memory_file, orjson.dumps([asdict(copy) for copy in copies]))

    def _written(self) -> tuple[WrittenCopy, ...]:
        """What we wrote, the latest first; only the latest may not have got its name."""
        try:
            return tuple(WrittenCopy(**entry) for entry in orjson.loads(self._memory_file.read_bytes()))
        except (OSError, ValueError, TypeError):
            return ()

    @property
    def _memory_file(self) -> Path:
        # Copies of a slide in two folders have one journal, and each folder a copy of the annotations.
        digest = hashlib.sha256(str(self.slide).encode()).hexdigest()[:12]
        return self.memory / f"folder-copy-{digest}.json"


def _rough_bytes(snapshot: AnnotationSnapshot) -> int:
    vertices = sum(len(chunk.offsets) for chunk in snapshot.chunks)
    return _OBJECT_BYTES * len(snapshot) + _VERTEX_BYTES * vertices


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error
