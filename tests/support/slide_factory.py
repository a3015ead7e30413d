"""Small slides written by the tests themselves.

Every slide is a pyramidal tiled TIFF that OpenSlide opens: plain (``generic-tiff``), in Aperio's dialect, or
in Leica's, the one with ``openslide.bounds-*``. Without pixels of its own a slide carries a stamp that shows
its orientation: red top left, green top right, blue bottom left, yellow bottom right, and a purple disc of
"tissue" left of the middle.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
import tifffile
from numpy.typing import NDArray

RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 30), (30, 30, 200), (220, 200, 20)
TISSUE, GLASS = (150, 80, 160), (240, 240, 240)

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
