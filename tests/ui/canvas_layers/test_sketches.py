"""Overlay tiles that are drawn straight into the slide's picture: the same lines, at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.tile_requests import TileKey
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas.sketch import draw_parts, united
from desktop_app.ui.canvas_layers.annotation_raster import RasterState
from desktop_app.ui.canvas_layers.annotation_tiles import SKETCHED_OBJECTS, AnnotationTileSource
from tests.support.annotation_bench import Bench
from tests.support.annotation_samples import circle, square

SIZE = (1500, 1100)
RED, BLUE = (200, 0, 0), (0, 0, 255)
NOTHING = np.zeros(0, dtype="S16")


def star(x: float, y: float, *, vertices: int, radius: float, color: tuple[int, int, int]) -> Annotation:
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    ring = np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])
    return replace(circle(x, y, radius, color=color), kind="polygon", parts=((ring,),))


def crowd(count: int, *, even: bool) -> list[Annotation]:
    """Nuclei of 20 vertices; uneven ones have more or fewer."""
    random = np.random.default_rng(4)
    return [
        star(
            *(random.uniform(20, side - 20) for side in SIZE),
            vertices=20 if even else 12 + number % 17,
            radius=random.uniform(4, 30),
            color=(RED, BLUE)[number % 2],
        )
        for number in range(count)
    ]


def source_of(annotations: list[Annotation], *, filled: bool = False) -> AnnotationTileSource:
    state = RasterState(AnnotationSnapshot.of(annotations), NOTHING, filled=filled)
    source = AnnotationTileSource(SIZE, state)
    source.smooth = False
    return source


def drawn_at_once(source: AnnotationTileSource, level: int) -> NDArray[np.uint32]:
    """A whole level, sketched."""
    width, height = source.pyramid.levels[level].size
    picture = np.zeros((height, width, 4), np.uint8)
    tiles = source.sketch(source.pyramid.all_tiles(level))
    draw_parts(
        [(tile.sketch.sketch, tile.sketch.rect) for tile in tiles.values() if tile.sketch is not None],
        picture,
        (0, 0),
    )
    return picture.view(np.uint32)[..., 0]


def tile_by_tile(source: AnnotationTileSource, level: int, *, sketched: bool) -> NDArray[np.uint32]:
    width, height = source.pyramid.levels[level].size
    picture = np.zeros((height, width), np.uint32)
    keys = source.pyramid.all_tiles(level)
    tiles = source.sketch(keys) if sketched else {key: source.read(key, lambda: True) for key in keys}
    for key, tile in tiles.items():
        assert tile is not None
        image = tile.image if tile.sketch is None else tile.sketch.drawn()
        if not image.isNull():
            x, y, across, down = source.pyramid.pixel_rect(key)
            words = np.frombuffer(image.constBits(), np.uint32).reshape(down, -1)
            picture[y : y + down, x : x + across] = words[:, :across]
    return picture


@pytest.mark.parametrize("even", [True, False])
@pytest.mark.parametrize("downsample", [0.5, 1.0, 2.0])
def test_a_sketch_shows_what_the_tiles_show(even: bool, downsample: float) -> None:
    source = source_of(crowd(300, even=even))
    level = source.pyramid.level_for(downsample)
    tiles = tile_by_tile(source, level, sketched=False)
    assert (tiles > 0).mean() > 0.005
    # OpenCV cuts lines roughly at the edge of its picture.
    assert (drawn_at_once(source, level) != tiles).mean() < 0.0005
    assert (tile_by_tile(source, level, sketched=True) != tiles).mean() < 0.0005


def test_a_border_of_very_many_vertices_is_in_the_sketch() -> None:
    source = source_of([star(700, 500, vertices=30_000, radius=300, color=RED)])
    level = source.pyramid.level_for(1.0)
    tiles = tile_by_tile(source, level, sketched=False)
    assert (tiles > 0).sum() > 1500
    assert (drawn_at_once(source, level) != tiles).mean() < 0.0005


def test_what_is_more_than_lines_or_too_much_is_not_sketched() -> None:
    few = crowd(40, even=True)
    assert source_of(few).sketch(source_of(few).pyramid.all_tiles(5))
    assert not source_of(few, filled=True).sketch(source_of(few).pyramid.all_tiles(5))
    many = source_of(crowd(SKETCHED_OBJECTS + 1, even=True))
    assert not many.sketch(many.pyramid.all_tiles(5))
    dots = source_of(few)
    assert not dots.sketch(dots.pyramid.all_tiles(dots.pyramid.level_for(32.0)))
    empty = source_of([])
    sketched = empty.sketch(empty.pyramid.all_tiles(5))
    assert sketched
    assert all(tile.sketch is None and tile.image.isNull() for tile in sketched.values())


def test_neighbors_are_drawn_as_one() -> None:
    grid = [(x, y, 10, 10) for x in range(0, 40, 10) for y in range(0, 30, 10)]
    assert united(grid) == [(0, 0, 40, 30)]
    parted = united([rect for rect in grid if rect != (10, 10, 10, 10)])
    assert sorted(parted) == [(0, 0, 40, 10), (0, 10, 10, 10), (0, 20, 40, 10), (20, 10, 20, 10)]
    assert united([]) == []


def filled_bench(bench: Bench) -> None:
    large = [square(1000, 700 + i, 600) for i in range(200)]
    small = [circle(220 + 45 * (n % 16), 230 + 45 * (n // 16), 9 + n % 12, color=RED) for n in range(200)]
    bench.document.add([*large, *small], "Add")
    bench.look(1.0)
    bench.picture()


def jump(bench: Bench, x: float, y: float, downsample: float, rotation: float) -> None:
    bench.canvas.set_viewport(Viewport((x, y), downsample, rotation, (600, 400)))


@pytest.mark.parametrize("rotation", [0.0, 20.0, 90.0])
@pytest.mark.parametrize("opacity", [1.0, 0.6])
@pytest.mark.parametrize("place", [(700.0, 450.0, 1.0), (640.0, 430.0, 0.8), (900.0, 600.0, 1.3)])
def test_a_jump_shows_the_same_with_sketches_and_without(
    bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
    rotation: float,
    opacity: float,
    place: tuple[float, float, float],
) -> None:
    bench.layer.opacity = opacity
    filled_bench(bench)
    bench.layer._rest.setInterval(10**6)
    jump(bench, *place, rotation)
    bench.layer.invalidate()
    shown = bench.picture()
    sketched = any(_is_sketch(bench, key.place) for key in bench.layer._visible)
    assert sketched == (opacity == 1 and rotation == 0 and place[2] == 1)
    monkeypatch.setattr(bench.layer, "takes_sketches", lambda _viewport: False)
    bench.layer.invalidate()
    without = bench.picture()
    assert not any(_is_sketch(bench, key.place) for key in bench.layer._visible)
    assert (shown != 255).any(2).mean() > 0.005
    assert ((np.abs(shown.astype(int) - without).max(2)) > 2).mean() < 0.002


def _is_sketch(bench: Bench, place: tuple[int, int, int]) -> bool:
    tile = bench.layer.cache.find(TileKey(*place))
    return tile is not None and tile.sketch is not None


def test_a_new_place_is_sharp_at_once_and_smooth_soon(bench: Bench, qtbot: QtBot) -> None:
    filled_bench(bench)
    jump(bench, 700, 450, 1.0, 0.0)
    bench.layer.invalidate()
    assert bench.layer.is_sharp
    assert any(_is_sketch(bench, key.place) for key in bench.layer._visible)
    rough = bench.picture()
    qtbot.waitUntil(lambda: not any(key.place in bench.layer._rough for key in bench.layer._visible))
    assert not any(_is_sketch(bench, key.place) for key in bench.layer._visible)
    smooth = bench.picture()
    reds = [(picture[..., 1] < 128).sum() for picture in (rough, smooth)]
    assert reds[0] > 0.5 * reds[1] > 0


def test_an_edit_is_seen_where_tiles_are_sketches(bench: Bench) -> None:
    filled_bench(bench)
    bench.layer._rest.setInterval(10**6)
    bench.layer.invalidate()
    jump(bench, 700, 450, 1.0, 0.0)
    before = bench.picture()
    bench.document.add([square(600, 400, 30, color=BLUE)], "Add")
    after = bench.picture()
    x, y = 600 - 700 + 300, 400 - 450 + 200
    blue = (after[y - 5 : y + 40, x - 5 : x + 40, 2] > 200) & (after[y - 5 : y + 40, x - 5 : x + 40, 0] < 100)
    assert blue.sum() > 100
    # The tile is patched with smooth lines; the others stay as they are.
    assert (after != before).any(2).mean() < 0.01
