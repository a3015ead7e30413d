"""Pixel sizes of a folder's slides as a table: a small CSV file that any spreadsheet writes.

A lab that knows its scanner's pixel size says it once for all its slides. The table lies beside the slides,
where it is found by itself by the window and the command alike; where the folder cannot be written it is kept
with the user's data. A table fills in what a slide's file does not say; it never overrides. Any thread.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from desktop_app.domain.mpp import TAG_RANGE, is_plausible
from desktop_app.domain.slide_info import Mpp
from desktop_app.errors import StorageError
from desktop_app.storage.atomic import write_atomically

TABLE_NAME = "coverslip-mpp.csv"
"""The table of a folder, beside its slides."""

_NAMES = frozenset({"slide", "file", "filename", "file name", "name", "image"})
_SIZES = (("mpp",), ("mpp_x", "mpp_y"))
_LARGEST_TABLE = 10 * 2**20


@dataclass(frozen=True, slots=True)
class MppTable:
    """Pixel sizes by the name of the slide.

    Attributes
    ----------
    sizes : Mapping[str, Mpp]
        µm per level-0 pixel ``(x, y)``, by file name with or without its ending.
    """

    sizes: Mapping[str, Mpp] = field(default_factory=dict)

    def mpp_of(self, slide: Path) -> Mpp | None:
        """What the table says of a slide: by its whole name, else without its ending; case matters last."""
        name = self.name_for(slide)
        return None if name is None else self.sizes[name]

    def name_for(self, slide: Path) -> str | None:
        """The name under which the table has a slide."""
        names = (slide.name, slide.stem, slide.name.partition(".")[0])
        found = next((name for name in names if name in self.sizes), None)
        if found is not None:
            return found
        folded = {name.casefold(): name for name in self.sizes}
        return next((folded[name.casefold()] for name in names if name.casefold() in folded), None)


def table_paths(folder: Path, user_folder: Path) -> tuple[Path, Path]:
    """Where a folder's table may lie: beside the slides, which goes first, or with the user's data."""
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return folder / TABLE_NAME, user_folder / f"{digest}.csv"


def read_folder_table(folder: Path, user_folder: Path) -> MppTable:
    """The table of a folder; an empty one where there is none.

    Raises
    ------
    StorageError
        If there is one that cannot be read or understood.
    """
    for path in table_paths(folder, user_folder):
        if path.is_file():
            return read_mpp_table(path)
    return MppTable()


def folder_mpp(slide: Path, user_folder: Path) -> Mpp | None:
    """What the table of its folder says of a slide; None where there is none, or it does not name it.

    Raises
    ------
    StorageError
        If there is a table that cannot be read or understood.
    """
    slide = slide.absolute()
    return read_folder_table(slide.parent, user_folder).mpp_of(slide)


def read_mpp_table(path: Path) -> MppTable:
    """Read a table.

    The first line names the columns: ``slide,mpp`` or ``slide,mpp_x,mpp_y``; others are passed over. Columns
    are parted by commas, semicolons or tabs. A slide without a value is one of which nothing is said.

    Parameters
    ----------
    path : Path
        UTF-8 or UTF-16 with or without a byte order mark, else taken for Windows' western encoding.

    Raises
    ------
    StorageError
        If it cannot be read, or says something that is no pixel size; the sentence names the line.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= _LARGEST_TABLE else b""
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error
    if size > _LARGEST_TABLE:
        raise StorageError(path, "it is too large for a table of pixel sizes.")
    try:
        return MppTable(dict(_entries(_decoded(data))))
    except (_TableError, csv.Error) as error:
        raise StorageError(path, str(error)) from error


def write_mpp_table(path: Path, table: MppTable) -> None:
    """Write a table that :func:`read_mpp_table` and any spreadsheet reads.

    Raises
    ------
    StorageError
        If the system refuses; the old table is untouched.
    """
    square = all(x == y for x, y in table.sizes.values())
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("slide", *_SIZES[0 if square else 1]))
    for name, (x, y) in table.sizes.items():
        writer.writerow((name, _shortest(x)) if square else (name, _shortest(x), _shortest(y)))
    write_atomically(path, text.getvalue().encode())


def write_folder_table(folder: Path, user_folder: Path, table: MppTable) -> Path:
    """Write a folder's table beside its slides, or with the user's data where the folder refuses.

    Returns
    -------
    Path
        Where it is now.

    Raises
    ------
    StorageError
        If the system refuses both.
    """
    beside, own = table_paths(folder, user_folder)
    try:
        write_mpp_table(beside, table)
    except StorageError:
        if beside.exists():
            # It would be found first and hide the new one.
            raise
    else:
        return beside
    try:
        own.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(own, error.strerror or str(error)) from error
    write_mpp_table(own, table)
    return own


def parse_mpp(text: str) -> float:
    """A pixel size as a person writes it.

    Raises
    ------
    ValueError
        With a sentence: no number, a decimal comma, or no plausible size.
    """
    text = text.strip()
    if "," in text and _is_number(text.replace(",", ".", 1)):
        raise ValueError(f"{text} has a comma where a number has a point; write {text.replace(',', '.', 1)}.")
    if not _is_number(text):
        raise ValueError(f"{text!r} is no number of µm per pixel.")
    if not is_plausible(float(text)):
        raise ValueError(f"{text} µm per pixel is not between {TAG_RANGE[0]:g} and {TAG_RANGE[1]:g}.")
    return float(text)


class _TableError(Exception):
    """What is wrong with a table, as a sentence that names the line."""


def _decoded(data: bytes) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _entries(text: str) -> Iterator[tuple[str, Mpp]]:
    lines = text.splitlines()
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise _TableError("it is empty; its first line must be slide,mpp.")
    separator = next((mark for mark in "\t;," if mark in lines[first]), ",")
    rows = csv.reader(lines[first:], delimiter=separator)
    columns = _Columns.of(next(rows))
    said: dict[str, Mpp] = {}
    for fields in rows:
        line = first + rows.line_num
        entry = columns.entry(fields, line)
        if entry is not None:
            if said.setdefault(entry[0], entry[1]) != entry[1]:
                raise _TableError(f"line {line}: {entry[0]} stands in it twice with different values.")
            yield entry


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which columns mean what."""

    count: int
    name: int
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, head: Sequence[str]) -> _Columns:
        titles = [title.strip().casefold() for title in head]
        name = next((at for at, title in enumerate(titles) if title in _NAMES), None)
        sizes = next((wanted for wanted in _SIZES if set(wanted) <= set(titles)), None)
        if name is None or sizes is None:
            raise _TableError("its first line must name the columns: slide,mpp or slide,mpp_x,mpp_y.")
        return cls(len(titles), name, tuple(titles.index(title) for title in sizes))

    def entry(self, fields: Sequence[str], line: int) -> tuple[str, Mpp] | None:
        """``(name, mpp)`` of one line; None where it says nothing."""
        fields = [text.strip() for text in fields]
        if len(fields) > self.count and any(fields[self.count :]):
            raise _TableError(
                f"line {line} has {len(fields)} fields where the first line has {self.count}; "
                "write numbers with a point (0.25), or part the fields with semicolons."
            )
        fields += [""] * (self.count - len(fields))
        name, sizes = fields[self.name], [fields[at] for at in self.sizes]
        if not any(sizes) or not name:
            return None
        try:
            values = [parse_mpp(text) for text in sizes]
        except ValueError as error:
            raise _TableError(f"line {line}: {error}") from error
        # A list made on another machine may name folders; only the slide's own name counts.
        return name.replace("\\", "/").rpartition("/")[2], (values[0], values[-1])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _shortest(value: float) -> str:
    return f"{value:.7g}"
