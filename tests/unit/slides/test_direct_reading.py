"""Tiles read without OpenSlide: the same bytes as with it, on every kind of JPEG slide."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.errors import SlideReadError
from desktop_app.slides import OpenSlideReader, Slide, SlideOpener
from desktop_app.slides.direct_tiles import DirectTiles
from desktop_app.slides.openslide_reader import OpenSlideSource
from tests.support.shared_data import shared_file
from tests.support.slide_factory import (
    JpegKind,
    aperio_description,
    damage_tile,
    textured,
    write_jpeg_slide,
    write_pyramid,
)

DIRECT = SlideOpener([OpenSlideReader()])
WITHOUT_MEMORY = SlideOpener([OpenSlideReader(0)])
OPENSLIDE = SlideOpener([OpenSlideReader(direct=False)])

KINDS = [
    JpegKind(),
    JpegKind(subsampling="444"),
    JpegKind(subsampling="422"),
    JpegKind(photometric="rgb"),
    JpegKind(shared_tables=False),
    JpegKind(photometric="rgb", shared_tables=False, bigtiff=True),
    JpegKind(bigtiff=True, byteorder=">"),
]


def direct_of(slide: Slide) -> DirectTiles:
    source = slide._source
    assert isinstance(source, OpenSlideSource)
    assert source._direct is not None
    return source._direct


def is_direct(slide: Slide, level: int) -> bool:
    """Whether the pixels of a level come without OpenSlide."""
    return direct_of(slide).read((0, 0), level, (16, 16)) is not None


def windows(size: tuple[int, int], count: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Corners and sizes inside, across and beyond the edges of a level."""
    random = np.random.default_rng(5)
    width, height = size
    found = [((-20, -30), (90, 80)), ((width - 40, height - 30), (100, 90)), ((width + 5, 0), (10, 10))]
    for _ in range(count):
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        found.append(((x, y), (int(random.integers(1, 400)), int(random.integers(1, 400)))))
    return found


@pytest.mark.parametrize("opener", [DIRECT, WITHOUT_MEMORY], ids=["memory", "no memory"])
@pytest.mark.parametrize("tile", [(256, 256), (240, 240), (512, 512), (128, 256)])
def test_pixels_equal_openslides_for_every_size_of_tile(
    tmp_path: Path, tile: tuple[int, int], opener: SlideOpener
) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(900, 700), tile=tile)
    with opener.open(path) as ours, OPENSLIDE.open(path) as theirs:
        for level in ours.info.levels:
            assert is_direct(ours, level.index)
            step = int(level.downsample)
            for (x, y), size in windows(level.size, 25):
                place = (x * step, y * step)
                wanted = theirs.read_argb(place, level.index, size)
                assert np.array_equal(ours.read_argb(place, level.index, size), wanted)
                assert np.array_equal(ours.read_level((x, y), level.index, size), wanted)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("vendor", ["generic-tiff", "aperio"])
def test_pixels_equal_openslides_for_every_kind_of_jpeg(tmp_path: Path, kind: JpegKind, vendor: str) -> None:
    description = aperio_description() if vendor == "aperio" else ""
    path = write_jpeg_slide(tmp_path / "a.svs", textured(600, 400), kind, description=description)
    with DIRECT.open(path) as ours, OPENSLIDE.open(path) as theirs:
        assert ours.info.vendor == vendor
        for level in ours.info.levels:
            assert is_direct(ours, level.index)
            wanted = theirs.read_argb((0, 0), level.index, level.size)
            assert np.array_equal(ours.read_argb((0, 0), level.index, level.size), wanted)


@settings(max_examples=60, deadline=None)
@given(
    x=st.integers(-300, 700), y=st.integers(-300, 500), width=st.integers(1, 600), height=st.integers(1, 600)
)
def test_any_window_equals_openslides(
    tmp_path_factory: pytest.TempPathFactory, x: int, y: int, width: int, height: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.tif"
    if not path.exists():
        write_jpeg_slide(path, textured(613, 411), levels=1)
    with WITHOUT_MEMORY.open(path) as ours, OPENSLIDE.open(path) as theirs:
        assert is_direct(ours, 0)
        wanted = theirs.read_argb((x, y), 0, (width, height))
        assert np.array_equal(ours.read_argb((x, y), 0, (width, height)), wanted)


def test_pixels_beyond_the_level_are_transparent_whatever_the_file_holds_there(tmp_path: Path) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(300, 270), levels=1)
    with DIRECT.open(path) as slide:
        corner = slide.read_argb((256, 256), 0, (256, 256))
    assert (corner[:14, :44, 3] == 255).all()
    assert not corner[14:].any()
    assert not corner[:, 44:].any()


def test_results_are_the_callers_own(tmp_path: Path) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(600, 500), levels=1)
    with DIRECT.open(path) as slide:
        for place in ((0, 0), (100, 100)):
            first = slide.read_argb(place, 0, (256, 256))
            assert first.flags.c_contiguous
            assert first.flags.writeable
            kept = first.copy()
            first[:] = 7
            assert np.array_equal(slide.read_argb(place, 0, (256, 256)), kept)


def test_a_level_between_whole_downsamples_is_read_on_its_own_grid(tmp_path: Path) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(901, 703), levels=2)
    with DIRECT.open(path) as ours, OPENSLIDE.open(path) as theirs:
        level = ours.info.levels[1]
        assert not level.downsample.is_integer()
        assert is_direct(ours, 1)
        whole = theirs.read_argb((0, 0), 1, level.size)
        window = ours.read_level((100, 64), 1, (200, 180))
        assert np.array_equal(window, whole[64:244, 100:300])
        # By way of level 0 both interpolate, so that analyzed pixels do not depend on the way they were read.
        place = (round(100 * level.downsample), round(64 * level.downsample))
        through = theirs.read_argb(place, 1, (200, 180))
        assert np.array_equal(ours.read_argb(place, 1, (200, 180)), through)
        assert not np.array_equal(through, window)
        rounded = theirs.read_level((100, 64), 1, (200, 180))
        assert np.array_equal(rounded, through)


def test_a_place_between_the_pixels_of_a_level_is_openslides(tmp_path: Path) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(800, 600))
    with DIRECT.open(path) as ours, OPENSLIDE.open(path) as theirs:
        assert ours.info.levels[1].downsample == 2
        ours_between, theirs_between = (s.read_argb((301, 203), 1, (90, 80)) for s in (ours, theirs))
        assert np.array_equal(ours_between, theirs_between)
        assert not np.array_equal(ours_between, ours.read_argb((300, 202), 1, (90, 80)))


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("CMU-1-Small-Region.svs", [0]),
        ("TCGA-CR-7395-01A-01-TS1.svs", []),
        ("small.svs", [0]),
        ("boxes.tiff", []),
    ],
)
def test_real_slides_read_directly_where_they_hold_jpeg(name: str, levels: list[int]) -> None:
    path = shared_file(f"slides/{name}")
    with DIRECT.open(path) as ours, OPENSLIDE.open(path) as theirs:
        source = ours._source
        assert isinstance(source, OpenSlideSource)
        assert [n for n in range(len(ours.info.levels)) if source._direct and is_direct(ours, n)] == levels
        for level in ours.info.levels:
            for (x, y), size in windows(level.size, 6):
                place = (round(x * level.downsample), round(y * level.downsample))
                wanted = theirs.read_argb(place, level.index, size)
                assert np.array_equal(ours.read_argb(place, level.index, size), wanted)


def test_other_compressions_are_left_to_openslide(tmp_path: Path) -> None:
    with DIRECT.open(write_pyramid(tmp_path / "a.tif")) as slide:
        source = slide._source
        assert isinstance(source, OpenSlideSource)
        assert source._direct is None
        assert slide.read_shrunk((0, 0), 0, (10, 10), 2) is None


def test_a_damaged_tile_is_an_error_of_its_own(tmp_path: Path) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(700, 500), levels=1)
    damage_tile(path, 1)
    with DIRECT.open(path) as ours, OPENSLIDE.open(path) as theirs:
        assert is_direct(ours, 0)
        for slide in (ours, theirs, ours):
            with pytest.raises(SlideReadError) as caught:
                slide.read_argb((300, 10), 0, (50, 50))
            assert caught.value.location == (300, 10)
        assert ours.read_shrunk((0, 0), 0, (300, 100), 2) is None
        wanted = theirs.read_argb((0, 0), 0, (256, 256))
        assert np.array_equal(ours.read_argb((0, 0), 0, (256, 256)), wanted)


def test_a_tile_whose_data_ends_early_is_refused_as_openslide_refuses_it(tmp_path: Path) -> None:
    import tifffile

    path = write_jpeg_slide(tmp_path / "a.tif", textured(600, 300), levels=1)
    with tifffile.TiffFile(path) as tiff:
        offset, length = tiff.pages[0].dataoffsets[1], tiff.pages[0].databytecounts[1]
    with path.open("r+b") as file:
        file.seek(offset + length // 3)
        file.write(b"\xff\xd9" + bytes(length - length // 3 - 2))
    with DIRECT.open(path) as ours, OPENSLIDE.open(path) as theirs:
        assert is_direct(ours, 0)
        for slide in (ours, theirs):
            with pytest.raises(SlideReadError):
                slide.read_argb((256, 0), 0, (256, 256))


def test_a_missing_tile_is_what_openslide_makes_of_it(tmp_path: Path) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(700, 500), levels=1)
    forget_tile(path, 4)
    with DIRECT.open(path) as ours, OPENSLIDE.open(path) as theirs:
        assert is_direct(ours, 0)
        assert direct_of(ours).read((256, 256), 0, (64, 64)) is None
        for place in ((200, 200), (0, 0), (256, 256)):
            wanted = theirs.read_argb(place, 0, (256, 256))
            assert np.array_equal(ours.read_argb(place, 0, (256, 256)), wanted)
        assert not theirs.read_argb((256, 256), 0, (256, 244)).any()


def forget_tile(path: Path, index: int) -> None:
    """Set a tile's byte count to 0, as scanners do for glass they did not scan."""
    import tifffile

    with tifffile.TiffFile(path) as tiff:
        counts = tiff.pages[0].tags[325]
        where, size = counts.valueoffset, {3: 2, 4: 4}[int(counts.dtype)]
    with path.open("r+b") as file:
        file.seek(where + index * size)
        file.write(bytes(size))


def test_threads_see_the_pixels_that_one_thread_sees(tmp_path: Path) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(900, 700))
    places = [(37 * index % 800, 53 * index % 600) for index in range(200)]
    with DIRECT.open(path) as slide, OPENSLIDE.open(path) as theirs, ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda place: slide.read_argb(place, 0, (90, 170)), places))
        alone = [theirs.read_argb(place, 0, (90, 170)) for place in places]
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


def test_a_level_that_differs_is_left_to_openslide_and_the_log_names_no_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_jpeg_slide(tmp_path / "Müller.tif", textured(600, 400))
    with DIRECT.open(path) as ours, OPENSLIDE.open(path) as theirs, caplog.at_level(logging.INFO):
        level = direct_of(ours)._levels[1]
        spoil_tables(level._tiles)
        assert not is_direct(ours, 1)
        assert is_direct(ours, 0)
        wanted = theirs.read_argb((0, 0), 1, (200, 200))
        assert np.array_equal(ours.read_argb((0, 0), 1, (200, 200)), wanted)
    assert "Level 1 of a slide is left to OpenSlide: pixels read directly differ" in caplog.text
    assert "Müller" not in caplog.text


def spoil_tables(tiles: object) -> None:
    """Have the tiles decoded as if their samples were red, green and blue."""
    decoder = tiles._decoder
    decoder._head = decoder._head[:-1] + b"\x00"


def test_closing_ends_direct_reading(tmp_path: Path) -> None:
    slide = DIRECT.open(write_jpeg_slide(tmp_path / "a.tif", textured(600, 400)))
    slide.read_argb((0, 0), 0, (10, 10))
    slide.close()
    with pytest.raises(ValueError, match="was closed"):
        slide.read_level((0, 0), 0, (1, 1))
    with pytest.raises(ValueError, match="no such region"):
        slide.read_level((0, 0), 5, (1, 1))


def test_a_file_out_of_reach_is_read_directly_again_when_it_is_back(tmp_path: Path) -> None:
    """Also where it was away when a level was to be proven: that says nothing about its pixels."""
    path = write_jpeg_slide(tmp_path / "a.tif", textured(600, 400))
    with DIRECT.open(path) as slide:
        assert is_direct(slide, 0)
        wanted = slide.read_argb((0, 0), 0, (256, 256))
        file = direct_of(slide)._file
        path.rename(tmp_path / "away.tif")
        file._forget(file._shared())
        assert direct_of(slide).read((256, 0), 0, (256, 256)) is None
        assert not is_direct(slide, 1)
        (tmp_path / "away.tif").rename(path)
        assert is_direct(slide, 1)
        assert np.array_equal(direct_of(slide).read((0, 0), 0, (256, 256)), wanted)
