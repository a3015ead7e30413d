"""Annotations as bytes: what the journal stores for an edit and for a checkpoint.

Columns are written as they lie in memory (little endian), described by a JSON header, with a checksum, so
that a million objects are stored without making one of them. Any thread.

Layout: magic ``CSA2``, CRC-32 of the rest, whether what follows is compressed by zlib, the header's length,
the header, the columns; header and columns are padded to 16 bytes, so that columns are used where they were
read. What is large is not compressed, which would take ten times as long as reading it. A column of equal
steps (a constant, the starts of rings of equal length) is only described. Journals of earlier versions hold
``CSA1``: magic, CRC-32, zlib of (header length, header, columns), without padding; it is read, never written.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
import orjson
from numpy.typing import NDArray

from desktop_app.domain.annotation import AnnotationClass, Origin
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.annotation_columns import Interned, Ragged
from desktop_app.domain.annotation_index import AnnotationIndex
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edits import Classes, Edit

_OLD_MAGIC, _MAGIC = b"CSA1", b"CSA2"
_PREFIX = struct.Struct("<4sI")
_MODE = struct.Struct("<II")
_LENGTH = struct.Struct("<I")
CHECKED_FROM = _PREFIX.size
"""Bytes before those that the checksum is of."""

_ALIGNED = 16
_COMPRESSION = 1
_STEP = 4096
"""Compressed bytes read at a time where only the header is wanted."""

_PLAIN_FROM = 1 << 20
"""Bytes from which on nothing is compressed."""

_PADDING = bytes(_ALIGNED)
_SMALL = 1024
"""Bytes; a column of fewer is copied."""

_WORTH_A_STEP = 64
"""Shorter columns are written as they are."""

_FEW = 16 if sys.byteorder == "little" else 0
"""Up to so many objects of few vertices are described by a header that may have been written before."""

_COLUMNS = tuple(column.name for column in fields(AnnotationChunk))
_columns_of = attrgetter(*_COLUMNS)
_RAGGED = ("rings", "vertices", "measured")
_LATER = {"hidden", "rois"}
"""Columns that old journals lack."""

Buffer: TypeAlias = bytes | memoryview
_Column: TypeAlias = NDArray[Any] | Ragged | Interned[Any]


class DamagedBytesError(ValueError):
    """Bytes that are not what was written; the journal goes on without them."""


def encode_edit(edit: Edit) -> bytes:
    """An edit as bytes."""
    return b"".join(edit_buffers(edit))


def edit_buffers(edit: Edit) -> list[Buffer]:
    """The same bytes, to be written one after the other; a large edit's are its own memory."""
    header = {
        "edit_id": str(edit.edit_id),
        "label": edit.label,
        "author": edit.author,
        "utc": edit.utc,
        "classes_before": _plain_classes(edit.classes_before),
        "classes_after": _plain_classes(edit.classes_after),
    }
    return _packed(header, [AnnotationChunk.of(edit.before), AnnotationChunk.of(edit.after)], {})


def decode_edit(data: Buffer) -> Edit:
    """The inverse of :func:`encode_edit`; the annotations stay columns until they are asked for.

    Raises
    ------
    DamagedBytesError
        If the bytes are not what was written.
    """
    header, (before, after), _ = _unpacked(data)
    return Edit(
        edit_id=UUID(header["edit_id"]),
        label=header["label"],
        author=header["author"],
        utc=header["utc"],
        before=before,
        after=after,
        classes_before=_classes(header["classes_before"]),
        classes_after=_classes(header["classes_after"]),
    )


def count_objects(read: Callable[[int], bytes]) -> int:
    """How many objects an encoded edit touches, from its header alone.

    Parameters
    ----------
    read : Callable[[int], bytes]
        Gives the next so many bytes, from the beginning.

    Raises
    ------
    DamagedBytesError
        If there is no header.
    """
    try:
        chunks = orjson.loads(_header_text(read))["chunks"]
        return max(int(chunk["ids"]["shape"][0]) for chunk in chunks)
    except (struct.error, zlib.error, ValueError, KeyError, TypeError, IndexError) as error:
        raise DamagedBytesError("no header") from error


def _header_text(read: Callable[[int], bytes]) -> bytes:
    magic, _ = _PREFIX.unpack(read(_PREFIX.size))
    if magic == _OLD_MAGIC:
        read = _unzipping(read)
        (length,) = _LENGTH.unpack(read(_LENGTH.size))
        return read(length)
    compressed, length = _MODE.unpack(read(_MODE.size))
    return _unzipping(read)(length) if compressed else read(length)


def _unzipping(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """A reader of what another reader gives in zlib's form."""
    unzip = zlib.decompressobj()

    def take(count: int) -> bytes:
        taken = bytearray()
        while len(taken) < count and (packed := unzip.unconsumed_tail or read(_STEP)):
            taken += unzip.decompress(packed, count - len(taken))
        return bytes(taken)

    return take


def encode_snapshot(snapshot: AnnotationSnapshot) -> list[Buffer]:
    """A snapshot as bytes to be written one after the other; most of them are the snapshot's own memory."""
    index = snapshot.index.folded()
    header = {"classes": _plain_classes(snapshot.classes)}
    columns = {"index_ids": index.ids, "index_chunks": index.chunks, "boxes": snapshot.boxes}
    return _packed(header, snapshot.chunks, columns)


def decode_snapshot(data: Buffer, checksum: int | None = None) -> AnnotationSnapshot:
    """The inverse of :func:`encode_snapshot`.

    Parameters
    ----------
    data : Buffer
        The bytes; the snapshot's columns are views of them.
    checksum : int | None
        The CRC-32 of what follows the first ``CHECKED_FROM`` bytes, where it is known already.

    Raises
    ------
    DamagedBytesError
        If the bytes are not what was written.
    """
    header, chunks, columns = _unpacked(data, checksum)
    classes = _classes(header["classes"]) or ()
    if not columns:
        return AnnotationSnapshot.of_chunks(chunks, classes)
    index = AnnotationIndex(columns["index_ids"], columns["index_chunks"], {})
    return AnnotationSnapshot(classes, tuple(chunks), index, columns["boxes"])


def _packed(
    header: dict[str, Any], chunks: Sequence[AnnotationChunk], columns: Mapping[str, NDArray[Any]]
) -> list[Buffer]:
    buffers: list[Buffer] = []
    described = [_described(chunk, buffers) for chunk in chunks]
    further = {name: _column(column, buffers) for name, column in columns.items()}
    text = orjson.dumps({**header, "chunks": described, "columns": further})
    text += b" " * (-len(text) % _ALIGNED)
    body: list[Buffer] = [text, *buffers]
    plain = sum(map(len, body)) >= _PLAIN_FROM
    if not plain:
        body = [zlib.compress(b"".join(body), _COMPRESSION)]
    body.insert(0, _MODE.pack(not plain, len(text)))
    checksum = 0
    for part in body:
        checksum = zlib.crc32(part, checksum)
    return [_PREFIX.pack(_MAGIC, checksum), *body]


def _unpacked(
    data: Buffer, found: int | None = None
) -> tuple[dict[str, Any], list[AnnotationChunk], dict[str, NDArray[Any]]]:
    if len(data) < _PREFIX.size + _MODE.size:
        raise DamagedBytesError("too short")
    magic, checksum = _PREFIX.unpack_from(data)
    body = memoryview(data)[CHECKED_FROM:]
    if magic not in (_OLD_MAGIC, _MAGIC) or (zlib.crc32(body) if found is None else found) != checksum:
        raise DamagedBytesError("the checksum does not match")
    header, reader = _opened(body) if magic == _MAGIC else _opened_old(body)
    chunks = [_chunk(described, reader) for described in header["chunks"]]
    further = header.get("columns", {})
    return header, chunks, {name: reader.take(entry) for name, entry in further.items()}


def _opened(body: memoryview) -> tuple[dict[str, Any], _ColumnReader]:
    compressed, length = _MODE.unpack_from(body)
    raw = body[_MODE.size :]
    if compressed:
        raw = memoryview(zlib.decompress(raw))  # cannot fail after the checksum
    return orjson.loads(raw[:length]), _ColumnReader(raw, length, aligned=_ALIGNED)


def _opened_old(body: memoryview) -> tuple[dict[str, Any], _ColumnReader]:
    raw = memoryview(zlib.decompress(body))
    (length,) = _LENGTH.unpack_from(raw)
    end = _LENGTH.size + length
    return orjson.loads(raw[_LENGTH.size : end]), _ColumnReader(raw, end, aligned=1)


class _ColumnReader:
    """Takes columns from bytes, one after the other, without copying them."""

    def __init__(self, raw: memoryview, start: int, *, aligned: int) -> None:
        self._raw = raw
        self._position = start
        self._aligned = aligned

    def take(self, entry: dict[str, Any]) -> NDArray[Any]:
        kind, shape = _kind(entry["dtype"]), entry["shape"]
        if "step" in entry:
            return _even_steps(kind, shape[0], entry["first"], entry["step"])
        # A long history has a hundred thousand of these: one call, and no reshaping.
        column: NDArray[Any] = np.ndarray(shape, kind, self._raw, self._position)
        self._position += -(-column.nbytes // self._aligned) * self._aligned
        return column


@cache
def _kind(name: str) -> np.dtype[Any]:
    return np.dtype(name)


def _described(chunk: AnnotationChunk, buffers: list[Buffer]) -> dict[str, Any] | orjson.Fragment:
    """The header of a chunk; its columns go to ``buffers`` in the order of the fields."""
    values = _columns_of(chunk)
    if len(chunk) <= _FEW and len(chunk.offsets) + 1 < _WORTH_A_STEP and not chunk.extras.table:
        return _described_few(values, buffers)
    return {name: _column(value, buffers) for name, value in zip(_COLUMNS, values, strict=True)}


def _described_few(values: tuple[_Column, ...], buffers: list[Buffer]) -> orjson.Fragment:
    """The same for few objects, whose header is mostly one that was written before."""
    arrays = [_array(value) for value in values]
    text = _header_of(
        tuple((array.dtype, array.shape) for array in arrays),
        tuple(value.table if isinstance(value, Interned) else None for value in values),
    )
    for array in arrays:
        buffers.append(array.tobytes())
        if missing := -array.nbytes % _ALIGNED:
            buffers.append(_PADDING[:missing])
    return orjson.Fragment(text)


def _array(value: _Column) -> NDArray[Any]:
    if isinstance(value, Ragged):
        return value.starts
    return value.index if isinstance(value, Interned) else value


@lru_cache(256)
def _header_of(forms: tuple[tuple[np.dtype[Any], tuple[int, ...]], ...], tables: tuple[Any, ...]) -> bytes:
    """The header of a chunk, from what its columns are like."""
    unused: list[Buffer] = []
    entries = {}
    for name, (kind, shape), table in zip(_COLUMNS, forms, tables, strict=True):
        entries[name] = _column(np.zeros(shape, kind), unused)
        if table is not None:
            entries[name]["table"] = [_plain(entry) for entry in table]
    return orjson.dumps(entries)


def _column(value: _Column, buffers: list[Buffer]) -> dict[str, Any]:
    if isinstance(value, Ragged):
        return _column(value.starts, buffers)
    if isinstance(value, Interned):
        return {**_column(value.index, buffers), "table": [_plain(entry) for entry in value.table]}
    name, is_little = _little(value.dtype)
    little = value if is_little else value.astype(name)
    nbytes = little.nbytes
    missing = -nbytes % _ALIGNED
    described: dict[str, Any] = {"dtype": name, "shape": little.shape}
    if len(little) >= _WORTH_A_STEP and (step := _step(little)) is not None:
        return {**described, "first": int(little[0]), "step": step}
    if nbytes < _SMALL:  # an edit has dozens of these: one call each
        if nbytes:
            buffers.append(little.tobytes())
        if missing:
            buffers.append(_PADDING[:missing])
        return described
    buffers.append(np.ascontiguousarray(little).reshape(-1).view(np.uint8).data)
    if missing:
        buffers.append(bytes(missing))
    return described


@cache
def _little(kind: np.dtype[Any]) -> tuple[str, bool]:
    """A column's type as it is stored, and whether it is that already."""
    stored = kind.newbyteorder("<").str
    return stored, stored == kind.str


def _step(column: NDArray[Any]) -> int | None:
    """The step between the whole numbers of a column where it is always the same."""
    if column.ndim != 1 or column.dtype.kind not in "biu":
        return None
    numbers = column.astype(np.int64)
    step = int(numbers[1] - numbers[0])
    return step if (np.diff(numbers) == step).all() else None


def _even_steps(kind: np.dtype[Any], count: int, first: int, step: int) -> NDArray[Any]:
    if step == 0:
        # What numpy.broadcast_to gives, in a fifth of its time; a million objects have thousands of these.
        return np.ndarray((count,), kind, np.array(first, dtype=kind).tobytes(), strides=(0,))
    return np.arange(first, first + count * step, step, dtype=kind)


def _plain(entry: Any) -> Any:
    if isinstance(entry, Origin):
        return asdict(entry)
    return entry.decode() if isinstance(entry, bytes) else entry


def _chunk(described: dict[str, Any], reader: _ColumnReader) -> AnnotationChunk:
    columns = {} if described.keys() >= _LATER else _later_columns(described)
    for name in _COLUMNS:
        if name in columns:
            continue
        entry = described[name]
        array = reader.take(entry)
        if "table" in entry:
            columns[name] = Interned(array, _table(name, entry["table"]))
        else:
            columns[name] = Ragged(array) if name in _RAGGED else array
    return AnnotationChunk(**columns)


def _later_columns(described: dict[str, Any]) -> dict[str, Any]:
    """What journals lack that were written before objects could be hidden, or ROIs."""
    (count,) = described["ids"]["shape"]
    later: dict[str, Any] = {
        "hidden": np.zeros(count, dtype=np.bool_),
        "rois": Interned(np.full(count, -1, dtype=np.int32), ()),
    }
    return {name: column for name, column in later.items() if name not in described}


def _table(name: str, entries: list[Any]) -> tuple[Any, ...]:
    match name:
        case "origins":
            return tuple(Origin(**entry) for entry in entries)
        case "extras":
            return tuple(entry.encode() for entry in entries)
        case "schemas":
            return tuple(tuple(entry) for entry in entries)
    return tuple(entries)


def _plain_classes(classes: Classes | None) -> list[Any] | None:
    return None if classes is None else [[entry.name, list(entry.color)] for entry in classes]


def _classes(plain: list[Any] | None) -> Classes | None:
    if plain is None:
        return None
    return tuple(AnnotationClass(name, (red, green, blue)) for name, (red, green, blue) in plain)
