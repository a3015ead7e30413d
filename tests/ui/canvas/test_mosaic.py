"""Tiles painted as one picture: the same as tile by tile, only faster."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from desktop_app.domain.slide_info import Level
from desktop_app.domain.tile_requests import TileKey, TilePyramid, tile_levels
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas import TileCache
from desktop_app.ui.canvas.draw_list import draw_list, stand_ins
from desktop_app.ui.canvas.mosaic_painter import ClearPainter, MosaicPainter
from desktop_app.ui.canvas.tile_mosaic import runs
from desktop_app.ui.canvas.tile_painter import paint_tiles
from desktop_app.ui.canvas.tile_source import wrap_argb
from tests.support.pictures import pixels_of

RGB = NDArray[np.uint8]

SIZE = (700, 500)
PYRAMID = TilePyramid(
    tile_levels([Level(0, SIZE, 1.0), Level(1, (350, 250), 2.0), Level(2, (175, 125), 4.0)]), 64
)
NOTHING = (255, 0, 255)
"""The paper: in no tile."""

VIEW = (230, 170)

pytestmark = pytest.mark.usefixtures("qapp")


def smooth_noise() -> RGB:
    coarse = np.random.default_rng(2).integers(20, 235, (25, 35, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, SIZE, interpolation=cv2.INTER_LINEAR))


def pictures() -> list[RGB]:
    whole = smooth_noise()
    return [
        np.asarray(cv2.resize(whole, level.size, interpolation=cv2.INTER_AREA)) for level in PYRAMID.levels
    ]


LEVELS = pictures()


def tile_image(key: TileKey, shade: int = 0) -> QImage:
    x, y, width, height = PYRAMID.pixel_rect(key)
    argb = np.full((height, width, 4), 255, np.uint8)
    argb[..., :3] = LEVELS[key.level][y : y + height, x : x + width, ::-1] // (1 + shade)
    return wrap_argb(argb, opaque=True)


def all_keys() -> list[TileKey]:
    return [key for level in range(len(PYRAMID.levels)) for key in PYRAMID.all_tiles(level)]


@functools.cache
def images() -> dict[TileKey, QImage]:
    return {key: tile_image(key) for key in all_keys()}


def full_cache(but: Collection[TileKey] = ()) -> TileCache:
    cache = TileCache()
    for key, image in images().items():
        if key not in but:
            cache.put(key, image)
    return cache


FULL = all_keys()


def painted(paint: Callable[[QPainter, Viewport], None], viewport: Viewport) -> RGB:
    paper = QImage(*viewport.size, QImage.Format.Format_RGB32)
    paper.fill(0xFFFF00FF)
    painter = QPainter(paper)
    paint(painter, viewport)
    painter.end()
    return pixels_of(paper)


def tile_by_tile(cache: TileCache) -> Callable[[QPainter, Viewport], None]:
    def paint(painter: QPainter, viewport: Viewport) -> None:
        pieces = draw_list(PYRAMID, viewport, cache.is_there)
        found = [(piece, cache.find(piece.key)) for piece in pieces]
        paint_tiles(painter, viewport, [(piece, tile.image) for piece, tile in found if tile is not None])

    return paint


def bare(picture: RGB) -> NDArray[np.bool_]:
    return np.asarray((picture == NOTHING).all(axis=-1))


def well_inside(viewport: Viewport, pixels: int = 2) -> NDArray[np.bool_]:
    """Device pixels of a view that lie on the slide, but for some at its edge."""
    columns, rows = np.meshgrid(np.arange(viewport.size[0]) + 0.5, np.arange(viewport.size[1]) + 0.5)
    places = viewport.to_slide(np.column_stack([columns.ravel(), rows.ravel()]))
    edge = pixels * viewport.downsample
    inside = ((places > edge) & (places < np.asarray(SIZE) - edge)).all(axis=1)
    return np.asarray(inside.reshape(columns.shape))


centers = st.tuples(st.floats(-20, SIZE[0] + 20), st.floats(-20, SIZE[1] + 20))
fixture = HealthCheck.function_scoped_fixture
few = settings(max_examples=25, deadline=None, suppress_health_check=[fixture])


@few
@given(centers, st.sampled_from([1.0, 2.0, 4.0]), st.sampled_from([0, 90, 180, 270]), st.booleans())
def test_a_levels_own_pixels_are_the_same_bytes(
    center: tuple[float, float], downsample: float, turn: int, mirrored: bool
) -> None:
    viewport = Viewport(center, downsample, float(turn), VIEW, mirrored)
    cache = full_cache()
    shown = painted(MosaicPainter(PYRAMID, cache).paint, viewport)
    assert np.array_equal(shown, painted(tile_by_tile(cache), viewport))


@few
@given(centers, st.sampled_from([1.0, 2.0, 4.0]))
def test_a_new_place_is_painted_as_it_is_once_it_was_taken_in(
    center: tuple[float, float], downsample: float
) -> None:
    viewport = Viewport(center, downsample, 0.0, VIEW)
    painter = MosaicPainter(PYRAMID, full_cache())
    straight = painted(painter.paint, viewport)
    painter.take_in(viewport, ahead=True)
    assert np.array_equal(painted(painter.paint, viewport), straight)
    assert np.array_equal(straight, painted(tile_by_tile(full_cache()), viewport))


@few
@example((225.0, 2.0), 5.4375, 0.0, False)
@given(centers, st.floats(0.1, 7), st.floats(0, 360), st.booleans())
def test_any_view_is_close_to_tile_by_tile_and_has_no_gap(
    center: tuple[float, float], downsample: float, turn: float, mirrored: bool
) -> None:
    viewport = Viewport(center, downsample, turn, VIEW, mirrored)
    cache = full_cache()
    shown = painted(MosaicPainter(PYRAMID, cache).paint, viewport)
    inside = well_inside(viewport)
    assert not bare(shown)[inside].any()
    other = painted(tile_by_tile(cache), viewport)
    # Tile by tile each edge is rounded to a pixel, and a turned slide has a few gaps.
    comparable = inside & ~bare(other)
    shifts = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    apart = [np.abs(shown.astype(int) - np.roll(other, shift, (0, 1))) for shift in shifts]
    difference = np.min(apart, axis=0)[comparable]
    assert difference.size == 0 or difference.mean() < 4


@few
@given(centers, st.floats(0.6, 7), st.floats(0, 360), st.sets(st.sampled_from(FULL[:80]), max_size=60))
def test_missing_tiles_leave_no_gap(
    center: tuple[float, float], downsample: float, turn: float, missing: set[TileKey]
) -> None:
    viewport = Viewport(center, downsample, turn, VIEW)
    whole = painted(MosaicPainter(PYRAMID, full_cache()).paint, viewport)
    shown = painted(MosaicPainter(PYRAMID, full_cache(missing)).paint, viewport)
    inside = well_inside(viewport)
    assert not bare(shown)[inside].any()
    assert not inside.any() or np.abs(shown.astype(int) - whole)[inside].mean() < 25


def test_where_nothing_is_there_the_paper_stays() -> None:
    viewport = Viewport((300.0, 200.0), 1.3, 20.0, VIEW)
    assert bare(painted(MosaicPainter(PYRAMID, TileCache()).paint, viewport)).all()


steps = st.lists(
    st.tuples(
        centers, st.sampled_from([0.4, 1.0, 1.7, 2.0, 3.1, 5.0]), st.sampled_from([0.0, 17.0, 90.0, 200.0])
    ),
    min_size=2,
    max_size=8,
)


@settings(few, max_examples=12)
@given(steps)
def test_a_picture_that_outlives_frames_never_shows_an_old_place(
    ways: list[tuple[tuple[float, float], float, float]],
) -> None:
    cache = full_cache()
    painter = MosaicPainter(PYRAMID, cache)
    for center, downsample, turn in ways:
        viewport = Viewport(center, downsample, turn, VIEW)
        fresh = painted(MosaicPainter(PYRAMID, cache).paint, viewport)
        shown = painted(painter.paint, viewport)
        if painter.is_behind:
            shown = painted(painter.paint, viewport)
        assert not painter.is_behind, "a view at rest is painted as sharp as it can be"
        difference = np.abs(shown.astype(int) - fresh)
        # The pictures begin at different tiles, which moves the smoothing, and a turned edge, by rounding.
        assert difference[well_inside(viewport)].max(initial=0) <= 8
        assert difference.mean() < 0.5


@pytest.mark.parametrize("turn", [0.0, 90.0, 180.0])
def test_a_picture_goes_along_with_the_view(turn: float) -> None:
    cache = full_cache()
    painter = MosaicPainter(PYRAMID, cache)
    x, y = 350.0, 250.0
    ways = [(60, 0)] * 4 + [(0, 60)] * 3 + [(-60, -60)] * 7 + [(60, -60), (-90, 180), (200, 90)]
    for right, down in ways:
        x, y = x + right, y + down
        # Almost as coarse as the next level: the picture has hardly more tiles than are seen.
        viewport = Viewport((x, y), 1.9, turn, VIEW)
        fresh = painted(MosaicPainter(PYRAMID, cache).paint, viewport).astype(int)
        assert np.abs(painted(painter.paint, viewport) - fresh)[well_inside(viewport)].max(initial=0) <= 8


def test_a_tile_made_again_is_shown_and_one_thrown_out_is_not() -> None:
    viewport = Viewport((350.0, 250.0), 1.0, 0.0, VIEW)
    cache = full_cache()
    painter = MosaicPainter(PYRAMID, cache)
    before = painted(painter.paint, viewport)
    key = TileKey(0, 5, 4, generation=1)
    cache.put(key, tile_image(key, shade=1))
    after = painted(painter.paint, viewport)
    x, y = 320 - (350 - VIEW[0] // 2), 256 - (250 - VIEW[1] // 2)
    place = np.s_[y : y + 64, x : x + 64]
    assert np.array_equal(after[place], before[place] // 2)
    cache.clear()
    assert bare(painted(painter.paint, viewport)).all()


def test_the_level_before_stands_in_while_another_is_read() -> None:
    fine = Viewport((350.0, 250.0), 1.0, 0.0, VIEW)
    coarse = Viewport((350.0, 250.0), 2.1, 0.0, (100, 80))
    cache = full_cache(but=[*PYRAMID.all_tiles(1)])
    painter = MosaicPainter(PYRAMID, cache)
    painted(painter.paint, fine)
    painter.take_in(fine, ahead=True)
    shown = painted(painter.paint, coarse)
    wanted = painted(MosaicPainter(PYRAMID, full_cache()).paint, coarse)
    blurred = painted(
        MosaicPainter(PYRAMID, full_cache(but=[*PYRAMID.all_tiles(0), *PYRAMID.all_tiles(1)])).paint, coarse
    )
    assert not bare(shown).any()
    assert np.abs(shown.astype(int) - wanted).mean() < 0.5 * np.abs(blurred.astype(int) - wanted).mean()


def test_many_missing_tiles_are_one_piece_of_each_coarser_tile() -> None:
    missing = PYRAMID.all_tiles(0)
    pieces = stand_ins(PYRAMID, missing, lambda key: key.level == PYRAMID.coarsest)
    assert sorted(piece.key for piece in pieces) == sorted(PYRAMID.all_tiles(PYRAMID.coarsest))


def test_neighbors_from_one_tile_are_joined() -> None:
    missing = [TileKey(0, column, row) for column in (0, 1, 2, 3) for row in (0, 1)]
    (piece,) = stand_ins(PYRAMID, missing, lambda key: key.level == 2)
    assert piece.key == TileKey(2, 0, 0)
    # A pixel more than the missing places, also where its tile ends, but not beyond the slide.
    assert piece.edges == (0.0, 0.0, 257.0, 129.0)
    assert piece.source == (0.0, 0.0, 64.0, 32.25)


def test_memory_is_that_of_a_view_until_the_next_level() -> None:
    cache = full_cache()
    painter = MosaicPainter(PYRAMID, cache)
    painted(painter.paint, Viewport((350.0, 250.0), 1.0, 0.0, VIEW))
    held = painter.nbytes
    assert held <= 2 * 4 * (2 * VIEW[0] + 2 * 64) * (2 * VIEW[1] + 2 * 64)
    for downsample in (1.1, 1.5, 1.9):
        painted(painter.paint, Viewport((350.0, 250.0), downsample, 0.0, VIEW))
    assert painter.nbytes == held


@few
@given(st.sets(st.tuples(st.integers(-3, 6), st.integers(-3, 6)), max_size=60))
def test_runs_are_the_tiles_each_once(places: set[tuple[int, int]]) -> None:
    covered = [
        (x, y)
        for column, row, columns, rows in runs(places)
        for x in range(column, column + columns)
        for y in range(row, row + rows)
    ]
    assert sorted(covered) == sorted(places)


def test_a_full_rectangle_of_tiles_is_one_run() -> None:
    assert runs({(x, y) for x in range(2, 6) for y in range(3, 5)}) == [(2, 3, 4, 2)]


def clear_cache(but: Collection[TileKey] = ()) -> TileCache:
    """Transparent tiles: lines of one color, every third tile empty."""
    cache = TileCache()
    for number, key in enumerate(FULL):
        if key in but:
            continue
        _, _, width, height = PYRAMID.pixel_rect(key)
        argb = np.zeros((height, width, 4), np.uint8)
        argb[10:20, :] = argb[:, 10:20] = (40, 160, 90, 255)
        cache.put(key, QImage() if number % 3 == 0 else wrap_argb(argb))
    return cache


@pytest.mark.parametrize("rotation", [0.0, 90.0, 180.0])
@pytest.mark.parametrize("downsample", [0.6, 1.0, 1.5, 2.0, 3.3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_transparent_tiles_as_one_picture_look_as_tile_by_tile(
    rotation: float, downsample: float, mirrored: bool
) -> None:
    cache = clear_cache()
    painter = ClearPainter(PYRAMID, cache)

    def by_tile(on: QPainter, viewport: Viewport) -> None:
        pieces = draw_list(PYRAMID, viewport, cache.is_there)
        paint_tiles(on, viewport, [(piece, cache.find(piece.key).image) for piece in pieces])

    def as_one(on: QPainter, viewport: Viewport) -> None:
        if not painter.paint(on, viewport):
            by_tile(on, viewport)

    ways = []
    for x in (300.0, 320.0):  # the second is found in the picture of the first
        viewport = Viewport((x, 260.0), downsample, rotation, VIEW, mirrored)
        one, other = painted(as_one, viewport).astype(int), painted(by_tile, viewport).astype(int)
        assert ((one != other).any(2)).mean() < 0.12, "only edges of lines differ"
        assert np.abs(one - other).mean() < 6
        ways.append(((one != (255, 0, 255)).any(2)).mean())
    assert min(ways) > 0.1


def test_transparent_tiles_are_not_one_picture_while_some_are_missing() -> None:
    viewport = Viewport((300.0, 260.0), 1.5, 0.0, VIEW)
    seen = PYRAMID.tiles_in_view(0, viewport)
    paper = QImage(*VIEW, QImage.Format.Format_RGB32)
    painter = QPainter(paper)
    assert not ClearPainter(PYRAMID, clear_cache(seen[:1])).paint(painter, viewport)
    assert ClearPainter(PYRAMID, clear_cache()).paint(painter, viewport)
    painter.end()
