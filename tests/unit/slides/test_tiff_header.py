"""What the first page of a TIFF says of who should read it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desktop_app.slides.tiff_header import read_tiff_header
from tests.support.slide_factory import stamp, write_pyramid
from tests.support.tiff_factory import channel_values, write_ome, write_oriented, write_plain


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("bigtiff", [False, True])
def test_every_kind_of_tiff_is_read(tmp_path: Path, byteorder: str, bigtiff: bool) -> None:
    path = write_plain(
        tmp_path / "a.tif", byteorder=byteorder, bigtiff=bigtiff, description="a slide", photometric="rgb"
    )
    header = read_tiff_header(path)
    assert header is not None
    assert (header.bits, header.samples, header.orientation) == ((8, 8, 8), 3, 1)
    assert header.is_plain_rgb


def test_a_plain_pyramid_is_openslides(tmp_path: Path) -> None:
    header = read_tiff_header(write_pyramid(tmp_path / "a.tif", jpeg=True))
    assert header is not None
    assert header.is_plain_rgb


def test_what_openslide_would_show_wrong_is_not(tmp_path: Path) -> None:
    gray = stamp((300, 200))[..., 0]
    paths = [
        write_oriented(tmp_path / "turned.tif", 6),
        write_plain(tmp_path / "gray.tif", gray, photometric="minisblack"),
        write_plain(tmp_path / "deep.tif", stamp((300, 200)).astype(np.uint16)),
        write_plain(tmp_path / "imagej.tif", description="ImageJ=1.54f\nunit=micron"),
        write_ome(tmp_path / "rgb.ome.tif", stamp((300, 200))),
        write_ome(tmp_path / "channels.ome.tif", channel_values()),
    ]
    headers = [read_tiff_header(path) for path in paths]
    assert all(header is not None and not header.is_plain_rgb for header in headers)


@pytest.mark.parametrize(
    "content", [b"", b"II", b"II*\0", b"II*\0\xff\xff\xff\x7f", b"\x89PNG\r\n\x1a\n", b"MM\0+" + b"\0" * 6]
)
def test_anything_else_is_none_or_says_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    assert read_tiff_header(path) is None
    assert read_tiff_header(tmp_path / "missing.tif") is None
