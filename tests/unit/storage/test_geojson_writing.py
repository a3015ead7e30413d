"""Writing from columns against writing object by object."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.annotation import Annotation, Origin
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk
from desktop_app.domain.annotation_classes import DEFAULT_CLASSES
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.errors import TransferCancelledError
from desktop_app.storage.geojson import read_geojson, write_geojson, write_snapshot
from desktop_app.storage.geojson_source import TransferWatch
from desktop_app.storage.geojson_writing import _COORDINATES, _MEASUREMENTS
from tests.support.annotation_samples import content, one_of_each, square

CLASSES = {entry.name: entry.color for entry in DEFAULT_CLASSES}
EXTRAS = [
    b"",
    b'{"properties":{"tool":[1,{"a":null}]}}',
    b'{"geometry":{"plane":{"c":-1,"z":3,"t":0}},"metadata":{"ANNOTATION_DESCRIPTION":"d"}}',
    b'{"feature":{"nucleusGeometry":{"type":"Polygon","coordinates":[[[1,2],[3,4],[5,6],[1,2]]]}}}',
    b'{"class":{"name":"Tumor","alpha":99}}',
    b'{"feature":{"isMissing":true}}',
]
NAMES = ["", "área", 'a "b" \\', "a: b", str(UUID(int=0)), _COORDINATES, _MEASUREMENTS]
cents = st.integers(-(10**6), 10**8).map(lambda value: value / 100)
rings = st.lists(st.tuples(cents, cents), min_size=3, max_size=5).map(np.array)


@st.composite
def annotations(draw: st.DrawFn) -> Annotation:
    kind = draw(st.sampled_from(KINDS))
    is_area = kind in ("rectangle", "ellipse", "polygon")
    several = st.lists(st.lists(rings, min_size=1, max_size=2).map(tuple), min_size=1, max_size=2)
    parts = tuple(draw(several)) if is_area else ((draw(rings),),)
    if kind in ("ellipse", "rectangle"):
        parts = parts[:1]
    if kind in ("points", "note") and draw(st.booleans()):
        parts = ((parts[0][0][:1],),)
    values = st.one_of(st.floats(-1e9, 1e9), st.sampled_from([math.nan, math.inf, -math.inf, 1.0]))
    return Annotation(
        draw(st.uuids()),
        kind,
        parts,
        class_name=draw(st.sampled_from([None, "Tumor", "A: B", "Unseen"])),
        name=draw(st.sampled_from(NAMES)),
        object_type=draw(st.sampled_from(["annotation", "detection", "cell", "tile"])),
        color=draw(st.sampled_from([None, (1, 2, 3)])),
        locked=draw(st.booleans()),
        hidden=draw(st.booleans()),
        roi=draw(st.sampled_from([None, "open", "exhaustive"])),
        origin=draw(st.sampled_from([None, Origin("run", "model", "accepted", "Mina", "2026")])),
        measurements=draw(st.dictionaries(st.sampled_from(["a", 'b"', "c µm"]), values, max_size=3)),
        extra=draw(st.sampled_from(EXTRAS)),
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(annotations(), max_size=6, unique_by=lambda found: found.id), st.sampled_from([0.0, 12.5]))
def test_columns_are_written_as_objects_are(
    tmp_path_factory: pytest.TempPathFactory, shapes: list[Annotation], offset: float
) -> None:
    folder = tmp_path_factory.getbasetemp()
    chunk = AnnotationChunk.of(shapes)
    write_geojson(folder / "objects.geojson", chunk, CLASSES, offset=(offset, -offset))
    write_snapshot(folder / "columns.geojson", chunk, classes=CLASSES, offset=(offset, -offset))
    text = (folder / "columns.geojson").read_bytes()
    assert text == (folder / "objects.geojson").read_bytes()
    assert b"GeometryCollection" not in text
    assert b'"name":null' not in text
    for feature in json.loads(text)["features"]:
        stated = feature["properties"].get("classification")
        assert stated is None or len(stated["color"]) in (3, 4)


def test_a_snapshot_comes_back_from_its_file(tmp_path: Path) -> None:
    snapshot = AnnotationSnapshot.of([*one_of_each(), *(square(x, 900, 7) for x in range(5000))])
    path = tmp_path / "all.geojson.gz"
    write_snapshot(path, snapshot, offset=(5, 7))
    assert path.read_bytes()[:2] == b"\x1f\x8b"
    assert gzip.decompress(path.read_bytes()).count(b"\n") == len(snapshot) + 2
    back = read_geojson(path, offset=(5, 7)).annotations
    for before, after in zip(snapshot.iter_annotations(), back, strict=True):
        rounded = tuple(
            tuple(np.round(np.round(ring, 2) * 128) / 128 for ring in part) for part in before.parts
        )
        assert content(after) == content(replace(before, parts=rounded))


def test_writing_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    snapshot = AnnotationSnapshot.of([square(x, 0, 5) for x in range(5000)])
    path, seen = tmp_path / "out.geojson", list[tuple[int, int]]()
    write_snapshot(path, snapshot, watch=TransferWatch(lambda done, total: seen.append((done, total))))
    assert seen[0] == (0, 5000)
    assert seen[-1] == (5000, 5000)
    assert len(seen) > 3
    before = path.read_bytes()
    answers = iter([False, False, True])
    with pytest.raises(TransferCancelledError):
        write_snapshot(path, snapshot, watch=TransferWatch(cancelled=lambda: next(answers)))
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.geojson"]


def test_an_empty_document_is_an_empty_collection(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "empty.geojson", AnnotationSnapshot.empty())
    assert json.loads((tmp_path / "empty.geojson").read_text()) == {
        "type": "FeatureCollection",
        "features": [],
    }
    assert len(read_geojson(tmp_path / "empty.geojson").annotations) == 0
