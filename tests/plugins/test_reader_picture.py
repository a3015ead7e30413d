"""Plain pictures opened as slides of one level."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from desktop_app.errors import UnsupportedSlideError
from desktop_app.plugin_host import PluginHost
from desktop_app.slides import PluginSlideReader, Slide, SlideOpener
from desktop_app.worker import slide_opener
from tests.support.plugin_cases import bundled_host
from tests.support.shared_data import shared_file
from tests.support.slide_factory import Pixels, stamp
from tests.support.tiff_factory import STORED_FROM

STAMP = stamp((300, 200))


@pytest.fixture
def host(tmp_path: Path) -> PluginHost:
    return bundled_host(tmp_path)


@pytest.fixture
def opener(host: PluginHost) -> SlideOpener:
    return slide_opener(host)


def write(path: Path, pixels: Pixels = STAMP, mode: str = "RGB", **options: object) -> Path:
    Image.fromarray(np.ascontiguousarray(pixels)).convert(mode).save(path, **options)
    return path


def whole(slide: Slide) -> Pixels:
    return slide.read_region((0, 0), 0, slide.info.size)


def refusal(opener: SlideOpener, path: Path) -> str:
    with pytest.raises(UnsupportedSlideError) as caught:
        opener.open(path)
    return caught.value.reason


@pytest.mark.parametrize(
    ("name", "vendor", "options"),
    [
        ("환자 1.png", "png", {}),
        ("a.bmp", "bmp", {}),
        ("a.webp", "webp", {"lossless": True}),
        ("a.jp2", "jpeg-2000", {"irreversible": False}),
        ("without_ending", "png", {"format": "PNG"}),
        ("wrong.tif", "png", {"format": "PNG"}),
    ],
)
def test_a_picture_is_a_slide_of_one_level(
    opener: SlideOpener, tmp_path: Path, name: str, vendor: str, options: dict[str, object]
) -> None:
    with opener.open(write(tmp_path / name, **options)) as slide:
        assert slide.info.vendor == vendor
        assert (slide.info.size, len(slide.info.levels)) == ((300, 200), 1)
        assert slide.info.is_brightfield
        assert np.array_equal(whole(slide), STAMP)
        argb = slide.read_argb((280, 190), 0, (40, 30))
        assert np.array_equal(argb[:10, :20, 2::-1], STAMP[190:, 280:])
        assert argb[10:].max() == 0


@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg(opener: SlideOpener, tmp_path: Path, progressive: bool) -> None:
    path = write(tmp_path / "a.jpg", quality=95, progressive=progressive)
    with opener.open(path) as slide:
        assert np.array_equal(whole(slide), np.asarray(Image.open(path)))
        assert slide.info.vendor == "jpeg"


@pytest.mark.parametrize(
    ("suffix", "mode"),
    [*[("png", mode) for mode in ("L", "1", "P", "LA", "RGBA")], ("bmp", "L"), ("bmp", "P")],
)
def test_other_colors(opener: SlideOpener, tmp_path: Path, suffix: str, mode: str) -> None:
    path = write(tmp_path / f"a.{suffix}", mode=mode)
    with opener.open(path) as slide:
        assert np.array_equal(whole(slide), np.asarray(Image.open(path).convert("RGB")))


def test_transparency_is_premultiplied(opener: SlideOpener, tmp_path: Path) -> None:
    alpha = np.tile(np.linspace(0, 255, 300).astype(np.uint8), (200, 1))
    path = tmp_path / "a.png"
    Image.fromarray(np.dstack([STAMP, alpha])).save(path)
    with opener.open(path) as slide:
        argb = slide.read_argb((0, 0), 0, (300, 200))
    assert np.array_equal(argb[..., 3], alpha)
    expected = np.rint(STAMP[..., ::-1] * (alpha[..., None] / 255))
    assert np.abs(argb[..., :3] - expected).max() <= 1


def test_16_bits(opener: SlideOpener, tmp_path: Path) -> None:
    values = (STAMP[..., 0].astype(np.uint16) * 100) + 5
    path = tmp_path / "gray.png"
    Image.fromarray(values).save(path)
    with opener.open(path) as slide:
        assert len(slide.info.channels) == 1
        assert slide.info.background == (0, 0, 0)
        assert np.array_equal(slide.read_channels((0, 0), 0, (300, 200))[..., 0], values)
    path = tmp_path / "color.png"
    path.write_bytes(png_of_16_bits(STAMP))
    with opener.open(path) as slide:
        assert slide.info.is_brightfield
        assert np.array_equal(whole(slide), STAMP)


def png_of_16_bits(pixels: Pixels) -> bytes:
    """What Pillow cannot write: RGB of 16 bits."""
    height, width = pixels.shape[:2]
    rows = (pixels.astype(">u2") * 257).astype(">u2")
    body = b"".join(b"\0" + rows[row].tobytes() for row in range(height))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(body)),
        (b"IEND", b""),
    ]
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_the_orientation_of_a_photograph(
    opener: SlideOpener, tmp_path: Path, orientation: int, suffix: str
) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    path = tmp_path / f"a.{suffix}"
    options = {"quality": 98, "subsampling": 0} if suffix == "jpg" else {}
    write(path, STORED_FROM[orientation](STAMP), exif=exif, dpi=(50_800, 25_400), **options)
    with opener.open(path) as slide:
        assert slide.info.size == (300, 200)
        assert np.abs(whole(slide).astype(int) - STAMP).mean() < 1.5
        if suffix == "png":
            stated = (0.5, 1.0) if orientation < 5 else (1.0, 0.5)
            assert slide.info.mpp == pytest.approx(stated, rel=1e-4)


def test_the_resolution_is_a_tag(opener: SlideOpener, tmp_path: Path) -> None:
    with opener.open(write(tmp_path / "a.png", dpi=(50_800, 50_800))) as slide:
        assert slide.info.mpp == pytest.approx((0.5, 0.5), rel=1e-4)
        assert slide.info.mpp_source == "tiff_tag"
    for name in ("b.png", "c.jpg"):
        with opener.open(write(tmp_path / name, dpi=(96, 96))) as slide:
            assert slide.info.mpp is None
            assert "96 dpi" in slide.info.mpp_note


def test_the_icc_profile_is_kept(opener: SlideOpener, tmp_path: Path) -> None:
    with opener.open(write(tmp_path / "a.png", icc_profile=b"profile" * 30)) as slide:
        assert slide.info.icc_profile == b"profile" * 30


@pytest.mark.parametrize(
    ("suffix", "share"),
    [("png", 0.01), ("png", 0.3), ("png", 0.95), ("jpg", 0.01), ("jpg", 0.3), ("jpg", 0.95), ("jpg", 1)],
)
def test_a_picture_that_is_cut_off_is_refused(
    opener: SlideOpener, tmp_path: Path, suffix: str, share: float
) -> None:
    data = write(tmp_path / f"a.{suffix}").read_bytes()
    path = tmp_path / f"b.{suffix}"
    path.write_bytes(data[: max(20, int(len(data) * share) - 2)])
    assert "damaged" in refusal(opener, path)


def test_a_jpeg_is_whole_though_its_thumbnail_ends_and_more_follows(
    opener: SlideOpener, tmp_path: Path
) -> None:
    small = io.BytesIO()
    Image.fromarray(stamp((30, 20))).save(small, "JPEG")
    block = b"thumbnail" + small.getvalue()
    data = write(tmp_path / "a.jpg").read_bytes()
    with_thumbnail = data[:2] + b"\xff\xe3" + struct.pack(">H", len(block) + 2) + block + data[2:]
    path = tmp_path / "b.jpg"
    path.write_bytes(with_thumbnail + b"trailing bytes of a camera")
    with opener.open(path) as slide:
        assert slide.info.size == (300, 200)
    path.write_bytes(with_thumbnail[: len(with_thumbnail) * 3 // 4])
    assert "damaged" in refusal(opener, path)


def test_damaged_exif_does_not_keep_a_picture_from_being_opened(opener: SlideOpener, tmp_path: Path) -> None:
    with opener.open(write(tmp_path / "a.jpg", exif=b"Exif\0\0nonsense")) as slide:
        assert slide.info.size == (300, 200)


def test_a_picture_too_large_for_memory_says_how_to_convert_it(host: PluginHost, tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 40_000, 30_000, 8, 2, 0, 0, 0)
    path = tmp_path / "large.png"
    data = b"IHDR" + header
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + data
        + struct.pack(">I", zlib.crc32(data))
        + b"\0\0\0\0IDAT"
    )
    reader = PluginSlideReader(
        "reader_tiff/picture", lambda: host.build("slide_reader", "reader_tiff/picture", {})
    )
    with pytest.raises(
        UnsupportedSlideError, match=r"40,000 × 30,000 pixels, which needs 3\.4 GiB .*vips tiffsave"
    ):
        reader.open(path)


def test_colors_for_print_are_refused(opener: SlideOpener, tmp_path: Path) -> None:
    assert refusal(opener, write(tmp_path / "a.jpg", mode="CMYK")) == (
        "its colors are inks for print (CMYK); save it as RGB."
    )


def test_a_mirax_slide_without_its_folder_is_no_picture(opener: SlideOpener, tmp_path: Path) -> None:
    path = write(tmp_path / "a.mrxs", format="JPEG")
    with pytest.raises(UnsupportedSlideError):
        opener.open(path)


def test_a_real_picture(opener: SlideOpener) -> None:
    path = shared_file("tiles/torchstain_source.png")
    with opener.open(path) as slide:
        assert np.array_equal(whole(slide), np.asarray(Image.open(path).convert("RGB")))


@pytest.mark.parametrize(
    ("name", "make", "pixel_bytes"),
    [
        ("deep with alpha.png", lambda path: _write_deep_png(path, 4), 8),
        ("deep.png", lambda path: _write_deep_png(path, 3), 6),
        ("a.png", write, 3),
        ("palette.png", lambda path: write(path, mode="P"), 3),
        ("progressive.jpg", lambda path: write(path, progressive=True), 9),
        ("a.jpg", write, 3),
    ],
)
def test_the_memory_that_a_picture_needs_is_what_its_decoder_takes(
    host: PluginHost, tmp_path: Path, name: str, make: Callable[[Path], object], pixel_bytes: int
) -> None:
    path = tmp_path / name
    make(path)
    needed = STAMP.shape[0] * STAMP.shape[1] * pixel_bytes
    reader = type(host.build("slide_reader", "reader_tiff/picture", {})._target)
    reader(needed).open(path).close()
    with pytest.raises(UnsupportedSlideError, match=r"GiB of memory; convert it"):
        reader(needed - 1).open(path)


def _write_deep_png(path: Path, samples: int) -> None:
    pixels = np.dstack([STAMP, STAMP])[..., :samples].astype(np.uint16) * 257
    path.write_bytes(imagecodecs.png_encode(pixels))
