"""Deep Zoom tiles: those of OpenSlide's own generator, pixel by pixel, and all of them or none."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from ctypes import c_uint32
from pathlib import Path

import numpy as np
import openslide
import pytest
from openslide.deepzoom import DeepZoomGenerator
from PIL import Image

from desktop_app.domain.deepzoom_tiles import DeepZoomTiling
from desktop_app.errors import SlideReadError, StorageError
from desktop_app.slides import OpenSlideReader, Slide, SlideOpener, deepzoom_export
from desktop_app.slides.deepzoom_export import MARK, DeepZoomExport, _straight, tile_picture
from tests.support.shared_data import shared_file
from tests.support.slide_factory import (
    damage_tile,
    textured,
    write_bounded,
    write_levels,
    write_mosaic,
    write_pyramid,
)

CUTS = [(254, 1, False), (256, 2, False), (100, 0, True), (64, 5, True)]


@pytest.fixture
def open_slide() -> Iterator[Callable[[Path], Slide]]:
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(SlideOpener([OpenSlideReader()]).open(path))


@pytest.fixture
def slide(tmp_path: Path, open_slide: Callable[[Path], Slide]) -> Slide:
    return open_slide(write_pyramid(tmp_path / "S-1.tif", textured(700, 500)))


def compare(path: Path, slide: Slide, cut: tuple[int, int, bool]) -> int:
    """Compare every tile with the generator's, and return how many there are."""
    tile_size, overlap, limit = cut
    tiling = DeepZoomTiling(slide.info, tile_size, overlap, limit)
    with openslide.OpenSlide(path) as reference:
        generator = DeepZoomGenerator(reference, tile_size, overlap, limit)
        assert tuple(level.size for level in tiling.levels) == generator.level_dimensions
        assert tuple(level.tiles for level in tiling.levels) == generator.level_tiles
        tiles = list(tiling.tiles())
        assert len(tiles) == generator.tile_count
        for tile in tiles:
            wanted = generator.get_tile(tile.level, (tile.column, tile.row))
            found = tile_picture(slide, tile)
            assert found.mode == "RGB"
            assert found.size == wanted.size
            assert found.tobytes() == wanted.tobytes(), tile
        return len(tiles)


@pytest.mark.parametrize("cut", CUTS)
def test_every_tile_is_the_generators(
    tmp_path: Path, open_slide: Callable[[Path], Slide], cut: tuple[int, int, bool]
) -> None:
    picture = textured(701, 499)
    paths = [
        write_pyramid(tmp_path / "pyramid.tif", picture),
        write_pyramid(tmp_path / "one level.tif", picture, levels=1, jpeg=True),
        write_bounded(tmp_path / "bounded.scn", textured(600, 400)),
        write_levels(tmp_path / "third.tif", [picture, picture[1::3, 1::3]]),
        write_pyramid(tmp_path / "tiny.tif", size=(1, 1), levels=1),
    ]
    assert sum(compare(path, open_slide(path), cut) for path in paths) > 60


@pytest.mark.parametrize("cut", CUTS[:2])
@pytest.mark.parametrize(("block", "size"), [(64, (401, 299)), (50, (133, 490)), (16, (300, 20))])
def test_tiles_that_are_read_in_blocks_are_the_generators_too(
    tmp_path: Path,
    open_slide: Callable[[Path], Slide],
    monkeypatch: pytest.MonkeyPatch,
    *,
    block: int,
    size: tuple[int, int],
    cut: tuple[int, int, bool],
) -> None:
    monkeypatch.setattr(deepzoom_export, "LARGEST_WHOLE", 100)
    monkeypatch.setattr(deepzoom_export, "BLOCK", block)
    path = write_pyramid(tmp_path / "one level.tif", textured(*size), levels=1)
    assert compare(path, open_slide(path), cut) > 9


def test_no_read_is_larger_than_a_block_where_a_tile_stands_for_the_whole_slide(
    tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    picture = np.full((64, 80, 3), 90, np.uint8)
    slide = WatchedSlide(open_slide(write_mosaic(tmp_path / "large.tif", picture, tile=64)))
    DeepZoomExport(tmp_path / "x", DeepZoomTiling(slide.info), levels=[0], threads=1).run(slide)
    assert slide.largest_read <= 4096**2


class WatchedSlide(Slide):
    """A slide that remembers how many pixels were asked for at once."""

    def __init__(self, slide: Slide) -> None:
        super().__init__(slide._source, slide.info)
        self.largest_read = 0

    def read_argb(
        self, location: tuple[int, int], level: int, size: tuple[int, int]
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        self.largest_read = max(self.largest_read, size[0] * size[1])
        return super().read_argb(location, level, size)


@pytest.mark.parametrize("cut", CUTS[:1])
def test_every_tile_of_a_real_slide_is_the_generators(
    open_slide: Callable[[Path], Slide], cut: tuple[int, int, bool]
) -> None:
    path = shared_file("slides/CMU-1-Small-Region.svs")
    assert compare(path, open_slide(path), cut) >= 160


def test_partly_transparent_pixels_are_divided_as_openslide_divides_them() -> None:
    from openslide import _convert

    alpha, color = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    argb = np.stack([np.minimum(color, alpha)] * 3 + [alpha], axis=-1).astype(np.uint8)
    wanted = argb.copy()
    _convert.argb2rgba((c_uint32 * alpha.size).from_buffer(wanted))
    assert (_straight(argb) == wanted).all()


def test_a_scan_a_few_pixels_high_can_be_exported(
    tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    """The generator cannot: it asks for pictures of a negative size."""
    slide = open_slide(write_pyramid(tmp_path / "ribbon.tif", textured(2000, 3), levels=2))
    export = DeepZoomExport(tmp_path / "x", DeepZoomTiling(slide.info, 100, 0, limit_bounds=True))
    export.run(slide)
    assert len(list(export.folder.rglob("*.jpeg"))) == export.tile_count


def test_an_export_is_what_a_viewer_expects(tmp_path: Path, slide: Slide) -> None:
    tiling = DeepZoomTiling(slide.info, 254, 1)
    export = DeepZoomExport(tmp_path / "웹" / "slide", tiling, picture_format="png", threads=2)
    done: list[int] = []
    export.run(slide, done.append)
    assert done == sorted(done)
    assert done[-1] == export.tile_count
    with openslide.OpenSlide(tmp_path / "S-1.tif") as reference:
        generator = DeepZoomGenerator(reference)
        for level, (columns, rows) in enumerate(generator.level_tiles):
            names = {path.name for path in (export.folder / str(level)).iterdir()}
            assert names == {f"{x}_{y}.png" for x in range(columns) for y in range(rows)}
        with Image.open(export.folder / "9" / "0_0.png") as tile:
            assert tile.tobytes() == generator.get_tile(9, (0, 0)).tobytes()
        wanted = generator.get_dzi("png")
    text = export.descriptor.read_text(encoding="utf-8")
    for part in ('TileSize="254"', 'Overlap="1"', 'Format="png"', '<Size Width="700" Height="500" />'):
        assert part in text
        assert part in wanted
    assert 'xmlns="http://schemas.microsoft.com/deepzoom/2008"' in text
    assert sorted(path.name for path in export.base.parent.iterdir()) == ["slide.dzi", "slide_files"]


def test_nothing_of_the_slides_name_goes_with_it(tmp_path: Path, open_slide: Callable[[Path], Slide]) -> None:
    path = write_pyramid(tmp_path / "Kim-Minjun-4711.tif", textured(300, 200), software="Kim-Minjun")
    export = DeepZoomExport(tmp_path / "out" / "case", DeepZoomTiling(open_slide(path).info))
    export.run(open_slide(path))
    written = [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
    assert written
    assert not any(b"Minjun" in file.read_bytes() or "Minjun" in file.name for file in written)
    assert json.loads((export.folder / MARK).read_text())["made_by"] == "coverslip deepzoom"


def test_the_color_profile_goes_into_the_tiles_unless_it_is_not_wanted(
    tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    slide = open_slide(write_pyramid(tmp_path / "a.tif", textured(300, 200), icc=profile))
    assert slide.info.icc_profile == profile
    for keep, wanted in ((True, profile), (False, None)):
        export = DeepZoomExport(tmp_path / f"{keep}", DeepZoomTiling(slide.info), keep_icc=keep, levels=[9])
        export.run(slide)
        with Image.open(export.folder / "9" / "0_0.jpeg") as tile:
            assert tile.info.get("icc_profile") == wanted


def test_some_levels_only(tmp_path: Path, slide: Slide) -> None:
    export = DeepZoomExport(tmp_path / "x", DeepZoomTiling(slide.info), levels=[0, 8])
    export.run(slide)
    assert {path.name for path in export.folder.iterdir() if path.is_dir()} == {"0", "8"}
    assert export.tile_count == 2


def before_and_after(tmp_path: Path) -> set[str]:
    return {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}


def test_what_is_not_an_export_of_ours_stays(tmp_path: Path, slide: Slide) -> None:
    (tmp_path / "x_files").mkdir()
    (tmp_path / "x_files" / "thesis.docx").write_text("years of work")
    (tmp_path / "y.dzi").write_text("somebody else's")
    before = before_and_after(tmp_path)
    for name in ("x", "y"):
        with pytest.raises(StorageError, match="choose another name"):
            DeepZoomExport(tmp_path / name, DeepZoomTiling(slide.info)).run(slide)
    assert before_and_after(tmp_path) == before


def test_an_export_of_ours_is_replaced_whole(tmp_path: Path, slide: Slide) -> None:
    tiling = DeepZoomTiling(slide.info, 64, 0)
    DeepZoomExport(tmp_path / "x", tiling).run(slide)
    again = DeepZoomExport(tmp_path / "x", DeepZoomTiling(slide.info), picture_format="png", levels=[0])
    again.run(slide)
    assert before_and_after(tmp_path) == {"S-1.tif", "x.dzi", f"x_files/{MARK}", "x_files/0/0_0.png"}
    assert 'TileSize="254"' in again.descriptor.read_text()


class CancelledError(Exception):
    pass


def test_a_cancelled_export_leaves_nothing_and_what_was_there(tmp_path: Path, slide: Slide) -> None:
    tiling = DeepZoomTiling(slide.info, 32, 0)
    DeepZoomExport(tmp_path / "x", DeepZoomTiling(slide.info), levels=[0]).run(slide)
    before = before_and_after(tmp_path)

    def cancel(done: int) -> None:
        if done > 10:
            raise CancelledError

    with pytest.raises(CancelledError):
        DeepZoomExport(tmp_path / "x", tiling).run(slide, cancel)
    assert before_and_after(tmp_path) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, slide: Slide, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes
    written: list[Path] = []

    def full(path: Path, data: bytes) -> int:
        written.append(path)
        if len(written) > 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    before = before_and_after(tmp_path)
    with pytest.raises(
        StorageError, match=r"no room for the tiles; free some space or choose another folder"
    ):
        DeepZoomExport(tmp_path / "x", DeepZoomTiling(slide.info, 64, 0)).run(slide)
    assert before_and_after(tmp_path) == before


def test_a_slide_that_cannot_be_read_everywhere_is_not_exported(
    tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    path = write_pyramid(tmp_path / "a.tif", textured(700, 500))
    damage_tile(path, 1)
    slide = open_slide(path)
    with pytest.raises(SlideReadError):
        DeepZoomExport(tmp_path / "x", DeepZoomTiling(slide.info)).run(slide)
    assert before_and_after(tmp_path) == {"a.tif"}
