from __future__ import annotations

import json

import numpy as np
import pytest

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.errors import AnnotationError
from desktop_app.storage.geojson_text import MPP_MEMBER, geojson_text, read_geojson_text
from tests.support.annotation_samples import one_of_each, square


def test_everything_comes_back() -> None:
    shapes = one_of_each()
    text = geojson_text(shapes, {"Tumor": (1, 2, 3)}, offset=(40, 50), mpp=(0.25, 0.5))
    content = read_geojson_text(text, most=100, offset=(40, 50))
    assert content is not None
    assert content.mpp == (0.25, 0.5)
    read, drawn = content.annotations, AnnotationSnapshot.of(shapes).chunks[0]
    for one, other in zip(read, drawn, strict=True):
        assert (one.id, one.kind, one.class_name, one.name, one.roi) == (
            other.id,
            other.kind,
            other.class_name,
            other.name,
            other.roi,
        )
        rings = [
            (a, b) for p, q in zip(one.parts, other.parts, strict=True) for a, b in zip(p, q, strict=True)
        ]
        assert all(np.abs(a - b).max() <= 0.01 for a, b in rings)
    assert ("Tumor", (1, 2, 3)) in [(entry.name, entry.color) for entry in content.classes]


def test_the_pixel_size_is_left_out_where_it_is_unknown() -> None:
    text = geojson_text([square(0, 0)], {}, offset=(0, 0), mpp=None)
    assert MPP_MEMBER not in json.loads(text)
    content = read_geojson_text(text, most=10)
    assert content is not None
    assert content.mpp is None


FEATURE = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [3, 4]}, "properties": {}}


@pytest.mark.parametrize(
    "document",
    [
        FEATURE,
        [FEATURE],
        [[FEATURE]],
        FEATURE["geometry"],
        {"type": "FeatureCollection", "features": [FEATURE]},
        {"type": "FeatureCollection", MPP_MEMBER: [0, -1], "features": [FEATURE]},
    ],
)
def test_whatever_qupath_copies_is_read(document: object) -> None:
    content = read_geojson_text("\ufeff \n" + json.dumps(document), most=10)
    assert content is not None
    assert content.annotations[0].parts[0][0].tolist() == [[3, 4]]
    assert content.mpp is None


@pytest.mark.parametrize(
    "text", ["", "hello", "{", "[1, 2]", '{"type":"Feature"', '{"a":1}', "[]", "[" * 5000, '{"features":[]}']
)
def test_other_text_is_no_geojson(text: str) -> None:
    assert read_geojson_text(text, most=10) is None


def test_nested_objects_and_warnings_are_kept() -> None:
    parent = {**FEATURE, "properties": {"childObjects": [FEATURE, {**FEATURE, "geometry": None}]}}
    content = read_geojson_text(json.dumps(parent), most=10)
    assert content is not None
    assert len(content.annotations) == 2
    assert content.warnings == ("Feature 3: it has no geometry.",)


def test_too_many_and_broken_ones_are_refused_in_words() -> None:
    text = geojson_text([square(i, 0) for i in range(12)], {}, offset=(0, 0), mpp=None)
    with pytest.raises(AnnotationError, match="more than 10 annotations"):
        read_geojson_text(text, most=10)
    broken = {**FEATURE, "geometry": {"type": "Nonsense", "coordinates": []}}
    with pytest.raises(AnnotationError, match="Feature 2 of the copied text"):
        read_geojson_text(json.dumps([FEATURE, broken]), most=10)
