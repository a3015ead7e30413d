"""Real files from scanners and other programs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openslide
import pytest

from desktop_app.errors import SlideReadError, UnsupportedSlideError
from desktop_app.slides import OpenSlideReader, SlideOpener
from desktop_app.slides.icc import icc_profile_name
from tests.support.shared_data import shared_file

OPENER = SlideOpener([OpenSlideReader()])


@pytest.mark.parametrize(
    "name",
    ["CMU-1-Small-Region.svs", "TCGA-CR-7395-01A-01-TS1.svs", "camelyon_jpeg.dcm", "boxes.tiff", "😐.svs"],
)
def test_every_level_reads_as_the_library_reads_it(name: str) -> None:
    path = shared_file(f"slides/{name}")
    with OPENER.open(path) as slide, openslide.OpenSlide(path) as theirs:
        assert slide.info.size == theirs.dimensions
        for level in slide.info.levels:
            place = (slide.info.size[0] // 3, slide.info.size[1] // 3)
            size = (min(200, level.size[0]), min(150, level.size[1]))
            expected = np.asarray(theirs.read_region(place, level.index, size).convert("RGBA"))
            ours = slide.read_region(place, level.index, size)
            opaque = expected[..., 3] == 255
            assert np.array_equal(ours[opaque], expected[opaque][:, :3])


def test_an_aperio_slide_says_everything() -> None:
    with OPENER.open(shared_file("slides/CMU-1-Small-Region.svs")) as slide:
        info = slide.info
        macro = slide.associated_image("macro")
    assert (info.mpp, info.mpp_source, info.objective) == ((0.499, 0.499), "metadata", 20.0)
    assert info.slide_id == "6335ea0e6cc54c2cba64bb265d3c713a50cd84484924e3a9c109558c13521d5c"
    assert info.tile_size == (240, 240)
    assert info.associated_names == ("label", "macro", "thumbnail")
    assert macro.shape == (431, 1280, 3)
    assert macro.std() > 10


def test_a_slide_with_an_icc_profile_and_without_mpp() -> None:
    with OPENER.open(shared_file("slides/TCGA-CR-7395-01A-01-TS1.svs")) as slide:
        info = slide.info
    assert (info.mpp, info.mpp_source, info.mpp_note) == (None, None, "")
    assert info.icc_profile is not None
    assert len(info.icc_profile) == 3144
    assert icc_profile_name(info.icc_profile) == "sRGB IEC61966-2.1"


def test_a_nonsense_resolution_tag_is_refused_with_the_reason() -> None:
    with OPENER.open(shared_file("slides/boxes.tiff")) as slide:
        assert slide.info.mpp is None
        assert slide.info.mpp_note.endswith("72 dpi (352.8 µm per pixel), a screen or print resolution")


def test_a_whole_slide_reads_at_any_size() -> None:
    with OPENER.open(shared_file("slides/CMU-1-Small-Region.svs")) as slide:
        size = slide.info.size
        thumbnail = slide.read_scaled((0, 0), (float(size[0]), float(size[1])), (222, 297))
        level_0 = slide.read_region((0, 0), 0, size)
    blocks = level_0[:2970, :2220].reshape(-1, 2220, 3)
    assert np.abs(thumbnail.mean(axis=(0, 1)) - blocks.mean(axis=(0, 1))).max() < 0.1
    corner = level_0[: round(2967 / 297), :10].mean(axis=(0, 1))
    assert np.abs(thumbnail[0, 0] - corner).max() <= 1


def test_a_slide_whose_pixels_are_damaged_opens_and_fails_at_each_read() -> None:
    with OPENER.open(shared_file("malformed/openslide-python_unreadable.svs")) as slide:
        assert slide.info.size == (16, 16)
        for _ in range(2):
            with pytest.raises(SlideReadError, match=r"at \(0, 0\): Bogus marker length") as caught:
                slide.read_region((0, 0), 0, (16, 16))
            assert caught.value.location == (0, 0)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("malformed/openslide-python_unopenable.tiff", "Unsupported TIFF compression: 52479"),
        ("slides/OS-1-detail.ome.tif", "format"),
        ("tiles/torchstain_source.png", "it is a picture"),
    ],
)
def test_files_that_cannot_be_opened(name: str, reason: str) -> None:
    path: Path = shared_file(name)
    with pytest.raises(UnsupportedSlideError, match=reason):
        OPENER.open(path)
