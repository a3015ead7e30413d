"""GeoJSON files in QuPath's dialect: reading whatever QuPath accepts, writing what it reads best.

The format every exchange goes through, and what the engine's results are written in. Files may be larger
than memory: they are read in blocks (``geojson_blocks``, ``geojson_columns``, ``geojson_reading``) and
written from columns (``geojson_writing``), with progress, and can be stopped. Any thread.
"""

from __future__ import annotations

import gzip
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias

import orjson

from desktop_app.domain.annotation import Annotation, AnnotationClass, Color
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.errors import AnnotationFormatError
from desktop_app.storage.atomic import atomic_file
from desktop_app.storage.geojson_blocks import FeatureBlocks, NotAListError
from desktop_app.storage.geojson_features import feature_of
from desktop_app.storage.geojson_reading import FeatureGatherer, FeatureProblem, JsonTextError, decoded_json
from desktop_app.storage.geojson_source import GeoJsonSource, TransferWatch
from desktop_app.storage.geojson_writing import FeatureWriter

Offset: TypeAlias = tuple[float, float]

UNWATCHED = TransferWatch()
"""Nobody waits."""


@dataclass(frozen=True, slots=True, eq=False)
class GeoJsonContent:
    """What a file holds.

    Attributes
    ----------
    annotations : AnnotationChunk
        Of every object type, nested ones included, in the file's order; ids are unique. A sequence that makes
        each annotation when it is asked for.
    classes : tuple[AnnotationClass, ...]
        The classes used, in order of appearance, with the color the file gives them.
    warnings : tuple[str, ...]
        What could not be kept, each with the number of its feature.
    problems : tuple[FeatureProblem, ...]
        Features that cannot be read at all, where the reader was told to go on with the rest.
    """

    annotations: AnnotationChunk
    classes: tuple[AnnotationClass, ...]
    warnings: tuple[str, ...]
    problems: tuple[FeatureProblem, ...] = ()


def read_geojson(
    path: Path,
    *,
    offset: Offset = (0.0, 0.0),
    object_types: Container[str] | None = None,
    tolerant: bool = False,
    watch: TransferWatch = UNWATCHED,
) -> GeoJsonContent:
    """Read ``.geojson``, ``.json``, ``.geojson.gz`` or a ``.zip`` with one of them inside.

    A list of features is read in blocks and never held as text or decoded JSON; a single feature, geometry or
    list of lists is.

    Parameters
    ----------
    path : Path
        A FeatureCollection, a Feature, a bare array of either, or a bare geometry.
    offset : tuple[float, float]
        Added to every coordinate: ``openslide.bounds-x`` and ``-y`` for a file from QuPath, whose origin
        is the corner of the scanned part.
    object_types : Container[str] | None
        Only these of QuPath's object types; None for all. What is left out costs little.
    tolerant : bool
        Whether features that cannot be read are left out and told of in ``problems``.
    watch : TransferWatch
        Told the bytes read, and asked whether to stop.

    Raises
    ------
    AnnotationFormatError
        If it is not GeoJSON, or if one of its features cannot be read and the reader is not tolerant; the
        reason says where.
    StorageError
        If the file cannot be read.
    TransferCancelledError
        If it was stopped.
    """
    gathered = FeatureGatherer(path, offset=offset, object_types=object_types, tolerant=tolerant)
    try:
        with GeoJsonSource(path) as source:
            _read_blocks(path, source, gathered, watch)
    except NotAListError:
        gathered = FeatureGatherer(path, offset=offset, object_types=object_types, tolerant=tolerant)
        _read_document(path, gathered)
    annotations = gathered.annotations()
    return GeoJsonContent(annotations, gathered.classes(), gathered.warnings(), tuple(gathered.problems))


def write_geojson(
    path: Path,
    annotations: Iterable[Annotation],
    classes: Mapping[str, Color],
    *,
    offset: Offset = (0.0, 0.0),
) -> None:
    """Write a FeatureCollection, one feature a line, whole or not at all; compressed if it ends in ``.gz``.

    Parameters
    ----------
    path : Path
        The file; its folder must exist.
    annotations : Iterable[Annotation]
        Read once, written as they come, so that a file may be larger than memory.
    classes : Mapping[str, Color]
        Class colors.
    offset : tuple[float, float]
        Subtracted from every coordinate: ``openslide.bounds-x`` and ``-y`` for QuPath.

    Raises
    ------
    StorageError
        If the file cannot be written; an older one stays as it was.
    """
    lines = (orjson.dumps(feature_of(annotation, classes, offset)) for annotation in annotations)
    with _new_file(path) as file:
        _write_lines(file, lines)


def write_snapshot(
    path: Path,
    snapshot: AnnotationSnapshot | AnnotationChunk,
    *,
    offset: Offset = (0.0, 0.0),
    classes: Mapping[str, Color] | None = None,
    watch: TransferWatch = UNWATCHED,
) -> None:
    """Write what :func:`write_geojson` would of a snapshot, from its columns and much faster.

    Parameters
    ----------
    path : Path
        The file; its folder must exist.
    snapshot : AnnotationSnapshot | AnnotationChunk
        What to write.
    offset : tuple[float, float]
        Subtracted from every coordinate.
    classes : Mapping[str, Color] | None
        Class colors; None for the snapshot's own.
    watch : TransferWatch
        Told the annotations written, and asked whether to stop.

    Raises
    ------
    StorageError
        If the file cannot be written; an older one stays as it was.
    TransferCancelledError
        If it was stopped; an older file stays as it was.
    """
    chunks = (snapshot,) if isinstance(snapshot, AnnotationChunk) else snapshot.chunks
    if classes is None:
        stated = () if isinstance(snapshot, AnnotationChunk) else snapshot.classes
        classes = {entry.name: entry.color for entry in stated}
    writer = FeatureWriter(classes, offset)
    with _new_file(path) as file:
        _write_lines(file, writer.lines(chunks, watch))


def _read_blocks(path: Path, source: GeoJsonSource, gathered: FeatureGatherer, watch: TransferWatch) -> None:
    def report(position: int, reason: str) -> None:
        gathered.report(blocks.place(position), reason)

    blocks = FeatureBlocks(source, report)
    for block in blocks.blocks():
        watch.step(source.done, source.total)
        try:
            gathered.add_block(block, blocks)
        except RecursionError as error:
            raise _too_deep(path) from error
    watch.step(source.total, source.total)
    _check_frame(path, blocks, gathered)


def _check_frame(path: Path, blocks: FeatureBlocks, gathered: FeatureGatherer) -> None:
    """What stands around the list of features must be JSON and say that it is a collection."""
    if not blocks.is_finished:
        return
    try:
        frame = decoded_json(blocks.frame())
    except JsonTextError as error:
        gathered.report(blocks.place(0), f"after the list of features: {error.reason}", counts=False)
        return
    if not blocks.is_collection:
        return
    if frame.get("features") != []:
        raise NotAListError
    if frame.get("type") != "FeatureCollection":
        raise AnnotationFormatError(path, f"it is a {frame.get('type')}, not a FeatureCollection.")


def _read_document(path: Path, gathered: FeatureGatherer) -> None:
    with GeoJsonSource(path) as source:
        text = source.read()
    try:
        gathered.add_document(decoded_json(text))
    except JsonTextError as error:
        raise AnnotationFormatError(
            path, f"line {error.line}, column {error.column}: {error.reason}."
        ) from error
    except RecursionError as error:
        raise _too_deep(path) from error


def _too_deep(path: Path) -> AnnotationFormatError:
    return AnnotationFormatError(path, "its objects are nested too deeply.")


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    with atomic_file(path) as temporary, temporary.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as packed:
                yield packed
        else:
            yield file


def _write_lines(file: IO[bytes] | gzip.GzipFile, features: Iterable[bytes]) -> None:
    file.write(b'{"type":"FeatureCollection","features":[')
    separator = b"\n"
    for feature in features:
        file.write(separator + feature)
        separator = b",\n"
    file.write(b"\n]}\n")
