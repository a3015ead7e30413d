from __future__ import annotations

import gzip
import json
import math
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.annotation import Annotation, AnnotationClass, Origin
from desktop_app.domain.annotation_chunk import snapped
from desktop_app.domain.annotation_classes import DEFAULT_CLASSES
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.shapes import author_of, drawn
from desktop_app.errors import AnnotationFormatError, StorageError
from desktop_app.storage.geojson import read_geojson, write_geojson
from tests.support.annotation_samples import content, one_of_each, square
from tests.support.shared_data import SHARED

CLASSES = {entry.name: entry.color for entry in DEFAULT_CLASSES}
SQUARE = [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]]


def feature(geometry: Any = None, **properties: Any) -> dict[str, Any]:
    shape = {"type": "Polygon", "coordinates": SQUARE} if geometry is None else geometry
    return {"type": "Feature", "id": str(uuid4()), "geometry": shape, "properties": properties}


def read(tmp_path: Path, document: Any, **options: Any) -> Any:
    path = tmp_path / "in.geojson"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return read_geojson(path, **options)


def written(tmp_path: Path, annotations: list[Annotation], **options: Any) -> dict[str, Any]:
    path = tmp_path / "out.geojson"
    write_geojson(path, annotations, CLASSES, **options)
    return json.loads(path.read_text(encoding="utf-8"))


def test_everything_survives_a_round_trip(tmp_path: Path) -> None:
    samples = one_of_each()
    path = tmp_path / "주석.geojson.gz"
    write_geojson(path, samples, CLASSES)
    stored = read_geojson(path).annotations
    assert path.read_bytes()[:2] == b"\x1f\x8b"
    for sample, back in zip(samples, stored, strict=True):
        rounded = tuple(tuple(snapped(np.round(ring, 2)) for ring in part) for part in sample.parts)
        assert content(back) == content(replace(sample, parts=rounded))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-(10**7), 10**8), st.integers(-(10**7), 10**8)),
        min_size=3,
        max_size=9,
        unique=True,
    )
)
def test_two_decimals_survive_snapshot_and_file(
    tmp_path_factory: pytest.TempPathFactory, points: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "exact.geojson"
    ring = np.asarray(points, dtype=np.float64)
    ring = np.round((ring - ring[0]) / 100 % 1e5, 2)
    annotation = Annotation(uuid4(), "polygon", ((ring,),))
    write_geojson(path, AnnotationSnapshot.of([annotation]).iter_annotations(), {})
    coordinates = json.loads(path.read_text())["features"][0]["geometry"]["coordinates"][0]
    assert coordinates == [*ring.tolist(), ring[0].tolist()]


@pytest.mark.parametrize(
    "document",
    [
        {"type": "FeatureCollection", "features": [feature(), feature()]},
        [feature(), feature()],
        [feature(), {"type": "FeatureCollection", "features": [feature()]}],
        [feature(), {"type": "Polygon", "coordinates": SQUARE}],
    ],
)
def test_every_container_that_qupath_reads(tmp_path: Path, document: Any) -> None:
    annotations = read(tmp_path, document).annotations
    assert [a.kind for a in annotations] == ["rectangle", "rectangle"]
    assert [a.object_type for a in annotations] == ["annotation", "annotation"]


def test_single_feature_bare_geometry_zip_and_byte_order_mark(tmp_path: Path) -> None:
    assert len(read(tmp_path, feature()).annotations) == 1
    assert len(read(tmp_path, {"type": "Point", "coordinates": [1, 2]}).annotations) == 1
    assert len(read(tmp_path, "\ufeff" + json.dumps([feature()])).annotations) == 1
    packed = tmp_path / "in.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("in.geojson", json.dumps(feature()))
    assert len(read_geojson(packed).annotations) == 1


def test_rings_are_opened_on_reading_and_closed_on_writing(tmp_path: Path) -> None:
    holed = {"type": "Polygon", "coordinates": [SQUARE[0], [[2, 2], [4, 2], [4, 5], [2, 2]]]}
    annotation = read(tmp_path, feature(holed)).annotations[0]
    assert [len(ring) for ring in annotation.parts[0]] == [4, 3]
    assert written(tmp_path, [annotation])["features"][0]["geometry"] == holed


def test_geometry_kinds(tmp_path: Path) -> None:
    def kind_of(geometry: dict[str, Any]) -> tuple[str, int]:
        annotation = read(tmp_path, feature(geometry)).annotations[0]
        return annotation.kind, len(annotation.parts)

    tilted = [[[0, 0], [10, 1], [10, 10], [0, 10], [0, 0]]]
    assert kind_of({"type": "Polygon", "coordinates": SQUARE}) == ("rectangle", 1)
    assert kind_of({"type": "Polygon", "coordinates": tilted}) == ("polygon", 1)
    assert kind_of({"type": "Polygon", "coordinates": SQUARE, "isEllipse": True}) == ("ellipse", 1)
    assert kind_of({"type": "MultiPolygon", "coordinates": [SQUARE, tilted]}) == ("polygon", 2)
    assert kind_of({"type": "LineString", "coordinates": [[0, 0], [5, 5]]}) == ("line", 1)
    assert kind_of({"type": "Point", "coordinates": [0, 0]}) == ("points", 1)
    assert kind_of({"type": "MultiPoint", "coordinates": [[0, 0], [5, 5]]}) == ("points", 1)


def test_an_ellipse_and_points_are_written_as_such(tmp_path: Path) -> None:
    features = written(tmp_path, one_of_each())["features"]
    assert [f["geometry"]["type"] for f in features] == [
        "Polygon",
        "Polygon",
        "MultiPolygon",
        "LineString",
        "MultiPoint",
        "Point",
        "LineString",
        "Point",
        "Polygon",
        "Polygon",
    ]
    assert [f["properties"].get("metadata") for f in features[6:]] == [
        {"coverslip:shape": "arrow", "coverslip:hidden": "true"},
        {"coverslip:shape": "note"},
        {"coverslip:roi": "exhaustive"},
        {"coverslip:roi": "open"},
    ]
    assert features[1]["geometry"]["isEllipse"] is True
    assert "isEllipse" not in features[0]["geometry"]


def test_collections_are_taken_apart_with_stable_ids(tmp_path: Path) -> None:
    collection = {
        "type": "GeometryCollection",
        "geometries": [
            {"type": "Polygon", "coordinates": SQUARE},
            {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], [[2, 2], [3, 3]]]},
        ],
    }
    document = feature(collection, classification="Tumor")
    first, second = read(tmp_path, document), read(tmp_path, document)
    assert [a.kind for a in first.annotations] == ["rectangle", "line", "line"]
    assert {a.class_name for a in first.annotations} == {"Tumor"}
    assert first.annotations[0].id == UUID(document["id"])
    assert [a.id for a in first.annotations] == [a.id for a in second.annotations]
    assert len(first.warnings) == 1
    assert "GeometryCollection" not in json.dumps(written(tmp_path, list(first.annotations)))


def test_classifications_in_every_form(tmp_path: Path) -> None:
    def class_of(classification: Any) -> tuple[str | None, tuple[AnnotationClass, ...]]:
        found = read(tmp_path, feature(classification=classification))
        return found.annotations[0].class_name, found.classes

    assert class_of("Tumor") == ("Tumor", (AnnotationClass("Tumor", (200, 0, 0)),))
    assert class_of({"name": "Tumor", "color": [1, 2, 3]}) == (
        "Tumor",
        (AnnotationClass("Tumor", (1, 2, 3)),),
    )
    assert class_of({"names": ["A", "B"], "color": [1, 2, 3]})[0] == "A: B"
    assert class_of({"name": "Tumor", "colorRGB": -3670016})[1][0].color == (200, 0, 0)
    assert class_of({"name": "Gland"})[1][0].name == "Gland"
    assert class_of(None) == (None, ())
    assert class_of({"name": ""}) == (None, ())


def test_a_classification_is_always_written_with_its_color(tmp_path: Path) -> None:
    samples = [square(0, 0, class_name=name) for name in ("Tumor", "Never seen", "A: B", None)]
    first, second, third, fourth = (f["properties"] for f in written(tmp_path, samples)["features"])
    assert first["classification"] == {"name": "Tumor", "color": [200, 0, 0]}
    assert len(second["classification"]["color"]) == 3
    assert third["classification"]["names"] == ["A", "B"]
    assert "classification" not in fourth


def test_a_classs_alpha_is_kept(tmp_path: Path) -> None:
    found = read(tmp_path, feature(classification={"name": "Tumor", "color": [200, 0, 0, 128]}))
    properties = written(tmp_path, list(found.annotations))["features"][0]["properties"]
    assert properties["classification"]["color"] == [200, 0, 0, 128]


def test_an_absent_name_is_not_written(tmp_path: Path) -> None:
    assert "name" not in written(tmp_path, [square(0, 0)])["features"][0]["properties"]
    assert read(tmp_path, feature(name=None)).annotations[0].name == ""


def test_members_are_in_qupaths_order(tmp_path: Path) -> None:
    origin = Origin("run", "model")
    sample = square(0, 0, name="n", color=(1, 2, 3), class_name="Tumor", locked=True, origin=origin)
    item = written(tmp_path, [replace(sample, measurements={"a": 1.0})])["features"][0]
    assert list(item) == ["type", "id", "geometry", "properties"]
    expected = ["objectType", "name", "color", "classification", "isLocked", "measurements", "metadata"]
    assert list(item["properties"]) == expected


def test_measurements_that_json_cannot_hold(tmp_path: Path) -> None:
    values = {"nan": math.nan, "up": math.inf, "down": -math.inf, "one": 1.0}
    properties = written(tmp_path, [square(0, 0, measurements=values)])["features"][0]["properties"]
    assert properties["measurements"] == {"nan": "NaN", "up": "Infinity", "down": "-Infinity", "one": 1.0}
    back = read_geojson(tmp_path / "out.geojson").annotations[0].measurements
    assert math.isnan(back["nan"])
    assert (back["up"], back["down"], back["one"]) == (math.inf, -math.inf, 1.0)


def test_measurements_in_every_form(tmp_path: Path) -> None:
    odd = {"a": "nan", "b": "-INF", "c": "1.5", "d": "many", "e": None, "f": True}
    found = read(tmp_path, feature(measurements=odd))
    assert math.isnan(found.annotations[0].measurements["a"])
    assert {k: v for k, v in found.annotations[0].measurements.items() if k != "a"} == {
        "b": -math.inf,
        "c": 1.5,
    }
    assert len(found.warnings) == 3
    legacy = [{"name": "x", "value": 2}, {"name": "y", "value": "NaN"}]
    assert read(tmp_path, feature(measurements=legacy)).annotations[0].measurements["x"] == 2.0


def test_bare_nan_is_read_although_json_forbids_it(tmp_path: Path) -> None:
    text = json.dumps([feature(measurements={"a": math.nan})])
    assert math.isnan(read(tmp_path, text).annotations[0].measurements["a"])


def test_metadata_written_twice_is_read_once(tmp_path: Path) -> None:
    text = json.dumps([feature(metadata={"ANNOTATION_DESCRIPTION": "d"})])
    doubled = text.replace('"metadata"', '"metadata": {"ANNOTATION_DESCRIPTION": "d"}, "metadata"')
    found = read(tmp_path, doubled)
    properties = written(tmp_path, list(found.annotations))["features"][0]["properties"]
    assert properties["metadata"] == {"ANNOTATION_DESCRIPTION": "d"}
    assert (tmp_path / "out.geojson").read_text().count('"metadata"') == 1


def test_provenance_is_metadata_of_strings(tmp_path: Path) -> None:
    origin = Origin("run-7", "demonstration 1", "accepted", "Mina", "2026-01-02T03:04:05+00:00")
    described = b'{"metadata":{"ANNOTATION_DESCRIPTION":"d"}}'
    sample = square(0, 0, origin=origin, extra=described)
    metadata = written(tmp_path, [sample])["features"][0]["properties"]["metadata"]
    assert metadata["coverslip:run"] == "run-7"
    assert metadata["ANNOTATION_DESCRIPTION"] == "d"
    assert all(isinstance(value, str) for value in metadata.values())
    back = read_geojson(tmp_path / "out.geojson").annotations[0]
    assert (back.origin, back.extra) == (origin, described)


def test_metadata_of_others_is_written_as_the_strings_that_qupath_wants(tmp_path: Path) -> None:
    document = feature(
        {"type": "Polygon", "coordinates": SQUARE}, metadata={"a": 1, "b": {"c": None}, "d": "e"}
    )
    found = read(tmp_path, document)
    metadata = written(tmp_path, list(found.annotations))["features"][0]["properties"]["metadata"]
    assert metadata == {"a": "1", "b": '{"c":null}', "d": "e"}


def test_who_drew_an_annotation_is_kept(tmp_path: Path) -> None:
    shape = drawn("rectangle", square(0, 0).parts, author="미나")
    metadata = written(tmp_path, [shape])["features"][0]["properties"]["metadata"]
    assert metadata == {"coverslip:author": "미나"}
    assert author_of(read_geojson(tmp_path / "out.geojson").annotations[0]) == "미나"


def test_unknown_members_come_back_where_they_were(tmp_path: Path) -> None:
    document = feature(
        {"type": "Polygon", "coordinates": SQUARE, "plane": {"c": -1, "z": 3, "t": 0}}, tool={"v": [1]}
    )
    document["isMissing"] = False
    found = read(tmp_path, document)
    item = written(tmp_path, list(found.annotations))["features"][0]
    assert item["geometry"]["plane"] == {"c": -1, "z": 3, "t": 0}
    assert item["properties"]["tool"] == {"v": [1]}
    assert item["isMissing"] is False


def test_a_plane_that_qupath_could_not_read_is_not_passed_on(tmp_path: Path) -> None:
    found = read(
        tmp_path, feature({"type": "Polygon", "coordinates": SQUARE, "plane": {"z": 1, "name": "top"}})
    )
    assert "plane" not in written(tmp_path, list(found.annotations))["features"][0]["geometry"]


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ({"objectType": "cell"}, "cell"),
        ({"object_type": "detection"}, "detection"),
        ({"type": "tile"}, "tile"),
        ({"objectType": "something"}, "annotation"),
        ({}, "annotation"),
    ],
)
def test_object_types_and_their_aliases(tmp_path: Path, member: dict[str, str], expected: str) -> None:
    assert read(tmp_path, feature(**member)).annotations[0].object_type == expected


def test_legacy_ids_say_the_type_and_get_a_stable_id(tmp_path: Path) -> None:
    document = {**feature(), "id": "PathDetectionObject"}
    one, other = read(tmp_path, [document]), read(tmp_path, [document])
    assert one.annotations[0].object_type == "detection"
    assert one.annotations[0].id == other.annotations[0].id
    twice = read(tmp_path, [document, document]).annotations
    assert twice[0].id != twice[1].id


def test_an_id_that_occurs_twice_is_made_unique(tmp_path: Path) -> None:
    document = feature()
    found = read(tmp_path, [document, document])
    assert len({a.id for a in found.annotations}) == 2
    assert "twice" in found.warnings[0]


def test_nested_objects_are_read(tmp_path: Path) -> None:
    child = feature(objectType="detection", childObjects=[feature(objectType="cell")])
    found = read(tmp_path, feature(childObjects=[child]))
    assert [a.object_type for a in found.annotations] == ["annotation", "detection", "cell"]


def test_only_the_types_that_are_wanted_are_read(tmp_path: Path) -> None:
    nested = feature(
        objectType="tile", childObjects=[feature(objectType="annotation", classification="Tumor")]
    )
    found = read(tmp_path, [feature(objectType="tile"), nested], object_types=("annotation",))
    assert [a.class_name for a in found.annotations] == ["Tumor"]


def test_colors(tmp_path: Path) -> None:
    assert read(tmp_path, feature(color=[1, 2, 3])).annotations[0].color == (1, 2, 3)
    assert read(tmp_path, feature(color=-16711936)).annotations[0].color == (0, 255, 0)
    assert read(tmp_path, feature(color=[1, 2])).annotations[0].color is None


def test_the_offset_goes_both_ways_and_moves_the_nucleus_too(tmp_path: Path) -> None:
    document = feature(objectType="cell")
    document["nucleusGeometry"] = {"type": "Polygon", "coordinates": SQUARE}
    found = read(tmp_path, document, offset=(1000.5, 2000))
    assert found.annotations[0].parts[0][0].min(0).tolist() == [1000.5, 2000]
    same = written(tmp_path, list(found.annotations), offset=(1000.5, 2000))["features"][0]
    assert same["geometry"]["coordinates"] == same["nucleusGeometry"]["coordinates"] == SQUARE
    plain = written(tmp_path, list(found.annotations))["features"][0]
    assert plain["nucleusGeometry"]["coordinates"][0][0] == [1000.5, 2000]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]},
        {"type": "MultiPolygon", "coordinates": []},
        {"type": "LineString", "coordinates": [[0, 0]]},
    ],
)
def test_empty_shapes_are_left_out_with_a_warning(tmp_path: Path, geometry: dict[str, Any]) -> None:
    found = read(tmp_path, [feature(geometry), feature()])
    assert len(found.annotations) == 1
    assert found.warnings[0].startswith("Feature 1: ")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"type": "FeatureCollection",\n "features": [}', "line 2, byte 45"),
        ('{"type": "FeatureCollection"}', "list of features"),
        ("3", "neither features nor a geometry"),
        ('[{"type": "Circle"}]', "feature 1 (line 1, byte 2): it is a Circle"),
        ('[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[["a","b"]]]}}]', "feature 1"),
        (
            '[{"type":"Feature","geometry":{"type":"Blob","coordinates":[]}}]',
            "feature 1 (line 1, byte 2): its geometry is a Blob",
        ),
        ('[{"type":"Feature","geometry":{"type":"Polygon","coordinates":"x"}}]', "feature 1"),
        ("[" * 5000, "line 1"),
        ("[" * 1000 + "]" * 1000, "nested too deeply"),
        (
            '{"type":"GeometryCollection","geometries":[' * 300 + "]}" * 300,
            "feature 1 (line 1, byte 1): it cannot be kept",
        ),
        ('{"type":"Feature","properties":{"name":"\\ud800"}}', "line 1, column"),
        ('{"type":"Point","coordinates":[1' + "0" * 400 + ",1]}", "line 1, column"),
        ("", "line 1"),
    ],
)
def test_what_is_not_geojson_says_where(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(AnnotationFormatError) as raised:
        read(tmp_path, text)
    assert where in str(raised.value)


@pytest.mark.parametrize(
    ("local", "central", "value"),
    [pytest.param(6, 8, 1, id="encrypted"), pytest.param(8, 10, 99, id="unknown compression")],
)
def test_an_archive_that_cannot_be_unpacked_says_so(
    tmp_path: Path, local: int, central: int, value: int
) -> None:
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.geojson", "[]")
    data = bytearray(path.read_bytes())
    data[local] = data[data.find(b"PK\x01\x02") + central] = value
    path.write_bytes(data)
    with pytest.raises(AnnotationFormatError, match="cannot be unpacked"):
        read_geojson(path)


def test_a_damaged_archive_and_a_missing_file(tmp_path: Path) -> None:
    packed = tmp_path / "in.geojson.gz"
    packed.write_bytes(gzip.compress(b"[]" * 99)[:-9])
    with pytest.raises(AnnotationFormatError):
        read_geojson(packed)
    with pytest.raises(StorageError):
        read_geojson(tmp_path / "not there.geojson")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.geojson"
    write_geojson(path, [square(0, 0)], CLASSES)
    before = path.read_bytes()

    def failing() -> Any:
        yield square(1, 1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_geojson(path, failing(), CLASSES)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.geojson"]


@pytest.mark.skipif(not (SHARED / "annotations").is_dir(), reason="the shared data folder is not there")
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("qupath_0.2_list.json", 2),
        ("qupath_0.5.geojson", 3),
        ("qupath_holed.geojson", 1),
        ("qupath_TCGA-EJ-5519.json", 3),
        ("histomicsui_sample.geojson", 10),
    ],
)
def test_files_of_other_programs(tmp_path: Path, name: str, count: int) -> None:
    found = read_geojson(SHARED / "annotations" / name)
    assert len(found.annotations) == count
    assert found.warnings == ()
    snapshot = AnnotationSnapshot.of(found.annotations)
    write_geojson(tmp_path / "back.geojson", snapshot.iter_annotations(), CLASSES)
    for before, after in zip(
        found.annotations, read_geojson(tmp_path / "back.geojson").annotations, strict=True
    ):
        rounded = tuple(tuple(snapped(np.round(ring, 2)) for ring in part) for part in before.parts)
        assert content(after) == content(replace(before, parts=rounded))


@pytest.mark.parametrize("red", ["NaN", "Infinity", "1e999"])
def test_a_color_that_is_no_color_is_ignored(tmp_path: Path, red: str) -> None:
    text = json.dumps(feature(color=["?", 0, 0], classification={"name": "A", "color": ["?", 0, 0]}))
    (found,) = read(tmp_path, text.replace('"?"', red)).annotations
    assert found.color is None
    assert found.class_name == "A"


def test_a_transparent_class_stays_so_only_as_long_as_it_is_the_class(tmp_path: Path) -> None:
    stated = feature(classification={"name": "A", "color": [1, 2, 3, 128]})
    (found,) = read(tmp_path, stated).annotations
    same, other = written(tmp_path, [found, replace(found, id=uuid4(), class_name="Tumor")])["features"]
    assert same["properties"]["classification"]["color"][3:] == [128]
    assert len(other["properties"]["classification"]["color"]) == 3


@pytest.mark.parametrize("alpha", [None, "x", 0.5, 300, True])
def test_an_alpha_that_qupath_would_refuse_is_not_written(tmp_path: Path, alpha: Any) -> None:
    stated = feature(classification={"name": "A", "color": [1, 2, 3, alpha]})
    (again,) = written(tmp_path, list(read(tmp_path, stated).annotations))["features"]
    assert len(again["properties"]["classification"]["color"]) == 3


def test_empty_names_of_a_derived_class_are_left_out(tmp_path: Path) -> None:
    stated = feature(classification={"names": ["Immune cells", "", None, " CD3 "], "color": [1, 2, 3]})
    (found,) = read(tmp_path, stated).annotations
    assert found.class_name == "Immune cells: CD3"


def test_coordinates_nested_too_deeply_are_refused(tmp_path: Path) -> None:
    line = [[[0, 0], [1, 1]], [[2, 2], [3, 3]]]
    with pytest.raises(AnnotationFormatError, match=r"feature 1 .*: .*nested"):
        read(tmp_path, {"type": "LineString", "coordinates": line})


@pytest.mark.parametrize("plane", [{"c": -1, "z": None, "t": 0}, {"c": -1, "z": "x", "t": 0}, 3])
def test_a_plane_that_qupath_would_refuse_is_not_written(tmp_path: Path, plane: Any) -> None:
    stated = feature({"type": "Polygon", "coordinates": SQUARE, "plane": plane})
    (again,) = written(tmp_path, list(read(tmp_path, stated).annotations))["features"]
    assert "plane" not in again["geometry"]


@pytest.mark.parametrize("kind", ["annotation", "detection", "cell", "tile", "tmaCore", "root"])
def test_every_object_type_comes_back(tmp_path: Path, kind: str) -> None:
    found = read(tmp_path, [feature(objectType=kind, isMissing=False)])
    (again,) = written(tmp_path, list(found.annotations))["features"]
    assert (again["properties"]["objectType"], again["properties"]["isMissing"]) == (kind, False)


def test_a_vertex_far_away_costs_its_object_and_no_other_its_place(tmp_path: Path) -> None:
    far = {"type": "Polygon", "coordinates": [[[0, 0], [1e12, 0], [0, 5], [0, 0]]]}
    near = {"type": "Polygon", "coordinates": [[[0.25, 0], [9.5, 0], [0, 5.75], [0.25, 0]]]}
    found = read(tmp_path, [feature(far), feature(near)])
    (kept,) = found.annotations
    assert kept.parts[0][0].tolist() == [[0.25, 0], [9.5, 0], [0, 5.75]]
    assert found.warnings == ("Feature 1: its geometry has a vertex more than 1048576 pixels away.",)


def test_a_feature_without_geometry_or_with_a_broken_id(tmp_path: Path) -> None:
    document = [{**feature(), "geometry": None}, {**feature(), "id": "not-a-uuid"}]
    one, other = read(tmp_path, document), read(tmp_path, document)
    assert one.warnings == ("Feature 1: it has no geometry.",)
    assert [found.id for found in one.annotations] == [found.id for found in other.annotations]
