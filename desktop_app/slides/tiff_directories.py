"""The directories of a TIFF file and the tags in them.

A TIFF library would be imported for a dozen numbers, which takes fifteen times as long as reading them and
would be paid at the start of the window, before the first slide is seen. Any thread.

Source: TIFF Revision 6.0 (Adobe, 1992), section 2; BigTIFF as libtiff writes it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_TYPES = {1: "u1", 2: "u1", 3: "u2", 4: "u4", 7: "u1", 13: "u4", 16: "u8", 18: "u8"}
"""Bytes, text and unsigned integers; no tag that is asked for here has another type."""

_MOST_DIRECTORIES = 1000


class Bytes(Protocol):
    """Something with bytes at places, such as ``PositionedFile``."""

    @property
    def size(self) -> int:
        """Bytes in all."""

    def read(self, offset: int, count: int) -> bytes:
        """Exactly that many bytes; ``OSError`` if there are fewer."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How numbers are written: classic TIFF or BigTIFF, in either byte order."""

    order: str
    is_big: bool

    @property
    def offset(self) -> np.dtype[np.uint64] | np.dtype[np.uint32]:
        return np.dtype(f"{self.order}u{8 if self.is_big else 4}")

    @property
    def entry_count(self) -> np.dtype[np.uint64] | np.dtype[np.uint16]:
        return np.dtype(f"{self.order}u{8 if self.is_big else 2}")

    @property
    def entry(self) -> np.dtype[np.void]:
        wide = self.offset.itemsize
        return np.dtype(
            [
                ("tag", f"{self.order}u2"),
                ("type", f"{self.order}u2"),
                ("count", self.offset),
                ("value", f"V{wide}"),
            ]
        )


class TiffDirectory:
    """One image's tags; their values are read when asked for.

    Parameters
    ----------
    file : Bytes
        The file.
    layout : _Layout
        How numbers are written in it.
    entries : NDArray[np.void]
        The directory's entries.
    """

    def __init__(self, file: Bytes, layout: _Layout, entries: NDArray[np.void]) -> None:
        self._file = file
        self._layout = layout
        self._entries = {int(entry["tag"]): entry for entry in entries}

    def __contains__(self, tag: int) -> bool:
        return tag in self._entries

    def values(self, tag: int) -> NDArray[np.unsignedinteger]:
        """All values of a tag; none if it is missing.

        Raises
        ------
        ValueError
            If they are not of a type used here, or cannot be in the file.
        OSError
            If the file cannot be read.
        """
        if tag not in self._entries:
            return np.empty(0, np.uint64)
        entry = self._entries[tag]
        code, count = int(entry["type"]), int(entry["count"])
        if code not in _TYPES:
            raise ValueError(f"tag {tag} is of type {code}")
        kind = np.dtype(_TYPES[code]).newbyteorder(self._layout.order)  # type: ignore[arg-type]
        return np.frombuffer(self._bytes(entry["value"].tobytes(), count * kind.itemsize), kind, count)

    def one(self, tag: int, default: int = 0) -> int:
        """The first value of a tag; errors as :meth:`values`."""
        values = self.values(tag)
        return int(values[0]) if len(values) else default

    def text(self, tag: int) -> str:
        """A tag's text up to its end mark, empty if it is missing; errors as :meth:`values`."""
        return self.values(tag).tobytes().split(b"\0")[0].decode("utf-8", "replace")

    def _bytes(self, inline: bytes, length: int) -> bytes:
        """The value itself where it fits into the entry, else what the entry points at."""
        if length <= len(inline):
            return inline
        if length > self._file.size:
            raise ValueError("a tag is longer than the file")
        return self._file.read(_number(inline, self._layout.offset), length)


def tiff_directories(file: Bytes) -> Iterator[TiffDirectory]:
    """The main directories, in their order; a chain that bites its tail ends.

    Raises
    ------
    ValueError
        If it is no TIFF file, or a directory is damaged.
    OSError
        If it cannot be read, or ends too early.
    """
    layout, offset = _header(file)
    seen: set[int] = set()
    while offset and offset not in seen and len(seen) < _MOST_DIRECTORIES:
        seen.add(offset)
        width = layout.entry_count.itemsize
        count = _number(file.read(offset, width), layout.entry_count)
        length = count * layout.entry.itemsize
        if length > file.size:
            raise ValueError("a directory is longer than the file")
        data = file.read(offset + width, length + layout.offset.itemsize)
        yield TiffDirectory(file, layout, np.frombuffer(data, layout.entry, count))
        offset = _number(data[length:], layout.offset)


def _header(file: Bytes) -> tuple[_Layout, int]:
    start = file.read(0, 16)
    order = {b"II": "<", b"MM": ">"}.get(start[:2])
    if order is None:
        raise ValueError("this is no TIFF file")
    version = struct.unpack(f"{order}H", start[2:4])[0]
    if version not in {42, 43}:
        raise ValueError("this is no TIFF file")
    is_big = version == 43
    place = start[8:16] if is_big else start[4:8]
    return _Layout(order, is_big), int.from_bytes(place, "little" if order == "<" else "big")


def _number(data: bytes, kind: np.dtype[np.unsignedinteger]) -> int:
    return int(np.frombuffer(data, kind, 1)[0])
