"""Small slides written by the tests themselves.

Every slide is a pyramidal tiled TIFF that OpenSlide opens: plain (``generic-tiff``), in Aperio's dialect, or
in Leica's, the one with ``openslide.bounds-*``. Without pixels of its own a slide carries a stamp that shows
its orientation: red top left, green top right, blue bottom left, yellow bottom right, and a purple disc of
"tissue" left of the middle.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import imagecodecs
import numpy as np
import simplejpeg
import tifffile
from numpy.typing import NDArray

RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 30), (30, 30, 200), (220, 200, 20)
TISSUE, GLASS = (150, 80, 160), (240, 240, 240)
GLARE = (255, 0, 255)

Pixels = NDArray[np.uint8]


def stamp(size: tuple[int, int]) -> Pixels:
    """The orientation stamp: squares of a fifth of the shorter side in the corners, a disc of tissue."""
    width, height = size
    pixels = np.full((height, width, 3), GLASS, np.uint8)
    side = max(1, min(size) // 5)
    pixels[:side, :side] = RED
    pixels[:side, width - side :] = GREEN
    pixels[height - side :, :side] = BLUE
    pixels[height - side :, width - side :] = YELLOW
    cv2.circle(pixels, (width * 2 // 5, height // 2), side, TISSUE, thickness=-1)
    return pixels


def halved(pixels: Pixels) -> Pixels:
    """The next level: means of 2 × 2 pixels; an odd last row or column counts twice."""
    even = np.pad(pixels, ((0, pixels.shape[0] % 2), (0, pixels.shape[1] % 2), (0, 0)), mode="edge")
    height, width = even.shape[0] // 2, even.shape[1] // 2
    means = even.reshape(height, 2, width, 2, 3).mean(axis=(1, 3))
    return np.rint(means).astype(np.uint8)


def aperio_description(mpp: float | None = 0.25, objective: int | None = 40) -> str:
    """An ImageDescription that makes OpenSlide read a TIFF as Aperio's, mpp as scanner metadata."""
    fields = ["Aperio Image Library v12.0.15\r\n"]
    fields += [] if objective is None else [f"AppMag = {objective}"]
    fields += [] if mpp is None else [f"MPP = {mpp}"]
    return "|".join(fields)


def jpeg_tiles(pixels: Pixels, tile: int) -> Iterator[bytes]:
    """Encoded tiles in reading order, quality 90; beyond the edge they repeat it."""
    bottom, right = (-side % tile for side in pixels.shape[:2])
    padded = np.pad(pixels, ((0, bottom), (0, right), (0, 0)), mode="edge")
    for top in range(0, padded.shape[0], tile):
        for left in range(0, padded.shape[1], tile):
            part = np.ascontiguousarray(padded[top : top + tile, left : left + tile])
            yield simplejpeg.encode_jpeg(part, quality=90, colorspace="RGB", colorsubsampling="444")


def write_pyramid(
    path: Path,
    pixels: Pixels | None = None,
    *,
    size: tuple[int, int] = (700, 500),
    levels: int = 3,
    tile: int = 256,
    mpp: float | None = 0.5,
    description: str = "",
    software: str = "",
    icc: bytes | None = None,
    jpeg: bool = False,
) -> Path:
    """Write a slide.

    Parameters
    ----------
    path : Path
        The destination; any suffix.
    pixels : uint8 (H, W, 3), optional
        Level 0; the stamp of ``size`` if None.
    levels : int
        Halvings included; each rounds up.
    mpp : float | None
        Goes into the resolution tags (pixels per cm); None writes none.
    description : str
        ImageDescription of every level; ``aperio_description()`` makes the file an Aperio slide.
    software : str
        The Software tag.
    icc : bytes | None
        Embedded in level 0.
    jpeg : bool
        JPEG tiles of quality 90 without chroma subsampling; else lossless.
    """
    current = stamp(size) if pixels is None else pixels
    width = current.shape[1]
    with tifffile.TiffWriter(path) as tiff:
        for level in range(levels):
            per_cm = None if mpp is None else 1e4 / mpp * current.shape[1] / width
            tiff.write(
                jpeg_tiles(current, tile) if jpeg else current,
                shape=current.shape,
                dtype=current.dtype,
                tile=(tile, tile),
                photometric="ycbcr" if jpeg else "rgb",
                compression="jpeg" if jpeg else "adobe_deflate",
                subsampling=(1, 1) if jpeg else None,
                resolution=None if per_cm is None else (per_cm, per_cm),
                resolutionunit=None if per_cm is None else "CENTIMETER",
                description=description or None,
                software=software or None,
                iccprofile=icc if level == 0 else None,
                subfiletype=0 if level == 0 or description else 1,
                metadata=None,
            )
            current = halved(current)
    return path


def textured(width: int, height: int, seed: int = 7) -> Pixels:
    """Smooth colored noise: no two places look alike, and JPEG keeps most of it."""
    coarse = np.random.default_rng(seed).integers(
        0, 256, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8
    )
    return np.ascontiguousarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))


@dataclass(frozen=True)
class JpegKind:
    """The ways in which slides hold JPEG tiles.

    Attributes
    ----------
    photometric : Literal["ycbcr", "rgb"]
        What the samples are.
    subsampling : Literal["444", "422", "420"]
        Of chroma; RGB has none.
    shared_tables : bool
        Tables once per level, as scanners write them, and no word on colors in the tiles; else every tile
        is a picture of its own with its own markers.
    bigtiff : bool
        64-bit offsets.
    byteorder : Literal["<", ">"]
        Of the TIFF structure.
    """

    photometric: Literal["ycbcr", "rgb"] = "ycbcr"
    subsampling: Literal["444", "422", "420"] = "420"
    shared_tables: bool = True
    bigtiff: bool = False
    byteorder: Literal["<", ">"] = "<"

    def encoded(self, pixels: Pixels) -> tuple[bytes, bytes]:
        """The tables to share (empty if none) and the tile."""
        rgb = self.photometric == "rgb"
        stream = imagecodecs.jpeg8_encode(
            np.ascontiguousarray(pixels),
            level=85,
            colorspace="RGB",
            outcolorspace="RGB" if rgb else "YCBCR",
            subsampling="444" if rgb else self.subsampling,
        )
        return _split_stream(stream) if self.shared_tables else (b"", stream)


def _split_stream(stream: bytes) -> tuple[bytes, bytes]:
    tables, tile, at = b"", b"", 2
    while stream[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
        if stream[at + 1] in {0xDB, 0xC4}:
            tables += stream[at:end]
        elif not 0xE0 <= stream[at + 1] <= 0xEF:
            tile += stream[at:end]
        at = end
    return b"\xff\xd8" + tables + b"\xff\xd9", b"\xff\xd8" + tile + stream[at:]


def write_jpeg_slide(
    path: Path,
    pixels: Pixels,
    kind: JpegKind | None = None,
    *,
    tile: tuple[int, int] = (256, 256),
    levels: int = 2,
    description: str = "",
) -> Path:
    """Write a pyramid of JPEG tiles; what fills them up beyond the slide's edge is glaring.

    Parameters
    ----------
    path : Path
        The destination.
    pixels : uint8 (H, W, 3)
        Level 0; the others halve it, rounding up.
    kind : JpegKind | None
        How tiles are encoded; as most scanners do it if None.
    tile : tuple[int, int]
        ``(width, height)``, multiples of 16.
    levels : int
        Halvings included.
    description : str
        As for :func:`write_pyramid`.
    """
    kind = kind or JpegKind()
    with tifffile.TiffWriter(path, bigtiff=kind.bigtiff, byteorder=kind.byteorder) as tiff:
        current = pixels
        for level in range(levels):
            encoded = [kind.encoded(part) for part in _glaring_tiles(current, tile)]
            tiff.write(
                (stream for _, stream in encoded),
                shape=current.shape,
                dtype=current.dtype,
                tile=tile[::-1],
                photometric=kind.photometric,
                subsampling=_FACTORS[kind.subsampling] if kind.photometric == "ycbcr" else None,
                compression="jpeg",
                jpegtables=encoded[0][0] or None,
                description=description or None,
                subfiletype=0 if level == 0 or description else 1,
                metadata=None,
            )
            current = halved(current)
    return path


_FACTORS = {"444": (1, 1), "422": (2, 1), "420": (2, 2)}


def _glaring_tiles(pixels: Pixels, tile: tuple[int, int]) -> Iterator[Pixels]:
    height, width = (-(-side // step) * step for side, step in zip(pixels.shape[:2], tile[::-1], strict=True))
    filled = np.full((height, width, 3), GLARE, np.uint8)
    filled[: pixels.shape[0], : pixels.shape[1]] = pixels
    for top in range(0, height, tile[1]):
        for left in range(0, width, tile[0]):
            yield filled[top : top + tile[1], left : left + tile[0]]


def write_bounded(
    path: Path,
    pixels: Pixels | None = None,
    *,
    size: tuple[int, int] = (600, 400),
    canvas: tuple[int, int] = (1000, 900),
    offset: tuple[int, int] = (250, 300),
    mpp: float = 0.5,
) -> Path:
    """Write a Leica slide of two levels whose scanned part lies inside a larger, transparent canvas.

    OpenSlide reports ``bounds-x/y`` = ``offset``, ``bounds-width/height`` = ``size`` and mpp as metadata.
    """
    scanned = stamp(size) if pixels is None else pixels
    small = halved(scanned)
    nm = round(mpp * 1000)
    view = (
        f'<view sizeX="{scanned.shape[1] * nm}" sizeY="{scanned.shape[0] * nm}" '
        f'offsetX="{offset[0] * nm}" offsetY="{offset[1] * nm}" spacingZ="0"/>'
    )
    dimensions = "".join(
        f'<dimension sizeX="{level.shape[1]}" sizeY="{level.shape[0]}" r="{index}" ifd="{index}"/>'
        for index, level in enumerate((scanned, small))
    )
    description = (
        '<?xml version="1.0"?><scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01">'
        f'<collection name="test" sizeX="{canvas[0] * nm}" sizeY="{canvas[1] * nm}">'
        f'<image name="scan"><pixels sizeX="{scanned.shape[1]}" sizeY="{scanned.shape[0]}">{dimensions}'
        "</pixels>"
        f"{view}<scanSettings><objectiveSettings><objective>20</objective></objectiveSettings>"
        "<illuminationSettings><numericalAperture>0.4</numericalAperture>"
        "<illuminationSource>brightfield</illuminationSource></illuminationSettings></scanSettings>"
        '<device model="test" version="1"/><creationDate>2020-01-01T00:00:00Z</creationDate></image>'
        "</collection></scn>"
    )
    with tifffile.TiffWriter(path, bigtiff=True) as tiff:
        for index, level in enumerate((scanned, small)):
            tiff.write(
                level,
                tile=(256, 256),
                photometric="rgb",
                compression="adobe_deflate",
                resolution=(1e4 / mpp / 2**index, 1e4 / mpp / 2**index),
                resolutionunit="CENTIMETER",
                description=description if index == 0 else None,
                metadata=None,
            )
    return path


def damage_tile(path: Path, index: int, *, level: int = 0) -> None:
    """Overwrite one encoded tile with bytes that no decoder takes; the others stay readable."""
    with tifffile.TiffFile(path) as tiff:
        page = tiff.pages[level]
        offset, length = page.dataoffsets[index], page.databytecounts[index]
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * length)


def write_levels(path: Path, levels: list[Pixels], *, mpp: float | None = 0.5, tile: int = 256) -> Path:
    """Write a generic TIFF whose levels are exactly the given pictures, in the given order, lossless."""
    with tifffile.TiffWriter(path) as tiff:
        for index, pixels in enumerate(levels):
            per_cm = None if mpp is None else 1e4 / mpp * pixels.shape[1] / levels[0].shape[1]
            tiff.write(
                pixels,
                tile=(tile, tile),
                photometric="rgb",
                compression="adobe_deflate",
                resolution=None if per_cm is None else (per_cm, per_cm),
                resolutionunit=None if per_cm is None else "CENTIMETER",
                subfiletype=0 if index == 0 else 1,
                metadata=None,
            )
    return path


def write_mosaic(
    path: Path, picture: Pixels, *, size: tuple[int, int] | None = None, tile: int = 256
) -> Path:
    """Write a large slide of one level in little time: a BigTIFF of which each pixel of a picture is a tile.

    Tiles of one color share their bytes. ``size`` in pixels if the last column and row are cut off by it.
    """
    rows, columns = picture.shape[:2]
    width, height = size or (columns * tile, rows * tile)
    colors, index = np.unique(picture.reshape(-1, 3), axis=0, return_inverse=True)
    encoded = [
        simplejpeg.encode_jpeg(np.full((tile, tile, 3), color, np.uint8), quality=95) for color in colors
    ]
    starts = 16 + np.cumsum([0, *(len(data) for data in encoded)], dtype=np.uint64)
    lengths = np.asarray([len(data) for data in encoded], np.uint32)
    tiles = index.size
    offsets_at = int(starts[-1])
    counts_at = offsets_at + 8 * tiles
    directory_at = counts_at + 4 * tiles
    entries = [
        (254, 4, 1, struct.pack("<I", 0)),
        (256, 4, 1, struct.pack("<I", width)),
        (257, 4, 1, struct.pack("<I", height)),
        (258, 3, 3, struct.pack("<HHH", 8, 8, 8)),
        (259, 3, 1, struct.pack("<H", 7)),
        (262, 3, 1, struct.pack("<H", 6)),
        (277, 3, 1, struct.pack("<H", 3)),
        (282, 5, 1, struct.pack("<II", 40_000, 1)),
        (283, 5, 1, struct.pack("<II", 40_000, 1)),
        (296, 3, 1, struct.pack("<H", 3)),
        (322, 4, 1, struct.pack("<I", tile)),
        (323, 4, 1, struct.pack("<I", tile)),
        (324, 16, tiles, struct.pack("<Q", offsets_at)),
        (325, 4, tiles, struct.pack("<Q", counts_at)),
        (530, 3, 2, struct.pack("<HH", 1, 1)),
    ]
    with path.open("wb") as file:
        file.write(struct.pack("<2sHHHQ", b"II", 43, 8, 0, directory_at))
        file.write(b"".join(encoded))
        file.write(starts[index].tobytes())
        file.write(lengths[index].tobytes())
        file.write(struct.pack("<Q", len(entries)))
        for tag, kind, count, value in entries:
            file.write(struct.pack("<HHQ8s", tag, kind, count, value.ljust(8, b"\0")))
        file.write(struct.pack("<Q", 0))
    return path
