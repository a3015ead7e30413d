"""Annotations as bytes: what the journal stores for an edit and for a checkpoint.

Columns are written as they lie in memory (little endian), described by a JSON header, compressed, with a
checksum, so that a million objects are stored without making one of them. Any thread.

Layout: magic ``CSA1``, CRC-32 of the rest, zlib of (header length, header, column bytes).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

import numpy as np
import orjson

from desktop_app.domain.annotation import AnnotationClass, Origin
from desktop_app.domain.annotation_chunk import AnnotationChunk, Interned, Ragged
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edits import Classes, Edit

_MAGIC = b"CSA1"
_PREFIX = struct.Struct("<4sI")
_LENGTH = struct.Struct("<I")
_COMPRESSION = 1


class DamagedBytesError(ValueError):
    """Bytes that are not what was written; the journal goes on without them."""


def encode_edit(edit: Edit) -> bytes:
    """An edit as bytes."""
    header = {
        "edit_id": str(edit.edit_id),
        "label": edit.label,
        "author": edit.author,
        "utc": edit.utc,
        "classes_before": _plain_classes(edit.classes_before),
        "classes_after": _plain_classes(edit.classes_after),
    }
    return _packed(header, [AnnotationChunk.of(edit.before), AnnotationChunk.of(edit.after)])


def decode_edit(data: bytes) -> Edit:
    """The inverse of :func:`encode_edit`; the annotations stay columns until they are asked for.

    Raises
    ------
    DamagedBytesError
        If the bytes are not what was written.
    """
    header, (before, after) = _unpacked(data)
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


def encode_snapshot(snapshot: AnnotationSnapshot) -> bytes:
    """A snapshot as bytes, chunk by chunk."""
    return _packed({"classes": _plain_classes(snapshot.classes)}, snapshot.chunks)


def decode_snapshot(data: bytes) -> AnnotationSnapshot:
    """The inverse of :func:`encode_snapshot`.

    Raises
    ------
    DamagedBytesError
        If the bytes are not what was written.
    """
    header, chunks = _unpacked(data)
    return AnnotationSnapshot.of_chunks(chunks, _classes(header["classes"]) or ())


def _packed(header: dict[str, Any], chunks: Sequence[AnnotationChunk]) -> bytes:
    buffers: list[bytes] = []
    described = [_described(chunk, buffers) for chunk in chunks]
    text = orjson.dumps({**header, "chunks": described})
    body = zlib.compress(b"".join([_LENGTH.pack(len(text)), text, *buffers]), _COMPRESSION)
    return _PREFIX.pack(_MAGIC, zlib.crc32(body)) + body


def _unpacked(data: bytes) -> tuple[dict[str, Any], list[AnnotationChunk]]:
    if len(data) < _PREFIX.size:
        raise DamagedBytesError("too short")
    magic, checksum = _PREFIX.unpack_from(data)
    body = data[_PREFIX.size :]
    if magic != _MAGIC or zlib.crc32(body) != checksum:
        raise DamagedBytesError("the checksum does not match")
    raw = zlib.decompress(body)  # cannot fail after the checksum
    (length,) = _LENGTH.unpack_from(raw)
    header = orjson.loads(raw[_LENGTH.size : _LENGTH.size + length])
    reader = _ColumnReader(raw, _LENGTH.size + length)
    return header, [_chunk(described, reader) for described in header["chunks"]]


class _ColumnReader:
    """Takes columns from bytes, one after the other, without copying them."""

    def __init__(self, raw: bytes, start: int) -> None:
        self._raw = raw
        self._position = start

    def take(self, dtype: str, shape: Sequence[int]) -> np.ndarray:
        kind = np.dtype(dtype)
        count = int(np.prod(shape, dtype=np.int64))
        column = np.frombuffer(self._raw, kind, count, self._position).reshape(shape)
        self._position += count * kind.itemsize
        return column


def _described(chunk: AnnotationChunk, buffers: list[bytes]) -> dict[str, Any]:
    """The header of a chunk; its columns go to ``buffers`` in the order of the fields."""
    return {column.name: _column(getattr(chunk, column.name), buffers) for column in fields(chunk)}


def _column(value: np.ndarray | Ragged | Interned[Any], buffers: list[bytes]) -> dict[str, Any]:
    if isinstance(value, Ragged):
        return _column(value.starts, buffers)
    if isinstance(value, Interned):
        return {**_column(value.index, buffers), "table": [_plain(entry) for entry in value.table]}
    little = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"), copy=False)
    buffers.append(little.tobytes())
    return {"dtype": little.dtype.str, "shape": list(little.shape)}


def _plain(entry: Any) -> Any:
    if isinstance(entry, Origin):
        return asdict(entry)
    return entry.decode() if isinstance(entry, bytes) else entry


def _chunk(described: dict[str, Any], reader: _ColumnReader) -> AnnotationChunk:
    columns = _later_columns(described)
    for column in fields(AnnotationChunk):
        if column.name in columns:
            continue
        entry = described[column.name]
        array = reader.take(entry["dtype"], entry["shape"])
        columns[column.name] = array
        if "table" in entry:
            columns[column.name] = Interned(array, _table(column.name, entry["table"]))
        elif column.name in ("rings", "vertices", "measured"):
            columns[column.name] = Ragged(array)
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
