"""Files that a careless or hostile world brings: refused in one sentence, without waiting for anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import tifffile

from desktop_app.errors import UnsupportedSlideError
from desktop_app.slides import OpenSlideReader, SlideOpener
from desktop_app.slides.tiff_header import read_tiff_header
from tests.support.slide_factory import stamp, write_pyramid

OPENER = SlideOpener([OpenSlideReader()])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.svs"
    os.mkfifo(path)
    with pytest.raises(UnsupportedSlideError, match="a pipe or a device, not a file"):
        OPENER.open(path)


def test_openslides_words_come_with_a_way_out_and_without_the_path(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "Doe^Jane.tif", levels=1)
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        at = tiff.pages.first.tags["TileWidth"].valueoffset
    data[at : at + 2] = b"\0\0"
    path.write_bytes(data)
    with pytest.raises(UnsupportedSlideError) as caught:
        OPENER.open(path)
    assert "copy it again" in caught.value.reason
    assert "Doe" not in caught.value.reason


@pytest.mark.parametrize(
    ("pixels", "options"),
    [
        (4, {"extrasamples": ["unspecified"]}),
        (3, {}),
    ],
    ids=["a fourth sample of unknown meaning", "samples with a sign"],
)
def test_what_openslide_shows_wrong_is_left_to_other_readers(
    tmp_path: Path, pixels: int, options: dict[str, object]
) -> None:
    path = tmp_path / "odd.tif"
    picture = stamp((300, 200))[..., [0, 1, 2, 0][:pixels]]
    if pixels == 3:
        picture = picture.astype("int8")
    tifffile.imwrite(path, picture, photometric="rgb", tile=(128, 128), metadata=None, **options)
    header = read_tiff_header(path)
    assert header is not None
    assert not header.is_plain_rgb
    assert OpenSlideReader().open(path) is None
