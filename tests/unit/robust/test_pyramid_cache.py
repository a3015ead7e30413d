"""Levels made of a slide that has one: true once made, guessed before, kept, and never analyzed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_app.domain.slide_info import Level, SlideInfo
from desktop_app.errors import SlideGoneError, SlideReadError
from desktop_app.slides import OpenSlideReader, Slide, SlideOpener
from desktop_app.slides.pyramid_builder import GONE_AFTER, PyramidBuilder
from desktop_app.slides.pyramid_cache import MadeLevels, open_made_levels
from desktop_app.slides.pyramid_overview import PART_READ, missing_levels
from desktop_app.slides.pyramid_parts import PartKind
from desktop_app.slides.pyramid_store import PartKey, store_path
from tests.support.fluorescence import Fluorescence
from tests.support.slide_factory import write_mosaic

Pixels = NDArray[np.uint8]


class Watched:
    """A slide whose reads are counted and can be spoiled; ``shrinks``: whether the decoder makes smaller."""

    def __init__(self, slide: Slide, *, shrinks: bool = True) -> None:
        self._slide = slide
        self._shrinks = shrinks
        self.error: Callable[[tuple[int, int]], SlideReadError | None] = lambda _corner: None
        self.reads: list[tuple[int, int]] = []
        self.on_read: Callable[[], None] = lambda: None

    @property
    def info(self) -> SlideInfo:
        return self._slide.info

    def read_argb(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> Pixels:
        self._look(location, size)
        return self._slide.read_argb(location, level, size)

    def read_shrunk(
        self, corner: tuple[int, int], level: int, size: tuple[int, int], shrink: int
    ) -> Pixels | None:
        if not self._shrinks:
            return None
        self._look(
            (corner[0] * shrink, corner[1] * shrink),
            (size[0] * shrink, size[1] * shrink),
        )
        return self._slide.read_shrunk(corner, level, size, shrink)

    def read_channels(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> Pixels:
        raise AssertionError("this slide has no channels")

    def _look(self, corner: tuple[int, int], size: tuple[int, int]) -> None:
        self.reads.append(corner)
        self.on_read()
        spots = [
            (x, y) for x in (corner[0], corner[0] + size[0] - 1) for y in (corner[1], corner[1] + size[1] - 1)
        ]
        error = next((found for spot in [*spots] if (found := self.error(spot))), None)
        if error is not None:
            raise error


def colors(columns: int, rows: int) -> Pixels:
    """Few colors, so that the file stays small; no two neighbors alike."""
    y, x = np.mgrid[:rows, :columns]
    return np.stack([40 * (x % 5) + 30, 40 * (y % 5) + 30, 60 * ((x + y) % 4) + 20], axis=-1).astype(np.uint8)


@pytest.fixture(scope="module")
def mosaic(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Pixels]:
    """A slide of 5,500 × 4,500 px with one level: three by three parts, the last ones cut off."""
    picture = colors(22, 18)
    path = tmp_path_factory.mktemp("slides") / "one level.tif"
    return write_mosaic(path, picture, size=(5500, 4500)), picture


@pytest.fixture
def open_slide() -> Iterator[Callable[[Path], Slide]]:
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(SlideOpener([OpenSlideReader()]).open(path))


def made_of(slide: Watched, folder: Path) -> MadeLevels:
    made = open_made_levels(slide.info, folder)
    assert made is not None
    return made


def rgb(argb: Pixels | None) -> Pixels:
    assert argb is not None
    assert (argb[..., 3] == 255).all()
    return argb[..., 2::-1]


def test_only_slides_without_coarse_levels_need_them(
    mosaic: tuple[Path, Pixels], open_slide: Callable[[Path], Slide]
) -> None:
    info = open_slide(mosaic[0]).info

    def needed(*downsamples: float, size: int = 100_000) -> list[int]:
        from dataclasses import replace

        levels = tuple(
            Level(index, (round(size / d), round(size / d)), d) for index, d in enumerate(downsamples)
        )
        return [group.level for group in missing_levels(replace(info, size=(size, size), levels=levels))]

    assert needed(1) == [0]
    assert needed(1, 64) == [0]
    assert needed(1, size=4000) == []
    assert needed(1, 4, 16, 64) == []
    assert needed(1, 2, 4, 8, 16, 32) == []
    assert needed(1, 8, 64) == []
    assert needed(1, 4, 16) == [2]
    assert open_made_levels(replace_levels(info), Path("nowhere")) is None


def replace_levels(info: SlideInfo) -> SlideInfo:
    from dataclasses import replace

    return replace(info, levels=(Level(0, (700, 500), 1.0),))


@pytest.mark.parametrize("shrinks", [True, False], ids=["by the decoder", "by area"])
def test_made_levels_are_the_slide_made_smaller(
    mosaic: tuple[Path, Pixels], tmp_path: Path, open_slide: Callable[[Path], Slide], shrinks: bool
) -> None:
    path, picture = mosaic
    slide = Watched(open_slide(path), shrinks=shrinks)
    with made_closed(made_of(slide, tmp_path)) as made:
        assert PyramidBuilder(slide, made).run() == ""
        assert made.is_complete
        assert made.progress == 1
        (group,) = made.groups
        for shrink in (8, 16, 32):
            width, height = group.size_at(shrink)
            whole = made.read(0, shrink, corner=(0, 0), size=(width, height))
            assert whole.version is None
            assert whole.unreadable == ()
            side = 256 // shrink
            wanted = np.kron(picture, np.ones((side, side, 1), np.uint8))[:height, :width]
            difference = np.abs(rgb(whole.pixels).astype(int) - wanted)
            # JPEG blurs the edges of the tiles; away from them colors are right.
            assert np.median(difference) <= 3
            assert difference.mean() <= 6
            # Any rectangle is the same part of the whole.
            part = made.read(0, shrink, corner=(37, 21), size=(90, 60))
            assert (rgb(part.pixels) == rgb(whole.pixels)[21:81, 37:127]).all()


class made_closed:  # noqa: N801 - reads like contextlib.closing
    """Closes made levels at the end (as a context of their own they are for builders)."""

    def __init__(self, made: MadeLevels) -> None:
        self._made = made

    def __enter__(self) -> MadeLevels:
        return self._made

    def __exit__(self, *_error: object) -> None:
        self._made.close()


def test_a_second_opening_has_everything_and_reads_nothing(
    mosaic: tuple[Path, Pixels], tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    slide = Watched(open_slide(mosaic[0]))
    with made_closed(made_of(slide, tmp_path)) as first:
        PyramidBuilder(slide, first).run()
        before = rgb(first.read(0, 16, corner=(0, 0), size=(344, 282)).pixels).copy()
    slide.reads.clear()
    with made_closed(made_of(slide, tmp_path)) as second:
        assert second.is_complete
        assert PyramidBuilder(slide, second).run() == ""
        again = second.read(0, 16, corner=(0, 0), size=(344, 282))
        assert again.version is None
        assert (rgb(again.pixels) == before).all()
    assert not slide.reads


def test_a_build_that_was_stopped_goes_on_where_it_ended(
    mosaic: tuple[Path, Pixels], tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    slide = Watched(open_slide(mosaic[0]))
    made = made_of(slide, tmp_path)
    builder = PyramidBuilder(slide, made)
    reached, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        if len(slide.reads) == 4:
            reached.set()
            let_go.wait(10)

    slide.on_read = hold
    worker = threading.Thread(target=builder.run)
    worker.start()
    assert reached.wait(10)
    closer = threading.Thread(target=made.close)
    closer.start()
    closer.join(0.1)
    assert closer.is_alive(), "close waits for the read under way"
    let_go.set()
    worker.join(10)
    closer.join(10)
    assert not worker.is_alive()
    assert not closer.is_alive()
    slide.on_read = lambda: None
    slide.reads.clear()
    with made_closed(made_of(slide, tmp_path)) as again:
        done = round(again.progress * 9)
        assert 2 <= done <= 4
        PyramidBuilder(slide, again).run()
        assert again.is_complete
        assert len(slide.reads) == 9 - done


def test_there_is_a_picture_before_anything_is_made(
    tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    picture = colors(68, 66)
    picture[:, 34:] = (240, 240, 240)
    path = write_mosaic(tmp_path / "large.tif", picture)
    slide = Watched(open_slide(path))
    with made_closed(made_of(slide, tmp_path)) as made:
        builder = PyramidBuilder(slide, made)
        (group,) = made.groups
        assert made.read(0, 32, corner=(0, 0), size=(100, 100)).pixels is None

        class EnoughError(Exception):
            pass

        def enough() -> None:
            raise EnoughError

        with pytest.raises(EnoughError):
            builder.run(enough)
        assert len(slide.reads) <= 600
        assert made.progress == 0
        size = group.size_at(32)
        guess = made.read(0, 32, corner=(0, 0), size=size)
        assert guess.version is not None
        shown = rgb(guess.pixels)
        assert np.abs(shown[:, -200:].astype(int) - 240).max() <= 6
        assert shown[:, :200].mean() < 170


def test_what_is_looked_at_is_made_first(
    mosaic: tuple[Path, Pixels], tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    slide = Watched(open_slide(mosaic[0]))
    with made_closed(made_of(slide, tmp_path)) as made:
        builder = PyramidBuilder(slide, made)
        builder.look_at((4200.0, 4200.0, 500.0, 200.0))
        builder.run()
    assert slide.reads[0] == (2 * PART_READ, 2 * PART_READ)
    assert slide.reads[1:3] == [(0, 0), (PART_READ, 0)]


def test_a_part_that_is_not_made_is_provisional_and_the_others_are_not(
    mosaic: tuple[Path, Pixels], tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    slide = Watched(open_slide(mosaic[0]))
    with made_closed(made_of(slide, tmp_path)) as made:
        green = np.full((256, 256, 3), (10, 200, 30), np.uint8)
        before = made.version(0, 8, corner=(0, 0), size=(300, 100))
        made.add_part(PartKey(0, 0, 0), green)
        assert made.read(0, 8, corner=(0, 0), size=(256, 256)).version is None
        mixed = made.read(0, 8, corner=(0, 0), size=(300, 100))
        assert mixed.version is not None
        assert mixed.version != before
        assert np.abs(rgb(mixed.pixels)[:, :250].astype(int) - (10, 200, 30)).max() <= 3
        assert (rgb(mixed.pixels)[:, 260:] == 160).all(), "unknown is gray, never white"


@pytest.fixture(scope="module")
def ribbon(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Pixels]:
    """33,280 × 2,560 px: so long that the finer made levels do not fit in memory."""
    picture = colors(130, 10)
    return write_mosaic(tmp_path_factory.mktemp("slides") / "ribbon.tif", picture), picture


@pytest.mark.parametrize("shrink", [8, 16, 32, 64])
def test_finer_levels_come_from_the_file_of_parts(
    ribbon: tuple[Path, Pixels], tmp_path: Path, open_slide: Callable[[Path], Slide], shrink: int
) -> None:
    path, picture = ribbon
    slide = Watched(open_slide(path))
    with made_closed(made_of(slide, tmp_path)) as made:
        (group,) = made.groups
        assert group.overview_shrink(3) == 32
        assert group.overview_shrink(2000) > 32
        PyramidBuilder(slide, made).run()
    with made_closed(made_of(slide, tmp_path)) as again:
        size = group.size_at(shrink)
        corner = (256 * 30 // shrink, 0)
        found = again.read(0, shrink, corner=corner, size=(size[0] - corner[0], size[1]))
        assert found.version is None
        side = 256 // shrink
        wanted = np.kron(picture, np.ones((side, side, 1), np.uint8))[:, corner[0] :]
        difference = np.abs(rgb(found.pixels).astype(int) - wanted)
        assert np.median(difference) <= 3
        assert difference.mean() <= 8


def test_a_part_that_got_lost_is_made_again(
    ribbon: tuple[Path, Pixels], tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    slide = Watched(open_slide(ribbon[0]))
    with made_closed(made_of(slide, tmp_path)) as made:
        PyramidBuilder(slide, made).run()
        true = rgb(made.read(0, 8, corner=(256, 256), size=(256, 64)).pixels)
        made._store.forget(PartKey(0, 1, 1))
        found = made.read(0, 8, corner=(256, 256), size=(256, 64))
        assert found.version is not None
        assert np.abs(rgb(found.pixels).astype(int) - true).mean() < 30, "the overview stands in"
        assert not made.is_complete
        PyramidBuilder(slide, made).run()
        again = made.read(0, 8, corner=(256, 256), size=(256, 64))
        assert again.version is None
        assert (rgb(again.pixels) == true).all()


def test_what_cannot_be_read_is_hatched_named_and_not_kept(
    mosaic: tuple[Path, Pixels], tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    slide = Watched(open_slide(mosaic[0]))

    def spoil(spot: tuple[int, int]) -> SlideReadError | None:
        inside = 2304 <= spot[0] < 2560 and 256 <= spot[1] < 512
        return SlideReadError(slide.info.path, "spoiled", spot) if inside or spot == (2048, 0) else None

    slide.error = spoil
    with made_closed(made_of(slide, tmp_path)) as made:
        assert PyramidBuilder(slide, made).run() == ""
        assert made.is_complete
        assert made.has_unreadable
        found = made.read(0, 8, corner=(256, 0), size=(256, 256))
        rects = {place.rect for place in found.unreadable}
        assert (2304.0, 256.0, 256.0, 256.0) in rects
        assert all(place.reason == "spoiled" and place.level == 0 for place in found.unreadable)
        piece = rgb(found.pixels)[34:62, 34:62].astype(int)
        assert (piece.max(axis=-1) - piece.min(axis=-1)).mean() < 4, "gray"
        assert piece.std() > 15, "striped"
        slide.error = lambda _spot: None
        made.forget_unreadable()
        assert not made.is_complete
        PyramidBuilder(slide, made).run()
        assert made.read(0, 8, corner=(256, 0), size=(256, 256)).unreadable == ()


def test_hatched_parts_are_tried_again_at_the_next_opening(
    mosaic: tuple[Path, Pixels], tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    slide = Watched(open_slide(mosaic[0]))
    slide.error = lambda spot: SlideReadError(slide.info.path, "spoiled") if spot == (0, 0) else None
    with made_closed(made_of(slide, tmp_path)) as made:
        PyramidBuilder(slide, made).run()
        assert made.is_complete
    with made_closed(made_of(slide, tmp_path)) as again:
        assert round(again.progress * 9) == 8


@pytest.mark.parametrize("gone", [True, False])
def test_a_file_that_cannot_be_read_at_all_ends_the_build_with_the_reason(
    mosaic: tuple[Path, Pixels], tmp_path: Path, open_slide: Callable[[Path], Slide], gone: bool
) -> None:
    slide = Watched(open_slide(mosaic[0]))
    path = slide.info.path
    slide.error = lambda _spot: SlideGoneError(path) if gone else SlideReadError(path, "no answer")
    with made_closed(made_of(slide, tmp_path)) as made:
        reason = PyramidBuilder(slide, made).run()
        assert reason == ("the file is not there at the moment" if gone else "no answer")
        assert made.progress <= (0 if gone else (GONE_AFTER - 1) / 9)
        slide.error = lambda _spot: None
        made.forget_unreadable()
        assert PyramidBuilder(slide, made).run() == ""
        assert made.is_complete
        assert not made.has_unreadable


def test_analyzed_pixels_never_come_from_made_levels(
    mosaic: tuple[Path, Pixels], tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    """A cache full of lies changes the screen only."""
    slide = open_slide(mosaic[0])
    truth = slide.read_scaled((0, 0), (1600, 1200), (100, 75))
    region = slide.read_region((0, 0), 0, (600, 600))
    made = open_made_levels(slide.info, tmp_path)
    assert made is not None
    for column in range(3):
        for row in range(3):
            width, height = made.groups[0].part_size(column, row)
            made.add_part(PartKey(0, column, row), np.zeros((height, width, 3), np.uint8))
    slide.attach_made_levels(made)
    assert slide.made_levels is made
    assert rgb(made.read(0, 16, corner=(0, 0), size=(100, 100)).pixels).max() <= 3
    assert (slide.read_scaled((0, 0), (1600, 1200), (100, 75)) == truth).all()
    assert (slide.read_region((0, 0), 0, (600, 600)) == region).all()
    assert [level.index for level in slide.info.levels] == [0]
    reference = cv2.resize(
        slide.read_region((0, 0), 0, (1600, 1200)), (100, 75), interpolation=cv2.INTER_AREA
    )
    assert np.abs(truth.astype(int) - reference).mean() < 4
    slide.close()
    assert made.is_closing


def test_channels_of_a_fluorescence_slide_are_kept_as_they_are(tmp_path: Path) -> None:
    slide = Fluorescence()
    made = open_made_levels(slide.info, tmp_path)
    assert made is not None
    with made_closed(made):
        assert PyramidBuilder(slide, made).run() == ""
    again = open_made_levels(slide.info, tmp_path)
    assert again is not None
    with made_closed(again):
        assert again.is_complete
        found = again.read(0, 16, corner=(10, 20), size=(100, 90))
        assert found.version is None
        assert found.pixels is not None
        assert found.pixels.dtype == np.uint16
        assert found.pixels.shape == (90, 100, 5)
        y, x = np.mgrid[20:110, 10:110] * 16 + 7.5
        wanted = np.stack([x * 10, y * 10, x + y, x * 0 + 40_000, y * 0 + 7], axis=-1)
        assert np.abs(found.pixels - wanted).max() <= 2


@pytest.mark.parametrize("channels", [1, 2, 7])
def test_parts_of_any_number_of_channels(channels: int) -> None:
    kind = PartKind(channels, is_wide=True, is_color=False)
    random = np.random.default_rng(1)
    pixels = random.integers(0, 65536, (33, 50, channels)).astype(np.uint16)
    back = kind.decoded(kind.encoded(pixels), (50, 33), 1)
    assert back is not None
    assert (back == pixels).all()
    half = kind.decoded(kind.encoded(pixels), (50, 33), 2)
    assert half is not None
    assert half.shape == (17, 25, channels)
    assert half[0, 0, 0] == pytest.approx(pixels[:2, :2, 0].mean(), abs=1)
    assert kind.decoded(kind.encoded(pixels)[:-5], (50, 33), 1) is None
    assert kind.decoded(kind.encoded(pixels), (50, 34), 1) is None
    stripes = kind.hatched((40, 40))
    assert set(np.unique(stripes)) == {0, 32767}


def test_the_store_is_found_by_the_slides_id_alone(
    mosaic: tuple[Path, Pixels], tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    slide = open_slide(mosaic[0])
    with made_closed(made_of(Watched(slide), tmp_path)):
        names = [path.name for path in tmp_path.glob("*.pyramid")]
    assert names == [store_path(tmp_path, slide.info.slide_id).name]
    assert "one level" not in names[0]
