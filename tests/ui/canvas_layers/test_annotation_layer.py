from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from uuid import uuid4

import numpy as np
import pytest

from desktop_app.domain.annotation import Annotation, AnnotationClass
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.annotation_classes import with_class
from desktop_app.domain.annotation_snapshot import LONE_VERTICES, AnnotationSnapshot
from desktop_app.domain.tile_requests import TileKey
from desktop_app.ui.canvas_layers import annotation_layer
from desktop_app.ui.canvas_layers.annotation_raster import RasterState
from desktop_app.ui.canvas_layers.annotation_tiles import TILE_PIXELS, AnnotationTileSource, overlay_pyramid
from desktop_app.ui.canvas_layers.live_objects import LARGE, LIVE_LIMIT, LiveObjects
from tests.support.annotation_bench import Bench
from tests.support.annotation_samples import circle, square
from tests.support.pictures import pixels_of

RED, BLUE, WHITE, YELLOW = (200, 0, 0), (0, 0, 255), (255, 255, 255), (255, 255, 0)
NOTHING = np.zeros(0, dtype="S16")


def large_ones() -> list[Annotation]:
    """As many large objects as are painted live, out of the way at the slide's lower edge."""
    return [square(1000, 700 + i, 600) for i in range(LIVE_LIMIT)]


def test_an_outline_is_where_the_annotation_is(bench: Bench) -> None:
    bench.document.add([square(300, 250, class_name="Tumor")], "Add")
    assert bench.color_at(300, 300) == RED
    assert bench.color_at(350, 250) == RED
    assert bench.color_at(350, 300) == WHITE


@pytest.mark.parametrize("downsample", [0.25, 0.7, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("rotation", [0.0, 90.0])
def test_tiles_and_live_outlines_agree_at_every_zoom(
    bench: Bench, downsample: float, rotation: float
) -> None:
    bench.look(downsample, rotation)
    x, y = (round(value) for value in bench.canvas.viewport.center)
    size = 100 * downsample
    shape = square(x - size / 2, y - size / 2, size, color=BLUE)
    bench.document.add([shape], "Add")
    live = (bench.picture() != 255).any(2)
    bench.document.add(large_ones(), "Add")
    assert shape.id not in bench.layer._live.ids
    tiled = (bench.picture() != 255).any(2)
    rows, columns = np.nonzero(live)
    inside = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    near = np.zeros_like(live)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            near |= np.roll(tiled, (dy, dx), (0, 1))
    assert near[inside][live[inside]].mean() > 0.99


def test_a_small_object_among_many_is_painted_and_edited_in_tiles(bench: Bench) -> None:
    small = square(300, 250, 40, class_name="Tumor")
    bench.document.add([*large_ones(), small], "Add")
    assert bench.color_at(300, 270) == RED
    bench.document.set_class([small.id], "Stroma")
    assert bench.color_at(300, 270) == (150, 200, 150)
    bench.document.undo_stack.undo()
    assert bench.color_at(300, 270) == RED
    bench.document.remove([small.id])
    assert bench.color_at(300, 270) == WHITE


def test_what_grows_into_the_live_ones_leaves_the_tiles(bench: Bench) -> None:
    small = square(300, 250, 40)
    bench.document.add([*large_ones(), small], "Add")
    grown = replace(small, parts=(((small.parts[0][0] - [300, 250]) * 20 + [350, 300],),))
    bench.document.change("Grow", before=[small], after=[grown])
    assert small.id in bench.layer._live.ids
    assert bench.color_at(300, 270) == WHITE


def test_a_new_class_color_is_seen_in_tiles_and_live(bench: Bench) -> None:
    small, live = square(300, 250, 40, class_name="Tumor"), square(400, 250, 150, class_name="Tumor")
    bench.document.add([*large_ones(), small], "Add")
    bench.document.add([replace(live, parts=((live.parts[0][0] * [1, 5],),))], "Add")
    classes = with_class(bench.document.snapshot.classes, AnnotationClass("Tumor", BLUE))
    bench.document.set_classes(classes, "Color")
    assert bench.color_at(300, 270) == BLUE


def test_the_selection_stands_out(bench: Bench) -> None:
    one = square(300, 250, class_name="Tumor")
    bench.document.add([one], "Add")
    bench.selection.set([one.id])
    assert bench.color_at(300, 300) == (255, 255, 0)
    red, green, blue = bench.color_at(350, 300)
    assert (red, green, blue) != WHITE
    assert red > green


def test_a_selection_of_any_size_stands_out(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotation_layer, "SELECTED_LIMIT", 1)
    small, other = square(300, 250, 40, class_name="Tumor"), square(400, 250, 40, class_name="Tumor")
    live = square(600, 220, 700, class_name="Tumor")
    bench.document.add([*large_ones()[1:], live, small, other], "Add")
    assert live.id in bench.layer._live.ids
    assert small.id not in bench.layer._live.ids
    assert bench.color_at(300, 270) == RED
    bench.selection.set([small.id, live.id])
    assert bench.color_at(300, 270) == YELLOW
    assert bench.color_at(400, 270) == RED, "what is not selected stays as it was"
    assert bench.color_at(600, 300) == YELLOW
    bench.document.set_class([small.id], "Stroma")
    assert bench.color_at(300, 270) == YELLOW, "a change leaves it selected"
    bench.selection.clear()
    assert bench.color_at(300, 270) == (150, 200, 150)
    assert bench.color_at(600, 300) == RED


def test_a_picture_for_others_has_no_marks_of_the_selection(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotation_layer, "SELECTED_LIMIT", 0)
    bench.document.add([*large_ones(), square(300, 250, 40, class_name="Tumor")], "Add")
    bench.selection.select_all()
    tiles, _ = bench.layer.still(bench.canvas.viewport)
    assert len(tiles.state.selected) == 0
    assert len(bench.layer._tiles.state.selected) == len(bench.selection)


def test_hidden_annotations_are_not_painted(bench: Bench) -> None:
    bench.document.add([square(300, 250)], "Add")
    bench.layer.visible = False
    bench.canvas.update()
    assert (bench.picture() == 255).all()


def test_the_overview_shows_every_object() -> None:
    rng = np.random.default_rng(1)
    places = rng.uniform(2000, 58_000, (300, 2))
    snapshot = AnnotationSnapshot.of([circle(x, y, 5, color=BLUE) for x, y in places])
    source = AnnotationTileSource((60_000, 60_000), RasterState(snapshot, NOTHING))
    level = len(source.pyramid.levels) - 1
    scale = source.pyramid.levels[level].downsample
    alpha = _alpha_of_level(source, level)
    for x, y in places / scale:
        assert alpha[int(y), int(x)] == 255


def scattered(copies: int) -> AnnotationSnapshot:
    """A thousand shapes of 0 to 20 px and of every kind, again and again on a grid."""
    random = np.random.default_rng(8)
    shapes = []
    for number, (x, y) in enumerate(random.uniform(20, 280, (1000, 2)).tolist()):
        ring = np.array([[0.0, 0], [1, 0.2], [0.6, 1]]) * random.uniform(0.05, 20) + [x, y]
        kind = ("polygon", "line", "arrow", "points", "note")[number % 5]
        ring = ring[:1] if kind == "note" else ring
        shapes.append(Annotation(uuid4(), kind, ((ring,),), roi="open" if number % 25 == 0 else None))
    chunk = AnnotationChunk.of(shapes)
    side = int(np.ceil(np.sqrt(copies)))
    chunks = [
        replace(
            chunk,
            origin=chunk.origin + 300.0 * np.array([number % side, number // side]),
            ids=np.frombuffer(random.bytes(16 * len(chunk)), "S16"),
        )
        for number in range(copies)
    ]
    return AnnotationSnapshot.of_chunks(chunks, ())


def test_every_one_of_a_hundred_thousand_objects_is_seen_at_every_zoom() -> None:
    snapshot = scattered(100)
    assert len(snapshot) == 100_000
    source = AnnotationTileSource((3000, 3000), RasterState(snapshot, NOTHING))
    pyramid, boxes = source.pyramid, snapshot.bounds()
    for level in range(pyramid.level_for(1.0), len(pyramid.levels)):
        width, height = pyramid.levels[level].size
        marked = np.zeros((height + 1, width + 1), dtype=np.int32)
        marked[1:, 1:] = _alpha_of_level(source, level) > 0
        # Marked pixels above and to the left, so that those in a box are four look-ups.
        total = marked.cumsum(0, dtype=np.int32).cumsum(1, dtype=np.int32)
        scaled = boxes / pyramid.levels[level].downsample
        left, top = np.floor(scaled[:, :2] - 1).clip(0).astype(int).T
        right, bottom = np.minimum(np.floor(scaled[:, 2:] + 2), (width, height)).astype(int).T
        inside = total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]
        assert (inside > 0).all(), f"{(inside == 0).sum()} objects cannot be seen at level {level}"


def test_arrows_notes_and_rois_are_told_apart_in_tiles() -> None:
    shapes = [
        Annotation(uuid4(), "arrow", ((np.array([[50.0, 50], [150, 50]]),),), color=RED),
        Annotation(uuid4(), "line", ((np.array([[50.0, 100], [150, 100]]),),), color=RED),
        Annotation(uuid4(), "note", ((np.array([[50.0, 150]]),),), color=BLUE),
        Annotation(uuid4(), "points", ((np.array([[100.0, 150]]),),), color=BLUE),
        square(200, 50, 100, color=RED, roi="open"),
        square(200, 200, 100, color=RED, roi="exhaustive"),
        square(200, 350, 100, color=RED),
    ]
    source = AnnotationTileSource((600, 600), RasterState(AnnotationSnapshot.of(shapes), NOTHING))
    alpha = _alpha_of_level(source, source.pyramid.level_for(1.0))
    wide = [int((alpha[y - 7 : y + 7, 140] > 128).sum()) for y in (50, 100)]
    assert wide[0] >= 6 > wide[1]
    corners = [alpha[153, 53], alpha[153, 103]]
    assert corners[0] > 200 > 60 > corners[1], "a note is a square, a point is round"
    drawn = [(alpha[y, 210:290] > 128).mean() for y in (50, 200, 350)]
    assert drawn[2] == 1
    assert 0.3 < drawn[0] < 0.8
    assert 0.3 < drawn[1] < 0.8
    gaps = [int((np.diff((alpha[y, 210:290] > 128).astype(int)) == 1).sum()) for y in (50, 200)]
    assert gaps[1] > 2 * gaps[0], "an exhaustive ROI has short dashes"


def test_dashes_of_neighboring_tiles_meet() -> None:
    roi = square(100, 100, 900, color=RED, roi="open")
    source = AnnotationTileSource((1100, 1100), RasterState(AnnotationSnapshot.of([roi]), NOTHING))
    level = source.pyramid.level_for(1.0)
    line = _alpha_of_level(source, level)[100][120:980] > 128
    changes = np.flatnonzero(np.diff(line.astype(int))) + 1
    lengths = np.diff(changes)
    assert lengths.max() <= 14
    assert lengths.min() >= 6


def test_a_border_of_very_many_vertices_is_painted_where_it_is() -> None:
    turn = np.linspace(0, 2 * np.pi, LONE_VERTICES + 100, endpoint=False)
    ring = 1000 * np.column_stack([np.cos(turn), np.sin(turn)]) + 1500
    border = Annotation(uuid4(), "polygon", ((ring,),), color=RED)
    snapshot = AnnotationSnapshot.of([border])
    assert LiveObjects(snapshot).ids == ()
    source = AnnotationTileSource((4000, 4000), RasterState(snapshot, NOTHING))
    for level in (source.pyramid.level_for(1.0), source.pyramid.level_for(4.0)):
        scale = source.pyramid.levels[level].downsample
        for x, y in ((2500.0, 1500.0), (1500.0, 500.0)):
            column, row = int(x / scale // TILE_PIXELS), int(y / scale // TILE_PIXELS)
            alpha = _alpha(source.read(TileKey(level, column, row), lambda: True).image)
            at = round(y / scale) - TILE_PIXELS * row, round(x / scale) - TILE_PIXELS * column
            assert alpha[at[0] - 1 : at[0] + 2, at[1] - 1 : at[1] + 2].max() > 200
            assert (alpha > 0).mean() < 0.05
        middle = source.read(TileKey(source.pyramid.level_for(1.0), 5, 5), lambda: True)
        assert middle.image.isNull() or not _alpha(middle.image).any()


def test_a_hidden_class_is_seen_neither_in_tiles_nor_live(bench: Bench) -> None:
    live = square(300, 250, 600, class_name="Tumor")
    bench.document.add([*large_ones()[1:], live, square(220, 250, 40, class_name="Stroma")], "Add")
    assert bench.color_at(300, 300) == RED
    assert bench.color_at(220, 270) == (150, 200, 150)
    bench.layer.set_hidden_classes(frozenset({"Tumor", "Stroma"}))
    assert bench.color_at(300, 300) == WHITE
    assert bench.color_at(220, 270) == WHITE
    bench.document.set_class([live.id], "Necrosis")
    assert bench.color_at(300, 300) == (50, 50, 50)
    bench.layer.set_hidden_classes(frozenset())
    assert bench.color_at(220, 270) == (150, 200, 150)


def test_an_edit_has_only_the_tiles_made_anew_that_show_it(bench: Bench) -> None:
    small = square(300, 250, 40, class_name="Tumor")
    bench.document.add([*large_ones(), small, square(700, 500, 40)], "Add")
    bench.look(0.5)
    bench.picture()
    read: list[TileKey] = []
    source = bench.layer.source
    original = source.read

    def watched(key: TileKey, wanted: object) -> object:
        read.append(key)
        return original(key, wanted)

    source.read = watched
    bench.document.set_class([small.id], "Stroma")
    bench.picture()
    seen = source.pyramid.level_for(0.5)
    rects = [source.pyramid.slide_rect(key) for key in read if key.level == seen]
    assert 1 <= len(rects) <= 4
    assert all(x <= 350 and y <= 300 and x + w >= 290 and y + h >= 240 for x, y, w, h in rects)


def _alpha_of_level(source: AnnotationTileSource, level: int) -> np.ndarray:
    width, height = source.pyramid.levels[level].size
    alpha = np.zeros((height, width), np.uint8)
    for key in source.pyramid.all_tiles(level):
        x, y, across, down = source.pyramid.pixel_rect(key)
        image = source.read(key, lambda: True).image
        if not image.isNull():
            alpha[y : y + down, x : x + across] = _alpha(image)
    return alpha


def _alpha(image: object) -> np.ndarray:
    converted = image.convertToFormat(image.Format.Format_Alpha8)
    rows = np.frombuffer(converted.constBits(), np.uint8).reshape(image.height(), converted.bytesPerLine())
    return rows[:, : image.width()].copy()  # the picture goes at the end


def test_an_empty_tile_takes_no_memory_and_one_not_wanted_is_given_up() -> None:
    snapshot = AnnotationSnapshot.of([square(0, 0)])
    source = AnnotationTileSource((60_000, 60_000), RasterState(snapshot, NOTHING))
    finest = source.pyramid.level_for(1.0)
    assert source.read(TileKey(finest, 9, 9), lambda: True).image.isNull()
    assert source.read(TileKey(finest, 0, 0), lambda: False) is None
    left_out = RasterState(snapshot, np.array([snapshot.ids()[0].bytes], dtype="S16"))
    source.show(left_out)
    assert source.read(TileKey(finest, 0, 0), lambda: True).image.isNull()


def test_lines_and_points_are_painted_in_tiles() -> None:
    line = Annotation(uuid4(), "line", ((np.array([[100.0, 100], [200, 100], [200, 200]]),),), color=RED)
    points = Annotation(uuid4(), "points", ((np.array([[50.0, 50], [150, 50]]),),), color=BLUE)
    source = AnnotationTileSource((4000, 4000), RasterState(AnnotationSnapshot.of([line, points]), NOTHING))
    tile = source.read(TileKey(source.pyramid.level_for(1.0), 0, 0), lambda: True)
    pixels = pixels_of(tile.image)
    assert pixels[100, 150].tolist() == list(RED)
    assert pixels[150, 150].tolist() == [0, 0, 0], "a line is not closed"
    assert pixels[50, 50].tolist() == pixels[50, 150].tolist() == list(BLUE)
    assert pixels[50, 100].tolist() == [0, 0, 0]


def test_the_overlays_pyramid_covers_slide_and_zoom() -> None:
    pyramid = overlay_pyramid((40_001, 30_000))
    assert pyramid.levels[0].downsample == 1 / 32
    assert max(pyramid.levels[-1].size) <= 512
    assert all(fine.downsample * 2 == coarse.downsample for fine, coarse in pairwise(pyramid.levels))


def test_the_largest_are_live() -> None:
    sizes = np.random.default_rng(2).permutation(5000) + 1.0
    made = [square(0, 0, size) for size in sizes.tolist()]
    live = LiveObjects(AnnotationSnapshot.of(made))
    expected = {a.id for a, size in zip(made, sizes, strict=True) if size > 5000 - LIVE_LIMIT}
    assert set(live.ids) == expected


def test_many_small_ones_are_left_to_the_tiles_and_few_are_not() -> None:
    many = [square(i, i, LARGE - 1) for i in range(LIVE_LIMIT + 1)]
    assert LiveObjects(AnnotationSnapshot.of(many)).ids == ()
    assert len(LiveObjects(AnnotationSnapshot.of(many[:-1])).ids) == LIVE_LIMIT


def test_what_has_very_many_vertices_is_shown_as_selected_by_the_tiles(bench: Bench) -> None:
    turn = np.linspace(0, 2 * np.pi, LONE_VERTICES + 100, endpoint=False)
    ring = 150 * np.column_stack([np.cos(turn), np.sin(turn)]) + [500, 400]
    border = Annotation(uuid4(), "polygon", ((ring,),), color=BLUE)
    small = square(250, 250, class_name="Tumor")
    bench.document.add([border, small], "Add")
    assert bench.color_at(650, 400) == BLUE
    bench.selection.set([border.id, small.id])
    assert bench.color_at(650, 400) == YELLOW
    assert bench.color_at(250, 300) == YELLOW, "what has few is painted above them"
    assert [found.annotation_id for found in bench.layer._selected().above] == [small.id]
    bench.document.remove([border.id])
    bench.document.undo_stack.undo()
    assert bench.color_at(650, 400) == BLUE, "what was removed comes back unselected"
    assert bench.color_at(250, 300) == YELLOW
