"""TIFF files of every kind that OpenSlide leaves, opened as the window opens them."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from desktop_app.domain.channels import PALETTE
from desktop_app.errors import SlideGoneError, SlideReadError, UnsupportedSlideError
from desktop_app.slides import Slide, SlideOpener
from desktop_app.worker import slide_opener
from tests.support.plugin_cases import CHECKOUT, bundled_host
from tests.support.shared_data import shared_file
from tests.support.slide_factory import Pixels, damage_tile, halved, jpeg_tiles, stamp, write_pyramid
from tests.support.tiff_factory import channel_values, write_ome, write_oriented, write_plain

STAMP = stamp((300, 200))


@pytest.fixture
def opener(tmp_path: Path) -> SlideOpener:
    return slide_opener(bundled_host(tmp_path))


def whole(slide: Slide, level: int = 0) -> Pixels:
    return slide.read_region((0, 0), level, slide.info.levels[level].size)


def refusal(opener: SlideOpener, path: Path) -> str:
    with pytest.raises(UnsupportedSlideError) as caught:
        opener.open(path)
    return caught.value.reason


# Kinds of files


@pytest.mark.parametrize(
    "options",
    [
        {"rowsperstrip": 7},
        {"rowsperstrip": 16, "compression": "lzw"},
        {"rowsperstrip": 200, "compression": "zstd", "predictor": True},
        {"byteorder": ">", "compression": "adobe_deflate"},
        {"bigtiff": True, "rowsperstrip": 64},
        {"tile": (64, 96), "byteorder": ">"},
        {"tile": (64, 64), "compression": "webp", "compressionargs": {"lossless": True}},
        {"tile": (128, 128), "compression": "jpeg2000"},
        {"tile": (64, 64), "compression": "jpegxl", "compressionargs": {"lossless": True}},
        {"tile": (64, 64), "compression": "png"},
        {"rowsperstrip": 32, "compression": "packbits"},
    ],
    ids=lambda options: "-".join(str(value) for value in options.values()),
)
def test_strips_and_tiles_in_any_compression(opener: SlideOpener, tmp_path: Path, options: Any) -> None:
    with opener.open(write_plain(tmp_path / "염색.tif", STAMP, **options)) as slide:
        assert np.array_equal(whole(slide), STAMP)
        assert np.array_equal(slide.read_region((37, 61), 0, (150, 90)), STAMP[61:151, 37:187])
        assert slide.info.is_brightfield


def test_samples_stored_apart(opener: SlideOpener, tmp_path: Path) -> None:
    apart = np.ascontiguousarray(STAMP.transpose(2, 0, 1))
    for name, options in (("strips", {}), ("tiles", {"tile": (64, 64), "compression": "lzw"})):
        path = write_plain(tmp_path / f"{name}.tif", apart, planarconfig="separate", byteorder=">", **options)
        with opener.open(path) as slide:
            assert np.array_equal(whole(slide), STAMP)


def test_jpeg_strips_with_luminance_and_chroma(opener: SlideOpener, tmp_path: Path) -> None:
    path = write_plain(tmp_path / "a.tif", STAMP, compression="jpeg", rowsperstrip=64)
    with opener.open(path) as slide:
        assert np.abs(whole(slide).astype(int) - STAMP).mean() < 2


def test_a_pyramid_in_sub_pages(opener: SlideOpener, tmp_path: Path) -> None:
    with opener.open(write_ome(tmp_path / "a.ome.tif", STAMP, levels=3)) as slide:
        assert [level.size for level in slide.info.levels] == [(300, 200), (150, 100), (75, 50)]
        assert [level.downsample for level in slide.info.levels] == [1, 2, 4]
        assert np.array_equal(whole(slide, 1), halved(STAMP))
        assert slide.info.vendor == "ome-tiff"
        assert slide.info.tile_size == (64, 64)
        # The corner of level 1 in level-0 pixels, and nearly on it.
        assert np.array_equal(slide.read_region((100, 60), 1, (20, 10)), halved(STAMP)[30:40, 50:70])
        assert np.array_equal(slide.read_region((101, 60), 1, (20, 10)), halved(STAMP)[30:40, 50:70])


def test_a_pyramid_in_pages_of_a_file_that_openslide_refuses(opener: SlideOpener, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path, byteorder=">") as tiff:
        for level, pixels in enumerate((STAMP, halved(STAMP), halved(halved(STAMP)))):
            options = {"tile": (64, 64), "photometric": "rgb", "metadata": None}
            tiff.write(pixels, subfiletype=int(level > 0), **options)
    with opener.open(path) as slide:
        assert [level.size for level in slide.info.levels] == [(300, 200), (150, 100), (75, 50)]
        assert np.array_equal(whole(slide, 2), halved(halved(STAMP)))


def test_a_page_that_is_no_reduction_is_no_level(opener: SlideOpener, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path, byteorder=">") as tiff:
        tiff.write(STAMP, photometric="rgb", metadata=None)
        tiff.write(stamp((100, 150)), photometric="rgb", metadata=None)
    with opener.open(path) as slide:
        assert [level.size for level in slide.info.levels] == [(300, 200)]
        assert slide.info.associated_names == ("image-2",)
        assert np.array_equal(slide.associated_image("image-2"), stamp((100, 150)))


def test_other_pictures_get_names_that_say_nothing_else(opener: SlideOpener, tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as tiff:
        tiff.write(STAMP, photometric="rgb", tile=(64, 64), metadata={"axes": "YXS", "Name": "Kim Min-ji"})
        for name in ("Label of Kim", "Macro", "Kim again"):
            tiff.write(stamp((60, 40)), photometric="rgb", metadata={"axes": "YXS", "Name": name})
    with opener.open(path) as slide:
        assert slide.info.associated_names == ("image-2", "label", "macro")
        assert np.array_equal(slide.associated_image("label"), stamp((60, 40)))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("compression", [None, "jpeg"])
def test_every_orientation_is_shown_upright(
    opener: SlideOpener, tmp_path: Path, orientation: int, compression: str | None
) -> None:
    options: dict[str, Any] = {"tile": (64, 64), "compression": compression}
    if compression:
        options.update(subsampling=(1, 1), compressionargs={"level": 98})
    path = write_oriented(
        tmp_path / "a.tif", orientation, STAMP, resolution=(2e4, 1e4), resolutionunit=3, **options
    )
    with opener.open(path) as slide:
        assert slide.info.size == (300, 200)
        assert np.abs(whole(slide).astype(int) - STAMP).mean() < 2
        assert (
            np.abs(slide.read_region((211, 17), 0, (80, 60)).astype(int) - STAMP[17:77, 211:291]).mean() < 2
        )
        assert slide.info.mpp == ((1.0, 0.5) if orientation >= 5 else (0.5, 1.0))


def test_an_oriented_pyramid(opener: SlideOpener, tmp_path: Path) -> None:
    stored = np.ascontiguousarray(STAMP.swapaxes(0, 1)[::-1])
    tag = [(274, 3, 1, 6, True)]
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(stored, subifds=1, tile=(64, 64), photometric="rgb", metadata=None, extratags=tag)
        tiff.write(halved(stored), subfiletype=1, tile=(64, 64), photometric="rgb", metadata=None)
    with opener.open(path) as slide:
        assert [level.size for level in slide.info.levels] == [(300, 200), (150, 100)]
        assert np.array_equal(whole(slide, 1), halved(STAMP))


# What values mean


def test_gray_of_8_bits_is_brightfield(opener: SlideOpener, tmp_path: Path) -> None:
    gray = STAMP[..., 0]
    for name, stored, photometric in (("black", gray, "minisblack"), ("white", 255 - gray, "miniswhite")):
        path = write_plain(tmp_path / f"{name}.tif", stored, photometric=photometric, tile=(64, 64))
        with opener.open(path) as slide:
            assert np.array_equal(whole(slide), np.repeat(gray[..., None], 3, axis=2))


def test_one_bit_and_palette(opener: SlideOpener, tmp_path: Path) -> None:
    bits = STAMP[..., 0] > 128
    with opener.open(write_plain(tmp_path / "bits.tif", bits, photometric="minisblack")) as slide:
        assert np.array_equal(whole(slide)[..., 0], bits * 255)
    colors = np.random.default_rng(0).integers(0, 256, (256, 3)).astype(np.uint8)
    index = STAMP[..., 1]
    table = np.ascontiguousarray(colors.T.astype(np.uint16) * 257)
    path = write_plain(tmp_path / "palette.tif", index, photometric="palette", colormap=table)
    with opener.open(path) as slide:
        assert np.array_equal(whole(slide), colors[index])


@pytest.mark.parametrize("largest", [65535, 4095])
def test_rgb_of_16_bits_is_brightfield_of_8(opener: SlideOpener, tmp_path: Path, largest: int) -> None:
    deep = np.rint(STAMP / 255 * largest).astype(np.uint16)
    stated = [] if largest == 65535 else [(281, 3, 3, (largest,) * 3, True)]
    with opener.open(write_plain(tmp_path / "a.tif", deep, extratags=stated, tile=(64, 64))) as slide:
        assert slide.info.is_brightfield
        assert np.array_equal(whole(slide), STAMP)


def test_transparency_is_composited_on_white(opener: SlideOpener, tmp_path: Path) -> None:
    alpha = np.full((200, 300), 255, np.uint8)
    alpha[:, :150] = 0
    alpha[:100, 150:] = 128
    rgba = np.dstack([STAMP, alpha])
    with opener.open(write_plain(tmp_path / "a.tif", rgba, extrasamples=["unassalpha"])) as slide:
        shown, argb = whole(slide), slide.read_argb((0, 0), 0, (300, 200))
    assert (shown[:, :150] == 255).all()
    assert np.array_equal(shown[100:, 150:], STAMP[100:, 150:])
    expected = STAMP[:100, 150:] * (128 / 255) + 255 * (127 / 255)
    assert np.abs(shown[:100, 150:] - expected).max() <= 2
    assert (argb[..., :3] <= argb[..., 3:]).all()


def test_a_tile_that_is_not_there_is_transparent(opener: SlideOpener, tmp_path: Path) -> None:
    path = write_plain(tmp_path / "a.tif", STAMP, tile=(64, 64), compression="adobe_deflate", byteorder=">")
    with tifffile.TiffFile(path) as tiff:
        tag = tiff.pages[0].tags["TileByteCounts"]
        counts = list(tag.value)
    counts[1] = 0
    with path.open("r+b") as file:
        file.seek(tag.valueoffset)
        code = {3: "H", 4: "I"}[int(tag.dtype)]
        file.write(struct.pack(f">{len(counts)}{code}", *counts))
    with opener.open(path) as slide:
        argb = slide.read_argb((0, 0), 0, (300, 200))
    assert argb[:64, 64:128].max() == 0
    assert np.array_equal(argb[:64, :64, 2::-1], STAMP[:64, :64])
    assert (argb[64:, :, 3] == 255).all()


def test_beyond_the_edge_it_is_transparent(opener: SlideOpener, tmp_path: Path) -> None:
    with opener.open(write_plain(tmp_path / "a.tif", STAMP)) as slide:
        argb = slide.read_argb((-10, 190), 0, (40, 30))
        assert np.array_equal(argb[:10, 10:, 2::-1], STAMP[190:, :30])
        assert argb[10:].max() == 0
        assert argb[:, :10].max() == 0
        assert slide.read_argb((1000, 1000), 0, (4, 3)).max() == 0
        assert slide.read_argb((0, 0), 0, (0, 3)).shape == (3, 0, 4)


# Channels


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_channels_of_an_ome_tiff(opener: SlideOpener, tmp_path: Path, dtype: str) -> None:
    values = channel_values(dtype=dtype)
    path = write_ome(tmp_path / "a.ome.tif", values, names=("DAPI", "FITC", ""), compression="adobe_deflate")
    with opener.open(path) as slide:
        info = slide.info
        assert [channel.name for channel in info.channels] == ["DAPI", "FITC", "Channel 3"]
        assert [channel.color for channel in info.channels] == list(PALETTE[:3])
        assert {channel.largest for channel in info.channels} == {np.iinfo(dtype).max}
        assert not info.is_brightfield
        assert info.background == (0, 0, 0)
        read = slide.read_channels((37, 20), 0, (120, 150))
        assert read.dtype == dtype
        assert np.array_equal(read, values[:, 20:170, 37:157].transpose(1, 2, 0))
        assert np.array_equal(
            slide.read_channels((0, 0), 1, (150, 100)), values[:, ::2, ::2].transpose(1, 2, 0)
        )
        assert slide.read_channels((-20, -20), 0, (10, 10)).max() == 0


def test_the_first_window_leaves_out_hot_pixels(opener: SlideOpener, tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(100, 1000, (1, 400, 500)).astype(np.uint16)
    values[0, 7, 7] = 65535
    values[0, 9, 9] = 0
    with opener.open(write_ome(tmp_path / "a.ome.tif", values, levels=1)) as slide:
        low, high = slide.info.channels[0].window
    assert 99 <= low <= 103
    assert 995 <= high <= 1000


def test_a_large_level_is_sampled_for_its_window(opener: SlideOpener, tmp_path: Path) -> None:
    ramp = np.linspace(0, 40_000, 5000).astype(np.uint16)
    values = np.broadcast_to(ramp, (1, 1200, 5000))
    with opener.open(write_plain(tmp_path / "a.tif", values[0], photometric="minisblack")) as slide:
        low, high = slide.info.channels[0].window
    assert low < 400
    assert high > 39_600


@pytest.mark.parametrize("value", [0, 300, 65535])
def test_a_channel_without_contrast_has_a_window(opener: SlideOpener, tmp_path: Path, value: int) -> None:
    flat = np.full((50, 60), value, np.uint16)
    with opener.open(write_plain(tmp_path / "a.tif", flat, photometric="minisblack")) as slide:
        low, high = slide.info.channels[0].window
        assert low < high
        assert whole(slide).max() == (255 if value else 0)


def test_colors_of_channels_come_from_the_file_where_they_tell_them_apart(
    opener: SlideOpener, tmp_path: Path
) -> None:
    values = channel_values(count=2)
    blue, orange = int.from_bytes(b"\x00\x00\xff\xff", "big", signed=True), 0xFF8000FF - 2**32
    path = write_ome(
        tmp_path / "a.ome.tif", values, names=("a", "b"), metadata={"Channel": {"Color": [blue, orange]}}
    )
    with opener.open(path) as slide:
        assert [channel.color for channel in slide.info.channels] == [(0, 0, 255), (255, 128, 0)]
    path = write_ome(
        tmp_path / "b.ome.tif", values, names=("a", "b"), metadata={"Channel": {"Color": [-1, -1]}}
    )
    with opener.open(path) as slide:
        assert [channel.color for channel in slide.info.channels] == list(PALETTE[:2])


def test_gray_of_16_bits_is_one_channel(opener: SlideOpener, tmp_path: Path) -> None:
    values = channel_values(count=1)[0]
    for options in ({}, {"tile": (64, 64)}, {"compression": "lzw", "byteorder": ">"}):
        with opener.open(
            write_plain(tmp_path / "a.tif", values, photometric="minisblack", **options)
        ) as slide:
            assert [channel.color for channel in slide.info.channels] == [(255, 255, 255)]
            assert np.array_equal(slide.read_channels((0, 0), 0, (300, 200))[..., 0], values)


def test_pages_and_samples_are_channels_too(opener: SlideOpener, tmp_path: Path) -> None:
    values = channel_values(count=5)
    pages = write_plain(tmp_path / "pages.tif", values, photometric="minisblack", tile=(64, 64))
    samples = write_plain(
        tmp_path / "samples.tif",
        np.ascontiguousarray(values.transpose(1, 2, 0)),
        photometric="minisblack",
        planarconfig="contig",
        compression="adobe_deflate",
    )
    for path in (pages, samples):
        with opener.open(path) as slide:
            assert len(slide.info.channels) == 5
            assert np.array_equal(slide.read_channels((0, 0), 0, (300, 200)), values.transpose(1, 2, 0))


def test_a_hyperstack_of_imagej(opener: SlideOpener, tmp_path: Path) -> None:
    stack = np.stack(
        [np.stack([channel_values(count=2) + 7 * z + 1000 * t for z in range(3)]) for t in range(2)]
    )
    path = tmp_path / "a.tif"
    luts = [np.outer(color, np.arange(256)).astype(np.uint8) for color in ((0, 0, 1), (1, 1, 0))]
    tifffile.imwrite(
        path,
        stack.astype(np.uint16),
        imagej=True,
        resolution=(4.0, 4.0),
        metadata={"axes": "TZCYX", "unit": "um", "LUTs": luts},
    )
    with opener.open(path) as slide:
        assert np.array_equal(slide.read_channels((0, 0), 0, (300, 200)), stack[0, 1].transpose(1, 2, 0))
        assert [channel.color for channel in slide.info.channels] == [(0, 0, 255), (255, 255, 0)]
        assert (slide.info.mpp, slide.info.mpp_source) == ((0.25, 0.25), "tiff_tag")
        assert slide.info.vendor == "imagej-tiff"
        assert slide.info.properties["tiff.plane-shown"] == "T 1 of 2, Z 2 of 3"


def test_channels_named_by_a_scanners_pages(opener: SlideOpener, tmp_path: Path) -> None:
    values = channel_values(count=2)
    path = tmp_path / "a.qptiff"
    with tifffile.TiffWriter(path) as tiff:
        for name, color, plane in (("DAPI", "0,0,255", values[0]), ("CD8", "255,255,0", values[1])):
            xml = (
                '<?xml version="1.0" encoding="utf-16"?><PerkinElmer-QPI-ImageDescription>'
                f"<ImageType>FullResolution</ImageType><Name>x</Name><Biomarker>{name}</Biomarker>"
                f"<Color>{color}</Color></PerkinElmer-QPI-ImageDescription>"
            )
            tiff.write(
                plane,
                photometric="minisblack",
                tile=(64, 64),
                description=xml,
                metadata=None,
                software="PerkinElmer-QPI",
            )
    with opener.open(path) as slide:
        assert [(channel.name, channel.color) for channel in slide.info.channels] == [
            ("DAPI", (0, 0, 255)),
            ("CD8", (255, 255, 0)),
        ]


def test_a_picture_of_channels_is_their_mix(opener: SlideOpener, tmp_path: Path) -> None:
    with opener.open(write_ome(tmp_path / "a.ome.tif", channel_values(count=2), levels=1)) as slide:
        shown = whole(slide)
        beyond = slide.read_argb((290, 0), 0, (20, 5))
    # The right end is each channel at its brightest, the left end black.
    assert np.abs(shown[20, -1].astype(int) - PALETTE[0]).max() <= 3
    assert np.abs(shown[180, -1].astype(int) - PALETTE[1]).max() <= 3
    assert shown[:, 0].max() == 0
    assert beyond[:, 10:].max() == 0
    assert (beyond[:, :10, 3] == 255).all()


# Pixel size


@pytest.mark.parametrize(
    ("size", "unit", "expected"),
    [
        (0.25, "µm", (0.25, 0.25)),
        (250.0, "nm", (0.25, 0.25)),
        (0.00025, "mm", (0.25, 0.25)),
        (1.0, "pixel", None),
        (352.8, "µm", None),
        (0.0, "µm", None),
    ],
)
def test_the_physical_size_of_ome(
    opener: SlideOpener, tmp_path: Path, size: float, unit: str, expected: tuple[float, float] | None
) -> None:
    stated = {f"PhysicalSize{axis}": size for axis in "XY"} | {
        f"PhysicalSize{axis}Unit": unit for axis in "XY"
    }
    with opener.open(write_ome(tmp_path / "a.ome.tif", STAMP, metadata=stated)) as slide:
        assert slide.info.mpp == (None if expected is None else pytest.approx(expected))
        assert slide.info.mpp_source == (None if expected is None else "metadata")
        assert bool(slide.info.mpp_note) == (expected is None)


@pytest.mark.parametrize(
    ("dots", "unit", "expected", "note"),
    [
        (50_800, "INCH", 0.5, ""),
        (20_000, "CENTIMETER", 0.5, ""),
        (72, "INCH", None, "72 dpi"),
        (300, "INCH", None, "300 dpi"),
        (10, "CENTIMETER", None, "no scanner has"),
        (1, "NONE", None, ""),
    ],
)
def test_resolution_tags(
    opener: SlideOpener, tmp_path: Path, dots: float, unit: str, expected: float | None, note: str
) -> None:
    with opener.open(
        write_plain(tmp_path / "a.tif", STAMP, resolution=(dots, dots), resolutionunit=unit)
    ) as slide:
        assert slide.info.mpp == (None if expected is None else (expected, expected))
        assert note in slide.info.mpp_note


def test_the_objective_and_the_icc_profile(opener: SlideOpener, tmp_path: Path) -> None:
    xml = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Instrument ID="Instrument:0">'
        '<Objective ID="Objective:0" NominalMagnification="20"/></Instrument><Image ID="Image:0">'
        '<ObjectiveSettings ID="Objective:0"/><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint8" '
        'SizeX="300" SizeY="200" SizeC="3" SizeZ="1" SizeT="1"><Channel ID="Channel:0" SamplesPerPixel="3"/>'
        '<TiffData IFD="0"/></Pixels></Image></OME>'
    )
    path = write_plain(tmp_path / "a.ome.tif", STAMP, description=xml, iccprofile=b"p" * 200)
    with opener.open(path) as slide:
        assert slide.info.objective == 20
        assert slide.info.icc_profile == b"p" * 200
        assert slide.info.mpp is None


def test_the_detail_of_openslides_ome_tiff(opener: SlideOpener) -> None:
    path = shared_file("slides/OS-1-detail.ome.tif")
    with opener.open(path) as slide:
        info, shown = slide.info, whole(slide)
    assert info.size == (1101, 1101)
    assert info.mpp == (0.2270972430394695, 0.22710240047237298)
    assert (info.mpp_source, info.is_brightfield, info.channels) == ("metadata", True, ())
    assert np.array_equal(shown, tifffile.imread(path))


# Errors


def test_files_that_are_cut_off(opener: SlideOpener, tmp_path: Path) -> None:
    path = write_plain(tmp_path / "a.tif", STAMP, tile=(64, 64), compression="lzw", byteorder=">")
    data = path.read_bytes()
    with tifffile.TiffFile(path) as tiff:
        second = tiff.pages[0].dataoffsets[1]
    for length in (0, 6, 20):
        path.write_bytes(data[:length])
        assert refusal(opener, path).endswith(".")
    path.write_bytes(data[: second + 5])
    with opener.open(path) as slide:
        assert np.array_equal(slide.read_region((0, 0), 0, (64, 64)), STAMP[:64, :64])
        with pytest.raises(SlideReadError, match=r"at \(64, 0\): the file ends before this part\."):
            slide.read_region((64, 0), 0, (64, 64))


def test_a_damaged_tile_costs_that_tile(opener: SlideOpener, tmp_path: Path) -> None:
    path = write_ome(tmp_path / "a.ome.tif", STAMP, compression="adobe_deflate")
    damage_tile(path, 2)
    with opener.open(path) as slide:
        assert np.array_equal(slide.read_region((0, 0), 0, (64, 64)), STAMP[:64, :64])
        with pytest.raises(SlideReadError, match=r"at \(128, 0\): the file is damaged") as caught:
            slide.read_region((128, 0), 0, (64, 64))
    assert caught.value.location == (128, 0)


@pytest.mark.parametrize("dtype", ["float32", "uint32", "int16"])
def test_values_of_other_kinds_are_refused_with_the_way_out(
    opener: SlideOpener, tmp_path: Path, dtype: str
) -> None:
    path = write_plain(tmp_path / "a.tif", STAMP[..., 0].astype(dtype), photometric="minisblack")
    assert refusal(opener, path).startswith(f"its pixel values are {dtype}; convert it to 8 or 16 bits")


def test_colors_for_print_are_refused(opener: SlideOpener, tmp_path: Path) -> None:
    inks = np.dstack([STAMP, STAMP[..., :1]])
    path = write_plain(tmp_path / "a.tif", inks, photometric="separated", byteorder=">")
    assert refusal(opener, path) == "its colors are stored as SEPARATED; save it as RGB."


def test_an_unknown_compression_is_refused(opener: SlideOpener, tmp_path: Path) -> None:
    path = write_plain(tmp_path / "a.tif", STAMP, compression="lzw", byteorder=">")
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tiff.pages[0].tags["Compression"].overwrite(52479)
    assert "cannot be decoded" in refusal(opener, path)
    assert "52479" in refusal(opener, path)
    assert "52479" in refusal(opener, shared_file("malformed/openslide-python_unopenable.tiff"))


def test_one_file_of_a_set_names_the_others(opener: SlideOpener, tmp_path: Path) -> None:
    path = write_ome(tmp_path / "one.ome.tif", channel_values(count=2), levels=1)
    xml = tifffile.TiffFile(path).ome_metadata
    data = (
        '<TiffData FirstC="0" IFD="0"><UUID FileName="one.ome.tif">urn:uuid:1</UUID></TiffData>'
        '<TiffData FirstC="1" IFD="0"><UUID FileName="two.ome.tif">urn:uuid:2</UUID></TiffData>'
    )
    start = xml.index("<TiffData")
    text = xml[:start] + data + xml[xml.index("</Pixels>") :]
    values = channel_values(count=2)
    for index, name in enumerate(("one", "two")):
        header = text.replace("<OME ", f'<OME UUID="urn:uuid:{index + 1}" ', 1)
        header = header if text.count("UUID=") == 0 else text
        write_plain(tmp_path / f"{name}.ome.tif", values[index], photometric="minisblack", description=header)
    with opener.open(path) as slide:
        assert np.array_equal(slide.read_channels((0, 0), 0, (300, 200)), values.transpose(1, 2, 0))
    (tmp_path / "two.ome.tif").unlink()
    assert "two.ome.tif is not beside it; copy all files of the set" in refusal(opener, path)


def test_a_drive_that_goes_away_and_comes_back(opener: SlideOpener, tmp_path: Path) -> None:
    path = write_plain(tmp_path / "a.tif", STAMP, tile=(64, 64), compression="lzw", byteorder=">")
    copy = shutil.copy2(path, tmp_path / "copy.tif")
    with opener.open(path) as slide:
        path.unlink()
        path.write_bytes(b"")
        # An open file survives on this system; one that a network lost does not: begin with a closed one.
        slide._source._source._close()  # type: ignore[attr-defined]
        with pytest.raises(SlideReadError):
            slide.read_region((0, 0), 0, (64, 64))
        path.unlink()
        with pytest.raises(SlideGoneError):
            slide.read_region((0, 0), 0, (64, 64))
        shutil.copy2(copy, path)
        assert np.array_equal(slide.read_region((0, 0), 0, (64, 64)), STAMP[:64, :64])


# Threads and imports


def test_many_threads_read_the_same_pixels(opener: SlideOpener, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (700, 900, 3)).astype(np.uint8)
    path = write_plain(tmp_path / "a.tif", pixels, compression="lzw", rowsperstrip=64, byteorder=">")
    wrong: list[tuple[int, int]] = []

    def read(seed: int) -> None:
        random = np.random.default_rng(seed)
        for _ in range(25):
            x, y = int(random.integers(0, 800)), int(random.integers(0, 600))
            if not np.array_equal(slide.read_region((x, y), 0, (100, 100)), pixels[y : y + 100, x : x + 100]):
                wrong.append((x, y))

    with opener.open(path) as slide:
        threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong


def test_a_slide_that_openslide_opens_loads_no_reader_plugin(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "a.tiff", jpeg=True)
    code = (
        "import sys; from pathlib import Path\n"
        "from desktop_app.plugin_host import PluginHost; from desktop_app.worker import slide_opener\n"
        "host = PluginHost(Path('plugins'), Path('no'), Path('no'))\n"
        f"with slide_opener(host).open(Path({str(path)!r})) as slide:\n"
        "    slide.read_region((0, 0), 0, (100, 100))\n"
        "unwanted = ('PIL.PngImagePlugin', 'PIL.JpegImagePlugin', '_coverslip_plugin', 'torch')\n"
        "print([name for name in sys.modules if name.startswith(unwanted)])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_jpeg_tiles_of_an_ome_tiff_are_decoded_as_libjpeg_does(opener: SlideOpener, tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as tiff:
        tiff.write(
            jpeg_tiles(STAMP, 64),
            shape=STAMP.shape,
            dtype=STAMP.dtype,
            tile=(64, 64),
            photometric="ycbcr",
            compression="jpeg",
            subsampling=(1, 1),
            metadata={"axes": "YXS"},
        )
    with opener.open(path) as slide:
        assert slide.info.vendor == "ome-tiff"
        assert np.array_equal(whole(slide), tifffile.imread(path))


def test_parts_that_a_damaged_file_does_not_list_are_errors_and_never_blank(
    opener: SlideOpener, tmp_path: Path
) -> None:
    path = write_plain(tmp_path / "a.tif", STAMP, compression="deflate", rowsperstrip=STAMP.shape[0])
    with tifffile.TiffFile(path) as tiff:
        at = tiff.pages.first.tags["RowsPerStrip"].valueoffset
    data = bytearray(path.read_bytes())
    data[at : at + 2] = (50).to_bytes(2, "little")
    path.write_bytes(data)
    with opener.open(path) as slide, pytest.raises(SlideReadError, match="does not say where this part is"):
        slide.read_region((0, 60), 0, (20, 20))


def test_gray_with_transparency_is_a_picture_and_no_fluorescence(opener: SlideOpener, tmp_path: Path) -> None:
    pixels = np.dstack([STAMP[..., 0], np.full(STAMP.shape[:2], 255, np.uint8)])
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path, pixels, photometric="minisblack", extrasamples=["unassalpha"], tile=(128, 128), metadata=None
    )
    with opener.open(path) as slide:
        assert slide.info.is_brightfield
        assert np.array_equal(slide.read_region((0, 0), 0, slide.info.size)[..., 1], STAMP[..., 0])


def test_a_file_that_ends_too_early_says_how_to_get_it_whole(opener: SlideOpener, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, channel_values(count=2), imagej=True, metadata={"axes": "CYX"})
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(UnsupportedSlideError, match=r"; copy it again from where it was made\."):
        opener.open(path)


def test_a_size_that_no_file_of_this_length_can_have_is_refused(opener: SlideOpener, tmp_path: Path) -> None:
    path = write_plain(tmp_path / "a.tif", STAMP)
    with tifffile.TiffFile(path) as tiff:
        tag = tiff.pages.first.tags["ImageWidth"]
    data = bytearray(path.read_bytes())
    data[tag.offset + 2 : tag.offset + 4] = (4).to_bytes(2, "little")
    data[tag.valueoffset : tag.valueoffset + 4] = (2**32 - 1).to_bytes(4, "little")
    path.write_bytes(data)
    assert "far too short for its size in pixels; copy it again" in refusal(opener, path)
