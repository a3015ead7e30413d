"""How fast tiles are read: ours beside OpenSlide and bare libjpeg-turbo, and whether the bytes are the same.

    python tests/benchmarks/canvas/tile_reading.py [SLIDE ...]

One thread. Each window is read in every way before the next one, so that a busy machine slows all alike. A
round is 24 windows on tissue; the figure is the median ratio of 12 rounds, the best of 3 runs. Without a
slide the big ones of ``big_slide.py`` and the Aperio slide of ``../shared/data`` are taken.

Rows of the issue's table: 1 (a window is a tile of the file), 2 (a window lies anywhere and nobody keeps
tiles) and 13 (bytes that differ from OpenSlide's at level 0 and 1). Beside them what the canvas reads between
two levels, and what an analysis reads: windows side by side, with the memory of tiles that both then have.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import cv2
import numpy as np
import simplejpeg
from big_slide import big_slides

from desktop_app.slides import OpenSlideReader, Slide, SlideOpener
from desktop_app.slides.jpeg_tiles import JpegTileDecoder
from desktop_app.slides.positioned_file import PositionedFile
from desktop_app.slides.tiff_structure import JPEG, RGB, TiledImage, tiled_images

WINDOWS, ROUNDS, RUNS = 24, 12, 3
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "slides" / "CMU-1-Small-Region.svs"

Place: TypeAlias = tuple[int, int]
"""Top left of a window, level-0 pixels."""

Way: TypeAlias = Callable[[Place], object]


@dataclass(frozen=True)
class Bench:
    """One slide opened by us and by OpenSlide alone, both without and with a memory of decoded tiles."""

    ours: Slide
    theirs: Slide
    ours_keeping: Slide
    theirs_keeping: Slide
    image: TiledImage
    streams: dict[Place, bytes]

    def aligned(self, random: np.random.Generator) -> list[Place]:
        """Corners of tiles of the file that show tissue."""
        chosen = self._tissue()[random.choice(len(self._tissue()), WINDOWS)]
        places = [(x * self.image.tile[0], y * self.image.tile[1]) for x, y in chosen.tolist()]
        for place in places:
            _ = self.streams[place]
        return places

    def anywhere(self, random: np.random.Generator) -> list[Place]:
        """Corners near them that are corners of no tile."""
        shifts = random.integers(1, min(self.image.tile), (WINDOWS, 2)).tolist()
        return [(x + dx, y + dy) for (x, y), (dx, dy) in zip(self.aligned(random), shifts, strict=True)]

    def side_by_side(self, random: np.random.Generator) -> list[Place]:
        """A block of windows of tile size, none of them on the file's grid."""
        (left, top), *_ = self.anywhere(random)
        return [
            (left + column * self.image.tile[0], top + row * self.image.tile[1])
            for row in range(4)
            for column in range(WINDOWS // 4)
        ]

    def warmed(self, places: list[Place]) -> list[Place]:
        """The same places, with the file's bytes in the system's page cache."""
        width, height = self.image.tile
        for x, y in places:
            self.ours.read_argb((x, y), 0, (2 * width, 2 * height))
        return places

    def read(self, slide: Slide) -> Way:
        """A window of tile size."""
        return lambda place: slide.read_argb(place, 0, self.image.tile)

    def decode(self, place: Place) -> object:
        """Nothing but libjpeg-turbo: bytes that are in memory, into a buffer that is."""
        return simplejpeg.decode_jpeg(self.streams[place], "BGRA", buffer=_BUFFER)

    def shrink(self, place: Place) -> object:
        """One tile of the level between, by scaled decoding."""
        corner = (place[0] // 2, place[1] // 2)
        return self.ours.read_shrunk(corner, 0, self.image.tile, 2)

    def average(self, place: Place) -> object:
        """The same through OpenSlide, by area."""
        width, height = self.image.tile
        whole = self.theirs.read_argb(place, 0, (2 * width, 2 * height))
        return cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)

    def _tissue(self) -> np.ndarray:
        """``(column, row)`` of whole tiles that take as many bytes as tissue does, int64 ``(N, 2)``."""
        rows, columns = (
            side // tile - 2 for side, tile in zip(self.image.size[::-1], self.image.tile, strict=True)
        )
        counts = self.image.byte_counts[:rows, :columns]
        return np.argwhere(counts > np.quantile(counts, 0.95) / 2)[:, ::-1]


_BUFFER = np.empty((1024, 1024, 4), np.uint8)


@contextmanager
def bench(path: Path) -> Iterator[Bench]:
    """Everything open, the proof of level 0 done."""
    with (
        SlideOpener([OpenSlideReader(0)]).open(path) as ours,
        SlideOpener([OpenSlideReader(0, direct=False)]).open(path) as theirs,
        SlideOpener([OpenSlideReader()]).open(path) as ours_keeping,
        SlideOpener([OpenSlideReader(direct=False)]).open(path) as theirs_keeping,
    ):
        file = PositionedFile(path)
        image = tiled_images(file)[0]
        if image.compression != JPEG:
            raise SystemExit(f"{path.name} holds no JPEG tiles")
        for slide in (ours, ours_keeping):
            slide.read_argb((0, 0), 0, (1, 1))
        yield Bench(ours, theirs, ours_keeping, theirs_keeping, image, _Streams(file, image))
        file.close()


class _Streams(dict[Place, bytes]):
    """The complete JPEG stream of each tile, read and put together when first asked for."""

    def __init__(self, file: PositionedFile, image: TiledImage) -> None:
        self._file, self._image = file, image
        self._decoder = JpegTileDecoder(image.tile, image.jpeg_tables, is_rgb=image.photometric == RGB)

    def __missing__(self, place: Place) -> bytes:
        row, column = place[1] // self._image.tile[1], place[0] // self._image.tile[0]
        offset, count = self._image.offsets[row, column], self._image.byte_counts[row, column]
        self[place] = self._decoder.whole_stream(self._file.read(int(offset), int(count)))
        return self[place]


def times_faster(places: Callable[[], Sequence[Place]], way: Way, other: Way) -> float:
    """How many times faster one way is than another: median over rounds, best of the runs."""
    return max(_run(places, way, other) for _ in range(RUNS))


def _run(places: Callable[[], Sequence[Place]], way: Way, other: Way) -> float:
    found = []
    for _ in range(ROUNDS):
        spent = {way: 0.0, other: 0.0}
        for place in places():
            for which in spent:
                start = time.perf_counter()
                which(place)
                spent[which] += time.perf_counter() - start
        found.append(spent[other] / spent[way])
    return statistics.median(found)


def differing_bytes(slides: Bench, level: int, random: np.random.Generator) -> int:
    """Over windows on the file's grid and off it, and over the edge of the level."""
    info = slides.ours.info.levels[level]
    step, (width, height) = int(info.downsample), info.size
    corners = [(x // step, y // step) for x, y in (*slides.aligned(random), *slides.anywhere(random))]
    corners += [(width - 100, height - 100), (-50, -50), (0, height - 1)]
    count = 0
    for x, y in corners:
        pixels = [s.read_argb((x * step, y * step), level, (300, 300)) for s in (slides.ours, slides.theirs)]
        count += int((pixels[0] != pixels[1]).sum())
    return count


def report(path: Path) -> None:
    """One slide's figures."""
    random = np.random.default_rng(3)
    with bench(path) as b:
        ours, theirs = b.read(b.ours), b.read(b.theirs)

        def at(places: Callable[[np.random.Generator], list[Place]]) -> Callable[[], list[Place]]:
            return lambda: b.warmed(places(random))

        figures = [
            ("1  aligned windows: ours ÷ OpenSlide", "≥ 4", times_faster(at(b.aligned), ours, theirs)),
            (
                "1  aligned windows: ours ÷ bare libjpeg-turbo",
                "≥ 0.8",
                times_faster(at(b.aligned), ours, b.decode),
            ),
            ("2  windows anywhere: ours ÷ OpenSlide", "≥ 1.6", times_faster(at(b.anywhere), ours, theirs)),
            (
                "   windows side by side, tiles kept: ours ÷ OpenSlide",
                "",
                times_faster(at(b.side_by_side), b.read(b.ours_keeping), b.read(b.theirs_keeping)),
            ),
            (
                "   half a level: ours ÷ OpenSlide and area",
                "",
                times_faster(at(b.aligned), b.shrink, b.average),
            ),
        ]
        print(f"{path.name}, tiles of {b.image.tile[0]} px")
        for name, aim, value in figures:
            print(f"  {name:<56} {value:6.2f}   {aim}")
        for level in b.ours.info.levels[:2]:
            if level.downsample.is_integer():
                name = f"13 bytes that differ at level {level.index}"
                print(f"  {name:<56} {differing_bytes(b, level.index, random):6d}   0")


def main() -> None:
    """Report on the slides named, or on those that are there."""
    given = [Path(name) for name in sys.argv[1:]]
    for path in given or [*big_slides(), *([SHARED] if SHARED.exists() else [])]:
        report(path)


if __name__ == "__main__":
    main()
