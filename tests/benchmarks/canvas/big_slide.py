"""Two slides of about 60,000 × 60,000 px, written from real tissue in a minute.

The tissue is scikit-image's immunohistochemistry picture, recolored to hematoxylin and eosin and laid out in
turned, mirrored and slightly recolored pieces that fade into each other; it repeats every 8,192 px, so that
most tiles are encoded once and their bytes written many times. About 40 % of the slide is tissue with
winding edges, the rest is glass with a camera's faint noise. Both slides have the same level-0 bytes:
``by2.tif`` is a plain pyramid of factor 2, ``by4.svs`` an Aperio slide of factor 4.

    .venv/bin/python tests/benchmarks/canvas/big_slide.py [FOLDER]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
import tifffile
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Field = NDArray[np.float32]

TILE, QUALITY = 256, 82
SIDE = 234 * TILE
"""59,904 px: eight halvings are whole tiles or whole pixels."""

PERIOD = 8192
PIECE, FADE = 512, 64
MPP, OBJECTIVE = 0.25, 40
TISSUE_SHARE = 0.40
FIELD_STEP = 64
"""Level-0 pixels per entry of the field whose zero line is the tissue's edge."""

GLASS, GLASS_NOISE, GLASS_KINDS = (243, 242, 244), 1.2, 16
HEMATOXYLIN, EOSIN = (0.65, 0.70, 0.29), (0.07, 0.99, 0.11)
VERSION = 3
"""Part of the files' names, so that an older kind is not taken for the present one."""


def cache_folder() -> Path:
    """Where slides and results are kept: ``$COVERSLIP_BENCH``, else a folder among the temporary files."""
    folder = Path(os.environ.get("COVERSLIP_BENCH") or Path(tempfile.gettempdir()) / "coverslip-bench")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def big_slides(folder: Path | None = None) -> tuple[Path, Path]:
    """``(by2.tif, by4.svs)``, written where they are not there yet."""
    folder = folder or cache_folder()
    by2, by4 = folder / f"big{VERSION}-by2.tif", folder / f"big{VERSION}-by4.svs"
    if not (by2.is_file() and by4.is_file()):
        tissue = Tissue.made()
        _write(by2, tissue, step=2)
        _write(by4, tissue, step=4)
    return by2, by4


def places_on_tissue(
    count: int, *, seed: int, view: tuple[int, int] = (1280, 900), apart: bool = True
) -> list[tuple[int, int]]:
    """Level-0 middles of views that show tissue all over, far from the slide's edge.

    Parameters
    ----------
    count, seed : int
        How many, and which.
    view : tuple[int, int]
        Level-0 pixels that a view shows.
    apart : bool
        No two of them show the same place, nor the tiles around it.
    """
    field = edge_field()
    random = np.random.default_rng(seed)
    places: list[tuple[int, int]] = []
    for _ in range(100_000):
        x, y = (int(value) for value in random.integers(SIDE // 8, SIDE - SIDE // 8, 2))
        rows = slice((y - view[1] // 2) // FIELD_STEP, (y + view[1] // 2) // FIELD_STEP)
        columns = slice((x - view[0] // 2) // FIELD_STEP, (x + view[0] // 2) // FIELD_STEP)
        near = any(abs(x - a) < 1.5 * view[0] and abs(y - b) < 1.5 * view[1] for a, b in places)
        if field[rows, columns].min() > 0 and not (apart and near):
            places.append((x, y))
        if len(places) == count:
            return places
    raise ValueError(f"there is no room for {count} such views")


@dataclass(frozen=True)
class Tissue:
    """What the slide shows, at any level.

    Attributes
    ----------
    pixels : list[Pixels]
        uint8 ``(PERIOD >> k, PERIOD >> k, 3)`` for each halving ``k``; repeats in both directions.
    field : Field
        Above 0 is tissue; one entry per ``FIELD_STEP`` level-0 pixels.
    """

    pixels: list[Pixels]
    field: Field

    @classmethod
    def made(cls) -> Tissue:
        """The same tissue on every machine."""
        pixels = [_repeating_tissue()]
        while pixels[-1].shape[0] > 1:
            side = pixels[-1].shape[0] // 2
            pixels.append(cv2.resize(pixels[-1], (side, side), interpolation=cv2.INTER_AREA))
        return cls(pixels, edge_field())

    def tile(self, halvings: int, column: int, row: int) -> Pixels:
        """One tile of a level, tissue fading into glass within some pixels."""
        texture = self.pixels[halvings]
        columns, rows = (
            np.arange(start * TILE, (start + 1) * TILE) % len(texture) for start in (column, row)
        )
        tissue = texture[np.ix_(rows, columns)]
        share = np.clip(self.sampled(halvings, column, row) * 30 + 0.5, 0, 1)[..., None]
        return np.rint(tissue * share + np.asarray(GLASS) * (1 - share)).astype(np.uint8)

    def sampled(self, halvings: int, column: int, row: int) -> Field:
        """The field at each pixel of a tile."""
        step = 2**halvings / FIELD_STEP
        place = np.asarray([[step, 0, column * TILE * step], [0, step, row * TILE * step]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(self.field, place, (TILE, TILE), flags=flags, borderMode=cv2.BORDER_REPLICATE)

    def kind(self, halvings: int, column: int, row: int) -> str:
        """``"tissue"``, ``"glass"``, or ``"edge"`` where both are in the tile."""
        extent = TILE * 2**halvings / FIELD_STEP
        rows, columns = (
            slice(max(0, int(start * extent) - 1), int((start + 1) * extent) + 2) for start in (row, column)
        )
        part = self.field[rows, columns]
        if part.size and part.min() > 0.05:
            return "tissue"
        return "glass" if not part.size or part.max() < -0.05 else "edge"


def _repeating_tissue() -> Pixels:
    half = _laid_out(_stained(_ihc()), PERIOD // 2)
    upper = np.concatenate([half, half[:, ::-1]], axis=1)
    return np.ascontiguousarray(np.concatenate([upper, upper[::-1]], axis=0))


def _ihc() -> Pixels:
    from skimage.data import immunohistochemistry

    return np.asarray(immunohistochemistry())


def _stained(picture: Pixels) -> Field:
    """Optical density of the picture with DAB replaced by eosin, float32."""
    from skimage.color import rgb2hed

    stains = np.clip(rgb2hed(picture), 0, None)
    density = stains[..., :1] * 5.5 * np.asarray(HEMATOXYLIN) + stains[..., 2:] * 4.0 * np.asarray(EOSIN)
    return (density + 0.08).astype(np.float32)


def _laid_out(density: Field, side: int) -> Pixels:
    random = np.random.default_rng(7)
    total = np.zeros((side + PIECE, side + PIECE, 3), np.float32)
    weights = np.zeros((side + PIECE, side + PIECE, 1), np.float32)
    ramp = np.minimum(1, (np.minimum(np.arange(PIECE), np.arange(PIECE)[::-1]) + 1) / FADE)
    weight = np.outer(ramp, ramp).astype(np.float32)[..., None]
    for top in range(0, side, PIECE - FADE):
        for left in range(0, side, PIECE - FADE):
            piece = np.rot90(density, int(random.integers(4)))
            piece = piece[:, ::-1] if random.random() < 0.5 else piece
            place = np.s_[top : top + PIECE, left : left + PIECE]
            total[place] += piece * random.uniform(0.85, 1.15, 3).astype(np.float32) * weight
            weights[place] += weight
    mean = (total / np.maximum(weights, 1e-6))[:side, :side]
    return np.rint(np.clip(245 * np.exp(-mean), 0, 255)).astype(np.uint8)


@cache
def edge_field() -> Field:
    """Smooth hills; the level that leaves ``TISSUE_SHARE`` above it is 0."""
    side = SIDE // FIELD_STEP + 2
    random = np.random.default_rng(11)
    hills = np.zeros((side, side), np.float32)
    for width, height in ((120.0, 1.0), (40.0, 0.25), (10.0, 0.05)):
        noise = cv2.GaussianBlur(random.standard_normal((side, side)).astype(np.float32), (0, 0), width)
        hills += height * noise / float(noise.std())
    # Tissue is mounted in the middle of the glass, not over its edge.
    across = np.linspace(-1, 1, side, dtype=np.float32)
    hills -= 3 * np.maximum(0, np.maximum(abs(across)[None, :], abs(across)[:, None]) - 0.8) / 0.2
    return hills - np.float32(np.quantile(hills, 1 - TISSUE_SHARE))


@dataclass(frozen=True)
class _Stream:
    """A JPEG stream taken apart: what all tiles have in common, and the rest."""

    tables: bytes
    tile: bytes

    @classmethod
    def of(cls, pixels: Pixels) -> _Stream:
        data = simplejpeg.encode_jpeg(
            np.ascontiguousarray(pixels), quality=QUALITY, colorspace="RGB", colorsubsampling="420"
        )
        tables, tile, at = b"", b"", 2
        while data[at + 1] != 0xDA:
            end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            if data[at + 1] in {0xDB, 0xC4}:
                tables += data[at:end]
            elif data[at + 1] != 0xE0:
                tile += data[at:end]
            at = end
        return cls(b"\xff\xd8" + tables + b"\xff\xd9", b"\xff\xd8" + tile + data[at:])


def _tiles(tissue: Tissue, halvings: int) -> Iterator[bytes]:
    """Encoded tiles of a level by row; those whose pixels repeat are encoded once."""
    known: dict[tuple[int, ...], bytes] = {}
    repeats = (PERIOD >> halvings) // TILE
    count = -(-(SIDE >> halvings) // TILE)
    random = np.random.default_rng(halvings)
    glass = [_Stream.of(_glass(random)).tile for _ in range(GLASS_KINDS)]
    for row in range(count):
        for column in range(count):
            kind = tissue.kind(halvings, column, row)
            if kind == "glass":
                yield glass[int(random.integers(GLASS_KINDS))]
            elif kind == "edge" or repeats == 0:
                yield _Stream.of(tissue.tile(halvings, column, row)).tile
            else:
                key = (column % repeats, row % repeats)
                if key not in known:
                    known[key] = _Stream.of(tissue.tile(halvings, column, row)).tile
                yield known[key]


def _glass(random: np.random.Generator) -> Pixels:
    noise = random.standard_normal((TILE, TILE, 3)) * GLASS_NOISE
    return np.rint(np.asarray(GLASS) + noise).astype(np.uint8)


def _write(path: Path, tissue: Tissue, *, step: int) -> None:
    """One slide; appears under its name when it is whole."""
    temporary = path.with_name(f"{path.stem}.partial{path.suffix}")
    tables = _Stream.of(tissue.tile(0, 0, 0)).tables
    aperio = f"Aperio Image Library v12.0.15\r\n|AppMag = {OBJECTIVE}|MPP = {MPP}" if step == 4 else None
    with tifffile.TiffWriter(temporary) as tiff:
        halvings = 0
        while SIDE >> halvings > 400:
            side = SIDE >> halvings
            per_cm = 1e4 / (MPP * 2**halvings)
            tiff.write(
                _tiles(tissue, halvings),
                shape=(side, side, 3),
                dtype=np.uint8,
                tile=(TILE, TILE),
                photometric="ycbcr",
                subsampling=(2, 2),
                compression="jpeg",
                jpegtables=tables,
                resolution=(per_cm, per_cm),
                resolutionunit="CENTIMETER",
                description=aperio,
                subfiletype=0 if aperio or halvings == 0 else 1,
                metadata=None,
            )
            halvings += step.bit_length() - 1
    temporary.replace(path)


def main() -> None:
    """Write both and say how large they are."""
    started = time.perf_counter()
    for path in big_slides(Path(sys.argv[1]) if len(sys.argv) > 1 else None):
        print(f"{path}: {path.stat().st_size / 1e6:.0f} MB")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
