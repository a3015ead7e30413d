"""Reading in blocks against reading the whole document, on sound files and on damaged ones."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.errors import AnnotationFormatError, TransferCancelledError
from desktop_app.storage import geojson_blocks
from desktop_app.storage.geojson import GeoJsonContent, read_geojson
from desktop_app.storage.geojson_reading import MAX_PROBLEMS, FeatureGatherer, JsonTextError, decoded_json
from desktop_app.storage.geojson_source import TransferWatch
from tests.support.annotation_samples import content

OFFSET = (12.5, -3.0)
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

numbers = st.one_of(
    st.integers(-5000, 90000),
    st.integers(-(10**7), 10**7).map(lambda cents: cents / 100),
    st.sampled_from([1e999, 2.0**21, -0.0, 1e-7, 0.1]),
)
vertex = st.lists(numbers, min_size=2, max_size=2)
odd_vertex = st.one_of(vertex, st.lists(numbers, min_size=1, max_size=3), st.just([None, 1]))


def ring_of(corner: st.SearchStrategy[Any], least: int = 3) -> st.SearchStrategy[Any]:
    rings = st.lists(corner, min_size=least, max_size=6)
    return st.tuples(rings, st.booleans()).map(lambda pair: [*pair[0], pair[0][0]] if pair[1] else pair[0])


upright = st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(1, 90)).map(
    lambda box: [
        [box[0], box[1]],
        [box[0] + box[2], box[1]],
        [box[0] + box[2], box[1] + 5],
        [box[0], box[1] + 5],
    ]
)
ring = st.one_of(ring_of(vertex), upright, ring_of(odd_vertex, 1))
polygon = st.lists(ring, min_size=1, max_size=3)
geometries = st.one_of(
    st.builds(lambda c: {"type": "Polygon", "coordinates": c}, polygon),
    st.builds(lambda c: {"type": "Polygon", "coordinates": c, "isEllipse": True}, polygon),
    st.builds(
        lambda c, z: {"type": "Polygon", "coordinates": c, "plane": {"z": z}}, polygon, st.integers(0, 2)
    ),
    st.builds(
        lambda c: {"type": "MultiPolygon", "coordinates": c}, st.lists(polygon, min_size=1, max_size=2)
    ),
    st.builds(lambda c: {"type": "Point", "coordinates": c}, odd_vertex),
    st.builds(lambda c: {"type": "MultiPoint", "coordinates": c}, st.lists(vertex, min_size=1, max_size=3)),
    st.builds(lambda c: {"type": "LineString", "coordinates": c}, st.lists(vertex, min_size=1, max_size=4)),
    st.builds(
        lambda c: {"type": "MultiLineString", "coordinates": [c]}, st.lists(vertex, min_size=2, max_size=3)
    ),
    st.builds(
        lambda c: {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "coordinates": c}]},
        polygon,
    ),
    st.sampled_from([None, {"type": "Blob", "coordinates": []}, {"type": "Polygon", "coordinates": []}]),
)
classifications = st.sampled_from(
    [None, "Tumor", {"name": "Tumor", "color": [1, 2, 3]}, {"names": ["A", "B"], "color": [1, 2, 3, 99]}]
)
measurements = st.one_of(
    st.none(),
    st.dictionaries(st.sampled_from(["a", "área", 'q"{']), numbers, max_size=3),
    st.sampled_from(
        [{"a": "NaN"}, {"a": True}, {"a": {}}, [{"name": "a", "value": 1}], {"a": 1e999, "b": 2}]
    ),
)
names = st.sampled_from([None, "", "n", 'a "quoted" {name}', "back\\", '\\"', "구역", "coordinates", "id"])


@st.composite
def features(draw: st.DrawFn, depth: int = 1) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "objectType": draw(st.sampled_from(["annotation", "detection", "tile", "x"]))
    }
    for key, values in (("classification", classifications), ("measurements", measurements), ("name", names)):
        if draw(st.booleans()):
            properties[key] = draw(values)
    if draw(st.integers(0, 9)) == 0:
        properties["metadata"] = {"id": "11111111-2222-4333-8444-555555555555", "coverslip:shape": "note"}
    if depth and draw(st.integers(0, 7)) == 0:
        properties["childObjects"] = draw(st.lists(features(depth=0), max_size=2))
    feature = {"type": "Feature", "geometry": draw(geometries), "properties": properties}
    ids = st.one_of(
        st.uuids().map(str), st.uuids().map(lambda key: str(key).upper()), st.sampled_from(REPEATED)
    )
    if draw(st.integers(0, 9)):
        feature["id"] = draw(ids)
    if draw(st.integers(0, 9)) == 0:
        feature["nucleusGeometry"] = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 1]]]}
    return dict(draw(st.permutations(list(feature.items()))))


@st.composite
def nuclei(draw: st.DrawFn) -> dict[str, Any]:
    """What most features of most files look like."""
    shape = draw(st.sampled_from(["Polygon", "MultiPolygon"]))
    sound = ring_of(st.lists(st.integers(0, 99).map(lambda tenths: tenths / 10), min_size=2, max_size=2))
    rings = draw(st.lists(st.one_of(sound, upright), min_size=1, max_size=2))
    properties: dict[str, Any] = {"objectType": draw(st.sampled_from(["annotation", "detection"]))}
    if draw(st.booleans()):
        properties["classification"] = {"name": draw(st.sampled_from("AB")), "color": [1, 2, 3]}
    if draw(st.booleans()):
        properties["measurements"] = draw(
            st.dictionaries(st.sampled_from("xy"), st.floats(-9, 9), max_size=2)
        )
    geometry = {"type": shape, "coordinates": rings if shape == "Polygon" else [rings]}
    return {"type": "Feature", "id": str(draw(st.uuids())), "geometry": geometry, "properties": properties}


REPEATED = [str(UUID(int=5 << 64 | 7)), "PathDetectionObject", 5, "x" * 36]


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    found: Any = draw(st.lists(st.one_of(features(), nuclei(), nuclei()), max_size=7))
    if draw(st.booleans()):
        members = [("type", "FeatureCollection"), ("features", found), ("crs", {"a": ["}", "]", '"']})]
        found = dict(draw(st.permutations(members)))
    layout = draw(st.sampled_from([{"separators": (",", ":")}, {}, {"indent": 1}]))
    return json.dumps(found, ensure_ascii=draw(st.booleans()), **layout).encode()


def whole(path: Path, text: bytes) -> GeoJsonContent:
    """What the reader of single features makes of a document."""
    gathered = FeatureGatherer(path, offset=OFFSET, object_types=None, tolerant=False)
    try:
        gathered.add_document(decoded_json(text))
    except JsonTextError as error:
        raise AnnotationFormatError(path, error.reason) from error
    return GeoJsonContent(gathered.annotations(), gathered.classes(), gathered.warnings())


def outcome(content_of: Any) -> Any:
    try:
        found = content_of()
    except AnnotationFormatError:
        return "refused"
    annotations = [comparable(annotation) for annotation in found.annotations]
    return annotations, found.classes, sorted(found.warnings)


def comparable(annotation: Any) -> str:
    return repr(content(annotation))  # so that two that are not a number are the same


@RELAXED
@given(documents(), st.sampled_from([40, 700, 1 << 19]))
def test_blocks_and_whole_documents_are_read_alike(
    tmp_path_factory: pytest.TempPathFactory, text: bytes, block: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "alike.geojson"
    path.write_bytes(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geojson_blocks, "BLOCK_BYTES", block)
        assert outcome(lambda: read_geojson(path, offset=OFFSET)) == outcome(lambda: whole(path, text))


@RELAXED
@given(
    documents(),
    st.integers(0, 10**6),
    st.sampled_from([b"", b"{", b"}", b"[", b"]", b'"', b",", b"\\", b"7"]),
)
def test_a_damaged_document_is_refused_or_means_what_its_json_means(
    tmp_path_factory: pytest.TempPathFactory, text: bytes, where: int, put: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.geojson"
    at = where % len(text)
    damaged = text[:at] + put + text[at + (not put) :]
    path.write_bytes(damaged)
    assert outcome(lambda: read_geojson(path, offset=OFFSET)) == outcome(lambda: whole(path, damaged))


# ---- damaged files ----------------------------------------------------------------------------------


def cell(number: int) -> bytes:
    ring = [[number, 0], [number + 5, 0], [number + 5, 5], [number, 0]]
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {}}
    return json.dumps({**feature, "id": str(UUID(int=number << 64 | 1))}, separators=(",", ":")).encode()


def collection(cells: list[bytes], *, end: bytes = b"\n]}\n") -> bytes:
    return b'{"type":"FeatureCollection","features":[\n' + b",\n".join(cells) + end


def tolerant(tmp_path: Path, text: bytes) -> tuple[list[int], list[tuple[int, int, int]], str]:
    """The numbers of the cells that were kept, and number, line and byte of each problem."""
    path = tmp_path / "damaged.geojson"
    path.write_bytes(text)
    found = read_geojson(path, tolerant=True)
    with pytest.raises(AnnotationFormatError) as raised:
        read_geojson(path)
    assert str(found.problems[0]) in str(raised.value)
    problems = [(problem.number, problem.line, problem.byte) for problem in found.problems]
    return [found.id.int >> 64 for found in found.annotations], problems, str(found.problems[0])


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        (b"[3,0]]]", b"[3,,0]]]", None, "line 1"),
        (b'"Polygon"', b'"Blob"', 0, "its geometry is a Blob"),
        (b'"properties":{}', b'"properties":7', 0, "its properties is not an object"),
        (b'"properties":{}', b'"properties":{"childObjects":7}', 0, "nested objects are not a list"),
        (b"[3,0]]]", b'["a",0]]]', 0, "its coordinates are not numbers"),
        (b'"properties":{},', b'"properties":{,', None, ""),
        (b'"properties":{', b'"properties":', None, ""),
        (b'"Feature"', b'"Feature', 0, ""),
        (b"Polygon", b"Poly\xffgon", None, "not UTF-8"),
    ],
)
def test_a_damaged_feature_is_told_with_its_place_and_the_rest_is_kept(
    tmp_path: Path, old: bytes, new: bytes, column: int | None, reason: str
) -> None:
    cells = [cell(number) for number in range(1, 6)]
    assert old in cells[2]
    cells[2] = cells[2].replace(old, new, 1)
    text = collection(cells)
    kept, problems, said = tolerant(tmp_path, text)
    number, line, byte = problems[0]
    start = text.index(cells[2]) + 1
    assert kept == [1, 2, 4, 5]
    assert (number, line) == (3, 4)
    assert byte == start + column if column is not None else start <= byte < start + len(cells[2])
    assert (reason or "feature 3") in said or reason == "line 1"


@pytest.mark.parametrize(
    ("between", "reason"),
    [
        (b" ", "a comma is missing"),
        (b",,", "a comma stands here before nothing"),
        (b",null,", "is no feature: null,"),
        (b"},", "is no feature: }"),
        (b',"a, b",', 'is no feature: "a, b"'),
    ],
)
def test_what_stands_between_features_is_told_and_passed_over(
    tmp_path: Path, between: bytes, reason: str
) -> None:
    first, rest = collection([cell(1), cell(2)], end=b""), collection([cell(3), cell(4)])
    text = first + between + rest[rest.index(b"\n") :]
    kept, problems, said = tolerant(tmp_path, text)
    assert kept == [1, 2, 3, 4]
    assert len(problems) == 1
    assert reason in said


@pytest.mark.parametrize("cut", [30, 90, 150, 1])
def test_a_file_that_ends_too_early_gives_what_was_whole(tmp_path: Path, cut: int) -> None:
    text = collection([cell(number) for number in range(1, 5)], end=b"")
    kept, problems, _ = tolerant(tmp_path, text[:-cut])
    assert kept == [1, 2, 3]
    assert problems == [(4, 5, text.rindex(b'{"type":"Feature"') + 1)]
    kept, problems, said = tolerant(tmp_path, text)
    assert kept == [1, 2, 3, 4]
    assert "the file ends before its list of features does" in said


def test_a_collection_that_is_none_is_refused_whatever_is_tolerated(tmp_path: Path) -> None:
    path = tmp_path / "other.geojson"
    path.write_bytes(b'{"features":[' + cell(1) + b'],"type":"Collection"}')
    with pytest.raises(AnnotationFormatError, match="Collection, not a FeatureCollection"):
        read_geojson(path, tolerant=True)


def test_a_file_of_damaged_features_only_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "none.geojson"
    path.write_bytes(collection([b'{"type":"Feature","geometry":7}'] * (MAX_PROBLEMS + 1)))
    with pytest.raises(AnnotationFormatError, match=f"more than {MAX_PROBLEMS}"):
        read_geojson(path, tolerant=True)


# ---- the stream -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["plain", "gz", "zip"])
def test_progress_is_told_and_reading_can_be_stopped(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geojson_blocks, "BLOCK_BYTES", 2000)
    path, text = tmp_path / f"in.{kind}", collection([cell(number) for number in range(400)])
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("in.geojson", text)
    else:
        path.write_bytes(gzip.compress(text) if kind == "gz" else text)
    seen: list[tuple[int, int]] = []
    read_geojson(path, watch=TransferWatch(lambda done, total: seen.append((done, total))))
    assert len(seen) > 10
    assert seen == sorted(seen)
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)
    with pytest.raises(TransferCancelledError):
        read_geojson(path, watch=TransferWatch(cancelled=lambda: True))


def test_a_feature_longer_than_many_blocks_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geojson_blocks, "BLOCK_BYTES", 64)
    ring = [[x, x * x % 1000] for x in range(5000)]
    long = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {}}
    path = tmp_path / "long.geojson"
    path.write_bytes(b"\xef\xbb\xbf" + collection([cell(1), json.dumps(long).encode(), cell(2)]))
    found = read_geojson(path).annotations
    assert [len(annotation.parts[0][0]) for annotation in found] == [3, 5000, 3]
