"""Opening slides and reading their pixels."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import openslide
import pytest
from numpy.typing import NDArray

from desktop_app.errors import SlideReadError, UnsupportedSlideError
from desktop_app.slides import OpenSlideReader, Slide, SlideOpener
from desktop_app.slides.identity import content_hash
from tests.support.slide_factory import (
    BLUE,
    GLASS,
    GREEN,
    RED,
    TISSUE,
    YELLOW,
    aperio_description,
    damage_tile,
    stamp,
    write_bounded,
    write_pyramid,
)

OPENER = SlideOpener([OpenSlideReader()])


def library_rgb(
    path: Path, location: tuple[int, int], level: int, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """The same region through openslide-python and PIL, on white."""
    with openslide.OpenSlide(path) as slide:
        rgba = np.asarray(slide.read_region(location, level, size)).astype(float)
    alpha = rgba[..., 3:] / 255
    return np.rint(rgba[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)


def textured(width: int, height: int) -> NDArray[np.uint8]:
    coarse = np.random.default_rng(7).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    return np.ascontiguousarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))


def test_metadata_of_a_plain_slide(tmp_path: Path) -> None:
    with OPENER.open(write_pyramid(tmp_path / "a.tif", software="test", icc=b"profile" * 20)) as slide:
        info = slide.info
    assert info.size == (700, 500)
    assert [level.size for level in info.levels] == [(700, 500), (350, 250), (175, 125)]
    assert [level.downsample for level in info.levels] == [1.0, 2.0, 4.0]
    assert (info.vendor, info.tile_size, info.objective) == ("generic-tiff", (256, 256), None)
    assert (info.mpp, info.mpp_source) == ((0.5, 0.5), "tiff_tag")
    assert (info.bounds, info.background, info.associated_names) == (None, (255, 255, 255), ())
    assert info.icc_profile == b"profile" * 20
    assert info.properties["tiff.Software"] == "test"


def test_metadata_of_a_scanners_slide(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "a.svs", description=aperio_description(0.2527, 40))
    with OPENER.open(path) as slide:
        assert slide.info.vendor == "aperio"
        assert (slide.info.mpp, slide.info.mpp_source) == ((0.2527, 0.2527), "metadata")
        assert slide.info.objective == 40.0


def test_bounds_lie_inside_the_whole_canvas(tmp_path: Path) -> None:
    with OPENER.open(write_bounded(tmp_path / "a.scn", offset=(250, 300))) as slide:
        assert slide.info.bounds == (250, 300, 600, 400)
        assert slide.info.size == (1000, 900)
        outside = slide.read_region((0, 0), 0, (100, 100))
        inside = slide.read_region((250, 300), 0, (10, 10))
    assert (outside == 255).all()
    assert (inside == RED).all()


@pytest.mark.parametrize("name", ["환자 조직.svs", "😐.svs", "ä ö.svs"])
def test_names_outside_ascii(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "병리과"
    folder.mkdir()
    with OPENER.open(write_pyramid(folder / name, description=aperio_description())) as slide:
        assert slide.read_region((0, 0), 0, (4, 4))[0, 0].tolist() == list(RED)


@pytest.mark.parametrize("size", [(700, 500), (333, 517), (16, 16), (257, 255)])
def test_the_stamp_is_where_it_was_drawn_at_every_level(tmp_path: Path, size: tuple[int, int]) -> None:
    with OPENER.open(write_pyramid(tmp_path / "a.tif", size=size, levels=2)) as slide:
        for level in slide.info.levels:
            picture = slide.read_region((0, 0), level.index, level.size)
            assert picture.shape == (level.size[1], level.size[0], 3)
            assert picture[0, 0].tolist() == list(RED)
            assert picture[0, -1].tolist() == list(GREEN)
            assert picture[-1, 0].tolist() == list(BLUE)
            assert picture[-1, -1].tolist() == list(YELLOW)
            middle = picture[level.size[1] // 2, round(level.size[0] * 0.4)]
            assert np.abs(middle.astype(int) - TISSUE).max() <= 2


@pytest.mark.parametrize(
    ("location", "level", "size"),
    [
        ((0, 0), 0, (700, 500)),
        ((123, 77), 0, (300, 200)),
        ((-40, -30), 0, (200, 200)),
        ((650, 450), 1, (90, 90)),
    ],
)
@pytest.mark.parametrize("jpeg", [False, True])
def test_pixels_equal_those_of_the_library(
    tmp_path: Path, location: tuple[int, int], level: int, size: tuple[int, int], jpeg: bool
) -> None:
    path = write_pyramid(tmp_path / "a.tif", textured(700, 500), jpeg=jpeg)
    with OPENER.open(path) as slide:
        ours = slide.read_region(location, level, size)
    assert np.abs(ours.astype(int) - library_rgb(path, location, level, size)).max() <= 1


def test_argb_is_not_composited(tmp_path: Path) -> None:
    with OPENER.open(write_pyramid(tmp_path / "a.tif")) as slide:
        argb = slide.read_argb((-2, 0), 0, (4, 1))
    assert argb.shape == (1, 4, 4)
    assert argb[0].tolist() == [[0, 0, 0, 0], [0, 0, 0, 0], [30, 30, 200, 255], [30, 30, 200, 255]]
    assert argb.flags.c_contiguous
    assert argb.flags.writeable


def test_an_empty_region_has_no_pixels(tmp_path: Path) -> None:
    with OPENER.open(write_pyramid(tmp_path / "a.tif")) as slide:
        assert slide.read_region((0, 0), 0, (0, 5)).shape == (5, 0, 3)


@pytest.mark.parametrize(("level", "size"), [(3, (1, 1)), (-1, (1, 1)), (0, (-1, 1))])
def test_a_region_that_cannot_be_is_refused(tmp_path: Path, level: int, size: tuple[int, int]) -> None:
    with (
        OPENER.open(write_pyramid(tmp_path / "a.tif")) as slide,
        pytest.raises(ValueError, match="no such region"),
    ):
        slide.read_argb((0, 0), level, size)


def test_a_tile_that_cannot_be_read_does_not_spoil_the_others(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "a.tif", jpeg=True)
    damage_tile(path, 1)
    with OPENER.open(path) as slide:
        for _ in range(3):
            with pytest.raises(SlideReadError, match=r"a\.tif cannot be read at \(300, 10\)") as caught:
                slide.read_region((300, 10), 0, (50, 50))
            assert caught.value.location == (300, 10)
            assert slide.read_region((0, 0), 0, (5, 5))[0, 0].tolist() == list(RED)


def test_threads_reading_sound_tiles_do_not_notice_a_damaged_one(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "a.tif", jpeg=True)
    damage_tile(path, 1)
    places = [((300, 10) if index % 3 == 0 else (520 + index, 300)) for index in range(120)]
    with OPENER.open(path) as slide, ThreadPoolExecutor(6) as pool:

        def read(place: tuple[int, int]) -> bool:
            try:
                slide.read_region(place, 0, (40, 40))
            except SlideReadError:
                return False
            return True

        readable = list(pool.map(read, places))
    assert readable == [place != (300, 10) for place in places]


def test_threads_see_the_pixels_that_one_thread_sees(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "a.tif", textured(900, 700))
    places = [(37 * index % 800, 53 * index % 600) for index in range(60)]
    with OPENER.open(path) as slide, ThreadPoolExecutor(4) as pool:
        alone = [slide.read_region(place, 0, (90, 70)) for place in places]
        together = list(pool.map(lambda place: slide.read_region(place, 0, (90, 70)), places))
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


def test_a_closed_slide_says_so(tmp_path: Path) -> None:
    slide = OPENER.open(write_pyramid(tmp_path / "a.tif"))
    slide.close()
    slide.close()
    with pytest.raises(ValueError, match="was closed"):
        slide.read_region((0, 0), 0, (1, 1))


def test_closing_waits_for_no_one_and_crashes_no_one(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "a.tif", textured(900, 700), jpeg=True)
    for _ in range(10):
        slide = OPENER.open(path)
        outcomes: list[str] = []

        def read(slide: Slide = slide, outcomes: list[str] = outcomes) -> None:
            try:
                while True:
                    slide.read_region((0, 0), 0, (900, 700))
            except ValueError as error:
                outcomes.append(str(error))

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        slide.close()
        for thread in threads:
            thread.join()
        assert outcomes == ["a.tif was closed"] * 3


def not_there(folder: Path) -> Path:
    return folder / "missing.svs"


def folder_itself(folder: Path) -> Path:
    return folder


def picture(folder: Path) -> Path:
    cv2.imwrite(str(folder / "photo.png"), stamp((60, 40)))
    return folder / "photo.png"


def text(folder: Path) -> Path:
    (folder / "notes.svs").write_text("not a slide")
    return folder / "notes.svs"


def empty(folder: Path) -> Path:
    (folder / "empty.tiff").touch()
    return folder / "empty.tiff"


def truncated(folder: Path) -> Path:
    path = write_pyramid(folder / "cut.tif")
    path.write_bytes(path.read_bytes()[:1000])
    return path


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (not_there, "no such file"),
        (folder_itself, "folder"),
        (picture, "it is a picture"),
        (text, "format"),
        (empty, "the file is empty"),
        (truncated, "cannot be opened"),
    ],
)
def test_what_is_no_slide_is_refused_in_one_sentence(
    tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    path = make(tmp_path)
    with pytest.raises(UnsupportedSlideError, match=reason) as caught:
        OPENER.open(path)
    assert caught.value.path == path
    assert str(caught.value).startswith(f"{path.name} cannot be opened as a slide: ")
    assert str(caught.value).endswith(".")


def test_a_given_mpp_fills_in_only(tmp_path: Path) -> None:
    known, unknown = write_pyramid(tmp_path / "a.tif"), write_pyramid(tmp_path / "b.tif", mpp=None)
    with OPENER.open(known, mpp=1.0) as slide:
        assert (slide.info.mpp, slide.info.mpp_source) == ((0.5, 0.5), "tiff_tag")
    with OPENER.open(unknown, mpp=1.0) as slide:
        assert (slide.info.mpp, slide.info.mpp_source) == ((1.0, 1.0), "given")
    with OPENER.open(known, mpp=1.0, force_mpp=True) as slide:
        assert (slide.info.mpp, slide.info.mpp_source) == ((1.0, 1.0), "given")
    with pytest.raises(ValueError, match="no pixel size"):
        OPENER.open(known, mpp=-1.0)


def test_the_user_can_set_the_mpp_of_an_open_slide(tmp_path: Path) -> None:
    with OPENER.open(write_pyramid(tmp_path / "b.tif", mpp=None)) as slide:
        slide.set_mpp((0.3, 0.4), "given")
        assert slide.info.require_mpp() == (0.3, 0.4)


def test_a_slide_is_known_again_by_its_content(tmp_path: Path) -> None:
    first = write_pyramid(tmp_path / "a.tif", textured(300, 200))
    moved = tmp_path / "b.tif"
    moved.write_bytes(first.read_bytes())
    other = write_pyramid(tmp_path / "c.tif", stamp((300, 200)))
    ids = []
    for path in (first, moved, other):
        with OPENER.open(path) as slide:
            ids.append(slide.info.slide_id)
    assert ids[0] == ids[1] != ids[2]
    assert all(ids)


def test_the_fallback_identity_is_the_size_and_both_ends(tmp_path: Path) -> None:
    mib = 2**20
    data = bytes(range(256)) * (3 * mib // 256)
    path = tmp_path / "a"
    path.write_bytes(data)
    expected = hashlib.sha256(f"{len(data)}\n".encode() + data[:mib] + data[-mib:]).hexdigest()
    assert content_hash(path) == expected
    changed = bytearray(data)
    changed[-1] ^= 1
    path.write_bytes(changed)
    assert content_hash(path) != expected


def test_readers_are_asked_in_turn(tmp_path: Path) -> None:
    asked: list[str] = []

    class Nothing:
        def open(self, path: Path) -> None:
            asked.append(path.name)

    path = write_pyramid(tmp_path / "a.tif")
    with SlideOpener([Nothing(), OpenSlideReader()]).open(path) as slide:
        assert slide.info.size == (700, 500)
    assert asked == ["a.tif"]
    with pytest.raises(UnsupportedSlideError):
        SlideOpener([]).open(path)


def test_an_unknown_associated_image_is_a_key_error(tmp_path: Path) -> None:
    with OPENER.open(write_pyramid(tmp_path / "a.tif")) as slide, pytest.raises(KeyError, match="label"):
        slide.associated_image("label")


def test_glass_is_glass(tmp_path: Path) -> None:
    with OPENER.open(write_pyramid(tmp_path / "a.tif")) as slide:
        assert slide.read_region((600, 250), 0, (1, 1))[0, 0].tolist() == list(GLASS)
