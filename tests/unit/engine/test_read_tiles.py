"""Reading ahead: complete, in order, honest about what cannot be read, and quick to stop."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from desktop_app.domain.recipe import TileSettings
from desktop_app.engine.job import JobControl
from desktop_app.engine.read_tiles import read_tiles
from desktop_app.engine.tiles import TilePlan, plan_tiles
from desktop_app.errors import JobCancelledError
from tests.support.engine_cases import CancelAfter, FakeDetector, MemorySlide, tissue_slide


def plan_of(slide: MemorySlide, size_px: int = 64) -> TilePlan:
    return plan_tiles(slide.info, FakeDetector().detect(slide), TileSettings(size_px), ())


def test_every_tile_comes_once_in_order_with_its_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.engine.read_tiles.BATCH_BYTES", 3 * 64 * 64 * 3)
    slide = tissue_slide()
    plan = plan_of(slide)
    batches = list(read_tiles(slide, plan, plan.candidates, control=JobControl()))
    assert max(len(batch.indices) for batch in batches) == 3
    np.testing.assert_array_equal(np.concatenate([batch.indices for batch in batches]), plan.candidates)
    pixels = np.concatenate([batch.pixels for batch in batches])
    for (x, y), tile in zip(plan.grid.locations()[plan.candidates], pixels, strict=True):
        np.testing.assert_array_equal(tile, slide.pixels[y : y + 64, x : x + 64])


def test_an_unreadable_tile_is_named_and_never_painted() -> None:
    slide = tissue_slide(unreadable=(130, 130, 140, 140))
    plan = plan_of(slide)
    batches = list(read_tiles(slide, plan, plan.candidates, control=JobControl()))
    unreadable = [tile for batch in batches for tile in batch.unreadable]
    assert [(tile.location, tile.reason) for tile in unreadable] == [((128, 128), "the tile is damaged")]
    assert sum(len(batch.pixels) for batch in batches) == len(plan.candidates) - 1
    assert sum(batch.done for batch in batches) == len(plan.candidates)


def test_cancel_ends_the_readers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.engine.read_tiles.BATCH_BYTES", 1)
    reads: list[int] = []

    class CountingSlide(MemorySlide):
        def read_scaled(self, *arguments: object) -> np.ndarray:
            reads.append(1)
            return super().read_scaled(*arguments)

    slide = CountingSlide(tissue_slide((2000, 2000)).pixels)
    plan = plan_of(slide)
    reads.clear()
    with pytest.raises(JobCancelledError):
        list(read_tiles(slide, plan, plan.candidates, control=CancelAfter(3)))
    assert len(reads) < 30 < len(plan.candidates)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("tiles")]


def test_no_more_is_read_ahead_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    tile_bytes = 64 * 64 * 3
    monkeypatch.setattr("desktop_app.engine.read_tiles.BATCH_BYTES", tile_bytes)
    monkeypatch.setattr("desktop_app.engine.read_tiles.AHEAD_BYTES", 2 * tile_bytes)
    started = threading.Semaphore(0)

    class WatchedSlide(MemorySlide):
        def read_scaled(self, *arguments: object) -> np.ndarray:
            started.release()
            return super().read_scaled(*arguments)

    slide = WatchedSlide(tissue_slide().pixels)
    plan = plan_of(slide)
    while started.acquire(blocking=False):
        pass
    read = 0
    for taken, _ in enumerate(read_tiles(slide, plan, plan.candidates, control=JobControl()), start=1):
        while started.acquire(blocking=False):
            read += 1
        assert read <= taken + 2
    assert read == len(plan.candidates)


def test_tiles_are_padded_with_white_beyond_the_extent_they_are_centered_on() -> None:
    slide = MemorySlide(np.full((200, 300, 3), 90, dtype=np.uint8))
    tissue = replace(
        FakeDetector().detect(slide), occupancy="pixels", threshold=200, extent=(100, 60, 100, 70)
    )
    plan = plan_tiles(slide.info, tissue, TileSettings(64), ())
    batches = list(read_tiles(slide, plan, plan.candidates, control=JobControl()))
    dark = sum(int((batch.pixels[..., 0] == 90).sum()) for batch in batches)
    white = sum(int((batch.pixels == 255).all(axis=3).sum()) for batch in batches)
    assert dark == 100 * 70
    assert dark + white == len(plan.candidates) * 64 * 64
