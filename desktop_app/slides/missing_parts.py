"""What is wrong with a slide's files where a reader only says that it cannot go on.

A MIRAX slide without its folder, a file that was copied half, a drive that went away: each has a way out,
and a reader's own message names none of them. Reads a few bytes at most; any thread.
"""

from __future__ import annotations

import struct
from pathlib import Path

from desktop_app.errors import SlideGoneError, SlideReadError

_FOLDER_FORMATS = {".mrxs": "Slidedat.ini"}
"""Formats that keep their pixels in a folder of the file's own name, and a file that must be in it."""

_CLASSIC, _BIG = 42, 43


def why_unopenable(path: Path) -> str | None:
    """What is missing of a file that no reader opens; a sentence that follows a colon.

    Parameters
    ----------
    path : Path
        An existing file.

    Returns
    -------
    str | None
        None where nothing is known to be missing.
    """
    return _missing_folder(path) or _cut_off(path)


def read_error(path: Path, reason: str, location: tuple[int, int] | None = None) -> SlideReadError:
    """The error for pixels that a reader cannot read.

    Parameters
    ----------
    path : Path
        The file that was opened.
    reason : str
        The reader's own words, without a full stop.
    location : tuple[int, int] | None
        Level-0 pixels.

    Returns
    -------
    SlideReadError
        A ``SlideGoneError`` where the file is not there any more.
    """
    if not path.exists():
        return SlideGoneError(path, location)
    return SlideReadError(path, reason, location)


def _missing_folder(path: Path) -> str | None:
    index = _FOLDER_FORMATS.get(path.suffix.lower())
    if index is None:
        return None
    folder = path.with_suffix("")
    if not folder.is_dir():
        return (
            f"the folder {folder.name} that belongs to it is not beside it; "
            "copy the file together with that folder."
        )
    if not (folder / index).is_file():
        return f"{index} is missing in its folder {folder.name}; copy the whole folder again."
    return None


def _cut_off(path: Path) -> str | None:
    """Whether a TIFF is shorter than its own header says."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return None
    if size == 0:
        return "the file is empty; copy it again from the scanner or archive."
    first = _first_directory(head)
    if first is None or first + 2 <= size:
        return None
    return (
        f"the file is cut off: it has {size:,} bytes and its contents are listed after {first:,}; "
        "copy it again from the scanner or archive."
    )


def _first_directory(head: bytes) -> int | None:
    """Where a TIFF's first directory begins; None for another kind of file."""
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        return None
    version = struct.unpack_from(f"{order}H", head, 2)[0]
    if version == _CLASSIC:
        return int(struct.unpack_from(f"{order}I", head, 4)[0])
    if version == _BIG and len(head) == 16:
        return int(struct.unpack_from(f"{order}Q", head, 8)[0])
    return None
