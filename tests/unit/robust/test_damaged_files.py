"""Files that are cut off, incomplete or away: one sentence with the way out, and no worse."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from desktop_app.errors import SlideGoneError, SlideReadError, UnsupportedSlideError
from desktop_app.slides import OpenSlideReader, Slide, SlideOpener
from desktop_app.slides.missing_parts import why_unopenable
from tests.support.slide_factory import damage_tile, textured, write_mosaic, write_pyramid

READERS = [pytest.param(True, id="direct"), pytest.param(False, id="openslide")]


def opened(path: Path, *, direct: bool = True) -> Slide:
    return SlideOpener([OpenSlideReader(direct=direct)]).open(path)


def refusal(path: Path) -> str:
    with pytest.raises(UnsupportedSlideError) as caught:
        opened(path)
    assert str(caught.value).startswith(f"{path.name} cannot be opened as a slide: ")
    return caught.value.reason


@pytest.mark.parametrize("direct", READERS)
@pytest.mark.parametrize("part", [0.0, 0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.999])
@pytest.mark.parametrize("bigtiff", [False, True])
def test_a_file_cut_off_anywhere_opens_or_is_refused_with_a_sentence(
    tmp_path: Path, part: float, bigtiff: bool, direct: bool
) -> None:
    path = tmp_path / "cut.tif"
    if bigtiff:
        write_mosaic(path, textured(9, 7))
    else:
        write_pyramid(path, textured(900, 700), jpeg=True)
    os.truncate(path, round(path.stat().st_size * part))
    try:
        slide = opened(path, direct=direct)
    except UnsupportedSlideError as error:
        sentence = str(error)
    else:
        sentence = ""
    if sentence:
        assert sentence.endswith(".")
        assert "\n" not in sentence
        return
    # What is there can be read, what is missing is said: never a made-up pixel.
    with slide:
        outcomes = set()
        for level in slide.info.levels:
            for y in range(0, level.size[1], 256):
                for x in range(0, level.size[0], 256):
                    place = (round(x * level.downsample), round(y * level.downsample))
                    outcomes.add(outcome(slide, place, level.index))
    assert outcomes <= {"pixels", "SlideReadError"}
    assert "SlideReadError" in outcomes


def outcome(slide: Slide, place: tuple[int, int], level: int) -> str:
    try:
        pixels = slide.read_argb(place, level, (64, 64))
    except SlideReadError as error:
        sentence = str(error)
    else:
        assert pixels[0, 0, 3] == 255
        return "pixels"
    assert "Copy the file again" in sentence
    return "SlideReadError"


def test_a_file_that_was_copied_half_says_so(tmp_path: Path) -> None:
    path = write_mosaic(tmp_path / "half.tif", textured(9, 7))
    os.truncate(path, path.stat().st_size // 2)
    said = refusal(path)
    assert said.startswith("the file is cut off: it has ")
    assert "copy it again from the scanner or archive" in said
    path.write_bytes(b"")
    assert "the file is empty" in refusal(path)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b"II*\0" + (5000).to_bytes(4, "little"), True),
        (b"MM\0*" + (5000).to_bytes(4, "big"), True),
        (b"II+\0\x08\0\0\0" + (5000).to_bytes(8, "little"), True),
        (b"II*\0" + (100).to_bytes(4, "little"), False),
        (b"II", False),
        (b"not a picture at all", False),
    ],
)
def test_a_cut_off_tiff_is_known_by_its_header(tmp_path: Path, head: bytes, told: bool) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(head.ljust(300, b"\0"))
    assert (why_unopenable(path) is not None) == told


def test_a_mirax_slide_without_its_folder_names_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "S21 4711.mrxs"
    path.write_bytes(b"\xff\xd8\xff\xe0" + bytes(500))
    assert refusal(path) == (
        "the folder S21 4711 that belongs to it is not beside it; copy the file together with that folder."
    )
    (tmp_path / "S21 4711").mkdir()
    assert refusal(path) == "Slidedat.ini is missing in its folder S21 4711; copy the whole folder again."
    (tmp_path / "S21 4711" / "Slidedat.ini").write_text("[GENERAL]\n")
    assert "Slidedat.ini is missing" not in refusal(path)


@pytest.mark.parametrize("direct", READERS)
def test_a_file_that_goes_away_says_so_and_is_right_again_when_it_is_back(
    tmp_path: Path, direct: bool
) -> None:
    path = write_pyramid(tmp_path / "a.tif", textured(900, 700), jpeg=True)
    away = tmp_path / "elsewhere.tif"
    with opened(path, direct=direct) as slide:
        before = slide.read_argb((512, 256), 0, (256, 256))
        go_away(path, away)
        said = {}
        # What is in memory already may still be given.
        for place in [(x, y) for x in (0, 256, 512) for y in (0, 256, 512)]:
            try:
                slide.read_argb(place, 0, (200, 100))
            except SlideReadError as error:
                said[type(error)] = str(error)
        assert said == {
            SlideGoneError: "a.tif is not there at the moment: connect its drive or network again; "
            "what is missing is then read by itself."
        }
        come_back(path, away)
        assert (slide.read_argb((512, 256), 0, (256, 256)) == before).all()
        assert slide.read_argb((0, 0), 0, (900, 700)).std() > 5


def go_away(path: Path, away: Path) -> None:
    """As a network drive does: open files are of no use either."""
    shutil.copy2(path, away)
    os.truncate(path, 0)
    path.unlink()


def come_back(path: Path, away: Path) -> None:
    shutil.copy2(away, path)


@pytest.mark.parametrize("direct", READERS)
def test_a_file_that_is_cut_off_while_it_is_open_is_said_to_be_damaged(tmp_path: Path, direct: bool) -> None:
    path = write_pyramid(tmp_path / "a.tif", textured(900, 700), jpeg=True)
    whole = path.read_bytes()
    state = path.stat()
    with opened(path, direct=direct) as slide:
        os.truncate(path, 100)
        with pytest.raises(SlideReadError) as caught:
            slide.read_argb((512, 256), 0, (256, 256))
        assert not isinstance(caught.value, SlideGoneError)
        assert caught.value.location == (512, 256)
        path.write_bytes(whole)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        assert slide.read_argb((512, 256), 0, (256, 256)).std() > 5


def test_reading_a_damaged_place_costs_no_other_place(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "a.tif", textured(900, 700), jpeg=True)
    damage_tile(path, 5)
    with opened(path) as slide:
        good = slide.read_argb((0, 0), 0, (256, 256))
        for _ in range(3):
            with pytest.raises(SlideReadError):
                slide.read_argb((256, 256), 0, (256, 256))
            assert (slide.read_argb((0, 0), 0, (256, 256)) == good).all()
