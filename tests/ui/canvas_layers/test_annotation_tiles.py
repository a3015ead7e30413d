"""Overlay tiles drawn together, plainly or smoothly, and patched: every way shows the same objects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.shapes import bounding_box
from desktop_app.domain.tile_requests import TileKey
from desktop_app.ui.canvas import TileImage
from desktop_app.ui.canvas_layers.annotation_raster import RasterState
from desktop_app.ui.canvas_layers.annotation_tiles import TOGETHER_OBJECTS, AnnotationTileSource, Patch
from tests.support.annotation_bench import Bench
from tests.support.annotation_samples import circle, square

SIZE = (1500, 1100)
RED, BLUE = (200, 0, 0), (0, 0, 255)
NOTHING = np.zeros(0, dtype="S16")


def crowd(count: int = 400) -> AnnotationSnapshot:
    random = np.random.default_rng(4)
    places = zip(*(random.uniform(20, side - 20, count) for side in SIZE), strict=True)
    return AnnotationSnapshot.of(
        [circle(x, y, random.uniform(4, 30), color=(RED, BLUE)[n % 2]) for n, (x, y) in enumerate(places)]
    )


def source_of(snapshot: AnnotationSnapshot, *, smooth: bool = False) -> AnnotationTileSource:
    source = AnnotationTileSource(SIZE, RasterState(snapshot, NOTHING))
    source.smooth = smooth
    return source


def read(source: AnnotationTileSource, key: TileKey) -> TileImage:
    tile = source.read(key, lambda: True)
    assert tile is not None
    return tile


def argb(image: QImage, key: TileKey, source: AnnotationTileSource) -> NDArray[np.uint32]:
    if image.isNull():
        _, _, width, height = source.pyramid.pixel_rect(key)
        return np.zeros((height, width), np.uint32)
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1).copy()


def keys_of(source: AnnotationTileSource, downsample: float = 1.0) -> list[TileKey]:
    return source.pyramid.all_tiles(source.pyramid.level_for(downsample))


@pytest.mark.parametrize("downsample", [1.0, 2.0])
def test_tiles_drawn_together_look_as_if_drawn_one_by_one(downsample: float) -> None:
    together, single = source_of(crowd()), source_of(crowd())
    keys = keys_of(together, downsample)
    order = together.expect(keys)
    assert sorted(order) == sorted(keys)
    different = total = 0
    for key in order:
        one, other = (argb(read(source, key).image, key, source) for source in (together, single))
        different += int((one != other).sum())
        total += int((other != 0).sum())
    assert total > 1000
    # OpenCV rounds a line that leaves the picture a little differently.
    assert different < 0.01 * total


def test_too_many_objects_are_not_drawn_together_and_still_seen() -> None:
    snapshot = crowd(5 * TOGETHER_OBJECTS)
    together, single = source_of(snapshot), source_of(snapshot)
    keys = keys_of(together)
    for key in together.expect(keys)[:3]:
        one, other = (argb(read(source, key).image, key, source) for source in (together, single))
        assert (one == other).all()


def test_plain_lines_have_full_color_and_are_told_to_be_rough() -> None:
    key = keys_of(source_of(crowd()))[0]
    plain, smooth = (read(source_of(crowd(), smooth=on), key) for on in (False, True))
    assert plain.rough
    assert not smooth.rough
    alpha = [argb(tile.image, key, source_of(crowd())) >> 24 for tile in (plain, smooth)]
    assert set(np.unique(alpha[0]).tolist()) == {0, 255}
    assert len(np.unique(alpha[1])) > 50
    near = np.zeros(alpha[0].shape, dtype=np.bool_)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            near |= np.roll(alpha[1] > 0, (down, across), (0, 1))
    assert near[alpha[0] > 0].mean() > 0.99


def test_dots_and_tiny_outlines_are_as_good_as_they_get() -> None:
    source = AnnotationTileSource((20 * SIZE[0], 20 * SIZE[1]), RasterState(crowd(), NOTHING))
    source.smooth = False
    coarse = keys_of(source, 16.0)
    assert any(not read(source, key).image.isNull() for key in coarse)
    assert not any(read(source, key).rough for key in coarse)


@pytest.mark.parametrize("rough", [False, True])
def test_a_patched_tile_looks_as_if_drawn_anew(rough: bool) -> None:
    before = crowd()
    moved = before.get(before.ids()[7])
    assert moved is not None
    after = replace(
        moved, parts=tuple(tuple(ring + np.array([9.0, -5.0]) for ring in part) for part in moved.parts)
    )
    snapshot = AnnotationSnapshot.of(
        [after if found.id == moved.id else found for found in before.iter_annotations(before.ids())]
    )
    source, fresh = source_of(before, smooth=not rough), source_of(snapshot, smooth=not rough)
    boxes = (bounding_box(moved), bounding_box(after))
    keys = keys_of(source)
    old = {key: read(source, key) for key in keys}
    source.show(RasterState(snapshot, NOTHING))
    source.patch({key.place: Patch(old[key].image, boxes, old[key].rough) for key in keys})
    changed = 0
    for key in keys:
        patched, anew = read(source, key), read(fresh, key)
        assert patched.rough == old[key].rough
        was, now, wished = (argb(tile.image, key, source) for tile in (old[key], patched, anew))
        changed += int((was != now).sum())
        if not rough:
            assert (now != wished).sum() <= 4
    assert changed > 100


def test_a_rough_tile_is_not_patched_when_it_is_to_be_smooth() -> None:
    source = source_of(crowd())
    key = keys_of(source)[0]
    rough = read(source, key)
    source.patch({key.place: Patch(rough.image, ((10.0, 10.0, 20.0, 20.0),), rough.rough)})
    assert read(source, key).rough
    source.smooth = True
    assert not read(source, key).rough


def test_a_patch_that_empties_a_tile_takes_no_memory() -> None:
    snapshot = AnnotationSnapshot.of([square(50, 50, 40, color=RED)])
    source = source_of(snapshot, smooth=True)
    key = keys_of(source)[0]
    old = read(source, key)
    source.show(RasterState(AnnotationSnapshot.empty(), NOTHING))
    source.patch({key.place: Patch(old.image, ((50.0, 50.0, 90.0, 90.0),), rough=False)})
    assert read(source, key).image.isNull()


def test_a_view_at_rest_becomes_smooth_and_stays_sharp_meanwhile(bench: Bench, qtbot: QtBot) -> None:
    large = [square(1000, 700 + i, 600) for i in range(200)]
    bench.document.add([*large, *(circle(300 + 60 * n, 350, 25, color=RED) for n in range(5))], "Add")
    bench.picture()
    layer = bench.layer
    layer.set_hidden_classes(frozenset({"Nothing of this view"}))
    bench.picture()
    assert any(key.place in layer._rough for key in layer._visible)
    unsharp: list[bool] = []
    layer.updated.connect(lambda: unsharp.append(not layer.is_sharp))
    qtbot.waitUntil(lambda: not any(key.place in layer._rough for key in layer._visible), timeout=3000)
    assert not any(unsharp)
    picture = bench.picture()
    shades = np.unique(picture[120:180, 60:400].reshape(-1, 3), axis=0)
    assert len(shades) > 20, "smooth lines have many shades"


def test_edits_in_quick_succession_are_all_seen(bench: Bench) -> None:
    large = [square(1000, 700 + i, 600) for i in range(200)]
    small = [square(250 + 60 * n, 250, 40, class_name="Tumor") for n in range(5)]
    bench.document.add([*large, *small], "Add")
    bench.look(1.0)
    bench.picture()
    for found in small:
        bench.document.set_class([found.id], "Stroma")
    bench.document.remove([small[2].id])
    picture = bench.picture()
    colors = [tuple(picture[70, 50 + 60 * n].tolist()) for n in range(5)]
    stroma = (150, 200, 150)
    assert colors == [stroma, stroma, (255, 255, 255), stroma, stroma]
