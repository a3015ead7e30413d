"""The set of files that one run leaves for a slide, and the rule that never loses one.

A set is ``<stem>.geojson``, ``.h5``, ``.tiles.csv``, ``.prediction.json``, ``.heatmap.png`` and
``.run.json``, the report, which carries the SHA-256 of the others and a seal over itself. A set is replaced
only by a run that was asked the very same thing (slide, recipe, ROI, pixel size) and only while every file
is still as the application wrote it. Else the run gets the next free set, ``<stem>.2.geojson`` and so on; a
slide of the same name but other content gets a stem of its own. Without a readable report a file counts as
someone else's. Files are made in a hidden folder and renamed when all are whole; what a killed process left
there is removed by the next. Any thread; a lock on the folder keeps two processes apart.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from desktop_app.errors import StorageError
from desktop_app.storage.atomic import replace_durably, write_atomically

REPORT = ".run.json"
SUFFIXES = (".geojson", ".h5", ".tiles.csv", ".prediction.json", ".heatmap.png", REPORT)
"""What a set may hold, by the file names' endings."""

_SEAL_KEY = "seal"
_NO_SEAL = "0" * 64
_LOCK = ".coverslip.lock"
_STAGE = ".coverslip.part"
_LOCK_POLL_SECONDS = 0.05

FileWriter = Callable[[Path], None]
"""Writes one file of a set at the path it is given."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a run was asked, as far as it decides which earlier files it may replace.

    Attributes
    ----------
    stem : str
        The slide's file name without suffix.
    slide_id : str
        The slide.
    digest : str
        SHA-256 over recipe, model weights, ROI and pixel size.
    """

    stem: str
    slide_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class PublishedSet:
    """A set on disk.

    Attributes
    ----------
    paths : Mapping[str, Path]
        By ending.
    note : str
        Which earlier files were kept and why the names differ; empty if there were none.
    """

    paths: Mapping[str, Path]
    note: str


def publish(
    folder: Path,
    request: Request,
    writers: Mapping[str, FileWriter],
    make_report: Callable[[str], dict[str, Any]],
) -> PublishedSet:
    """Write a set: all files into a hidden folder first, then all renamed, the report last.

    Parameters
    ----------
    folder : Path
        Made if missing.
    request : Request
        What was asked.
    writers : Mapping[str, FileWriter]
        By ending (without the report's).
    make_report : Callable[[str], dict[str, Any]]
        Makes the report's JSON object, given the note on kept files; ``outputs``, ``request`` and ``seal``
        are added to it.

    Raises
    ------
    StorageError
        If the system refuses; earlier files are untouched then.
    """
    prepare_folder(folder)
    with _locked(folder):
        stem, note = _choose_stem(folder, request)
        paths = {ending: folder / f"{stem}{ending}" for ending in (*writers, REPORT)}
        with _staged(folder) as stage:
            for ending, write in writers.items():
                write(stage / paths[ending].name)
            outputs = {paths[ending].name: _sha256(stage / paths[ending].name) for ending in writers}
            report = {**make_report(note), "request": _request_mapping(request), "outputs": outputs}
            write_atomically(stage / paths[REPORT].name, sealed(report))
            for path in paths.values():
                replace_durably(stage / path.name, path)
    return PublishedSet(paths, note)


def prepare_folder(folder: Path) -> None:
    """Make a folder for results, or find out before any work that none can be written there.

    Raises
    ------
    StorageError
        If it cannot be made or written in.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _LOCK).open("a+b").close()
    except OSError as error:
        raise StorageError(folder, error.strerror or str(error)) from error


def sealed(report: Mapping[str, Any]) -> bytes:
    """A report as JSON with a SHA-256 over its own bytes, taken with the seal as 64 zeros."""
    option = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY
    data = orjson.dumps({**report, _SEAL_KEY: _NO_SEAL}, option=option)
    return _with_seal(data, hashlib.sha256(data).hexdigest())


def read_report(path: Path) -> dict[str, Any] | None:
    """A report as the application wrote it; None if it is missing, damaged or was changed."""
    try:
        data = path.read_bytes()
        report = orjson.loads(data)
        seal = report[_SEAL_KEY]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    blank = data.replace(f'"{seal}"'.encode(), f'"{_NO_SEAL}"'.encode())
    return dict(report) if hashlib.sha256(blank).hexdigest() == seal else None


def _with_seal(data: bytes, seal: str) -> bytes:
    return data.replace(f'"{_NO_SEAL}"'.encode(), f'"{seal}"'.encode())


def _request_mapping(request: Request) -> dict[str, str]:
    return {"slide_id": request.slide_id, "digest": request.digest}


def _choose_stem(folder: Path, request: Request) -> tuple[str, str]:
    """The stem to write under, and a note where it is not the plain one."""
    owner = _owner(folder, request.stem)
    base, notes = request.stem, []
    if owner not in ("", request.slide_id):
        base = f"{request.stem}-{request.slide_id[:8]}"
        notes.append(f"Another slide is called {request.stem} too, so this one's files are called {base}")
    number, stem = 1, base
    while not _may_write(folder, stem, request):
        number += 1
        stem = f"{base}.{number}"
    if number > 1:
        notes.append(
            f"Earlier files of {base} were made by another run or changed since, so they were kept "
            f"and this run's files are called {stem}"
        )
    return stem, ". ".join(notes)


def _owner(folder: Path, stem: str) -> str:
    """The slide whose report stands under a stem; empty if there is none."""
    report = read_report(folder / f"{stem}{REPORT}")
    return str(report["request"]["slide_id"]) if report is not None and "request" in report else ""


def _may_write(folder: Path, stem: str, request: Request) -> bool:
    """Whether no file stands under a stem, or only ones of the same request as they were written."""
    present = [path for ending in SUFFIXES if (path := folder / f"{stem}{ending}").exists()]
    if not present:
        return True
    report = read_report(folder / f"{stem}{REPORT}")
    if report is None or report.get("request") != _request_mapping(request):
        return False
    outputs = report.get("outputs", {})
    return all(path.name.endswith(REPORT) or outputs.get(path.name) == _sha256(path) for path in present)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """An empty hidden folder on the same file system, gone in the end; errors name the destination."""
    stage = folder / _STAGE
    try:
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir()
        yield stage
    except StorageError as error:
        if stage not in error.path.parents:
            raise
        raise StorageError(folder / error.path.name, error.reason) from error
    except OSError as error:
        raise StorageError(folder, error.strerror or str(error)) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system releases if the process dies."""
    path = folder / _LOCK
    try:
        file = path.open("a+b")
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error
    with file:
        while not _try_lock(file):
            time.sleep(_LOCK_POLL_SECONDS)
        yield


def _try_lock(file: IO[bytes]) -> bool:
    """Take the lock if it is free; closing the file releases it."""
    if os.name == "nt":
        import msvcrt

        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some network file systems know no locks; the seal still keeps foreign files safe there.
        return True
    return True
