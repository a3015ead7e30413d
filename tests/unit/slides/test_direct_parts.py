"""What direct reading is made of: the TIFF structure, the JPEG streams, the file, the memory of tiles."""

from __future__ import annotations

import os
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from desktop_app.slides.jpeg_tiles import JpegTileDecoder
from desktop_app.slides.positioned_file import PositionedFile
from desktop_app.slides.tiff_structure import JPEG, RGB, YCBCR, tiled_images
from desktop_app.slides.tiff_tiles import is_direct
from desktop_app.slides.tile_memory import TileMemory
from tests.support.shared_data import shared_file
from tests.support.slide_factory import JpegKind, textured, write_jpeg_slide, write_pyramid


class MemoryFile:
    """Bytes that are read as a file is."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        return len(self._data)

    def read(self, offset: int, count: int) -> bytes:
        if offset + count > len(self._data):
            raise OSError("too short")
        return self._data[offset : offset + count]


# the TIFF structure


@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_the_structure_is_what_tifffile_finds(tmp_path: Path, bigtiff: bool, byteorder: str) -> None:
    kind = JpegKind(bigtiff=bigtiff, byteorder=byteorder)
    check_against_tifffile(write_jpeg_slide(tmp_path / "a.tif", textured(700, 400), kind, levels=3))


def test_the_structure_of_lossless_tiles(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "a.tif", size=(300, 200), levels=2, tile=64)
    check_against_tifffile(path)
    images = tiled_images(PositionedFile(path))
    assert (images[0].photometric, images[0].jpeg_tables) == (RGB, b"")
    assert not is_direct(images[0])


@pytest.mark.parametrize("name", ["CMU-1-Small-Region.svs", "TCGA-CR-7395-01A-01-TS1.svs", "boxes.tiff"])
def test_the_structure_of_real_slides(name: str) -> None:
    check_against_tifffile(shared_file(f"slides/{name}"))


def check_against_tifffile(path: Path) -> None:
    images = tiled_images(PositionedFile(path))
    with tifffile.TiffFile(path) as tiff:
        pages = [page for page in tiff.pages if page.is_tiled]
        assert len(images) == len(pages) > 0
        for image, page in zip(images, pages, strict=True):
            assert image.size == (page.imagewidth, page.imagelength)
            assert image.tile == (page.tilewidth, page.tilelength)
            assert (image.compression, image.photometric) == (page.compression, page.photometric)
            assert image.samples == (8, 8, 8)
            assert image.interleaved
            assert image.jpeg_tables == (page.jpegtables or b"")
            assert image.offsets.ravel().tolist() == list(page.dataoffsets)
            assert image.byte_counts.ravel().tolist() == list(page.databytecounts)


@pytest.mark.parametrize(
    "data",
    [b"", b"II*\x00", b"\xff\xd8\xff\xe0" + bytes(40), b"II" + bytes(40), b"II*\x00\xff\xff\xff\x7f" * 4],
)
def test_what_is_no_tiff_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, OSError)):
        tiled_images(MemoryFile(data))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_structure_ends_in_an_error_or_in_images(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "damage.tif"
    if not path.exists():
        write_jpeg_slide(path, textured(64, 48), tile=(32, 32), levels=2)
    content = bytearray(path.read_bytes())
    first = struct.unpack_from("<I", content, 4)[0]
    for _ in range(data.draw(st.integers(1, 6))):
        content[first + data.draw(st.integers(0, 250))] = data.draw(st.integers(0, 255))
    try:
        images = tiled_images(MemoryFile(bytes(content)))
    except (ValueError, OSError):
        return
    assert all(image.offsets.shape == image.byte_counts.shape for image in images)


def test_a_chain_of_directories_that_bites_its_tail_ends(tmp_path: Path) -> None:
    path = write_jpeg_slide(tmp_path / "a.tif", textured(64, 48), tile=(32, 32), levels=1)
    content = bytearray(path.read_bytes())
    first = struct.unpack_from("<I", content, 4)[0]
    count = struct.unpack_from("<H", content, first)[0]
    struct.pack_into("<I", content, first + 2 + 12 * count, first)
    assert len(tiled_images(MemoryFile(bytes(content)))) == 1


# JPEG streams


def encoded(kind: JpegKind, width: int = 256, height: int = 256) -> tuple[JpegTileDecoder, bytes]:
    tables, tile = kind.encoded(textured(width, height))
    return JpegTileDecoder((width, height), tables, is_rgb=kind.photometric == "rgb"), tile


def decoded(decoder: JpegTileDecoder, data: bytes, width: int = 256, height: int = 256) -> NDArray[np.uint8]:
    pixels = np.empty((height, width, 4), np.uint8)
    decoder.decode(data, pixels)
    return pixels


@pytest.mark.parametrize("kind", [JpegKind(), JpegKind(subsampling="422"), JpegKind("rgb")], ids=str)
def test_a_tile_is_decoded_as_a_picture_of_its_own_is(kind: JpegKind) -> None:
    decoder, tile = encoded(kind)
    whole = JpegKind(kind.photometric, kind.subsampling, shared_tables=False).encoded(textured(256, 256))[1]
    wanted = imagecodecs.jpeg8_decode(whole)
    pixels = decoded(decoder, tile)
    assert np.array_equal(pixels[..., 2::-1], wanted)
    assert (pixels[..., 3] == 255).all()


@pytest.mark.parametrize("kind", [JpegKind("rgb"), JpegKind()], ids=str)
def test_the_tag_decides_on_colors_not_the_tile(kind: JpegKind) -> None:
    """JPEG has three ways to say what its samples are; none of them is believed."""
    _, tile = encoded(kind)
    stream = JpegKind(kind.photometric, kind.subsampling, shared_tables=False).encoded(textured(256, 256))[1]
    jfif = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    wanted = decoded(encoded(kind)[0], tile)
    other = JpegTileDecoder((256, 256), b"", is_rgb=kind.photometric == "rgb")
    for transform in (0, 1):
        lie = jfif + b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([transform])
        assert np.array_equal(decoded(other, lie + stream[2:]), wanted)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 256),
    kind=st.sampled_from(
        [JpegKind(), JpegKind(subsampling="444"), JpegKind(subsampling="422"), JpegKind("rgb")]
    ),
)
def test_the_upper_rows_are_those_of_the_whole_tile(rows: int, kind: JpegKind) -> None:
    decoder, tile = encoded(kind)
    top = np.full((256, 256, 4), 9, np.uint8)
    decoder.decode_top(tile, rows, top)
    assert np.array_equal(top[:rows], decoded(decoder, tile)[:rows])
    if rows < 200:
        assert (top[rows + 2 :] == 9).all()


def test_upper_rows_of_a_progressive_tile_are_decoded_with_the_rest() -> None:
    import cv2

    stream = cv2.imencode(".jpg", textured(256, 256), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    decoder = JpegTileDecoder((256, 256), b"", is_rgb=False)
    top = np.empty((256, 256, 4), np.uint8)
    decoder.decode_top(stream, 20, top)
    assert np.array_equal(top, decoded(decoder, stream))


def test_a_tile_cut_off_within_its_upper_rows_is_an_error() -> None:
    decoder, tile = encoded(JpegKind())
    with pytest.raises(ValueError, match=r"(?i)premature"):
        decoder.decode_top(tile[: len(tile) // 4], 128, np.empty((256, 256, 4), np.uint8))


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xe0", b"II*\x00" * 9, b"\xff\xd8\xff\xc0\x00\x02"]
)
def test_what_is_no_tile_is_an_error(data: bytes) -> None:
    decoder, _ = encoded(JpegKind())
    pixels = np.empty((256, 256, 4), np.uint8)
    with pytest.raises(ValueError):  # noqa: PT011 - the sentence is libjpeg's
        decoder.decode(data, pixels)
    with pytest.raises(ValueError):  # noqa: PT011
        decoder.decode_top(data, 20, pixels)


@pytest.mark.parametrize("size", [(128, 256), (256, 512), (272, 256), (16, 16)])
def test_a_tile_of_another_size_is_an_error(size: tuple[int, int]) -> None:
    tables, tile = JpegKind().encoded(textured(*size))
    decoder = JpegTileDecoder((256, 256), tables, is_rgb=False)
    with pytest.raises(ValueError):  # noqa: PT011 - simplejpeg's where it is too large, ours where too small
        decoded(decoder, tile)


def test_damaged_tables_are_an_error() -> None:
    with pytest.raises(ValueError, match="segment"):
        JpegTileDecoder((256, 256), b"\xff\xd8\x00\x00\x00\x00\x00", is_rgb=False)


def test_images_that_are_no_plain_jpeg_are_not_read_directly(tmp_path: Path) -> None:
    from dataclasses import replace

    image = tiled_images(PositionedFile(write_jpeg_slide(tmp_path / "a.tif", textured(300, 200))))[0]
    assert is_direct(image)
    assert (image.compression, image.photometric) == (JPEG, YCBCR)
    for changed in (
        replace(image, compression=33005),
        replace(image, photometric=1),
        replace(image, samples=(8, 8, 8, 8)),
        replace(image, samples=(16, 16, 16)),
        replace(image, interleaved=False),
        replace(image, tile=(8192, 8192)),
        replace(image, tile=(250, 256)),
        replace(image, byte_counts=image.byte_counts + np.uint64(2**30)),
    ):
        assert not is_direct(changed)


# the file


def test_bytes_are_read_where_they_lie_by_many_threads(tmp_path: Path) -> None:
    content = np.random.default_rng(1).integers(0, 256, 100_000, np.uint8).tobytes()
    (tmp_path / "a").write_bytes(content)
    file = PositionedFile(tmp_path / "a")
    descriptor = file._shared()
    places = [(index * 977 % 90_000, index % 5000) for index in range(400)]
    with ThreadPoolExecutor(8) as pool:
        for read in (file.read, descriptor.read_seeking):
            found = list(pool.map(lambda place, read=read: read(*place), places))
            assert found == [content[offset : offset + count] for offset, count in places]


def test_bytes_beyond_the_end_are_an_error_and_cost_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    file = PositionedFile(tmp_path / "a")
    with pytest.raises(OSError, match="too early"):
        file.read(5, 10)
    assert file.read(5, 5) == b"56789"
    assert file.size == 10


def test_a_file_that_went_away_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    file = PositionedFile(path)
    go_away(file)
    path.rename(tmp_path / "elsewhere")
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            file.read(0, 4)
    (tmp_path / "elsewhere").rename(path)
    assert file.read(2, 4) == b"2345"


def test_another_file_under_the_same_name_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    file = PositionedFile(path)
    go_away(file)
    (tmp_path / "b").write_bytes(b"abcdefghij")
    os.utime(tmp_path / "b", ns=(1, 1))
    (tmp_path / "b").rename(path)
    with pytest.raises(OSError, match="replaced"):
        file.read(0, 4)


def go_away(file: PositionedFile) -> None:
    """What a dead network connection does: the descriptor fails from now on."""
    read, write = os.pipe()
    os.dup2(read, file._shared()._number)
    os.close(read)
    os.close(write)


def test_a_closed_file_says_so_and_is_given_back_by_its_last_reader(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(1000))
    file = PositionedFile(tmp_path / "a")
    descriptor = file._shared()
    number = descriptor._number
    file.close()
    file.close()
    with pytest.raises(ValueError, match="was closed"):
        file.read(0, 1)
    assert os.fstat(number).st_size == 1000
    del descriptor
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)


# the memory of tiles


def a_tile(value: int, count: int = 100) -> NDArray[np.uint8]:
    return np.full(count, value, np.uint8)


def test_the_memory_forgets_what_was_used_longest_ago() -> None:
    memory = TileMemory(300)
    for value in range(3):
        memory.put((0, value), a_tile(value))
    assert memory.get((0, 0)) is not None
    memory.put((0, 3), a_tile(3))
    assert [memory.get((0, value)) is not None for value in range(4)] == [True, False, True, True]
    memory.clear()
    assert memory.get((0, 0)) is None


def test_the_memory_keeps_its_limit() -> None:
    memory = TileMemory(250)
    memory.put((0,), a_tile(1, 251))
    assert memory.get((0,)) is None
    memory.put((1,), a_tile(1))
    memory.put((1,), a_tile(2))
    kept = memory.get((1,))
    assert kept is not None
    assert kept[0] == 1
    memory.put((2,), a_tile(1))
    memory.put((3,), a_tile(1))
    assert sum(memory.get((key,)) is not None for key in range(4)) == 2
    assert TileMemory(0).limit == 0


def test_the_memory_is_shared_by_threads() -> None:
    memory = TileMemory(1000)

    def use(seed: int) -> None:
        for key in np.random.default_rng(seed).integers(0, 40, 2000).tolist():
            found = memory.get((key,))
            assert found is None or found[0] == key
            memory.put((key,), a_tile(key))

    threads = [threading.Thread(target=use, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert memory._bytes == sum(tile.nbytes for tile in memory._tiles.values()) <= 1000
