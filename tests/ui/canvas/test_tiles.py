"""Source, loader, cache and draw list, each on its own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from desktop_app.domain.slide_info import Level
from desktop_app.domain.tile_requests import TileKey, TilePyramid, tile_levels
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas import SlideTileSource, TileCache, TileImage, TileLayer, TileLoader, tile_loader
from desktop_app.ui.canvas.draw_list import draw_list
from desktop_app.ui.canvas.tile_buffers import READY_BYTES, TileBuffers
from desktop_app.ui.canvas.tile_layer import CATCH_UP_MS, REPAINT_INTERVAL_MS
from desktop_app.ui.canvas.tile_source import tile_size_for, wrap_argb
from tests.support.pictures import pixels_of
from tests.support.watched_slide import WatchedSlide

PYRAMID = TilePyramid(
    tile_levels([Level(0, (4096, 4096), 1), Level(1, (2048, 2048), 2), Level(2, (1024, 1024), 4)]), 256
)


def image(side: int = 16) -> QImage:
    made = QImage(side, side, QImage.Format.Format_RGB32)
    made.fill("blue")
    return made


class HeldSource:
    """A source whose reads wait, and which notes what it read."""

    pyramid = PYRAMID

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.started = threading.Semaphore(0)
        self.read_keys: list[TileKey] = []
        self.fails = False

    def read(self, key: TileKey, wanted: Callable[[], bool]) -> TileImage | None:
        self.started.release()
        self.gate.wait(20)
        if self.fails:
            raise ValueError("a fault of the source")
        if not wanted():
            return None
        self.read_keys.append(key)
        return TileImage(image())


@contextmanager
def loading(source: HeldSource, threads: int = 1) -> Iterator[TileLoader]:
    loader = TileLoader(source, threads=threads)
    try:
        yield loader
    finally:
        source.gate.set()
        loader.shutdown()


def test_a_new_list_replaces_the_old_one(qtbot: QtBot) -> None:
    source = HeldSource()
    with loading(source) as loader:
        loader.set_wanted([TileKey(0, column, 0) for column in range(5)])
        source.started.acquire()
        loader.set_wanted([TileKey(0, 9, 9), TileKey(0, 8, 8)])
        source.gate.set()
        qtbot.waitUntil(lambda: len(source.read_keys) == 2)
        # The read in flight was not wanted any more; the four behind it were never begun.
        assert source.read_keys == [TileKey(0, 9, 9), TileKey(0, 8, 8)]


def test_a_tile_given_up_and_wanted_again_is_read(qtbot: QtBot) -> None:
    class GivesUpOnce(HeldSource):
        def read(self, key: TileKey, wanted: Callable[[], bool]) -> TileImage | None:
            given_up = not self.gate.is_set()
            tile = super().read(key, wanted)
            return None if given_up else tile

    source = GivesUpOnce()
    with loading(source) as loader:
        loader.set_wanted([TileKey(0, 1, 1)])
        source.started.acquire()
        loader.set_wanted([])
        loader.set_wanted([TileKey(0, 1, 1)])
        with qtbot.waitSignal(loader.delivered):
            source.gate.set()
        assert [loaded.key for loaded in loader.take()] == [TileKey(0, 1, 1)]


def test_threads_that_are_not_put_to_work_leave_the_tiles_to_the_others(qtbot: QtBot) -> None:
    source = HeldSource()
    loader = TileLoader(source, threads=2)
    loader.put_to_work(1)
    loader.set_wanted([TileKey(0, column, 0) for column in range(3)])
    assert source.started.acquire(timeout=5)
    assert not source.started.acquire(timeout=0.1), "one reads, the other waits"
    loader.put_to_work(None)
    assert source.started.acquire(timeout=5)
    loader.put_to_work(1)
    with qtbot.waitSignal(loader.delivered):
        source.gate.set()
    qtbot.waitUntil(lambda: len(source.read_keys) == 3)
    loader.shutdown()


def test_several_deliveries_are_one_signal(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tile_loader, "TELL_INTERVAL_S", 60.0)
    source = HeldSource()
    source.gate.set()
    signals: list[int] = []
    with loading(source) as loader:
        loader.delivered.connect(lambda: signals.append(1))
        loader.set_wanted([TileKey(0, column, 0) for column in range(6)])
        while len(source.read_keys) < 6:
            threading.Event().wait(0.005)
        qtbot.waitUntil(lambda: bool(signals))
        assert len(loader.take()) == 6
        assert len(signals) == 1
        assert not loader.take()


def test_what_has_arrived_is_told_although_the_next_read_hangs(qtbot: QtBot) -> None:
    class HangsOnTheLast(HeldSource):
        def read(self, key: TileKey, wanted: Callable[[], bool]) -> TileImage | None:
            if key.column < 2:
                threading.Event().wait(0.02)
                return TileImage(image())
            return super().read(key, wanted)

    source = HangsOnTheLast()
    with loading(source) as loader, qtbot.waitSignal(loader.delivered):
        loader.set_wanted([TileKey(0, column, 0) for column in range(3)])


def test_what_has_arrived_is_told_although_the_last_read_was_given_up(qtbot: QtBot) -> None:
    class GivesUp(HeldSource):
        def read(self, key: TileKey, wanted: Callable[[], bool]) -> TileImage | None:
            return super().read(key, wanted) if key.column else TileImage(image())

    source = GivesUp()
    with loading(source, threads=2) as loader:
        loader.set_wanted([TileKey(0, 1, 0)])
        source.started.acquire()
        with qtbot.waitSignal(loader.delivered):
            loader.set_wanted([TileKey(0, 0, 0)])
            threading.Event().wait(0.001)
            source.gate.set()
        assert [loaded.key for loaded in loader.take()] == [TileKey(0, 0, 0)]


def test_idle_threads_do_what_there_is_to_do_and_stop(qtbot: QtBot) -> None:
    done: list[int] = []

    def idle() -> bool:
        done.append(threading.get_ident())
        return len(done) < 3

    source = HeldSource()
    source.gate.set()
    loader = TileLoader(source, threads=2, idle=idle)
    qtbot.waitUntil(lambda: len(done) == 3)
    with qtbot.waitSignal(loader.delivered):
        loader.set_wanted([TileKey(0, 0, 0)])
    qtbot.waitUntil(lambda: len(done) == 4)
    loader.shutdown()
    assert threading.get_ident() not in done
    assert len(done) == 4


def test_idle_work_waits_until_nothing_has_come_for_a_while(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tile_loader, "REST_S", 0.5)
    begun: list[float] = []

    def idle() -> bool:
        begun.append(time.monotonic())
        return False

    source = HeldSource()
    source.gate.set()
    loader = TileLoader(source, threads=2, idle=idle)
    try:
        qtbot.waitUntil(lambda: len(begun) == 1)
        with qtbot.waitSignal(loader.delivered):
            loader.set_wanted([TileKey(0, 0, 0)])
        delivered = time.monotonic()
        qtbot.waitUntil(lambda: len(begun) == 2)
        assert begun[1] - delivered > 0.3
    finally:
        loader.shutdown()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="only Linux lets threads keep to processors")
def test_threads_share_no_processor_where_there_are_enough() -> None:
    before = os.sched_getaffinity(0)
    found: list[set[int]] = []

    def work(number: int) -> None:
        tile_loader.keep_to_own_processors(number, 2)
        found.append(os.sched_getaffinity(0))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert os.sched_getaffinity(0) == before
    assert set.union(*found) == before
    assert len(before) < 2 or not set.intersection(*found)


def test_shutting_down_waits_for_the_threads_and_drops_the_rest() -> None:
    source = HeldSource()
    loader = TileLoader(source, threads=2)
    loader.set_wanted([TileKey(0, column, 0) for column in range(9)])
    source.started.acquire()
    threading.Timer(0.05, source.gate.set).start()
    loader.shutdown()
    loader.shutdown()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("tile-loader")]
    assert not source.read_keys


def test_a_fault_of_the_source_becomes_a_failed_tile(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    source = HeldSource()
    source.fails = True
    source.gate.set()
    with loading(source) as loader:
        with qtbot.waitSignal(loader.delivered):
            loader.set_wanted([TileKey(0, 0, 0)])
        (loaded,) = loader.take()
    assert loaded.tile.unreadable == "a fault of the source"
    assert "could not be made" in caplog.text
    caplog.clear()


def test_tiles_of_an_older_generation_are_shown_but_not_sharp(qtbot: QtBot) -> None:
    source = HeldSource()
    source.gate.set()
    layer = TileLayer(source, threads=1)
    with qtbot.waitSignal(layer.sharpened):
        layer.prepare(Viewport((2048.0, 2048.0), 1.0, 0.0, (300, 300)))
    source.gate.clear()
    layer.invalidate([(2040.0, 2040.0, 5.0, 5.0)])
    assert not layer.is_sharp
    read_before = len(source.read_keys)
    with qtbot.waitSignal(layer.sharpened):
        source.gate.set()
    visible = [key for key in source.read_keys[read_before:] if key.level == 0]
    assert {key.place for key in visible if key.column == 7 and key.row == 7} == {(0, 7, 7)}
    assert all(key.generation == 1 for key in source.read_keys[read_before:])
    assert (0, 8, 8) not in {key.place for key in visible}
    layer.shutdown()


def test_a_tile_that_waits_to_be_made_again_is_not_renewed_by_a_change_elsewhere() -> None:
    cache = TileCache()
    for column in (0, 1):
        cache.put(TileKey(0, column, 0, 0), image())
    cache.renew({TileKey(0, 0, 0)}, 1)
    cache.renew({TileKey(0, 1, 0)}, 2)
    assert not cache.is_current(TileKey(0, 0, 0, 2))
    assert not cache.is_current(TileKey(0, 1, 0, 2))
    assert cache.is_current(TileKey(0, 1, 0, 1))


def test_the_cache_throws_out_the_longest_unused_but_never_the_pinned() -> None:
    one = image().sizeInBytes()
    cache = TileCache(capacity=3 * one)
    cache.put(TileKey(5, 0, 0), image(), pinned=True)
    for column in range(3):
        cache.put(TileKey(0, column, 0), image())
    cache.find(TileKey(0, 0, 0))
    cache.put(TileKey(0, 3, 0), image())
    assert not cache.is_there(TileKey(0, 1, 0))
    assert all(cache.is_there(key) for key in (TileKey(5, 0, 0), TileKey(0, 0, 0), TileKey(0, 3, 0)))
    assert cache.bytes_held == 3 * one


def test_what_is_reserved_is_taken_from_the_tiles_but_never_more_than_half() -> None:
    one = image().sizeInBytes()
    cache = TileCache(capacity=8 * one)
    for column in range(8):
        cache.put(TileKey(0, column, 0), image())
    cache.reserve(2 * one)
    assert cache.bytes_held == 6 * one
    assert not cache.is_there(TileKey(0, 1, 0))
    cache.reserve(7 * one)
    cache.put(TileKey(1, 0, 0), image())
    assert cache.bytes_held == 4 * one
    cache.reserve(0)
    cache.put(TileKey(1, 1, 0), image())
    assert cache.bytes_held == 5 * one


def test_the_cache_counts_a_replaced_tile_once_and_refuses_older_ones() -> None:
    cache = TileCache()
    cache.put(TileKey(0, 0, 0, generation=2), image(8))
    cache.put(TileKey(0, 0, 0, generation=1), image(64))
    assert cache.bytes_held == image(8).sizeInBytes()
    cache.put(TileKey(0, 0, 0, generation=3), image(32))
    assert cache.bytes_held == image(32).sizeInBytes()
    assert len(cache) == 1
    assert cache.is_current(TileKey(0, 0, 0, generation=3))
    assert not cache.is_current(TileKey(0, 0, 0, generation=4))


VIEW = Viewport((2048.0, 2048.0), 1.0, 0.0, (512, 512))


def covered(pieces: list) -> float:
    return sum((p.edges[2] - p.edges[0]) * (p.edges[3] - p.edges[1]) for p in pieces)


def test_everything_there_is_painted_as_it_is() -> None:
    pieces = draw_list(PYRAMID, VIEW, lambda key: True)
    assert {piece.key for piece in pieces} == {TileKey(0, x, y) for x in (7, 8) for y in (7, 8)}
    assert all(piece.source == (0, 0, 256, 256) for piece in pieces)


def test_a_missing_tile_is_its_piece_of_a_coarser_one() -> None:
    there = {TileKey(0, 7, 7), TileKey(0, 8, 7), TileKey(0, 7, 8), TileKey(2, 2, 2), TileKey(3, 1, 1)}
    pieces = draw_list(PYRAMID, VIEW, there.__contains__)
    (stand_in,) = [piece for piece in pieces if piece.key.level]
    assert stand_in.key == TileKey(2, 2, 2)
    assert stand_in.edges == (2048, 2048, 2304, 2304)
    assert stand_in.source == (0, 0, 64, 64)
    assert covered(pieces) == 4 * 256 * 256


def test_zooming_out_shows_the_finer_tiles_where_all_are_there() -> None:
    out = Viewport((2048.0, 2048.0), 2.0, 0.0, (256, 256))
    fine = {TileKey(0, x, y) for x in range(6, 10) for y in range(6, 10)}
    pieces = draw_list(PYRAMID, out, fine.__contains__)
    assert {piece.key.level for piece in pieces} == {0}
    assert covered(pieces) == 4 * 512 * 512
    fine.remove(TileKey(0, 6, 6))
    assert covered(draw_list(PYRAMID, out, fine.__contains__)) == 3 * 512 * 512


def test_nothing_there_paints_nothing() -> None:
    assert draw_list(PYRAMID, VIEW, lambda key: False) == []


@pytest.mark.parametrize(
    ("file_tile", "tile"),
    [((256, 256), 256), ((240, 240), 240), ((512, 512), 512), ((128, 128), 256), ((2220, 16), 256)],
)
def test_canvas_tiles_are_the_files_own_where_those_are_sensible(
    file_tile: tuple[int, int], tile: int
) -> None:
    assert tile_size_for(file_tile) == tile


def test_made_levels_are_the_mean_of_what_they_stand_for(slide: WatchedSlide) -> None:
    import cv2

    whole = slide._slide.read_region((0, 0), 0, (512, 512))
    single = SlideTileSource(OneLevel(slide))
    tile = single.read(TileKey(1, 0, 0), lambda: True)
    assert tile is not None
    wanted = cv2.resize(whole, (256, 256), interpolation=cv2.INTER_AREA)
    assert np.abs(pixels_of(tile.image).astype(int) - wanted).max() <= 1


def test_made_tiles_are_given_up_when_nobody_wants_them(slide: WatchedSlide) -> None:
    single = SlideTileSource(OneLevel(slide))
    answers = iter([True] * 4)
    assert single.read(TileKey(2, 0, 0), lambda: next(answers, False)) is None
    assert len(slide.reads) < 4


def test_a_made_tile_hatches_only_what_cannot_be_read(slide: WatchedSlide) -> None:
    slide.spoiled = (0, 0, 10, 10)
    tile = SlideTileSource(OneLevel(slide)).read(TileKey(2, 0, 0), lambda: True)
    assert tile is not None
    assert "spoiled" in tile.unreadable
    shown = pixels_of(tile.image).astype(int)
    spread = shown.max(axis=2) - shown.min(axis=2)
    assert (spread[:64, :64] <= 1).all()
    assert (spread[64:, 64:] > 20).any()


class OneLevel:
    """The finest level of a slide alone."""

    def __init__(self, slide: WatchedSlide) -> None:
        from dataclasses import replace

        self._slide = slide
        self.info = replace(slide.info, levels=slide.info.levels[:1])
        self.read_level, self.read_shrunk = slide.read_level, slide.read_shrunk


class Glass:
    """A slide that is half transparent everywhere."""

    def __init__(self, slide: WatchedSlide) -> None:
        from dataclasses import replace

        self.info = replace(slide.info, background=(10, 200, 90))

    def read_level(self, corner: tuple[int, int], level: int, size: tuple[int, int]) -> np.ndarray:
        return np.full((size[1], size[0], 4), (0, 0, 0, 0), dtype=np.uint8)


def test_transparent_pixels_are_the_slides_background(slide: WatchedSlide) -> None:
    tile = SlideTileSource(Glass(slide)).read(TileKey(0, 0, 0), lambda: True)
    assert tile is not None
    assert (pixels_of(tile.image) == (10, 200, 90)).all()


def test_a_wrapped_array_outlives_its_name() -> None:
    wrapped = wrap_argb(np.full((9, 7, 4), (1, 2, 3, 255), dtype=np.uint8))
    assert (pixels_of(wrapped) == (3, 2, 1)).all()
    assert (wrapped.width(), wrapped.height()) == (7, 9)


def test_a_tiles_memory_is_used_again_once_nobody_holds_it() -> None:
    buffers = TileBuffers(32)
    first = buffers.take((32, 32))
    second = buffers.take((10, 7))
    assert second.pixels.shape == (7, 10, 4)
    assert not np.shares_memory(first.pixels, second.pixels)
    address = first.pixels.ctypes.data
    del first
    assert buffers.take((5, 5)).pixels.ctypes.data == address


def test_memory_touched_ahead_has_an_end() -> None:
    buffers = TileBuffers(256)
    while buffers.touch_ahead():
        pass
    assert READY_BYTES <= buffers.unused_nbytes < READY_BYTES + 2**22


def test_pictures_keep_their_memory_until_they_are_gone(slide: WatchedSlide) -> None:
    source = SlideTileSource(slide)
    kept = source.read(TileKey(0, 1, 1), lambda: True)
    assert kept is not None
    before = pixels_of(kept.image).copy()
    for column in range(6):
        source.read(TileKey(0, column, 2), lambda: True)
    assert np.array_equal(pixels_of(kept.image), before)


@contextmanager
def layer_of(source: HeldSource, *, opaque: bool = False) -> Iterator[TileLayer]:
    layer = TileLayer(source, threads=1, opaque=opaque)
    try:
        yield layer
    finally:
        source.gate.set()
        layer.shutdown()


def test_a_jump_is_not_painted_blurred_at_once_but_soon(qtbot: QtBot) -> None:
    source = HeldSource()
    with layer_of(source) as layer:
        layer.prepare(VIEW)
        assert layer.waits()
        # Nothing has come by then; what there is is shown all the same.
        with qtbot.waitSignal(layer.updated, timeout=2000):
            pass
        assert not layer.is_sharp


def test_a_view_that_is_nearly_there_is_painted_at_once(qtbot: QtBot) -> None:
    source = HeldSource()
    source.gate.set()
    with layer_of(source) as layer:
        with qtbot.waitSignal(layer.sharpened):
            layer.prepare(VIEW)
        assert not layer.waits()
        source.gate.clear()
        layer.cache.clear()
        for key in PYRAMID.tiles_in_view(0, VIEW)[1:]:
            layer.cache.put(key, image())
        layer.prepare(VIEW)
        assert not layer.is_sharp
        assert not layer.waits()


def test_a_view_that_stops_in_a_new_level_is_painted_sharp(qtbot: QtBot) -> None:
    with layer_of(HeldSource(), opaque=True) as layer:
        for level in (0, 1):
            for key in PYRAMID.tiles_in_view(level, replace(VIEW, downsample=4.0)):
                layer.cache.put(key, image(256))
        paper = QImage(512, 512, QImage.Format.Format_RGB32)
        painter = QPainter(paper)

        def show(downsample: float) -> None:
            viewport = replace(VIEW, downsample=downsample)
            layer.prepare(viewport)
            layer.paint(painter, viewport, 1.0)

        told: list[int] = []
        layer.updated.connect(lambda: told.append(1))
        show(2.1)
        qtbot.wait(2 * CATCH_UP_MS)
        assert not told
        show(1.9)
        qtbot.waitUntil(lambda: told == [1])
        show(1.9)
        qtbot.wait(2 * CATCH_UP_MS)
        assert told == [1]
        painter.end()


def test_what_is_around_the_view_is_read_once_it_is_sharp_and_is_not_painted(qtbot: QtBot) -> None:
    source = HeldSource()
    source.gate.set()
    visible = set(PYRAMID.tiles_in_view(0, VIEW))
    ring = set(PYRAMID.tiles_in_view(0, VIEW, margin=1)) - visible
    pinned = [key for level in PYRAMID.pinned for key in PYRAMID.all_tiles(level)]
    with layer_of(source) as layer:
        for key in pinned:
            layer.cache.put(key, image(), pinned=True)
        with qtbot.waitSignal(layer.sharpened):
            layer.prepare(VIEW)
        assert set(source.read_keys) == visible
        told: list[int] = []
        layer.updated.connect(lambda: told.append(1))
        qtbot.waitUntil(lambda: all(layer.cache.is_there(key) for key in ring))
        qtbot.wait(2 * REPAINT_INTERVAL_MS)
        assert not told
