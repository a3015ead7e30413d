"""A slide written as a Deep Zoom picture, for web viewers and teaching pages.

Tiles are read and written by several threads. They go into a hidden folder that gets its name when the last
one is there, so that a cancelled or failed export leaves nothing behind and what was there stays. Labels,
macro pictures and properties are not touched; a color profile goes into each tile. Blocks the caller.

Source: the pixels are those of openslide-python's ``DeepZoomGenerator`` (``get_tile``), reduced by Pillow's
Lanczos filter as there.
"""

from __future__ import annotations

import errno
import io
import json
import math
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.deepzoom_tiles import DeepZoomTile, DeepZoomTiling, dzi_text
from desktop_app.errors import StorageError
from desktop_app.slides.slide import Slide

if TYPE_CHECKING:
    from PIL.Image import Image

PictureFormat: TypeAlias = Literal["jpeg", "png"]

MARK = "coverslip-deepzoom.json"
"""A file among the tiles by which an export of ours is known again."""

LARGEST_WHOLE = 2**22
"""Pixels of the slide that are read at once; tiles that stand for more are read in blocks."""

BLOCK = 2048
"""Pixels: longest side of a block, unless one mean is of more."""

_LARGEST_SQUARE = 4096
"""Pixels: longest side of what one mean is of; in larger squares Pillow's sums run over."""

_GAP = 2.0
"""Pillow leaves a reduction by this factor to the filter."""

_OPAQUE = 255
_QUEUED_PER_THREAD = 4
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class DeepZoomExport:
    """How a slide is to be written.

    Attributes
    ----------
    base : Path
        The picture's name: ``base.dzi`` and the folder ``base_files`` are written.
    tiling : DeepZoomTiling
        How the slide is cut.
    picture_format : PictureFormat
        Of the tiles.
    quality : int
        Of JPEG tiles, 1 to 100.
    levels : Sequence[int] | None
        The Deep Zoom levels to write; None for all.
    keep_icc : bool
        Put the slide's color profile into each tile.
    threads : int
        Readers and writers.
    """

    base: Path
    tiling: DeepZoomTiling
    picture_format: PictureFormat = "jpeg"
    quality: int = 90
    levels: Sequence[int] | None = None
    keep_icc: bool = True
    threads: int = max(1, min(8, os.cpu_count() or 1))

    @property
    def descriptor(self) -> Path:
        """The ``.dzi`` file."""
        return self.base.with_name(f"{self.base.name}.dzi")

    @property
    def folder(self) -> Path:
        """The folder of the tiles."""
        return self.base.with_name(f"{self.base.name}_files")

    @property
    def tile_count(self) -> int:
        """Tiles that will be written."""
        levels = self.tiling.levels
        chosen = range(len(levels)) if self.levels is None else self.levels
        return sum(levels[index].tiles[0] * levels[index].tiles[1] for index in chosen)

    def run(self, slide: Slide, report: Callable[[int], None] = lambda _done: None) -> None:
        """Write it; an earlier export of this name is replaced once the new one is complete.

        Parameters
        ----------
        slide : Slide
            Open; of the tiling's ``info``.
        report : Callable[[int], None]
            Called with the number of tiles written so far; what it raises ends the export (cancelling).

        Raises
        ------
        StorageError
            If something else lies under the name, or the system refuses to write (disk full).
        SlideReadError
            If a tile cannot be read: a picture with holes would be taken for the slide.
        """
        self.check_free()
        try:
            self.base.parent.mkdir(parents=True, exist_ok=True)
            making = self.base.with_name(f".{uuid.uuid4().hex[:12]}.tmp_files")
            making.mkdir()
        except OSError as error:
            raise StorageError(self.base.parent, error.strerror or str(error)) from error
        try:
            self._write_tiles(slide, making, report)
            self._write_marks(making)
            self._put_in_place(making)
        except OSError as error:
            raise StorageError(self.base, _refusal(error)) from error
        finally:
            shutil.rmtree(making, ignore_errors=True)

    def check_free(self) -> None:
        """Raise ``StorageError`` if anything but an export of ours lies under the name."""
        ours = (self.folder / MARK).is_file()
        for path in (self.folder, self.descriptor):
            if path.exists() and not ours:
                raise StorageError(path, "it is there already and no Deep Zoom export; choose another name.")

    # ---- tiles --------------------------------------------------------------------------------------

    def _write_tiles(self, slide: Slide, folder: Path, report: Callable[[int], None]) -> None:
        done = 0
        for level in range(len(self.tiling.levels)) if self.levels is None else self.levels:
            (folder / str(level)).mkdir()
        tiles = self.tiling.tiles(self.levels)
        with ThreadPoolExecutor(self.threads, thread_name_prefix="deepzoom") as pool:
            try:
                write = partial(self._write_tile, slide, folder)
                for written in _bounded(pool, write, tiles, limit=_QUEUED_PER_THREAD * self.threads):
                    done += written
                    report(done)
            finally:
                pool.shutdown(cancel_futures=True)

    def _write_tile(self, slide: Slide, folder: Path, tile: DeepZoomTile) -> None:
        picture = tile_picture(slide, tile)
        profile = slide.info.icc_profile if self.keep_icc else None
        path = folder / str(tile.level) / f"{tile.column}_{tile.row}.{self.picture_format}"
        options = {"quality": self.quality} if self.picture_format == "jpeg" else {}
        encoded = io.BytesIO()
        picture.save(encoded, self.picture_format, icc_profile=profile, **options)
        # Written here and not by Pillow, whose error does not say that the disk is full.
        path.write_bytes(encoded.getbuffer())

    # ---- putting it in place ------------------------------------------------------------------------

    def _write_marks(self, folder: Path) -> None:
        mark = {"made_by": "coverslip deepzoom", "format_version": 1}
        (folder / MARK).write_text(json.dumps(mark), encoding="utf-8")
        (folder / "descriptor").write_text(self._descriptor_text(), encoding="utf-8")
        if hasattr(os, "sync"):
            # Once for all tiles; syncing each of a hundred thousand would take longer than making them.
            os.sync()

    def _descriptor_text(self) -> str:
        return dzi_text(
            self.tiling.size,
            tile_size=self.tiling.tile_size,
            overlap=self.tiling.overlap,
            picture_format=self.picture_format,
        )

    def _put_in_place(self, making: Path) -> None:
        """Rename folder and descriptor; should that fail, what was there before is there again."""
        before = making.with_suffix(".old_files")
        if self.folder.exists():
            self.folder.rename(before)
        try:
            making.rename(self.folder)
            (self.folder / "descriptor").replace(self.descriptor)
        except OSError:
            if not making.exists():
                shutil.rmtree(self.folder, ignore_errors=True)
            if before.exists():
                before.rename(self.folder)
            raise
        shutil.rmtree(before, ignore_errors=True)


def tile_picture(slide: Slide, tile: DeepZoomTile) -> Image:
    """One tile before it is encoded.

    Returns
    -------
    Image
        Mode RGB, on the slide's background, of ``tile.size``.

    Raises
    ------
    SlideReadError
        If it cannot be read.
    """
    from PIL import Image

    if math.prod(tile.read_size) > LARGEST_WHOLE:
        return _reduced_picture(slide, tile)
    pixels = slide.read_argb(tile.location, tile.read_level, tile.read_size)
    picture = _on_background(pixels, slide.info.background)
    if picture.size != tile.size:
        picture.thumbnail(tile.size, Image.Resampling.LANCZOS)
    return picture


def _reduced_picture(slide: Slide, tile: DeepZoomTile) -> Image:
    """A tile that stands for more pixels than should be in memory at once.

    Pillow's ``thumbnail`` first takes means of squares and filters these. The means are taken block by block
    here, which gives the same bytes (from a level whose downsample is a whole number) wherever Pillow's sums
    do not run over.
    """
    from PIL import Image

    width, height = tile.read_size
    goal = _thumbnail_size(tile.read_size, tile.size)
    across, down = (
        min(int(side / small / _GAP) or 1, _LARGEST_SQUARE)
        for side, small in zip(tile.read_size, goal, strict=True)
    )
    reduced = Image.new("RGB", (-(-width // across), -(-height // down)))
    columns, rows = max(1, BLOCK // across) * across, max(1, BLOCK // down) * down
    downsample = slide.info.levels[tile.read_level].downsample
    for top in range(0, height, rows):
        for left in range(0, width, columns):
            location = (
                tile.location[0] + round(left * downsample),
                tile.location[1] + round(top * downsample),
            )
            size = (min(columns, width - left), min(rows, height - top))
            block = _on_background(slide.read_argb(location, tile.read_level, size), slide.info.background)
            reduced.paste(block.reduce((across, down)), (left // across, top // down))
    box = (0, 0, width / across, height / down)
    return reduced.resize(goal, Image.Resampling.LANCZOS, box=box)


def _thumbnail_size(size: tuple[int, int], largest: tuple[int, int]) -> tuple[int, int]:
    """The size that Pillow's ``thumbnail`` makes of a picture, which keeps its aspect."""
    aspect, (width, height) = size[0] / size[1], largest
    if width / height >= aspect:
        return _nearest(height * aspect, lambda side: abs(aspect - side / height)), height
    return width, _nearest(width / aspect, lambda side: abs(aspect - width / side) if side else 0.0)


def _nearest(side: float, error: Callable[[int], float]) -> int:
    return max(min(math.floor(side), math.ceil(side), key=error), 1)


def _on_background(argb: RgbArray, background: tuple[int, int, int]) -> Image:
    """Pixels on the background, rounded as Pillow rounds them: not everywhere as for analysis."""
    import cv2
    from PIL import Image

    alpha = argb[..., 3]
    if not argb.size or int(alpha.min()) == _OPAQUE:
        return Image.fromarray(np.asarray(cv2.cvtColor(argb, cv2.COLOR_BGRA2RGB)))
    straight = Image.fromarray(_straight(argb))
    return Image.composite(straight, Image.new("RGB", straight.size, background), straight)


def _refusal(error: OSError) -> str:
    """Why the system does not write, with the way out where it is known."""
    if error.errno in _FULL:
        return (
            "there is no room for the tiles; free some space or choose another folder. Nothing was written."
        )
    return error.strerror or str(error)


def _straight(argb: RgbArray) -> RgbArray:
    """RGBA that is not multiplied by its alpha: uint8 ``(H, W, 4)``, rounded down."""
    rgba = argb[..., [2, 1, 0, 3]]
    partly = (rgba[..., 3] > 0) & (rgba[..., 3] < _OPAQUE)
    values = rgba[partly].astype(np.uint16)
    rgba[partly, :3] = (_OPAQUE * values[:, :3] // values[:, 3:]).clip(0, _OPAQUE).astype(np.uint8)
    return np.ascontiguousarray(rgba)


def _bounded(
    pool: ThreadPoolExecutor,
    work: Callable[[DeepZoomTile], None],
    tiles: Iterator[DeepZoomTile],
    *,
    limit: int,
) -> Iterator[int]:
    """Have tiles made, ``limit`` of them at a time; yields how many were finished since the last time."""
    under_way: set[Future[None]] = set()
    for tile in tiles:
        under_way.add(pool.submit(work, tile))
        if len(under_way) >= limit:
            finished, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            yield _checked(finished)
    while under_way:
        finished, under_way = wait(under_way, return_when=FIRST_COMPLETED)
        yield _checked(finished)


def _checked(finished: set[Future[None]]) -> int:
    for future in finished:
        future.result()
    return len(finished)
